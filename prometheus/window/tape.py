"""Tape: what is played is recorded as an episode as it happens, and can be kept."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.episode import EPISODE, TIMINGS
from prometheus.errors import EpisodeError, shorten
from prometheus.recorder import Recorder
from prometheus.report import Report

if TYPE_CHECKING:
    from prometheus.loop import Moment, Simulation

LONGEST = 20 * 3600
"""Frames that are recorded: an hour, as long as the longest run."""
_GLB = 20 * 120
"""Frames of motion that are kept for an animated GLB: the last two minutes."""


class Tape:
    """Records into a folder of its own, which is gone when the tape is closed.

    Args:
        header: what the episode says of the run.
    """

    def __init__(self, header: dict[str, Any]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pwm-play-"))
        self._header = dict(header)
        self._recorder: Recorder | None = None
        self._report: Report | None = None
        self._poses: list[np.ndarray] = []
        self._changes: list[tuple[str, str, str]] = []
        self.frames = 0

    def note(self, who: str, what: str, to: str) -> None:
        """Write down with the next frame that something about a passer-by was changed, as ("man", "body", "robot").

        What is changed about an agent the loop tells by itself.
        """
        self._changes.append((who, what, to))

    def record(self, simulation: Simulation, moment: Moment) -> None:
        """Write a frame, as long as there is room."""
        if self._recorder is None or self._report is None:
            if moment.frame > 1:
                self._header["begins_at"] = moment.frame
            self._recorder = Recorder(self._folder, self._header)
            self._report = Report.begin(simulation, self._header)
        if self.frames < LONGEST:
            self._recorder.record(simulation.world, moment, simulation.watch.lap(), self._changes)
            self._report.see(simulation, moment)
            self.frames += 1
        self._changes.clear()
        local = moment.acts[0].local
        if self._poses and self._poses[-1].shape != local.shape:
            self._poses.clear()
        self._poses.append(local)
        if len(self._poses) > _GLB:
            del self._poses[: len(self._poses) - _GLB]

    def save(self, folder: Path) -> Path:
        """Keep what was recorded so far as an episode in a folder; the recording goes on.

        Raises:
            EpisodeError: nothing was recorded, or the folder cannot be written.
        """
        if not self.frames or self._report is None or self._recorder is None:
            raise EpisodeError("nothing has happened yet; let the world run and save again")
        self._recorder.flush()
        figures = {name: value for name, value in self._report.outcome().items() if not name.startswith("deepest")}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in (TIMINGS, EPISODE):
                part = folder / f".{name}.part"
                shutil.copyfile(self._folder / name, part)
                if name == EPISODE:
                    with part.open("a", encoding="utf-8", newline="\n") as file:
                        end = {"type": "end", **figures}
                        file.write(json.dumps(end, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")
                part.replace(folder / name)
        except OSError as error:
            where = shorten(str(folder), 120)
            raise EpisodeError(f"cannot write {where}: {error.strerror}; choose another folder") from error
        return folder

    def export(self, simulation: Simulation, path: Path) -> Path:
        """Write the first agent's last two minutes as an animated GLB.

        Raises:
            EpisodeError: nothing was recorded yet.
            hephaestus.errors.AssetError: the file cannot be written.
        """
        from hephaestus.glb import write_animated

        if not self._poses:
            raise EpisodeError("nothing has happened yet; let the world run and export again")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_animated(simulation.body.asset, np.stack(self._poses), 20.0, path)
        return path

    def close(self) -> None:
        """Throw the recording away."""
        if self._recorder is not None:
            self._recorder.close()
        shutil.rmtree(self._folder, ignore_errors=True)
