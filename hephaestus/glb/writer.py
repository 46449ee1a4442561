"""GLB files built with pygltflib, written whole or not at all, byte-equal for equal assets."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb.asset import Animation, Asset, Channel, Material, Primitive, compose, decompose

if TYPE_CHECKING:
    import pygltflib

_STILL = 1e-6


def write(asset: Asset, path: str | PathLike[str]) -> None:
    """Write an asset as GLB; the file appears whole (a temporary file is renamed) or not at all.

    Args:
        asset: what to write, its animations with it.
        path: where; the directory must exist.

    Raises:
        AssetError: the asset has no nodes, or the file cannot be written.
    """
    target = Path(path)
    data = to_bytes(asset)
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            temporary = file.name
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise AssetError(f"{target} cannot be written ({error.strerror}); choose another directory.") from None


def write_animated(
    asset: Asset, local: np.ndarray, fps: float, path: str | PathLike[str], name: str = "motion"
) -> None:
    """Write an asset with one animation in place of those it has.

    Args:
        asset: the rig.
        local: float32 [T, J, 4, 4], every node relative to its parent in each frame.
        fps: frames a second.
        path: where to write; atomically, as `write`.
        name: of the animation.

    Raises:
        AssetError: the shapes do not fit, numbers are not finite, or the file cannot be written.
    """
    write(replace(asset, animations=(clip(asset, local, fps, name),)), path)


def clip(asset: Asset, local: np.ndarray, fps: float, name: str = "motion") -> Animation:
    """Turn frames of local node transforms into an animation that any viewer plays.

    The rotation of every joint and the translation of every root joint is keyed in each frame, and whatever else
    changes; a clip that keys only what moves plays wrong in Blender. Quaternions keep their sign from key to key.

    Args:
        asset: the rig.
        local: float32 [T, J, 4, 4].
        fps: frames a second.
        name: of the animation.

    Returns:
        The animation; its first key is at 0 s.

    Raises:
        AssetError: the shapes do not fit or numbers are not finite.
    """
    local = np.asarray(local, np.float32)
    if local.ndim != 4 or local.shape[1:] != (len(asset), 4, 4) or not len(local):
        raise AssetError(f"A clip for {len(asset)} nodes needs frames [T, {len(asset)}, 4, 4], not {local.shape}.")
    if not np.isfinite(local).all() or not fps > 0:
        raise AssetError("A clip needs finite transforms and a positive frame rate.")
    times = (np.arange(len(local)) / fps).astype(np.float32)
    moves, turns, scales = decompose(local)
    turns = _continuous(turns)
    joints = _joints(asset)
    root = joints & ~np.append(joints, False)[asset.parents]
    changes = [np.abs(part - part[:1]).max((0, 2)) > _STILL for part in (moves, turns, scales)]
    off = [np.abs(a[0] - b).max(1) > _STILL for a, b in ((moves, asset.translations), (scales, asset.scales))]
    turned = np.abs((turns[0] * asset.rotations).sum(1)) < 1 - _STILL
    keyed = {
        "translation": (moves, root | changes[0] | off[0]),
        "rotation": (turns, joints | changes[1] | turned),
        "scale": (scales, changes[2] | off[1]),
    }
    channels = [
        Channel(node, path, times, np.ascontiguousarray(values[:, node]))
        for path, (values, mask) in keyed.items()
        for node in np.flatnonzero(mask).tolist()
    ]
    return Animation(name, tuple(sorted(channels, key=lambda c: c.node)))


def _continuous(q: np.ndarray) -> np.ndarray:
    """Flip quaternions [T, J, 4] so that none turns its sign against the frame before."""
    flips = np.where((q[1:] * q[:-1]).sum(-1) < 0, -1.0, 1.0).astype(np.float32)
    q = q.copy()
    q[1:] *= np.cumprod(flips, 0)[..., None]
    return q


def _joints(asset: Asset) -> np.ndarray:
    """Return bool [J]: the nodes that skins bend with, or all where there is no skin."""
    mask = np.zeros(len(asset), bool)
    for skin in asset.skins:
        mask[skin.joints] = True
    return mask if mask.any() else ~mask


def to_bytes(asset: Asset) -> bytes:
    """Return the asset as the bytes of a GLB.

    Raises:
        AssetError: the asset has no nodes.
    """
    if not len(asset):
        raise AssetError("An asset without nodes cannot be written as a GLB.")
    return _Builder(asset).build()


class _Builder:
    """Collects accessors in one buffer while it walks an asset."""

    def __init__(self, asset: Asset) -> None:
        import pygltflib

        self.lib, self.asset = pygltflib, asset
        self.out = pygltflib.GLTF2(asset=pygltflib.Asset(version="2.0", generator="hephaestus"))
        self.blob = bytearray()
        self._times: dict[bytes, int] = {}

    def build(self) -> bytes:
        out, asset = self.out, self.asset
        self._nodes()
        self._meshes()
        out.skins = [self._skin(i) for i in range(len(asset.skins))]
        out.materials = [self._material(m) for m in asset.materials]
        for picture in asset.textures:
            self._texture(picture)
        out.animations = [self._animation(a) for a in asset.animations if a.channels]
        if self.blob:
            out.buffers = [self.lib.Buffer(byteLength=len(self.blob))]
            out.set_binary_blob(bytes(self.blob))
        return b"".join(out.save_to_bytes())

    def _nodes(self) -> None:
        a, lib = self.asset, self.lib
        children: list[list[int]] = [[] for _ in a.names]
        for node, parent in enumerate(a.parents.tolist()):
            if parent >= 0:
                children[parent].append(node)
        exact = np.abs(compose(a.translations, a.rotations, a.scales) - a.rest).max((1, 2))
        size = np.abs(a.rest).max((1, 2))
        for i, name in enumerate(a.names):
            node = lib.Node(name=name or None, children=children[i])
            if exact[i] > 1e-4 * max(1.0, float(size[i])):
                node.matrix = a.rest[i].T.ravel().tolist()
            else:
                self._place(node, i)
            self.out.nodes.append(node)
        self.out.scenes = [lib.Scene(nodes=np.flatnonzero(a.parents < 0).tolist())]
        self.out.scene = 0

    def _place(self, node: pygltflib.Node, i: int) -> None:
        a = self.asset
        if a.translations[i].any():
            node.translation = a.translations[i].tolist()
        if not np.array_equal(a.rotations[i], (0, 0, 0, 1)):
            node.rotation = a.rotations[i].tolist()
        if not np.array_equal(a.scales[i], (1, 1, 1)):
            node.scale = a.scales[i].tolist()

    def _meshes(self) -> None:
        by_node: dict[int, list[Primitive]] = {}
        for primitive in self.asset.primitives:
            by_node.setdefault(primitive.node, []).append(primitive)
        for node, primitives in by_node.items():
            self.out.nodes[node].mesh = len(self.out.meshes)
            self.out.nodes[node].skin = primitives[0].skin
            mesh = self.lib.Mesh(name=self.asset.names[node] or None, primitives=[])
            mesh.primitives = [self._primitive(p) for p in primitives]
            self.out.meshes.append(mesh)

    def _primitive(self, p: Primitive) -> pygltflib.Primitive:
        lib = self.lib
        attributes = lib.Attributes()
        attributes.POSITION = self._accessor(p.positions.astype("<f4"), lib.ARRAY_BUFFER, bounds=True)
        attributes.NORMAL = self._accessor(p.normals.astype("<f4"), lib.ARRAY_BUFFER)
        if p.uvs is not None:
            attributes.TEXCOORD_0 = self._accessor(p.uvs.astype("<f4"), lib.ARRAY_BUFFER)
        if p.colors is not None:
            # Sixteen bits: eight in linear light would band in the darks.
            wide = np.round(np.clip(p.colors, 0, 1) * 65535).astype("<u2")
            attributes.COLOR_0 = self._accessor(wide, lib.ARRAY_BUFFER, normalized=True)
        if p.skin is not None and p.joints is not None and p.weights is not None:
            kind = "<u1" if int(p.joints.max(initial=0)) < 256 else "<u2"
            attributes.JOINTS_0 = self._accessor(p.joints.astype(kind), lib.ARRAY_BUFFER)
            attributes.WEIGHTS_0 = self._accessor(p.weights.astype("<f4"), lib.ARRAY_BUFFER)
        kind = "<u2" if len(p.positions) < 65535 else "<u4"
        indices = self._accessor(p.indices.astype(kind)[:, None], lib.ELEMENT_ARRAY_BUFFER)
        return lib.Primitive(attributes=attributes, indices=indices, material=p.material)

    def _accessor(
        self, values: np.ndarray, target: int | None = None, *, bounds: bool = False, normalized: bool = False
    ) -> int:
        lib, width = self.lib, values.shape[1]
        codes = {"f4": lib.FLOAT, "u1": lib.UNSIGNED_BYTE, "u2": lib.UNSIGNED_SHORT, "u4": lib.UNSIGNED_INT}
        kinds = {1: lib.SCALAR, 2: lib.VEC2, 3: lib.VEC3, 4: lib.VEC4, 16: lib.MAT4}
        accessor = lib.Accessor(
            bufferView=self._view(values.tobytes(), target),
            componentType=codes[values.dtype.str[1:]],
            count=len(values),
            type=kinds[width],
            normalized=normalized or None,
        )
        if bounds:
            accessor.min, accessor.max = values.min(0).tolist(), values.max(0).tolist()
        self.out.accessors.append(accessor)
        return len(self.out.accessors) - 1

    def _view(self, data: bytes, target: int | None) -> int:
        view = self.lib.BufferView(buffer=0, byteOffset=len(self.blob), byteLength=len(data), target=target)
        self.blob += data + bytes(-len(data) % 4)
        self.out.bufferViews.append(view)
        return len(self.out.bufferViews) - 1

    def _skin(self, i: int) -> pygltflib.Skin:
        skin = self.asset.skins[i]
        columns = skin.inverse_binds.transpose(0, 2, 1).reshape(-1, 16).astype("<f4")
        return self.lib.Skin(joints=skin.joints.tolist(), inverseBindMatrices=self._accessor(columns))

    def _material(self, m: Material) -> pygltflib.Material:
        lib = self.lib
        pbr = lib.PbrMetallicRoughness(
            baseColorFactor=list(m.base_color), metallicFactor=m.metallic, roughnessFactor=m.roughness
        )
        if m.texture is not None:
            pbr.baseColorTexture = lib.TextureInfo(index=m.texture)
        return lib.Material(
            name=m.name or None,
            pbrMetallicRoughness=pbr,
            emissiveFactor=list(m.emissive),
            doubleSided=m.double_sided,
            alphaMode=m.alpha,
            alphaCutoff=0.5 if m.alpha == "MASK" else None,
        )

    def _texture(self, picture: np.ndarray) -> None:
        from PIL import Image

        file = io.BytesIO()
        pixels = picture[..., :3] if (picture[..., 3] == 255).all() else picture
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
        self.out.images.append(self.lib.Image(bufferView=self._view(file.getvalue(), None), mimeType="image/png"))
        self.out.textures.append(self.lib.Texture(source=len(self.out.images) - 1))

    def _animation(self, animation: Animation) -> pygltflib.Animation:
        lib = self.lib
        out = lib.Animation(name=animation.name or None)
        for channel in animation.channels:
            values = channel.values.reshape(-1, channel.values.shape[-1]).astype("<f4")
            sampler = lib.AnimationSampler(
                input=self._time(channel.times), output=self._accessor(values), interpolation=channel.interpolation
            )
            target = lib.AnimationChannelTarget(node=channel.node, path=channel.path)
            out.channels.append(lib.AnimationChannel(sampler=len(out.samplers), target=target))
            out.samplers.append(sampler)
        return out

    def _time(self, times: np.ndarray) -> int:
        key = times.astype("<f4").tobytes()
        if key not in self._times:
            self._times[key] = self._accessor(times.astype("<f4")[:, None], bounds=True)
        return self._times[key]
