"""A run: a simulation put together from the configuration, played for some seconds, recorded and reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.config import Config
from prometheus.data import data_path
from prometheus.loop import FRAME, Mind, Simulation
from prometheus.report import Report
from prometheus.world.physics import World
from prometheus.world.scenario import load_scenario

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.motion import Motion
    from prometheus.motion.motor import Motor

Progress = Callable[[int, int], None]
"""Called with (frames done, frames in all)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run leaves in memory.

    Attributes:
        report: its figures. motion: of the agent, one frame for each of the run's. local: float32 [T, J, 4, 4], its
            poses on the rig of `body`.
    """

    report: Report
    motion: Motion
    local: np.ndarray
    body: Body


def load_motion(config: Config) -> Motor:
    """Load the motion model and give it its threads."""
    import torch

    from prometheus.motion.motor import Motor

    torch.set_num_threads(config.motion.threads)
    return Motor.load(config.motion.weights or data_path("assets", "motion"))


def make_mind(config: Config) -> Mind:
    """Return a mind with the brain that the configuration names.

    Raises:
        aether.errors.BrainError: the brain is unknown, or lacks its key or file.
    """
    from aether.brains import deadline_of, load
    from aether.mind import Mind as RealMind

    brain = config.brain
    options = brain.options()
    if brain.realtime:
        # A client library in this process would hold up the world's loop whenever it prepares or reads a call.
        options.setdefault("process", True)
    return RealMind(load(brain.model, **options), deadline_s=brain.deadline_s or deadline_of(brain.model))


def header(config: Config, world_name: str, seed: int) -> dict[str, Any]:
    """Return what an episode says of the run that it records."""
    from prometheus.episode import versions

    return {
        "world": world_name,
        "seed": seed,
        "seconds": config.seconds,
        "brain": config.brain.model,
        "body": config.body,
        "judge": config.judge,
        "think_every_s": config.brain.every_s,
        "realtime": config.brain.realtime,
        "guidance": config.motion.guidance,
        "threads": config.motion.threads,
        "versions": versions(),
    }


def simulate(world_name: str, config: Config, *, mind: Mind | None = None) -> tuple[Simulation, dict[str, Any]]:
    """Put a simulation together; every name and key is checked before anything heavy is loaded.

    Args:
        world_name: of a shipped world, or the path of a YAML file.
        config: the settings.
        mind: who decides, instead of the configuration's brain.

    Returns:
        The simulation and its episode's header.
    """
    from hephaestus.bodies import load_body

    scenario = load_scenario(world_name)
    mind = mind or make_mind(config)
    body = load_body(config.body)
    seed = scenario.seed if config.seed is None else config.seed
    worlds, streams = np.random.SeedSequence(seed).spawn(2)
    stream = load_motion(config).stream(
        "a person stands still", seed=int(streams.generate_state(1)[0]), guidance=config.motion.guidance
    )
    world = World(scenario, worlds)
    simulation = Simulation(
        world,
        mind,
        stream,
        body,
        think_every=config.brain.every_s,
        judge_mode=config.judge,
        realtime=config.brain.realtime,
    )
    return simulation, header(config, world_name, seed)


def play(
    simulation: Simulation,
    header: dict[str, Any],
    out: Path | None,
    *,
    seconds: float,
    progress: Progress | None = None,
    paced: bool = False,
) -> Outcome:
    """Run a simulation to its end and report on it; record it where `out` is given.

    Args:
        simulation: what runs.
        header: what the episode says of it.
        out: where it is recorded, or None.
        seconds: of world time.
        progress: called with (frames done, frames in all).
        paced: whether a frame waits for its hour, so that the world runs no faster than the clock.

    Returns:
        What happened. `out` then holds `episode.jsonl` and `timings.jsonl`; the report is the caller's to complete.
    """
    from contextlib import nullcontext

    from prometheus.episode import Recorder

    total = max(1, round(seconds / FRAME))
    report = Report.begin(simulation, header)
    motions, locals_ = [], []
    recorder = Recorder(out, header) if out is not None else None
    started = time.perf_counter()
    with recorder or nullcontext():
        for done in range(1, total + 1):
            if paced:
                time.sleep(max(0.0, started + (done - 1) * FRAME - time.perf_counter()))
            moment = simulation.step()
            with simulation.watch.stage("record"):
                report.see(simulation, moment)
                motions.append(moment.motion)
                locals_.append(moment.local)
                if recorder is not None:
                    recorder.record(simulation.world, moment, simulation.watch.lap())
            if progress is not None:
                progress(done, total)
        motion, local = join(motions), np.stack(locals_)
        report.finish(simulation, local)
        if recorder is not None:
            recorder.end(**report.outcome())
    return Outcome(report, motion, local, simulation.body)


def join(motions: list[Motion]) -> Motion:
    """Put motions one after the other."""
    from hephaestus.motion import Motion

    parts = ((m.joints, m.rotations, m.contacts) for m in motions)
    return Motion(*(np.concatenate(part) for part in zip(*parts, strict=True)))
