"""Fall: what becomes of an actor that is knocked over: a ragdoll until it lies still, then it gets up.

Constrained animation, with ragdoll on events: the fall is simulated; the getting up is a few poses in a row (as it
lies, on its seat or on all fours, a crouch, what its motion shows by then), laid so that no joint jumps and none is
below the ground.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus import ik, rotation
from hephaestus.motion import Motion
from hephaestus.skeleton import JOINT, rest_joints
from prometheus.world.ragdoll import Ragdoll

if TYPE_CHECKING:
    from prometheus.world.entity import Actor

LIE, LONGEST = 0.4, 3.0
"""s that a body lies still before it gets up, and s after which it tries at the latest."""
RISE = 2.4
"""s that it takes to get up."""
CATCH = 4
"""Frames over which the shown pose goes over into the ragdoll's."""
_STILL = 0.25
_GATHERED, _CROUCHED = 0.38, 0.66
"""Shares of `RISE` after which it sits or is on all fours, and after which it crouches."""
_LOW, _CROUCH_HEIGHT = 0.3, 0.52
_CLEAR = np.full(22, 0.06, np.float32)
_CLEAR[[JOINT[name] for name in ("L_foot", "R_foot")]] = 0.02
_HEAD, _CHEST = JOINT["head"], JOINT["spine3"]


@dataclass(frozen=True, slots=True)
class Stance:
    """A pose in the world.

    Attributes:
        root: [3] m, the pelvis over the ground under the actor: world x, world y, height (of a body 1.75 m tall).
        rotations: float32 [22, 4], as in `Motion`.
    """

    root: np.ndarray
    rotations: np.ndarray

    @classmethod
    def of(cls, motion: Motion) -> Stance:
        """Return the last frame of a motion whose heights are over the actor's ground."""
        return cls(motion.joints[-1, 0, [2, 0, 1]].astype(np.float64), motion.rotations[-1])

    def joints(self, sink: float = 0.0) -> np.ndarray:
        """Return the joints float32 [22, 3] m in the motion frame, lifted where one would be in the ground.

        Args:
            sink: share, 0 to 1, of its height over the ground by which a pose that touches it nowhere comes down.
        """
        joints = ik.forward(self.rotations, self.root[[1, 2, 0]].astype(np.float32))
        lift = float((_CLEAR - joints[:, 1]).max())
        joints[:, 1] += lift if lift > 0 else sink * lift
        return joints


def blend(a: Stance, b: Stance, share: float) -> Stance:
    """Return the pose between two: a at 0, b at 1."""
    turns = rotation.slerp(a.rotations, b.rotations, np.full(22, share, np.float32))
    return Stance(a.root + share * (b.root - a.root), turns.astype(np.float32))


def _key(pitch: float, hip: float, knee: float, ankle: float, back: float, look: float, swing: float) -> np.ndarray:
    """A pose [22, 4] that faces +z, alike on both sides; rad, forward where positive, hips and arms the other way."""
    turns = np.zeros((22, 4), np.float32)
    turns[:, 3] = 1.0

    def turn(name: str, *vectors: tuple[float, float, float]) -> None:
        for vector in vectors:
            turned = rotation.from_rotation_vector(np.array(vector, np.float32))
            turns[JOINT[name]] = rotation.multiply(turned, turns[JOINT[name]])

    turn("pelvis", (pitch, 0.0, 0.0))
    for name in ("spine1", "spine2", "spine3"):
        turn(name, (back / 3, 0.0, 0.0))
    turn("head", (look, 0.0, 0.0))
    for side, sign in (("L", 1.0), ("R", -1.0)):
        turn(f"{side}_hip", (hip, 0.0, 0.0), (0.0, 0.0, 0.12 * sign))
        turn(f"{side}_knee", (knee, 0.0, 0.0))
        turn(f"{side}_ankle", (ankle, 0.0, 0.0))
        turn(f"{side}_shoulder", (0.0, 0.0, -1.25 * sign), (swing, 0.0, 0.0))
        turn(f"{side}_elbow", (0.0, -0.35 * sign, 0.0))
    return turns


CROUCH = _key(pitch=0.55, hip=-1.75, knee=2.0, ankle=-0.35, back=0.5, look=-0.45, swing=-0.75)
"""[22, 4]: both feet on the ground, the hands near it."""
SEAT = _key(pitch=-0.35, hip=-1.95, knee=2.35, ankle=-0.1, back=0.6, look=0.0, swing=-0.2)
"""[22, 4]: on the ground, the knees drawn up: half the way from the back."""
FOURS = _key(pitch=1.25, hip=-1.35, knee=1.7, ankle=0.5, back=0.15, look=-0.6, swing=-1.4)
"""[22, 4]: on hands and knees: half the way from the belly."""


