"""Kinds of entities, as data: what a beast, a man or a wolf is unless a world says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from prometheus.world.parts import Name, Part, Senses, Speeds

Likeness = Literal["beast", "man", "woman"]


class EntityKind(Part):
    """A kind: whatever an entity of this kind leaves out is taken from here.

    Attributes:
        like: which of the three kinds of the scene's dialects it counts as; a beast is a threat.
        body: what it wears. radius, height: m. mass: kg.
        fears: likenesses that it runs from when it notices one that hunts or comes close.
        voice: what is heard of it while it is roused, "" for nothing.
    """

    like: Likeness
    body: Name | None = None
    radius: Annotated[float, Field(ge=0.25, le=2)] | None = None
    height: Annotated[float, Field(ge=0.6, le=4)] | None = None
    mass: Annotated[float, Field(ge=5, le=2_000)] | None = None
    speeds: Speeds | None = None
    senses: Senses | None = None
    fears: Annotated[tuple[Likeness, ...], Field(max_length=3)] | None = None
    voice: Annotated[str, Field(max_length=80)] | None = None


SHIPPED: dict[str, EntityKind] = {
    "beast": EntityKind(like="beast", voice="aggressive growling"),
    "man": EntityKind(like="man"),
    "woman": EntityKind(like="woman", body="woman", height=1.66, mass=62, speeds=Speeds(walk=1.2, run=3.3)),
    "child": EntityKind(
        like="man", body="child", radius=0.25, height=1.2, mass=26, speeds=Speeds(walk=1.0, run=3.0), fears=("beast",)
    ),
    "guard": EntityKind(like="man", mass=85, speeds=Speeds(walk=1.2, run=4.0), senses=Senses(range=14, hearing=5)),
    "wolf": EntityKind(
        like="beast", body="beast", radius=0.35, height=0.9, mass=45, speeds=Speeds(walk=1.3, run=6.0),
        senses=Senses(range=14, view=4.2, hearing=6), voice="snarling",
    ),
    "bear": EntityKind(
        like="beast", body="beast", radius=0.6, height=1.4, mass=280, speeds=Speeds(walk=0.9, run=5.0),
        senses=Senses(range=9, view=3.5, hearing=5), voice="a deep growl",
    ),
}  # fmt: skip
"""Kinds that every world knows; a world's own `kinds:` come before them."""


def fill(entity: Any, kinds: Mapping[str, Any]) -> Any:
    """Return an entity's raw mapping with what its kind gives; anything that is no mapping is left to be refused."""
    if not isinstance(entity, dict) or not isinstance(entity.get("kind"), str):
        return entity
    own = kinds.get(entity["kind"])
    kind = SHIPPED.get(entity["kind"]) if own is None else own
    if isinstance(kind, EntityKind):
        kind = kind.model_dump(exclude_none=True)
    return {**kind, **entity} if isinstance(kind, dict) else entity
