"""Match: two simulations of one world and seed, each with its own brain, played in step and recorded."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from prometheus.config import Config, load_config
from prometheus.duel.parting import Partings
from prometheus.run import Take, make_minds, open_motion, simulate

if TYPE_CHECKING:
    from prometheus.loop import Moment, Simulation
    from prometheus.report import Report

NAMES = ("a", "b")
"""Folders of the two episodes."""


def configs(brains: tuple[str, str], **given: Any) -> tuple[Config, Config]:
    """Return the settings of both sides, which differ by their brain alone; a duel is in lockstep.

    Args:
        brains: by name.
        given: as `prometheus.config.load_config` takes it.

    Raises:
        ConfigError: a setting is wrong.
    """
    a, b = (load_config(brain__model=brain, mode="lockstep", **given) for brain in brains)
    return a, b


class Match:
    """Both sides of a duel; used in a `with` statement.

    Args:
        world: name or file.
        settings: of both sides, as `configs` gives them.
        out: folder that gets both episodes, in `a` and `b`.

    Raises:
        PrometheusError, aether.errors.AetherError: a name, a setting, a key or a file is wrong.

    Attributes:
        simulations: both. moments: the last of both, None before the first. partings: where they parted so far.
    """

    def __init__(self, world: str, settings: tuple[Config, Config], out: Path) -> None:
        self.settings = settings
        self.partings = Partings()
        self.moments: tuple[Moment, Moment] | None = None
        _check_brains(world, settings)
        with ExitStack() as stack:
            # One model moves all bodies: streams are their own, and the weights are loaded once.
            motor = open_motion(settings[0])
            close = getattr(motor, "close", None)
            if close is not None:
                stack.callback(close)
            sides = []
            for config, name in zip(settings, NAMES, strict=True):
                simulation, header = simulate(world, config, motor=motor)
                stack.enter_context(simulation)
                sides.append((simulation, stack.enter_context(Take(simulation, header, out / name))))
            self._stack = stack.pop_all()
        self.simulations: tuple[Simulation, Simulation] = (sides[0][0], sides[1][0])
        self._takes = (sides[0][1], sides[1][1])

    def step(self) -> tuple[Moment, Moment]:
        """Play a frame of both."""
        self.moments = (self._takes[0].step(), self._takes[1].step())
        self.partings.see((self.simulations[0].world, self.simulations[1].world), self.moments)
        return self.moments

    def finish(self) -> tuple[Report, Report]:
        """End both episodes and return their reports."""
        return self._takes[0].finish().report, self._takes[1].finish().report

    def __enter__(self) -> Match:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def _check_brains(world: str, settings: tuple[Config, Config]) -> None:
    """Find a brain that is unknown, or lacks its key or file, before anything heavy is loaded."""
    from prometheus.company import clone_agents
    from prometheus.world.scenario import load_scenario

    for config in settings:
        scenario = clone_agents(load_scenario(world), config.agents)
        for mind in make_minds(config, scenario).values():
            mind.close()


def compare(match: Match, reports: tuple[Report, Report], out: Path) -> dict[str, Any]:
    """Return what a duel came to: both reports, where they parted, and the first line that differs.

    Args:
        match: that was played.
        reports: of both sides.
        out: folder with both episodes.
    """
    from prometheus.inspection import difference

    a, b = (report.to_json() for report in reports)
    return {
        "world": a["world"], "seed": a["seed"], "frames": a["frames"], "brains": [a["brain"], b["brain"]],
        "parting": match.partings.to_json(), "diff": difference(out / NAMES[0], out / NAMES[1]), "a": a, "b": b,
    }  # fmt: skip
