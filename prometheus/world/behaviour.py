"""Behaviours: what an entity does, one small state machine each, registered by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from prometheus.errors import WorldError, shorten
from prometheus.world.entity import wrap

if TYPE_CHECKING:
    from prometheus.world.entity import Actor
    from prometheus.world.npc import Npc
    from prometheus.world.physics import World

BEHAVIOURS: dict[str, type[Behaviour]] = {}
TICK, CALM = 0.1, 0.2
"""s between two moments at which an entity decides, and at which one does that nothing presses."""


@cache
def behaviours() -> dict[str, type[Behaviour]]:
    """Return every behaviour by its name: the shipped ones, and those of packages that are installed beside us.

    A package adds some by naming a module, in which subclasses of `Behaviour` are, as an entry point of the group
    "prometheus.behaviours". A program that only needs its own class defines it before it loads a world.

    Raises:
        WorldError: such a module cannot be imported.
    """
    import prometheus.world.company  # noqa: F401  (its classes register themselves)

    for point in entry_points(group="prometheus.behaviours"):
        try:
            point.load()
        except Exception as error:
            reason = f"{type(error).__name__}: {shorten(str(error), 100)}"
            raise WorldError(
                f"the behaviours of {shorten(point.value)} cannot be loaded ({reason}); repair or remove that package"
            ) from error
    return BEHAVIOURS


class Steer(NamedTuple):
    """What a behaviour wants until it decides again.

    Attributes:
        velocity: (x, y) m/s, world frame. heading: rad to face when standing.
        avoid: whether to walk round what is in the way. arousal: 0..1. sound: what can be heard.
        goal: (x, y) m that the velocity leads to, or None; behind a wall a way round it is taken.
        mate: id of the one that it goes up to, whom it does not walk round, or None.
    """

    velocity: tuple[float, float] = (0.0, 0.0)
    heading: float = 0.0
    avoid: bool = True
    arousal: float = 0.0
    sound: str = ""
    goal: tuple[float, float] | None = None
    mate: str | None = None


class Behaviour:
    """One way to behave. A subclass sets `name` and is registered by that.

    `next` says which behaviour follows, or None to go on; `steer` what to do for the next `tick` s. `age` is in s.
    """

    name: ClassVar[str] = ""
    tick: ClassVar[float] = TICK
    """s between two decisions: `TICK`, or `CALM` for what nobody does in a hurry."""
    heeds: ClassVar[bool] = True
    """Whether what is noticed may change it; a person's hand may not be shaken off."""
    shown: str
    """How an onlooker would call it."""

    def __init_subclass__(cls) -> None:
        """Register the class by its name; one without a name of its own is a base for others."""
        if "name" in vars(cls):
            BEHAVIOURS[cls.name] = cls

    def __init__(self, npc: Npc) -> None:
        """Start it."""
        self.shown = self.name
        self.age = 0.0

    def next(self, npc: Npc, world: World) -> str | None:
        """Return the name of the behaviour to change to, or None."""
        return None

    def delay(self, npc: Npc) -> float:
        """Return the seconds until a charge that this leads to would start to run; inf where it leads to none."""
        return math.inf

    def steer(self, npc: Npc, world: World) -> Steer:
        """Return what to do until it is asked again, after `tick` s."""
        self.age += self.tick
        return Steer(heading=npc.heading)


class Stop(Behaviour):
    """Stands."""

    name = "stop"
    tick = CALM


