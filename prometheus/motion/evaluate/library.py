"""Library: the retrieval baseline, that plays the stored clip with the nearest caption, blended where it joins."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise

import numpy as np

from hephaestus import humanml3d
from hephaestus.motion import Motion
from hephaestus.skeleton import FPS
from prometheus.motion.evaluate.reference import Reference, Stretch
from prometheus.motion.evaluate.wish import Wish
from prometheus.motion.features import COLUMNS, place, unpack
from prometheus.motion.text import TextEncoder

BLEND = 10
"""Frames over which one stretch goes over into the next."""
_HASHES = 1024


class Library:
    """Training clips by caption.

    A caption is as near as the sum of two cosines says: of MiniLM's mean token states, and of words and pairs of words,
    which tell left from right where the former cannot.
    """

    def __init__(self, reference: Reference, encoder: TextEncoder, share: float = 1.0) -> None:
        """Encode the captions of a share (0 to 1] of the training clips."""
        step = max(1, round(1.0 / share))
        self._reference, self._encoder = reference, encoder
        self._owners: dict[str, list[Stretch]] = {}
        for stretch in reference.stretches("train"):
            if stretch.clip % step == 0 and stretch.end - stretch.start > 2:
                for text in stretch.texts:
                    self._owners.setdefault(text, []).append(stretch)
        self._texts = sorted(self._owners, key=lambda text: (len(text), text))
        self._meanings = self._meant(self._texts)
        counts = np.stack([_counted(text) for text in self._texts])
        self._rarity = np.log((1 + len(counts)) / (1 + (counts > 0).sum(0))).astype(np.float32)
        self._words = _normal(counts * self._rarity)

    def sample(self, wishes: list[Wish]) -> list[Motion]:
        """Return a motion a wish."""
        nearest = self._nearest(list(dict.fromkeys(t for w in wishes for t in (w.text, *(p.text for p in w.then)))))
        return [self._play(wish, nearest) for wish in wishes]

    def _nearest(self, texts: list[str]) -> dict[str, str]:
        words = _normal(np.stack([_counted(text) for text in texts]) * self._rarity)
        near = self._meant(texts) @ self._meanings.T + words @ self._words.T
        return dict(zip(texts, (self._texts[i] for i in near.argmax(1)), strict=True))

    def _play(self, wish: Wish, nearest: dict[str, str]) -> Motion:
        """Lay stretches end to end: the same one again where it is too short, the next sentence's at its time."""
        starts = [0, *(round(push.second * FPS) for push in wish.then)]
        ends = [*starts[1:], round(wish.seconds * FPS)]
        line = np.zeros((0, len(COLUMNS)), np.float32)
        for text, start, end in zip((wish.text, *(p.text for p in wish.then)), starts, ends, strict=True):
            owners = self._owners[nearest[text]]
            rng = np.random.default_rng((wish.seed, zlib.crc32(text.encode()), start))
            stretch = owners[int(rng.integers(len(owners)))]
            rows = slice(stretch.start, stretch.end)
            piece = humanml3d.encode(self._reference.joints[rows], self._reference.contacts[rows])[:, COLUMNS]
            while len(line) < end:
                line = _joined(line, piece)
            line = line[: end + BLEND] if end < ends[-1] else line[:end]
        return place(unpack(line[: ends[-1]]))

    def _meant(self, texts: list[str]) -> np.ndarray:
        out = []
        for first in range(0, len(texts), 64):
            out += [states.mean(0).numpy() for states in self._encoder.states(texts[first : first + 64])]
        return _normal(np.stack(out))


def _joined(line: np.ndarray, piece: np.ndarray) -> np.ndarray:
    """Append a piece [n, C] to a line [m, C], its first frames blended over the line's last."""
    over = min(BLEND, len(line), len(piece) - 1)
    if over == 0:
        return np.asarray(piece, np.float32)
    share = np.linspace(0.0, 1.0, over + 2, dtype=np.float32)[1:-1, None]
    mixed = line[-over:] * (1.0 - share) + piece[:over] * share
    return np.concatenate([line[:-over], mixed, piece[over:]]).astype(np.float32)


def _counted(text: str) -> np.ndarray:
    """Hashed counts [_HASHES] of words and pairs of words."""
    words = re.findall(r"[a-z]+", text.lower())
    out = np.zeros(_HASHES, np.float32)
    for part in (*words, *(f"{a} {b}" for a, b in pairwise(words))):
        out[zlib.crc32(part.encode()) % _HASHES] += 1.0
    return out


def _normal(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)
