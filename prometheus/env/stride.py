"""Stride: motion straight from a control, without the motion model: coarse, and so cheap that physics is the rest."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from hephaestus.motion import Motion
from prometheus.motion.control import Control
from prometheus.motion.features import LocalFrames
from prometheus.world.gait import gait_motion, stride_length
from prometheus.world.physics import FRAME

PHASES = 48
"""Poses of a stride."""
PACE, AROUSAL = 0.1, 0.1
"""m/s and share between two gaits; the way that is made is exact, only the pose of the legs is rounded."""


class Stride:
    """A `Stream` of walking and running; what a body is told is done at once, words are not read.

    Attributes:
        model_seconds: 0, since no model runs.
    """

    model_seconds = 0.0

    def __init__(self) -> None:
        self._control = Control((0.0, 0.0))
        self._phase = 0.0

    def push(self, text: str, *, urgent: bool = False) -> None:
        """As `Stream.push`; the control says it all."""

    def steer(self, control: Control) -> None:
        """As `Stream.steer`."""
        self._control = control

    def next(self, frames: int = 1) -> LocalFrames:
        """Return the next frames."""
        left, forward = self._control.velocity or (0.0, 0.0)
        speed = math.hypot(left, forward)
        step = speed * FRAME / float(stride_length(speed))
        phases = (self._phase + step * np.arange(frames)) % 1.0
        self._phase = float((self._phase + step * frames) % 1.0)
        cycle = _cycle(round(speed / PACE), round((self._control.intensity or 0.0) / AROUSAL))
        at = np.rint(phases * PHASES).astype(int) % PHASES
        turn = np.full(frames, self._control.turn * FRAME + self._control.trim, np.float32)
        steps = np.tile(np.array([left * FRAME, forward * FRAME], np.float32), (frames, 1))
        return LocalFrames(cycle.joints[at], cycle.rotations[at], turn, steps, cycle.contacts[at])


@lru_cache(maxsize=512)
def _cycle(pace: int, arousal: int) -> Motion:
    """A whole stride, kept: to look a pose up costs a small part of what it takes to make it."""
    phases, same = np.arange(PHASES) / PHASES, np.ones(PHASES)
    return gait_motion(phases, pace * PACE * same, np.zeros((PHASES, 3)), 0.0 * same, arousal * AROUSAL * same)
