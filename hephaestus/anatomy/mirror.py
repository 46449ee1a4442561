"""Mirror: the plane that halves a body, and which joint is the other's image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from hephaestus.anatomy.joints import Joints

_NEAR = 0.025
"""Share of the body's size within which two points count as the same."""
_NEARLY = 0.12
"""Difference in the scores of two planes that proves nothing."""
_MOST_PLANES = 48
_MOST_SAMPLES, _MOST_SCORED = 700, 240
_MOST_SIBLINGS, _MOST_PAIRS = 10, 300
_PIECE = 2048
"""Pairs of siblings that are compared at once."""


@dataclass(frozen=True)
class Mirror:
    """A plane n . x = d and the pairs on both sides of it.

    Attributes:
        normal: [3], unit.
        offset: d.
        partner: int [N], the image of each joint: itself in the middle, -1 where there is none.
        side: int [N], 0 in the middle (or without an image), else the sign of n . x - d of the joint's limb.
        score: 0 to 1, how well skin and joints are their own image.
    """

    normal: np.ndarray
    offset: float
    partner: np.ndarray
    side: np.ndarray
    score: float

    def reflect(self, points: np.ndarray) -> np.ndarray:
        """Return the images of points [..., 3]."""
        return np.asarray(points - 2.0 * ((points @ self.normal) - self.offset)[..., None] * self.normal)


def find_mirror(joints: Joints) -> Mirror:
    """Find the plane that pairs the most of the body, and the pairs."""
    return find_mirrors(joints)[0]


def find_mirrors(joints: Joints) -> list[Mirror]:
    """Return the best plane, and another one across it that is nearly as good, if there is one."""
    planes = _candidates(joints)
    paired = np.array([_joint_score(joints, n, d) for n, d in planes])
    best = np.argsort(-paired, kind="stable")[:5].tolist()
    across = [k for k in np.argsort(-paired, kind="stable").tolist() if abs(planes[k][0] @ planes[best[0]][0]) < 0.7]
    skin = _sample(joints)
    scores = {int(k): float(paired[k]) + _skin_score(skin, *planes[k], joints.size) for k in {*best, *across[:1]}}
    # On equal terms left and right lie along the file's x, as glTF has it.
    worth = {k: score + 0.03 * abs(planes[k][0][0]) for k, score in scores.items()}
    order = sorted(worth, key=lambda k: (-worth[k], k))
    first = order[0]
    other = [k for k in order if abs(planes[k][0] @ planes[first][0]) < 0.7 and worth[k] > worth[first] - _NEARLY]
    return [_mirror(joints, *planes[k], scores[k]) for k in (first, *other[:1])]


def _mirror(joints: Joints, normal: np.ndarray, offset: float, score: float) -> Mirror:
    partner = _pair(joints, normal, offset)
    return Mirror(normal, offset, partner, _sides(joints, normal, offset, partner), score / 2.0)


def _candidates(joints: Joints) -> list[tuple[np.ndarray, float]]:
    """Planes between alike siblings, and the planes of the file's axes through the middle."""
    found: list[tuple[float, np.ndarray, float]] = []
    counts = joints.above.sum(0)
    end = cache(partial(_end, joints))
    for family in joints.children:
        alike = [j for j in family if joints.reach[j] + joints.bones[j] > 0.02 * joints.size]
        # Images of each other hang as far from the joint above: among many siblings only the next in length are asked.
        alike.sort(key=lambda j: (round(float(joints.bones[j] / joints.size), 3), float(joints.reach[j])))
        for k, a in enumerate(alike):
            for b in alike[k + 1 : k + 1 + _MOST_SIBLINGS]:
                off = joints.points[b] - joints.points[a]
                gap = float(np.linalg.norm(off))
                if gap < 0.01 * joints.size or not _alike(joints, counts, a, b):
                    off = end(b) - end(a)
                    gap = float(np.linalg.norm(off))
                    if gap < 0.02 * joints.size or not _alike(joints, counts, a, b):
                        continue
                    middle = 0.5 * (end(a) + end(b))
                else:
                    middle = 0.5 * (joints.points[a] + joints.points[b])
                normal = off / gap
                found.append((float(joints.reach[a] + joints.reach[b]), normal, float(normal @ middle)))
    found.sort(key=lambda item: -item[0])
    planes: list[tuple[np.ndarray, float]] = []
    for _, normal, offset in found[:_MOST_PAIRS]:
        snapped = _snap(normal)
        if snapped is not normal:
            offset = float(np.sign(normal @ snapped)) * offset / max(abs(float(normal @ snapped)), 1e-9)
        if planes:
            normals, offsets = np.array([n for n, _ in planes]), np.array([d for _, d in planes])
            along = normals @ snapped
            near = np.abs(offset * np.sign(along) - offsets) < 0.004 * joints.size
            if ((np.abs(along) > 0.9998) & near).any():
                continue
        planes.append((snapped, offset))
        if len(planes) == _MOST_PLANES:
            break
    body = joints.cloud if len(joints.cloud) else joints.points
    middle = 0.5 * (body.min(0) + body.max(0))
    for axis in np.eye(3):
        planes.append((axis, float(axis @ middle)))
        planes.append((axis, float(np.median(joints.points @ axis))))
        planes.append((axis, 0.0))
    return planes


