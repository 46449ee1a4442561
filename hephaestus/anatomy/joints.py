"""Joints: the nodes of a file that move something, in one pose, with the skin that each of them moves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hephaestus.glb.asset import Asset, Primitive
from hephaestus.glb.outline import outline
from hephaestus.twins import twins

_MOST_POINTS, _LEAST_POINTS = 12_000, 200


@dataclass(frozen=True)
class Joints:
    """N joints in the file's frame, parents before children.

    Attributes:
        asset: the file.
        nodes: int [N], node of each joint.
        parents: int [N], index of the joint above, -1 for a root.
        points: [N, 3], where they are.
        mass: [N], area of the skin that each moves, as shares of the whole.
        cloud: [V, 3], points of the skin.
        owner: int [V], the joint that moves each point most.
        area: [V], share of the skin's area that each point stands for.
        still: nodes that move no skin.
    """

    asset: Asset
    nodes: np.ndarray
    parents: np.ndarray
    points: np.ndarray
    mass: np.ndarray
    cloud: np.ndarray
    owner: np.ndarray
    area: np.ndarray
    still: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each joint."""
        return tuple(self.asset.names[n] for n in self.nodes)

    @cached_property
    def size(self) -> float:
        """Diagonal of the box round skin and joints."""
        both = self.cloud if len(self.cloud) > 8 else np.concatenate([self.cloud, self.points])
        return float(np.linalg.norm(np.ptp(both, axis=0))) or 1.0

    @cached_property
    def children(self) -> list[list[int]]:
        """Joints that hang from each joint; the last list holds the roots."""
        out: list[list[int]] = [[] for _ in range(len(self) + 1)]
        for j, parent in enumerate(self.parents.tolist()):
            out[parent].append(j)
        return out

    @cached_property
    def above(self) -> np.ndarray:
        """Bool [N, N]: entry [i, j] tells whether j is i or above it."""
        out = np.eye(len(self), dtype=bool)
        for j, parent in enumerate(self.parents.tolist()):
            if parent >= 0:
                out[j] |= out[parent]
        return out

    @cached_property
    def heavy(self) -> np.ndarray:
        """[N]: mass of each joint and all that hangs below it."""
        return np.asarray(self.mass @ self.above)

    @cached_property
    def bones(self) -> np.ndarray:
        """[N]: distance from each joint to the one above, 0 for roots."""
        off = self.points - self.points[np.maximum(self.parents, 0)]
        return np.where(self.parents < 0, 0.0, np.linalg.norm(off, axis=1))

    @cached_property
    def reach(self) -> np.ndarray:
        """[N]: longest way down the bones from each joint, to the end of the skin."""
        out = np.zeros(len(self))
        if len(self.cloud):
            np.maximum.at(out, self.owner, np.linalg.norm(self.cloud - self.points[self.owner], axis=1))
            # Skin that a joint shares with its parent lies behind it and must not make a bone of it.
            out = np.minimum(out, 0.25 * self.size)
        for j in range(len(self) - 1, -1, -1):
            parent = self.parents[j]
            if parent >= 0:
                out[parent] = max(out[parent], self.bones[j] + out[j])
        return out

    def under(self, joint: int) -> np.ndarray:
        """Return the indices of a joint and all below it."""
        return np.flatnonzero(self.above[:, joint])

    def skin(self, joints: np.ndarray | list[int]) -> np.ndarray:
        """Return the points [n, 3] of the skin that the given joints move most."""
        order, start = self._by_owner
        mine = [order[start[j] : start[j + 1]] for j in sorted({int(j) for j in joints})]
        return np.asarray(self.cloud[np.sort(np.concatenate(mine))] if mine else self.cloud[:0])

    @cached_property
    def _by_owner(self) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the cloud sorted by owner, and where [N + 1] each owner's begin."""
        return np.argsort(self.owner, kind="stable"), np.searchsorted(np.sort(self.owner), np.arange(len(self) + 1))

    def skin_under(self, joint: int) -> np.ndarray:
        """Return the points [n, 3] of the skin that a joint and all below it move."""
        return self.skin(self.under(joint))

    def path(self, start: int, end: int) -> list[int]:
        """Return the joints from one joint to another through the tree, both included; [] where no tree holds both."""
        up_start, up_end = self.above[start], self.above[end]
        common = np.flatnonzero(up_start & up_end)
        if not len(common):
            return []
        top = int(max(common, key=lambda j: int(self.above[j].sum())))
        return [*self.climb(start, top), *reversed(self.climb(end, top)[:-1])]

    def climb(self, joint: int, top: int) -> list[int]:
        """Return the joints from a joint up to one above it, both included."""
        way = [joint]
        while way[-1] != top and self.parents[way[-1]] >= 0:
            way.append(int(self.parents[way[-1]]))
        return way

    def common(self, joints: list[int]) -> int:
        """Return the lowest joint that is above all the given ones (or one of them), -1 where there is none."""
        both = np.flatnonzero(self.above[joints].all(0))
        return int(max(both, key=lambda j: int(self.above[j].sum()))) if len(both) else -1


