"""Table: the rows as JSON, as Markdown and as text."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from prometheus.motion.evaluate.row import Row, tidy

_HEAD = ("metric", "value", "ceiling", "floor", "baseline", "bar", "")


@dataclass(frozen=True, slots=True)
class Table:
    """The result of an evaluation.

    Attributes:
        rows: in the order of measuring.
        settings: what was evaluated and how, for the files' head.
    """

    rows: tuple[Row, ...]
    settings: dict[str, object]

    def to_json(self) -> list[dict[str, object]]:
        """Return one object a row."""
        return [row.to_json() for row in self.rows]

    def to_markdown(self) -> str:
        """Return the table in Markdown, notes below it."""
        head = " | ".join(name or "holds" for name in _HEAD)
        lines = [f"| {head} |", "|---" + "|---:" * 5 + "|---|"]
        notes: list[str] = []
        for row in self.rows:
            cells = list(_cells(row))
            if row.note:
                if row.note not in notes:
                    notes.append(row.note)
                cells[0] += f" [{notes.index(row.note) + 1}]"
            lines.append("| " + " | ".join(cells) + " |")
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        told = [f"[{i}] {note}" for i, note in enumerate(notes, 1)]
        return "\n".join([f"Settings: {settings}.", "", *lines, "", *told]).rstrip() + "\n"

    def to_text(self) -> str:
        """Return the table for a terminal."""
        rows = [_HEAD, *(_cells(row) for row in self.rows)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
        lines = [
            "  ".join(
                [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
            ).rstrip()
            for row in rows
        ]
        notes = dict.fromkeys(row.note for row in self.rows if row.note and row.value is None)
        return "\n".join([*lines, *(f"Empty rows: {note}" for note in notes)])

    def write(self, folder: Path) -> list[Path]:
        """Write table.json and table.md into a folder, each whole or not at all; return their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        whole = {"settings": self.settings, "rows": self.to_json()}
        texts = {"table.json": json.dumps(whole, indent=1), "table.md": self.to_markdown()}
        for name, text in texts.items():
            part = folder / f"{name}.part"
            part.write_text(text)
            os.replace(part, folder / name)
        return [folder / name for name in texts]


def _cells(row: Row) -> tuple[str, ...]:
    figures = [_figure(value) for value in (row.value, row.ceiling, row.floor, row.baseline)]
    bar = "" if row.bar is None else f"{'>=' if row.better == 'more' else '<='} {_figure(row.bar)}"
    return (row.metric, *figures, bar, {True: "yes", False: "NO", None: ""}[row.holds])


def _figure(value: float | None) -> str:
    value = tidy(value)
    if value is None:
        return ""
    return f"{value:.3f}" if 0.001 <= abs(value) < 100 or value == 0 else f"{value:.4g}"
