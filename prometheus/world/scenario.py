"""Scenario: a world as data, validated, before anything is built from it."""

from __future__ import annotations

import difflib
import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from prometheus.data import data_path
from prometheus.errors import WorldError, shorten
from prometheus.world.document import Document, read_document
from prometheus.world.kinds import SHIPPED, EntityKind, Likeness, fill
from prometheus.world.parts import STILL, Angle, Material, Metre, Name, Part, Point, Rgb, Seconds, Senses, Speeds
from prometheus.world.parts import Text as Text
from prometheus.world.parts import Vary as Vary
from prometheus.world.primitives import KINDS, PATCHES, Box, Door, Grove, Platform, Solid, Stack, Stairs, Torch
from prometheus.world.primitives import Tower as Tower
from prometheus.world.primitives import Wall as Wall

MAX_AGENTS = 32
MAX_ENTITIES = 64
MAX_SOLIDS = 400

MAX_PATCHES = 16
MAX_MOVERS = 32
MAX_PIECES = 1200
"""Steps of stairs and trees of groves."""
MAX_MOVABLE = 160
"""Boxes that move, those of stacks included."""
Area = tuple[Metre, Metre, Metre, Metre]


class Ground(Part):
    """Flat ground, `size` m square about the origin."""

    material: Material = "grass"
    size: Annotated[float, Field(ge=5, le=500)] = 80.0


class Sky(Part):
    """Colours of the sky and the sun; `sun` points from the ground towards it (world frame)."""

    top: Rgb = (0.35, 0.55, 0.85)
    horizon: Rgb = (0.80, 0.86, 0.92)
    sun: tuple[Metre, Metre, Metre] = (0.4, 0.5, 0.8)
    sunlight: Rgb = (1.0, 0.95, 0.85)
    ambient: Rgb = (0.36, 0.38, 0.44)


class Mover(Part):
    """What an agent and an entity share: a body, its size (m), mass (kg), start, and how the seed varies it.

    Attributes:
        at: (x, y) m where it starts; with `area` it may be left out.
        area: x0, y0, x1, y1 m, or the name of one of the world's `areas`: the seed chooses a free place in it.
        lift: m, how high the floor is that it starts on.
    """

    body: Name = "humanoid"
    at: Point
    area: Area | None = None
    lift: Annotated[float, Field(ge=-20, le=100)] = 0.0
    heading: Angle = 0.0
    radius: Annotated[float, Field(ge=0.25, le=2)] = 0.3
    height: Annotated[float, Field(ge=0.6, le=4)] = 1.75
    mass: Annotated[float, Field(ge=5, le=2_000)] = 70.0
    vary: Vary = STILL

    @model_validator(mode="before")
    @classmethod
    def _starts_in_its_area(cls, data: Any) -> Any:
        area = data.get("area") if isinstance(data, dict) else None
        if isinstance(area, (list, tuple)) and len(area) == 4 and "at" not in data:
            if all(isinstance(v, (int, float)) for v in area):
                return {**data, "at": ((area[0] + area[2]) / 2, (area[1] + area[3]) / 2)}
        return data

    @model_validator(mode="after")
    def _upright(self) -> Mover:
        if self.height < 2 * self.radius:
            raise ValueError("a body must be at least twice its radius tall")
        if self.area is not None and not (self.area[0] <= self.area[2] and self.area[1] <= self.area[3]):
            raise ValueError("an area is written x0, y0, x1, y1 with x0 <= x1 and y0 <= y1")
        return self