class Wander(Behaviour):
    """Strolls between random points within `roam` of its home, with pauses; from farther off it trots back.

    It goes to what it sees where it can: of a few points it takes the first to which nothing bars the way.
    """

    name = "wander"
    tick = CALM
    hurry: ClassVar[float] = 2.0
    """How much faster it goes back than it strolls."""
    tries: ClassVar[int] = 4
    """Points of which it takes one."""

    def __init__(self, npc: Npc) -> None:
        """Look about for a moment; the first point is chosen after that."""
        super().__init__(npc)
        # After a hunt it goes home at once.
        self._pause = npc.rng.uniform(1.5, 3.5) if npc.seen_at < 0 else 0.0
        self._goal: tuple[float, float] | None = None
        self._until = 0.0

    def _choose(self, npc: Npc, world: World) -> tuple[float, float]:
        turn = npc.rng.uniform(-math.pi, math.pi, self.tries)
        reach = npc.entity.roam * np.sqrt(npc.rng.random(self.tries))
        points = np.array(npc.home) + (reach * np.array([np.cos(turn), np.sin(turn)])).T
        free = world.crowd.routes.clear(npc.position[None, :2], points, np.array([npc.radius]))
        x, y = points[int(free.argmax())].tolist()
        self._until = self.age + 6.0
        return x, y

    def steer(self, npc: Npc, world: World) -> Steer:
        """Walk to the point; pause there; choose another."""
        self.age += self.tick
        if self._pause > 0:
            self._pause -= self.tick
            return Steer(heading=npc.heading)
        if self._goal is None:
            self._goal = self._choose(npc, world)
        elif npc.distance_to(self._goal) < 0.5 or self.age > self._until:
            self._goal = self._choose(npc, world)
            self._pause = npc.rng.uniform(0.3, 1.2)
        away = npc.distance_to(npc.home) > npc.entity.roam + 1.0
        return towards(npc, self._goal, npc.speeds.walk * (self.hurry if away else 1.0))


class Patrol(Behaviour):
    """Walks its path round and round."""

    name = "patrol"
    tick = CALM
    loops: ClassVar[bool] = True

    def __init__(self, npc: Npc) -> None:
        """Start at the nearest point of the path."""
        super().__init__(npc)
        path = npc.entity.path
        self._at = min(range(len(path)), key=lambda i: npc.distance_to(path[i])) if path else 0

    def steer(self, npc: Npc, world: World) -> Steer:
        """Walk to the next point; stand at the end of a path that does not loop."""
        self.age += self.tick
        path = npc.entity.path
        if self._at < len(path) and npc.distance_to(path[self._at]) < 0.5:
            self._at += 1
            if self.loops:
                self._at %= len(path)
        if self._at >= len(path):
            self.shown = "stop"
            return Steer(heading=npc.heading)
        return towards(npc, path[self._at], npc.speeds.walk)


class PassBy(Patrol):
    """Walks its path once, then stands."""

    name = "pass_by"
    loops = False


class Approach(Behaviour):
    """Walks up to what it noticed and stops before it."""

    name = "approach"

    def next(self, npc: Npc, world: World) -> str | None:
        """Give up when interest is gone."""
        return _back(npc, world)

    def steer(self, npc: Npc, world: World) -> Steer:
        """Close in to an arm's length."""
        self.age += TICK
        prey = npc.prey(world)
        npc.aim = (float(prey.position[0]), float(prey.position[1]))
        if npc.distance_to(npc.aim) < npc.radius + prey.radius + 0.8:
            return Steer(heading=heading_to(npc, npc.aim))
        return towards(npc, npc.aim, npc.speeds.walk, mate=prey.id)


class Notice(Behaviour):
    """Stands and stares for a moment, then does what its description says; who flees does not wait to be reached."""

    name = "notice"
    seconds: ClassVar[float] = 0.5
    startle: ClassVar[float] = 1.5
    """s until who comes would be there, from which on one flees at once."""

    def next(self, npc: Npc, world: World) -> str | None:
        """Go on to `on_notice`."""
        flees = npc.entity.on_notice == "flee" and seconds_to(npc, npc.prey(world)) < self.startle
        return (npc.entity.on_notice or npc.entity.behaviour) if flees or self.age >= self.seconds else None

    def delay(self, npc: Npc) -> float:
        """Return what is left of the stare, and the wind-up."""
        if npc.entity.on_notice != "charge":
            return math.inf
        return max(self.seconds - self.age, 0.0) + npc.entity.wind_up

    def steer(self, npc: Npc, world: World) -> Steer:
        """Face it."""
        self.age += TICK
        return Steer(heading=heading_to(npc, npc.prey(world).position), arousal=0.4, sound=npc.voice)


