"""Attire: the bodies that a recorded episode may name; it comes from anywhere, and so does what it says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus.episode import Episode
from prometheus.errors import EpisodeError, shorten

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from prometheus.world.scenario import Scenario


class Attire:
    """Loads what an episode says that its actors wear: bodies that ship, files beside it, and files that are given.

    Any other file on this machine is none of its business: a page or a film would carry it away.

    Args:
        folder: of the episode, or its file; None where nothing lies beside it.
        given: files that somebody names, for the paths of the same name in the episode.
        own: whether the episode was made by this very process, so that all that it names was given already.
    """

    def __init__(self, folder: Path | None = None, given: Iterable[str | Path] = (), *, own: bool = False) -> None:
        where = None if folder is None else folder if folder.is_dir() else folder.parent
        self._folder = None if where is None else where.resolve()
        self._given = {Path(file).name: str(file) for file in given}
        self._own = own
        self._loaded: dict[str, Body] = {}

    def place(self, name: str) -> str:
        """Return what is to be loaded for a body by that name.

        Raises:
            EpisodeError: the episode has no business with that file.
        """
        from hephaestus.bodies import shipped

        if self._own or name in shipped():
            return name
        given = self._given.get(Path(name).name) if name.isprintable() else None
        beside = given or self._beside(name)
        if beside is None:
            raise EpisodeError(
                f"the episode names the body {shorten(name, 120)}, which neither ships nor lies beside it; give the "
                "file with --body if you trust it"
            )
        return beside

    def load(self, name: str) -> Body:
        """Load a body; one that several wear is loaded once.

        Raises:
            EpisodeError: the episode has no business with that file.
            hephaestus.errors.BodyError: it is refused.
        """
        from hephaestus.bodies import load_body

        where = self.place(name)
        if where not in self._loaded:
            self._loaded[where] = load_body(where)
        return self._loaded[where]

    def check(self, episode: Episode, scenario: Scenario) -> None:
        """See to it that an episode names no other body.

        Raises:
            EpisodeError: it does.
        """
        for name in sorted(named(episode, scenario)):
            self.place(name)

    def _beside(self, name: str) -> str | None:
        """The file by that name within the episode's own folder, links followed."""
        if self._folder is None or not name.isprintable():
            return None
        for path in (Path(name), self._folder / name, self._folder / Path(name).name):
            try:
                found = path.resolve()
                if found.is_relative_to(self._folder) and found.is_file():
                    return str(found)
            except (OSError, RuntimeError, ValueError):
                continue
        return None


def named(episode: Episode, scenario: Scenario) -> set[str]:
    """Return all bodies that an episode names, wherever it does."""
    header: dict[str, Any] = episode.header
    names = {str(agent["body"]) for agent in (header, *header.get("agents", ())) if "body" in agent}
    names |= {who.body for who in (*scenario.minds, *scenario.entities)}
    return names | {str(row["to"]) for row in episode.changes if row["what"] == "body"}
