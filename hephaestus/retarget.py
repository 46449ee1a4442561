"""Retargeting of the 22-joint motion onto any humanoid rig, vectorised over frames, each frame on its own.

World turn of a node = world turn of its source joint since the T-pose x the node's own turn from its rest to the T-pose
(`tpose`). Limb bones take their direction from the source's joint positions and their twist from its rotations; the
spine is mapped chain to chain by arc length. Heights and strides are scaled by the ratio of the leg lengths, the place
of the pelvis is kept; the feet are then set by two-bone IK (`feet`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hephaestus.errors import RigError
from hephaestus.feet import Feet
from hephaestus.hands import Hands
from hephaestus.lock import Lock, Past
from hephaestus.motion import Motion
from hephaestus.puppet import Puppet
from hephaestus.rig import Rig
from hephaestus.skeleton import FPS, JOINT, PARENTS, rest_joints
from hephaestus.tpose import rest_turns, trunk_top
from hephaestus.vector import about, apply, flat, orthonormal, real, smoothstep, swing, to_matrix, unit

_LIMB_SOURCES = {
    "clavicle": "collar", "upperarm": "shoulder", "forearm": "elbow", "hand": "wrist",
    "thigh": "hip", "shin": "knee", "foot": "ankle", "toe": "foot",
}  # fmt: skip
_BONES = (
    ("hip", "knee"), ("knee", "ankle"), ("ankle", "foot"), ("shoulder", "elbow"), ("elbow", "wrist"),
)  # fmt: skip
_STARTS = np.array([JOINT[f"{s}_{a}"] for a, _ in _BONES for s in "LR"])
_LONG = 1.15
"""Times the human's length beyond which what a joint carries shakes visibly with it."""
_MOST_KEPT, _MOST_KEPT_LIMB = 0.6, 0.25
"""Shares of the frame before that a long trunk and a long arm keep at most: an arm must not lag behind."""
_CHEST = JOINT["spine3"]
_EYE = np.eye(3, dtype=np.float32)
_HALF = real(0.5)
_ENDS = np.array([JOINT[f"{s}_{b}"] for _, b in _BONES for s in "LR"])


# Pointer jumping: three rounds of products with the ancestor 1, 2, 4 levels up do what eight levels of a tree would.
_ROOT = 22
_UP = [np.append(np.where(PARENTS < 0, _ROOT, PARENTS), _ROOT)]
while (_UP[-1][_UP[-1]] != _ROOT).any():
    _UP.append(_UP[-1][_UP[-1]])


def bone_directions(joints: np.ndarray) -> np.ndarray:
    """Return unit vectors [..., 10, 3] along the bones of arms, legs and feet of joints [..., 22, 3]."""
    return unit(joints.take(_ENDS, -2) - joints.take(_STARTS, -2))


def world_turns(motion: Motion, bones: np.ndarray) -> np.ndarray:
    """Return how far each joint has turned since the T-pose, [T, 22, 3, 3] in the motion frame.

    The bones of arms, legs and feet point where the joint positions say, whatever the rotations say.

    Args:
        motion: T frames.
        bones: [10, 3], the `bone_directions` of the T-pose.
    """
    turns = np.empty((len(motion), 23, 3, 3), np.float32)
    turns[:, :22] = to_matrix(np.asarray(motion.rotations, np.float32))
    turns[:, _ROOT] = _EYE
    for up in _UP:
        turns = turns.take(up, 1) @ turns
    now = turns.take(_STARTS, 1)
    turns[:, _STARTS] = swing(apply(now, bones), bone_directions(motion.joints)) @ now
    return turns


