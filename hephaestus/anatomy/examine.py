"""Examine: a file's body kind, axes and role map, with confidences, from whatever the file has.

Joints and skin give the mirror plane and the paired chains; what stands on the floor gives up; feet, knees, elbows,
head, tail, gun and names vote for the front; the number of legs gives the kind. A VRM humanoid block goes before all of
it. Names count as far as they agree with what geometry says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hephaestus.anatomy import vrm
from hephaestus.anatomy.beasts import Beast
from hephaestus.anatomy.crowd import figures_apart
from hephaestus.anatomy.facing import Vote, decide, habit, names
from hephaestus.anatomy.finding import Finding, Part
from hephaestus.anatomy.humanoid import Humanoid
from hephaestus.anatomy.joints import Joints, beside, bind_world, joints_of
from hephaestus.anatomy.limbs import find_limbs
from hephaestus.anatomy.mirror import Mirror, find_mirrors
from hephaestus.anatomy.named import axes_of, named_parts
from hephaestus.anatomy.stance import Stance
from hephaestus.anatomy.tank import Tank
from hephaestus.anatomy.upright import find_up, ways_up
from hephaestus.anatomy.upright import habit as habit_up
from hephaestus.errors import RigError
from hephaestus.glb.asset import Asset
from hephaestus.rig import Rig, make_rig
from hephaestus.roles import REQUIRED, TYPICAL_HEIGHT
from hephaestus.twins import twins

_EVEN = 0.6
"""Score of the mirror above which a rest pose is read as it is."""
_MOST_JOINTS = 1500
_MOST_IN_TWO = 800
"""Joints of two figures together beyond which they are not looked at one by one."""
_TILTED = 0.99
"""Part of an up axis along one of the file's below which the file is taken for tilted."""
_FIGURES = ("humanoid", "quadruped", "manylegs")


def find_rig(asset: Asset, name: str = "body") -> Rig:
    """Return the rig that `examine` finds.

    Raises:
        RigError: the file has no nodes.
    """
    return rig_of(examine(asset), name)


def rig_of(finding: Finding, name: str = "body") -> Rig:
    """Return a finding as a rig that drivers take."""
    roles: dict[str, list[int]] = finding.roles
    given: dict[str, Any] = dict(roles)
    if finding.kind == "manylegs":
        legs = [roles[key] for key in roles if "_leg" in key]
        given = {key: nodes for key, nodes in roles.items() if "_leg" not in key} | {"legs": legs}
    return make_rig(
        finding.asset,
        given,
        kind=finding.kind,
        name=name,
        up=finding.up.tolist(),
        facing=finding.facing.tolist(),
    )


def examine(asset: Asset) -> Finding:
    """Find out what a rig is.

    Args:
        asset: any file.

    Raises:
        RigError: the file has no nodes.
    """
    if not len(asset):
        raise RigError("the file has no nodes; export the object with its armature")
    if found := _one_of_many(asset):
        return found
    loose = beside(asset)
    if loose.any():
        # What stands about in the file is no part of a figure that is whole without it.
        found = _examined(asset, loose)
        if found.kind in _FIGURES and found.confidence > 0.3:
            return found
    return _examined(asset, None)


def _one_of_many(asset: Asset) -> Finding | None:
    """The largest of several figures that stand apart in a file; None where there is but one thing."""
    figures = figures_apart(asset)[:2]
    if sum(int(figure.sum()) for figure in figures) > _MOST_IN_TWO:
        return None
    each = [_examined(asset, ~figure) for figure in figures]
    if len(each) < 2 or any(found.kind not in _FIGURES or found.confidence < 0.5 for found in each):
        return None
    found, others = each[0], ~figures[0]
    ignored = {n: "belongs to another figure in the file" if others[n] else why for n, why in found.ignored.items()}
    told = "the file holds several figures that stand apart; the largest is moved, and carries the others along"
    return replace(found, ignored=ignored, warnings=(*found.warnings, told))


def _examined(asset: Asset, without: np.ndarray | None) -> Finding:
    pieces = len({p.node for p in asset.primitives if p.skin is None})
    if pieces > _MOST_JOINTS:
        return _plain(asset, f"it is in {pieces} pieces, which is no figure that is mapped")
    joints, mirrors = _pose(asset, without)
    if not len(joints) or len(joints) > _MOST_JOINTS:
        return _plain(asset, f"{len(joints)} joints move something, which is no figure that is mapped")
    stance = _stance(joints, mirrors[0])
    if len(mirrors) > 1 and _stands(stance):
        # Crawlers are nearly as even front to back: the plane in which they also stand upright is the right one.
        stance = max(
            [stance, _stance(joints, mirrors[1])], key=lambda s: s.mirror.score + 0.2 * (abs(s.up).max() > 0.99)
        )
    if not _stands(stance):
        stance = _rolling(stance)
    found = _read(stance)
    found = vrm.preferred(found, stance)
    return _noted(found, stance)


