"""Rigs as well-known tools and packs write them, and animals and vehicles, made by hand for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hephaestus.glb.asset import Asset, Primitive
from tests.hephaestus.figures import Point, fleshed, joints, man

Figure = dict[str, tuple[str, Point]]
BOX = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
_FACES = np.array([0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7,
                   1, 7, 3], np.uint32)  # fmt: skip
_RIM = np.arange(24) * np.pi / 12
_DISC = np.array([[x, 0.5 * np.cos(a), 0.5 * np.sin(a)] for x in (-0.5, 0.5) for a in _RIM])
_ROUND = np.stack([np.arange(24), (np.arange(24) + 1) % 24], 1)
_DISC_FACES = np.concatenate([
    np.stack([_ROUND[:, 0], _ROUND[:, 1], 24 + _ROUND[:, 0]], 1),
    np.stack([24 + _ROUND[:, 0], _ROUND[:, 1], 24 + _ROUND[:, 1]], 1),
    *(np.stack([np.full(22, first), first + _ROUND[1:23, 0], first + _ROUND[1:23, 1]], 1) for first in (0, 24)),
]).astype(np.uint32).ravel()  # fmt: skip
Z_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
FACING_X = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], float)
FACING_BACK = np.diag([-1.0, 1.0, -1.0])
_MIRRORED = {"Left": "Right", "left": "right", "_l": "_r", ".L": ".R", "_L": "_R", " L ": " R "}


def renamed(figure: Figure, words: Mapping[str, str], form: str = "{}") -> dict[str, str]:
    """Joint -> name by a table of the left ones and of those in the middle; the right ones are spelt alike."""
    out = {}
    for name in figure:
        part = name[2:] if name[:2] in ("L_", "R_") else name
        spelt = words.get(part, part)
        if name.startswith("R_"):
            for left, right in _MIRRORED.items():
                if left in spelt:
                    spelt = spelt.replace(left, right)
                    break
        out[name] = form.format(spelt)
    return out


def _between(figure: Figure, joint: str, child: str, name: str, inline: bool) -> None:
    """Put a twist joint half way from a joint to its child, in between or as a leaf."""
    middle = tuple(0.5 * (np.array(figure[joint][1]) + np.array(figure[child][1])))
    figure[name] = (joint, middle)  # type: ignore[assignment]
    if inline:
        figure[child] = (name, figure[child][1])


def mixamo() -> tuple[Figure, dict[str, str]]:
    """A Mixamo export: three spine joints, fingers of four joints, ends."""
    figure = man()
    figure["chest2"] = ("chest", (0, 1.36, -0.01))
    for name in ("neck", "L_clavicle", "R_clavicle"):
        figure[name] = ("chest2", figure[name][1])
    words = {
        "hips": "Hips", "spine": "Spine", "chest": "Spine1", "chest2": "Spine2", "neck": "Neck", "head": "Head",
        "head_end": "HeadTop_End", "clavicle": "LeftShoulder", "upperarm": "LeftArm", "forearm": "LeftForeArm",
        "hand": "LeftHand", "thigh": "LeftUpLeg", "shin": "LeftLeg", "foot": "LeftFoot", "toe": "LeftToeBase",
        "toe_end": "LeftToe_End", "index": "LeftHandIndex1", "index_end": "LeftHandIndex4", "pinky": "LeftHandPinky1",
        "pinky_end": "LeftHandPinky4",
    }  # fmt: skip
    return figure, words


def rigify() -> tuple[Figure, dict[str, str]]:
    """Deform bones of Rigify: twist joints within the limbs, hips beside the spine, breasts."""
    figure = man()
    for side in "LR":
        sign = 1.0 if side == "L" else -1.0
        figure[f"{side}_pelvis_end"] = ("hips", (sign * 0.1, 1.0, 0.05))
        figure[f"{side}_breast_end"] = ("chest", (sign * 0.1, 1.3, 0.15))
        for a, b in (("upperarm", "forearm"), ("forearm", "hand"), ("thigh", "shin"), ("shin", "foot")):
            _between(figure, f"{side}_{a}", f"{side}_{b}", f"{side}_{a}1", inline=True)
    words = {
        "hips": "DEF-spine", "spine": "DEF-spine.001", "chest": "DEF-spine.003", "neck": "DEF-spine.004",
        "head": "DEF-spine.006", "clavicle": "DEF-shoulder.L", "upperarm": "DEF-upper_arm.L",
        "upperarm1": "DEF-upper_arm.L.001", "forearm": "DEF-forearm.L", "forearm1": "DEF-forearm.L.001",
        "hand": "DEF-hand.L", "thigh": "DEF-thigh.L", "thigh1": "DEF-thigh.L.001", "shin": "DEF-shin.L",
        "shin1": "DEF-shin.L.001", "foot": "DEF-foot.L", "toe": "DEF-toe.L", "pelvis_end": "DEF-pelvis.L",
        "breast_end": "DEF-breast.L", "index": "DEF-f_index.01.L", "pinky": "DEF-f_pinky.01.L",
    }  # fmt: skip
    return figure, words


def unreal() -> tuple[Figure, dict[str, str]]:
    """The mannequin of Unreal: a root on the floor, twist joints as leaves, IK joints on roots of their own."""
    figure = {"root": ("", (0.0, 0.0, 0.0))} | man()
    figure["hips"] = ("root", figure["hips"][1])
    figure["ik_foot_root_end"], figure["ik_hand_root_end"] = ("root", (0, 0, 0)), ("root", (0, 0, 0))
    figure["ik_hand_gun_end"] = ("ik_hand_root_end", figure["R_hand"][1])
    for side in "LR":
        for a, b in (("upperarm", "forearm"), ("forearm", "hand"), ("thigh", "shin"), ("shin", "foot")):
            _between(figure, f"{side}_{a}", f"{side}_{b}", f"{side}_{a}_twist", inline=False)
        figure[f"{side}_ik_foot_end"] = ("ik_foot_root_end", figure[f"{side}_foot"][1])
        figure[f"{side}_ik_hand_end"] = ("ik_hand_gun_end", figure[f"{side}_hand"][1])
    words = {
        "hips": "pelvis", "spine": "spine_01", "chest": "spine_02", "neck": "neck_01", "clavicle": "clavicle_l",
        "upperarm": "upperarm_l", "upperarm_twist": "upperarm_twist_01_l", "forearm": "lowerarm_l",
        "forearm_twist": "lowerarm_twist_01_l", "hand": "hand_l", "thigh": "thigh_l", "thigh_twist": "thigh_twist_01_l",
        "shin": "calf_l", "shin_twist": "calf_twist_01_l", "foot": "foot_l", "toe": "ball_l", "index": "index_01_l",
        "pinky": "pinky_01_l", "ik_foot_root_end": "ik_foot_root", "ik_hand_root_end": "ik_hand_root",
        "ik_hand_gun_end": "ik_hand_gun", "ik_foot_end": "ik_foot_l", "ik_hand_end": "ik_hand_l",
    }  # fmt: skip
    return figure, words


def low_poly() -> tuple[Figure, dict[str, str]]:
    """A pack of low-poly people: no neck, no toes, feet as roots of their own with poles before the knees."""
    figure = man(toe=None, toe_end=None, index=None, index_end=None, pinky=None, pinky_end=None)
    for side in "LR":
        sign = 1.0 if side == "L" else -1.0
        figure[f"{side}_foot"] = ("", figure[f"{side}_foot"][1])
        figure[f"{side}_shin_end"] = (f"{side}_shin", figure[f"{side}_foot"][1])
        figure[f"{side}_foot_end"] = (f"{side}_foot", (sign * 0.09, 0.02, 0.12))
        figure[f"{side}_pole_end"] = ("", (sign * 0.09, 0.5, 0.6))
    words = {
        "hips": "Hips", "spine": "Abdomen", "chest": "Torso", "neck": "Neck", "head": "Head", "clavicle": "Shoulder.L",
        "upperarm": "UpperArm.L", "forearm": "LowerArm.L", "hand": "Palm.L", "thigh": "UpperLeg.L",
        "shin": "LowerLeg.L", "foot": "Foot.L", "pole_end": "PoleTarget.L",
    }  # fmt: skip
    return figure, words


def russian() -> tuple[Figure, dict[str, str]]:
    """Names that nobody has in a table."""
    words = {
        "hips": "таз", "spine": "поясница", "chest": "грудь", "neck": "шея", "head": "голова", "clavicle": "ключица_L",
        "upperarm": "плечо_L", "forearm": "предплечье_L", "hand": "кисть_L", "thigh": "бедро_L", "shin": "голень_L",
        "foot": "стопа_L", "toe": "носок_L",
    }  # fmt: skip
    return man(), words


PEOPLE = {"mixamo": mixamo, "rigify": rigify, "unreal": unreal, "low poly": low_poly, "russian": russian}


def horse() -> tuple[Figure, dict[str, tuple[list[str], list[str]]]]:
    """A horse; role -> (joints that it must have, joints that it may have)."""
    centre: Figure = {
        "root": ("", (0, 0, 0)), "pelvis": ("root", (0, 1.35, -0.6)), "loin": ("pelvis", (0, 1.4, -0.3)),
        "back": ("loin", (0, 1.38, 0.1)), "withers": ("back", (0, 1.4, 0.5)), "neck1": ("withers", (0, 1.5, 0.75)),
        "neck2": ("neck1", (0, 1.75, 0.95)), "head": ("neck2", (0, 1.95, 1.1)), "muzzle_end": ("head", (0, 1.7, 1.5)),
        "tail1": ("pelvis", (0, 1.35, -0.8)), "tail2": ("tail1", (0, 1.1, -0.95)), "tail3": ("tail2", (0, 0.8, -1.0)),
        "tail_end": ("tail3", (0, 0.5, -1.0)),
    }  # fmt: skip
    left: Figure = {
        "scapula": ("withers", (0.12, 1.35, 0.5)), "humerus": ("scapula", (0.16, 1.05, 0.65)),
        "radius": ("humerus", (0.16, 0.85, 0.5)), "cannon": ("radius", (0.16, 0.48, 0.5)),
        "pastern": ("cannon", (0.16, 0.18, 0.5)), "hoof": ("pastern", (0.16, 0.07, 0.56)),
        "hoof_end": ("hoof", (0.16, 0.0, 0.62)),
        "femur": ("pelvis", (0.13, 1.2, -0.6)), "tibia": ("femur", (0.16, 0.9, -0.45)),
        "hock": ("tibia", (0.16, 0.55, -0.75)), "hpastern": ("hock", (0.16, 0.18, -0.7)),
        "hhoof": ("hpastern", (0.16, 0.07, -0.64)), "hhoof_end": ("hhoof", (0.16, 0.0, -0.58)),
        "ear": ("head", (0.06, 2.1, 1.08)), "ear_end": ("ear", (0.07, 2.2, 1.08)),
    }  # fmt: skip
    truth: dict[str, tuple[list[str], list[str]]] = {}
    for s in "LR":
        truth[f"{s}_front"] = ([f"{s}_{n}" for n in ("humerus", "radius", "cannon")],
                               [f"{s}_{n}" for n in ("scapula", "pastern", "hoof", "hoof_end")])  # fmt: skip
        truth[f"{s}_hind"] = ([f"{s}_{n}" for n in ("femur", "tibia", "hock")],
                              [f"{s}_{n}" for n in ("hpastern", "hhoof", "hhoof_end")])  # fmt: skip
    truth["head"] = (["head"], [])
    truth["neck"] = (["neck2"], ["neck1"])
    truth["tail"] = (["tail1", "tail2", "tail3"], ["tail_end"])
    return joints(left, centre), truth


def dog(tail: int = 9) -> tuple[Figure, dict[str, tuple[list[str], list[str]]]]:
    """A dog whose tail has many joints and curls up over its back."""
    centre: Figure = {
        "hips": ("", (0, 0.5, -0.25)), "spine": ("hips", (0, 0.52, 0.0)), "chest": ("spine", (0, 0.5, 0.22)),
        "neck": ("chest", (0, 0.58, 0.36)), "head": ("neck", (0, 0.7, 0.45)), "nose_end": ("head", (0, 0.66, 0.65)),
    }  # fmt: skip
    above = "hips"
    for k in range(tail):
        turn = 0.25 * k
        centre[f"tail{k}"] = (above, (0, 0.52 + 0.05 * k, -0.32 - 0.05 * k + 0.02 * k * turn))
        above = f"tail{k}"
    left: Figure = {
        "shoulder": ("chest", (0.08, 0.5, 0.25)),
        "elbow": ("shoulder", (0.09, 0.3, 0.2)),
        "wrist": ("elbow", (0.09, 0.1, 0.22)), "paw": ("wrist", (0.09, 0.03, 0.25)),
        "paw_end": ("paw", (0.09, 0.0, 0.3)),
        "hip": ("hips", (0.07, 0.47, -0.25)),
        "knee": ("hip", (0.09, 0.28, -0.18)),
        "hock": ("knee", (0.09, 0.14, -0.32)),
        "hpaw": ("hock", (0.09, 0.03, -0.28)), "hpaw_end": ("hpaw", (0.09, 0.0, -0.22)),
    }  # fmt: skip
    truth: dict[str, tuple[list[str], list[str]]] = {}
    for s in "LR":
        truth[f"{s}_front"] = ([f"{s}_shoulder", f"{s}_elbow", f"{s}_wrist"], [f"{s}_paw", f"{s}_paw_end"])
        truth[f"{s}_hind"] = ([f"{s}_hip", f"{s}_knee", f"{s}_hock"], [f"{s}_hpaw", f"{s}_hpaw_end"])
    truth["head"] = (["head"], [])
    truth["tail"] = ([f"tail{k}" for k in range(1, tail - 1)], ["tail0", f"tail{tail - 1}"])
    return joints(left, centre), truth


def bird() -> tuple[Figure, dict[str, tuple[list[str], list[str]]]]:
    """A running bird with small wings: two legs, a long neck, a tail."""
    centre: Figure = {
        "hips": ("", (0, 1.0, 0)), "back": ("hips", (0, 1.08, 0.25)), "neck1": ("back", (0, 1.3, 0.42)),
        "neck2": ("neck1", (0, 1.6, 0.45)), "head": ("neck2", (0, 1.8, 0.5)), "beak_end": ("head", (0, 1.78, 0.75)),
        "tail1": ("hips", (0, 1.02, -0.25)), "tail2": ("tail1", (0, 1.0, -0.45)),
        "tail_end": ("tail2", (0, 0.97, -0.6)),
    }  # fmt: skip
    left: Figure = {
        "wing1": ("back", (0.15, 1.15, 0.25)), "wing2": ("wing1", (0.4, 1.12, 0.2)),
        "wing3": ("wing2", (0.62, 1.1, 0.1)),
        "wing_end": ("wing3", (0.8, 1.08, 0.05)),
        "thigh": ("hips", (0.12, 0.95, 0.0)), "shin": ("thigh", (0.14, 0.7, 0.2)),
        "foot": ("shin", (0.14, 0.35, -0.05)),
        "toe": ("foot", (0.14, 0.04, 0.05)), "toe_end": ("toe", (0.14, 0.0, 0.25)),
    }  # fmt: skip
    truth = {f"{s}_{part}": ([f"{s}_{part}"], []) for s in "LR" for part in ("thigh", "shin")}
    truth["head"] = (["head"], [])
    return joints(left, centre), truth


def insect(pairs: int = 3, seed: int = 0) -> tuple[Figure, list[list[str]]]:
    """A crawler with legs of four joints on a long body; the legs from front to back, left ones first."""
    random = np.random.default_rng(seed)
    figure: Figure = {
        "body": ("", (0, 0.35, 0)), "headp": ("body", (0, 0.36, 0.35)), "head_end": ("headp", (0, 0.34, 0.6)),
        "abdomen": ("body", (0, 0.4, -0.4)), "abdomen_end": ("abdomen", (0, 0.4, -0.9)),
    }  # fmt: skip
    legs = []
    order = [(side, k) for side in (1.0, -1.0) for k in range(pairs)]
    for place in random.permutation(len(order)):
        side, k = order[place]
        z = 0.25 - 0.5 * k / max(pairs - 1, 1)
        above, chain = "body", []
        for j, (x, y) in enumerate(((0.12, 0.35), (0.35, 0.55), (0.7, 0.35), (0.85, 0.02))):
            name = f"{'L' if side > 0 else 'R'}{k}_{j}"
            figure[name] = (above, (side * x, y, z + 0.9 * z * x))
            chain.append(name)
            above = name
    for side in "LR":
        legs += [[f"{side}{k}_{j}" for j in range(4)] for k in range(pairs)]
    return figure, legs


def vehicle(parts: Mapping[str, tuple[str, Point, Point]]) -> tuple[Asset, dict[str, int]]:
    """An asset of rigid boxes, wheels round: name -> (parent, place, size in m)."""
    figure = {name: (parent, place) for name, (parent, place, _) in parts.items()}
    asset, index = fleshed(figure, rigid=True)
    primitives = []
    for name, (_, _, size) in parts.items():
        corners, faces = (_DISC, _DISC_FACES) if "heel" in name else (BOX, _FACES)
        primitives.append(Primitive((corners * size).astype(np.float32), np.zeros((len(corners), 3), np.float32), faces,
                                    node=index[name]))  # fmt: skip
    return replace(asset, primitives=tuple(primitives)), index


def tank() -> tuple[Asset, dict[str, int]]:
    """A tank of a game pack: hull, turret, gun, and wheels as nodes of their own; no tracks that move."""
    parts: dict[str, tuple[str, Point, Point]] = {
        "Hull": ("", (0, 0.9, 0), (1.8, 0.7, 4.2)), "Turret": ("Hull", (0, 1.5, -0.1), (1.3, 0.5, 1.7)),
        "Barrel": ("Turret", (0, 1.5, 1.7), (0.15, 0.15, 2.4)),
    }  # fmt: skip
    for side, x in (("L", 1.05), ("R", -1.05)):
        for k, z in enumerate((1.5, 0.75, 0.0, -0.75, -1.5)):
            parts[f"Wheel_{side}_{k}"] = ("Hull", (x, 0.4, z), (0.3, 0.8, 0.8))
    return vehicle(parts)


def truck() -> tuple[Asset, dict[str, int]]:
    """A lorry: cabin, load bed and four wheels."""
    parts: dict[str, tuple[str, Point, Point]] = {
        "Body": ("", (0, 1.2, -0.6), (2.0, 1.2, 3.4)), "Cabin": ("Body", (0, 1.4, 1.7), (1.9, 1.6, 1.2)),
    }  # fmt: skip
    for side, x in (("FL", 0.9), ("FR", -0.9)):
        parts[f"wheel{side}"] = ("Body", (x, 0.4, 1.6), (0.25, 0.8, 0.8))
        parts[f"wheel{side.replace('F', 'B')}"] = ("Body", (x, 0.4, -1.6), (0.25, 0.8, 0.8))
    return vehicle(parts)


def crate() -> tuple[Asset, dict[str, int]]:
    """A box."""
    return vehicle({"Crate": ("", (0, 0.5, 0), (1.0, 1.0, 1.0))})


def dressed(asset: Asset, scale: float = 1.0) -> Asset:
    """The asset with a camera, a light, a sword on the floor beside it, and a second, coarser skin."""
    extra = ("Camera", "Sun", "Sword")
    count = len(asset)
    eye = np.tile(np.eye(4, dtype=np.float32), (3, 1, 1))
    eye[:, :3, 3] = scale * np.array([[3, 2, 4], [0, 5, 0], [1.2, 0.02, 0.3]])
    sword = (scale * BOX * [0.05, 0.03, 0.9]).astype(np.float32)
    primitives = [*asset.primitives, Primitive(sword, np.zeros((8, 3), np.float32), _FACES, node=count + 2)]
    skins = list(asset.skins)
    for primitive in asset.primitives:
        if primitive.skin is not None:
            primitives.append(replace(primitive, indices=primitive.indices[: len(primitive.indices) // 6 * 3],
                                      skin=len(skins)))  # fmt: skip
            skins.append(asset.skins[primitive.skin])
    return replace(
        asset,
        names=(*asset.names, *extra),
        parents=np.concatenate([asset.parents, np.full(3, -1, np.int32)]),
        translations=np.concatenate([asset.translations, eye[:, :3, 3]]),
        rotations=np.concatenate([asset.rotations, np.tile(np.array([0, 0, 0, 1], np.float32), (3, 1))]),
        scales=np.concatenate([asset.scales, np.ones((3, 3), np.float32)]),
        rest=np.concatenate([asset.rest, eye]),
        primitives=tuple(primitives),
        skins=tuple(skins),
    )


def crouching() -> Figure:
    """The man, deep in a squat, his hands stretched out ahead."""
    return man(
        hips=(0, 0.62, -0.12), spine=(0, 0.73, -0.08), chest=(0, 0.88, 0.0), neck=(0, 1.07, 0.08),
        head=(0, 1.16, 0.13), head_end=(0, 1.34, 0.17), clavicle=(0.03, 1.03, 0.07), upperarm=(0.18, 1.02, 0.06),
        forearm=(0.24, 0.80, 0.16), hand=(0.2, 0.72, 0.38), index=(0.19, 0.72, 0.47), index_end=(0.19, 0.72, 0.54),
        pinky=(0.15, 0.70, 0.46), pinky_end=(0.15, 0.70, 0.52), thigh=(0.09, 0.60, -0.12), shin=(0.14, 0.48, 0.27),
        foot=(0.12, 0.09, 0.05), toe=(0.13, 0.02, 0.18), toe_end=(0.13, 0.02, 0.26),
    )  # fmt: skip


def snake(joints: int = 14) -> Figure:
    """A chain on the floor."""
    figure: Figure = {"s0": ("", (0, 0.06, 1.0))}
    for k in range(1, joints):
        figure[f"s{k}"] = (f"s{k - 1}", (0.03 * float(np.sin(k)), 0.06, 1.0 - 0.16 * k))
    return figure


def car() -> tuple[Asset, dict[str, int]]:
    """A car whose wheels are roots of their own."""
    parts: dict[str, tuple[str, Point, Point]] = {"Chassis": ("", (0, 0.7, 0), (1.7, 0.7, 4.0))}
    for name, x, z in (("FL", 0.8, 1.3), ("FR", -0.8, 1.3), ("RL", 0.8, -1.3), ("RR", -0.8, -1.3)):
        parts[f"Wheel_{name}"] = ("", (x, 0.35, z), (0.22, 0.7, 0.7))
    return vehicle(parts)


def together(first: Asset, second: Asset, aside: float) -> Asset:
    """Both assets in one file, the second moved to the left; each has one root above its skeleton."""
    count = len(first)
    move = np.eye(4, dtype=np.float32)
    move[0, 3] = aside
    rest, skins = np.concatenate([first.rest, second.rest]), list(first.skins)
    rest[count:][second.parents < 0] = move @ rest[count:][second.parents < 0]
    primitives = list(first.primitives)
    for primitive in second.primitives:
        skin = None if primitive.skin is None else primitive.skin + len(first.skins)
        primitives.append(replace(primitive, node=primitive.node + count, skin=skin))
    skins += [replace(skin, joints=skin.joints + count) for skin in second.skins]
    return replace(
        first,
        names=first.names + second.names,
        parents=np.concatenate([first.parents, np.where(second.parents < 0, -1, second.parents + count)]),
        translations=np.concatenate([first.translations, rest[count:, :3, 3]]),
        rotations=np.concatenate([first.rotations, second.rotations]),
        scales=np.concatenate([first.scales, second.scales]),
        rest=rest,
        primitives=tuple(primitives),
        skins=tuple(skins),
    )
