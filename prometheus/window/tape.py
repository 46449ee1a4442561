"""Tape: what is played is recorded as an episode as it happens, and can be kept."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.episode import EPISODE, TIMINGS
from prometheus.errors import EpisodeError, shorten
from prometheus.recorder import Recorder

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
        self._poses: list[np.ndarray] = []
        self.frames = 0

    def record(self, simulation: Simulation, moment: Moment) -> None:
        """Write a frame, as long as there is room."""
        if self._recorder is None:
            self._recorder = Recorder(self._folder, self._header)
        if self.frames < LONGEST:
            self._recorder.record(simulation.world, moment, simulation.watch.lap())
            self.frames += 1
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
        if not self.frames:
            raise EpisodeError("nothing has happened yet; let the world run and save again")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in (TIMINGS, EPISODE):
                part = folder / f".{name}.part"
                shutil.copyfile(self._folder / name, part)
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
