"""What a corpus holds: minutes by origin, family, direction and pace, changes between them, and strips of pictures."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from hephaestus.skeleton import FPS
from prometheus.motion.corpus.clip import Clip
from prometheus.motion.corpus.heldout import held_out_patterns, is_aside
from prometheus.motion.corpus.measure import DIRECTIONS, PACES
from prometheus.motion.corpus.shares import classes_of, weights_of
from prometheus.motion.corpus.strips import sheet

_MINUTE = 60.0 * FPS


def _rounded(counts: Counter[str]) -> dict[str, float]:
    return {name: round(frames / _MINUTE, 2) for name, frames in counts.most_common()}


def report(clips: Sequence[Clip]) -> dict[str, Any]:
    """Return the figures of a corpus; minutes unless said otherwise.

    Returns:
        "clips" and "sentences" (counts), "minutes", "origins", "splits", "families" (the training part's minutes and
        share of draws), "travel" (the training part by direction and pace), "other_spans" and "changes" (counts from
        pace to pace within clips).
    """
    patterns = held_out_patterns()
    aside = [is_aside(clip, patterns) for clip in clips]
    classes = classes_of(list(clips))
    origins, families, draws, spans, changes = (Counter[str]() for _ in range(5))
    for clip in clips:
        origins[clip.origin] += len(clip)
    train = [(clip, spans) for clip, spans, kept in zip(clips, classes, aside, strict=True) if not kept]
    for (clip, found), weight in zip(train, weights_of([found for _, found in train]), strict=True):
        families[clip.kind] += len(clip)
        draws[clip.kind] += weight * len(clip)  # type: ignore[assignment]
        for name, frames in found:
            spans[name] += frames
        paces = [name.split()[-1] for name, _ in found]
        changes.update(f"{a} -> {b}" for a, b in pairwise(paces) if a != b and a in (*PACES, "stand", "turn")
                       and b in (*PACES, "stand", "turn"))  # fmt: skip
    total = max(sum(draws.values()), 1e-9)
    frames, kept_frames = sum(map(len, clips)), sum(len(c) for c, kept in zip(clips, aside, strict=True) if kept)
    travel = {f"{d} {p}": round(spans.pop(f"{d} {p}", 0) / _MINUTE, 2) for d in DIRECTIONS for p in PACES}
    return {
        "clips": len(clips),
        "minutes": round(frames / _MINUTE, 2),
        "sentences": len({text for clip in clips for span in clip.spans for text in span.texts}),
        "origins": _rounded(origins),
        "splits": {"train": round((frames - kept_frames) / _MINUTE, 2), "val": round(kept_frames / _MINUTE, 2)},
        "families": {
            name: {"minutes": round(count / _MINUTE, 2), "share_of_draws": round(draws[name] / total, 4)}
            for name, count in families.most_common()
        },
        "travel": travel,
        "other_spans": _rounded(spans),
        "changes": dict(changes.most_common(40)),
    }


def table(figures: dict[str, Any]) -> str:
    """Return the figures as lines for a reader."""
    lines = [
        f"{figures['clips']} clips, {figures['minutes']:.1f} minutes, {figures['sentences']} different sentences",
        "minutes by origin: " + ", ".join(f"{k} {v:.1f}" for k, v in figures["origins"].items()),
        "minutes by split: " + ", ".join(f"{k} {v:.1f}" for k, v in figures["splits"].items()),
        "",
        f"{'family (training)':20s}{'minutes':>9s}{'drawn':>9s}",
    ]
    lines += [f"{k:20s}{v['minutes']:9.2f}{100 * v['share_of_draws']:8.1f}%" for k, v in figures["families"].items()]
    lines += ["", f"{'minutes (training)':20s}" + "".join(f"{pace:>9s}" for pace in PACES)]
    lines += [
        f"{direction:20s}" + "".join(f"{figures['travel'][f'{direction} {pace}']:9.2f}" for pace in PACES)
        for direction in DIRECTIONS
    ]
    lines += ["", "other spans, minutes: " + ", ".join(f"{k} {v:.1f}" for k, v in figures["other_spans"].items())]
    lines += ["changes: " + ", ".join(f"{k} {v}" for k, v in list(figures["changes"].items())[:16])]
    return "\n".join(lines)


def draw(clips: Sequence[Clip], folder: Path, each: int = 6) -> list[Path]:
    """Write a sheet of strips for every family and origin, `each` clips evenly out of all; return the paths."""
    groups: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        if not clip.id.endswith("~m"):
            groups[f"{clip.kind}_{clip.origin}"].append(clip)
    paths = []
    for name, group in sorted(groups.items()):
        picks = [group[int(i)] for i in np.unique(np.linspace(0, len(group) - 1, each).astype(int))]
        rows = [(clip.joints, f"{clip.id}: " + " / ".join(_one(span.texts) for span in clip.spans)) for clip in picks]
        path = folder / f"{re.sub(r'[^a-z0-9_]+', '-', name.lower())}.png"
        sheet(rows, path)
        paths.append(path)
    return paths


def _one(texts: tuple[str, ...]) -> str:
    """The sentence to show: the first with a subject, else the first."""
    return next((text for text in texts if text.startswith(("a ", "the ", "some"))), texts[0])
