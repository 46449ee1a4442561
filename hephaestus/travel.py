"""Travel: how a body's root moves over the floor, read causally from its motion, frame after frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.leak import Leak
from hephaestus.motion import Motion

_FASTEST = 20.0
"""m/s: beyond it a body did not walk there but was put there."""
_SETTLE = 0.12
"""s in which the velocity follows: a human's pelvis sways within a step."""


@dataclass(frozen=True, slots=True)
class Travel:
    """What the root does; complex numbers are (left, forward) as left + i forward, in the motion frame.

    Attributes:
        place: complex [T] m, the pelvis.
        heading: [T] rad, left positive, without jumps of a whole turn.
        velocity: complex [T] m/s, smoothed.
        spin: [T] rad/s, smoothed.
        step: complex [T] m since the frame before; 0 in the first frame of all and where `jumped`.
        turn: [T] rad since the frame before.
        jumped: bool [T], put somewhere else since the frame before; the first frame of all counts.
        fps: frames a second.
    """

    place: np.ndarray
    heading: np.ndarray
    velocity: np.ndarray
    spin: np.ndarray
    step: np.ndarray
    turn: np.ndarray
    jumped: np.ndarray
    fps: float

    @property
    def forward(self) -> np.ndarray:
        """Complex [T] of length 1: where the body heads."""
        return 1j * np.exp(-1j * self.heading)

    def spots(self, offsets: np.ndarray) -> np.ndarray:
        """Return complex [T, K] m: where points that the body carries (complex [K], heading forward) are."""
        return self.place[:, None] + np.exp(-1j * self.heading)[:, None] * offsets

    def drift(self, offsets: np.ndarray) -> np.ndarray:
        """Return complex [T, K] m/s: how fast these points go over the floor."""
        arm = np.exp(-1j * self.heading)[:, None] * offsets
        return self.velocity[:, None] - 1j * self.spin[:, None] * arm


class TravelReader:
    """Reads motions given piece by piece."""

    def __init__(self) -> None:
        self._last: tuple[complex, float] | None = None
        self._velocity: Leak | None = None
        self._spin: Leak | None = None

    def read(self, motion: Motion, heading: np.ndarray, speed: np.ndarray) -> Travel:
        """Return the travel of the frames that follow those of the last call.

        Args:
            motion: T frames.
            heading: [T] rad.
            speed: [T] m/s forward as the stride shows it; the first frame of all has nothing else to go by.
        """
        root = np.asarray(motion.joints[:, 0], float)
        place, heading = root[:, 0] + 1j * root[:, 2], np.asarray(heading, float)
        first = self._last is None
        if self._last is None or self._velocity is None or self._spin is None:
            self._last = complex(place[0]), float(heading[0])
            start = float(speed[0]) * complex(1j * np.exp(-1j * heading[0]))
            self._velocity = Leak(_SETTLE, motion.fps, start=np.array([start.real, start.imag]))
            self._spin = Leak(_SETTLE, motion.fps, start=0.0)
        step = np.diff(place, prepend=self._last[0])
        turn = (np.diff(heading, prepend=self._last[1]) + np.pi) % (2 * np.pi) - np.pi
        jumped = np.abs(step) * motion.fps > _FASTEST
        step[jumped], turn[jumped] = 0.0, 0.0
        if first:
            jumped[0] = True
        unwrapped = heading[0] - turn[0] + np.cumsum(turn)
        flow = step * motion.fps
        if first:
            flow[0] = 1j * np.exp(-1j * heading[0]) * float(speed[0])
        smooth = self._velocity(np.stack([flow.real, flow.imag], -1))
        self._last = complex(place[-1]), float(heading[-1])
        return Travel(
            place, unwrapped, smooth[:, 0] + 1j * smooth[:, 1], self._spin(turn * motion.fps), step, turn, jumped,
            motion.fps,
        )  # fmt: skip
