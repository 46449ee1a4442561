"""Stride: motion straight from a control, without the motion model: coarse, and hundreds of times cheaper."""

from __future__ import annotations

import math

import numpy as np

from prometheus.motion.control import Control
from prometheus.motion.features import LocalFrames
from prometheus.world.gait import gait_motion, stride_length
from prometheus.world.physics import FRAME


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
        arousal = np.full(frames, self._control.intensity or 0.0)
        motion = gait_motion(phases, np.full(frames, speed), np.zeros((frames, 3)), np.zeros(frames), arousal)
        turn = np.full(frames, self._control.turn * FRAME + self._control.trim, np.float32)
        steps = np.tile(np.float32([left * FRAME, forward * FRAME]), (frames, 1))
        return LocalFrames(motion.joints, motion.rotations, turn, steps, motion.contacts)
