"""Clip: a stretch of motion on its way into the corpus, with what is known about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hephaestus.skeleton import MIRROR


@dataclass(frozen=True, slots=True)
class Raw:
    """Joints as imported, on the source's own proportions.

    Attributes:
        joints: float32 [T, 22, 3] m, y up, left and right as in the SMPL order.
        rest: [22, 3] the same body standing straight and facing +z, or None when unknown.
        fps: frames a second.
    """

    joints: np.ndarray
    rest: np.ndarray | None
    fps: float


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a clip, in frames from the clip's start, and the sentences that describe it."""

    start: int
    end: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clip:
    """Motion on the uniform skeleton at 20 fps, feet on y = 0.

    Attributes:
        id: unique name.
        joints: float32 [T, 22, 3] m, motion frame.
        origin: "mocap", "edited", "procedural" or "physics".
        source: the capture it comes from.
        kind: main kind, e.g. "walk".
        label: what the source says about it.
        captions: sentences people wrote about it.
        hints: facts the maker of an edit knows, e.g. {"arms": "thrown wide"}; per span as (start, end, facts).
        cyclic: the last frame joins the first.
        aside: kept for validation, whatever the list of captures kept aside says.
        spans: captions with their frames, filled by `caption`.
    """

    id: str
    joints: np.ndarray
    origin: str
    source: str
    kind: str
    label: str = ""
    captions: tuple[str, ...] = ()
    hints: tuple[tuple[int, int, dict[str, str]], ...] = ()
    cyclic: bool = False
    aside: bool = False
    spans: tuple[Span, ...] = field(default=())

    def __len__(self) -> int:
        """Frames."""
        return len(self.joints)

    def with_joints(self, joints: np.ndarray, id: str, **changes: Any) -> Clip:
        """Return a copy under another id with other joints."""
        return replace(self, id=id, joints=np.ascontiguousarray(joints, np.float32), **changes)


def mirror(joints: np.ndarray) -> np.ndarray:
    """Return joints [..., 22, 3] with left and right exchanged."""
    return joints[..., MIRROR, :] * np.array([-1.0, 1.0, 1.0], np.float32)
