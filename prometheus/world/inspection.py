"""Inspection: what a world holds, and what its author may have got wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.errors import WorldError
from prometheus.world.scenario import Scenario

if TYPE_CHECKING:
    from prometheus.world.physics import World

_FALL = 0.6
_NEEDS_PATH = ("patrol", "pass_by")


def summary(scenario: Scenario) -> dict[str, Any]:
    """Return what is in a world, as plain JSON values."""
    return {
        "name": scenario.name,
        "title": scenario.title,
        "licence": scenario.licence,
        "seed": scenario.seed,
        "expected": list(scenario.expected),
        "agents": dict(Counter(mind.body for mind in scenario.minds)),
        "entities": dict(Counter(entity.kind for entity in scenario.entities)),
        "solids": dict(Counter(solid.kind for solid in scenario.solids)),
    }


def inspect(scenario: Scenario, seeds: Iterable[int] = range(3)) -> list[str]:
    """Return findings, each one sentence with the fix; none for a sound world.

    The world is built with each of the seeds and runs for a second: nobody may stand in a wall or fall, and the goals
    and paths must be in reach.
    """
    findings = dict.fromkeys(_on_paper(scenario))
    for seed in seeds:
        findings |= dict.fromkeys(_in_place(scenario, seed))
    return list(findings)


def _on_paper(scenario: Scenario) -> Iterable[str]:
    if not scenario.expected:
        yield "`expected:` is empty; write down what should happen in this world"
    if scenario.agent.goal is None:
        yield "the agent has no `goal`; give it one, so that a run can succeed"
    used = {m.area for m in (*scenario.minds, *scenario.entities)}
    for name, area in scenario.areas.items():
        if area not in used:
            yield f"nobody starts in the area '{name}'; use or remove it"
    for kind in scenario.kinds:
        if kind not in {entity.kind for entity in scenario.entities}:
            yield f"nobody is of the kind '{kind}'; use or remove it"
    for entity in scenario.entities:
        if not entity.path and {entity.behaviour, entity.on_notice} & set(_NEEDS_PATH):
            yield f"'{entity.id}' patrols without a `path`; give it points to walk along"
        if entity.behaviour in ("charge", "flee") and entity.on_notice is None:
            yield f"'{entity.id}' begins with '{entity.behaviour}' but notices nobody; give it `on_notice`"
    for solid in scenario.solids:
        if solid.kind == "wall":
            length = math.dist(solid.start, solid.end)
            for gap in solid.gaps:
                if gap.at - gap.width / 2 > length or gap.at + gap.width / 2 > length + 0.01:
                    yield f"a gap of '{solid.name}' lies beyond its end; move its `at`"


def _in_place(scenario: Scenario, seed: int) -> Iterable[str]:
    from prometheus.world.physics import World

    try:
        world = World(scenario, seed)
    except WorldError as error:
        yield f"seed {seed}: {error}"
        return
    with world:
        starts = {actor.id: actor.position.copy() for actor in world.actors}
        yield from _ways(world)
        for _ in range(20):
            world.step()
        if float(world.penetrations().max(initial=0.0)) > 0.02:
            worst = world.actors[int(world.penetrations().argmax())].id
            yield f"'{worst}' is pressed into a solid at its start; move its `at`"
        for actor in world.actors:
            if not np.isfinite(actor.position).all() or actor.position[2] < starts[actor.id][2] - _FALL:
                yield f"'{actor.id}' falls where it starts; move its `at` onto firm ground"


def _ways(world: World) -> Iterable[str]:
    routes = world.crowd.routes
    for mind, agent in zip(world.scenario.minds, world.agents, strict=True):
        if mind.goal is None:
            continue
        way = routes.path(agent.position, mind.goal, agent.radius)
        if way is None or math.dist(way[-1], mind.goal) > 1.0:
            yield f"the goal of '{mind.id}' cannot be reached from its start; open a way, or move the goal"
    for npc in world.npcs:
        for point in npc.entity.path:
            way = routes.path(npc.position, point, npc.radius)
            if way is None or math.dist(way[-1], point) > 1.0:
                x, y = point
                yield f"'{npc.id}' cannot walk to ({x:g}, {y:g}) of its path; move that point"
