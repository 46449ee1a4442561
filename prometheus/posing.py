"""Posing: from motion to a body's pose, many frames at a time where nobody needs them sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hephaestus.motion import Motion

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body

MOST = 100
"""Frames that may wait."""


class Pose:
    """One frame's pose, worked out when somebody looks at it."""

    __slots__ = ("_local", "_poser")

    def __init__(self, poser: Poser) -> None:
        self._poser: Poser | None = poser
        self._local: np.ndarray | None = None

    @property
    def local(self) -> np.ndarray:
        """float32 [J, 4, 4], local transforms of the rig's nodes; the roots carry the place in the motion frame."""
        if self._poser is not None:
            self._poser.work()
        assert self._local is not None
        return self._local

    def settle(self, local: np.ndarray) -> None:
        """Take what it is."""
        self._local, self._poser = local, None


class Poser:
    """Poses one body's motion, in order; a pose costs a tenth where many are worked out together.

    Args:
        body: what is posed.
    """

    def __init__(self, body: Body) -> None:
        self._stream = body.stream()
        self._roots = np.flatnonzero(body.asset.parents < 0)
        self._waiting: list[tuple[Pose, Motion, float]] = []

    def pose(self, motion: Motion, lift: float = 0.0) -> Pose:
        """Take the next frame.

        Args:
            motion: one frame, on level ground at height 0: a body scales what it is given.
            lift: m, how high that ground is.
        """
        pose = Pose(self)
        self._waiting.append((pose, motion, lift))
        if len(self._waiting) >= MOST:
            self.work()
        return pose

    def work(self) -> None:
        """Work out all poses that wait."""
        if not self._waiting:
            return
        poses, motions, lifts = zip(*self._waiting, strict=True)
        self._waiting = []
        local = self._stream(join(motions))
        local[:, self._roots, 1, 3] += np.array(lifts, np.float32)[:, None]
        for pose, one in zip(poses, local, strict=True):
            pose.settle(one)


def join(motions: list[Motion] | tuple[Motion, ...]) -> Motion:
    """Put motions one after the other."""
    parts = ((m.joints, m.rotations, m.contacts) for m in motions)
    return Motion(*(np.concatenate(part) for part in zip(*parts, strict=True)))
