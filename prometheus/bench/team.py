"""Team: several minds of one brain, with and without their warnings: does it help that they call out?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.bench.draw import Draw
from prometheus.bench.generate import child
from prometheus.bench.layout import Being, Layout
from prometheus.bench.live import FPS, stand_still
from prometheus.bench.truth import engage, insist

if TYPE_CHECKING:
    from prometheus.config import Config
    from prometheus.loop import Simulation
    from prometheus.motion.motor import Motor

RUNS = 6
"""Meetings, each lived through with and without warnings."""
_SECONDS = 6.0
_LOOKOUTS = 2
_DRAWS = 4000
_WHAT = ("caught", "gap", "hurt")


@dataclass(frozen=True, slots=True)
class Meeting:
    """What became of a team that was attacked.

    Attributes:
        caught: whether the one who was charged at was reached. gap: the least distance, m, between its skin and the
            beast's. hurt: how many of all were reached.
    """

    caught: bool
    gap: float
    hurt: int


def warnings(config: Config, seed: int, runs: int = RUNS) -> dict[str, Any]:
    """Let teams be attacked from behind, once as they are and once deaf to one another.

    A beast charges from behind at one who walks; two others face it. The same world, seed and brain live through the
    same moment twice; all that differs is whether what one calls out reaches the others.

    Args:
        config: brain and motion.
        seed: of the meetings.
        runs: meetings.

    Returns:
        "runs"; for "with" and "without" warnings the means of what a `Meeting` tells; and "gain": what warnings change
        of each, with its 95 % bootstrap interval (Efron 1979).
    """
    from prometheus.run import load_motion

    motor = load_motion(config)
    scenarios = [(meeting(child(seed, f"team {number}")), child(seed, f"run {number}")) for number in range(runs)]
    found = {
        told: [_live(document, number, config, motor, warn) for document, number in scenarios]
        for told, warn in (("with", True), ("without", False))
    }
    gains = {what: gain(found["with"], found["without"], what) for what in _WHAT}
    return {"runs": runs, **{told: _told(meetings) for told, meetings in found.items()}, "gain": gains}


def meeting(seed: int) -> dict[str, Any]:
    """Return a world file: one who walks with a beast behind, and two who face it from ahead and from the sides."""
    draw = Draw(seed)
    beast = Being("beast", "charge", draw.metres(6.0, 13.0), draw.bearing(math.pi, 1.2), "beast")
    layout = Layout({}, (beast,), draw.heading(), "walk to the gate", (0.0, 16.0))
    document = layout.document("team", seed)
    document["agents"] = []
    for number, side in zip(range(_LOOKOUTS), (1.0, -1.0), strict=True):
        turn = layout.heading + side * draw.random.uniform(0.5, 1.3)
        reach = draw.metres(4.5, 7.0)
        place = [round(reach * math.cos(turn), 3), round(reach * math.sin(turn), 3)]
        heading = round(math.remainder(turn + math.pi, math.tau), 3)
        document["agents"].append(
            {"id": f"lookout-{number + 1}", "at": place, "heading": heading, "task": "keep watch"}
        )
    return document


def _live(document: Mapping[str, Any], seed: int, config: Config, motor: Motor, warn: bool) -> Meeting:
    """Live through a meeting in lockstep; nobody does for a brain what it leaves undone."""
    from aether.brain import as_brain
    from prometheus.run import simulate
    from prometheus.world.scenario import Scenario

    settings = {"seed": seed, "judge": "off", "mode": "lockstep", "think_time": "zero", "body": None, "agents": 1}
    chosen = config.model_copy(update=settings)
    simulation, _ = simulate("team", chosen, scenario=Scenario.model_validate(document), motor=motor)
    with simulation:
        for agent in simulation.agents:
            mind: Any = agent.mind
            mind.fallback = as_brain(stand_still)
            if not warn:
                mind.team = None
        engage(simulation.world, {"beast": "charge"})
        return _watched(simulation)


def _watched(simulation: Simulation) -> Meeting:
    world, prey = simulation.world, simulation.agent.actor
    (beast,) = world.npcs
    hurt: set[str] = set()
    gap = math.inf
    for _ in range(round(_SECONDS * FPS)):
        insist(world)
        simulation.step()
        gap = min(gap, prey.distance_to(beast.position) - prey.radius - beast.radius)
        hurt |= {agent.id for agent in simulation.agents if any(c.other == beast.id for c in agent.actor.contacts)}
    return Meeting(prey.id in hurt, max(gap, 0.0), len(hurt))


def _told(meetings: Sequence[Meeting]) -> dict[str, float]:
    return {what: round(fmean(float(getattr(each, what)) for each in meetings), 3) for what in _WHAT}


def gain(told: Sequence[Meeting], deaf: Sequence[Meeting], what: str) -> dict[str, Any]:
    """The mean paired difference that warnings make, with its bootstrap interval."""
    off = np.array([float(getattr(a, what)) - float(getattr(b, what)) for a, b in zip(told, deaf, strict=True)])
    draws = np.random.default_rng(0).integers(0, len(off), (_DRAWS, len(off)))
    low, high = np.percentile(off[draws].mean(1), (2.5, 97.5)).tolist()
    return {"mean": round(float(off.mean()), 3), "interval": [round(low, 3), round(high, 3)]}