class Agent(Mover):
    """One with a mind.

    Attributes:
        id: its name, by which others know it.
        task: in words. goal: where that task ends.
        role: what it is to the others in a team; a guard guards its `ward`, another agent's id.
        brain: who thinks for it, where it is not who thinks for all.
    """

    id: Name = "agent"
    task: Text = "explore"
    goal: Point | None = None
    senses: Senses = Senses(range=20.0)
    role: Literal["free", "leader", "follower", "guard"] = "free"
    ward: Name | None = None
    brain: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class Entity(Mover):
    """Somebody with a behaviour.

    Attributes:
        kind: "beast", "man", "woman", another of `SHIPPED`, or one of the world's `kinds`. like: what it counts as.
        on_notice: the behaviour it takes up when it notices an agent, or None to ignore it.
        whom: id of the one that it follows, guards or talks to; the agent when None.
        fears, voice: as its kind has them. says: what it calls out while it talks.
        roam: m, how far from its start it wanders.
        path: points that `patrol` and `pass_by` walk along.
        interest: s, how long it cares for what it noticed before it goes back.
        calm: s, how long it then ignores it.
        wind_up, commit, recover: s, the three phases of a charge.
    """

    id: Name
    kind: Name
    like: Likeness = "man"
    behaviour: Name = "wander"
    on_notice: Name | None = None
    whom: Name | None = None
    fears: Annotated[tuple[Likeness, ...], Field(max_length=3)] = ()
    voice: Annotated[str, Field(max_length=80)] = ""
    says: Annotated[str, Field(max_length=80)] = ""
    speeds: Speeds = Speeds()
    senses: Senses = Senses()
    roam: Annotated[float, Field(ge=0, le=200)] = 4.0
    path: Annotated[tuple[Point, ...], Field(max_length=64)] = ()
    interest: Seconds = 5.0
    calm: Seconds = 20.0
    wind_up: Annotated[float, Field(ge=0.1, le=5)] = 0.5
    commit: Annotated[float, Field(ge=0.1, le=10)] = 1.6
    recover: Annotated[float, Field(ge=0, le=10)] = 0.9

    @field_validator("behaviour", "on_notice")
    @classmethod
    def _known_behaviour(cls, name: str | None) -> str | None:
        from prometheus.world.behaviour import behaviours

        if name is not None and name not in behaviours():
            raise ValueError(f"there is no behaviour '{name}'; use one of: {', '.join(sorted(behaviours()))}")
        return name


