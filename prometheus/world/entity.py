"""Actor: whoever has a body in the world, as physics sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.geometry import STEP_UP
from prometheus.world.scenario import Mover, Senses, Speeds

if TYPE_CHECKING:
    from prometheus.world.bone_touch import Touch
    from prometheus.world.fall import Fall

MAX_SPEED = 8.0
"""m/s: no body is driven faster; what a motion model says beyond it is cut."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A touch during the last frame.

    Attributes:
        other: id of an actor, or name of a solid.
        kind: "wall" for anything static, "object" for what is movable, else the other actor's kind.
        point: (x, y, z) m, world frame.
        normal: unit vector from the other towards this actor.
        impulse: N s, the frame's sum.
    """

    other: str
    kind: str
    point: tuple[float, float, float]
    normal: tuple[float, float, float]
    impulse: float

    def to_json(self) -> dict[str, Any]:
        """Return the contact as plain JSON values, rounded to 0.1 mm and 0.01 N s."""
        return {
            "other": self.other,
            "kind": self.kind,
            "point": [round(v, 4) for v in self.point],
            "normal": [round(v, 4) for v in self.normal],
            "impulse": round(self.impulse, 2),
        }


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where (x, y) m another was last seen, in which frame, and what it did."""

    frame: int
    place: tuple[float, float]
    behavior: str


