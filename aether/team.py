"""Several minds together: what they call out to one another, and who follows whom.

Each agent sends at most one short message a decision, to those who are in earshot or in sight of it. A warning is
passed on by those who hear it, a few times and never twice by the same. Whatever is said is data to the hearer:
bounded, cleaned, and never more than something that was heard.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from aether.caller import Caller
from aether.clean import clean
from aether.heading import sector
from aether.scene import MAX_MESSAGES, Entity, Scene
from aether.threat import act, entity_threat, noun

if TYPE_CHECKING:
    from aether.mind import Mind
    from aether.thought import Thought

Role = Literal["free", "leader", "follower", "guard"]
ROLES: tuple[Role, ...] = ("free", "leader", "follower", "guard")
EARSHOT_M = 15.0
_WORTH_A_WARNING = 0.3
_MOST_HOPS = 3
_SAY = r"(?im)^[^\w\n]{0,8}SAY[\"'`*_ \t]{0,4}[:=][ \t]*([^\n]{1,400})"
_MAX_WORDS, _MAX_CHARS = 12, 80
_NEAR_M, _BESIDE_M = 2.5, 1.5
_SAME_M = 3.0  # two reports of one kind this near are of one being
_WAY_WORDS = (
    "forward", "forward and to the left", "to the left", "backward and to the left", "backward",
    "backward and to the right", "to the right", "forward and to the right",
)  # fmt: skip


@dataclass(frozen=True)
class Pose:
    """Where a body is: x, y, m, and heading, rad, in the world."""

    x: float
    y: float
    heading: float

    def toward(self, x: float, y: float) -> tuple[float, float]:
        """Distance, m, and bearing, rad, left positive, of a place."""
        dx, dy = x - self.x, y - self.y
        return math.hypot(dx, dy), math.remainder(math.atan2(dy, dx) - self.heading, math.tau)

    def at(self, distance: float, bearing: float) -> tuple[float, float]:
        """The place at a distance and bearing."""
        angle = self.heading + bearing
        return self.x + distance * math.cos(angle), self.y + distance * math.sin(angle)


@dataclass(frozen=True)
class Alarm:
    """A threat that somebody tells of.

    Attributes:
        origin: Who saw it first, and with which of its messages it said so.
        entity: The threat, as its first witness saw it.
        place: Where it was, m in the world; None where nobody knows.
        hops: How often it was passed on.
    """

    origin: tuple[str, int]
    entity: Entity
    place: tuple[float, float] | None
    hops: int = 0


@dataclass(frozen=True)
class Message:
    """What one agent calls out.

    Attributes:
        sender: Its name.
        number: Counts the sender's messages.
        text: At most 80 characters.
        warning: The threat that it tells of, or None.
    """

    sender: str
    number: int
    text: str
    warning: Alarm | None = None


@dataclass
class Seat:
    """A mind's place in a team.

    Attributes:
        team: The team.
        name: The agent's name, one plain word.
        role: "leader", "follower" (of the leader), "guard" (of `ward`) or "free".
        ward: Whom a guard guards.
        pose: Where the body is, as the world last said; None where it never did.
    """

    team: Team
    name: str
    role: Role = "free"
    ward: str | None = None
    pose: Pose | None = None
    _said: Message | None = field(default=None, repr=False)
    _count: int = field(default=0, repr=False)
    _heard: dict[str, int] = field(default_factory=dict, repr=False)
    _known: dict[tuple[str, int], int] = field(default_factory=dict, repr=False)
    _told: tuple[Alarm, ...] = field(default=(), repr=False)

    def hears(self, scene: Scene) -> Scene:
        """The scene with what others called out since the last one, the threats they told of, and the role's task."""
        messages = self.team.reaching(self, scene)
        self._told = tuple(message.warning for message in messages if message.warning is not None)
        told = [entity for warning in self._told if (entity := self._placed(warning, scene))]
        texts = tuple(f"{message.sender}: {message.text}" for message in messages)
        own = replace(scene.own, task=self._task(scene.own.task))
        return replace(
            scene,
            entities=(*scene.entities, *told),
            messages=(*scene.messages, *texts)[-MAX_MESSAGES:],
            own=own,
        )

    def calls_out(self, thought: Thought, scene: Scene) -> Message | None:
        """What is said with a decision: the brain's own SAY line, else a warning of the worst threat, else nothing."""
        self._count += 1
        warning = self._warning(scene)
        said = re.search(_SAY, thought.text)
        text = "" if said is None else " ".join(clean(said[1], 2 * _MAX_CHARS).split()[:_MAX_WORDS])[:_MAX_CHARS]
        if not text and warning is not None:
            text = _spoken(warning.entity, warning.hops > 0)
        self._said = Message(self.name, self._count, text, warning) if text else None
        return self._said

    def _warning(self, scene: Scene) -> Alarm | None:
        worst = max(scene.entities, key=entity_threat, default=None)
        if worst is None or entity_threat(worst) < _WORTH_A_WARNING:
            return None
        told = next((w for w in self._told if (w.entity.id or w.entity.type) == (worst.id or worst.type)), None)
        if told is not None and not worst.visible:
            return replace(told, hops=told.hops + 1) if told.hops < _MOST_HOPS else None
        where = None
        if self.pose is not None and worst.distance is not None and worst.bearing is not None:
            where = self.pose.at(worst.distance, worst.bearing)
        origin = (self.name, self._count)
        self._known[origin] = self._count
        return Alarm(origin, worst, where)

    def knows(self, warning: Alarm) -> bool:
        """Whether it heard of this before; from now on it did."""
        if warning.origin in self._known or warning.origin[0] == self.name:
            return True
        self._known[warning.origin] = self._count
        self._known = dict(list(self._known.items())[-64:])
        return False

    def heard_last(self, sender: str) -> int:
        """The number of the last message of `sender` that was heard."""
        return self._heard.get(sender, 0)

    def hear(self, message: Message) -> None:
        """Notes that a message was heard."""
        self._heard[message.sender] = message.number

    @property
    def said(self) -> Message | None:
        """What it called out with its last decision."""
        return self._said

    def _placed(self, warning: Alarm, scene: Scene) -> Entity | None:
        """The threat of a warning as this body would know it; None where it is here already."""
        entity = warning.entity
        if any((other.id or other.type) == (entity.id or entity.type) for other in scene.entities):
            return None
        if self.pose is None or warning.place is None:
            return replace(entity, distance=None, bearing=None, visible=False)
        distance, bearing = self.pose.toward(*warning.place)
        for other in scene.entities:
            if noun(other) == noun(entity) and other.distance is not None and abs(other.distance - distance) < _SAME_M:
                return None
        return replace(entity, distance=distance, bearing=bearing, visible=False)

    def _task(self, task: str) -> str:
        goal = self.team.goal_of(self)
        if goal is None or self.pose is None:
            return task
        what, place = goal
        distance, bearing = self.pose.toward(*place)
        if distance < _NEAR_M:
            return f"{what}, reached"
        way = _WAY_WORDS[round(bearing / (math.pi / 4)) % 8]
        return f"{what}, {way}, bearing {bearing:.2f}, {distance:.0f} m"


