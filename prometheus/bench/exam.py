"""Exam: a brain sits the bench, and leaves its answers, its marks and a report."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from prometheus.bench.answers import ANSWERS, Answer, kept_answers
from prometheus.bench.case import RUBRIC, Case
from prometheus.bench.text import TextResult, score, selfcheck
from prometheus.bench.total import grade, most_of, pillars_of, text1000
from prometheus.machine import processor

if TYPE_CHECKING:
    from prometheus.bench.lived import Lived
    from prometheus.bench.marks import Marks
    from prometheus.config import BrainConfig, Config

LABEL = f"self-evaluated, rubric {RUBRIC}"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sitting:
    """Everything that came of an exam.

    Attributes:
        brain: who sat it. track: "A", "B" or "C". seed: of the scenarios. cases: what was asked.
        answers: by the question's id. text: the marks for them. lived: what came of live runs, on Track C.
        measured: marks of C09 and C10. references: `text1000` of the null references. sections: further parts of the
            report. fps: drawn frames a second, where they were measured.
    """

    brain: str
    track: str
    seed: int
    cases: Sequence[Case]
    answers: Mapping[str, Answer]
    text: TextResult
    lived: Lived | None = None
    measured: Mapping[str, Marks] = field(default_factory=dict)
    references: Mapping[str, float] = field(default_factory=dict)
    sections: Mapping[str, Any] = field(default_factory=dict)
    fps: float | None = None

    @property
    def grounded(self) -> dict[str, float]:
        """Scores of live runs by category, 0-100."""
        return {} if self.lived is None else self.lived.categories(self.cases)

    @property
    def scores(self) -> dict[str, float]:
        """Of each category, 0-100: text alone, or half text and half grounded where both are there."""
        grounded = self.grounded
        both = {
            name: 0.5 * text + 0.5 * grounded[name] if name in grounded else text
            for name, text in self.text.categories.items()
        }
        return both | {name: marks.score for name, marks in self.measured.items()}

    @property
    def measured_figures(self) -> Mapping[str, Any]:
        """What hangs on the machine and the moment: "speed" of C09, "swap_ms" of C10."""
        found: Mapping[str, Any] = self.sections.get("measured", {})
        return found

    @property
    def total(self) -> float:
        """Of 800 on Track A, else of 1000."""
        return sum(pillars_of(self.track, self.scores).values())

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON values."""
        scores, grounded = self.scores, self.grounded
        grounded |= {name: marks.score for name, marks in self.measured.items()}
        asked = sorted(answer.latency_s for answer in self.answers.values())
        spent = {"p50": _quantile(asked, 0.5), "p95": _quantile(asked, 0.95)}
        if not asked and "speed" in self.measured_figures:
            # Nothing was asked beside the run for C09: its decisions are the only ones.
            spent = {key: self.measured_figures["speed"][f"latency_{key}_s"] for key in spent}
        whole = self.total if self.track != "A" else self.text.text1000
        return {
            "total": round(self.total, 2),
            "of": round(sum(most_of(self.track).values())),
            "text1000": round(self.text.text1000, 2),
            "grade": grade(whole),
            "pillars": {name: round(points, 2) for name, points in pillars_of(self.track, scores).items()},
            "categories": {
                name: {
                    "text": _rounded(self.text.categories.get(name)),
                    "grounded": _rounded(grounded.get(name)),
                    "score": round(value, 2),
                }
                for name, value in sorted(scores.items())
            },
            "label": LABEL,
            "rubric": RUBRIC,
            "track": self.track,
            "brain": self.brain,
            "seed": self.seed,
            "scenarios": len(self.cases),
            "hardware": hardware(),
            "fps": self.fps,
            "latency_p50_ms": _milliseconds(spent["p50"]),
            "latency_p95_ms": _milliseconds(spent["p95"]),
            "cost_usd": round(sum(answer.cost_usd for answer in self.answers.values()), 6),
            "tokens": sum(answer.tokens for answer in self.answers.values()),
            "stood_in": sum(answer.text == "" for answer in self.answers.values()),
            "references": dict(self.references),
            "outcomes": {} if self.lived is None else dict(self.lived.prints),
            **self.sections,
        }


