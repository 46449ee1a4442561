"""From the nodes of any skeleton to the 22 joints: by a table of names, or by what the names and the tree tell.

An expression says where a joint is: a node's name; "a|b" the midpoint of two; "@a>b" 35 % of the way from a to b (rigs
without a collar); "a%b%0.4" a share of the way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from hephaestus import rotation
from hephaestus.humanml3d import heading
from hephaestus.skeleton import JOINT_NAMES, REST_OFFSETS
from prometheus.errors import MotionError
from prometheus.motion.corpus.rigs import RIGS

_COLLAR_SHARE = 0.35
"""Where on the way from the chest to the shoulder a collar sits in rigs that have none."""
_SPINE_SHARES = (0.21, 0.46, 0.6)
"""Where spine1, spine2 and spine3 lie on the way from the pelvis to the neck in the uniform skeleton."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SIDES = {"left": "L", "l": "L", "lft": "L", "right": "R", "r": "R", "rgt": "R"}
_EXTRA = {"twist", "roll", "ik", "fk", "ctrl", "target", "pole", "end", "nub", "tip", "leaf", "helper", "site",
          "finger", "thumb", "index", "middle", "ring", "pinky", "heel", "eye", "jaw"}  # fmt: skip
_HANDS, _FEET, _TOES = {"hand", "wrist"}, {"foot", "ankle"}, {"toe", "toes", "toebase", "ball", "toe0"}
_COLLARS = {"collar", "clavicle", "clav", "shoulder", "scapula"}


