"""What goes around a brain, in one order: rate limit, budget, retries, cache, fallback, policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aether.brain import Brain
from aether.clean import clean
from aether.errors import BrainError
from aether.wrap.budget import Budget, Purse
from aether.wrap.cache import Cached, Store
from aether.wrap.deadline import Deadline
from aether.wrap.fallback import Fallback
from aether.wrap.retry import Retry
from aether.wrap.throttle import Throttle, Throttled

_RETRIES = 2
_POLICY = {"samples": "samples", "vote_temperature": "temperature", "unsure": "unsure", "bits": "bits"}
_TAKES = {
    "greedy": ("samples", "temperature"),
    "vote": ("samples", "temperature"),
    "adaptive": ("samples", "temperature", "unsure"),
    "entropy": ("samples", "temperature", "bits"),
}


def wrapped(brain: Brain, name: str, options: Mapping[str, Any], load: Callable[[str], Brain]) -> Brain:
    """`brain` with what `options` ask for around it.

    Args:
        brain: The brain itself.
        name: Under which it was loaded.
        options: Keys of `OPTIONS`; a missing one puts nothing around the brain.
        load: Gives the further brains of a fallback chain.

    Raises:
        BrainError: An option has a wrong value.
    """
    instant = bool(getattr(brain, "instant", False))
    remote = not instant and "/" in name and not name.startswith("chaos")
    if not instant and "deadline_s" in options:
        brain = Deadline(brain, options["deadline_s"])
    throttle = options.get("throttle")
    if throttle is None and "per_minute" in options:
        throttle = Throttle(options["per_minute"])
    if throttle is not None and not instant:
        brain = Throttled(brain, throttle)
    purse = options.get("purse")
    if purse is None:
        purse = _purse(options)
    if purse is not None:
        brain = Budget(brain, purse)
    retries = options.get("retries", _RETRIES if remote else 0)
    if retries and not instant:
        brain = Retry(brain, retries)
    elif not instant:
        Retry(brain, retries)  # checks the number
    if not instant and (store := _store(options)) is not None:
        brain = Cached(brain, store)
    others = _names(options.get("fallback"))
    if others:
        brain = Fallback([brain, *(load(other) for other in others)])
    return _under_policy(brain, options)


def shared(options: Mapping[str, Any]) -> dict[str, Any]:
    """What several brains have in common by these options: a throttle, a purse and a store, where they ask for them.

    Raises:
        BrainError: An option has a wrong value.
    """
    throttle = options.get("throttle")
    if throttle is None and options.get("per_minute") is not None:
        throttle = Throttle(options["per_minute"])
    given = {key: value for key, value in options.items() if value is not None}
    made = {"throttle": throttle, "purse": options.get("purse") or _purse(given), "store": _store(given)}
    return {key: value for key, value in made.items() if value is not None}


def _purse(options: Mapping[str, Any]) -> Purse | None:
    if "budget_usd" not in options and "budget_tokens" not in options:
        return None
    return Purse(options.get("budget_usd"), options.get("budget_tokens"))


def _store(options: Mapping[str, Any]) -> Store | None:
    kept: Store | None = options.get("store")
    return Store(options["cache"]) if kept is None and "cache" in options else kept


def _names(fallback: str | Sequence[str] | None) -> list[str]:
    names = fallback.split(",") if isinstance(fallback, str) else list(fallback or ())
    if not all(isinstance(name, str) for name in names):
        raise BrainError(f"brain.fallback must be names of brains, not {clean(repr(fallback), 60)}")
    return [name.strip() for name in names if name.strip()]


def _under_policy(brain: Brain, options: Mapping[str, Any]) -> Brain:
    name = options.get("policy")
    if name is None:
        return brain
    from aether.policy import policy

    given = {ours: options[key] for key, ours in _POLICY.items() if key in options}
    return policy(name, brain, **{key: value for key, value in given.items() if key in _TAKES.get(name, ())})
