"""Feet of a retargeted humanoid: where they go, what keeps them on the floor, and the knees that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hephaestus.ik import LEG_LENGTHS
from hephaestus.lock import Past
from hephaestus.motion import Motion
from hephaestus.skeleton import ANKLE_HEIGHT
from hephaestus.tread import Standing, Tread
from hephaestus.vector import apply, dot, flat, hinge, length, real, smoothstep, swing, unit

if TYPE_CHECKING:
    from hephaestus.retarget import Retargeter

_ANKLES, _BALLS, _HIPS = slice(7, 9), slice(10, 12), slice(1, 3)
_CONTACTS = np.array([7, 10, 8, 11])
_REACH = 0.9998
"""Share of the straight leg that IK may use: the last bit would snap the knee."""
_TO_LEFT = np.array([[0, 0, -1], [0, 0, 0], [1, 0, 0]], np.float32)
_EASY = 0.985
"""Share of the straight leg up to which IK is exact, however bent the source's leg is."""
_GIVE = 0.01
"""m, on a body of human size: how softly the hips give way to a leg that is too short."""
_LEVEL = np.array([1.0, 0.0, 1.0], np.float32)
_ZERO, _TWO, _TINY = map(real, (0.0, 2.0, 1e-6))
_SOLE, _ANKLE = real(0.025), real(ANKLE_HEIGHT)
_STRAIGHT, _LEAST, _MOST = real(1.0 / sum(LEG_LENGTHS)), real(_EASY), real(_REACH - 1e-4)
_LOW, _ASIDE, _FOLDED = real(0.8), real(0.15), real(0.04)
_SETTLES = 0.1
"""s: how fast a planted foot comes down to the floor, and hips give way."""
_SOFT = 0.002
"""m, on a body of human size: how high above the floor a sole begins to leave it."""
_HOLD = 0.06
"""m, on a body of human size: how far a planted foot is held off where the source has it."""


