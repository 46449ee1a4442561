"""What a mind remembers: its last decisions with their outcomes, and whom it saw where."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from aether.clean import clean, first_clause
from aether.heading import SECTORS, named, sector, turned
from aether.scene import Entity, Scene
from aether.threat import nature, noun, words

_VERBS = {
    "sprint": "sprint sprints sprinting flee flees fleeing bolt bolts bolting launch launches launching",
    "run": "run runs running dash dashes dashing rush rushes rushing",
    "jog": "jog jogs jogging hurry hurries hurrying trot trots trotting",
    "sneak": "sneak sneaks sneaking creep creeps creeping tiptoe tiptoes tiptoeing edge edges edging",
    "walk": "walk walks walking stroll strolls strolling stride strides striding move moves moving go goes going",
    "step": "step steps stepping back backs backing retreat retreats retreating sidestep sidesteps sidestepping",
    "stand": "stand stands standing still stop stops stopping freeze freezes freezing wait waits waiting cower cowers "
    "crouch crouches crouching pause pauses",
}
_VERB_OF = {word: verb for verb, forms in _VERBS.items() for word in forms.split()}
_FAILED = frozenset(
    "hit hits blocked block stuck bumped bump collided collision crash crashed failed fail trapped fell caught "
    "bounced dead".split()
)


_MAX_BLOCKS, _BLOCK_SPAN = 32, 60  # places, and decisions until one is forgotten
_HERE_M = 1.2
_MAX_TOKEN_WORDS = 8
_MOST_HERE = 2  # tokens; more would leave a body in a narrow place no way to try


class Note(NamedTuple):
    """One token of memory.

    Attributes:
        token: Such as "run" or "hit_wall", without its direction.
        direction: One of the eight directions of the body as it was then, or None.
        heading: The body's heading then, rad in the world; None where nobody said.
        decision: The count of decisions at which it was written.
    """

    token: str
    direction: str | None
    heading: float | None
    decision: int


class Sighting(NamedTuple):
    """Where an entity was when it was last in sight, from a body that headed `heading` rad."""

    entity: Entity
    heading: float | None
    decision: int


class Block(NamedTuple):
    """A place where a way was blocked.

    Attributes:
        place: Of the body, m in the world.
        note: What happened there.
    """

    place: tuple[float, float]
    note: Note


class Memory:
    """A bounded memory that forgets by itself.

    Directions are body-relative, so each note keeps the heading at which it was made, and `tokens` gives the directions
    anew in the body's present frame.

    Args:
        limit: How many tokens it gives at most.
        span: After how many decisions a token is forgotten.
    """

    def __init__(self, limit: int = 8, span: int = 6) -> None:
        """An empty memory."""
        self.limit = limit
        self.span = span
        self.decisions = 0
        self._notes: deque[Note] = deque(maxlen=4 * limit)
        self._seen: dict[str, Sighting] = {}
        self._lost: dict[str, Sighting] = {}
        self._blocks: deque[Block] = deque(maxlen=_MAX_BLOCKS)
        self._place: tuple[float, float] | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is still remembered, oldest first."""
        kept = [note for note in self._notes if self.decisions - note.decision <= self.span]
        return tuple(kept[-self.limit :])

    @property
    def seen(self) -> Mapping[str, Sighting]:
        """The last sighting of each entity by its id (or its type, where it has no id)."""
        return dict(self._seen)

    @property
    def lost(self) -> Mapping[str, Sighting]:
        """Beings that went out of sight not long ago, and where they were then."""
        return dict(self._lost)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Places where a way was blocked, oldest first, that are not forgotten yet."""
        return tuple(block for block in self._blocks if self.decisions - block.note.decision <= _BLOCK_SPAN)

    def note(self, token: str, *, heading: float | None = None, place: tuple[float, float] | None = None) -> None:
        """Remembers a token such as "hit_wall_left"; its last words may name a direction of the body.

        Args:
            token: What happened.
            heading: The body's heading, rad in the world.
            place: Where the body was, m in the world; a failure is then remembered with its place, and longer.
        """
        note = Note(*_split(clean(token, 60)), heading, self.decisions)
        self._notes.append(note)
        if place is not None and heading is not None and note.direction is not None and failed_direction(token):
            self._blocks.append(Block(place, note))

    def decided(self, motion: str, *, heading: float | None = None, place: tuple[float, float] | None = None) -> None:
        """Remembers that the agent set out to do `motion`, and counts one decision."""
        self.decisions += 1
        self._place = place or self._place
        self._notes.append(Note(*_split(motion_token(motion)), heading, self.decisions))

    def see(self, scene: Scene, *, heading: float | None = None, place: tuple[float, float] | None = None) -> None:
        """Remembers who is in sight, who went out of sight and where, and forgets what is long ago."""
        self._place = place
        present = {entity.id or entity.type for entity in scene.entities}
        for entity in scene.entities:
            if entity.visible:
                self._seen[entity.id or entity.type] = Sighting(entity, heading, self.decisions)
        for key, sighting in self._seen.items():
            if key not in present and key not in self._lost and _is_being(sighting.entity):
                self._lost[key] = Sighting(sighting.entity, sighting.heading, self.decisions)
        horizon = self.decisions - 4 * self.span
        self._seen = {key: s for key, s in list(self._seen.items())[-32:] if s.decision >= horizon}
        # A key stays in `lost` as long as in `seen`, so that one disappearance is told once.
        self._lost = {key: s for key, s in self._lost.items() if key not in present and key in self._seen}

    def tokens(self, heading: float | None = None) -> tuple[str, ...]:
        """The tokens for a scene, oldest first, with directions in the frame of a body that heads `heading` now.

        Decisions and outcomes of late ("run_left", "hit_wall_left"), then who went out of sight and where
        ("lost_beast_left"), then what once failed at this very place.
        """
        recent = [_token(note, heading) for note in self.notes]
        lost = [
            _token(Note(f"lost_{noun(s.entity)}", sector(s.entity.bearing), s.heading, s.decision), heading)
            for s in self._lost.values()
            if s.entity.bearing is not None and self.decisions - s.decision <= self.span
        ]
        here = [_token(block.note, heading) for block in self.blocks if self._is_here(block)]
        more = [token for token in dict.fromkeys((*here[-_MOST_HERE:], *lost[-_MOST_HERE:])) if token not in recent]
        return (*more, *recent)[-self.limit :]

    def _is_here(self, block: Block) -> bool:
        return self._place is not None and math.dist(self._place, block.place) < _HERE_M


def _is_being(entity: Entity) -> bool:
    return nature(entity) != "thing"


def _token(note: Note, heading: float | None) -> str:
    direction = note.direction
    if direction is not None and heading is not None and note.heading is not None:
        direction = turned(direction, heading - note.heading)
    return note.token if direction is None else f"{note.token}_{direction}" if note.token else direction


def _split(token: str) -> tuple[str, str | None]:
    """A token and the direction that it ends on: ("hit_wall", "left")."""
    for direction in sorted(SECTORS, key=len, reverse=True):
        for end in (direction, direction.replace("-", "_")):
            if token == end or token.endswith("_" + end):
                return token[: -len(end)].rstrip("_"), direction
    return token, None


def motion_token(motion: str) -> str:
    """The token of a motion sentence: "run_right" for "a person running to the right, afraid"."""
    found = words(motion)
    verb = next((_VERB_OF[word] for word in found if word in _VERB_OF), "move")
    direction = None if verb == "stand" else named(motion)
    return verb if direction is None else f"{verb}_{direction}"


@lru_cache(maxsize=1024)
def failed_direction(token: str) -> str | None:
    """The direction in which `token` says that something went wrong; None where it tells of no failure."""
    return named(token) if _is_token(token) and _FAILED & set(words(token)) else None


def _is_token(text: str) -> bool:
    """Whether `text` is short and plain enough to be a token; longer speech is nobody's memory."""
    return first_clause(text) == text and len(words(text)) <= _MAX_TOKEN_WORDS


@lru_cache(maxsize=1024)
def travelled(token: str) -> str | None:
    """The direction of a decision token: "right" for "run_right", "stand" for "stand"; None for anything else."""
    found = words(token)
    if _FAILED & set(found) or not _is_token(token):
        return None
    verb = next((_VERB_OF[word] for word in found if word in _VERB_OF), "move" if "move" in found else None)
    return "stand" if verb == "stand" else named(token) if verb else None
