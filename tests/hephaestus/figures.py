"""Figures made by hand for tests: named joints with flesh on their bones, as exporters of many tools write them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hephaestus.glb.asset import Asset, Primitive, Skin

Point = tuple[float, float, float]
MAN: Mapping[str, tuple[str, Point]] = {
    "hips": ("", (0, 0.95, 0)), "spine": ("hips", (0, 1.08, -0.01)), "chest": ("spine", (0, 1.25, -0.01)),
    "neck": ("chest", (0, 1.47, -0.02)), "head": ("neck", (0, 1.57, 0.0)), "head_end": ("head", (0, 1.76, 0.02)),
}  # fmt: skip
_LEFT: Mapping[str, tuple[str, Point]] = {
    "clavicle": ("chest", (0.03, 1.42, 0.0)), "upperarm": ("clavicle", (0.18, 1.42, -0.02)),
    "forearm": ("upperarm", (0.45, 1.42, -0.03)), "hand": ("forearm", (0.70, 1.42, -0.01)),
    "index": ("hand", (0.80, 1.42, 0.03)), "index_end": ("index", (0.88, 1.42, 0.03)),
    "pinky": ("hand", (0.80, 1.42, -0.03)), "pinky_end": ("pinky", (0.86, 1.42, -0.03)),
    "thigh": ("hips", (0.09, 0.92, 0)), "shin": ("thigh", (0.09, 0.50, 0.02)), "foot": ("shin", (0.09, 0.09, -0.03)),
    "toe": ("foot", (0.09, 0.02, 0.10)), "toe_end": ("toe", (0.09, 0.02, 0.18)),
}  # fmt: skip
ROLES = {"hips": "hips", "spine": ["spine", "chest"], "neck": "neck", "head": "head"} | {
    f"{s}_{r}": f"{s}_{r}"
    for s in "LR"
    for r in ("clavicle", "upperarm", "forearm", "hand", "thigh", "shin", "foot", "toe")
}
_NAMES = {
    "mixamo": (
        "mixamorig:{}",
        {"L": "Left", "R": "Right", "hips": "Hips", "spine": "Spine", "chest": "Spine1", "neck": "Neck", "head": "Head",
         "clavicle": "Shoulder", "upperarm": "Arm", "forearm": "ForeArm", "hand": "Hand", "thigh": "UpLeg",
         "shin": "Leg", "foot": "Foot", "toe": "ToeBase", "index": "HandIndex1", "pinky": "HandPinky1"},
    ),
    "biped": (
        "Bip01 {}",
        {"L": "L ", "R": "R ", "hips": "Pelvis", "spine": "Spine", "chest": "Spine1", "neck": "Neck", "head": "Head",
         "clavicle": "Clavicle", "upperarm": "UpperArm", "forearm": "Forearm", "hand": "Hand", "thigh": "Thigh",
         "shin": "Calf", "foot": "Foot", "toe": "Toe0", "index": "Finger1", "pinky": "Finger4"},
    ),
    "mmd": (
        "{}",
        {"L": "左", "R": "右", "hips": "下半身", "spine": "上半身", "chest": "上半身2", "neck": "首", "head": "頭",
         "clavicle": "肩", "upperarm": "腕", "forearm": "ひじ", "hand": "手首", "thigh": "足", "shin": "ひざ",
         "foot": "足首", "toe": "つま先", "index": "人指１", "pinky": "小指１"},
    ),
    "nothing": ("", {}),
}  # fmt: skip
CONVENTIONS = tuple(_NAMES)


def joints(parts: Mapping[str, tuple[str, Point]] = _LEFT, centre: Mapping[str, tuple[str, Point]] = MAN):
    """Name -> (parent, place) of a whole figure: what is in the middle, and both sides of the rest."""
    whole = dict(centre)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        for name, (parent, (x, y, z)) in parts.items():
            above = parent if parent in centre or not parent else f"{side}_{parent}"
            whole[f"{side}_{name}"] = (above, (sign * x, y, z))
    return whole


def man(**changes: object) -> dict[str, tuple[str, Point]]:
    """The man with some of his joints elsewhere, or gone (None); names without a side change both."""
    left, centre = dict(_LEFT), dict(MAN)
    for name, at in changes.items():
        table = centre if name in centre else left
        if at is None:
            parent = table.pop(name)[0]
            for other, (above, place) in list(left.items()):
                if above == name:
                    left[other] = (parent, place)
            for other, (above, place) in list(centre.items()):
                if above == name:
                    centre[other] = (parent, place)
        else:
            table[name] = (table[name][0], at)  # type: ignore[assignment]
    return joints(left, centre)


def arms_down() -> dict[str, tuple[str, Point]]:
    """The man with hanging arms."""
    return man(
        forearm=(0.21, 1.15, -0.03), hand=(0.22, 0.90, 0.0), index=(0.22, 0.81, 0.03), index_end=(0.22, 0.74, 0.03),
        pinky=(0.22, 0.81, -0.03), pinky_end=(0.22, 0.75, -0.03),
    )  # fmt: skip


def called(figure: Mapping[str, tuple[str, Point]], convention: str) -> dict[str, str]:
    """Joint -> the name that a tool gives it."""
    form, words = _NAMES[convention]
    out = {}
    for name in figure:
        side, _, part = name.rpartition("_") if name[:2] in ("L_", "R_") else ("", "", name)
        known = words.get(part, part.title() if words else "")
        out[name] = form.format(words.get(side[:1], "") + known) if words else ""
    return out


def fleshed(
    figure: Mapping[str, tuple[str, Point]],
    names: Mapping[str, str] | None = None,
    *,
    turn: np.ndarray | None = None,
    scale: float = 1.0,
    armature: float = 1.0,
    rigid: bool = False,
) -> tuple[Asset, dict[str, int]]:
    """Return an asset whose joints have prisms of skin on their bones, and the node of each joint.

    Args:
        figure: name -> (parent, place in m, left +x, up +y, front +z); `..._end` joints move no skin.
        names: joint -> node name (default: the same).
        turn: [3, 3] by which the file is turned.
        scale: units of the file for a metre.
        armature: scale of the node on top, which the joints' own places make up for.
        rigid: whether the prisms hang on the nodes themselves, without a skin.
    """
    order = list(figure)
    index = {name: k + 1 for k, name in enumerate(order)}
    turn = np.eye(3) if turn is None else turn
    places = np.array([figure[name][1] for name in order], float)
    count = len(order) + 2
    world = np.tile(np.eye(4), (count, 1, 1))
    world[:-1, :3, :3] *= armature
    world[1:-1, :3, 3] = scale * places @ turn.T
    parents = np.array([-1, *(index[figure[n][0]] if figure[n][0] else 0 for n in order), -1], np.int32)
    above = np.where(parents[:, None, None] >= 0, world[np.maximum(parents, 0)], np.eye(4))
    local = (np.linalg.inv(above) @ world).astype(np.float32)
    primitives, skins = _flesh(figure, order, index, places, turn, scale, world, rigid)
    labels = ("Armature", *((names or {}).get(n, n) if names is not None else n for n in order), "Mesh")
    scales = np.linalg.norm(local[:, :3, :3], axis=1)
    return Asset(
        labels, parents, local[:, :3, 3], np.tile(np.array([0, 0, 0, 1], np.float32), (count, 1)), scales, local,
        tuple(primitives), tuple(skins),
    ), index  # fmt: skip


def _flesh(figure, order, index, places, turn, scale, world, rigid):
    points, owner, faces, primitives = [], [], [], []
    for k, name in enumerate(order):
        if name.endswith("_end"):
            continue
        ends = [places[order.index(c)] for c in order if figure[c][0] == name]
        if not ends:
            parent = figure[name][0]
            ends = [places[k] + 0.6 * (places[k] - places[order.index(parent)])] if parent else []
        for end in ends:
            corners, triangles = _prism(places[k], end)
            if name.endswith("foot") or name == "foot":
                corners[:, 1] = np.minimum(corners[:, 1], places[k][1])
                corners[:4] = places[k] + [[x, -places[k][1], z] for x in (-0.04, 0.04) for z in (-0.05, 0.06)]
            at = (scale * corners @ turn.T).astype(np.float32)
            if rigid:
                m = world[index[name]]
                own = (at - m[:3, 3]) @ np.linalg.inv(m[:3, :3]).T
                primitives.append(Primitive(own.astype(np.float32), np.zeros_like(at), triangles, node=index[name]))
            faces.append(triangles + sum(len(p) for p in points))
            points.append(at)
            owner += [k] * len(at)
    if rigid:
        return primitives, []
    stacked = np.concatenate(points)
    joint = np.zeros((len(stacked), 4), np.int32)
    joint[:, 0] = owner
    weight = np.tile(np.array([1, 0, 0, 0], np.float32), (len(stacked), 1))
    binds = np.linalg.inv(world[1:-1]).astype(np.float32)
    primitive = Primitive(
        stacked, np.zeros_like(stacked), np.concatenate(faces).astype(np.uint32), joints=joint, weights=weight,
        node=len(world) - 1, skin=0,
    )  # fmt: skip
    return [primitive], [Skin(np.arange(1, len(world) - 1, dtype=np.int32), binds)]


def _prism(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Three rings of eight points along a bone, and their triangles."""
    way = b - a
    length = float(np.linalg.norm(way)) or 1e-3
    helper = np.array([1.0, 0, 0]) if abs(way[0]) < 0.7 * length else np.array([0, 1.0, 0])
    u = np.cross(way, helper)
    u /= float(np.linalg.norm(u)) or 1.0
    v = np.cross(way / length, u)
    radius = min(0.06, 0.3 * length)
    turn = np.arange(8) * np.pi / 4
    ring = radius * (np.cos(turn)[:, None] * u + np.sin(turn)[:, None] * v)
    corners = np.concatenate([a + share * way + ring for share in (0.05, 0.5, 0.95)])
    faces = []
    for level in range(2):
        for k in range(8):
            p, q = 8 * level + k, 8 * level + (k + 1) % 8
            faces += [p, q, p + 8, q, q + 8, p + 8]
    return corners, np.array(faces, np.uint32)