def _snap(normal: np.ndarray) -> np.ndarray:
    """The file's axis, if the normal is within two degrees of one."""
    axis = int(np.argmax(np.abs(normal)))
    return np.eye(3)[axis] if abs(normal[axis]) > 0.9994 else normal


def _alike(joints: Joints, counts: np.ndarray, a: int, b: int) -> bool:
    long_a, long_b = joints.reach[a], joints.reach[b]
    bone_a, bone_b = joints.bones[a], joints.bones[b]
    few = abs(int(counts[a]) - int(counts[b])) <= 1 + 0.3 * max(counts[a], counts[b])
    return bool(
        few
        and abs(long_a - long_b) <= 0.1 * max(long_a, long_b)
        and abs(bone_a - bone_b) <= 0.1 * max(bone_a, bone_b) + 0.01 * joints.size
    )


def _end(joints: Joints, joint: int) -> np.ndarray:
    below = joints.points[joints.under(joint)]
    return np.asarray(below[np.argmax(np.linalg.norm(below - joints.points[joint], axis=1))])


def _joint_score(joints: Joints, normal: np.ndarray, offset: float) -> float:
    """Share of the joints' weight that has an image on the other side."""
    heavy = np.argsort(-joints.heavy, kind="stable")[:_MOST_SCORED]
    points = joints.points[heavy]
    height = points @ normal - offset
    image = points - 2.0 * height[:, None] * normal
    near = _NEAR * joints.size
    gap = np.linalg.norm(points[None] - image[:, None], axis=-1)
    # A joint and one that hangs from it are not each other's image.
    above = joints.above[np.ix_(heavy, heavy)]
    apart = (height[None] * height[:, None] < 0) & ~above & ~above.T
    off = np.abs(height) > 0.4 * near
    matched = off & ((gap < near) & apart).any(1)
    weight = np.sqrt(joints.heavy[heavy]) + 0.02
    # Joints in the plane prove nothing, joints beside it without an image speak against it.
    return float((weight * matched).sum() / max((weight * off).sum() + 0.3 * (weight * ~off).sum(), 1e-9))


def _sample(joints: Joints) -> np.ndarray:
    cloud = joints.cloud
    if len(cloud) <= _MOST_SAMPLES:
        return cloud
    return cloud[np.random.default_rng(0).choice(len(cloud), _MOST_SAMPLES, replace=False)]


def _skin_score(skin: np.ndarray, normal: np.ndarray, offset: float, size: float) -> float:
    if len(skin) < 8:
        return 0.0
    image = skin - 2.0 * (skin @ normal - offset)[:, None] * normal
    gap = ((skin**2).sum(1)[None] - 2.0 * image @ skin.T + (image**2).sum(1)[:, None]).min(1)
    spacing = 0.03 * size
    return float(np.exp(-np.maximum(gap, 0.0) / spacing**2).mean())


