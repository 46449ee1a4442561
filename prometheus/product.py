"""What a run leaves in its folder: episode, timings, report, and where asked for a film and an animated GLB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus.config import Config
from prometheus.episode import EPISODE, TIMINGS, read_episode
from prometheus.loop import Mind, Simulation
from prometheus.pace import Pace
from prometheus.run import Outcome, Progress, play, simulate

if TYPE_CHECKING:
    from prometheus.report import Report
    from prometheus.world.scenario import Scenario

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Made:
    """A finished run: its report, and the files that it left."""

    report: Report
    paths: list[Path]


def make(
    world: str,
    config: Config,
    out: Path,
    *,
    video: str | None = None,
    glb: str | None = None,
    minds: Mapping[str, Mind] | None = None,
    scenario: Scenario | None = None,
    before: Callable[[Simulation], None] | None = None,
    progress: Progress | None = None,
) -> Made:
    """Run a world and write everything into `out`.

    Args:
        world: name or file.
        config: settings.
        out: folder, made where it is not there.
        video: name of the film, or None for none.
        glb: name of the animated GLB, or None for none.
        minds: who decides, by the agents' ids, instead of the configuration's brain.
        scenario: the world itself, where it is not the one of that name.
        before: called before each frame.
        progress: called with (frames done, frames in all); drawing counts as much as running.
    """
    total = max(1, round(config.seconds * 20))
    whole = total * (2 if video else 1)

    def ran(done: int, _: int) -> None:
        if progress is not None:
            progress(done, whole)

    def drawn(done: int, _: int) -> None:
        if progress is not None:
            progress(total + done, whole)

    simulation, head = simulate(world, config, minds=minds, scenario=scenario)
    with simulation:
        # A replay knows every thought beforehand and need not wait for the clock.
        pace = Pace(config.speed) if config.mode == "realtime" and minds is None else None
        outcome = play(simulation, head, out, seconds=config.seconds, progress=ran, pace=pace, before=before)
    paths = [out / EPISODE, out / TIMINGS]
    if glb is not None:
        paths.append(_write_glb(outcome, out / glb))
    if video is not None:
        from prometheus.attire import Attire
        from prometheus.drawing.film import film

        own = Attire(own=True)
        outcome.report.renderer = film(read_episode(out), out / video, config.video, drawn, own)
        paths.append(out / video)
    outcome.report.write(out / REPORT)
    return Made(outcome.report, [*paths, out / REPORT])


def _write_glb(outcome: Outcome, path: Path) -> Path:
    from hephaestus.glb import write_animated

    write_animated(outcome.body.asset, outcome.local, outcome.motion.fps, path)
    return path