@dataclass(slots=True, eq=False)
class Fall:
    """An actor's fall.

    Attributes:
        ragdoll: in Bullet; None from when it gets up.
        before: its pose when it was hit.
        phase: "falling" while the ragdoll is simulated, then "rising".
        age: s of the phase. lying: its pose at the phase's start.
        limp: the ragdoll's pose. prone: whether it lies on its belly when it gets up.
        shown: the pose that was shown last; joints: [22, 3] m of it, motion frame, heights over the actor's ground.
    """

    ragdoll: Ragdoll | None
    before: Stance
    phase: str = "falling"
    age: float = 0.0
    still: float = 0.0
    lying: Stance | None = None
    shown: Stance | None = None
    joints: np.ndarray = field(default_factory=rest_joints)
    limp: Stance | None = None
    prone: bool = False

    def lies(self) -> bool:
        """Whether the ragdoll has come to rest, or has had its time."""
        return self.phase == "falling" and (self.still >= LIE or self.age >= LONGEST)

    def advance(self, actor: Actor, seconds: float) -> None:
        """After a frame of physics: take over the ragdoll's pose; the actor's position is where the pelvis is."""
        self.age += seconds
        if self.ragdoll is None:
            return
        place, turns = self.ragdoll.pose()
        self.still = self.still + seconds if self.ragdoll.speed() < _STILL else 0.0
        height = max(float(place[2] - actor.position[2]), 0.0) / self.ragdoll.scale
        self.limp = Stance(np.array([place[0], place[1], height]), turns)

    def rise(self, heading: float) -> None:
        """Begin to get up: the ragdoll is gone."""
        self.lying = self.shown or self.limp or self.before
        self.prone = float(_front(self.lying)[1]) < -0.3
        self.phase, self.age, self.ragdoll = "rising", 0.0, None

    def way_up(self) -> float:
        """Return the heading (rad) that it gets up to: over its knees from its belly, over its seat from its back."""
        joints = (self.limp or self.before).joints()
        front = _front(self.limp or self.before)
        along = joints[_HEAD] - joints[0]
        along /= max(float(np.linalg.norm(along[[0, 2]])), 0.2)
        x, z = front[2] - front[1] * along[2], front[0] - front[1] * along[0]
        return math.atan2(float(z), float(x))

    def pose(self, wanted: Motion, actor: Actor) -> Motion:
        """Return what is to be seen in place of a frame of motion.

        Args:
            wanted: one frame that stands where the actor is, heights over its ground.
            actor: whose fall it is.
        """
        goal = Stance.of(wanted)
        if self.phase == "falling":
            limp = self.limp or self.before
            share = min(self.age * 20 / CATCH, 1.0)
            stance = blend(self.before, limp, _smooth(share))
        else:
            stance = self._getting_up(goal, actor)
        share = min(self.age / RISE, 1.0) if self.phase == "rising" else 0.0
        # Weight stays on the ground while it gets up; at both ends this fades into what was and what comes.
        self.shown, self.joints = stance, stance.joints(_smooth(min(share / 0.15, (1.0 - share) / 0.15, 1.0)))
        contacts = wanted.contacts * np.float32(share > 0.9)
        return Motion(self.joints[None], stance.rotations[None], contacts, wanted.fps)

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values: the phase, its age (s) and what is seen, in 0.1 mm."""
        return {
            "phase": self.phase,
            "age": round(self.age, 4),
            "joints_0.1mm": np.rint(self.joints * 1e4).astype(int).tolist(),
        }

    def _getting_up(self, goal: Stance, actor: Actor) -> Stance:
        share = min(self.age / RISE, 1.0)
        lying = self.lying or self.before
        gathered = self._standing(actor, FOURS if self.prone else SEAT, _LOW)
        crouch = self._standing(actor, CROUCH, _CROUCH_HEIGHT)
        keys = [(0.0, lying), (_GATHERED, gathered), (_CROUCHED, crouch), (1.0, goal)]
        for (start, a), (end, b) in itertools.pairwise(keys):
            if share <= end:
                return blend(a, b, _smooth((share - start) / (end - start)))
        return goal

    def _standing(self, actor: Actor, key: np.ndarray, height: float) -> Stance:
        turns = key.copy()
        turns[0] = rotation.multiply(rotation.yaw(actor.heading), turns[0])
        return Stance(np.array([*actor.position[:2], height]), turns)


def spin_of(push: np.ndarray, height: float) -> np.ndarray:
    """Return the spin [3] rad/s of an upright body that a push [3] m/s at its chest throws over."""
    x, y = float(push[0]), float(push[1])
    speed = math.hypot(x, y)
    rate = min(speed / (0.6 * height), 5.0)
    return np.array([-y, x, 0.0]) * (rate / speed if speed > 1e-6 else 0.0)


def patch(motion: Motion, rows: Sequence[Mapping[str, Any]]) -> Motion:
    """Return a recorded motion [T] with what physics made of it where its actor lay or got up.

    Args:
        motion: of an actor, joints in the world.
        rows: [T] its states, as `Actor.to_json` writes them.
    """
    fallen = [t for t, row in enumerate(rows) if "fall" in row]
    if not fallen:
        return motion
    joints, turns, contacts = motion.joints.copy(), motion.rotations.copy(), motion.contacts.copy()
    joints[fallen] = np.array([rows[t]["fall"]["joints_0.1mm"] for t in fallen], np.float32) / np.float32(1e4)
    joints[fallen, :, 1] += np.array([rows[t]["position"][2] for t in fallen], np.float32)[:, None]
    turns[fallen] = ik.rotations_from_joints(joints[fallen])
    contacts[fallen] = 0.0
    return Motion(joints, turns, contacts, motion.fps)


def _front(stance: Stance) -> np.ndarray:
    """Unit vector [3] in the motion frame out of the chest."""
    chest = ik.to_world(stance.rotations)[_CHEST]
    return rotation.rotate(chest, np.array([0.0, 0.0, 1.0], np.float32))


def _smooth(share: float) -> float:
    return share * share * (3.0 - 2.0 * share)