class Team:
    """Agents that hear one another.

    Args:
        earshot_m: How far a call carries; whoever sees the caller hears it too.

    Attributes:
        earshot_m: See above.
        caller: An event loop for the calls of all its minds: `Mind(brain, caller=team.caller)`.
    """

    def __init__(self, earshot_m: float = EARSHOT_M) -> None:
        """An empty team."""
        self.earshot_m = earshot_m
        self.caller = Caller()
        self._seats: dict[str, Seat] = {}
        self._minds: dict[str, Mind] = {}

    @property
    def seats(self) -> Mapping[str, Seat]:
        """Everybody, by name."""
        return dict(self._seats)

    def join(self, name: str, mind: Mind, role: Role = "free", *, ward: str | None = None) -> Seat:
        """Gives `mind` a seat.

        Args:
            name: The agent's id in the world; entities of that id are it.
            mind: Its mind; `mind.team` is the seat from now on.
            role: What it is to the others.
            ward: Whom it guards, if it is a guard.
        """
        seat = Seat(self, _plain(name), role, None if ward is None else _plain(ward))
        self._seats[seat.name] = seat
        self._minds[seat.name] = mind
        mind.team = seat
        return seat

    def close(self) -> None:
        """Stops the event loop that its minds share."""
        self.caller.close()

    def moved(self, name: str, x: float, y: float, heading: float) -> None:
        """Says where an agent's body is; called before its scene is felt."""
        seat = self._seats.get(_plain(name))
        if seat is not None:
            seat.pose = Pose(x, y, heading)

    def think(self, scenes: Mapping[str, Scene]) -> dict[str, Thought]:
        """Lets several minds think at the same time: it takes as long as the slowest of them.

        Args:
            scenes: What each perceives, by name.
        """
        asked = {name: self._minds[_plain(name)] for name in scenes}
        headings = {name: pose.heading for name in scenes if (pose := self._seats[_plain(name)].pose)}
        for name, mind in asked.items():
            mind.begin(scenes[name], heading=headings.get(name))
        return {name: mind.finish(heading=headings.get(name)) for name, mind in asked.items()}

    def reaching(self, hearer: Seat, scene: Scene) -> list[Message]:
        """New messages that reach a hearer, in the order of the senders' names; a warning that it knows is left out."""
        in_sight = {entity.id for entity in scene.entities if entity.visible}
        heard = []
        for name in sorted(self._seats):
            sender, message = self._seats[name], self._seats[name].said
            if sender is hearer or message is None or message.number <= hearer.heard_last(name):
                continue
            if not (self._in_earshot(hearer, sender) or name in in_sight):
                continue
            hearer.hear(message)
            if message.warning is None or not hearer.knows(message.warning):
                heard.append(message)
        return heard[:MAX_MESSAGES]

    def goal_of(self, seat: Seat) -> tuple[str, tuple[float, float]] | None:
        """The task and the place that a role leads to; None where it leads nowhere."""
        if seat.role == "follower":
            leader = next((s for s in self._seats.values() if s.role == "leader" and s is not seat), None)
            if leader is not None and leader.pose is not None:
                return f"follow {leader.name}", (leader.pose.x, leader.pose.y)
        if seat.role == "guard":
            ward = self._seats.get(seat.ward or "")
            if ward is not None and ward.pose is not None:
                return f"guard {ward.name}", self._post(ward.pose, ward)
        return None

    def _post(self, at: Pose, ward: Seat) -> tuple[float, float]:
        """Where a guard stands: between the ward and the threat that it last told of, else with the ward."""
        told = None if ward.said is None else ward.said.warning
        if told is None or told.place is None:
            return at.x, at.y
        _, bearing = at.toward(*told.place)
        return at.at(_BESIDE_M, bearing)

    def _in_earshot(self, hearer: Seat, sender: Seat) -> bool:
        if hearer.pose is None or sender.pose is None:
            return True
        return math.dist((hearer.pose.x, hearer.pose.y), (sender.pose.x, sender.pose.y)) <= self.earshot_m


def _spoken(entity: Entity, passed_on: bool) -> str:
    """A warning in words."""
    facts = [noun(entity), act(entity.behavior)]
    if entity.distance is not None and not passed_on:
        facts.append(f"{entity.distance:.0f} m")
    if entity.bearing is not None and not passed_on:
        facts.append(f"{sector(entity.bearing)} of me")
    return f"careful, {' '.join(facts)}"


def _plain(name: str) -> str:
    """A name as one word that cannot be taken for anything else."""
    word = "".join(char for char in clean(name, 40) if char.isalnum() or char in "-_")
    return word[:20] or "agent"
