"""Feet of a retargeted humanoid: where they go, what keeps them on the floor, and the knees that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hephaestus.ik import LEG_LENGTHS
from hephaestus.lock import Past
from hephaestus.motion import Motion
from hephaestus.skeleton import ANKLE_HEIGHT
from hephaestus.tread import Tread
from hephaestus.vector import apply, dot, flat, length, smoothstep, swing, unit

if TYPE_CHECKING:
    from hephaestus.retarget import Retargeter

_ANKLES, _BALLS, _HIPS, _CONTACTS = [7, 8], [10, 11], [1, 2], [7, 10, 8, 11]
_REACH = 0.9998
"""Share of the straight leg that IK may use: the last bit would snap the knee."""
_TO_LEFT = np.array([[0, 0, -1], [0, 0, 0], [1, 0, 0]], np.float32)
_EASY = 0.985
"""Share of the straight leg up to which IK is exact, however bent the source's leg is."""
_GIVE = 0.01
"""m, on a body of human size: how softly the hips give way to a leg that is too short."""
_LEVEL = np.array([1.0, 0.0, 1.0], np.float32)
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
        self.ratio, self._names = r.ratio, names
        self._thigh, self._shin, self._foot = (
            np.array([names.index(f"{s}_{part}") for s in "LR"]) for part in ("thigh", "shin", "foot")
        )
        self._hip_offsets = puppet.offsets[self._thigh].astype(np.float32)
        self._thigh_bone = puppet.offsets[self._shin].astype(np.float32)
        self._shin_bone = puppet.offsets[self._foot].astype(np.float32)
        self._lengths = length(self._thigh_bone), length(self._shin_bone)
        a, b = self._lengths
        self._nearest, self._furthest = np.abs(a - b) + 0.02 * a, _REACH * (a + b)
        self._give = np.float32(_GIVE * self.ratio)
        self._knee_forward = r.rest_turns[self._thigh][:, 2, :]
        level = r.rest_turns[self._foot]
        self._tread = Tread(rig, r.ratio, level)
        self.ankle_height, self._has_toe = self._tread.ankle_height, self._tread.has_toe
        self._toe = np.array([names.index(f"{s}_toe") for s in "LR"]) if self._has_toe else self._foot
        source_ball = self._source_ball(r.source)
        self.balls = (
            self._tread.sole.ball if self._has_toe else apply(np.swapaxes(level, -1, -2), self.ratio * source_ball)
        )
        reach = np.linalg.norm(apply(level, self.balls)[:, [0, 2]], axis=-1)
        self._longer = (reach - self.ratio * np.linalg.norm(source_ball[:, [0, 2]], axis=-1)).astype(np.float32)
        hips = r.source[_HIPS]
        spread = float(np.linalg.norm(puppet.rest[self._thigh[0]] - puppet.rest[self._thigh[1]]))
        wider = 0.5 * (spread - self.ratio * float(np.linalg.norm(hips[0] - hips[1])))
        self._wider = np.array([wider, -wider], np.float32)
        self.reach = _HOLD * self.ratio + abs(wider)
        self._follow = 0.4 * min(1.0, 1.0 / self.ratio)

    def height(self, y: np.ndarray) -> np.ndarray:
        """Return heights above the floor of the rig for those of the source: ankle goes to ankle, legs by ratio."""
        return self.ratio * (y - ANKLE_HEIGHT) + self.ankle_height

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
        above = joints[:, _BALLS, 1] - 0.025
        near = smoothstep(0.10, 0.02, np.minimum(above, joints[:, _ANKLES, 1] - ANKLE_HEIGHT))
        planted = contacts.max(-1) * near
        lifted = self.height(joints[:, _ANKLES, 1])
        foot, toe, clear = self._tread.roll(
            turns[:, self._shin], turns[:, self._foot], lifted, planted, smoothstep(0.10, 0.03, above)
        )
        turns[:, self._foot] = foot
        goal = self._goals(joints, source, foot, contacts[..., 1] * near)
        ball = goal + apply(foot, self.balls)
        # A source that slides in contact takes the foot along, but for less than half of its way, and no giant's.
        slides = joints[:, :1, None] + self.ratio * (joints[:, _CONTACTS].reshape(-1, 2, 2, 3) - joints[:, :1, None])
        held = (np.stack([goal, ball], 2) - self._follow * slides)[..., [0, 2]]
        goal[..., [0, 2]] += past.lock.hold(held, flags * near[..., None])
        # A planted foot comes down, but a contact flag, which comes and goes, must not jerk it.
        float_ = past.memory.leak("float", _SETTLES, planted * np.maximum(lifted - clear, 0.0), motion.fps)
        soft = _SOFT * self.ratio
        gap = lifted - float_ - soft * planted - clear
        # Smooth maximum: the sole never sinks, and the foot leaves the floor without a corner in its path.
        goal[..., 1] = clear + 0.5 * (gap + np.sqrt(gap * gap + soft * soft))
        hips = root[:, None] + apply(turns[:, :1], self._hip_offsets)
        # Proportions alone may pull the hips down; a contact flag, which comes and goes, may not.
        easy = self._easy(joints)
        sink = past.memory.leak("sink", _SETTLES, self._sink(hips, goal, near, easy), motion.fps)
        hips[..., 1] -= sink[:, None]
        self._bend(turns, hips, goal, easy)
        if self._has_toe:
            turns[:, self._toe] = toe
        return sink

    def _goals(self, joints: np.ndarray, source: np.ndarray, foot: np.ndarray, on_toes: np.ndarray) -> np.ndarray:
        """[T, 2, 3] m: where the ankles go in plan (heights are set later)."""
        root = joints[:, :1]
        forward = apply(foot, self._tread.forward)
        ahead = flat(forward)
        # Wider or narrower hips shift the feet sideways: along the foot's own axis, which is still while it is planted
        # (a foot that points straight down has none; the pelvis helps out).
        aside = flat(forward @ _TO_LEFT + 0.15 * source[:, :1, :, 0])
        place = root + aside * self._wider[:, None]
        ankle = place + self.ratio * (joints[:, _ANKLES] - root)
        if not self._has_toe:
            return ankle
        # On its toes a foot turns about the ball: the ball is kept and the ankle follows from the rig's own foot.
        ball = place + self.ratio * (joints[:, _BALLS] - root) + ahead * self._longer[:, None]
        return ankle + on_toes[..., None] * (ball - apply(foot, self.balls) - ankle)

    def _easy(self, joints: np.ndarray) -> np.ndarray:
        """How far [T, 2] m the legs reach without strain: as straight as the source's, and nearly so in any case."""
        straight = length(joints[:, _ANKLES] - joints[:, _HIPS]) * np.float32(1.0 / sum(LEG_LENGTHS))
        a, b = self._lengths
        return np.minimum(np.maximum(straight, _EASY), _REACH - 1e-4) * (a + b)

    def _sink(self, hips: np.ndarray, goal: np.ndarray, planted: np.ndarray, reach: np.ndarray) -> np.ndarray:
        """How far [T] m the hips are too high for the planted feet to reach with knees that still bend.

        Less than nothing where they are so low that a folded leg would be pushed through the floor. Smooth in
        everything: near the end of its reach a leg gives way little by little, and so do both together.
        """
        off = hips - goal
        plan = off[..., 0] ** 2 + off[..., 2] ** 2
        over = off[..., 1] - np.sqrt(np.maximum(reach * reach - plan, 0.04 * reach * reach)) - self._give
        gives = planted * 0.5 * (over + np.sqrt(over * over + self._give**2))
        both = np.sqrt(np.sqrt((gives**4).sum(-1)))
        tight = self._nearest - length(hips - goal)
        rise = 0.5 * (tight + np.sqrt(tight * tight + self._give**2)).max(-1)
        return np.minimum(both, 0.25 * self._furthest[0]) - rise

    def _bend(self, turns: np.ndarray, hips: np.ndarray, goal: np.ndarray, easy: np.ndarray) -> None:
        """Two-bone IK by the law of cosines, knees towards where the source's knees point."""
        a, b = self._lengths
        thigh, shin = turns[:, self._thigh], turns[:, self._shin]
        reach = goal - hips
        # A leg that lies is too short along the floor, not in height: its foot must not be drawn into the floor.
        plan = np.sqrt(reach[..., 0] ** 2 + reach[..., 2] ** 2)
        most = np.sqrt(np.maximum(self._furthest**2 - reach[..., 1] ** 2, 0.0))
        lies = smoothstep(0.8, 0.5, np.abs(reach[..., 1]) / self._furthest)
        reach = reach * (1.0 - lies * np.maximum(1.0 - most / np.maximum(plan, 1e-6), 0.0))[..., None] ** _LEVEL
        distance = length(reach)
        along = reach / np.maximum(distance, 1e-6)[..., None]
        # The last bit of a leg's reach comes slower and slower, or the knee would snap.
        slack = self._furthest - easy
        distance = np.where(
            distance > easy,
            self._furthest - slack * np.exp(np.minimum(easy - distance, 0.0) / slack),
            np.maximum(distance, self._nearest),
        )
        knee = apply(thigh, self._thigh_bone)
        # One centimetre a metre of forward keep a straight knee from bending sideways or back.
        pole = knee + 0.01 * a[:, None] * apply(thigh, self._knee_forward)
        pole = unit(pole - along * dot(pole, along)[..., None])
        project = (a * a - b * b + distance * distance) / (2.0 * distance)
        side = np.sqrt(np.maximum(a * a - project * project, 0.0))
        new_knee = along * project[..., None] + pole * side[..., None]
        new_shin = along * distance[..., None] - new_knee
        ends = unit(np.stack([knee, apply(shin, self._shin_bone), new_knee, new_shin]))
        turns[:, self._thigh], turns[:, self._shin] = swing(ends[:2], ends[2:]) @ np.stack([thigh, shin])

    @staticmethod
    def _source_ball(source: np.ndarray) -> np.ndarray:
        return (source[_BALLS] - source[_ANKLES]).astype(np.float32)
