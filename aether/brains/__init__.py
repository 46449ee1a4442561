"""Brains by name: `load("reflex")`, `load("scripted", file="answers.txt")`, `load("openai/gpt-5-mini")`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from aether.brain import Brain, as_brain
from aether.clean import clean
from aether.errors import BrainError
from aether.scene import Scene

_REGISTRY = {
    "reflex": ("aether.brains.reflex", "Reflex"),
    "scripted": ("aether.brains.scripted", "open_script"),
}
_LITELLM = ("aether.brains.litellm", "LiteLLM")
# Ids that LiteLLM knows without a provider in front.
_BARE = ("gpt-", "chatgpt-", "o1", "o3", "o4", "claude-", "gemini-", "mistral-", "command-", "deepseek-")
_EXAMPLE = "openai/gpt-5-mini"


def names() -> tuple[str, ...]:
    """The brains that have a name of their own; any LiteLLM id is one more."""
    return tuple(_REGISTRY)


def load(name: str | Brain | Callable[[Scene], str], **options: Any) -> Brain:
    """The brain that `name` stands for, ready to think.

    Args:
        name: One of `names()`, a LiteLLM id such as "openai/gpt-5-mini", or a brain or `callable(Scene) -> str` itself.
        **options: What that brain takes. An option that is None, or that only other brains take, is left out: one
            configuration serves all of them.

    Raises:
        BrainError: No brain has this name, an option does not exist or has a wrong value, or a key is missing.
    """
    if not isinstance(name, str):
        return as_brain(name)
    place = _REGISTRY.get(name) or (_LITELLM if is_model_id(name) else None)
    if place is None:
        raise BrainError(_unknown(name))
    factory = getattr(importlib.import_module(place[0]), place[1])
    chosen = _options(name, factory, options)
    brain: Brain = factory(name, **chosen) if place is _LITELLM else factory(**chosen)
    return brain


def is_model_id(name: str) -> bool:
    """Whether `name` has the form of a LiteLLM id: PROVIDER/MODEL, or a name like gpt-5-mini."""
    provider, slash, model = name.partition("/")
    return bool(provider and slash and model) or name.startswith(_BARE)


def _options(name: str, factory: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in options.items() if value is not None}
    own = _parameters(factory)
    factories = [_factory(*place) for place in (*_REGISTRY.values(), _LITELLM)]
    everywhere = {key for other in factories for key in _parameters(other)}
    for key in given:
        if key not in everywhere:
            import difflib

            close = difflib.get_close_matches(key, sorted(everywhere), 1)
            hint = f"did you mean {close[0]}?" if close else f"it takes: {', '.join(sorted(own)) or 'none'}"
            raise BrainError(f"the brain '{clean(name, 60)}' has no option '{clean(key, 40)}'; {hint}")
    return {key: value for key, value in given.items() if key in own}


def _factory(module: str, attribute: str) -> Callable[..., Any]:
    factory: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return factory


def _parameters(factory: Callable[..., Any]) -> set[str]:
    import inspect

    skipped = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {p.name for p in inspect.signature(factory).parameters.values() if p.kind not in skipped} - {"model", "self"}


def _unknown(name: str) -> str:
    import difflib

    shown = clean(name, 60)
    close = difflib.get_close_matches(shown, names(), 1, 0.5)
    guess = f"did you mean '{close[0]}'? " if close else ""
    return f"there is no brain '{shown}'; {guess}Known are {', '.join(names())}, and any LiteLLM id such as {_EXAMPLE}"