def _stance(joints: Joints, mirror: Mirror) -> Stance:
    limbs = find_limbs(joints, mirror)
    return Stance(joints, mirror, tuple(limbs), find_up(joints, mirror, limbs))


def _rolling(stance: Stance) -> Stance:
    """The same body the way up in which it is most of a vehicle, if it is one at all."""
    ways = ways_up(stance.joints, stance.mirror)
    others = [replace(stance, up=way) for way in ways]
    vehicles = [Tank(other) for other in others]
    worth = [v.score + v.poise + 0.5 * habit_up(way) for v, way in zip(vehicles, ways, strict=True)]
    best = int(np.argmax(worth))
    return others[best] if vehicles[best].score >= 0.6 else stance


def _pose(asset: Asset, without: np.ndarray | None) -> tuple[Joints, list[Mirror]]:
    """Joints in the rest pose, or in the bind pose where that is more even by far; and what may be their mirror."""
    joints = joints_of(asset, asset.rest_world, without)
    mirrors = find_mirrors(joints) if 0 < len(joints) <= _MOST_JOINTS else [_no_mirror(joints)]
    if mirrors[0].score > _EVEN or not len(joints):
        return joints, mirrors
    bound = bind_world(asset)
    if bound is None:
        return joints, mirrors
    other = joints_of(asset, bound, without)
    if not len(other) or len(other) > _MOST_JOINTS:
        return joints, mirrors
    better = find_mirrors(other)
    return (other, better) if better[0].score > mirrors[0].score + 0.08 else (joints, mirrors)


def _no_mirror(joints: Joints) -> Mirror:
    count = len(joints)
    return Mirror(np.array([1.0, 0.0, 0.0]), 0.0, np.full(count, -1), np.zeros(count, int), 0.0)


def _read(stance: Stance) -> Finding:
    legs = stance.legs
    vehicle = Tank(stance)
    if vehicle.score >= 0.6 and not _stands(stance):
        return _finding(stance, "tank", vehicle, vehicle.score)
    if len(legs) == 1:
        figure = Humanoid(stance)
        if figure.trust < 0.3 and (told := _told_by_names(stance)):
            return told
        if {"thigh", "shin", "foot"} <= figure.leg_places.keys() and figure.leg_price < 4.0:
            sure = float(np.exp(-0.25 * max(0.0, figure.leg_price) - 0.15 * max(0.0, figure.arm_price)))
            sure *= 1.0 if figure.arm is not None else 0.7
            return _finding(stance, "humanoid", figure, max(sure, 0.9 * figure.trust))
    elif len(legs) == 2:
        beast = Beast(stance)
        if abs(stance.up).max() < _TILTED and (told := _told_by_names(stance)):
            # One who crouches with hands and feet ahead stands on all fours for who may turn the file as he likes.
            return told
        if min(len(limb.chains[0]) for limb in legs) >= 3:
            return _finding(stance, "quadruped", beast, 0.9 if beast.ends[0] or beast.ends[1] else 0.7)
    elif len(legs) > 2:
        return _finding(stance, "manylegs", Beast(stance), 0.9)
    return _told_by_names(stance) or _other(stance)


def _told_by_names(stance: Stance) -> Finding | None:
    """A humanoid from names alone, where the tree agrees with them; None where they are no help."""
    parts = named_parts(stance)
    if parts is None:
        return None
    up, facing = axes_of(stance, parts)
    warnings = ("the rest pose could not be read; the map comes from names",)
    return Finding(stance.joints.asset, "humanoid", up, facing, stance.tall, parts, 0.55, warnings=warnings)


def _stands(stance: Stance) -> bool:
    """Tell whether the body has legs that are more than an axle with its wheel: they come from well above the floor."""
    roots = [float(stance.height_of(limb.points).max()) for limb in stance.legs if len(limb.chains[0]) >= 3]
    return bool(roots) and max(roots) > 0.3 * stance.tall


def _finding(stance: Stance, kind: str, reader: Humanoid | Beast | Tank, confidence: float) -> Finding:
    votes = reader.votes()
    front, sure = decide(votes)
    parts = reader.parts(front, sure)
    overall = confidence * (0.4 + 0.3 * sure + 0.3 * min(1.0, stance.mirror.score / 0.8))
    return Finding(
        stance.joints.asset,
        kind,
        stance.up,
        front * stance.ahead,
        stance.tall,
        parts,
        float(np.clip(overall, 0.0, 1.0)),
        why=tuple(_reasons(votes)),
        warnings=() if sure > 0.45 else ("the front is uncertain; correct `facing` if it walks backward",),
    )