class Feet:
    """Two-bone IK of both legs, vectorised over frames and sides.

    Args:
        retargeter: whose puppet the legs belong to; its `source`, `ratio`, `puppet` and rest turns are read.

    Attributes:
        ankle_height: m, of the ankle above the floor when the foot stands flat.
        balls: [2, 3] m, from the ankle of each foot to its ball at rest.
        reach: m, how far a planted foot is held off where the source has it.
    """

    def __init__(self, retargeter: Retargeter) -> None:
        r, names = retargeter, retargeter.names
        puppet, rig = r.puppet, r.rig
        self.ratio = r.ratio
        thigh, shin, foot = (np.array([names.index(f"{s}_{part}") for s in "LR"]) for part in ("thigh", "shin", "foot"))
        self._hip_offsets = puppet.offsets[thigh].astype(np.float32)
        bones = np.stack([puppet.offsets[shin], puppet.offsets[foot]]).astype(np.float32)
        a, b = self._lengths = length(bones)
        self._bones = unit(bones)
        self._whole = a + b
        self._nearest, self._furthest = np.abs(a - b) + 0.02 * a, _REACH * (a + b)
        self._deepest = 0.25 * self._furthest[0]
        # One centimetre a metre of forward keep a straight knee from bending sideways or back.
        self._pole = (self._bones[0] + 0.01 * r.rest_turns[thigh][:, 2, :]).astype(np.float32)
        self._give2 = real((_GIVE * self.ratio) ** 2)
        self._give, self._soft, self._scale = real(_GIVE * self.ratio), real(_SOFT * self.ratio), real(self.ratio)
        self._soft2 = self._soft * self._soft
        level = r.rest_turns[foot]
        self._tread = Tread(rig, r.ratio, level)
        self.ankle_height, self._has_toe = self._tread.ankle_height, self._tread.has_toe
        self._above = real(self.ankle_height - self.ratio * ANKLE_HEIGHT)
        toe = np.array([names.index(f"{s}_toe") for s in "LR"]) if self._has_toe else foot[:0]
        self._legs = np.concatenate([thigh, shin, foot, toe])
        source_ball = self._source_ball(r.source)
        self.balls = (
            self._tread.sole.ball if self._has_toe else apply(np.swapaxes(level, -1, -2), self.ratio * source_ball)
        )
        reach = np.linalg.norm(apply(level, self.balls)[:, [0, 2]], axis=-1)
        self._longer = (reach - self.ratio * np.linalg.norm(source_ball[:, [0, 2]], axis=-1)).astype(np.float32)
        hips = r.source[_HIPS]
        spread = float(np.linalg.norm(puppet.rest[thigh[0]] - puppet.rest[thigh[1]]))
        wider = 0.5 * (spread - self.ratio * float(np.linalg.norm(hips[0] - hips[1])))
        self._wider = np.array([[wider], [-wider]], np.float32)
        self.reach = _HOLD * self.ratio + abs(wider)
        self._follow = real(0.4 * min(1.0, 1.0 / self.ratio))

    def height(self, y: np.ndarray) -> np.ndarray:
        """Return heights above the floor of the rig for those of the source: ankle goes to ankle, legs by ratio."""
        return np.asarray(self._scale * y + self._above)

    def plant(
        self,
        motion: Motion,
        joints: np.ndarray,
        source: np.ndarray,
        turns: np.ndarray,
        root: np.ndarray,
        past: Past,
    ) -> np.ndarray:
        """Bend the legs so that the feet are where the scaled source has them and planted feet stand on the floor.

        Args:
            motion: for its contacts.
            joints: [T, 22, 3] m.
            source: [T, 22, 3, 3] turns of the source's joints since its T-pose.
            turns: [T, N, 3, 3] of the steered nodes; thighs, shins and toes are changed in place.
            root: [T, 3] m, where the hips node would be.
            past: of the frames before.

        Returns:
            [T] m by which the hips must sink for the planted feet to reach the floor.
        """
        flags = np.asarray(motion.contacts, np.float32).reshape(-1, 2, 2)
        contacts = past.lock.soften(flags)
        ankles, above = joints[:, _ANKLES, 1], joints[:, _BALLS, 1] - _SOLE
        near = smoothstep(0.10, 0.02, np.minimum(above, ankles - _ANKLE))
        contacts *= near[..., None]
        planted = np.maximum(contacts[..., 0], contacts[..., 1])
        lifted = self.height(ankles)
        legs = turns.take(self._legs, 1).reshape(len(turns), -1, 2, 3, 3)
        stand = self._tread.roll(legs[:, 1], legs[:, 2], lifted, planted, smoothstep(0.10, 0.03, above))
        root_place = joints[:, :1, None]
        scaled = root_place + self._scale * (joints.take(_CONTACTS, 1).reshape(-1, 2, 2, 3) - root_place)
        to_ball = apply(stand.foot, self.balls)
        goal = self._goals(scaled, source, stand, to_ball, contacts[..., 1])
        # A source that slides in contact takes the foot along, but for less than half of its way, and no giant's.
        held = goal[:, :, None] - self._follow * scaled
        held[:, :, 1] += to_ball
        goal[..., ::2] += past.lock.hold(held[..., ::2], flags * near[..., None])
        # A planted foot comes down, but a contact flag, which comes and goes, must not jerk it.
        drop = planted * np.maximum(lifted - stand.clear, _ZERO)
        float_ = past.memory.leak("float", _SETTLES, drop, motion.fps)
        # Smooth maximum: the sole never sinks, and the foot leaves the floor without a corner in its path.
        gap = lifted - float_ - self._soft * planted - stand.clear
        goal[..., 1] = stand.clear + hinge(gap, self._soft2)
        hips = root[:, None] + apply(turns[:, :1], self._hip_offsets)
        # Proportions alone may pull the hips down; a contact flag, which comes and goes, may not.
        easy = self._easy(joints)
        sink = past.memory.leak("sink", _SETTLES, self._sink(hips - goal, near, easy), motion.fps)
        hips[..., 1] -= sink[:, None]
        legs[:, :2] = self._bent(legs[:, :2], goal - hips, easy)
        legs[:, 2] = stand.foot
        if self._has_toe:
            legs[:, 3] = stand.toe
        turns[:, self._legs] = legs.reshape(len(turns), -1, 3, 3)
        return sink

    def _goals(
        self, scaled: np.ndarray, source: np.ndarray, stand: Standing, to_ball: np.ndarray, on_toes: np.ndarray
    ) -> np.ndarray:
        """[T, 2, 3] m: where the ankles go in plan (heights are set later).

        Args:
            scaled: [T, 2, 2, 3] m, ankles and balls of the source as far from its pelvis as the legs' ratio says.
            source: [T, 22, 3, 3] turns of the source's joints since its T-pose.
            stand: the feet.
            to_ball: [T, 2, 3] m, from each ankle to its ball.
            on_toes: [T, 2], 0 to 1.
        """
        # Wider or narrower hips shift the feet sideways: along the foot's own axis, which is still while it is planted
        # (a foot that points straight down has none; the pelvis helps out).
        aside = flat(stand.ahead @ _TO_LEFT + _ASIDE * source[:, :1, :, 0]) * self._wider
        ankle = scaled[:, :, 0] + aside
        if not self._has_toe:
            return ankle
        # On its toes a foot turns about the ball: the ball is kept and the ankle follows from the rig's own foot.
        ball = scaled[:, :, 1] + aside + stand.along * self._longer[:, None]
        return np.asarray(ankle + on_toes[..., None] * (ball - to_ball - ankle))

    def _easy(self, joints: np.ndarray) -> np.ndarray:
        """How far [T, 2] m the legs reach without strain: as straight as the source's, and nearly so in any case."""
        straight = length(joints[:, _ANKLES] - joints[:, _HIPS]) * _STRAIGHT
        return np.asarray(np.minimum(np.maximum(straight, _LEAST), _MOST) * self._whole)

    def _sink(self, off: np.ndarray, planted: np.ndarray, reach: np.ndarray) -> np.ndarray:
        """How far [T] m the hips are too high for the planted feet to reach with knees that still bend.

        Less than nothing where they are so low that a folded leg would be pushed through the floor. Smooth in
        everything: near the end of its reach a leg gives way little by little, and so do both together.

        Args:
            off: [T, 2, 3] m, from where the feet go to the hips.
            planted: [T, 2], 0 to 1.
            reach: [T, 2] m, how far the legs reach.
        """
        squares = off * off
        plan, reach = squares[..., 0] + squares[..., 2], reach * reach
        over = off[..., 1] - np.sqrt(np.maximum(reach - plan, _FOLDED * reach)) - self._give
        gives = planted * hinge(over, self._give2)
        gives *= gives
        both = np.sqrt(np.sqrt(np.vecdot(gives, gives)))
        rise = hinge(self._nearest - np.sqrt(plan + squares[..., 1]), self._give2)
        return np.asarray(np.minimum(both, self._deepest) - np.maximum(rise[:, 0], rise[:, 1]))

    def _bent(self, legs: np.ndarray, reach: np.ndarray, easy: np.ndarray) -> np.ndarray:
        """Two-bone IK by the law of cosines, knees towards where the source's knees point.

        Args:
            legs: [T, 2, 2, 3, 3] turns of thighs and of shins.
            reach: [T, 2, 3] m, from the hips to where the feet go.
            easy: [T, 2] m, how far the legs reach without strain.

        Returns:
            Turns as `legs` that bring the feet there.
        """
        a, b = self._lengths
        reach = self._raised(reach)
        distance = length(reach)
        along = reach / np.maximum(distance, _TINY)[..., None]
        # The last bit of a leg's reach comes slower and slower, or the knee would snap.
        slack = self._furthest - easy
        late = slack * np.expm1(np.minimum(easy - distance, _ZERO) / slack)
        distance = np.maximum(np.minimum(distance, easy), self._nearest) - late
        pole = apply(legs[:, 0], self._pole)
        pole = unit(pole - along * dot(pole, along)[..., None])
        project = (a * a - b * b + distance * distance) / (_TWO * distance)
        knee = along * project[..., None] + pole * np.sqrt(np.maximum(a * a - project * project, _ZERO))[..., None]
        ends = np.concatenate([knee[:, None], (along * distance[..., None] - knee)[:, None]], 1)
        return np.asarray(swing(apply(legs, self._bones), ends / self._lengths[..., None]) @ legs)

    def _raised(self, reach: np.ndarray) -> np.ndarray:
        """A leg that lies is too short along the floor, not in height: its foot must not be drawn into the floor."""
        high = np.abs(reach[..., 1]) / self._furthest
        if (high > _LOW).all():
            return reach
        plan = length(reach * _LEVEL)
        most = np.sqrt(np.maximum(self._furthest**2 - reach[..., 1] ** 2, 0.0))
        short = smoothstep(0.8, 0.5, high) * np.maximum(1.0 - most / np.maximum(plan, 1e-6), 0.0)
        return np.asarray(reach * (1.0 - short[..., None] * _LEVEL))

    @staticmethod
    def _source_ball(source: np.ndarray) -> np.ndarray:
        return (source[_BALLS] - source[_ANKLES]).astype(np.float32)
