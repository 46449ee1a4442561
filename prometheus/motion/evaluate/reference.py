"""Reference: a corpus as the evaluation sees it: captioned stretches of real motion, trained on or kept aside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from hephaestus.humanml3d import canonical
from hephaestus.motion import Motion
from hephaestus.skeleton import FPS
from prometheus.errors import MotionError
from prometheus.motion.corpus.measure import Facts, measure
from prometheus.motion.evaluate.switch import AFTER, BEFORE
from prometheus.motion.evaluate.wish import Wish

SHORTEST, LONGEST = 30, 80
"""Frames of a stretch that a caption is judged on."""
_KEYS = {"id", "start", "length", "origin", "source", "kind", "split", "weight", "spans"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A captioned piece of a clip.

    Attributes:
        clip: number of the clip.
        start: first frame in the corpus' arrays.
        end: one past the last.
        texts: its captions.
        origin: "mocap", "edited" or another.
        weight: how often training draws it, relative to its length.
    """

    clip: int
    start: int
    end: int
    texts: tuple[str, ...]
    origin: str
    weight: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch and the wish that asks for the same in words."""

    stretch: Stretch
    wish: Wish


@dataclass(frozen=True, slots=True)
class Edge:
    """Where one stretch of a clip goes over into another: the frame in the arrays, and a caption of each."""

    frame: int
    texts: tuple[str, str]


class Reference:
    """Clips of a folder that `pwm motion corpus build` wrote.

    Attributes:
        joints: float32 [N, 22, 3] m, all clips one after the other.
        contacts: float32 [N, 4].
        clips: the index: id, start, length, origin, source, kind, split, weight, spans.
    """

    def __init__(self, folder: Path) -> None:
        """Read a corpus.

        Raises:
            MotionError: the folder is no corpus, or its parts do not fit together.
        """
        wanted = f"build one with `pwm motion corpus build --out {folder}`"
        try:
            with np.load(folder / "corpus.npz", allow_pickle=False) as arrays:
                self.joints = np.asarray(arrays["joints"], np.float32)
                self.contacts = np.asarray(arrays["contacts"], np.float32)
            clips = json.loads((folder / "clips.json").read_text())
        except (OSError, ValueError, KeyError) as error:
            raise MotionError(f"{folder} is no corpus: {wanted}") from error
        if not isinstance(clips, list) or not all(isinstance(c, dict) and c.keys() >= _KEYS for c in clips):
            raise MotionError(f"{folder / 'clips.json'} lacks what a clip needs: {wanted}")
        self.clips: list[dict[str, Any]] = clips
        total = len(self.joints)
        fits = all(c["start"] >= 0 and c["length"] > 0 and c["start"] + c["length"] <= total for c in clips)
        if self.joints.shape != (total, 22, 3) or self.contacts.shape != (total, 4) or not fits:
            raise MotionError(f"{folder}: corpus.npz and clips.json do not fit together; {wanted}")

    def stretches(self, split: str) -> list[Stretch]:
        """Return the captioned stretches of at least two frames of a split, "train" or "val"."""
        return [
            Stretch(i, c["start"] + s["start"], c["start"] + min(s["end"], c["length"]), tuple(s["texts"]),
                    str(c["origin"]), float(c["weight"]))
            for i, c in enumerate(self.clips) if c["split"] == split for s in c["spans"]
            if s["texts"] and min(s["end"], c["length"]) - s["start"] >= 2
        ]  # fmt: skip

    @cached_property
    def kept(self) -> list[Stretch]:
        """Stretches kept aside, long enough to be judged."""
        return [s for s in self.stretches("val") if s.end - s.start >= SHORTEST]

    @cached_property
    def facts(self) -> list[Facts]:
        """What each of `kept` does, as measured."""
        return [measure(self.joints[s.start : s.end]) for s in self.kept]

    def captions(self, count: int, origin: str | None = None) -> list[Piece]:
        """Return up to `count` stretches kept aside with a caption each, no caption twice; the same every time."""
        rng = np.random.default_rng(20)
        chosen = [s for s in self.kept if origin is None or s.origin == origin]
        pieces: dict[str, Piece] = {}
        for i in rng.permutation(len(chosen)):
            stretch = chosen[i]
            text = stretch.texts[int(rng.integers(len(stretch.texts)))]
            seconds = min(stretch.end - stretch.start, LONGEST) / FPS
            pieces.setdefault(text, Piece(stretch, Wish(text, seconds, len(pieces))))
            if len(pieces) == count:
                break
        return list(pieces.values())

    def motion(self, piece: Piece | Stretch) -> Motion:
        """Return the real motion of a stretch, over the origin and facing +z; rotations are left at zero."""
        stretch = piece.stretch if isinstance(piece, Piece) else piece
        rows = slice(stretch.start, min(stretch.end, stretch.start + LONGEST))
        joints = canonical(self.joints[rows])
        return Motion(joints, np.zeros((len(joints), 22, 4), np.float32), self.contacts[rows], FPS)

    def standing(self) -> list[Motion]:
        """Return stretches kept aside in which the body stands and does not turn."""
        still = [s for s, f in zip(self.kept, self.facts, strict=True) if f.pace == "stand" and abs(f.turned) < 0.3]
        return [self.motion(s) for s in still]

    def gait(self, pace: str) -> list[Motion]:
        """Return stretches kept aside that go at a pace ("walk", "run", ...) into any direction."""
        return [self.motion(s) for s, f in zip(self.kept, self.facts, strict=True) if f.direction and f.pace == pace]

    def edges(self, count: int) -> list[Edge]:
        """Return up to `count` transitions kept aside between stretches that share no caption, the same every time."""
        found: list[Edge] = []
        for clip in self.clips:
            if clip["split"] != "val":
                continue
            for a, b in pairwise(sorted(clip["spans"], key=lambda span: span["start"])):
                inside = a["end"] >= BEFORE and a["end"] + AFTER <= clip["length"]
                if (
                    inside
                    and abs(b["start"] - a["end"]) <= 2
                    and a["texts"]
                    and b["texts"]
                    and not (set(a["texts"]) & set(b["texts"]))
                ):
                    number = len(found)
                    texts = tuple(part["texts"][number % len(part["texts"])] for part in (a, b))
                    found.append(Edge(clip["start"] + a["end"], (texts[0], texts[1])))
        order = np.random.default_rng(21).permutation(len(found))[:count]
        return [found[i] for i in order]

    def windows(self, count: int) -> list[np.ndarray]:
        """Return the joints [BEFORE + AFTER, 22, 3] round the transitions of `edges`."""
        return [self.joints[e.frame - BEFORE : e.frame + AFTER] for e in self.edges(count)]
