"""VRM: the humanoid block of a .vrm file says which bone is which; it goes before all that is guessed."""

from __future__ import annotations

from dataclasses import replace

from hephaestus.anatomy.finding import Finding, Part
from hephaestus.anatomy.named import axes_of
from hephaestus.anatomy.stance import Stance
from hephaestus.roles import REQUIRED

_BONES = {
    "hips": "hips", "neck": "neck", "head": "head", "Shoulder": "clavicle", "UpperArm": "upperarm",
    "LowerArm": "forearm", "Hand": "hand", "UpperLeg": "thigh", "LowerLeg": "shin", "Foot": "foot", "Toes": "toe",
}  # fmt: skip
_SPINE = ("spine", "chest", "upperChest")


def preferred(found: Finding, stance: Stance) -> Finding:
    """Return the finding with the map of the file's humanoid block, if it has a whole one.

    Front and left are where the block's own left and right say; the block names sides as the figure has them.
    """
    bones = found.asset.humanoid
    if not bones:
        return found
    parts: dict[str, Part] = {}
    for bone, role in _BONES.items():
        if bone in bones:
            parts[role] = Part((bones[bone],), 1.0)
        for side in ("left", "right"):
            if side + bone in bones:
                parts[f"{side[0].upper()}_{role}"] = Part((bones[side + bone],), 1.0)
    spine = tuple(bones[b] for b in _SPINE if b in bones)
    if spine:
        parts["spine"] = Part(spine, 1.0)
    nodes = [n for part in parts.values() for n in part.nodes]
    if any(role not in parts for role in REQUIRED["humanoid"]) or len(set(nodes)) < len(nodes):
        return found
    up, facing = axes_of(stance, parts)
    ordered: dict[str, Part] = {role: parts[role] for role in ("hips", "spine", "neck", "head") if role in parts}
    ordered |= {role: part for role, part in parts.items() if role not in ordered}
    return replace(found, kind="humanoid", up=up, facing=facing, parts=ordered, confidence=1.0, warnings=())
