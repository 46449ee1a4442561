"""Which of a BVH file's joints are the 22, for every naming in common use."""

from __future__ import annotations

from hephaestus.skeleton import JOINT_NAMES

_CENTRE = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
_SIDE = ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist")


def _rig(centre: str, side: str, left: str = "Left", right: str = "Right") -> dict[str, str]:
    names = dict(zip(_CENTRE, centre.split(), strict=True))
    for letter, word in (("L", left), ("R", right)):
        names |= {f"{letter}_{j}": n.replace("*", word) for j, n in zip(_SIDE, side.split(), strict=True)}
    return names


_MIXAMO = "*UpLeg *Leg *Foot *ToeBase *Shoulder *Arm *ForeArm *Hand"
# A name "a|b" is the midpoint; "@a>b" lies 35 % of the way from a to b (rigs without a collar).
RIGS = {
    "cmu": _rig(
        "Hips Spine Spine1 Neck Head Head_end",
        "*UpLeg *Leg *Foot *ToeBase @*Shoulder>*Arm *Arm *ForeArm *Hand",
    ),
    "bvh11": _rig(
        "Hips Chest Chest2 lowerneck Head Head_end",
        "*Hip *Knee *Ankle *Toe @*Collar>*Shoulder *Shoulder *Elbow *Wrist",
    ),
    "daz": _rig(
        "hip abdomen chest lCollar|rCollar neck head", "*Thigh *Shin *Foot *Foot_end *Collar *Shldr *ForeArm *Hand",
        "l", "r",
    ),
    "iclone": _rig(
        "CC_Base_Hip CC_Base_Waist CC_Base_Spine01 CC_Base_Spine02 CC_Base_NeckTwist01 CC_Base_Head",
        "CC_Base_*_Thigh CC_Base_*_Calf CC_Base_*_Foot CC_Base_*_ToeBase CC_Base_*_Clavicle CC_Base_*_Upperarm "
        "CC_Base_*_Forearm CC_Base_*_Hand",
        "L", "R",
    ),
    "keijiro": _rig("Neo_Hips Neo_Spine Neo_Spine1 Neo_Spine2 Neo_Neck Neo_Head", " ".join(
        "Neo_" + n for n in _MIXAMO.split())),
    "mixamo4": _rig("Hips Spine Spine1 Spine3 Neck Head", _MIXAMO),
    "mixamo": _rig("Hips Spine Spine1 Spine2 Neck Head", _MIXAMO),
    "poser": _rig("Hips Ab Chest LeftCollar|RightCollar Neck Head", "*Hip *Knee *Ankle *Toes *Collar *Shoulder *Elbow "
                  "*Wrist"),
    "uniform": {n: n for n in JOINT_NAMES},
}  # fmt: skip
