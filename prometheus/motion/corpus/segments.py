"""Where a captured clip changes what it does: the stretches that get sentences of their own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hephaestus.skeleton import FPS
from prometheus.motion.corpus.clean import gaussian, smooth
from prometheus.motion.corpus.measure import velocity

LONGEST = 3.0
"""s; longer stretches are divided."""
_SHORTEST = 0.7
_AHEAD = 2
"""Frames that words come before the body answers: a prompt is the cause of a change."""
_SLOW, _FAST = 0.25, 0.5
"""m/s under which a body stands, and over which it travels; between the two it goes on with what it did."""


def _states(joints: np.ndarray) -> np.ndarray:
    """Number of what the body does in each frame: 0 standing, 1-8 the octant it travels in."""
    speed2 = smooth(velocity(joints), gaussian(2.0))
    speed = np.linalg.norm(speed2, axis=-1)
    decided = np.where(speed > _FAST, 1, np.where(speed < _SLOW, -1, 0))
    last = np.maximum.accumulate(np.where(decided != 0, np.arange(len(speed)), 0))
    going = (decided[last] > 0) | ((decided[last] == 0) & (speed > 0.5 * (_SLOW + _FAST)))
    slow = smooth(speed2, gaussian(8.0))
    octant = np.round(np.arctan2(slow[:, 0], slow[:, 1]) / (np.pi / 4)).astype(int) % 8
    return np.where(going, 1 + octant, 0)


def segments(joints: np.ndarray) -> list[tuple[int, int]]:
    """Return [start, end) of stretches of joints [T, 22, 3]; every stretch does one thing, starts and stops cut it."""
    states = _states(joints)
    edges = [0]
    for cut in np.flatnonzero(np.diff(states)) + 1:
        if cut - edges[-1] >= _SHORTEST * FPS:
            edges.append(int(cut))
    if len(edges) > 1 and len(joints) - edges[-1] < _SHORTEST * FPS:
        edges.pop()
    edges = [0, *(max(e - _AHEAD, 0) for e in edges[1:]), len(joints)]
    out = []
    for start, end in pairwise(edges):
        parts = max(1, round((end - start) / (LONGEST * FPS)))
        marks = np.linspace(start, end, parts + 1).astype(int)
        out += [(int(a), int(b)) for a, b in pairwise(marks)]
    return out
