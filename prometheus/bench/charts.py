"""Charts: the report's figures, as SVG text that stands inside a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from prometheus.errors import shorten

_INK, _PALE, _LINE = "#1f4e79", "#c9d8e6", "#888888"


def radar(scores: Mapping[str, float], published: Mapping[str, float]) -> str:
    """Return scores of 0-100 by category on a wheel, over those published for PROMETHEUS v1.0 on its own rubric."""
    names = sorted(scores)
    angles = [2 * math.pi * i / len(names) for i in range(len(names))]
    figure, axes = figure_of(4.0, 3.7, polar=True)
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    for values, colour, fill in ((published, _LINE, 0.0), (scores, _INK, 0.25)):
        line = [values.get(name, 0.0) for name in names]
        axes.plot([*angles, angles[0]], [*line, line[0]], color=colour, linestyle="-" if fill else ":")
        if fill:
            axes.fill([*angles, angles[0]], [*line, line[0]], color=colour, alpha=fill)
    axes.set_xticks(angles, names)
    axes.set_ylim(0, 100)
    return svg_of(figure)


def bars(totals: Sequence[tuple[str, float]]) -> str:
    """Return totals of a thousand as bars, by name, the first one ours."""
    figure, axes = figure_of(4.2, 0.42 * len(totals) + 0.8)
    rows = range(len(totals))
    axes.barh(rows, [total for _, total in totals], color=[_INK, *[_PALE] * (len(totals) - 1)])
    # A brain's name may hold anything, a dollar sign too.
    axes.set_yticks(rows, [shorten(name, 20) for name, _ in totals], parse_math=False)
    axes.invert_yaxis()
    axes.set_xlim(0, 1120)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.axvline(450, color=_LINE, linestyle=":")
    axes.bar_label(axes.containers[0], fmt="%.0f", padding=3)
    return svg_of(figure)


def curve(reliability: Sequence[Mapping[str, Any]]) -> str:
    """Return how often calls were right over how sure the brain was."""
    figure, axes = figure_of(3.6, 3.2)
    axes.plot([0, 1], [0, 1], color=_LINE, linestyle=":")
    sizes = [20 + 2 * min(row["calls"], 200) for row in reliability]
    axes.scatter([row["sure"] for row in reliability], [row["right"] for row in reliability], s=sizes, color=_INK)
    axes.set_xlabel("sure")
    axes.set_ylabel("right")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.05)
    return svg_of(figure)


def figure_of(width: float, height: float, polar: bool = False) -> tuple[Any, Any]:
    """Return a figure of so many inches, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot(projection="polar" if polar else None)


def svg_of(figure: Any) -> str:
    """Return a figure as SVG text, the same for the same figure."""
    from io import StringIO

    import matplotlib as mpl

    text = StringIO()
    with mpl.rc_context({"svg.hashsalt": "pwm", "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    whole = text.getvalue()
    return whole[whole.index("<svg") :]
