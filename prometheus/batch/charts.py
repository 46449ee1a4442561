"""Charts: the figures of a batch as SVG text that stands inside a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus.bench.charts import figure_of, svg_of

_INK, _PALE = "#1f4e79", "#c9d8e6"
MOST = 40
"""Groups that a chart shows."""


def bars(values: Mapping[str, float], most: float | None = None) -> str:
    """Return a bar for each name."""
    shown = dict(list(values.items())[:MOST])
    figure, axes = _sized(len(shown))
    axes.barh([name[-30:] for name in shown], list(shown.values()), color=_INK)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.25 * (most or max(shown.values(), default=0.0) or 1.0))
    axes.bar_label(axes.containers[0], fmt=_short, padding=3)
    return svg_of(figure)


def spread(values: Mapping[str, Sequence[float]]) -> str:
    """Return a box for each name that has values: median, quartiles and range of them, 0-100."""
    shown = dict(list(values.items())[:MOST])
    figure, axes = _sized(len(shown))
    axes.boxplot(
        [list(each) for each in shown.values()], orientation="horizontal", patch_artist=True,
        boxprops={"facecolor": _PALE, "edgecolor": _INK}, medianprops={"color": _INK},
    )  # fmt: skip
    axes.set_yticks(range(1, len(shown) + 1), [name[-30:] for name in shown])
    axes.invert_yaxis()
    axes.set_xlim(-2, 102)
    return svg_of(figure)


def _short(value: float) -> str:
    return f"{value:.3g}" if value >= 1 else f"{value:.2g}"


def _sized(count: int) -> tuple[Any, Any]:
    return figure_of(4.6, 0.42 * count + 0.7)
