"""The forecast against what then happens: how often it calls a touch right, and what it costs.

    python benchmarks/forecast.py [--situations 1000] [--seed 1]

A situation: a shipped world or a random yard, a random place and way, entities as their scripts have them after a
random while. Both forecasts are made, then the world lives on for two seconds with the agent driven that way.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import dataclass

import numpy as np

from prometheus.intent import DIRECTIONS
from prometheus.world.descent import DROP
from prometheus.world.document import Document
from prometheus.world.entity import Actor
from prometheus.world.forecast import HORIZON, WAYS, Risk, forecast
from prometheus.world.obstacles import is_obstacle
from prometheus.world.physics import World
from prometheus.world.rollout import Rollout
from prometheus.world.scenario import Scenario, list_worlds, load_scenario, parse_scenario

NAMES = ("analytic", "physics")
PACES = (1.4, 2.5, 4.5)
EDGE = 0.15
"""s: a touch so near the horizon is neither here nor there."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One way in one moment: seconds until the touch that each forecast foretold, and that happened (inf: none)."""

    world: str
    way: str
    pace: float
    analytic: float
    physics: float
    happened: float
    kind: str | None
    analytic_ms: float
    physics_ms: float

    def right(self, name: str) -> bool | None:
        """Whether a forecast called it right; None where that cannot be said."""
        told = getattr(self, name)
        if abs(told - HORIZON) < EDGE or abs(self.happened - HORIZON) < EDGE:
            return None
        return bool((told <= HORIZON) == (self.happened <= HORIZON))


def yard(rng: np.random.Generator) -> Scenario:
    """A walled yard with blocks and scripted entities: one charges, one passes by, one comes up, one stands."""
    blocks = [
        f"  - {{kind: box, name: b{i}, at: [{x:.2f}, {y:.2f}], size: [{w:.2f}, {d:.2f}, 2], heading: {h:.2f}}}"
        for i, (x, y, w, d, h) in enumerate(rng.uniform([-8, -8, 0.4, 0.4, 0], [8, 8, 2.5, 2.5, 3], (6, 5)))
    ]
    spot = rng.uniform(-7, 7, (6, 2)).round(2)
    turn = rng.uniform(-3, 3, 4).round(2)
    text = f"""name: yard
licence: CC0-1.0
solids:
  - {{kind: wall, name: n, start: [-9.5, 9.2], end: [9.5, 9.2]}}
  - {{kind: wall, name: s, start: [-9.5, -9.2], end: [9.5, -9.2]}}
  - {{kind: wall, name: w, start: [-9.2, -9.5], end: [-9.2, 9.5]}}
  - {{kind: wall, name: e, start: [9.2, -9.5], end: [9.2, 9.5]}}
{chr(10).join(blocks)}
agent: {{at: [{spot[0, 0]}, {spot[0, 1]}], heading: {turn[0]}}}
entities:
  - {{id: beast, kind: beast, at: [{spot[1, 0]}, {spot[1, 1]}], heading: {turn[1]}, radius: 0.45, height: 1.15,
     mass: 160, on_notice: charge, speeds: {{walk: 1.2, run: 5.2}}, commit: 2.2,
     senses: {{range: 12, view: 6, hearing: 3}}}}
  - {{id: passer, kind: man, at: [{spot[2, 0]}, {spot[2, 1]}], behaviour: patrol,
     path: [[{spot[3, 0]}, {spot[3, 1]}], [{spot[4, 0]}, {spot[4, 1]}], [{spot[2, 0]}, {spot[2, 1]}]]}}
  - {{id: comer, kind: woman, at: [{spot[5, 0]}, {spot[5, 1]}], heading: {turn[2]}, on_notice: approach,
     senses: {{range: 9, view: 4, hearing: 2}}}}
  - {{id: stander, kind: man, at: [{spot[4, 0]}, {-spot[4, 1]}], behaviour: stop}}
"""
    return parse_scenario(Document(text, "yard"))


