"""Calibration: is a mind that is 80 % sure right 80 % of the time? Confidence against what physics then did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aether.scene import Scene
from aether.threat import act, entity_threat, nature

BINS = 10
_RIGHT = frozenset({"hit", "correct_safe"})
_PRIOR_RIGHT, _PRIOR_ALL = 3.0, 4.0  # what is expected of a kind of scene that nobody has seen yet: 75 %
_NEAR = 4.0


def kind_of(scene: Scene) -> str:
    """The kind of a scene, coarse enough to come again: "predator charge near, walls 2"."""
    being = max(scene.entities, key=entity_threat, default=None)
    walls = sum(scene.walls[name] is not None for name in ("forward", "left", "right", "backward"))
    if being is None:
        return f"nobody, walls {walls}"
    near = "near" if being.distance is not None and being.distance < _NEAR else "far"
    return f"{nature(being)} {act(being.behavior)} {near}, walls {walls}"


class Calibration:
    """Counts how sure a mind was and how often it was right.

    Each call of a decision (one direction, or the npc, called safe or dangerous) is one forecast with the decision's
    confidence. The Brier score is the mean of (confidence - right)^2 (Brier 1950): 0 is perfect, 0.25 is a coin.
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._count = [0] * BINS
        self._right = [0] * BINS
        self._sure = [0.0] * BINS
        self._squares = 0.0
        self._kinds: dict[str, tuple[int, int]] = {}

    def expected(self, kind: str) -> float:
        """The hit rate so far in scenes of this kind, 0-1, drawn toward 75 % while there are few."""
        right, count = self._kinds.get(kind, (0, 0))
        return (right + _PRIOR_RIGHT) / (count + _PRIOR_ALL)

    def add(self, confidence: float, agreement: Mapping[str, str], kind: str = "") -> None:
        """Counts a decision.

        Args:
            confidence: 0-1.
            agreement: What became of each of its calls: "hit", "miss", "false_alarm" or "correct_safe".
            kind: Of the scene, from `kind_of`.
        """
        confidence = min(1.0, max(0.0, confidence))
        index = min(BINS - 1, int(confidence * BINS))
        right = sum(outcome in _RIGHT for outcome in agreement.values())
        self._count[index] += len(agreement)
        self._right[index] += right
        self._sure[index] += confidence * len(agreement)
        self._squares += right * (1 - confidence) ** 2 + (len(agreement) - right) * confidence**2
        before = self._kinds.get(kind, (0, 0))
        self._kinds[kind] = before[0] + right, before[1] + len(agreement)

    def report(self) -> dict[str, Any]:
        """The figures, JSON-able.

        Returns:
            "calls" (how many), "right" (share), "brier" (None without calls), "expected_error" (mean distance between
            confidence and hit rate over the bins, weighted: ECE) and "reliability", a row for each bin that is not
            empty: "from", "to", "calls", "confidence" (mean), "right" (share).
        """
        calls = sum(self._count)
        rows = [
            {
                "from": index / BINS,
                "to": (index + 1) / BINS,
                "calls": count,
                "confidence": round(self._sure[index] / count, 4),
                "right": round(self._right[index] / count, 4),
            }
            for index, count in enumerate(self._count)
            if count
        ]
        apart = sum(abs(self._sure[i] - self._right[i]) for i in range(BINS))
        return {
            "calls": calls,
            "right": round(sum(self._right) / calls, 4) if calls else None,
            "brier": round(self._squares / calls, 4) if calls else None,
            "expected_error": round(apart / calls, 4) if calls else None,
            "reliability": rows,
        }
