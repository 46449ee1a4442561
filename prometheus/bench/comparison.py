"""Comparison: brains side by side, scenario by scenario."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from prometheus.bench.report import RESULT
from prometheus.errors import BenchError

_DRAWS = 4000


def compare(folders: Sequence[Path]) -> dict[str, Any]:
    """Put exams side by side.

    Args:
        folders: at least two, each left by an exam on the same scenarios.

    Returns:
        "exams": name and total of each; "pairs": for each two of them the mean difference of a scenario's score, with
        its 95 % interval from `_DRAWS` bootstrap draws over scenarios (Efron 1979), and how often each was better.

    Raises:
        BenchError: there is only one, one cannot be read, or two have no scenario in common.
    """
    if len(folders) < 2:
        raise BenchError("give at least two folders to compare")
    exams = [_read(folder) for folder in folders]
    pairs = [_pair(a, b) for i, a in enumerate(exams) for b in exams[i + 1 :]]
    return {
        "exams": [{key: exam[key] for key in ("name", "brain", "total", "grade")} for exam in exams],
        "pairs": pairs,
    }


def show(found: Mapping[str, Any]) -> str:
    """Return a comparison as lines of text."""
    lines = [f"{exam['name']}: {exam['brain']}, {exam['total']:g}, grade {exam['grade']}" for exam in found["exams"]]
    for pair in found["pairs"]:
        low, high = pair["interval"]
        lines.append(
            f"{pair['a']} - {pair['b']}: {pair['difference']:+.2f} a scenario (95 %: {low:+.2f} to {high:+.2f}), "
            f"better {pair['a_better']}, worse {pair['b_better']} of {pair['scenarios']}"
        )
    return "\n".join(lines)


def _pair(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    common = sorted(a["scores"].keys() & b["scores"].keys())
    if not common:
        raise BenchError(f"{a['name']} and {b['name']} have no scenario in common; examine both on the same seed")
    off = np.array([a["scores"][name] - b["scores"][name] for name in common])
    draws = np.random.default_rng(0).integers(0, len(off), (_DRAWS, len(off)))
    low, high = np.percentile(off[draws].mean(1), (2.5, 97.5)).tolist()
    return {
        "a": a["name"], "b": b["name"], "scenarios": len(common), "difference": round(float(off.mean()), 3),
        "interval": [round(low, 3), round(high, 3)], "a_better": int((off > 0).sum()), "b_better": int((off < 0).sum()),
    }  # fmt: skip


def _read(folder: Path) -> dict[str, Any]:
    path = folder / RESULT
    try:
        whole = json.loads(path.read_text("utf-8"))
        scores = {str(row["id"]): float(row["score"]) for row in whole["marks"]}
        return {
            "name": folder.name, "brain": str(whole["brain"]), "total": float(whole["total"]),
            "grade": str(whole["grade"]), "scores": scores,
        }  # fmt: skip
    except OSError as error:
        raise BenchError(f"cannot read {path}: {error.strerror}; make it with `pwm bench --out`") from None
    except (ValueError, RecursionError, KeyError, TypeError):
        raise BenchError(f"{path} is no result of an exam; make it with `pwm bench --out`") from None
