"""Soak of the physics: bodies thrown about at up to 6 m/s in random worlds of every primitive, watched in every frame.

    python benchmarks/physics_soak.py --steps 1000000

A step is one of 240 a second; each frame of twelve is checked. It ends with 1 and says where, when a body is more than
2 cm in a wall, under the ground, or nowhere, or when memory grows by more than 20 MB after the first tenth.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from prometheus.world.document import Document
from prometheus.world.physics import SUBSTEPS, World
from prometheus.world.scenario import Scenario, parse_scenario

FRAMES = 400
"""Frames that one world is lived in."""
DEEPEST, SUNK, GROWTH_MB = 0.02, 0.3, 20.0
"""m in a wall, m under the ground (a floor at most 0.25 m above the feet is a step that is being climbed), MB."""
FASTEST = 6.0
_SIZES = ((0.25, 0.6, 8.0), (0.25, 1.1, 30.0), (0.3, 1.75, 70.0), (0.45, 1.5, 260.0), (1.1, 3.9, 1800.0))
"""Radius m, height m and mass kg of bodies, from tiny to huge."""


@dataclass
class Tally:
    """What was seen.

    Attributes:
        steps: of physics. worlds: lived in. refused: of which nothing could be built. deepest: m in a wall.
        sunk: m under the ground. falls: bodies knocked over.
        faults: a line for each thing that must not be.
    """

    steps: int = 0
    worlds: int = 0
    refused: int = 0
    deepest: float = 0.0
    sunk: float = 0.0
    falls: int = 0
    faults: list[str] = field(default_factory=list)


def wild_world(seed: int) -> Scenario:
    """Return a random world 24 m square that holds every primitive, and bodies of all sizes.

    Args:
        seed: the same one gives the same world.
    """
    rng = np.random.default_rng(seed)

    def place(reach: float = 10.0) -> list[float]:
        return [round(float(v), 2) for v in rng.uniform(-reach, reach, 2)]

    def size(low: float, high: float, tall: tuple[float, float]) -> list[float]:
        return [round(float(v), 2) for v in (*rng.uniform(low, high, 2), rng.uniform(*tall))]

    def turn() -> float:
        return round(float(rng.uniform(-3.1, 3.1)), 3)

    fence = [(-12, -12), (12, -12), (12, 12), (-12, 12), (-12, -12)]
    solids: list[dict[str, Any]] = [
        {"kind": "wall", "name": f"fence {i}", "start": list(fence[i]), "end": list(fence[i + 1])} for i in range(4)
    ]
    solids += [
        {"kind": "wall", "name": "wall", "start": place(), "end": place(), "gaps": [{"at": 1.5, "width": 1.2}]},
        {"kind": "box", "name": "block", "at": place(), "size": size(0.5, 3, (0.1, 2)), "heading": turn()},
        {"kind": "box", "name": "crate", "at": place(), "size": size(0.3, 0.9, (0.3, 0.9)), "mass": 12},
        {"kind": "box", "name": "safe", "at": place(), "size": [1, 1, 1.2], "mass": 900, "heading": turn()},
        {"kind": "stack", "name": "stack", "at": place(), "size": [0.5, 0.5, 0.5], "count": [2, 2, 3], "mass": 9},
        {"kind": "tower", "name": "tower", "at": place(), "radius": 0.9, "height": 3},
        {"kind": "tree", "name": "tree", "at": place()},
        {"kind": "sign", "name": "sign", "at": place(), "text": "beware"},
        {"kind": "grove", "name": "grove", "at": place(8), "size": [6, 6], "count": 5},
        {"kind": "door", "name": "door", "at": place(), "heading": turn(), "opens": "timer", "period": 3, "hold": 0.5,
         "style": str(rng.choice(["swing", "slide", "lift"])), "seconds": 0.6},
        {"kind": "platform", "name": "platform", "path": [[*place(), 0.3], [*place(), 0.3], [*place(), 1.8]],
         "speed": 1.5, "pause": 0.5},
    ]  # fmt: skip
    steep = size(2, 4, (0.3, 1.8))
    solids.append({"kind": "ramp", "name": "ramp", "at": place(), "size": steep, "heading": turn()})
    flight = size(2, 4, (0.3, 1.6))
    solids.append({"kind": "stairs", "name": "stairs", "at": place(), "size": flight, "steps": 8, "heading": turn()})
    corner = int(rng.integers(4))
    patches = [
        {"kind": "pit", "name": "pit", "size": [3, 3], "depth": round(float(rng.uniform(0.3, 4)), 2)},
        {"kind": "water", "name": "pond", "size": [5, 4], "depth": 0.8},
        {"kind": "hills", "name": "hills", "size": [7, 7], "height": 1.5, "wave": 5, "seed": seed % 1000},
    ]
    for number, patch in enumerate(patches):
        x, y = ((6.5, 6.5), (-6.5, 6.5), (-6.5, -6.5), (6.5, -6.5))[(corner + number) % 4]
        solids.append({**patch, "at": [x, y]})
    bodies = [_SIZES[int(i)] for i in rng.integers(0, len(_SIZES), 6)]
    movers = [{"at": place(11), "radius": r, "height": h, "mass": m} for r, h, m in bodies]
    entities = [
        {**mover, "id": f"body {i}", "kind": "beast" if i % 2 else "man", "behaviour": "stop"}
        for i, mover in enumerate(movers[1:])
    ]
    world = {"name": f"wild {seed}", "licence": "CC0-1.0", "solids": solids, "agent": movers[0], "entities": entities}
    return parse_scenario(Document(json.dumps(world), "wild"))


def live(seed: int, frames: int, tally: Tally) -> None:
    """Drive everybody of one world about, and note what must not be.

    Args:
        seed: of the world and of the driving.
        frames: how long.
        tally: is added to.
    """
    from prometheus.errors import WorldError

    rng = np.random.default_rng(seed + 1)
    tally.worlds += 1
    try:
        world = World(wild_world(seed), seed)
    except WorldError:
        tally.refused += 1
        return
    with world:
        _dress(world, rng)
        world.crowd.choose = lambda: None  # type: ignore[method-assign]
        for frame in range(frames):
            if frame % 12 == 0:
                turns = rng.uniform(-math.pi, math.pi, len(world.actors))
                paces = FASTEST * rng.random(len(world.actors))
                if rng.random() < 0.05:
                    world.knock(world.actors[int(rng.integers(len(world.actors)))], rng.uniform(-4, 4, 3))
            fallen = sum(actor.fall is not None for actor in world.actors)
            for actor, turn, pace in zip(world.actors, turns, paces, strict=True):
                actor.drive((pace * math.cos(turn), pace * math.sin(turn)), turn)
            world.step()
            tally.steps += SUBSTEPS
            tally.falls += max(sum(actor.fall is not None for actor in world.actors) - fallen, 0)
            _check(world, seed, tally)
            if len(tally.faults) > 200:
                return


def _dress(world: World, rng: np.random.Generator) -> None:
    from prometheus.errors import WorldError

    for actor in world.actors:
        if actor.height > 3:
            world.refit(actor, actor.radius, 4.6)
        elif rng.random() < 0.3 and actor.height < 2:
            before = (actor.radius, actor.height)
            try:
                world.refit(actor, 0.45 * actor.radius + 0.3, actor.height, 1.2 + actor.height)
            except WorldError:
                world.refit(actor, *before)
            actor.topples = actor.length == 0


def _check(world: World, seed: int, tally: Tally) -> None:
    places = np.array([actor.position for actor in world.actors])
    where = f"world {seed}, frame {world.frame}"
    if not np.isfinite(places).all():
        tally.faults.append(f"{where}: NaN")
        return
    depths = world.penetrations()
    worst = int(depths.argmax())
    tally.deepest = max(tally.deepest, float(depths[worst]))
    if depths[worst] > DEEPEST:
        actor = world.actors[worst]
        size = f"{actor.radius:.2f} x {actor.height:.2f} x {actor.length:.1f}"
        tally.faults.append(f"{where}: {actor.id} ({size}) {depths[worst]:.3f} m in a wall")
    floor, _ = world.terrain.at(places[:, :2], places[:, 2])
    sunk = np.where([actor.fall is None for actor in world.actors], floor - places[:, 2], 0.0)
    tally.sunk = max(tally.sunk, float(sunk.max()))
    if sunk.max() > SUNK:
        tally.faults.append(f"{where}: {world.actors[int(sunk.argmax())].id} {sunk.max():.2f} m under the ground")


def memory_mb() -> float:
    """Return the memory that this process holds now, in MB, what is only waiting to be collected left out."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> int:
    """Run the soak and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=100_000, help="of physics, 240 a second (default 100000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first world")
    options = parser.parse_args()
    tally, started, base = Tally(), time.process_time(), 0.0
    seed = options.seed
    while tally.steps < options.steps:
        live(seed, FRAMES, tally)
        seed += 1
        if seed % 25 == 0:
            told = f"{tally.steps} steps, {tally.worlds} worlds, deepest {tally.deepest:.4f} m"
            now = f"{len(tally.faults)} faults, {memory_mb():.1f} MB, next seed {seed}"
            print(f"{told}, {now}", *tally.faults[-1:], file=sys.stderr, flush=True)
        if not base and tally.steps >= options.steps / 10:
            base = memory_mb()
    growth = memory_mb() - base
    figures = {
        "steps": tally.steps, "worlds": tally.worlds, "refused": tally.refused, "deepest_m": round(tally.deepest, 4),
        "sunk_m": round(tally.sunk, 3), "falls": tally.falls, "memory_growth_mb": round(growth, 1),
        "cpu_s": round(time.process_time() - started, 1), "faults": len(tally.faults),
        "first_faults": tally.faults[:20],
    }  # fmt: skip
    print(json.dumps(figures, indent=2))
    return 1 if tally.faults or growth > GROWTH_MB else 0


if __name__ == "__main__":
    sys.exit(main())
