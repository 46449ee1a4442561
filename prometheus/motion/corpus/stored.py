"""A corpus in a folder: `corpus.npz` (joints float32 [N, 22, 3], contacts float32 [N, 4]) and `clips.json`."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from prometheus.errors import MotionError, shorten
from prometheus.motion.corpus.bounded import read_text, sentence
from prometheus.motion.corpus.clean import contacts
from prometheus.motion.corpus.clip import Clip, Span
from prometheus.motion.corpus.edit import joined
from prometheus.motion.corpus.heldout import held_out_patterns, is_aside
from prometheus.motion.corpus.shares import classes_of, weights_of

_MOST_INDEX = 512 * 2**20
_MOST_JOINTS = 8 * 2**30
_ORIGINS = ("mocap", "edited", "procedural", "physics")


def check_out(out: Path) -> None:
    """Refuse a folder that holds something else than a corpus, before any work is done; nothing is made.

    Raises:
        MotionError: with what to do.
    """
    if out.exists() and not out.is_dir():
        raise MotionError(f"{shorten(str(out))} is a file; give a folder for --out")
    if out.is_dir() and any(out.iterdir()) and not (out / "clips.json").is_file():
        raise MotionError(f"{shorten(str(out))} holds other things; give an empty folder or a corpus")
    missing = [place for place in (out, *out.parents) if not place.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".{os.getpid()}.part"
        probe.touch()
        probe.unlink()
        for place in missing:
            place.rmdir()
    except OSError as error:
        raise MotionError(f"{shorten(str(out))} cannot be written ({error.strerror}); give another folder") from None


def write(clips: Sequence[Clip], out: Path) -> None:
    """Write a corpus into a folder; both files appear whole or not at all.

    Raises:
        MotionError: the folder cannot be written, or holds something else.
    """
    check_out(out)
    joints, starts = joined(list(clips))
    feet = np.concatenate([contacts(clip.joints) for clip in clips])
    made = not out.exists()
    parts = {name: out / f".{name}.{os.getpid()}.part" for name in ("corpus.npz", "clips.json")}
    try:
        out.mkdir(parents=True, exist_ok=True)
        with parts["corpus.npz"].open("wb") as file:
            np.savez(file, joints=joints.astype(np.float32), contacts=feet.astype(np.float32))
        parts["clips.json"].write_text(json.dumps(rows_of(clips, starts), indent=0))
        for name, part in parts.items():
            os.replace(part, out / name)
    except OSError as error:
        raise MotionError(f"{shorten(str(out))} cannot be written ({error.strerror}); make room") from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
        if made and out.is_dir() and not any(out.iterdir()):
            out.rmdir()


def rows_of(clips: Sequence[Clip], starts: Sequence[int]) -> list[dict[str, Any]]:
    """Return the index: one row a clip, with the factor on the chance that a frame of it is drawn."""
    patterns = held_out_patterns()
    aside = [is_aside(clip, patterns) for clip in clips]
    classes = classes_of(list(clips))
    weights = iter(weights_of([spans for spans, kept in zip(classes, aside, strict=True) if not kept]))
    return [
        {
            "id": clip.id,
            "start": start,
            "length": len(clip),
            "origin": clip.origin,
            "source": clip.source,
            "kind": clip.kind,
            "split": "val" if kept else "train",
            "weight": 1.0 if kept else next(weights),
            "spans": [{"start": s.start, "end": s.end, "texts": list(s.texts)} for s in clip.spans],
        }
        for clip, start, kept in zip(clips, starts, aside, strict=True)
    ]


def read(folder: Path) -> list[Clip]:
    """Read the clips of a folder.

    Raises:
        MotionError: it is no corpus, or its two files do not fit each other.
    """
    if not (folder / "clips.json").is_file():
        raise MotionError(f"{shorten(str(folder))} is no corpus; make one with `pwm motion corpus build`")
    text = read_text(folder / "clips.json", _MOST_INDEX)
    joints = _joints(folder / "corpus.npz")
    with sentence(folder / "clips.json", "the index of a corpus"):
        rows = json.loads(text)
        if not isinstance(rows, list) or not rows:
            raise ValueError("no list of clips")
        return [_clip(row, joints) for row in rows]


def _joints(path: Path) -> np.ndarray:
    wrong = f"{shorten(path.name)} is no array of joints; build the corpus again"
    try:
        with zipfile.ZipFile(path) as file:
            if sum(entry.file_size for entry in file.infolist()) > _MOST_JOINTS:
                raise MotionError(f"{shorten(path.name)} is over {_MOST_JOINTS // 2**30} GiB; split the corpus")
        joints = np.load(path)["joints"]
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile):
        raise MotionError(wrong) from None
    if joints.ndim != 3 or joints.shape[1:] != (22, 3) or joints.dtype != np.float32 or not np.isfinite(joints).all():
        raise MotionError(wrong)
    return np.asarray(joints)


def _clip(row: dict[str, Any], joints: np.ndarray) -> Clip:
    name, start, length = str(row["id"]), int(row["start"]), int(row["length"])
    if not 0 <= start <= start + length <= len(joints) or length < 2 or row["origin"] not in _ORIGINS:
        raise ValueError(f"clip {shorten(name)} lies outside of the joints, or is of no known origin")
    spans = []
    for span in row["spans"]:
        begin, end, texts = int(span["start"]), int(span["end"]), tuple(str(t) for t in span["texts"])
        if not 0 <= begin < end <= length or not texts:
            raise ValueError(f"clip {shorten(name)} has a span that lies outside, or says nothing")
        spans.append(Span(begin, end, texts))
    return Clip(name, joints[start : start + length], str(row["origin"]), str(row["source"]), str(row["kind"]),
                spans=tuple(spans), aside=row.get("split") == "val")  # fmt: skip