@dataclass(slots=True, eq=False)
class Actor:
    """A body that stands upright in the world: a dynamic capsule whose velocity follows what drives it.

    Attributes:
        id: unique in its world; the agent's is "agent".
        kind: "agent", "beast", "man" or "woman": what it counts as. sort: its kind in the world file, such as "wolf".
        body: name of the body that it wears.
        radius, height: m, of the capsule. mass: kg.
        position: [3] m, the feet (z is the ground under a standing body).
        velocity: [2] m/s in the world's plane.
        heading: rad, left positive, of where the body faces.
        acceleration: m/s^2, the most that its legs can do.
        contacts: what it touched during the last frame, walls and others, not the ground.
        sightings: whom it saw last where, by id; kept for agents. looked: the frame in which it did.
        task: in words, "" for none. goal: (x, y) m, where that task ends.
        topples: whether a hard hit throws it over: bodies on two legs.
        length: m, of a hull that is a box; 0 for a capsule. facing: rad that a long body turns to as fast as it can.
        grounded: whether it stands on something. airborne: s since it last did. stood: [3] m, where that was;
            turned: xyzw, how its hull lay there.
        rise: m/s upward while it falls. landing: m/s at which it hit the ground in this frame, else 0.
        slope: rise of the ground for each metre ahead.
        downhill: where the ground is too steep to stand on, the way down.
        under: Bullet's handle of what it stands on. carried: (x, y) m/s of the platform under it.
        fall: what physics makes of it while it is knocked over and gets up; None while it stands.
        touches: what its bones touch, where `World.feel` was asked.
    """

    id: str
    kind: str
    body: str
    radius: float
    height: float
    mass: float
    senses: Senses
    speeds: Speeds
    position: np.ndarray
    heading: float
    acceleration: float = 30.0
    velocity: np.ndarray = field(default_factory=lambda: np.zeros(2))
    contacts: list[Contact] = field(default_factory=list)
    sightings: dict[str, Sighting] = field(default_factory=dict)
    looked: int = -100
    target: tuple[float, float] = (0.0, 0.0)
    handle: int = -1
    task: str = ""
    goal: tuple[float, float] | None = None
    sort: str = ""
    topples: bool = True
    length: float = 0.0
    facing: float = math.nan
    grounded: bool = True
    rise: float = 0.0
    slope: float = 0.0
    downhill: tuple[float, float] = (0.0, 0.0)
    airborne: float = 0.0
    landing: float = 0.0
    under: int = -1
    carried: tuple[float, float] = (0.0, 0.0)
    stood: np.ndarray = field(default_factory=lambda: np.zeros(3))
    turned: tuple[float, ...] = (0.0, 0.0, 0.0, 1.0)
    fall: Fall | None = None
    touches: tuple[Touch, ...] = ()

    def __post_init__(self) -> None:
        """Face where it heads."""
        self.facing = self.heading

    def drive(self, velocity: Any, heading: float) -> None:
        """Set the velocity (x, y) m/s in the world frame, and the heading rad, that the next frames aim for.

        What is not finite counts as standing still; speeds are cut to `MAX_SPEED`.
        """
        x, y = float(velocity[0]), float(velocity[1])
        speed = math.hypot(x, y)
        if not math.isfinite(speed):
            x = y = speed = 0.0
        scale = min(1.0, MAX_SPEED / speed) if speed > 0 else 1.0
        self.target = (x * scale, y * scale)
        if math.isfinite(heading):
            self.facing = wrap(heading)
            if self.length <= 0:
                self.heading = self.facing

    @property
    def upright(self) -> bool:
        """Whether its hull is in the world: not while it lies as a ragdoll."""
        return self.fall is None or self.fall.phase != "falling"

    @property
    def step(self) -> float:
        """M that it climbs in a stride; its hull floats as high above its feet."""
        most = min(STEP_UP, 0.25 * self.height)
        return most if self.length > 0 else max(min(most, self.height - 2 * self.radius), 0.02)

    @property
    def middle(self) -> float:
        """M from its feet up to the middle of its hull."""
        return 0.5 * (self.height + self.step)

    @property
    def reach(self) -> float:
        """M from its axis to the farthest point of its hull, in plan."""
        return math.hypot(0.5 * self.length, self.radius) if self.length > 0 else self.radius

    @property
    def footprint(self) -> float:
        """M from its axis to where it feels for the ground ahead and behind."""
        return 0.4 * self.length if self.length > 0 else self.side

    @property
    def side(self) -> float:
        """M from its axis to where it feels for the ground to the left and right."""
        return max(min(self.radius, 0.8 * self.step), 0.05)

    @property
    def speed(self) -> float:
        """m/s in the plane."""
        x, y = self.velocity.tolist()
        return math.hypot(x, y)

    @property
    def eye(self) -> tuple[float, float, float]:
        """(x, y, z) m, where it sees from."""
        return self.point_at(0.92)

    def point_at(self, share: float) -> tuple[float, float, float]:
        """(x, y, z) m of the point of its axis at a share of its height."""
        x, y, z = self.position.tolist()
        return x, y, z + share * self.height

    def bearing_of(self, point: Any) -> float:
        """Return the bearing (rad, left positive) of a world point [2+] from where the body faces."""
        x, y, _ = self.position.tolist()
        return wrap(math.atan2(point[1] - y, point[0] - x) - self.heading)

    def distance_to(self, point: Any) -> float:
        """Return the plan distance (m) to a world point [2+]."""
        x, y, _ = self.position.tolist()
        return math.hypot(point[0] - x, point[1] - y)

    def to_json(self) -> dict[str, Any]:
        """Return its state as plain JSON values, full precision, so that equal files mean equal physics."""
        return {
            "id": self.id,
            "kind": self.kind,
            "position": [float(v) for v in self.position],
            "heading": self.heading,
            "velocity": [float(v) for v in self.velocity],
            "contacts": [contact.to_json() for contact in self.contacts],
        } | ({} if self.fall is None else {"fall": self.fall.to_json()})


def place_actor(
    mover: Mover, actor_id: str, kind: str, senses: Senses, speeds: Speeds, rng: np.random.Generator
) -> Actor:
    """Return an actor at a scenario's start, which the generator chooses within its `area` and moves by its `vary`."""
    reach, turn = mover.vary.at * math.sqrt(rng.random()), 2 * math.pi * rng.random()
    heading = mover.heading + mover.vary.heading * (2 * rng.random() - 1)
    x, y = mover.at
    if mover.area is not None:
        x0, y0, x1, y1 = mover.area
        x, y = x0 + (x1 - x0) * rng.random(), y0 + (y1 - y0) * rng.random()
    position = np.array([x + reach * math.cos(turn), y + reach * math.sin(turn), 0.0])
    return Actor(
        actor_id, kind, mover.body, mover.radius, mover.height, mover.mass, senses, speeds, position, wrap(heading),
        topples=kind != "beast",
    )  # fmt: skip


def wrap(angle: float) -> float:
    """Return an angle in -pi..pi."""
    return math.remainder(angle, 2 * math.pi)