class Charge(Behaviour):
    """Winds up, runs straight at where the prey will be, recovers, and charges again while it cares.

    Wind-up tracks the prey; once committed the line bends by at most `bend` rad/s, so that a late step aside works.
    """

    name = "charge"
    bend: ClassVar[float] = 0.25
    overshoot: ClassVar[float] = 1.2

    def __init__(self, npc: Npc) -> None:
        """Start with the wind-up."""
        super().__init__(npc)
        self.phase = "wind-up"
        self._since = 0.0
        self._length = 0.0
        self._from = npc.position.copy()
        self.line = npc.heading

    def next(self, npc: Npc, world: World) -> str | None:
        """Go back to what it did before, once it has recovered and does not care any more."""
        return _back(npc, world) if self.phase in ("wind-up", "recovery") else None

    def steer(self, npc: Npc, world: World) -> Steer:
        """Run the phases: wind-up, commitment, recovery."""
        self.age += TICK
        self._since += TICK
        act = {"wind-up": self._wind_up, "commitment": self._commit, "recovery": self._recover}[self.phase]
        return act(npc, world)

    def delay(self, npc: Npc) -> float:
        """Seconds until it runs."""
        left = {"wind-up": npc.entity.wind_up, "commitment": 0.0, "recovery": npc.entity.recover + npc.entity.wind_up}
        return max(left[self.phase] - self._since, 0.0)

    def remaining(self, npc: Npc) -> float:
        """Metres that the committed run still goes."""
        run = math.hypot(npc.position[0] - self._from[0], npc.position[1] - self._from[1])
        return max(min(self._length - run, (npc.entity.commit - self._since) * npc.speeds.run), 0.0)

    def _enter(self, phase: str) -> None:
        self.phase, self._since = phase, 0.0
        self.shown = "stop" if phase == "recovery" else "charge"

    def _wind_up(self, npc: Npc, world: World) -> Steer:
        prey = npc.prey(world)
        gap = npc.distance_to(prey.position)
        ahead = min(0.5 * gap / max(npc.speeds.run, 0.1), 0.6)
        x, y = prey.position[:2] + ahead * prey.velocity
        npc.aim = (float(x), float(y))
        self.line = heading_to(npc, npc.aim)
        if self._since >= npc.entity.wind_up:
            self._from, self._length = npc.position.copy(), npc.distance_to(npc.aim) + self.overshoot
            self._enter("commitment")
        return Steer(heading=self.line, arousal=0.7, sound=npc.voice or "a shout")

    def _commit(self, npc: Npc, world: World) -> Steer:
        off = wrap(heading_to(npc, npc.prey(world).position) - self.line)
        if abs(off) < math.pi / 3:
            self.line += min(max(off, -self.bend * TICK), self.bend * TICK)
        run = math.hypot(npc.position[0] - self._from[0], npc.position[1] - self._from[1])
        stuck = self._since > 0.4 and npc.speed < 0.5
        if self._since >= npc.entity.commit or run >= self._length or stuck:
            self._enter("recovery")
        speed = npc.speeds.run
        velocity = (speed * math.cos(self.line), speed * math.sin(self.line))
        return Steer(velocity, self.line, avoid=False, arousal=1.0, sound="pounding feet and a roar")

    def _recover(self, npc: Npc, world: World) -> Steer:
        if self._since >= npc.entity.recover:
            self._enter("wind-up")
        return Steer(heading=npc.heading, arousal=0.5, sound="heavy panting")


def towards(npc: Npc, point: tuple[float, float], speed: float, mate: str | None = None, **more: Any) -> Steer:
    """Return the Steer that walks to a point (m) at a speed (m/s), round what stands between."""
    way = heading_to(npc, point)
    return Steer((speed * math.cos(way), speed * math.sin(way)), way, goal=point, mate=mate, **more)


def seconds_to(npc: Npc, other: Actor) -> float:
    """Return the s until two bodies touch if they go on closing in as they do now; inf where they do not."""
    x, y = (other.position - npc.position)[:2].tolist()
    u, v = (other.velocity - npc.velocity).tolist()
    apart = math.hypot(x, y)
    closing = -(x * u + y * v) / max(apart, 1e-9)
    return max(apart - npc.radius - other.radius, 0.0) / closing if closing > 1e-6 else math.inf


def heading_to(npc: Npc, point: Sequence[float] | np.ndarray) -> float:
    """Return the heading (rad, world) from an entity to a point [2+] m."""
    x, y, _ = npc.position.tolist()
    return math.atan2(point[1] - y, point[0] - x)


def _back(npc: Npc, world: World) -> str | None:
    if npc.interested(world):
        return None
    npc.forget(world)
    calm = npc.entity.behaviour
    return calm if calm not in ("charge", "approach") else "wander"
