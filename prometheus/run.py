"""A run: a simulation put together from the configuration, played for some seconds, recorded and reported."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.agent import Agent, Mind, Stream
from prometheus.company import clone_agents
from prometheus.config import Config
from prometheus.data import data_path
from prometheus.loop import Moment, Simulation
from prometheus.posing import Pose, join
from prometheus.report import Report
from prometheus.think_time import think_time
from prometheus.world.physics import FRAME, World
from prometheus.world.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from aether.team import Team
    from hephaestus.bodies.body import Body
    from hephaestus.motion import Motion
    from prometheus.motion.motor import Motor
    from prometheus.motion.worker import RemoteMotor
    from prometheus.pace import Pace

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


def open_motion(config: Config) -> Motor | RemoteMotor:
    """Return what moves the bodies: the model in this process or, where the configuration says so, in its own.

    Raises:
        MotionError: there are no such weights.
    """
    if not config.motion.worker:
        return load_motion(config)
    from prometheus.motion.worker import RemoteMotor

    return RemoteMotor(config.motion.weights or data_path("assets", "motion"), config.motion.threads)


def make_minds(config: Config, scenario: Scenario, team: Team | None = None) -> dict[str, Mind]:
    """Return a mind for each agent of a scenario, by the agent's id.

    An agent's own brain in the world file comes before the configuration's. All share one event loop, rate limit,
    budget and cache, and a model that several of them ask is loaded once.

    Raises:
        aether.errors.BrainError: a brain is unknown, or lacks its key or file.
    """
    from aether.brains import deadline_of, load_all
    from aether.mind import Mind as RealMind

    brain = config.brain
    names = [agent.brain or brain.model for agent in scenario.minds]
    options = brain.options()
    if config.mode == "realtime":
        # A client library in this process would hold up the world's loop whenever it prepares or reads a call.
        options.setdefault("process", True)
    caller = None if team is None else team.caller
    return {
        agent.id: RealMind(loaded, deadline_s=brain.deadline_s or deadline_of(name), caller=caller)
        for agent, name, loaded in zip(scenario.minds, names, load_all(names, **options), strict=True)
    }


def header(config: Config, world_name: str, seed: int, agents: Sequence[Agent], seeds: Sequence[int]) -> dict[str, Any]:
    """Return what an episode says of the run that it records."""
    from prometheus.episode import versions

    who = [
        {"id": agent.id, "brain": brain_of(agent, config), "body": agent.wears, "latents_seed": latents}
        for agent, latents in zip(agents, seeds, strict=True)
    ]
    return {
        "world": world_name,
        "seed": seed,
        "seconds": config.seconds,
        "brain": config.brain.model,
        "body": agents[0].wears,
        "agents": who,
        "clones": config.agents - 1,
        "judge": config.judge,
        "forecast": config.forecast,
        "mode": config.mode,
        "think_time": config.think_time,
        "think_every_s": config.brain.every_s,
        "guidance": config.motion.guidance,
        "threads": config.motion.threads,
        "versions": versions(),
    }


def brain_of(agent: Agent, config: Config) -> str:
    """Return the name of the brain that an agent was given: its own in the world file, or everybody's."""
    own = next((mind.brain for mind in agent.world.scenario.minds if mind.id == agent.id), None)
    return own or config.brain.model


def simulate(
    world_name: str,
    config: Config,
    *,
    minds: Mapping[str, Mind] | None = None,
    scenario: Scenario | None = None,
    motor: Motor | RemoteMotor | None = None,
) -> tuple[Simulation, dict[str, Any]]:
    """Put a simulation together; every name and key is checked before anything heavy is loaded.

    Args:
        world_name: of a shipped world, or the path of a YAML file.
        config: the settings.
        minds: who decides, by the agents' ids, instead of the configuration's brain.
        scenario: the world itself, where it is not the one of that name.
        motor: the motion model, where it is loaded already.

    Returns:
        The simulation and its episode's header.
    """
    from aether.team import Team

    scenario = clone_agents(scenario or load_scenario(world_name), config.agents)
    team = Team() if len(scenario.minds) > 1 else None
    minds = minds or make_minds(config, scenario, team)
    worn = [config.body or agent.body for agent in scenario.minds]
    bodies = load_bodies(worn)
    seed = scenario.seed if config.seed is None else config.seed
    worlds, latents = np.random.SeedSequence(seed).spawn(2)
    seeds = [int(state) for state in latents.generate_state(len(worn))]
    motor, guidance = motor or open_motion(config), config.motion.guidance
    streams: Sequence[Stream] = motor.streams(["a person stands still"] * len(worn), seeds, guidance=guidance)
    world = World(scenario, worlds)
    every = max(1, round(config.brain.every_s / FRAME))
    agents = []
    for index, (actor, name, stream) in enumerate(zip(world.agents, worn, streams, strict=True)):
        mind = minds[actor.id]
        if team is not None:
            start = scenario.minds[index]
            team.join(actor.id, mind, start.role, ward=start.ward)
        # Beside the clock, thoughts of several agents come one after the other, lest they hold up one frame together.
        offset = index * every // len(worn) if config.mode == "realtime" else 0
        when = think_time(config.mode, config.think_time)
        agent = Agent(world, actor, mind, stream, bodies[name], think_time=when, every=every, offset=offset)
        agent.wears = name
        agents.append(agent)
    eye = None
    if config.brain.camera:
        from prometheus.drawing.eye import Eye

        eye = Eye()
    simulation = Simulation(world, agents, judge_mode=config.judge, forecast=config.forecast, team=team, eye=eye)
    return simulation, header(config, world_name, seed, agents, seeds)