class Retargeter:
    """Makes local transforms of a humanoid rig from motions; everything that depends on the rig alone is done once.

    Args:
        rig: a humanoid rig.
        source: [22, 3] m, the T-pose of the motions' skeleton (default: the project's uniform skeleton).

    Raises:
        RigError: the legs have no length, or a node of scale zero is above a steered one.

    Attributes:
        ratio: leg length of the rig over that of the source; strides and heights are scaled by it.
        puppet: the steered nodes.
        names: what each of them is, a role, or a chain's with its place: `spine:0`.
        sources: the source joint that each of them follows most.
    """

    def __init__(self, rig: Rig, source: np.ndarray | None = None) -> None:
        self.rig = rig
        self.source = rest_joints() if source is None else np.asarray(source, np.float32)
        self.names, nodes, parents = _tree(rig)
        self.puppet = Puppet(rig, nodes, parents)
        rest = rest_turns(rig, self.source.astype(float))
        self.rest_turns = np.stack([rest.get(n, np.eye(3)) for n in nodes]).astype(np.float32)
        self._bones = bone_directions(self.source)
        self._joints, other, share = self._sources()
        self._blended = np.flatnonzero(share > 0)
        self._other, self._share = other[self._blended], share[self._blended]
        self._tail = np.array([k for k, name in enumerate(self.names) if name.startswith("tail")], int)
        self.sources = np.where(share > 0.5, other, self._joints).tolist()
        if not rig.leg_length > 1e-4 * rig.height_m:
            raise RigError(f"the legs of {rig.name} have no length; name other nodes in {rig.name}.body.yaml")
        legs = self.source[[1, 4, 7]]
        self.ratio = rig.leg_length / float(np.linalg.norm(np.diff(legs, axis=0), axis=1).sum())
        hip = self.names.index("L_thigh"), self.names.index("R_thigh")
        self._ratio = real(self.ratio)
        self._hip_centre = (self.puppet.rest[list(hip)].mean(0) - self.puppet.rest[0]).astype(np.float32)
        self.feet, self.hands = Feet(self), Hands(self)
        spread = float(np.linalg.norm(np.subtract(*self.puppet.rest[list(hip)])))
        self._wide = spread / (self.ratio * float(np.linalg.norm(self.source[1] - self.source[2])))
        levers = self._levers()
        self._long = np.flatnonzero(levers > _LONG)
        # A filter that keeps a share k of the frame before has the gain (1 - k) / (1 + k) at the shakiest. Levers add
        # up along a trunk: more than their own length is taken back.
        most = [_MOST_KEPT_LIMB if name.endswith(("arm", "hand")) else _MOST_KEPT for name in self.names]
        keep = np.minimum(1.0 - 2.0 / (levers**1.5 + 1.0), most)[self._long]
        self._lag = (-1.0 / (FPS * np.log(np.maximum(keep, 1e-6))))[:, None, None]

    def __call__(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4]; kinematics then gives places in the motion frame, in m."""
        return self.stream()(motion)

    def stream(self) -> Callable[[Motion], np.ndarray]:
        """Return what gives the local transforms of a motion piece by piece: the same as of the whole at once."""
        past = Past(Lock(self.feet.reach))
        return lambda motion: self.puppet.local(*self.pose(motion, past))

    def pose(self, motion: Motion, past: Past | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return turns [T, N, 3, 3] and positions [T, N, 3] m of the steered nodes in the motion frame.

        Args:
            motion: T frames.
            past: of the frames before; None for a motion that begins here.
        """
        past = past or Past(Lock(self.feet.reach))
        joints = np.asarray(motion.joints, np.float32)
        source = world_turns(motion, self._bones)
        turns = source.take(self._joints, 1)
        if len(self._blended):
            first, second = turns.take(self._blended, 1), source.take(self._other, 1)
            # Of two that point against each other there is no mean: the first one counts, or the mean would flip.
            flat_shape = (*first.shape[:2], 9)
            alike = smoothstep(-1.0, 0.6, np.vecdot(first.reshape(flat_shape), second.reshape(flat_shape)))
            share = (self._share * alike)[..., None, None]
            turns[:, self._blended] = orthonormal(first + share * (second - first))
        if len(self._tail):
            turns[:, self._tail] = self._trailed(source[:, 0])
        if self._wide > _LONG:
            turns[:, 0] = self._steadied(turns[:, 0], source[:, _CHEST])
        if len(self._long):
            calm = past.memory.leak("long", self._lag, turns[:, self._long], motion.fps)
            turns[:, self._long] = orthonormal(calm.astype(np.float32))
        turns = turns @ self.rest_turns
        root = self._root(joints, turns)
        root[:, 1] -= self.feet.plant(motion, joints, source, turns, root, past)
        positions = self.puppet.positions(turns, root)
        self.hands.lay(turns, positions, past)
        return turns, positions

    def _root(self, joints: np.ndarray, turns: np.ndarray) -> np.ndarray:
        """Place of the hips node: the point between the hip joints goes where the scaled source has it."""
        centre = _HALF * (joints[:, 1] + joints[:, 2])
        at = joints[:, 0] + self._ratio * (centre - joints[:, 0])
        at[:, 1] = self.feet.height(centre[:, 1])
        return np.asarray(at - apply(turns[:, 0], self._hip_centre))

    def _steadied(self, hips: np.ndarray, chest: np.ndarray) -> np.ndarray:
        """Turns [T, 3, 3] of hips that are wider than the human's: they tilt and twist less, by as much as wider.

        So both hip joints move up and down, to and fro as the human's do. A body that lies on its side does so anyway.
        """
        left = hips[..., 0]
        even = flat(left + chest[..., 0])
        share = 1.0 - (1.0 - 1.0 / self._wide) * smoothstep(0.7, 0.3, np.abs(left[:, 1]))[:, None]
        return swing(left, unit(even + share * (left - even))) @ hips

    def _levers(self) -> np.ndarray:
        """How much longer [N] what each node of trunk and arms carries to its next joints is than the human's."""
        puppet, levers = self.puppet, np.ones(len(self.names))
        human = self.source - self.source[np.maximum(PARENTS, 0)]
        for n, name in enumerate(self.names):
            role = name.partition(":")[0]
            if role in ("hips", "spine", "neck", "head") or role[2:] in ("clavicle", "upperarm", "forearm"):
                below = np.flatnonzero(puppet.parents == n)
                ours = sum(float(np.linalg.norm(puppet.offsets[k])) for k in below) / max(len(below), 1)
                ends = np.flatnonzero(PARENTS == self.sources[n])
                theirs = sum(float(np.linalg.norm(human[k])) for k in ends) / max(len(ends), 1)
                levers[n] = ours / max(self.ratio * theirs, 1e-6) if len(below) and len(ends) else 1.0
        for n, name in enumerate(self.names):
            if name.startswith("L_") and f"R_{name[2:]}" in self.names:
                pair = [n, self.names.index(f"R_{name[2:]}")]
                levers[pair] = levers[pair].mean()
        return levers

    def _trailed(self, hips: np.ndarray) -> np.ndarray:
        """Turns [T, K, 3, 3] of a tail: its root goes with the hips [T, 3, 3], its tip stays level and behind."""
        heading = np.arctan2(hips[:, 0, 2] - hips[:, 2, 0], hips[:, 0, 0] + hips[:, 2, 2])
        level = about(1, heading)[:, None]
        share = (np.arange(1.0, len(self._tail) + 1.0) / len(self._tail)).astype(np.float32)[:, None, None]
        # Of a body that turns over there is no level: its tail goes with it.
        share = share * smoothstep(-0.2, 0.5, hips[:, 1, 1])[:, None, None, None]
        return orthonormal((1.0 - share) * hips[:, None] + share * level)

    def _sources(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each steered node the source joint, a second one, and the second one's share."""
        first, second, share = (np.zeros(len(self.names), t) for t in (int, int, np.float32))
        spine = self._spine_sources()
        count = len(self.rig.roles.get("neck", ()))
        for n, name in enumerate(self.names):
            role, _, k = name.partition(":")
            if role == "spine":
                first[n], second[n], share[n] = spine[int(k)]
            elif role == "neck":
                first[n], second[n], share[n] = JOINT["spine3"], JOINT["neck"], (int(k) + 1) / count
            elif role == "head":
                first[n] = JOINT["head"]
            elif role not in ("hips", "tail"):
                first[n] = JOINT[f"{role[:2]}{_LIMB_SOURCES[role[2:]]}"]
        whole = share == 1.0
        first[whole], share[whole] = second[whole], 0.0
        return first, second, share

    def _spine_sources(self) -> list[tuple[int, int, float]]:
        """Source joints for each spine node by normalised arc length; the last one is the chest."""
        nodes = self.rig.roles.get("spine", ())
        joints = [JOINT[n] for n in ("pelvis", "spine1", "spine2", "spine3")]
        steps = np.linalg.norm(np.diff(self.source[joints], axis=0), axis=1)
        at = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
        points = np.concatenate([self.rig.rest_points[[self.rig.node("hips"), *nodes]], trunk_top(self.rig)[None]])
        arc = np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))[: len(nodes)]
        found = []
        for length in arc / max(float(arc[-1]), 1e-9) if len(nodes) else ():
            low = int(np.clip(np.searchsorted(at, length, side="right") - 1, 0, 2))
            share = float(np.clip((length - at[low]) / (at[low + 1] - at[low]), 0.0, 1.0))
            found.append((joints[low], joints[low + 1], share))
        return found


def _tree(rig: Rig) -> tuple[list[str], list[int], list[int]]:
    """The steered nodes of a humanoid: names (chains as `spine:0`), node indices, and parents as indices into these."""
    names, nodes, parents = ["hips"], [rig.node("hips")], [-1]

    def add(name: str, node: int, parent: int) -> int:
        names.append(name)
        nodes.append(node)
        parents.append(parent)
        return len(names) - 1

    chest = 0
    for k, node in enumerate(rig.roles.get("spine", ())):
        chest = add(f"spine:{k}", node, chest)
    top = chest
    for k, node in enumerate(rig.roles.get("neck", ())):
        top = add(f"neck:{k}", node, top)
    if "head" in rig:
        add("head", rig.node("head"), top)
    below = 0
    for k, node in enumerate(rig.roles.get("tail", ())):
        below = add(f"tail:{k}", node, below)
    for side in "LR":
        for start, parts in (
            (chest, ("clavicle", "upperarm", "forearm", "hand")),
            (0, ("thigh", "shin", "foot", "toe")),
        ):
            at = start
            for part in parts:
                if f"{side}_{part}" in rig:
                    at = add(f"{side}_{part}", rig.node(f"{side}_{part}"), at)
    return names, nodes, parents
