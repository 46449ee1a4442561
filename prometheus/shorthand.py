"""Shorthand: a frame's states as JSON text, lengths to a micrometre, without a detour by dictionaries.

A frame of thirty bodies holds some 300 numbers; to find the shortest decimal of each that reads back as the very same
float, as `json` does, takes longer than to move the bodies. What is written says the same as each one's `to_json`.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.world.npc import Npc

if TYPE_CHECKING:
    from prometheus.world.arena import Prop
    from prometheus.world.physics import World

encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
"""Any value of plain parts as JSON on one line."""
_ACTOR = '"position":[%.6f,%.6f,%.6f],"heading":%.6f,"velocity":[%.6f,%.6f],"contacts":'
_NPC = ',"behavior":%s,"phase":%%.6f,"arousal":%%.6f,"noticed":%s}'
_PROP = '"position":[%.6f,%.6f,%.6f],"rotation":[%.6f,%.6f,%.6f,%.6f]}'


class Shorthand:
    """Writes the states of one world's frames."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._tails: dict[tuple[str, str | None], str] = {}
        self._lying: dict[int, tuple[tuple[float, ...], tuple[float, ...], str]] = {}

    def state(self, world: World) -> str:
        """Return what `World.state` does, as JSON text without the braces.

        Raises:
            ValueError: a number is none that JSON knows.
        """
        parts = [
            f'"frame":{world.frame}',
            f'"actors":[{self._actors(world)}]',
            f'"props":[{",".join([self._prop(prop) for prop in world.props])}]',
        ]
        if world.movers:
            parts.append(f'"movers":{encode([_rounded(mover.to_json()) for mover in world.movers])}')
        return ",".join(parts)

    def _actors(self, world: World) -> str:
        """All actors: their words first, then all their numbers in one go."""
        words: list[str] = []
        numbers: list[float] = []
        places = np.concatenate([world.spots, world.paces], 1).tolist()
        for actor, (x, y, z, east, north) in zip(world.actors, places, strict=True):
            head = self._names.get(actor.id)
            if head is None:
                start = _plain(encode({"id": actor.id, "kind": actor.kind})[:-1])
                head = self._names[actor.id] = start + "," + _ACTOR
            touched = _plain(encode([contact.to_json() for contact in actor.contacts])) if actor.contacts else "[]"
            text = head + touched
            numbers += (x, y, z, actor.heading, east, north)
            if actor.fall is not None:
                text += ',"fall":' + _plain(encode(_rounded(actor.fall.to_json())))
            if isinstance(actor, Npc):
                numbers += (actor.phase, actor.arousal)
                text += self._tail(actor.behaviour.shown, actor.noticed)
            else:
                text += "}"
            words.append(text)
        if not math.isfinite(sum(numbers)):
            lost = next(
                a.id for a in world.actors if not math.isfinite(a.position.sum() + a.velocity.sum() + a.heading)
            )
            raise ValueError(f"'{lost}' is nowhere")
        return ",".join(words) % tuple(numbers)

    def _tail(self, behavior: str, noticed: str | None) -> str:
        tail = self._tails.get((behavior, noticed))
        if tail is None:
            tail = self._tails[behavior, noticed] = _NPC % (_plain(encode(behavior)), _plain(encode(noticed)))
        return tail

    def _prop(self, prop: Prop) -> str:
        name = prop.shape.name
        known = self._lying.get(prop.handle)
        if known is not None and known[0] == prop.position and known[1] == prop.rotation:
            return known[2]
        if not math.isfinite(sum(prop.position) + sum(prop.rotation)):
            raise ValueError(f"'{name}' is nowhere")
        text = encode({"name": name})[:-1] + "," + _PROP % (*prop.position, *prop.rotation)
        self._lying[prop.handle] = (prop.position, prop.rotation, text)
        return text


def _plain(text: str) -> str:
    """Text that stays as it is where numbers are put into it."""
    return text.replace("%", "%%")


def _rounded(value: Any) -> Any:
    """A value of plain parts, its numbers to six decimals."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
