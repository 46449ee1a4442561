"""The same body as a hundred other exporters would write it: other names, order, axes, unit, helpers, joints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hephaestus import rotation
from hephaestus.glb.asset import Asset, Primitive, Skin, decompose

NAMES = ("random", "empty", "shuffled", "numbered", "kept")


@dataclass
class Tree:
    """An asset taken apart: nodes can be added, taken away and put in another order.

    Attributes:
        keys: for each node what it was in the body it comes from, None for what was added.
        world: [4, 4] of each node.
    """

    asset: Asset
    keys: list[int | None]
    names: list[str]
    parents: list[int]
    world: list[np.ndarray]
    primitives: list[Primitive]
    skins: list[Skin]

    @classmethod
    def of(cls, asset: Asset) -> Tree:
        world = [m.astype(float) for m in asset.rest_world]
        parents = [int(p) for p in asset.parents]
        return cls(
            asset, list(range(len(asset))), list(asset.names), parents, world, list(asset.primitives), list(asset.skins)
        )

    def add(self, parent: int, at: np.ndarray, name: str = "extra") -> int:
        m = np.eye(4)
        m[:3, 3] = at
        self.keys.append(None)
        self.names.append(name)
        self.parents.append(parent)
        self.world.append(m)
        return len(self.names) - 1

    def children(self, node: int) -> list[int]:
        return [i for i, p in enumerate(self.parents) if p == node]

    def drop(self, node: int) -> None:
        """Take a node away; its skin and children go to its parent (it stays in the list, cut off, till `build`)."""
        parent = self.parents[node]
        for child in self.children(node):
            self.parents[child] = parent
        for s, skin in enumerate(self.skins):
            places = np.flatnonzero(skin.joints == node)
            heirs = np.flatnonzero(skin.joints == parent)
            if len(places) and len(heirs):
                self.primitives = [
                    replace(p, joints=np.where(p.joints == places[0], heirs[0], p.joints).astype(np.int32))
                    if p.skin == s and p.joints is not None
                    else p
                    for p in self.primitives
                ]
        self.keys[node], self.parents[node] = -1, -2

    def build(self, order: np.ndarray | None = None) -> tuple[Asset, dict[int, int]]:
        """Return the asset, and what became of each node of the body."""
        kept = [i for i in range(len(self.names)) if self.parents[i] != -2]
        if order is not None:
            kept = [kept[k] for k in np.argsort(np.argsort(order[: len(kept)], kind="stable"), kind="stable")]
        index = {old: new for new, old in enumerate(kept)}
        parents = np.array([index[self.parents[i]] if self.parents[i] >= 0 else -1 for i in kept], np.int32)
        world = np.array([self.world[i] for i in kept])
        above = np.where(parents[:, None, None] >= 0, world[np.maximum(parents, 0)], np.eye(4))
        local = (np.linalg.inv(above) @ world).astype(np.float32)
        skins = []
        for skin in self.skins:
            joints = np.array([index[self._heir(int(j))] for j in skin.joints], np.int32)
            skins.append(Skin(joints, skin.inverse_binds))
        primitives = [replace(p, node=index.get(p.node, 0)) for p in self.primitives]
        t, r, s = decompose(local)
        names = tuple(self.names[i] for i in kept)
        asset = replace(
            self.asset, names=names, parents=parents, translations=t, rotations=r, scales=s, rest=local,
            primitives=tuple(primitives), skins=tuple(skins), animations=(), humanoid={},
        )  # fmt: skip
        return asset, {key: index[i] for i in kept if (key := self.keys[i]) is not None}

    def _heir(self, node: int) -> int:
        return node if self.parents[node] != -2 else self._heir(int(self.asset.parents[node]))


def vary(
    asset: Asset, roles: dict[str, tuple[int, ...]], seed: int
) -> tuple[Asset, dict[str, tuple[int, ...]], np.ndarray]:
    """Return a variant, its true role map, and the [3, 3] by which it was turned.

    Args:
        asset: a body in its own frame (up +y, front +z).
        roles: its role map.
        seed: of all that is drawn by chance.
    """
    rng = np.random.default_rng(seed)
    tree = Tree.of(asset)
    if rng.random() < 0.35:
        _without_toes(tree, roles)
    for change in (_leaves, _inline, _twists, _offset_root, _prop):
        if rng.random() < 0.5:
            change(tree, roles, rng)
    _rename(tree, str(rng.choice(NAMES)), rng)
    turn = _turn(rng)
    factor = float(rng.choice([1.0, 100.0, 0.01, 0.0254, float(rng.uniform(0.1, 40.0))]))
    _move(tree, turn, factor, rng)
    varied, index = tree.build(rng.permutation(len(tree.names)) if rng.random() < 0.7 else None)
    truth = {role: tuple(index[n] for n in nodes if n in index) for role, nodes in roles.items()}
    return varied, {role: nodes for role, nodes in truth.items() if nodes}, turn


def _turn(rng: np.random.Generator) -> np.ndarray:
    """Any of the 24 ways to lay axes on axes, or now and then any turn at all."""
    if rng.random() < 0.15:
        return rotation.to_matrix(rotation.normalize(rng.normal(size=4))).astype(float)
    while True:
        m = np.eye(3)[rng.permutation(3)] * rng.choice([-1.0, 1.0], size=(3, 1))
        if np.linalg.det(m) > 0:
            return m


def _move(tree: Tree, turn: np.ndarray, factor: float, rng: np.random.Generator) -> None:
    """Turn and scale the body: by a node on top (as exporters do) or in every node."""
    m = np.eye(4)
    m[:3, :3] = turn * factor
    m[:3, 3] = rng.normal(size=3) * factor * rng.choice([0.0, 1.0])
    if rng.random() < 0.5:
        top = tree.add(-1, np.zeros(3), "top")
        for i in range(len(tree.names) - 1):
            if tree.parents[i] == -1:
                tree.parents[i] = top
    tree.world = [m @ w for w in tree.world]
    if rng.random() < 0.5:
        # Every node with axes of its own, as bones that point along themselves have.
        own = rotation.to_matrix(rotation.normalize(rng.normal(size=(len(tree.world), 4)))).astype(float)
        rigid = {p.node for p in tree.primitives if p.skin is None}
        bound = _bound(tree)
        for i, w in enumerate(tree.world):
            if i not in rigid:
                tree.world[i] = w @ np.block([[own[i], np.zeros((3, 1))], [np.zeros((1, 3)), np.eye(1)]])
        _rebind(tree, bound)


def _bound(tree: Tree) -> list[np.ndarray]:
    return [np.array([tree.world[j] @ b for j, b in zip(s.joints, s.inverse_binds, strict=True)]) for s in tree.skins]


def _rebind(tree: Tree, bound: list[np.ndarray]) -> None:
    tree.skins = [
        Skin(
            s.joints,
            np.array([np.linalg.inv(tree.world[j]) @ m for j, m in zip(s.joints, ms, strict=True)], np.float32),
        )
        for s, ms in zip(tree.skins, bound, strict=True)
    ]


def _rename(tree: Tree, how: str, rng: np.random.Generator) -> None:
    if how == "random":
        letters = np.array(list("abcdefghkmnopqstuvwxyz_0123456789"))
        tree.names = ["".join(rng.choice(letters, rng.integers(3, 9))) for _ in tree.names]
    elif how == "empty":
        tree.names = [""] * len(tree.names)
    elif how == "numbered":
        tree.names = [f"Bone.{i:03d}" for i in rng.permutation(len(tree.names))]
    elif how == "shuffled":
        tree.names = [tree.names[i] for i in rng.permutation(len(tree.names))]


def _mapped(tree: Tree, roles: dict[str, tuple[int, ...]]) -> list[int]:
    return [n for nodes in roles.values() for n in nodes if tree.parents[n] != -2]


def _leaves(tree: Tree, roles: dict[str, tuple[int, ...]], rng: np.random.Generator) -> None:
    """End joints, pole targets and control nodes that move nothing."""
    for node in _mapped(tree, roles):
        if not tree.children(node):
            parent = tree.world[tree.parents[node]][:3, 3] if tree.parents[node] >= 0 else tree.world[node][:3, 3]
            tree.add(node, 1.3 * tree.world[node][:3, 3] - 0.3 * parent, "end")
    for _ in range(4):
        tree.add(int(rng.choice([-1, _mapped(tree, roles)[0]])), rng.normal(size=3), "ctrl")


def _inline(tree: Tree, roles: dict[str, tuple[int, ...]], rng: np.random.Generator) -> None:
    """A joint in the middle of each of a few bones, which moves nothing, on both sides alike."""
    mapped = set(_mapped(tree, roles))
    for role in ("forearm", "shin", "upperarm"):
        if rng.random() < 0.5:
            for side in "LR":
                for node in roles.get(f"{side}_{role}", ()):
                    parent = tree.parents[node]
                    if parent in mapped:
                        middle = 0.5 * (tree.world[node][:3, 3] + tree.world[parent][:3, 3])
                        tree.parents[node] = tree.add(parent, middle, "mid")


def _twists(tree: Tree, roles: dict[str, tuple[int, ...]], rng: np.random.Generator) -> None:
    """Twist joints beside the next joint, which take over the outer half of a bone's skin."""
    share = float(rng.uniform(0.35, 0.65))
    for start, end in (("upperarm", "forearm"), ("forearm", "hand"), ("thigh", "shin")):
        for side in "LR":
            if f"{side}_{start}" not in roles or f"{side}_{end}" not in roles:
                continue
            a, b = roles[f"{side}_{start}"][0], roles[f"{side}_{end}"][0]
            at = (1 - share) * tree.world[a][:3, 3] + share * tree.world[b][:3, 3]
            _steal(tree, a, tree.add(a, at, "twist"), at, tree.world[b][:3, 3] - tree.world[a][:3, 3])