def _pair(joints: Joints, normal: np.ndarray, offset: float) -> np.ndarray:
    """Match children of matched joints, from the roots down: by place where the pose is even, else by build."""
    partner = np.full(len(joints), -1)
    centres = _centres(joints)
    images = joints.points - 2.0 * (joints.points @ normal - offset)[:, None] * normal
    centre_images = centres - 2.0 * (centres @ normal - offset)[:, None] * normal
    counts = joints.above.sum(0)

    def cost(rows: list[int], columns: list[int]) -> np.ndarray:
        place = np.linalg.norm(images[rows][:, None] - joints.points[columns][None], axis=-1)
        skin = np.linalg.norm(centre_images[rows][:, None] - centres[columns][None], axis=-1)
        build = np.abs(joints.reach[rows][:, None] - joints.reach[columns][None])
        build = build + np.abs(joints.bones[rows][:, None] - joints.bones[columns][None])
        number = np.abs(np.log(counts[rows][:, None] / counts[columns][None]))
        return np.asarray((np.minimum(place + skin, 0.15 * joints.size) + build) / joints.size + 0.03 * number)

    stack: list[tuple[int, int]] = [(-1, -1)]
    while stack:
        a, b = stack.pop()
        left, right = joints.children[a], joints.children[b]
        if not left or not right:
            continue
        table = cost(left, right)
        if a == b:
            # A joint in the middle is its own image; one beside it must not be, though its first point may lie there.
            own = np.abs(centres[left] @ normal - offset)
            # A root that moves nothing itself may lie anywhere.
            own = (own + (joints.mass[left] > 0) * np.abs(joints.points[left] @ normal - offset)) / joints.size
            table[np.arange(len(left)), np.arange(len(left))] = np.where(own < 0.06, 0.5 * own, 9.0)
        for i, k in _matching(table, 0.3, same=a == b):
            partner[left[i]], partner[right[k]] = right[k], left[i]
            stack.append((left[i], right[k]))
    return partner


def _matching(table: np.ndarray, limit: float, same: bool) -> list[tuple[int, int]]:
    """Pairs in order of rising cost, each row and column once; among siblings (i, k) also takes (k, i)."""
    near = np.flatnonzero(table <= limit)
    order = near[np.argsort(table.ravel()[near], kind="stable")]
    pairs, row_free, column_free = [], np.ones(table.shape[0], bool), np.ones(table.shape[1], bool)
    # In pieces: of a million pairs nearly all fall away at once.
    for start in range(0, len(order), _PIECE):
        rows, columns = np.divmod(order[start : start + _PIECE], table.shape[1])
        free = row_free[rows] & column_free[columns]
        for i, k in zip(rows[free].tolist(), columns[free].tolist(), strict=True):
            if row_free[i] and column_free[k]:
                pairs.append((i, k))
                row_free[i] = column_free[k] = False
                if same:
                    row_free[k] = column_free[i] = False
    return pairs


def _centres(joints: Joints) -> np.ndarray:
    """[N, 3]: middle of the skin that each joint and all below it move; the joint where there is none."""
    total = np.zeros((len(joints), 4))
    weighted = np.concatenate([joints.cloud * joints.area[:, None], joints.area[:, None]], 1)
    np.add.at(total, joints.owner, weighted)
    total = joints.above.T @ total
    full = total[:, 3] > 0
    return np.where(full[:, None], total[:, :3] / np.maximum(total[:, 3:], 1e-12), joints.points)


def _sides(joints: Joints, normal: np.ndarray, offset: float, partner: np.ndarray) -> np.ndarray:
    """Side of each paired joint: that of the whole limb it belongs to, so that crossed legs keep their sides."""
    height = joints.points @ normal - offset
    centre = _centres(joints) @ normal - offset
    side = np.zeros(len(joints), int)
    for j, other in enumerate(partner.tolist()):
        if other < 0 or other == j:
            continue
        parent = int(joints.parents[j])
        if parent >= 0 and side[parent]:
            side[j] = side[parent]
        else:
            # The skin of the whole limb tells better than its first joint, which may lie in the plane.
            lead = (height[j] - height[other]) + (centre[j] - centre[other])
            side[j] = 1 if lead > 0 else -1
    return side
