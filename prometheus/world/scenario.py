"""Scenario: a world as data, validated, before anything is built from it."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prometheus.data import data_path
from prometheus.errors import WorldError, shorten
from prometheus.world.document import Document, read_document

MAX_AGENTS = 32
MAX_ENTITIES = 64
MAX_SOLIDS = 400

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$")]
Text = Annotated[str, Field(max_length=400)]
Metre = Annotated[float, Field(ge=-500, le=500)]
Length = Annotated[float, Field(gt=0.01, le=500)]
Angle = Annotated[float, Field(ge=-7, le=7)]
Speed = Annotated[float, Field(ge=0, le=8)]
Seconds = Annotated[float, Field(ge=0, le=600)]
Point = tuple[Metre, Metre]
Share = Annotated[float, Field(ge=0, le=1)]
Rgb = tuple[Share, Share, Share]
Material = Literal["stone", "brick", "wood", "grass", "sand", "earth", "roof", "metal", "water", "cloth"]
Kind = Literal["beast", "man", "woman"]
Behave = Literal["stop", "wander", "approach", "charge", "patrol", "pass_by"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)


class Gap(_Part):
    """An opening in a wall: `at` m from the wall's start to the gap's middle; with `height`, a lintel spans it."""

    at: Length
    width: Length
    height: Length | None = None


class Wall(_Part):
    """A straight wall standing on the ground, with gaps; `crenellated` adds merlons for the eye."""

    kind: Literal["wall"]
    name: Name
    start: Point
    end: Point
    height: Length = 3.0
    thickness: Annotated[float, Field(ge=0.1, le=20)] = 0.6
    material: Material = "stone"
    gaps: Annotated[tuple[Gap, ...], Field(max_length=16)] = ()
    crenellated: bool = False

    @model_validator(mode="after")
    def _has_length(self) -> Wall:
        if self.start == self.end:
            raise ValueError("a wall needs two different ends")
        return self


class Box(_Part):
    """A box on the ground (or `lift` m above it); with `mass` (kg) it is movable."""

    kind: Literal["box"]
    name: Name
    at: Point
    size: tuple[Length, Length, Length]
    heading: Angle = 0.0
    lift: Annotated[float, Field(ge=0, le=100)] = 0.0
    material: Material = "wood"
    mass: Annotated[float, Field(gt=0.1, le=10_000)] | None = None


class Tower(_Part):
    """A round tower, post or well; `roof` is the height of a cone on top, drawn but not touched."""

    kind: Literal["tower"]
    name: Name
    at: Point
    radius: Length
    height: Length
    material: Material = "stone"
    roof: Annotated[float, Field(ge=0, le=50)] = 0.0
    roof_material: Material = "roof"
    crenellated: bool = False


Solid = Annotated[Wall | Box | Tower, Field(discriminator="kind")]


class Torch(_Part):
    """A flame on a wall: light for the eye, nothing for physics."""

    at: tuple[Metre, Metre, Metre]
    colour: Rgb = (1.0, 0.62, 0.25)


class Ground(_Part):
    """Flat ground, `size` m square about the origin."""

    material: Material = "grass"
    size: Annotated[float, Field(ge=5, le=500)] = 80.0


class Sky(_Part):
    """Colours of the sky and the sun; `sun` points from the ground towards it (world frame)."""

    top: Rgb = (0.35, 0.55, 0.85)
    horizon: Rgb = (0.80, 0.86, 0.92)
    sun: tuple[Metre, Metre, Metre] = (0.4, 0.5, 0.8)
    sunlight: Rgb = (1.0, 0.95, 0.85)
    ambient: Rgb = (0.36, 0.38, 0.44)


class Vary(_Part):
    """How far the seed may move a start: uniform in a disc of `at` m, and within +- `heading` rad."""

    at: Annotated[float, Field(ge=0, le=50)] = 0.0
    heading: Annotated[float, Field(ge=0, le=3.1416)] = 0.0


class Senses(_Part):
    """What an entity can notice: sight within `range` m and `view` rad, hearing within `hearing` m."""

    range: Annotated[float, Field(ge=0, le=100)] = 10.0
    view: Annotated[float, Field(ge=0, le=6.2832)] = 3.49
    hearing: Annotated[float, Field(ge=0, le=100)] = 2.0


class Speeds(_Part):
    """Pace in m/s of walking and running."""

    walk: Speed = 1.2
    run: Speed = 3.5


class Mover(_Part):
    """What an agent and an entity share: a body, its size (m), mass (kg), start, and how the seed varies it."""

    body: Name = "humanoid"
    at: Point
    heading: Angle = 0.0
    radius: Annotated[float, Field(ge=0.25, le=2)] = 0.3
    height: Annotated[float, Field(ge=0.6, le=4)] = 1.75
    mass: Annotated[float, Field(ge=5, le=2_000)] = 70.0
    vary: Vary = Vary()

    @model_validator(mode="after")
    def _upright(self) -> Mover:
        if self.height < 2 * self.radius:
            raise ValueError("a body must be at least twice its radius tall")
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
    """A beast, man or woman with a behaviour.

    Attributes:
        on_notice: the behaviour it takes up when it notices an agent, or None to ignore it.
        roam: m, how far from its start it wanders.
        path: points that `patrol` and `pass_by` walk along.
        interest: s, how long it cares for what it noticed before it goes back.
        calm: s, how long it then ignores it.
        wind_up, commit, recover: s, the three phases of a charge.
    """

    id: Name
    kind: Kind
    behaviour: Behave = "wander"
    on_notice: Behave | None = None
    speeds: Speeds = Speeds()
    senses: Senses = Senses()
    roam: Annotated[float, Field(ge=0, le=200)] = 4.0
    path: Annotated[tuple[Point, ...], Field(max_length=64)] = ()
    interest: Seconds = 5.0
    calm: Seconds = 20.0
    wind_up: Annotated[float, Field(ge=0.1, le=5)] = 0.5
    commit: Annotated[float, Field(ge=0.1, le=10)] = 1.6
    recover: Annotated[float, Field(ge=0, le=10)] = 0.9


class Scenario(_Part):
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
    entities: Annotated[tuple[Entity, ...], Field(max_length=MAX_ENTITIES)] = ()

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
        path = tuple(p for p in first["loc"] if p not in ("wall", "box", "tower"))
        place = ".".join(str(p) for p in path) or "the world"
        line = document.line(path)
        rest = f" ({error.error_count() - 1} more like it)" if error.error_count() > 1 else ""
        reason = shorten(first["msg"].removeprefix("Value error, "), 160)
        where = f"{document.where}, line {line}: {shorten(place, 80)}"
        raise WorldError(f"{where}: {reason}; correct it there{rest}") from None
