"""Roles: the parts that nodes of a rig can play, and the check of a map from roles to nodes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hephaestus.errors import RigError
from hephaestus.glb.asset import Asset

KINDS = ("humanoid", "quadruped", "manylegs", "tank", "other")
TYPICAL_HEIGHT = {"humanoid": 1.75, "quadruped": 1.4, "manylegs": 1.0, "tank": 2.2, "other": 1.5}
"""m: for files whose own size cannot be metres."""

_SIDES = ("clavicle", "upperarm", "forearm", "hand", "thigh", "shin", "foot", "toe")
_HUMANOID = ("hips", "spine", "neck", "head", "tail", *(f"{s}_{part}" for s in "LR" for part in _SIDES))
_LEGS = tuple(f"{s}_{end}" for s in "LR" for end in ("front", "hind"))
ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "humanoid": _HUMANOID,
        "quadruped": ("hips", "spine", "neck", "head", "jaw", "tail", *_LEGS),
        "manylegs": ("hips", "spine", "head", "tail", "legs"),
        "tank": ("hull", "turret", "gun", "L_track", "R_track", "wheels"),
        "other": ("hips", "body", "head"),
    }
)
"""Kind -> the roles that it knows. `legs` is a list of legs: all left ones front to back, then all right ones."""

MOST_LEGS = 64

REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "humanoid": ("hips", *(f"{s}_{part}" for s in "LR" for part in ("thigh", "shin", "foot"))),
        "quadruped": _LEGS,
        "manylegs": ("L_leg1", "L_leg2"),
        "tank": (),
        "other": (),
    }
)
"""Kind -> the roles without which its driver cannot work."""


def check_roles(
    asset: Asset, roles: Mapping[str, str | int | Sequence[str | int]], *, kind: str, name: str
) -> dict[str, tuple[int, ...]]:
    """Turn names into node indices and check that every role is known, there, and not given twice.

    Raises:
        RigError: one sentence that says which role is wrong and how to mend it.
    """
    found: dict[str, tuple[int, ...]] = {}
    taken: dict[int, str] = {}
    for role, value in roles.items():
        if role not in ROLES[kind]:
            close = difflib.get_close_matches(str(role), ROLES[kind], 1)
            hint = f"did you mean {close[0]}?" if close else f"a {kind} has {', '.join(ROLES[kind])}"
            raise RigError(f"{name} has an unknown role {role!r}; {hint}")
        if value is None or value == []:
            continue
        for key, values in _chains(role, value, name).items():
            nodes = tuple(_node(asset, item, role, name) for item in values)
            for node in nodes:
                if node in taken:
                    raise RigError(f"{name} gives node {asset.names[node] or node!r} to both {taken[node]} and {key}")
                taken[node] = key
            found[key] = nodes
    missing = [role for role in REQUIRED[kind] if role not in found]
    if missing:
        raise RigError(f"{name} has no {missing[0]}, which a {kind} needs; name its node under `roles`")
    short = [role for role in _LEGS if kind == "quadruped" and len(found[role]) < 3]
    if short:
        raise RigError(f"{name} has fewer than three nodes in {short[0]}; list the leg from its root to the paw")
    return found


def leg_roles(roles: Mapping[str, object]) -> list[str]:
    """Return the keys under which `check_roles` keeps the legs of a many-legged body: left ones, then right ones."""
    return [key for side in "LR" for n in range(MOST_LEGS) if (key := f"{side}_leg{n + 1}") in roles]


def _chains(role: str, value: object, name: str) -> dict[str, Sequence[object]]:
    """Return role -> items; the list of lists `legs` becomes L_leg1, L_leg2, ... and R_leg1, ..."""
    values = value if isinstance(value, list | tuple) else [value]
    if role != "legs":
        return {role: values}
    legs = [leg for leg in values if isinstance(leg, list | tuple) and leg]
    if len(legs) != len(values) or len(legs) % 2 or len(legs) > MOST_LEGS:
        raise RigError(f"{name} has legs that are not pairs of lists; list the left legs, then as many right ones")
    half = len(legs) // 2
    return {f"{side}_leg{n + 1}": legs[n + k * half] for k, side in enumerate("LR") for n in range(half)}


def _node(asset: Asset, item: object, role: str, name: str) -> int:
    if isinstance(item, int) and not isinstance(item, bool):
        if 0 <= item < len(asset):
            return item
        raise RigError(f"{name} gives {role} node {item}, but the file has nodes 0 to {len(asset) - 1}")
    if not isinstance(item, str):
        raise RigError(f"{name} gives {role} the value {item!r}; use a node's name or index")
    count = asset.names.count(item)
    if count == 1:
        return asset.index(item)
    if count > 1:
        raise RigError(f"{name} has {count} nodes called {item!r}; give {role} by its index instead")
    close = difflib.get_close_matches(item, [n for n in asset.names if n], 1)
    hint = f"did you mean {close[0]!r}?" if close else "see the names in the file"
    raise RigError(f"{name} gives {role} a node {item!r} that is not in the file; {hint}")
