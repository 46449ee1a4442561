"""Report: what an exam leaves for people: a table, `report.json`, `report.html` and a file for the public board."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from prometheus.atomic import write_text
from prometheus.bench.case import RUBRIC, Case
from prometheus.bench.categories import TITLES
from prometheus.bench.categories.memory import crossing
from prometheus.bench.charts import bars, curve, radar
from prometheus.bench.exam import LABEL, Sitting
from prometheus.bench.strip import strip
from prometheus.bench.total import PILLAR_NAMES, most_of
from prometheus.episode import versions

RESULT, PAGE, SUBMISSION = "report.json", "report.html", "my_submission.json"
_PUBLISHED = {
    "C01": 65, "C02": 75, "C03": 85, "C04": 90, "C05": 85, "C06": 60, "C07": 70, "C08": 80, "C09": 85, "C10": 35
}  # fmt: skip


def show(sitting: Sitting) -> str:
    """Return the terminal table of an exam."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table

    result = sitting.to_json()
    table = Table(title=f"{sitting.brain}: {result['total']:g} of {result['of']}, grade {result['grade']}")
    for column in ("", "category", "text", "grounded", "score"):
        table.add_column(column, justify="left" if column in ("", "category") else "right")
    for name, row in result["categories"].items():
        cells = ["" if row[key] is None else f"{row[key]:.1f}" for key in ("text", "grounded", "score")]
        table.add_row(name, TITLES[name], *cells)
    table.caption = f"{LABEL}; seed {sitting.seed}; " + ", ".join(
        f"{name} {total:g}" for name, total in sitting.references.items()
    )
    console = Console(file=StringIO(), width=100)
    console.print(table)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text.rstrip()


def write_report(sitting: Sitting, folder: Path) -> list[Path]:
    """Write the report's files, each whole or not at all; return their paths."""
    lived = {} if sitting.lived is None else sitting.lived.marks
    result = sitting.to_json() | {
        "versions": versions(),
        "marks": [marks.to_json() for marks in sitting.text.marks],
        "live_marks": [marks.to_json() for marks in lived.values()],
        "measured_marks": [marks.to_json() for marks in sitting.measured.values()],
    }
    write_text(folder / RESULT, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    write_text(folder / PAGE, page(sitting, result))
    write_text(folder / SUBMISSION, json.dumps(submission(sitting), indent=1, ensure_ascii=False) + "\n")
    return [folder / name for name in (RESULT, PAGE, SUBMISSION)]


def page(sitting: Sitting, result: Mapping[str, Any]) -> str:
    """Return the report as one page of HTML that needs no other file."""
    from jinja2 import Environment, PackageLoader

    scores = {name: row["score"] for name, row in result["categories"].items()}
    environment = Environment(loader=PackageLoader("prometheus.bench", "."), autoescape=True)
    told = {asked.id: asked for case in sitting.cases for asked in case.asks}
    rows = [
        {
            "case": case,
            "marks": marks,
            "asks": [(told[asked.id], sitting.answers.get(asked.id)) for asked in case.asks],
            "live": None if sitting.lived is None else sitting.lived.marks.get(case.id),
            "strips": _strips(sitting, case),
        }
        for case, marks in zip(
            [case for case in sitting.cases if case.category in sitting.text.categories],
            sitting.text.marks,
            strict=True,
        )
    ]
    return environment.get_template("report.html.j2").render(
        result=result,
        titles=TITLES,
        pillars=PILLAR_NAMES,
        most=most_of(sitting.track),
        rows=rows,
        measured=list(sitting.measured.values()),
        radar=radar(scores, _PUBLISHED),
        bars=bars([(sitting.brain, result["text1000"]), *sitting.references.items()]),
        curve=curve(result["calibration"]["reliability"]) if result.get("calibration", {}).get("calls") else "",
        label=LABEL,
    )


def _strips(sitting: Sitting, case: Case) -> list[tuple[str, str]]:
    """For each kept take of a scenario its picture and what was said in it."""
    films = [] if sitting.lived is None else sitting.lived.films.get(case.id, [])
    ground = case.asks[0].layout if case.category != "C05" else replace(case.asks[0].layout, walls={})
    solids = crossing(case) if case.category == "C06" else []
    if case.category == "C06":
        ground = replace(ground, walls={})
    return [
        (strip(shots, ground, solids), " / ".join(dict.fromkeys(shot["says"] for shot in shots))) for shots in films
    ]


def submission(sitting: Sitting) -> dict[str, Any]:
    """Return the answers in the layout of the public board, as far as that is known."""
    return {
        "model": sitting.brain,
        "track": sitting.track,
        "label": LABEL,
        "rubric": RUBRIC,
        "note": "The board's own layout, rubric and hundred scenarios are not public: these are answers to scenarios "
        "of our own, scored by our own rubric. The keys below follow the public dataset's records.",
        "answers": [
            {"id": asked.id, "cat": case.category, "output": sitting.answers[asked.id].text}
            for case in sitting.cases
            for asked in case.asks
            if asked.id in sitting.answers
        ],
    }