def load_bodies(names: Sequence[str]) -> dict[str, Body]:
    """Load each body once."""
    from hephaestus.bodies import load_body

    return {name: load_body(name) for name in dict.fromkeys(names)}


class Take:
    """A simulation that is played frame by frame, reported on, and recorded where `out` is given.

    Args:
        simulation: what runs.
        header: what the episode says of it.
        out: where it is recorded, or None.
    """

    def __init__(self, simulation: Simulation, header: dict[str, Any], out: Path | None) -> None:
        from prometheus.recorder import Recorder

        self.simulation = simulation
        self.report = Report.begin(simulation, header)
        self._recorder = Recorder(out, header) if out is not None else None
        self._motions: list[Motion] = []
        self._poses: list[Pose] = []

    def step(self) -> Moment:
        """Play one frame."""
        simulation = self.simulation
        moment = simulation.step()
        with simulation.watch.stage("record"):
            self.report.see(simulation, moment)
            self._motions.append(moment.motion)
            self._poses.append(moment.acts[0].pose)
            if self._recorder is not None:
                self._recorder.record(simulation.world, moment, simulation.watch.lap())
        return moment

    def finish(self) -> Outcome:
        """Settle what is open and write the last line; `out` then holds `episode.jsonl` and `timings.jsonl`."""
        simulation = self.simulation
        motion, local = join(self._motions), _stacked(self._poses, self._motions, simulation.body)
        left = [outcome for agent in simulation.agents for outcome in agent.docket.rest(simulation.world)]
        self.report.settle(left)
        self.report.finish(simulation, local)
        if self._recorder is not None:
            self._recorder.end(outcomes=left, **self.report.outcome())
        return Outcome(self.report, motion, local, simulation.body)

    def __enter__(self) -> Take:
        return self

    def __exit__(self, *_: object) -> None:
        if self._recorder is not None:
            self._recorder.close()


def play(
    simulation: Simulation,
    header: dict[str, Any],
    out: Path | None,
    *,
    seconds: float,
    progress: Progress | None = None,
    pace: Pace | None = None,
    before: Callable[[Simulation], None] | None = None,
) -> Outcome:
    """Run a simulation to its end and report on it; record it where `out` is given.

    Args:
        simulation: what runs.
        header: what the episode says of it.
        out: where it is recorded, or None.
        seconds: of world time.
        progress: called with (frames done, frames in all).
        pace: when each frame's hour comes; None for at once.
        before: called before each frame.

    Returns:
        What happened. `out` then holds `episode.jsonl` and `timings.jsonl`; the report is the caller's to complete.
    """
    total = max(1, round(seconds / FRAME))
    with _unsearched(), Take(simulation, header, out) as take:
        for done in range(1, total + 1):
            if pace is not None:
                pace.wait()
            if before is not None:
                before(simulation)
            take.step()
            if progress is not None:
                progress(done, total)
        return take.finish()


@contextlib.contextmanager
def _unsearched() -> Iterator[None]:
    """Keep the garbage collector from looking through what is loaded: that would hold up a frame for 0.1 s."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _stacked(poses: Sequence[Pose], motions: Sequence[Motion], body: Body) -> np.ndarray:
    """The poses [T, J, 4, 4] of a whole run; where bodies were changed, all of it in the last one."""
    locals_ = [pose.local for pose in poses]
    same = all(local.shape == locals_[-1].shape for local in locals_)
    return np.stack(locals_) if same else body.poses(join(motions))
