"""Official: the public dataset's files as published, its stated rule as truth, and its own scorer in a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aether.errors import SceneError
from aether.scene import Scene
from prometheus.bench.layout import SIDES
from prometheus.bench.reading import read
from prometheus.errors import BenchError, shorten

_MOST_BYTES, _MOST_RECORDS, _MOST_OUTPUT = 64_000_000, 10_000, 1_000_000
SECONDS, MEMORY = 60.0, 2 * 1024**3
"""Limits of the scorer's process: s of wall and of processor time, bytes of memory."""
NOTE = "the dataset's own rule on directions; not the public score, whose rubric only its own scorer knows"


@dataclass(frozen=True)
class Record:
    """One scenario of the public dataset.

    Attributes:
        id: such as "S01". category: its `cat`. scene: its `input`. whole: everything that was published of it.
    """

    id: str
    category: str
    scene: Scene
    whole: Mapping[str, Any] = field(hash=False)


def read_dataset(path: Path) -> list[Record]:
    """Read a file of the public dataset: an object with `scenarios`, a list, or a line of JSON each.

    Raises:
        BenchError: it cannot be read, or a record in it is none; the sentence names which.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BenchError(f"{path} is over 64 MB; give the published file")
        text = path.read_text("utf-8-sig", errors="replace")
    except OSError as error:
        raise BenchError(f"cannot read {path}: {error.strerror}; give the published file") from None
    rows = _rows(text, path)
    if not rows or len(rows) > _MOST_RECORDS:
        raise BenchError(f"{path} holds no scenarios (1 to {_MOST_RECORDS}); give the published file")
    records = [_record(row, number, path) for number, row in enumerate(rows, 1)]
    if len({record.id for record in records}) < len(records):
        raise BenchError(f"{path} uses an id twice; give the published file")
    return records


def agreement(record: Record, text: str) -> dict[str, Any]:
    """Hold an answer against the published rule: any wall distance is danger on its side, null is safe.

    Returns:
        "right": share of the directions that the scene tells of which are called as the rule has them; "wrong": the
        others; "sound": whether MOTION leads in none of its own dangers; "words": of MOTION, where twelve are the most.
    """
    reading = read(text)
    truth = {side: record.scene.walls[side] is not None for side in SIDES if _told(record, side)}
    wrong = [side for side, danger in truth.items() if (o := reading.outlook(side)) is None or o.danger != danger]
    way = reading.way
    into = [side for side in (way or "").split("-") if (o := reading.outlook(side)) is not None and o.danger]
    return {
        "right": 1.0 - len(wrong) / max(len(truth), 1),
        "wrong": wrong,
        "sound": reading.is_sentence and not into,
        "words": len(reading.words),
    }


def run_scorer(scorer: Path, submission: Path, dataset: Path, *, seconds: float = SECONDS) -> dict[str, Any]:
    """Hand answers to the publisher's own scorer, in a process of its own with limits on time and memory.

    It is called as `python SCORER SUBMISSION DATASET`; where the module has a function `score_submission` or `evaluate`
    instead of a command line, that is called with the two files' contents.

    Returns:
        What it printed or gave back, read as JSON where it is, under "result".

    Raises:
        BenchError: there is no such file, or it fails, hangs or takes too much; the sentence says what it said last.
    """
    if not scorer.is_file():
        raise BenchError(f"there is no scorer {scorer}; give the path of wm_bench_scoring.py")
    files = [str(path.resolve()) for path in (scorer, submission, dataset)]
    command = [sys.executable, "-I", "-c", _CHILD, *files, str(seconds), str(MEMORY)]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL, cwd=scorer.resolve().parent,
            env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BenchError(f"{scorer} took over {seconds:g} s; it is left out") from None
    said = done.stdout[:_MOST_OUTPUT].decode("utf-8", "replace").strip()
    if done.returncode:
        last = done.stderr[-2000:].decode("utf-8", "replace").strip().splitlines()[-1:] or ["no word"]
        raise BenchError(f"{scorer} ended with {done.returncode}: {shorten(last[0], 160)}")
    try:
        return {"result": json.loads(said.splitlines()[-1] if said else "null")}
    except (ValueError, RecursionError):
        return {"result": shorten(said, 4000)}


_CHILD = """
import json, runpy, sys
scorer, submission, dataset, seconds, memory = sys.argv[1:6]
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (int(float(seconds)) + 1,) * 2)
    resource.setrlimit(resource.RLIMIT_AS, (int(memory),) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_000_000,) * 2)
except ImportError:
    pass
sys.argv = [scorer, submission, dataset]
found = runpy.run_path(scorer, run_name="__main__")
call = next((found[name] for name in ("score_submission", "evaluate") if callable(found.get(name))), None)
if call is not None:
    def load(path):
        text = open(path, encoding="utf-8-sig").read()
        try:
            return json.loads(text)
        except ValueError:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
    print(json.dumps(call(load(submission), load(dataset))))
"""


def _rows(text: str, path: Path) -> Sequence[Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise BenchError(f"{path} is neither JSON nor JSONL; give the published file") from None
    rows = whole.get("scenarios", [whole] if "input" in whole else None) if isinstance(whole, dict) else whole
    return rows if isinstance(rows, list) else []


def _record(row: Any, number: int, path: Path) -> Record:
    if not isinstance(row, dict) or not isinstance(row.get("input"), dict):
        raise BenchError(f"{path}, record {number}, has no `input`; give the published file")
    name = shorten(str(row.get("id", f"record-{number}")), 80)
    try:
        return Record(name, str(row.get("cat", ""))[:20], Scene.from_json(row["input"]), row)
    except (SceneError, ValueError, TypeError, KeyError) as error:
        raise BenchError(f"{path}, {name}: {shorten(str(error), 120)}; give the published file") from None


def _told(record: Record, side: str) -> bool:
    """Whether the published scene tells of a side: the dataset's own has no `backward`."""
    walls = record.whole["input"].get("walls")
    names = {"forward": ("front", "forward", "fwd"), "backward": ("back", "backward")}.get(side, (side,))
    return isinstance(walls, dict) and any(name in walls for name in names)