def point(expression: str, places: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Return one joint [..., 3] from an expression and the places of all nodes [..., J, 3]."""
    if "|" in expression:
        a, b = (point(part, places, names) for part in expression.split("|"))
        return np.asarray(0.5 * (a + b))
    if expression.startswith("@"):
        a, b = (point(part, places, names) for part in expression[1:].split(">"))
        return np.asarray(a + _COLLAR_SHARE * (b - a))
    if "%" in expression:
        first, second, share = expression.split("%")
        a, b = point(first, places, names), point(second, places, names)
        return np.asarray(a + float(share) * (b - a))
    return places[..., names.index(expression.replace("_end", " end")), :]


def resolves(expression: str, names: Sequence[str]) -> bool:
    """Return whether all nodes of an expression are there."""
    parts = [part for part in re.split(r"[|>%]", expression.lstrip("@")) if not re.fullmatch(r"[0-9.]+", part)]
    return all(part.replace("_end", " end") in names for part in parts)


def _plain(name: str) -> str:
    """A node's name without the prefix of a program or a character."""
    return re.sub(r"^(mixamorig\d*|.*:)[:_]?", "", name)


def rig_of(names: Sequence[str], parents: Sequence[int]) -> tuple[list[str], dict[str, str]]:
    """Return names to use for the nodes, and the 22 expressions over them.

    Raises:
        MotionError: the skeleton's joints cannot be told from their names.
    """
    for candidate in (list(names), [_plain(name) for name in names]):
        for name, rig in RIGS.items():
            if name == "cmu" and "Spine2" in candidate:  # a longer spine, whose neck is a neck
                continue
            if all(resolves(expression, candidate) for expression in rig.values()):
                return candidate, rig
    # Names may be shared or empty: number them, so that expressions are clear.
    numbered = [f"#{i}" for i in range(len(names))]
    return numbered, _by_tree(list(names), list(parents))


def _tokens(name: str) -> set[str]:
    words = {word.lower() for word in _WORD.findall(_plain(name))}
    joined = "".join(_WORD.findall(_plain(name))).lower()
    return words | {part for part in (*_HANDS, *_FEET, *_TOES) if joined.endswith(part) or joined.startswith(part)}


def _side(tokens: set[str], name: str) -> str | None:
    for word in tokens:
        if word in _SIDES:
            return _SIDES[word]
    found = re.match(r"(left|right|l(?=[A-Z])|r(?=[A-Z]))", _plain(name), re.IGNORECASE)
    return None if found is None else found[1][0].upper()


def _above(parents: list[int], node: int) -> list[int]:
    chain: list[int] = []
    while node >= 0 and len(chain) <= len(parents):
        chain.append(node)
        node = parents[node]
    return chain


def _by_tree(names: list[str], parents: list[int]) -> dict[str, str]:
    """The 22 expressions over "#index": hands, feet and head by name, everything above them by the tree."""
    tokens = [_tokens(name) for name in names]
    sides = [_side(t, n) for t, n in zip(tokens, names, strict=True)]
    depth = [len(_above(parents, i)) for i in range(len(names))]

    def shallowest(words: set[str], side: str | None, under: int | None = None) -> int:
        fit = [i for i in range(len(names)) if tokens[i] & words and not tokens[i] & _EXTRA and sides[i] == side
               and (under is None or under in _above(parents, i)[1:])]  # fmt: skip
        if not fit:
            what = f"{'left ' if side == 'L' else 'right ' if side else ''}{min(words)}"
            raise MotionError(f"no joint is called like a {what}; rename the joints as Mixamo does, such as LeftFoot")
        return min(fit, key=lambda i: depth[i])

    def up(node: int) -> int:
        found = parents[node]
        while found >= 0 and tokens[found] & {"twist", "roll", "helper"}:
            found = parents[found]
        if found < 0:
            raise MotionError(f"the limb above {names[node]!r} is too short; a hand and a foot need two joints above")
        return found

    out: dict[str, int] = {}
    for side in "LR":
        ankle, wrist = shallowest(_FEET, side), shallowest(_HANDS, side)
        out |= {f"{side}_ankle": ankle, f"{side}_knee": up(ankle), f"{side}_hip": up(up(ankle))}
        out |= {f"{side}_wrist": wrist, f"{side}_elbow": up(wrist), f"{side}_shoulder": up(up(wrist))}
    pelvis = _meet(parents, out["L_hip"], out["R_hip"])
    chest = _meet(parents, out["L_shoulder"], out["R_shoulder"])
    head = shallowest({"head", "skull"}, None)
    rig = {joint: f"#{node}" for joint, node in out.items()} | {"pelvis": f"#{pelvis}", "head": f"#{head}"}
    for side in "LR":
        above = parents[out[f"{side}_shoulder"]]
        shoulder = rig[f"{side}_shoulder"]
        rig[f"{side}_collar"] = f"#{above}" if above != chest and tokens[above] & _COLLARS else f"@#{chest}>{shoulder}"
        toes = [i for i in range(len(names)) if tokens[i] & _TOES and out[f"{side}_ankle"] in _above(parents, i)[1:]]
        rig[f"{side}_foot"] = f"#{min(toes, key=lambda i: depth[i])}" if toes else ""
    between = [node for node in _above(parents, head)[1:] if node not in _above(parents, chest)]
    neck = between[-1] if between else head
    rig["neck"] = f"#{neck}"
    for joint, share in zip(("spine1", "spine2", "spine3"), _SPINE_SHARES, strict=True):
        rig[joint] = f"#{pelvis}%#{neck}%{share}"
    return rig


def _meet(parents: list[int], a: int, b: int) -> int:
    """The lowest node above both."""
    over = _above(parents, b)
    for node in _above(parents, a):
        if node in over:
            return node
    raise MotionError("left and right limbs hang from different roots; join the skeleton")


def joints_of(
    places: np.ndarray, turns: np.ndarray, rest: np.ndarray, names: Sequence[str], rig: dict[str, str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the 22 joints of all frames [T, 22, 3] and of the rest pose [22, 3], y up.

    Args:
        places: [T, J, 3] of the nodes, y up.
        turns: [T, J, 4] of the nodes relative to the rest pose, to carry toes that the rig does not have.
        rest: [J, 3] of the nodes at rest, y up.
        names: of the nodes, as the expressions use them.
        rig: 22 expressions; "" for a foot without a toe.
    """
    moved, still = [], []
    for joint in JOINT_NAMES:
        expression = rig[joint]
        if expression:
            moved.append(point(expression, places, names))
            still.append(point(expression, rest, names))
            continue
        ankle = names.index(rig[joint.replace("foot", "ankle")])
        offset = _toe(rest, names, rig)
        moved.append(places[:, ankle] + rotation.rotate(turns[:, ankle], offset))
        still.append(rest[ankle] + offset)
    return np.stack(moved, -2).astype(np.float32), np.stack(still, -2).astype(np.float32)


def _toe(rest: np.ndarray, names: Sequence[str], rig: dict[str, str]) -> np.ndarray:
    """From the ankle to the ball of the foot [3] in the rest pose, in proportion to the leg."""
    hip, knee, ankle = (point(rig[f"L_{part}"], rest, names) for part in ("hip", "knee", "ankle"))
    across = point(rig["L_hip"], rest, names) - point(rig["R_hip"], rest, names)
    size = float(np.linalg.norm(hip - knee) + np.linalg.norm(knee - ankle)) / 0.82
    facing = rotation.yaw(float(np.arctan2(-across[2], across[0])))
    return rotation.rotate(facing, (REST_OFFSETS[10] * np.array([0.0, 1.0, 1.0]) * size).astype(np.float32))


def upright(joints: np.ndarray) -> np.ndarray | None:
    """Return rest joints [22, 3] turned to face +z, or None where they are not those of a standing body."""
    span = np.linalg.norm(joints[12] - joints[0])
    if joints[12, 1] - joints[0, 1] < 0.9 * span:
        return None
    rest = rotation.rotate(rotation.yaw(-heading(joints)), joints - joints[0])
    for collar, shoulder in ((13, 16), (14, 17)):
        bone = rest[shoulder] - rest[collar]
        if abs(bone[0]) < 0.6 * np.linalg.norm(bone):
            rest[shoulder] = rest[collar] + REST_OFFSETS[shoulder]
    return rest.astype(np.float32)


def up_axis(joints: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return the rotation [3, 3] that makes a file's up the y axis: the rest pose tells, or else the motion.

    Some files turn a skeleton that was built y up by its root into a world that is z up.

    Args:
        joints: [T, 22, 3] in the file's axes.
        rest: [22, 3] in the file's axes.
    """
    still = rest[15] - 0.5 * (rest[7] + rest[8])
    ways = joints[:, 15] - 0.5 * (joints[:, 7] + joints[:, 8])
    tall = float(np.linalg.norm(still))
    shares = np.concatenate([ways > 0.8 * tall, ways < -0.8 * tall], 1).mean(0)  # +x +y +z -x -y -z
    axis = int(np.argmax(np.abs(still)))
    place = axis + (0 if still[axis] > 0 else 3)
    agrees = (np.sign(still[axis]) * ways[:, axis] > 0.5 * tall).mean()
    if agrees < 0.05 and shares.max() > 0.6:
        place = int(np.argmax(shares))
    axis, sign = place % 3, 1.0 if place < 3 else -1.0
    up = np.zeros(3)
    up[axis] = sign
    across = np.array([0.0, 0.0, 1.0]) if axis == 0 else np.array([1.0, 0.0, 0.0])
    return np.stack([across, up, np.cross(across, up)]).astype(np.float32)
