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
_HUMANOID = ("hips", "spine", "neck", "head", *(f"{s}_{part}" for s in "LR" for part in _SIDES))
_LEGS = tuple(f"{s}_{end}" for s in "LR" for end in ("front", "hind"))
ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "humanoid": _HUMANOID,
        "quadruped": ("hips", "spine", "neck", "head", "jaw", "tail", *_LEGS),
        "manylegs": ("hips", "body", "head", "legs"),
        "tank": ("hull", "turret", "gun", "L_track", "R_track", "wheels"),
        "other": ("hips", "body", "head"),
    }
)
"""Kind -> the roles that it knows."""

REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "humanoid": ("hips", *(f"{s}_{part}" for s in "LR" for part in ("thigh", "shin", "foot"))),
        "quadruped": _LEGS,
        "manylegs": (),
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
        values = value if isinstance(value, list | tuple) else [value]
        nodes = tuple(_node(asset, item, role, name) for item in values)
        for node in nodes:
            if node in taken:
                raise RigError(f"{name} gives node {asset.names[node] or node!r} to both {taken[node]} and {role}")
            taken[node] = role
        found[role] = nodes
    missing = [role for role in REQUIRED[kind] if role not in found]
    if missing:
        raise RigError(f"{name} has no {missing[0]}, which a {kind} needs; name its node under `roles`")
    short = [role for role in _LEGS if kind == "quadruped" and len(found[role]) < 3]
    if short:
        raise RigError(f"{name} has fewer than three nodes in {short[0]}; list the leg from its root to the paw")
    return found


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
