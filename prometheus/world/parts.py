"""Parts: the bounded numbers and texts that world files are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$")]
Text = Annotated[str, Field(max_length=400)]
Metre = Annotated[float, Field(ge=-500, le=500)]
Length = Annotated[float, Field(gt=0.01, le=500)]
Angle = Annotated[float, Field(ge=-7, le=7)]
Speed = Annotated[float, Field(ge=0, le=8)]
Seconds = Annotated[float, Field(ge=0, le=600)]
Point = tuple[Metre, Metre]
Place = tuple[Metre, Metre, Metre]
Share = Annotated[float, Field(ge=0, le=1)]
Rgb = tuple[Share, Share, Share]
Mass = Annotated[float, Field(gt=0.1, le=10_000)]
Material = Literal[
    "stone", "dark stone", "brick", "wood", "dark wood", "grass", "sand", "earth", "rock", "cobble", "roof", "slate",
    "plaster", "metal", "water", "cloth", "blue cloth",
]  # fmt: skip


class Part(BaseModel):
    """A piece of a world file: no unknown keys, no NaN, never changed after it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)


class Vary(Part):
    """How far the seed may move a thing: uniform in a disc of `at` m, and within +- `heading` rad."""

    at: Annotated[float, Field(ge=0, le=50)] = 0.0
    heading: Annotated[float, Field(ge=0, le=3.1416)] = 0.0


STILL = Vary()


class Senses(Part):
    """What a body can notice.

    Attributes:
        range, view: m and rad within which it sees. hearing: m within which it hears steps.
        blind: sectors of bearings (rad, left positive, from the right end to the left) in which it sees nothing.
        noise: how far distances are off, as a share of them (standard deviation).
        rays: in how many directions it feels out the space; with 16 the scene has `walls_16` and `ground_16` too.
        camera: whether the scene has a picture of what it sees, for a mind with vision.
    """

    range: Annotated[float, Field(ge=0, le=100)] = 10.0
    view: Annotated[float, Field(ge=0, le=6.2832)] = 3.49
    hearing: Annotated[float, Field(ge=0, le=100)] = 2.0
    blind: Annotated[tuple[tuple[Angle, Angle], ...], Field(max_length=8)] = ()
    noise: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    rays: Literal[4, 16] = 4
    camera: bool = False


class Speeds(Part):
    """Pace in m/s of walking and running."""

    walk: Speed = 1.2
    run: Speed = 3.5
