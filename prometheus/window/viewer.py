"""Viewer: the window on a recorded episode: the same picture and the same mind's panel, and a timeline to scrub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prometheus.window.app import App, Wanted
from prometheus.window.recording import Recording

if TYPE_CHECKING:
    from prometheus.config import Config
    from prometheus.window.show import Show


class Viewer(App):
    """A person's window into what has happened.

    Args:
        folder: of the episode, or its file.
        config: size and quality of the picture, and a body's file that the episode may name.
        wanted: what the command line asks of the window.

    Raises:
        EpisodeError: the episode cannot be read or shown.
        RenderError: no window can be opened here.
    """

    def __init__(self, folder: Path, config: Config, wanted: Wanted) -> None:
        # What is wrong with the episode is said before a window opens.
        self.recording = Recording.open(folder, (config.body,) if config.body else ())
        super().__init__(self.recording.world, config, wanted)
        # Only now there is a window that these can draw in.
        from prometheus.window.reading import Looking, Reading

        self.actions = Looking(self)
        self.panels = Reading(self)

    def _open(self, world: str) -> Show:
        return self.recording

    def _take_over(self) -> bool:
        opened = self.playground is not None
        super()._take_over()
        return opened

    def _follow_world(self, playground: Show) -> None:
        snapshot = playground.latest[1]
        if snapshot.frame != self._seen:
            if snapshot.frame != self._seen + 1:
                # After a leap the half minute before is told again.
                trace = self.panels.dashboard.trace
                trace.keep(())
                for name in snapshot.minds:
                    for frame, arousal, emotion in self.recording.felt(name):
                        trace.add(name, frame, arousal, emotion)
            self.desk.touch()
        super()._follow_world(playground)
