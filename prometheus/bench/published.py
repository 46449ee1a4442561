"""Published: a brain's answers to the public dataset, and what can be said of them here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from prometheus.atomic import write_text
from prometheus.bench.official import NOTE, Record, agreement, run_scorer

if TYPE_CHECKING:
    from prometheus.config import BrainConfig

SUBMISSION, RESULT = "my_submission.json", "dataset.json"


def sit_published(
    records: Sequence[Record],
    brain: BrainConfig,
    *,
    out: Path,
    dataset: Path,
    scorer: Path | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Put every record to a brain, and leave `my_submission.json` and `dataset.json` in `out`.

    Args:
        records: of the dataset.
        brain: its settings.
        out: folder.
        dataset: the file, for the scorer.
        scorer: the publisher's own, where the user has it.
        jobs: questions open at once.
        progress: called with (answered, in all).

    Returns:
        What `dataset.json` holds: by category and record how far the published rule on directions is kept, and what
        the scorer gave.

    Raises:
        BenchError: the scorer fails; the answers are written by then.
    """
    from aether.asking import ask_all
    from aether.brains import deadline_of, load
    from aether.wrap.wrapper import close

    thinker, texts = load(brain.model, **brain.options()), []
    try:
        scenes = [record.scene for record in records]
        for thought in ask_all(thinker, scenes, brain.deadline_s or deadline_of(brain.model), jobs):
            texts.append("" if ": " in thought.route else thought.text)
            if progress is not None:
                progress(len(texts), len(records))
    finally:
        close(thinker)
    rows = [
        {"id": record.id, "cat": record.category, **agreement(record, text)}
        for record, text in zip(records, texts, strict=True)
    ]
    found: dict[str, Any] = {
        "brain": brain.model,
        "note": NOTE,
        "scenarios": len(rows),
        "directions_right": round(fmean(row["right"] for row in rows), 4),
        "motions_sound": round(fmean(row["sound"] for row in rows), 4),
        "rows": rows,
        "scorer": None,
    }
    answers = [
        {"id": record.id, "cat": record.category, "output": text} for record, text in zip(records, texts, strict=True)
    ]
    submission = {"model": brain.model, "track": "A", "note": "The board's layout is not public.", "answers": answers}
    write_text(out / SUBMISSION, json.dumps(submission, indent=1, ensure_ascii=False) + "\n")
    write_text(out / RESULT, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    if scorer is not None:
        found["scorer"] = run_scorer(scorer, out / SUBMISSION, dataset.resolve())["result"]
        write_text(out / RESULT, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return found
