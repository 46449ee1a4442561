"""Row: one figure of the evaluation beside what it can be compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; None where there is nothing to say.

    Attributes:
        metric: what was measured, with its unit.
        value: the model's figure.
        ceiling: the same of real motion.
        floor: what chance, shuffled texts or a real-against-real comparison gives.
        baseline: the same of the nearest stored caption, or of the unchanged model in an ablation.
        bar: the figure that must be reached.
        better: "more" or "less".
        note: why a figure is missing, or what limits it.
    """

    metric: str
    value: float | None = None
    ceiling: float | None = None
    floor: float | None = None
    baseline: float | None = None
    bar: float | None = None
    better: str = "more"
    note: str | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the bar is reached; None where there is no bar or no value."""
        if self.bar is None or self.value is None:
            return None
        return self.value >= self.bar if self.better == "more" else self.value <= self.bar

    def because(self, note: str | None) -> Row:
        """Return the row with a note."""
        return replace(self, note=note)

    def to_json(self) -> dict[str, object]:
        """Return plain values, figures with four significant digits; a figure that is not finite is None."""
        return {
            "metric": self.metric,
            **{name: tidy(getattr(self, name)) for name in ("value", "ceiling", "floor", "baseline", "bar")},
            "better": self.better,
            "holds": self.holds,
            "note": self.note,
        }


def tidy(figure: float | None) -> float | None:
    """Return a figure with four significant digits, or None where there is none or it is not finite."""
    if figure is None or not math.isfinite(figure):
        return None
    return float(f"{figure:.4g}")
