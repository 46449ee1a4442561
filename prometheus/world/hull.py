"""Hull: the upright shape of an actor in Bullet, a capsule or, where it has a length, a box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from prometheus.world.geometry import Solids, gaps
from prometheus.world.masonry import turn_of

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from prometheus.world.arena import Arena
    from prometheus.world.entity import Actor


@dataclass(frozen=True, slots=True)
class Hull:
    """The size (m) and mass (kg) of a hull; `length` is 0 for a capsule."""

    radius: float
    height: float
    length: float
    mass: float

    def fits(self, actor: Actor) -> bool:
        """Whether an actor's hull is close enough to this one to stay: the same sort, within a tenth in height."""
        alike = abs(actor.height - self.height) <= 0.1 * self.height and abs(actor.radius - self.radius) <= 0.05
        return (actor.length > 0) == (self.length > 0) and alike


def hull_of(body: Body) -> Hull:
    """Return the hull of a body at rest.

    A humanoid stands in a capsule of its controller's radius and weighs 70 kg at 1.75 m, with the cube of its height.
    Any other stands in a box round its skin; what is long lies in it along its heading. A box's mass is a fifth of
    that of water, between 5 kg and 2 t; legs and tails leave most of it empty.
    """
    if body.kind == "humanoid":
        return Hull(body.radius_m, body.height_m, 0.0, min(max(70.0 * (body.height_m / 1.75) ** 3, 5.0), 2000.0))
    points, _ = body.rig.surface
    size = np.ptp(points, axis=0) if len(points) else np.array([2 * body.radius_m, body.height_m, 2 * body.radius_m])
    wide, long = float(np.clip(size[0], 0.1, 8.0)), float(np.clip(size[2], 0.1, 12.0))
    mass = min(max(200.0 * wide * long * body.height_m, 5.0), 2000.0)
    return Hull(wide / 2, body.height_m, long, mass)


def add_hull(arena: Arena, actor: Actor) -> int:
    """Put an actor's body into an arena, floating `actor.step` m above its feet, and return its handle."""
    bullet, client = arena.bullet, arena.client
    tall = actor.height - actor.step
    if actor.length > 0:
        form = arena.form("box", (actor.length / 2, actor.radius, tall / 2))
    else:
        form = arena.form("capsule", (actor.radius, max(tall - 2 * actor.radius, 0.0)))
    x, y, z = (float(v) for v in actor.position)
    handle = bullet.createMultiBody(
        actor.mass, form, basePosition=(x, y, z + actor.middle), baseOrientation=hull_turn(actor),
        useMaximalCoordinates=1, physicsClientId=client,
    )  # fmt: skip
    # A zero inertia counts as an infinite one: contacts never tip the body over. A long one may be turned by them.
    wide = actor.mass * (actor.length**2 + 4 * actor.radius**2) / 12 if actor.length > 0 else 0.0
    bullet.changeDynamics(
        handle, -1, mass=actor.mass, localInertiaDiagonal=(0, 0, wide), lateralFriction=0.0, restitution=0.0,
        linearDamping=0.0, angularDamping=0.0, activationState=bullet.ACTIVATION_STATE_DISABLE_SLEEPING,
        physicsClientId=client,
    )  # fmt: skip
    return int(handle)


def hull_turn(actor: Actor) -> tuple[float, float, float, float]:
    """Return the rotation (xyzw) of an actor's hull: a box faces its heading and leans with the ground's slope.

    A capsule is the same from all sides and never turns.
    """
    if actor.length <= 0:
        return turn_of(0.0)
    _, _, z, w = turn_of(actor.heading)
    nose_down = -0.5 * math.atan(actor.slope)
    cos, sin = math.cos(nose_down), math.sin(nose_down)
    return -z * sin, w * sin, z * cos, w * cos


def girth(radius: float, over: float, under: float) -> float:
    """Return the widest radius (m) of a standing capsule where it is beside something.

    Args:
        radius: m, of the capsule.
        over: m that the other's top is above the capsule's bottom.
        under: m that its bottom is below the capsule's top.
    """
    least = min(over, under)
    if least >= radius:
        return radius
    return math.sqrt(least * (2 * radius - least)) if least > 0 else 0.0


def lows(solids: Solids) -> np.ndarray:
    """Return [S] m, the true bottom of each solid; `Solids.low` lets those that stand on the ground reach below it."""
    return np.concatenate([solids.box_low, solids.round_low])


def depths(feet: np.ndarray, step: np.ndarray, radius: np.ndarray, height: np.ndarray, solids: Solids) -> np.ndarray:
    """Return how deep [A] m standing capsules are inside solids, from poses alone, without Bullet.

    Args:
        feet: [A, 3] m.
        step: [A] m that the capsule floats above them.
        radius: [A] m.
        height: [A] m, from the feet up.
        solids: S upright boxes and cylinders.

    A capsule is round at both ends: beside the edge of something low it is as wide as it is there.
    """
    if not len(feet) or not len(solids):
        return np.zeros(len(feet))
    over = solids.high - (feet[:, 2:] + step[:, None])
    under = feet[:, 2:] + height[:, None] - lows(solids)
    least = np.minimum(over, under)
    wide = np.minimum(np.clip(least, 0.0, None), radius[:, None])
    wide = np.sqrt(wide * (2 * radius[:, None] - wide))
    sideways = wide - gaps(feet[:, :2], solids)
    return np.maximum(np.where(least > 0, np.minimum(sideways, least), 0.0).max(1), 0.0)