def sit_text(
    cases: Sequence[Case],
    brain: BrainConfig,
    seed: int,
    *,
    out: Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Sitting:
    """Put every question to a brain, and score its answers. Answers already in `out` are not asked for again.

    Args:
        cases: the scenarios.
        brain: its settings.
        seed: of the scenarios, for the null references.
        out: folder in which answers are kept as they come.
        jobs: questions open at once.
        progress: called with (answered, in all).

    Raises:
        BenchError: `out` holds the answers of another exam.
    """
    from aether.asking import ask_all
    from aether.brains import deadline_of, load
    from aether.wrap.wrapper import close

    asks = [asked for case in cases for asked in case.asks]
    known = {} if out is None else kept_answers(out / ANSWERS, brain.model)
    missing = [asked for asked in asks if asked.id not in known]
    answers = {asked.id: known[asked.id] for asked in asks if asked.id in known}
    thinker = load(brain.model, **brain.options())
    book = None if out is None else (out / ANSWERS).open("a", encoding="utf-8")
    try:
        thoughts = ask_all(
            thinker, [asked.scene for asked in missing], brain.deadline_s or deadline_of(brain.model), jobs
        )
        for asked, thought in zip(missing, thoughts, strict=True):
            answer = answers[asked.id] = Answer.of(asked.id, thought)
            if book is not None:
                book.write(json.dumps(answer.to_json() | {"brain": brain.model}) + "\n")
                book.flush()
            if progress is not None:
                progress(len(answers), len(asks))
    finally:
        close(thinker)
        if book is not None:
            book.close()
    marks = score(list(cases), {name: answer.text for name, answer in answers.items()})
    references = selfcheck(list(cases), seed)
    sections = {"calibration": calibration(cases, answers)}
    return Sitting(brain.model, "A", seed, cases, answers, marks, references=references, sections=sections)


def sit_beyond(sitting: Sitting, config: Config) -> Sitting:
    """Add what the public benchmark does not ask: `prometheus.bench.beyond` and `prometheus.bench.team`."""
    from prometheus.bench.beyond import injection, reliability
    from prometheus.bench.team import warnings

    more = {
        "injection": injection(config.brain),
        "reliability": reliability(sitting.cases, config.brain, sitting.text.text1000, sitting.seed),
        "team": warnings(config, sitting.seed),
    }
    return replace(sitting, sections={**sitting.sections, **more})


def sit_live(
    sitting: Sitting,
    config: Config,
    track: str,
    *,
    out: Path | None = None,
    workers: int = 1,
    bodies: Sequence[str] = (),
    measure: Sequence[str] = ("C09", "C10"),
    progress: Progress | None = None,
) -> Sitting:
    """Go on to Track B or C: speed and bodies are measured and, on Track C, every scenario is lived through.

    Args:
        sitting: of Track A.
        config: brain and motion.
        track: "B" or "C".
        out: folder; finished scenarios stay there.
        workers: processes.
        bodies: further ones for C10.
        measure: which of C09 and C10.
        progress: called with (scenarios lived through, in all).

    Raises:
        BenchError: `out` holds another exam. BodyError: a body cannot be read.
    """
    from prometheus.bench.embodiment import measure_bodies
    from prometheus.bench.lived import live_through, open_stage
    from prometheus.bench.speed import measure_speed

    lived = None
    if track == "C":
        lived = live_through(sitting.cases, config, out=out, workers=workers, progress=progress)
    marks: dict[str, Marks] = {}
    sections, figures = dict(sitting.sections), dict[str, Any]()
    if "C10" in measure:
        marks["C10"], sections["bodies"], figures["swap_ms"] = measure_bodies(open_stage(config), sitting.seed, bodies)
    if "C09" in measure:
        marks["C09"], figures["speed"] = measure_speed(config, sitting.seed)
    fps = figures["speed"]["draw_fps"] if "speed" in figures else None
    sections["measured"] = figures
    return replace(sitting, track=track, lived=lived, measured=marks, sections=sections, fps=fps)


def live_nulls(
    cases: Sequence[Case], seed: int, *, out: Path | None = None, workers: int = 1, progress: Progress | None = None
) -> dict[str, float]:
    """Let each null reference live through scenarios, as a brain.

    Args:
        cases: scenarios.
        seed: of the scenarios.
        out: folder; each null keeps what it has lived through in a folder of its name.
        workers: processes.
        progress: called with (scenarios done, in all), from the start for each null.

    Returns:
        Of each null reference, of a thousand: P1 and P2 by the formula and P3 from C08, half text and half grounded.
    """
    from prometheus.bench.lived import live_through
    from prometheus.bench.nulls import NULLS
    from prometheus.config import load_config

    found = {}
    for name, null in NULLS.items():
        config = load_config(None, None, brain__model=f"{null.__module__}:{null.__name__}")
        folder = None if out is None else out / name
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        lived = live_through(cases, config, out=folder, workers=workers, progress=progress).categories(cases)
        texts = {asked.id: null(asked.scene, seed) for case in cases for asked in case.asks}
        written = score(list(cases), texts).categories
        both = {category: 0.5 * written[category] + 0.5 * points for category, points in lived.items()}
        found[name] = round(text1000(both), 1)
    return found


def hardware() -> dict[str, Any]:
    """Name the machine that a result was measured on."""
    return {"cpu": processor(), "cores": os.cpu_count(), "system": platform.system()}


def calibration(cases: Sequence[Case], answers: Mapping[str, Answer]) -> dict[str, Any]:
    """How sure a brain was and how often right: Brier score and reliability over every call that has a truth."""
    from prometheus.bench.reading import read

    bins: list[list[tuple[float, float]]] = [[] for _ in range(10)]
    for asked in (asked for case in cases for asked in case.asks):
        answer = answers.get(asked.id)
        if answer is None or answer.confidence is None or not asked.fates:
            continue
        reading = read(answer.text)
        for way, fate in asked.fates.items():
            outlook = reading.outlook(way)
            if outlook is not None:
                sure = min(max(answer.confidence, 0.0), 1.0)
                bins[min(int(sure * 10), 9)].append((sure, float(outlook.danger == fate.danger)))
    calls = [call for each in bins for call in each]
    return {
        "calls": len(calls),
        "brier": round(fmean((sure - right) ** 2 for sure, right in calls), 4) if calls else None,
        "reliability": [
            {
                "sure": round(fmean(s for s, _ in each), 3),
                "right": round(fmean(r for _, r in each), 3),
                "calls": len(each),
            }
            for each in bins
            if each
        ],
    }


def _quantile(latencies: Sequence[float], share: float) -> float | None:
    """A quantile of sorted latencies, s."""
    return latencies[int(share * (len(latencies) - 1))] if latencies else None


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 3)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
