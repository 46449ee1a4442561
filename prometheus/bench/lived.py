"""Lived: every scenario lived through by a brain in its body, in several processes, kept case by case as it goes."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.bench.case import Case
from prometheus.bench.marks import Mark, Marks
from prometheus.errors import BenchError, shorten

if TYPE_CHECKING:
    from prometheus.bench.live import Take
    from prometheus.bench.stage import Stage
    from prometheus.config import Config

CASES = "cases"
_SHOTS = 6
"""Moments of a take that are kept for pictures."""
_MOST_TAKES = 3
"""Takes of a scenario of which pictures are kept."""


@dataclass(frozen=True)
class Lived:
    """What came of scenarios lived through.

    Attributes:
        marks: of each scenario, by its id. films: moments of its takes, by its id, for `prometheus.bench.strip`.
        prints: a digest of everything that its bodies did, by its id; the same brain and seed give the same.
    """

    marks: Mapping[str, Marks]
    films: Mapping[str, list[list[dict[str, Any]]]] = field(default_factory=dict)
    prints: Mapping[str, str] = field(default_factory=dict)

    def categories(self, cases: Sequence[Case]) -> dict[str, float]:
        """Mean grounded score of each category, 0-100."""
        found: dict[str, list[float]] = {}
        for case in cases:
            if case.id in self.marks:
                found.setdefault(case.category, []).append(self.marks[case.id].score)
        return {name: fmean(scores) for name, scores in sorted(found.items())}


def live_through(
    cases: Sequence[Case],
    config: Config,
    *,
    out: Path | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Lived:
    """Live through scenarios with the configuration's brain. What `out` holds of the same exam is not lived again.

    Args:
        cases: scenarios; those of categories that are not lived are left out.
        config: brain and motion.
        out: folder; each scenario leaves `cases/ID.json` there, whole or not at all.
        workers: processes, each with a motion model of its own; 1 means this process.
        progress: called with (scenarios done, in all).

    Raises:
        BenchError: `out` holds another exam, or a process was killed.
    """
    from prometheus.bench.categories import CATEGORIES

    wanted = [case for case in cases if case.category in CATEGORIES]
    rows = {} if out is None else _kept(wanted, config, out)
    left = [case for case in wanted if case.id not in rows]

    def keep(case: Case, row: dict[str, Any]) -> None:
        rows[case.id] = row
        if out is not None:
            from prometheus.atomic import write_text

            write_text(_path(out, case), json.dumps(_stamp(case, config) | row, ensure_ascii=False) + "\n")
        if progress is not None:
            progress(len(rows), len(wanted))

    if workers <= 1 or len(left) <= 1:
        stage = open_stage(config) if left else None
        for case in left:
            assert stage is not None
            keep(case, live(case, stage))
    else:
        # A fresh process each: a forked one would inherit the threads of the numeric libraries half-way.
        context = multiprocessing.get_context("spawn")
        count = min(workers, len(left))
        try:
            with ProcessPoolExecutor(count, context, initializer=_begin, initargs=(config,)) as pool:
                jobs = {pool.submit(_one, case): case for case in _longest_first(left)}
                for job in as_completed(jobs):
                    keep(jobs[job], job.result())
        except BrokenProcessPool:
            raise BenchError(
                "a process that lived through scenarios was killed; with --out the same command goes on where it was "
                "(give fewer --workers, if memory was short)"
            ) from None
    return Lived(
        {case.id: _marks(case.id, rows[case.id]["marks"]) for case in wanted},
        {case.id: rows[case.id]["film"] for case in wanted},
        {case.id: rows[case.id]["print"] for case in wanted},
    )


def live(case: Case, stage: Stage) -> dict[str, Any]:
    """Live through one scenario; return its marks, a digest and its pictures' moments as plain JSON values."""
    from prometheus.bench.categories import CATEGORIES

    category = CATEGORIES[case.category]
    takes = category.play(case, stage)
    marks = category.score_takes(case, takes)
    return {
        "marks": [mark.to_json() for mark in marks.marks],
        "print": digest(takes),
        "said": [[[d.frame, shorten(d.reading.motion, 200)] for d in take.decisions[:40]] for take in takes],
        "film": [film(take) for take in takes[:: max(1, -(-len(takes) // _MOST_TAKES))]],
    }


def digest(takes: Sequence[Take]) -> str:
    """A digest of what the bodies did and said in takes: equal where every frame is."""
    found = hashlib.sha256()
    for take in takes:
        seen = (take.place, take.heading, take.joints, take.stir, take.touched, take.caught)
        for array in (*seen, *take.others.values()):
            found.update(np.ascontiguousarray(array).tobytes())
        for decided in take.decisions:
            found.update(f"{decided.frame} {decided.reading.decision}".encode())
    return found.hexdigest()[:32]


def film(take: Take) -> list[dict[str, Any]]:
    """Moments of a take, evenly over its time: who is where, and how the body is posed."""
    frames = np.unique(np.linspace(0, len(take.place) - 1, _SHOTS).round().astype(int))
    said = {decided.frame: decided.reading.motion for decided in take.decisions}
    shots = []
    for frame in frames.tolist():
        before = [at for at in said if at <= frame]
        shots.append(
            {
                "time": round(frame / 20, 2),
                "place": take.place[frame].round(2).tolist(),
                "heading": round(float(take.heading[frame]), 3),
                "joints": take.joints[frame].round(2).tolist(),
                "others": {
                    name: track[frame].round(2).tolist()
                    for name, track in take.others.items()
                    if np.isfinite(track[frame]).all()
                },
                "path": take.place[: frame + 1 : 5].round(2).tolist(),
                "touched": bool(take.touched[frame]),
                "caught": bool(take.caught[frame]),
                "says": shorten(said[max(before)], 160) if before else "",
            }
        )
    return shots


_HERE: list[Stage] = []


def _begin(config: Config) -> None:
    from prometheus.batch.worker import end_with_parent

    # The pool's own line would never tell it that whoever began it was killed.
    threading.Thread(target=end_with_parent, daemon=True).start()
    _HERE[:] = [open_stage(config)]


def _one(case: Case) -> dict[str, Any]:
    return live(case, _HERE[0])


def open_stage(config: Config) -> Stage:
    """Return a stage with a motion model of its own, whose outcomes are equal wherever they are made."""
    from prometheus.bench.stage import Stage
    from prometheus.run import load_motion

    # One thread: the sums of several come in another order, and outcomes are to be equal to the byte.
    motion = config.motion.model_copy(update={"threads": 1})
    config = config.model_copy(update={"motion": motion})
    return Stage(config, load_motion(config))


def _longest_first(cases: Sequence[Case]) -> list[Case]:
    weight = {"C04": 3, "C06": 2}
    return sorted(cases, key=lambda case: -weight.get(case.category, 1))


def _marks(name: str, rows: Sequence[Mapping[str, Any]]) -> Marks:
    return Marks(
        name,
        tuple(
            Mark(str(r["what"]), float(r["points"]), float(r["of"]), str(r["expected"]), str(r["found"])) for r in rows
        ),
    )


def _stamp(case: Case, config: Config) -> dict[str, Any]:
    """What a scenario's result hangs on: another of these is another exam."""
    from prometheus.data import data_path

    weights = config.motion.weights or data_path("assets", "motion")
    brain = config.brain.model_dump(mode="json")
    whole = json.dumps(
        [case.to_json(), brain, str(weights), config.motion.guidance], sort_keys=True, ensure_ascii=False
    )
    return {"id": case.id, "brain": config.brain.model, "exam": hashlib.sha256(whole.encode()).hexdigest()[:32]}


def _path(out: Path, case: Case) -> Path:
    folder = out / CASES
    folder.mkdir(parents=True, exist_ok=True)
    # An id comes from a file: it names no other folder.
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in case.id).lstrip(".")
    return folder / f"{safe or 'case'}.json"


def _kept(cases: Sequence[Case], config: Config, out: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for case in cases:
        path = _path(out, case)
        if not path.exists():
            continue
        try:
            row = json.loads(path.read_text("utf-8"))
            same = {key: row[key] for key in ("id", "brain", "exam")} == _stamp(case, config)
            _marks(case.id, row["marks"])
            found[case.id] = {key: row[key] for key in ("marks", "print", "said", "film")}
        except (OSError, ValueError, RecursionError, KeyError, TypeError):
            raise BenchError(f"{path} is no result of a scenario; give another --out, or delete it") from None
        if not same:
            raise BenchError(f"{path} is of another exam; give another --out")
    return found
