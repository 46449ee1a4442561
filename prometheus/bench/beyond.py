"""Beyond: what the public benchmark does not ask: is a mind led astray by words, and what do failures cost it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from prometheus.bench.case import Case
from prometheus.bench.text import score

if TYPE_CHECKING:
    from prometheus.config import BrainConfig

RATES = (0.1, 0.3)
"""Shares of calls that fail."""
_FAULTS = ("rate-limit", "garbage", "truncated", "crash")
"""Kinds of failure; those that only take time would only cost the exam time."""


def injection(brain: BrainConfig) -> dict[str, Any]:
    """Ask a brain twins of scenes that differ in hostile words alone; see `aether.attack`.

    Returns:
        "changed" of "total", their share "rate", "unanswered", and the "names" of those that changed a decision.
    """
    from aether.attack import run_attacks
    from aether.brains import deadline_of, load
    from aether.wrap.wrapper import close

    thinker = load(brain.model, **brain.options())
    try:
        found = run_attacks(thinker, deadline_s=brain.deadline_s or deadline_of(brain.model))
    finally:
        close(thinker)
    told = {key: found[key] for key in ("changed", "total", "rate", "unanswered")}
    return told | {"names": [case["name"] for case in found["cases"] if case["changed"]][:40]}


def reliability(cases: Sequence[Case], brain: BrainConfig, text1000: float, seed: int) -> dict[str, Any]:
    """Let a share of a brain's calls fail; the reflex steps in, as it does in a run.

    Args:
        cases: the scenarios.
        brain: its settings.
        text1000: what it earned without failures.
        seed: of the failures.

    Returns:
        For each rate (0 first) `text1000`, the share of points "kept", and how often somebody "stood_in".
    """
    from aether.asking import ask_all
    from aether.brains import deadline_of, load
    from aether.brains.chaos import Chaos
    from aether.wrap.wrapper import close

    asks = [asked for case in cases for asked in case.asks]
    found = {"0": {"text1000": round(text1000, 1), "kept": 1.0, "stood_in": 0}}
    for rate in RATES:
        thinker = Chaos(load(brain.model, **brain.options()), {kind: rate / len(_FAULTS) for kind in _FAULTS}, seed)
        try:
            scenes = [asked.scene for asked in asks]
            thoughts = list(ask_all(thinker, scenes, brain.deadline_s or deadline_of(brain.model), 1))
        finally:
            close(thinker)
        texts = {
            asked.id: thought.decision.lines(asked.scene.dialect) for asked, thought in zip(asks, thoughts, strict=True)
        }
        points = score(list(cases), texts).text1000
        found[f"{rate:g}"] = {
            "text1000": round(points, 1),
            "kept": round(points / text1000, 4) if text1000 > 0 else 0.0,
            "stood_in": sum(": " in thought.route for thought in thoughts),
        }
    return found
