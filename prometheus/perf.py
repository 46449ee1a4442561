"""Perf: how fast the loop is, and how much of that is the raw engines."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

from prometheus.config import Config
from prometheus.run import play, simulate

WARM_UP = 20
"""Frames played before the clock starts: first calls of the network are slow."""


def hardware() -> str:
    """Name the processor and its cores."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} cores"


def measure(world: str, config: Config) -> dict[str, Any]:
    """Run with everything but the picture on, recording included, and say where the time went.

    `ratio_to_raw` is the loop's wall time over the time inside Bullet's `stepSimulation` and inside the motion model
    (sentences in, frames out), all of the same run.
    """
    simulation, head = simulate(world, config)
    with tempfile.TemporaryDirectory() as folder, simulation:
        for _ in range(WARM_UP):
            simulation.step()
        simulation.watch.total.clear()
        world_clock, stream = simulation.world, simulation.stream
        raw = world_clock.engine_seconds + stream.model_seconds
        started = time.perf_counter()
        outcome = play(simulation, head, Path(folder), seconds=config.seconds)
        wall = time.perf_counter() - started - outcome.report.finish_seconds
        raw = world_clock.engine_seconds + stream.model_seconds - raw
    fps = outcome.report.frames / wall
    return {
        "control_fps": round(fps, 1),
        "realtime_factor": round(fps / 20, 2),
        "stages": {name: round(share, 4) for name, share in outcome.report.stages.items()},
        "ratio_to_raw": round(wall / raw, 3),
        "hardware": hardware(),
        "frames": outcome.report.frames,
        "threads": config.motion.threads,
    }
