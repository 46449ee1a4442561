"""Perf: how fast the loop is, and how much of that is the raw engines."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from prometheus.company import add_walkers, clone_agents
from prometheus.config import Config
from prometheus.loop import Simulation
from prometheus.machine import processor
from prometheus.run import play, simulate
from prometheus.world.scenario import load_scenario

WARM_UP = 20
"""Frames played before the clock starts: first calls of the network are slow."""


def hardware() -> str:
    """Name the processor and its cores."""
    return f"{processor()}, {os.cpu_count()} cores"


def measure(world: str, config: Config, *, bodies: int | None = None) -> dict[str, Any]:
    """Run with everything but the picture on, recording included, and say where the time went.

    Args:
        world: name or file.
        config: the settings; `agents` is how many minds there are.
        bodies: how many there are in all; men and women who wander are added. None for those of the world.

    Returns:
        `fps` (also as `control_fps`): frames of all bodies a second; `realtime_factor`; `stages`: the share of each
        part of the loop, together 1; `raw`: the shares of `engine` (Bullet's own `stepSimulation`, within "physics")
        and `model` (sentences and steering in, frames out, within "motion" and "judge"); `overhead`: the share of
        everything but these two, and `own_ms`: ms of it in a frame; `ratio_to_raw`: the loop's wall time over the time
        of these two, all of the same run.
    """
    scenario = load_scenario(world)
    scenario = scenario if bodies is None else add_walkers(clone_agents(scenario, config.agents), bodies)
    simulation, head = simulate(world, config, scenario=scenario)
    with tempfile.TemporaryDirectory() as folder, simulation:
        for _ in range(WARM_UP):
            simulation.step()
        simulation.watch.total.clear()
        engine, model = _raw(simulation)
        started = time.perf_counter()
        outcome = play(simulation, head, Path(folder), seconds=config.seconds)
        wall = time.perf_counter() - started - outcome.report.finish_seconds
        engine, model = (after - before for after, before in zip(_raw(simulation), (engine, model), strict=True))
        counted = {"agents": len(simulation.agents), "bodies": len(simulation.world.actors)}
    fps = outcome.report.frames / wall
    return {
        "fps": round(fps, 1),
        "control_fps": round(fps, 1),
        "realtime_factor": round(fps / 20, 2),
        "stages": {name: round(share, 4) for name, share in outcome.report.stages.items()},
        "raw": {"engine": round(engine / wall, 4), "model": round(model / wall, 4)},
        "overhead": round(1 - (engine + model) / wall, 4),
        "own_ms": round(1e3 * (wall - engine - model) / outcome.report.frames, 3),
        "ratio_to_raw": round(wall / (engine + model), 3),
        "hardware": hardware(),
        "frames": outcome.report.frames,
        "threads": config.motion.threads,
        **counted,
    }


def _raw(simulation: Simulation) -> tuple[float, float]:
    """Seconds spent so far inside Bullet's steps and inside the motion model."""
    return simulation.world.engine_seconds, sum(agent.stream.model_seconds for agent in simulation.agents)
