"""Bone touch: which bones of a body touch what, by capsules that follow the rig.

The capsules are proxies: they feel, and push nothing. What a hand is seen to touch is told to whoever asks, while the
hull alone decides where the body can go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.arena import Arena

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from prometheus.world.entity import Actor

SKIN = 0.01
"""m between a bone's flesh and another thing from which it counts as a touch."""
_MOST = 64
"""Pairs of a bone and a thing that are looked at in one frame, the nearest first."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A bone against something.

    Attributes:
        bone: name of the node at which it starts.
        other: name of a solid, an object, a door, or id of an actor. kind: as in `prometheus.world.entity.Contact`.
        point: (x, y, z) m on the other. normal: unit vector from the other towards the bone.
        depth: m that the bone's flesh is inside the other; negative where it is only close.
    """

    bone: str
    other: str
    kind: str
    point: tuple[float, float, float]
    normal: tuple[float, float, float]
    depth: float

    def to_json(self) -> dict[str, Any]:
        """Return the touch as plain JSON values, rounded to 0.1 mm."""
        return {
            "bone": self.bone, "other": self.other, "kind": self.kind, "depth": round(self.depth, 4),
            "point": [round(v, 4) for v in self.point], "normal": [round(v, 4) for v in self.normal],
        }  # fmt: skip


class BoneTouch:
    """The proxies of one actor's bones.

    Args:
        arena: the world's. actor: whose bones. body: what it wears.
    """

    def __init__(self, arena: Arena, actor: Actor, body: Body) -> None:
        self._arena, self._actor, self.body = arena, actor, body
        self._radii = np.asarray(body.bone_radii, np.float64)
        self._names = [str(body.asset.names[node] or f"node {node}") for node in body.bone_set.starts]
        self._lengths = np.full(len(self._radii), -1.0)
        self._forms = [-1] * len(self._radii)
        points, _ = body.rig.surface
        # As far as any limb gets from the feet, however it is held.
        self._reach = float(np.ptp(points, axis=0).max() if len(points) else body.height_m) + SKIN

    def feel(
        self, local: np.ndarray | Callable[[], np.ndarray], spread: float | None = None
    ) -> tuple[Touch, ...]:
        """Return what the bones touch, in the order of the bones.

        Args:
            local: [J, 4, 4] the body's pose in the motion frame, or what works it out where something is near.
            spread: m in plan from the feet that no bone is beyond, where that is known; else as far as limbs get.
        """
        wide = self._reach if spread is None else min(spread + SKIN, self._reach)
        feet, far = self._actor.position, np.array([wide, wide, self._reach])
        if not self._near(feet - far, feet + far):
            return ()
        pose = local() if callable(local) else local
        ends = np.asarray(self.body.bones(self.body.asset.world(pose)), np.float64)[..., [2, 0, 1]]
        if not np.isfinite(ends).all():
            return ()
        low = ends.min(1) - self._radii[:, None] - SKIN
        high = ends.max(1) + self._radii[:, None] + SKIN
        near = self._near(low.min(0), high.max(0))
        if not near:
            return ()
        boxes = np.array([self._arena.bullet.getAABB(h, physicsClientId=self._arena.client) for h in near])
        meet = (low[:, None] <= boxes[None, :, 1]).all(-1) & (high[:, None] >= boxes[None, :, 0]).all(-1)
        pairs = np.argwhere(meet)[:_MOST].tolist()
        return tuple(touch for bone, at in pairs if (touch := self._pair(bone, near[at], ends[bone])) is not None)

    def _near(self, low: np.ndarray, high: np.ndarray) -> list[int]:
        """Handles of what overlaps the box round the whole body, but for itself and the ground."""
        arena = self._arena
        found = arena.bullet.getOverlappingObjects(low.tolist(), high.tolist(), physicsClientId=arena.client)
        handles = {handle for handle, _ in found or ()}
        return sorted(h for h in handles if h in arena.names and h != self._actor.handle)

    def _pair(self, bone: int, handle: int, ends: np.ndarray) -> Touch | None:
        arena = self._arena
        along = ends[1] - ends[0]
        length = float(np.linalg.norm(along))
        points = arena.bullet.getClosestPoints(
            bodyA=-1, bodyB=handle, distance=SKIN, collisionShapeA=self._form(bone, length),
            collisionShapePositionA=(0.5 * (ends[0] + ends[1])).tolist(),
            collisionShapeOrientationA=_turn(along, length), physicsClientId=arena.client,
        )  # fmt: skip
        deepest = min(points or (), key=lambda point: point[8], default=None)
        if deepest is None:
            return None
        name, kind = arena.names[handle]
        return Touch(self._names[bone], name, kind, deepest[6], deepest[7], -float(deepest[8]))

    def _form(self, bone: int, length: float) -> int:
        # Bones keep their length but for rounding; one that stretches gets another capsule, of whole centimetres.
        if abs(self._lengths[bone] - length) > 0.01:
            self._lengths[bone] = length
            whole = round(length, 2) if self._forms[bone] >= 0 else length
            self._forms[bone] = self._arena.form("capsule", (float(self._radii[bone]), whole))
        return self._forms[bone]


def _turn(along: np.ndarray, length: float) -> tuple[float, float, float, float]:
    """The rotation that carries z onto a direction."""
    if length < 1e-9:
        return 0.0, 0.0, 0.0, 1.0
    x, y, z = (float(v) / length for v in along)
    w = 1.0 + z
    if w < 1e-9:
        return 1.0, 0.0, 0.0, 0.0
    size = (x * x + y * y + w * w) ** 0.5
    return -y / size, x / size, 0.0, w / size
