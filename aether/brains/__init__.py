"""Brains by name: `load("reflex")`, `load("scripted:answers.txt")`, `load("openai/gpt-5-mini", policy="adaptive")`.

A name is one of `names()`, a preset, a LiteLLM id, `NAME:ARGUMENT` for a file or an inner brain, or `module:function`
for any Python callable of a scene. Another package adds a name through the entry point group `aether.brains`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from aether.brain import Brain, as_brain
from aether.clean import clean
from aether.errors import BrainError
from aether.scene import Scene

ENTRY_POINTS = "aether.brains"
_REGISTRY = {
    "reflex": ("aether.brains.reflex", "Reflex"),
    "local": ("aether.brains.local", "Local"),
    "scripted": ("aether.brains.scripted", "open_script"),
    "transcript": ("aether.brains.transcript", "Transcript"),
    "chaos": ("aether.brains.chaos", "Chaos"),
}
_LITELLM = ("aether.brains.litellm", "LiteLLM")
# Ids that LiteLLM knows without a provider in front.
_BARE = ("gpt-", "chatgpt-", "o1", "o3", "o4", "claude-", "gemini-", "mistral-", "command-", "deepseek-")
_EXAMPLE = "openai/gpt-5-mini"
OPTIONS = frozenset(
    "deadline_s retries per_minute budget_usd budget_tokens cache fallback policy samples vote_temperature unsure bits "
    "throttle purse store process".split()
)
"""What goes around any brain: deadline_s (s for one call), retries (default 2 for a model behind HTTP), per_minute
(calls), budget_usd, budget_tokens, cache (a file), fallback (names of further brains), policy ("greedy", "vote",
"adaptive", "entropy") with samples, vote_temperature, unsure and bits; process (whether a model lives in a process of
its own); and, to be shared between brains, a throttle, a purse and a store."""
_ARGUMENT = {"scripted": "file", "transcript": "file", "local": "weights"}


def names() -> tuple[str, ...]:
    """The brains that have a name of their own; presets and any LiteLLM id are more."""
    return (*_REGISTRY, *sorted(name for name in _entry_points() if name not in _REGISTRY))


def load(name: str | Brain | Callable[[Scene], str], **options: Any) -> Brain:
    """The brain that `name` stands for, ready to think.

    Args:
        name: One of `names()`, a preset such as "darwin-9b-neg", a LiteLLM id such as "openai/gpt-5-mini",
            "scripted:FILE", "transcript:EPISODE", "chaos:BRAIN", "module:function", or a brain or
            `callable(Scene) -> str` itself.
        **options: What that brain takes, and what goes around any brain: `process`, `retries`, `per_minute`,
            `budget_usd`, `budget_tokens`, `cache`, `fallback`, `policy`, `samples`, `vote_temperature`, `unsure`,
            `bits` (see `aether.wrap.chain`). An option that is None, or that only other brains take, is left out: one
            configuration serves all of them.

    Raises:
        BrainError: No brain has this name, an option does not exist or has a wrong value, or a key is missing.
    """
    if not isinstance(name, str):
        return as_brain(name)
    given = {key: value for key, value in options.items() if value is not None}
    around = {key: given.pop(key) for key in tuple(given) if key in OPTIONS}
    preset = _preset(name)
    if preset is not None:
        settings = dict(preset)
        name = str(settings.pop("model"))
        around = {key: settings.pop(key) for key in tuple(settings) if key in OPTIONS} | around
        given = settings | given
    hosted = around.pop("process", False) and _may_wait(name)
    brain = _hosted(name, given) if hosted else _bare(name, given)
    if not around and getattr(brain, "instant", False):
        return brain
    from aether.wrap.chain import wrapped

    return wrapped(brain, name, around, lambda other: load(other, **_shared(options)))


def load_all(names: Sequence[str], **options: Any) -> list[Brain]:
    """The brains of several minds, one for each name: what they share is one limit, one purse and one file of answers.

    A model is loaded once, however many ask it. Any other brain may remember what it was asked, so each mind has its
    own.

    Args:
        names: As for `load`, one a mind.
        **options: As for `load`; `per_minute`, the budgets and `cache` hold for all of them together.

    Raises:
        BrainError: As for `load`.
    """
    from aether.wrap.chain import shared

    if len(names) > 1:
        options = options | shared(options)
    models: dict[str, Brain] = {}
    for name in names:
        if name not in models and (_preset(name) is not None or _may_wait(name)):
            models[name] = load(name, **options)
    return [models.get(name) or load(name, **options) for name in names]


def deadline_of(name: str, default: float = 10.0) -> float:
    """The seconds that a decision of the brain `name` may take: what its preset says, else `default`."""
    preset = _preset(name) or {}
    return float(preset.get("deadline_s", default))


def is_model_id(name: str) -> bool:
    """Whether `name` has the form of a LiteLLM id: PROVIDER/MODEL, or a name like gpt-5-mini."""
    provider, slash, model = name.partition("/")
    return bool(provider and slash and model) or name.startswith(_BARE)


def _may_wait(name: str) -> bool:
    """Whether the brain `name` speaks to a model, so that a process of its own is worth it."""
    return name.partition(":")[0] in ("local",) or (is_model_id(name) and name.partition(":")[0] not in _REGISTRY)


def _hosted(name: str, options: dict[str, Any]) -> Brain:
    from aether.brains.hosted import Hosted

    return Hosted(name, options | {"retries": 0})


def _bare(name: str, options: dict[str, Any]) -> Brain:
    """The brain itself, without anything around it."""
    first, colon, argument = name.partition(":")
    if first == "chaos":
        return _chaos(argument or "reflex", options)
    if colon and first in _ARGUMENT and argument:
        name, options = first, options | {_ARGUMENT[first]: argument}
    _check_options(name, options)
    if name in _REGISTRY:
        return _made(name, _factory(*_REGISTRY[name]), options)
    if is_model_id(name):
        model = _factory(*_LITELLM)
        brain: Brain = model(name, **_taken(model, options))
        return brain
    if colon and first.replace(".", "").isidentifier() and argument.isidentifier():
        return _made(name, _imported(first, argument), options)
    found = _entry_points().get(name)
    if found is None:
        raise BrainError(_unknown(name))
    try:
        return _made(name, found.load(), options)
    except (ImportError, AttributeError) as error:
        raise BrainError(f"the brain '{name}' of another package does not load: {clean(str(error), 120)}") from None


def _chaos(inner: str, options: dict[str, Any]) -> Brain:
    from aether.brains.chaos import Chaos

    own = {key: options[key] for key in ("faults", "seed") if key in options}
    return Chaos(_bare(inner, {key: value for key, value in options.items() if key != "faults"}), **own)


def _made(name: str, factory: Any, options: dict[str, Any]) -> Brain:
    """A brain from a class or function that makes one, or from a plain function of the scene."""
    if isinstance(factory, type) or name in _REGISTRY or _makes_brains(factory):
        made = factory(**_taken(factory, options))
        return as_brain(made)
    return as_brain(factory)


def _makes_brains(factory: Any) -> bool:
    """Whether a function makes a brain instead of being one: it says so by its return type, or takes no argument."""
    import inspect

    if not inspect.isfunction(factory):
        return False
    returns = factory.__annotations__.get("return")
    named = getattr(returns, "__name__", returns)
    required = [
        p for p in inspect.signature(factory).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    return not required or str(named).rsplit(".", 1)[-1] == "Brain"


def _imported(module: str, attribute: str) -> Any:
    import os
    import sys

    # A user's brain lies beside where the program is started, which an installed command does not look into.
    here = os.getcwd()
    sys.path.insert(0, here)
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise BrainError(f"cannot import {module}:{attribute}: {clean(str(error), 120)}; check the name") from None
    finally:
        sys.path.remove(here)


def _preset(name: str) -> dict[str, Any] | None:
    if name in _REGISTRY or "/" in name or ":" in name:
        return None
    from aether.presets import find

    found = find(name)
    return None if found is None else dict(found.options)


def _entry_points() -> dict[str, Any]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _shared(options: dict[str, Any]) -> dict[str, Any]:
    """What the other brains of a fallback chain get too: what is shared, and not what belongs to one model."""
    return {key: options[key] for key in ("purse", "throttle", "retries", "deadline_s", "store") if key in options}


def _check_options(name: str, options: dict[str, Any]) -> None:
    """Refuses an option that no brain has; one of another brain is fine.

    Raises:
        BrainError: There is one; the message names the nearest that exists.
    """
    places = [_REGISTRY[name]] if name in _REGISTRY else [_LITELLM] if is_model_id(name) else []
    own = {key for place in places for key in _parameters(_factory(*place))}
    if not places or set(options) <= own:
        return
    import difflib

    everywhere = {key for place in (*_REGISTRY.values(), _LITELLM) for key in _parameters(_factory(*place))} | OPTIONS
    for key in options:
        if key not in everywhere:
            close = difflib.get_close_matches(key, sorted(everywhere), 1)
            hint = f"did you mean {close[0]}?" if close else f"it takes: {', '.join(sorted(own)) or 'none'}"
            raise BrainError(f"the brain '{clean(name, 60)}' has no option '{clean(key, 40)}'; {hint}")


def _taken(factory: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    own = _parameters(factory)
    return {key: value for key, value in options.items() if key in own}


def _factory(module: str, attribute: str) -> Callable[..., Any]:
    factory: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return factory


def _parameters(factory: Callable[..., Any]) -> set[str]:
    import inspect

    skipped = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    found = {p.name for p in inspect.signature(factory).parameters.values() if p.kind not in skipped}
    return found - {"model", "self", "brain"}


def _unknown(name: str) -> str:
    import difflib

    from aether.presets import names as presets

    shown, known = clean(name, 60), names()
    close = difflib.get_close_matches(shown, (*known, *presets()), 1, 0.5)
    guess = f"did you mean '{close[0]}'? " if close else ""
    return (
        f"there is no brain '{shown}'; {guess}Known are {', '.join(known)}, the presets that `pwm brains list` shows, "
        f"and any LiteLLM id such as {_EXAMPLE}"
    )