def _steal(tree: Tree, owner: int, thief: int, at: np.ndarray, way: np.ndarray) -> None:
    for s, skin in enumerate(tree.skins):
        place = np.flatnonzero(skin.joints == owner)
        if not len(place):
            continue
        bound = tree.world[owner] @ skin.inverse_binds[place[0]]
        bind = (np.linalg.inv(tree.world[thief]) @ bound).astype(np.float32)
        tree.skins[s] = Skin(
            np.append(skin.joints, thief).astype(np.int32), np.concatenate([skin.inverse_binds, bind[None]])
        )
        new = len(skin.joints)
        for k, p in enumerate(tree.primitives):
            if p.skin == s and p.joints is not None:
                points = p.positions @ bound[:3, :3].T + bound[:3, 3]
                beyond = ((points - at) @ way > 0)[:, None]
                tree.primitives[k] = replace(
                    p, joints=np.where((p.joints == place[0]) & beyond, new, p.joints).astype(np.int32)
                )


def _offset_root(tree: Tree, roles: dict[str, tuple[int, ...]], rng: np.random.Generator) -> None:
    """One to three nodes above everything, on the floor or somewhere else."""
    for _ in range(int(rng.integers(1, 4))):
        at = rng.normal(size=3) * float(rng.choice([0.0, 0.3]))
        top = tree.add(-1, at, "root")
        for i in range(len(tree.names) - 1):
            if tree.parents[i] == -1:
                tree.parents[i] = top


def _prop(tree: Tree, roles: dict[str, tuple[int, ...]], rng: np.random.Generator) -> None:
    """Something rigid that is held in a hand, or worn on the head."""
    holders = [roles[r][0] for r in ("R_hand", "L_hand", "head") if r in roles and tree.parents[roles[r][0]] != -2]
    if not holders:
        return
    holder = int(rng.choice(holders))
    at = tree.world[holder][:3, 3]
    node = tree.add(holder, at + np.array([0.0, 0.05, 0.05]), "prop")
    corners = np.array([[x, y, z] for x in (-0.02, 0.02) for y in (-0.02, 0.02) for z in (-0.1, 0.35)], np.float32)
    faces = np.array(
        [0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3]
    )
    tree.primitives.append(Primitive(corners, np.zeros((8, 3), np.float32), faces.astype(np.uint32), node=node))


def _without_toes(tree: Tree, roles: dict[str, tuple[int, ...]]) -> None:
    for role in ("L_toe", "R_toe"):
        for node in roles.get(role, ()):
            if tree.parents[node] >= 0 and not tree.children(node):
                tree.drop(node)


Change = Callable[[Tree, dict[str, tuple[int, ...]], np.random.Generator], None]
