"""Marks: the points of one scenario, each with what was expected and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """Points for one thing.

    Attributes:
        what: the thing. points, most: given, and to be had. expected, found: in words.
    """

    what: str
    points: float
    most: float
    expected: str = ""
    found: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "what": self.what, "points": round(self.points, 3), "of": round(self.most, 3), "expected": self.expected,
            "found": self.found,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marks:
    """Everything that one scenario earned.

    Attributes:
        case: the scenario's id. marks: one a thing.
    """

    case: str
    marks: tuple[Mark, ...]

    @property
    def score(self) -> float:
        """0-100: the points given, of those to be had."""
        most = sum(mark.most for mark in self.marks)
        return 0.0 if most <= 0 else 100.0 * sum(mark.points for mark in self.marks) / most

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"id": self.case, "score": round(self.score, 3), "marks": [mark.to_json() for mark in self.marks]}


def mark(what: str, most: float, right: bool | float, expected: object = "", found: object = "") -> Mark:
    """Return a mark of `most` points, times `right` (a share of 0-1, or whether it is right)."""
    return Mark(what, most * min(max(float(right), 0.0), 1.0), most, _told(expected), _told(found))


def _told(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, frozenset | set):
        value = sorted(map(str, value))
    if isinstance(value, tuple | list):
        return ", ".join("nothing" if each is None else str(each) for each in value) or "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value)
