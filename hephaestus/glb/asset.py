"""What a GLB holds, as arrays: nodes, primitives, skins, materials, textures and animations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from hephaestus.rotation import from_matrix, to_matrix

_AT_ONCE = 1 << 16
"""Vertices that are bent in one go: each needs matrices of 192 bytes meanwhile."""


@dataclass(frozen=True, slots=True)
class Material:
    """A surface of the metallic-roughness model (glTF 2.0, 3.9).

    Attributes:
        name: for people.
        base_color: linear RGBA, multiplied with vertex colours and texture.
        metallic: 0 to 1.
        roughness: 0 to 1.
        emissive: linear RGB.
        texture: index into `Asset.textures` of the base colour picture, or None.
        double_sided: whether the back of a triangle is drawn.
        alpha: "OPAQUE", "MASK" (cut at 0.5) or "BLEND".
        unlit: whether it shows its colour as it is, without light (KHR_materials_unlit).
    """

    name: str = ""
    base_color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    metallic: float = 0.0
    roughness: float = 0.9
    emissive: tuple[float, float, float] = (0.0, 0.0, 0.0)
    texture: int | None = None
    double_sided: bool = False
    alpha: str = "OPAQUE"
    unlit: bool = False


@dataclass(frozen=True, slots=True)
class Primitive:
    """Triangles of one material that hang on one node.

    Attributes:
        positions: float32 [V, 3], in the node's frame (in the bind frame where skinned).
        normals: float32 [V, 3], unit length.
        indices: uint32 [I], three for each triangle, counter-clockwise seen from outside.
        uvs: float32 [V, 2] with v down, or None.
        colors: float32 [V, 4], linear RGBA, or None.
        joints: int32 [V, 4], indices into the skin's joints, or None where rigid.
        weights: float32 [V, 4], each row sums to 1, or None where rigid.
        material: index into `Asset.materials`, or None for plain white.
        node: index of the node that carries it.
        skin: index into `Asset.skins`, or None.
        targets: float32 [M, V, 3], how far each morph target moves the positions, or None.
        morph: float32 [M], the weights at rest; `positions` and `normals` have them in.
    """

    positions: np.ndarray
    normals: np.ndarray
    indices: np.ndarray
    uvs: np.ndarray | None = None
    colors: np.ndarray | None = None
    joints: np.ndarray | None = None
    weights: np.ndarray | None = None
    material: int | None = None
    node: int = 0
    skin: int | None = None
    targets: np.ndarray | None = None
    morph: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))

    def morphed(self, weights: np.ndarray) -> np.ndarray:
        """Return positions [V, 3] with the morph targets at weights [M]."""
        if self.targets is None:
            return self.positions
        return self.positions + np.einsum("m,mvi->vi", np.asarray(weights, np.float32) - self.morph, self.targets)


@dataclass(frozen=True, slots=True)
class Skin:
    """The joints that bend a mesh.

    Attributes:
        joints: int32 [K], node indices.
        inverse_binds: float32 [K, 4, 4], from the bind frame into each joint's frame.
    """

    joints: np.ndarray
    inverse_binds: np.ndarray


@dataclass(frozen=True, slots=True)
class Channel:
    """One animated property of one node.

    Attributes:
        node: index of the node.
        path: "translation", "rotation", "scale" or "weights" (of the M morph targets of the node's mesh).
        times: float32 [N], seconds, rising.
        values: float32 [N, 3], [N, 4] (xyzw) or [N, M]; for CUBICSPLINE [N, 3, ...]: in-tangent, value, out-tangent.
        interpolation: "LINEAR", "STEP" or "CUBICSPLINE".
    """

    node: int
    path: str
    times: np.ndarray
    values: np.ndarray
    interpolation: str = "LINEAR"


@dataclass(frozen=True, slots=True)
class Animation:
    """A named set of channels that play together."""

    name: str
    channels: tuple[Channel, ...]

    @property
    def duration(self) -> float:
        """Seconds until the last key."""
        return max((float(c.times[-1]) for c in self.channels if len(c.times)), default=0.0)


@dataclass(frozen=True)
class Asset:
    """A rig with its skin: J nodes in a forest, in the file's own frame (glTF: y up, metres, left is +x, facing +z).

    Attributes:
        names: J node names, "" where the file has none.
        parents: int32 [J], -1 for a root; any order.
        translations: float32 [J, 3], m.
        rotations: float32 [J, 4], xyzw.
        scales: float32 [J, 3].
        rest: float32 [J, 4, 4], each node relative to its parent at rest (exact also for a sheared matrix).
        primitives: what is drawn.
        skins: joints and inverse binds.
        materials: surfaces.
        textures: uint8 [H, W, 4] pictures, sRGB.
        animations: clips.
        humanoid: VRM bone name to node index where the file has such a block.
        vrm: 0 or 1, the VRM version of that block (0.x figures face -z), or None.
        notes: what the reader left out, a sentence each.
        source: the file that it was read from, unchanged, so that an export can keep what is not read; None for an
            asset that was made or changed (`dataclasses.replace` does not copy it).
    """

    names: tuple[str, ...]
    parents: np.ndarray
    translations: np.ndarray
    rotations: np.ndarray
    scales: np.ndarray
    rest: np.ndarray
    primitives: tuple[Primitive, ...] = ()
    skins: tuple[Skin, ...] = ()
    materials: tuple[Material, ...] = ()
    textures: tuple[np.ndarray, ...] = ()
    animations: tuple[Animation, ...] = ()
    humanoid: Mapping[str, int] = field(default_factory=dict)
    vrm: int | None = None
    notes: tuple[str, ...] = ()
    source: bytes | None = field(default=None, init=False, repr=False, compare=False)

    def keep_source(self, data: bytes) -> None:
        """Remember the file that this asset was read from; only the reader calls this."""
        object.__setattr__(self, "source", data)

    def __len__(self) -> int:
        """Return J, the number of nodes."""
        return len(self.names)

    @cached_property
    def levels(self) -> tuple[np.ndarray, ...]:
        """Node indices by depth in the forest: the roots first, then their children, and so on."""
        # Every node points at its parent and knows how far that is; each round doubles how far it looks.
        root = len(self)
        up = np.append(np.where(self.parents < 0, root, self.parents), root)
        far = (up != root).astype(np.int32)
        for _ in range(root.bit_length() + 1):
            far, up = far + far[up], up[up]
        depth = far[:-1]
        order = np.argsort(depth, kind="stable")
        return tuple(np.split(order, np.searchsorted(depth[order], np.arange(1, depth.max(initial=0) + 1))))

    @cached_property
    def rest_world(self) -> np.ndarray:
        """[J, 4, 4]: every node at rest in the file's frame."""
        return self.world(self.rest)

    def index(self, name: str) -> int:
        """Return the first node of that name.

        Raises:
            KeyError: there is none.
        """
        try:
            return self.names.index(name)
        except ValueError:
            raise KeyError(f"no node is called {name!r}") from None

    def world(self, local: np.ndarray) -> np.ndarray:
        """Put local node transforms [..., J, 4, 4] one behind the other: forward kinematics.

        Args:
            local: each node relative to its parent; leading axes (frames, bodies) are free.

        Returns:
            [..., J, 4, 4] of the same type: each node in the file's frame.
        """
        local = np.asarray(local)
        world = np.empty_like(local)
        roots, *deeper = self.levels
        world[..., roots, :, :] = local[..., roots, :, :]
        for level in deeper:
            world[..., level, :, :] = world[..., self.parents[level], :, :] @ local[..., level, :, :]
        return world

    def skin_matrices(self, skin: int, world: np.ndarray) -> np.ndarray:
        """Return what carries bind-frame vertices of a skin to the pose.

        Args:
            skin: index into `skins`.
            world: [..., J, 4, 4] from `world`.

        Returns:
            [..., K, 4, 4], in the order of the skin's joints.
        """
        s = self.skins[skin]
        return world[..., s.joints, :, :] @ s.inverse_binds

    def vertices(self, primitive: Primitive, world: np.ndarray) -> np.ndarray:
        """Bend a primitive on the CPU (linear blend skinning; a rigid one follows its node).

        Args:
            primitive: one of `primitives`.
            world: [J, 4, 4] from `world`.

        Returns:
            float32 [V, 3] in the file's frame, m.
        """
        if primitive.skin is None or primitive.joints is None or primitive.weights is None:
            m = world[primitive.node]
            return primitive.positions @ m[:3, :3].T + m[:3, 3]
        matrices = self.skin_matrices(primitive.skin, world)[:, :3]
        out = np.empty((len(primitive.positions), 3), np.result_type(matrices, primitive.positions))
        for start in range(0, len(out), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            blend = np.einsum("vk,vkij->vij", primitive.weights[part], matrices[primitive.joints[part]])
            out[part] = np.einsum("vij,vj->vi", blend[:, :, :3], primitive.positions[part]) + blend[:, :, 3]
        return out


def compose(translations: np.ndarray, rotations: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Build T R S as [..., 4, 4] from translations [..., 3], unit quaternions xyzw [..., 4] and scales [..., 3]."""
    turn = to_matrix(rotations)
    out = np.zeros((*turn.shape[:-2], 4, 4), turn.dtype)
    out[..., :3, :3] = turn * np.asarray(scales)[..., None, :]
    out[..., :3, 3] = translations
    out[..., 3, 3] = 1.0
    return out


def decompose(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split [..., 4, 4] into translations, rotations (xyzw), scales; a mirror goes into the x scale, shear is lost."""
    m = np.asarray(matrices, np.float32)
    linear = m[..., :3, :3]
    scales = np.sqrt((linear * linear).sum(-2))
    mirrored = np.linalg.det(linear) < 0
    scales = scales * np.where(mirrored[..., None], np.array([-1, 1, 1], np.float32), np.float32(1))
    safe = np.where(np.abs(scales) < 1e-12, 1.0, scales)
    return m[..., :3, 3], from_matrix(linear / safe[..., None, :]).astype(np.float32), scales.astype(np.float32)