def situation(seed: int, worlds: list[str] | None = None) -> Situation:
    """Make the situation of a seed, foretell it twice, and let it happen."""
    rng = np.random.default_rng(seed)
    names = worlds if worlds is not None else ["yard", *list_worlds()]
    name = names[seed % len(names)]
    scenario = yard(rng) if name == "yard" else load_scenario(name)
    start = scenario.agent
    if name != "yard":
        place = (start.at[0] + rng.uniform(-4, 4), start.at[1] + rng.uniform(-4, 4))
        start = start.model_copy(update={"at": place, "heading": float(rng.uniform(-3, 3))})
        scenario = scenario.model_copy(update={"agent": start})
    pace, way = PACES[int(rng.integers(len(PACES)))], WAYS[int(rng.integers(len(WAYS)))]
    with World(scenario, seed) as world:
        agent = world.agent
        roam = float(rng.uniform(-3, 3))
        for _ in range(int(rng.integers(5, 70))):
            agent.drive((1.2 * math.cos(roam), 1.2 * math.sin(roam)), agent.heading)
            world.step()
        rollout = Rollout(world)
        rollout(world, agent, pace)
        told, spent = [], []
        for make in (forecast, rollout):
            began = time.process_time()
            found = make(world, agent, pace)
            spent.append(1e3 * (time.process_time() - began))
            told.append(seconds(found.ways[way]))
        rollout.close()
        happened, kind = live_on(world, agent, way, pace)
    return Situation(name, way, pace, *told, happened, kind, *spent)


def seconds(risk: Risk) -> float:
    """When a touch is foretold, s; inf for none."""
    return math.inf if risk.time_s is None else risk.time_s


def live_on(world: World, agent: Actor, way: str, pace: float) -> tuple[float, str | None]:
    """Drive the agent that way for two seconds and a little; return when it first touched something (s), and what."""
    turn = agent.heading + DIRECTIONS.get(way, 0.0)
    pace = 0.0 if way == "stand" else pace
    way_to = np.array([math.cos(turn), math.sin(turn)]) * (pace > 0)
    masses = {prop.shape.name: prop.shape.mass for prop in world.props}
    already = {c.other for c in agent.contacts}
    high = float(agent.position[2])
    for i in range(round((HORIZON + 0.4) * 20)):
        agent.drive(pace * way_to, agent.heading)
        world.step()
        for contact in agent.contacts:
            light = contact.kind == "object" and not is_obstacle(masses.get(contact.other, 0.0), agent)
            # Who touched before and parts, or goes along it, does not touch anew.
            parts = contact.other in already and float(np.dot(contact.normal[:2], way_to)) > -0.05
            if not light and not parts:
                return (i + 1) / 20, contact.kind
        already &= {c.other for c in agent.contacts}
        if high - float(agent.position[2]) > DROP:
            return (i + 1) / 20, "drop"
        high = float(agent.position[2])
    return math.inf, None


def share(found: list[Situation], name: str) -> float:
    """Share of the situations that a forecast called right, of those of which that can be said."""
    return float(np.mean([right for each in found if (right := each.right(name)) is not None]))


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--situations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", help="only this one, or 'yard'")
    parser.add_argument("--wrong", action="store_true", help="also print each that was called wrong")
    given = parser.parse_args()
    worlds = [given.world] if given.world else None
    found: list[Situation] = []
    for i in range(given.situations):
        found.append(situation(given.seed + i, worlds))
        if (i + 1) % 50 == 0:
            print(i + 1, *(f"{name} {share(found, name):.4f}" for name in NAMES), file=sys.stderr, flush=True)
    figures: dict[str, object] = {"situations": len(found), "touches": sum(s.happened <= HORIZON for s in found)}
    for name in NAMES:
        figures[f"{name}_agreement"] = round(share(found, name), 4)
        figures[f"{name}_ms_p50"] = round(float(np.median([getattr(s, f"{name}_ms") for s in found])), 2)
        figures[f"{name}_ms_p99"] = round(float(np.quantile([getattr(s, f"{name}_ms") for s in found], 0.99)), 2)
        figures[f"{name}_by_world"] = {
            world: round(float(np.mean([r for s in found if s.world == world and (r := s.right(name)) is not None])), 3)
            for world in sorted({s.world for s in found})
        }
    print(json.dumps(figures, indent=2))
    if given.wrong:
        for i, s in enumerate(found):
            if s.right("analytic") is False or s.right("physics") is False:
                print(given.seed + i, s)


if __name__ == "__main__":
    main()
