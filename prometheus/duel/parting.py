"""Parting: the first frames in which two lives of the same world and seed are no longer the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aether.difference import first_difference

if TYPE_CHECKING:
    from prometheus.loop import Moment
    from prometheus.world.physics import World

KINDS = ("said", "did", "moved")
"""What the minds said (PREDICT or MOTION), what the bodies were told after the judge, and where anything is."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two lives part.

    Attributes:
        kind: one of `KINDS`. frame: its number, 1 for the first.
        where: the field and both its values, as `pwm episode diff` says it.
        sentences: what each mind wanted then.
    """

    kind: str
    frame: int
    where: str
    sentences: tuple[str, str]

    @property
    def time_s(self) -> float:
        """World time, s."""
        return self.frame / 20

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        a, b = self.sentences
        return {"kind": self.kind, "frame": self.frame, "time_s": self.time_s, "where": self.where, "a": a, "b": b}


class Partings:
    """Looks at both lives frame by frame and keeps the first parting of each kind."""

    def __init__(self) -> None:
        self.found: dict[str, Parting] = {}
        self._said: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        self._did: tuple[dict[str, str], dict[str, str]] = ({}, {})

    @property
    def first(self) -> Parting | None:
        """The earliest, or None while both are the same."""
        return next(iter(self.sorted), None)

    @property
    def sorted(self) -> list[Parting]:
        """All that were found, the earliest first; of one frame, what was said comes first."""
        known = [self.found[kind] for kind in KINDS if kind in self.found]
        return sorted(known, key=lambda parting: parting.frame)

    def see(self, worlds: tuple[World, World], moments: tuple[Moment, Moment]) -> None:
        """Compare a frame of both."""
        if len(self.found) == len(KINDS):
            return
        for said, did, moment in zip(self._said, self._did, moments, strict=True):
            for act in moment.acts:
                if act.thought is not None and act.verdict is not None:
                    said[act.agent] = act.thought.decision.to_json()
                    did[act.agent] = act.verdict.command.text
        frame = moments[0].frame
        if "said" not in self.found:
            self._keep("said", frame, first_difference(*self._said, "decision"))
        if "did" not in self.found:
            self._keep("did", frame, first_difference(*self._did, "command"))
        if "moved" not in self.found:
            self._keep("moved", frame, first_difference(worlds[0].state(), worlds[1].state(), "frame"))

    def to_json(self) -> dict[str, Any]:
        """Return the first parting of each kind, None where there is none, and which of them is the earliest."""
        first = self.first
        kinds = {kind: self.found[kind].to_json() if kind in self.found else None for kind in KINDS}
        return {"first": None if first is None else first.to_json(), **kinds}

    def _keep(self, kind: str, frame: int, where: str | None) -> None:
        if where is not None:
            a, b = ([str(decision["motion"]) for decision in said.values()] or [""] for said in self._said)
            self.found[kind] = Parting(kind, frame, where, (a[0], b[0]))
