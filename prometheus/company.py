"""Company: more agents, or more passers-by, in a world that was written for fewer."""

from __future__ import annotations

import math
from itertools import count

import numpy as np

from prometheus.world.geometry import gaps, sweep
from prometheus.world.scenario import MAX_AGENTS, MAX_ENTITIES, Entity, Scenario
from prometheus.world.shapes import build_shapes, build_solids

APART = 1.4
"""m between the starts of those who are added and of everybody else."""
_ROOM = 0.15
_TURNS = np.arange(12) * math.pi / 6
_WIDEST = 25.0


def clone_agents(scenario: Scenario, agents: int) -> Scenario:
    """Return the scenario with copies of its agent around it, until it has so many agents.

    A copy has the task, the goal and the senses of the agent, and stands where the agent could have walked to straight.
    """
    missing = min(agents, MAX_AGENTS) - len(scenario.minds)
    if missing <= 0:
        return scenario
    names = {mover.id for mover in (*scenario.minds, *scenario.entities)}
    names |= {solid.name for solid in scenario.solids}
    free = (name for number in count(2) if (name := f"agent-{number}") not in names)
    starts = _starts(scenario, missing)
    copies = [scenario.agent.model_copy(update={"id": next(free), "at": start, "area": None}) for start in starts]
    return scenario.model_copy(update={"agents": (*scenario.agents, *copies)})


def add_walkers(scenario: Scenario, bodies: int) -> Scenario:
    """Return the scenario with men and women who wander, until it has so many bodies, agents included."""
    there = len(scenario.minds) + len(scenario.entities)
    missing = min(bodies - there, MAX_ENTITIES - len(scenario.entities))
    if missing <= 0:
        return scenario
    walkers = [
        Entity(
            id=f"walker {number}", kind=("man", "woman")[number % 2], like=("man", "woman")[number % 2],
            body=("humanoid", "woman")[number % 2], at=start, heading=float(_TURNS[number % len(_TURNS)]) - math.pi,
        )
        for number, start in enumerate(_starts(scenario, missing), 1)
    ]  # fmt: skip
    return scenario.model_copy(update={"entities": (*scenario.entities, *walkers)})


def _starts(scenario: Scenario, missing: int) -> list[tuple[float, float]]:
    """Return free places around the agent, nearest first, [x, y] m each."""
    agent = scenario.agent
    solids = build_solids(build_shapes(scenario)).blocking(agent.height)
    origin, room = np.array(agent.at), agent.radius + _ROOM
    taken = [np.array(mover.at) for mover in (*scenario.minds, *scenario.entities)]
    found: list[tuple[float, float]] = []
    for reach in np.arange(APART, _WIDEST, APART):
        steps = reach * np.stack([np.cos(_TURNS), np.sin(_TURNS)], 1)
        clear = gaps(origin + steps, solids).min(1, initial=np.inf) >= room
        share, _ = sweep(np.broadcast_to(origin, steps.shape), steps, agent.radius, solids)
        for place in (origin + steps)[clear & (share >= 1.0)]:
            if all(math.dist(place, other) >= APART * 0.9 for other in taken):
                taken.append(place)
                found.append((float(place[0]), float(place[1])))
            if len(found) == missing:
                return found
    # A narrow world: the rest stands where the agent does, and the world finds them the nearest free places.
    return [*found, *[tuple(agent.at)] * (missing - len(found))]
