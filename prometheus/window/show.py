"""Show: what a window shows, wherever it runs: a world in a process of its own, or a recording."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from hephaestus.glb.asset import Asset
    from hephaestus.render.bodyshape import BodyShape
    from hephaestus.render.scene import Stage
    from prometheus.window.snapshot import Snapshot

Worn = tuple[str, "Asset", "BodyShape | None"]
"""Key, body, and its shape where it was worked out already."""


@dataclass
class Clock:
    """Whether a world stands still, and how many times the clock's pace it goes."""

    paused: bool = False
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What is to be loaded of a world before it is shown.

    Attributes:
        world: its name or path. title: for people. leader: id of the agent who is looked at first.
        stage: what it looks like. shapes: of the stage's bodies, by key.
        pictures: of the stage, painted already; see `hephaestus.render.backdrop`.
        processes: ids of those in which it runs.
    """

    world: str
    title: str
    leader: str
    stage: Stage
    shapes: Mapping[str, BodyShape] = field(default_factory=dict)
    pictures: Mapping[str, np.ndarray] = field(default_factory=dict)
    processes: tuple[int, ...] = ()


class Show(Protocol):
    """What a window needs of what it shows.

    Attributes:
        setting: what is to be loaded; None while there is nothing to show yet. generation: counts settings.
        latest: the moment before, the one that is shown, and when it came (s of `time.perf_counter`).
        notices: sentences for the person, oldest first. dressed: what is worn anew since the setting was loaded.
        heights: m, of each actor by its id. failure: what ended it, or None.
        chosen: whom the world wants looked at, once; "" for nobody.
    """

    setting: Setting | None
    generation: int
    latest: tuple[Snapshot, Snapshot, float]
    notices: deque[str]
    dressed: deque[Worn]
    heights: dict[str, float]
    failure: BaseException | None
    chosen: str

    @property
    def pace(self) -> Any: ...  # noqa: D102
    @property
    def processes(self) -> tuple[int, ...]: ...  # noqa: D102
    def start(self) -> None: ...  # noqa: D102
    def advance(self) -> None: ...  # noqa: D102
    def do(self, order: str, *given: Any) -> None: ...  # noqa: D102
    def behaviours(self) -> list[str]: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