def _reasons(votes: list[Vote]) -> list[str]:
    return [f"{v.why} {v.weight * v.value:+.2f}" for v in votes if v.weight]


def _other(stance: Stance) -> Finding:
    """A body without legs or wheels that are known: what carries the skin moves as one."""
    joints, stance = stance.joints, _lain(stance)
    votes = [habit(stance), *names(stance, 1.0)]
    front, _ = decide(votes)
    roots = [j for j in range(len(joints)) if joints.parents[j] < 0 or joints.mass[joints.parents[j]] == 0]
    root = max(roots, key=lambda j: float(joints.heavy[j]))
    if joints.mass[root] == 0:
        below = [j for j in joints.under(root).tolist() if joints.mass[j] > 0]
        root = below[0] if below else root
    parts = {"hips": Part((int(joints.nodes[root]),), 0.5)}
    heads = [j for j, h in enumerate(stance.hints) if "head" in h.roles and stance.centre[j] and j != root]
    if heads:
        parts["head"] = Part((int(joints.nodes[heads[0]]),), 0.5)
    warnings = ("no legs, wheels or tracks were found; it follows the root as one piece",)
    return Finding(
        joints.asset,
        "other",
        stance.up,
        front * stance.ahead,
        stance.tall,
        parts,
        0.4,
        warnings=warnings,
        why=tuple(_reasons(votes)),
    )


def _lain(stance: Stance) -> Stance:
    """The same body on its belly, along its length, if it is alike above and below: a snake does not stand on its tail.

    Without limbs only the file tells what is up.
    """
    if abs(stance.mirror.normal[1]) < 0.7:
        return stance
    long = np.ptp(stance.skin, axis=0)
    normal = np.eye(3)[0 if long[2] >= long[0] else 2]
    return replace(stance, mirror=replace(stance.mirror, normal=normal), up=np.array([0.0, 1.0, 0.0]))


def _plain(asset: Asset, why: str) -> Finding:
    points = asset.rest_world[:, :3, 3].astype(float)
    height = float(np.ptp(points[:, 1])) or TYPICAL_HEIGHT["other"]
    return Finding(
        asset, "other", np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), height, {}, 0.1, warnings=(why,)
    )


def _noted(found: Finding, stance: Stance) -> Finding:
    """Add what was ignored and why, and what is missing."""
    asset, joints = found.asset, stance.joints
    used = {n for part in found.parts.values() for n in part.nodes}
    ignored = {n: "moves no skin" for n in joints.still if n not in used}
    apart = set(np.flatnonzero(beside(asset)).tolist()) & ignored.keys()
    ignored |= dict.fromkeys(apart, "stands beside the body and hangs on none of its joints")
    copies = set(np.flatnonzero(twins(asset) != np.arange(len(asset))).tolist()) & ignored.keys()
    ignored |= dict.fromkeys(copies, "a copy of another joint, with which it moves")
    words = {int(joints.nodes[j]): h for j, h in enumerate(stance.hints)}
    for j, node in enumerate(joints.nodes.tolist()):
        if node in used:
            continue
        side = stance.mirror.partner[j] >= 0
        why = "has no role; moves with the joint above"
        if words[node].helper:
            why = "a helper by its name (twist, finger, hair or the like); moves with the joint above"
        elif joints.mass[j] == 0:
            why = "moves no skin itself"
        elif not side:
            why = "has no image on the other side; moves with the joint above"
        ignored[node] = why
    missing = [role for role in REQUIRED[found.kind] if role not in found.parts]
    warnings = [*found.warnings, *asset.notes]
    if missing:
        warnings.append(f"no {missing[0]} was found; name it in the .body.yaml")
    return replace(found, ignored=dict(sorted(ignored.items())), warnings=tuple(warnings))


def corrected(found: Finding, rig: Rig) -> Finding:
    """Return a finding with the map, kind and axes that a person has written down."""
    parts = {role: Part(nodes, 1.0) for role, nodes in rig.roles.items()}
    used = {n for part in parts.values() for n in part.nodes}
    ignored = {n: why for n, why in found.ignored.items() if n not in used}
    return replace(
        found, kind=rig.kind, up=np.array(rig.up), facing=np.array(rig.facing), parts=parts, confidence=1.0,
        ignored=ignored, warnings=tuple(found.asset.notes),
    )  # fmt: skip