class Scenario(Part):
    """A world file: everything that a `World` is built from."""

    name: Name
    title: Text = ""
    licence: Name
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    expected: Annotated[tuple[Text, ...], Field(max_length=32)] = ()
    ground: Ground = Ground()
    sky: Sky = Sky()
    solids: Annotated[tuple[Solid, ...], Field(max_length=MAX_SOLIDS)] = ()
    torches: Annotated[tuple[Torch, ...], Field(max_length=64)] = ()
    agent: Agent
    agents: Annotated[tuple[Agent, ...], Field(max_length=MAX_AGENTS)] = ()
    areas: Annotated[dict[Name, Area], Field(max_length=64)] = Field(default_factory=dict)
    kinds: Annotated[dict[Name, EntityKind], Field(max_length=32)] = Field(default_factory=dict)
    entities: Annotated[tuple[Entity, ...], Field(max_length=MAX_ENTITIES)] = ()

    @model_validator(mode="before")
    @classmethod
    def _take_from_kinds_and_areas(cls, data: Any) -> Any:
        return _filled(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _kinds_are_known(self) -> Scenario:
        known = {**SHIPPED, **self.kinds}
        strange = next((e.kind for e in self.entities if e.kind not in known), None)
        if strange is not None:
            raise ValueError(f"there is no kind '{strange}'; describe it under `kinds:` or use: {', '.join(known)}")
        ids = {*(a.id for a in self.minds), *(e.id for e in self.entities), None}
        lost = next((e.whom for e in self.entities if e.whom not in ids), None)
        if lost is not None:
            raise ValueError(f"nobody is called '{lost}'; `whom` takes the id of an agent or an entity")
        return self

    @field_validator("solids")
    @classmethod
    def _fits(cls, solids: tuple[Solid, ...]) -> tuple[Solid, ...]:
        count = sum(math.prod(s.count) if isinstance(s, Stack) else 1 for s in solids if _moves(s))
        if count > MAX_MOVABLE:
            raise ValueError(f"{count} movable boxes are over the limit of {MAX_MOVABLE}; use fewer")
        pieces = sum(s.steps if isinstance(s, Stairs) else s.count for s in solids if isinstance(s, Stairs | Grove))
        if pieces > MAX_PIECES:
            raise ValueError(f"{pieces} steps and trees are over the limit of {MAX_PIECES}; use fewer")
        movers = sum(isinstance(s, Door | Platform) for s in solids)
        if movers > MAX_MOVERS:
            raise ValueError(f"{movers} doors and platforms are over the limit of {MAX_MOVERS}; use fewer")
        holes = [s for s in solids if isinstance(s, PATCHES)]
        if len(holes) > MAX_PATCHES:
            raise ValueError(f"{len(holes)} pits, waters and hills are over the limit of {MAX_PATCHES}")
        for i, a in enumerate(holes):
            for b in holes[:i]:
                if all(abs(a.at[k] - b.at[k]) < (a.size[k] + b.size[k]) / 2 - 1e-6 for k in (0, 1)):
                    raise ValueError(f"'{a.name}' and '{b.name}' overlap; pits, waters and hills lie side by side")
        return solids

    @model_validator(mode="after")
    def _names_are_unique(self) -> Scenario:
        names = [*(a.id for a in self.minds), *(e.id for e in self.entities), *(s.name for s in self.solids)]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice is not None:
            raise ValueError(f"the name '{twice}' is used twice (an agent without an `id` is 'agent')")
        wards = {a.ward for a in self.minds} - {a.id for a in self.minds} - {None}
        if wards:
            raise ValueError(f"there is no agent '{min(map(str, wards))}' to guard")
        return self

    @property
    def minds(self) -> tuple[Agent, ...]:
        """Everyone with a mind, `agent` first."""
        return (self.agent, *self.agents)

    def to_json(self) -> dict[str, Any]:
        """Return the scenario as plain JSON values, defaults included."""
        return self.model_dump(mode="json")


def _moves(solid: Any) -> bool:
    return isinstance(solid, Stack) or (isinstance(solid, Box) and solid.mass is not None)


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    """Give entities what their kinds have, and put the named areas in the place of their names."""
    kinds, areas = data.get("kinds"), data.get("areas")
    kinds = kinds if isinstance(kinds, dict) else {}
    areas = areas if isinstance(areas, dict) else {}

    def settle(mover: Any) -> Any:
        mover = fill(mover, kinds)
        area = mover.get("area") if isinstance(mover, dict) else None
        return {**mover, "area": areas.get(area, area)} if isinstance(area, str) else mover

    data = dict(data)
    for key in ("entities", "agents"):
        if isinstance(data.get(key), (list, tuple)):
            # What is over the limit is left as it is: it will be refused.
            data[key] = [settle(mover) for mover in data[key][: MAX_ENTITIES + 1]]
    if isinstance(data.get("agent"), dict):
        data["agent"] = settle(data["agent"])
    return data


def list_worlds() -> list[str]:
    """Return the names of the shipped worlds, sorted."""
    return sorted(path.stem for path in data_path("worlds").glob("*.yaml"))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Load a shipped world by name, or any world file by path (with a slash or ending in .yaml).

    Raises:
        WorldError: no such world, or its file breaks a rule; the sentence names file, line, limit and fix.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or "\\" in text or text.endswith((".yaml", ".yml")):
        return parse_scenario(read_document(Path(text)))
    names = list_worlds()
    if text not in names:
        near = difflib.get_close_matches(text[:64].lower(), names, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ";"
        raise WorldError(f"no world named '{shorten(text, 40)}'{hint} `pwm world list` shows all")
    return parse_scenario(read_document(data_path("worlds", f"{text}.yaml")))


def parse_scenario(document: Document) -> Scenario:
    """Validate a document.

    Raises:
        WorldError: the first thing that is wrong with it, with its line.
    """
    if not isinstance(document.value, dict):
        raise WorldError(f"{document.where} holds no world; start it with `name:`, `licence:` and `agent:`")
    try:
        return Scenario.model_validate(document.value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = tuple(p for p in first["loc"] if p not in KINDS)
        place = ".".join(str(p) for p in path) or "the world"
        line = document.line(path) if path else document.line_of(first["msg"])
        rest = f" ({error.error_count() - 1} more like it)" if error.error_count() > 1 else ""
        reason = shorten(first["msg"].removeprefix("Value error, "), 160)
        where = f"{document.where}, line {line}: {shorten(place, 80)}"
        raise WorldError(f"{where}: {reason}; correct it there{rest}") from None
