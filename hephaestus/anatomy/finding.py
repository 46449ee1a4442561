"""Finding: what was found out about a rig, as data and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hephaestus.glb.asset import Asset

_LISTS: Mapping[str, frozenset[str]] = {
    "humanoid": frozenset({"spine", "tail"}),
    "quadruped": frozenset({"spine", "neck", "tail", "L_front", "R_front", "L_hind", "R_hind"}),
    "manylegs": frozenset({"spine", "tail"}),
    "tank": frozenset({"L_track", "R_track", "wheels"}),
    "other": frozenset(),
}


@dataclass(frozen=True)
class Part:
    """A role and the nodes that play it.

    Attributes:
        nodes: file nodes from root to tip.
        confidence: 0 to 1.
    """

    nodes: tuple[int, ...]
    confidence: float


@dataclass(frozen=True)
class Finding:
    """A rig, understood.

    Attributes:
        asset: the file.
        kind: one of `hephaestus.roles.KINDS`.
        up: [3], unit, in the file's frame.
        facing: [3], unit, in the file's frame.
        height: from the lowest to the highest point along `up`, in units of the file.
        parts: role -> nodes; the legs of a many-legged body are L_leg1, L_leg2, ... and R_leg1, ...
        confidence: 0 to 1, of kind and map together.
        ignored: node -> why it has no role.
        warnings: a sentence each.
        why: how the front was decided, for people.
    """

    asset: Asset
    kind: str
    up: np.ndarray
    facing: np.ndarray
    height: float
    parts: Mapping[str, Part]
    confidence: float
    ignored: Mapping[int, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def roles(self) -> dict[str, list[int]]:
        """Role -> node indices."""
        return {role: list(part.nodes) for role, part in self.parts.items()}

    def to_dict(self, height_m: float | None = None) -> dict[str, Any]:
        """Return plain values for JSON.

        Args:
            height_m: height in metres, where it is known better than the file says.
        """
        return {
            "kind": self.kind,
            "up": _plain(self.up),
            "facing": _plain(self.facing),
            "height_m": round(float(self.height if height_m is None else height_m), 4),
            "roles": self._roles(),
            "confidence": round(float(self.confidence), 3),
            "ignored": [{"node": n, "name": self.asset.names[n], "why": why} for n, why in self.ignored.items()],
            "warnings": list(self.warnings),
            "refused": None,
        }

    def _roles(self) -> dict[str, Any]:
        lists = _LISTS[self.kind]
        out: dict[str, Any] = {}
        legs: list[list[dict[str, Any]]] = []
        for role, part in self.parts.items():
            items = [
                {"node": n, "name": self.asset.names[n], "confidence": round(part.confidence, 3)} for n in part.nodes
            ]
            if self.kind == "manylegs" and "_leg" in role:
                legs.append(items)
            elif items:
                out[role] = items if role in lists else items[0]
        if legs:
            out["legs"] = legs
        return out


def _plain(vector: np.ndarray) -> list[float]:
    return [round(float(x), 6) + 0.0 for x in vector]
