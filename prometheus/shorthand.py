"""Shorthand: a frame's states as JSON text, lengths to a micrometre, without a detour by dictionaries.

A frame of thirty bodies holds some 300 numbers; to find the shortest decimal of each that reads back as the very same
float, as `json` does, takes longer than to move the bodies. What is written says the same as each one's `to_json`.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus.world.arena import Prop
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World

encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
"""Any value of plain parts as JSON on one line."""
_ACTOR = (
    '"position":[%.6f,%.6f,%.6f],"heading":%.6f,"velocity":[%.6f,%.6f],"contacts":%s'
)
_NPC = ',"behavior":%s,"phase":%.6f,"arousal":%.6f,"noticed":%s}'
_PROP = '"position":[%.6f,%.6f,%.6f],"rotation":[%.6f,%.6f,%.6f,%.6f]}'


class Shorthand:
    """Writes the states of one world's frames."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._words: dict[str | None, str] = {None: "null"}
        self._lying: dict[int, tuple[tuple[float, ...], tuple[float, ...], str]] = {}

    def state(self, world: World) -> str:
        """Return what `World.state` does, as JSON text without the braces.

        Raises:
            ValueError: a number is none that JSON knows.
        """
        parts = [
            f'"frame":{world.frame}',
            f'"actors":[{",".join([self._actor(actor) for actor in world.actors])}]',
            f'"props":[{",".join([self._prop(prop) for prop in world.props])}]',
        ]
        if world.movers:
            parts.append(f'"movers":{encode([_rounded(mover.to_json()) for mover in world.movers])}')
        return ",".join(parts)

    def _actor(self, actor: Actor) -> str:
        head = self._names.get(actor.id)
        if head is None:
            head = self._names[actor.id] = encode({"id": actor.id, "kind": actor.kind})[:-1] + ","
        x, y, z = actor.position.tolist()
        u, v = actor.velocity.tolist()
        touched = encode([contact.to_json() for contact in actor.contacts]) if actor.contacts else "[]"
        text = head + _ACTOR % (x, y, z, actor.heading, u, v, touched)
        if not math.isfinite(x + y + z + actor.heading + u + v):
            raise ValueError(f"'{actor.id}' is nowhere")
        if actor.fall is not None:
            text += ',"fall":' + encode(_rounded(actor.fall.to_json()))
        behavior = getattr(actor, "behavior", None)
        if behavior is None:
            return text + "}"
        phase, arousal = actor.phase, actor.arousal  # type: ignore[attr-defined]
        return text + _NPC % (self._word(behavior), phase, arousal, self._word(actor.noticed))  # type: ignore[attr-defined]

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

    def _word(self, word: str | None) -> str:
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = encode(word)
        return known


def _rounded(value: Any) -> Any:
    """A value of plain parts, its numbers to six decimals."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
