"""Report: a batch as one page of HTML: success, scores, latency and cost, by world, brain and body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import fmean, quantiles
from typing import Any

from prometheus.batch.charts import bars, spread
from prometheus.batch.shelf import Shelf
from prometheus.batch.standing import standing_of
from prometheus.batch.table import order, write_tables

PAGE = "report.html"
MOST_ROWS = 5_000
"""Rows that the page lists; the table has all."""
BY = ("world", "brain", "body")


def write_report(shelf: Shelf) -> dict[str, Any]:
    """Write `report.html`, and the table as it is now; return the figures.

    Raises:
        BatchError: the folder holds no batch, or cannot be written.
    """
    from jinja2 import Environment, PackageLoader

    standing, broken = standing_of(shelf)
    kept = shelf.rows()[0]
    rows = sorted((result["row"] for result in kept.values()), key=order)
    if not shelf.running():
        write_tables(shelf, rows)
    latency = {key: result.get("latency") or {} for key, result in kept.items()}
    groups = {"all": _groups(rows, None, latency), **{name: _groups(rows, name, latency) for name in BY}}
    figures = {"standing": standing.to_json(), "unreadable": broken, "groups": groups}
    environment = Environment(loader=PackageLoader("prometheus.batch", "."), autoescape=True)
    page = environment.get_template("report.html.j2").render(
        **figures,
        line=standing.line(),
        by={name: groups[name] for name in BY},
        charts={name: _charts(rows, name, groups[name]) for name in BY},
        rows=rows[:MOST_ROWS],
        more=max(len(rows) - MOST_ROWS, 0),
        again={key: result.get("again", "") for key, result in kept.items() if result["row"]["status"] != "ok"},
    )
    shelf.write(PAGE, page)
    return figures


def _groups(rows: Iterable[Mapping[str, Any]], by: str | None, latency: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Figures of all rows together, or of those that share a column's value."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault("all" if by is None else str(row[by]), []).append(row)
    return [_figures(name, members, latency) for name, members in sorted(found.items())]


def _figures(name: str, rows: list[Mapping[str, Any]], latency: Mapping[str, Any]) -> dict[str, Any]:
    statuses = Counter(row["status"] for row in rows)
    waited = [latency[row["job"]]["p50_s"] for row in rows if latency.get(row["job"])]
    return {
        "name": name, "jobs": len(rows), **{status: statuses[status] for status in ("ok", "failed", "limit")},
        "survived": _mean(rows, "survived"), "score": _mean(rows, "score"),
        "predictions_hit_rate": _mean(rows, "predictions_hit_rate"),
        "wall_seconds": _mean(rows, "wall_seconds"),
        "cost_usd": round(sum(row["cost_usd"] or 0.0 for row in rows), 6),
        "latency_p50_s": fmean(waited) if waited else None,
        "score_quartiles": quantiles(scores, n=4) if len(scores := _values(rows, "score")) > 1 else scores * 3,
    }  # fmt: skip


def _values(rows: Iterable[Mapping[str, Any]], column: str) -> list[float]:
    return [float(row[column]) for row in rows if row[column] is not None]


def _mean(rows: Iterable[Mapping[str, Any]], column: str) -> float | None:
    values = _values(rows, column)
    return fmean(values) if values else None


def _charts(rows: list[Mapping[str, Any]], by: str, groups: list[dict[str, Any]]) -> list[tuple[str, str]]:
    scores = {
        group["name"]: _values([row for row in rows if str(row[by]) == group["name"]], "score") for group in groups
    }
    charts = [("wall time of a job, s", bars(_told(groups, "wall_seconds")))]
    if scored := {name: values for name, values in scores.items() if values}:
        lived = ("survived, share", bars(_told(groups, "survived"), 1.0))
        charts = [lived, ("score, 0-100", spread(scored)), *charts]
    waited = _told(groups, "latency_p50_s")
    if any(seconds >= 0.001 for seconds in waited.values()):
        charts.append(("latency of a decision, median, s", bars(waited)))
    if any(group["cost_usd"] for group in groups):
        charts.append(("cost, USD", bars({group["name"]: group["cost_usd"] for group in groups})))
    return charts


def _told(groups: Iterable[Mapping[str, Any]], figure: str) -> dict[str, float]:
    return {group["name"]: group[figure] for group in groups if group[figure] is not None}