def beside(asset: Asset) -> np.ndarray:
    """Return bool [J]: nodes with a mesh that hangs neither on a skin's joint nor below one, in a file with skins.

    They may be props, a floor or another thing that stands about; or parts of a body of which some parts have a skin.
    """
    out = np.zeros(len(asset), bool)
    held = np.zeros(len(asset), bool)
    held[[j for skin in asset.skins for j in skin.joints]] = True
    if not held.any():
        return out
    for level in asset.levels[1:]:
        held[level] |= held[asset.parents[level]]
    out[[p.node for p in asset.primitives if p.skin is None]] = True
    return out & ~held


def joints_of(asset: Asset, world: np.ndarray, without: np.ndarray | None = None) -> Joints:
    """Collect the joints of an asset in a pose.

    Args:
        asset: the file.
        world: [J, 4, 4], each node in the file's frame.
        without: bool [J], nodes whose own mesh does not count.
    """
    cloud, node, area = _surface(asset, world)
    node, count = twins(asset)[node], len(asset)
    if without is not None and len(node):
        kept = ~without[node]
        cloud, node, area = cloud[kept], node[kept], area[kept]
    moved = np.bincount(node, area, count) if len(node) else np.zeros(count)
    weight = moved.copy()
    for level in reversed(asset.levels):
        inner = level[asset.parents[level] >= 0]
        np.add.at(weight, asset.parents[inner], weight[inner])
    holders = _holders(asset)
    # A file without any skin, such as a bare motion capture skeleton, is all joints.
    kept = (weight > 0) if moved.sum() > 0 else ~holders
    order = np.concatenate([level[kept[level]] for level in asset.levels]).astype(int)
    index = np.full(count + 1, -1)
    index[order] = np.arange(len(order))
    return Joints(
        asset,
        order,
        index[asset.parents[order]],
        world[order, :3, 3].astype(float),
        moved[order] / max(moved.sum(), 1e-12),
        cloud,
        index[node],
        area,
        tuple(int(n) for n in np.flatnonzero(~kept & ~holders)),
    )


def bind_world(asset: Asset) -> np.ndarray | None:
    """Return each node [J, 4, 4] in the bind pose, set down where the rest pose has the trunk; None without a skin.

    A rest pose may be a frame in mid-animation; the bind pose is nearly always one that can be read.
    """
    if not asset.skins:
        return None
    world = asset.rest_world.astype(float).copy()
    main = max(asset.skins, key=lambda s: len(s.joints))
    carried = world[main.joints] @ main.inverse_binds
    below = _descendants(asset)
    anchor = carried[int(np.argmax(below[main.joints]))]
    inverse, ok = _inverses(main.inverse_binds.astype(float))
    bound = np.zeros(len(asset), bool)
    world[main.joints[ok]] = anchor @ inverse
    bound[main.joints[ok]] = True
    for level in asset.levels[1:]:
        loose = level[~bound[level]]
        world[loose] = world[asset.parents[loose]] @ asset.rest[loose]
    return world if np.isfinite(world).all() else None


