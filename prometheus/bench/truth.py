"""Truth: what a scenario leads to, found by letting the simulator run each choice for two seconds and more."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus.bench.layout import BEARING, Layout
from prometheus.bench.level import PACE, due

if TYPE_CHECKING:
    from prometheus.world.physics import World

HORIZON, MARGIN = 2.0, 0.35
"""s that a choice is followed; a touch within `MARGIN` s of the end is too close to call."""
STAND = "stand"
CHOICES = (*BEARING, STAND)


@dataclass(frozen=True, slots=True)
class Fate:
    """What one choice leads to.

    Attributes:
        danger: whether the body touches a wall, a drop or a threat within `HORIZON`.
        kind: what it touches first, "wall" or the threat's kind; None where nothing.
        time: s until then; None where it touches nothing even a little later.
        distance: m that were free to that wall, or between the body and the threat, at the start; None if nothing.
        gap: the least distance m between the body's skin and a threat's on the way, or `_FAR`.
    """

    danger: bool
    kind: str | None
    time: float | None
    distance: float | None
    gap: float

    def risk(self) -> tuple[int, float]:
        """How bad it is, the larger the worse: a danger the sooner, else the nearness of a threat."""
        if self.danger:
            return 1, -(self.time or 0.0)
        return 0, -min(self.gap, _FAR)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "danger": self.danger, "kind": self.kind, "time": self.time, "distance": self.distance, "gap": self.gap
        }  # fmt: skip

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Fate:
        """Read what `to_json` wrote."""
        return cls(bool(obj["danger"]), obj["kind"], obj["time"], obj["distance"], float(obj["gap"]))


_FAR = 8.0


class Unclear(Exception):
    """A layout whose truth hangs on a hair: nobody could be blamed for calling it either way."""


def fates(layout: Layout, seed: int, choices: Iterable[str] = CHOICES) -> dict[str, Fate]:
    """Follow each choice at the pace that the layout calls for.

    Raises:
        Unclear: a touch comes so close to the horizon that it could be called either way.
    """
    pace = PACE[due(layout)]
    return {choice: _follow(layout, seed, choice, pace) for choice in choices}


def _follow(layout: Layout, seed: int, choice: str, pace: float) -> Fate:
    from prometheus.world.physics import FRAME, World
    from prometheus.world.scenario import Scenario

    scenario = Scenario.model_validate(layout.document("truth", seed))
    threats = {being.id: being for being in layout.beings if is_threat(being.kind, being.behaviour)}
    gap = _FAR
    with World(scenario, seed) as world:
        agent = world.agent
        engage(world, {being.id: being.behaviour for being in layout.beings})
        heading = agent.heading
        turn = heading + BEARING.get(choice, 0.0)
        speed = 0.0 if choice == STAND else pace
        for frame in range(round((HORIZON + MARGIN) / FRAME)):
            agent.drive((speed * math.cos(turn), speed * math.sin(turn)), heading)
            insist(world)
            world.step()
            after = (frame + 1) * FRAME
            for npc in world.npcs:
                if npc.id in threats and after <= HORIZON:
                    gap = min(gap, agent.distance_to(npc.position) - agent.radius - npc.radius)
            touched = _touched(agent.contacts, set(threats))
            if touched is not None:
                if after > HORIZON - MARGIN:
                    raise Unclear(f"{choice} ends after {after:.2f} s")
                kind, distance = _cause(layout, choice, touched, threats)
                return Fate(True, kind, round(after, 2), distance, round(max(gap, 0.0), 2))
    return Fate(False, None, None, None, round(max(gap, 0.0), 2))


def engage(world: World, deeds: Mapping[str, str]) -> None:
    """Let everybody who approaches or charges mean the agent from now on.

    Args:
        world: where they are.
        deeds: what each does, by id.
    """
    for npc in world.npcs:
        if deeds.get(npc.id) in ("approach", "charge"):
            npc.noticed = world.agent.id
            npc.become(deeds[npc.id])
    insist(world)


def insist(world: World) -> None:
    """Keep up, for this frame, the interest of everybody who means the agent."""
    for npc in world.npcs:
        if npc.noticed is not None:
            npc.seen_at, npc.alert_until = world.time, world.time + 60.0


def is_threat(kind: str, behaviour: str) -> bool:
    """Whether touching such a one is a harm: any beast, and a person who charges."""
    return kind == "beast" or behaviour == "charge"


def _touched(contacts: Iterable[Any], threats: set[str]) -> str | None:
    """The name of what is touched: a threat's id, "wall", or None."""
    names = [contact.other if contact.other in threats else "wall" for contact in contacts if _counts(contact, threats)]
    return min(names, key=lambda name: name == "wall", default=None)


def _counts(contact: Any, threats: set[str]) -> bool:
    return contact.other in threats or contact.kind == "wall"


def _cause(layout: Layout, choice: str, touched: str, threats: Mapping[str, Any]) -> tuple[str, float | None]:
    if touched in threats:
        return threats[touched].kind, round(threats[touched].distance, 2)
    return "wall", layout.walls.get(choice)