def _inverses(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ok = np.abs(np.linalg.det(matrices[:, :3, :3])) > 1e-12
    return np.linalg.inv(matrices[ok]), ok


def _descendants(asset: Asset) -> np.ndarray:
    count = np.ones(len(asset))
    for level in reversed(asset.levels):
        inner = level[asset.parents[level] >= 0]
        np.add.at(count, asset.parents[inner], count[inner])
    return count


def _holders(asset: Asset) -> np.ndarray:
    """Bool [J]: nodes that are there only to hold a skinned mesh."""
    out = np.zeros(len(asset), bool)
    out[[p.node for p in asset.primitives if p.skin is not None]] = True
    out[asset.parents[asset.parents >= 0]] = False
    out[[j for skin in asset.skins for j in skin.joints]] = False
    return out


def _surface(asset: Asset, world: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points [V, 3] of the skin, the node [V] that moves each most, and the area [V] each stands for."""
    points, nodes, areas = [np.zeros((0, 3))], [np.zeros(0, int)], [np.zeros(0)]
    for primitive in outline(asset):
        at = asset.vertices(primitive, world).astype(float)
        points.append(at)
        nodes.append(owners(asset, primitive))
        areas.append(_areas(at, primitive.indices))
    cloud, node, area = np.concatenate(points), np.concatenate(nodes), np.concatenate(areas)
    good = np.isfinite(cloud).all(1) & np.isfinite(area)
    cloud, node, area = cloud[good], node[good], area[good]
    if len(cloud) > _MOST_POINTS:
        kept = _thinned(node)
        # Each point left stands for those that went with it.
        share = np.bincount(node, area) / np.maximum(np.bincount(node[kept], area[kept], node.max() + 1), 1e-30)
        cloud, area, node = cloud[kept], area[kept] * share[node[kept]], node[kept]
    return cloud, node.astype(int), np.maximum(area, 1e-12) / max(area.sum(), 1e-12)


def _thinned(node: np.ndarray) -> np.ndarray:
    """Indices of points drawn from each node, so that about _MOST_POINTS are left, but enough of small parts.

    They are drawn and not counted off: rings of vertices have a beat of their own.
    """
    counts = np.bincount(node)
    quota = np.maximum(_LEAST_POINTS, counts * (_MOST_POINTS / len(node)))
    shuffled = np.random.default_rng(0).permutation(len(node))
    order = shuffled[np.argsort(node[shuffled], kind="stable")]
    rank = np.arange(len(node)) - (np.cumsum(counts) - counts)[node[order]]
    return np.sort(order[rank < quota[node[order]]])


def owners(asset: Asset, primitive: Primitive) -> np.ndarray:
    """Return for each vertex [V] of a primitive the node that moves it most."""
    if primitive.skin is None or primitive.joints is None or primitive.weights is None:
        return np.full(len(primitive.positions), primitive.node)
    strongest = np.take_along_axis(primitive.joints, primitive.weights.argmax(1)[:, None], 1)[:, 0]
    return np.asarray(asset.skins[primitive.skin].joints[strongest])


def _areas(points: np.ndarray, indices: np.ndarray) -> np.ndarray:
    faces = np.asarray(indices, int)[: len(indices) // 3 * 3].reshape(-1, 3)
    with np.errstate(invalid="ignore", over="ignore"):
        a, b, c = (points[faces[:, k]] for k in range(3))
        each = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 6.0
    return np.bincount(faces.ravel(), np.repeat(each, 3), len(points))[: len(points)]
