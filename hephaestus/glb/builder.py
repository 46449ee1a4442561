"""An asset built into a GLB with pygltflib."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb.asset import Animation, Asset, Material, Primitive, compose
from hephaestus.glb.container import pack
from hephaestus.glb.graft import quantized

if TYPE_CHECKING:
    import pygltflib

_UNLIT = "KHR_materials_unlit"


class Builder:
    """Collects accessors in one buffer while it walks an asset."""

    def __init__(self, asset: Asset, quantize: bool = False) -> None:
        """Prepare to build.

        Args:
            asset: what to build from.
            quantize: whether rotations of animations are stored in 16 bits.
        """
        import pygltflib

        self.lib, self.asset, self.quantize = pygltflib, asset, quantize
        self.out = pygltflib.GLTF2(asset=pygltflib.Asset(version="2.0", generator="hephaestus"))
        self.blob = bytearray()
        self._times: dict[bytes, int] = {}

    def build(self) -> bytes:
        """Return the bytes of the GLB.

        Raises:
            AssetError: the asset has no nodes.
        """
        out, asset = self.out, self.asset
        if not len(asset):
            raise AssetError("An asset without nodes cannot be written as a GLB.")
        self._nodes()
        self._meshes()
        out.skins = [self._skin(i) for i in range(len(asset.skins))]
        out.materials = [self._material(m) for m in asset.materials]
        if any(m.unlit for m in asset.materials):
            out.extensionsUsed = [_UNLIT]
        for picture in asset.textures:
            self._texture(picture)
        out.animations = [self._animation(a) for a in asset.animations if a.channels]
        if not self.blob:  # pygltflib would write an empty buffer, which glTF forbids
            return pack(json.loads(out.to_json()), b"")
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
        moved = {channel.node for animation in a.animations for channel in animation.channels}
        for i, name in enumerate(a.names):
            node = lib.Node(name=name or None, children=children[i])
            if exact[i] > 1e-4 * max(1.0, float(size[i])) and i not in moved:
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
            if len(primitive.indices):
                by_node.setdefault(primitive.node, []).append(primitive)
        for node, primitives in by_node.items():
            self.out.nodes[node].mesh = len(self.out.meshes)
            self.out.nodes[node].skin = primitives[0].skin
            mesh = self.lib.Mesh(name=self.asset.names[node] or None, primitives=[])
            mesh.primitives = [self._primitive(p) for p in primitives]
            mesh.weights = max((p.morph.tolist() for p in primitives if p.targets is not None), default=None)
            self.out.meshes.append(mesh)

    def _primitive(self, p: Primitive) -> pygltflib.Primitive:
        lib = self.lib
        attributes = lib.Attributes()
        plain = p.morphed(np.zeros_like(p.morph))
        attributes.POSITION = self._accessor(plain.astype("<f4"), lib.ARRAY_BUFFER, bounds=True)
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
        moves = () if p.targets is None else p.targets.astype("<f4")
        targets = [lib.Attributes(POSITION=self._accessor(move, lib.ARRAY_BUFFER, bounds=True)) for move in moves]
        return lib.Primitive(attributes=attributes, indices=indices, material=p.material, targets=targets or None)

    def _accessor(
        self, values: np.ndarray, target: int | None = None, *, bounds: bool = False, normalized: bool = False
    ) -> int:
        lib, width = self.lib, values.shape[1]
        codes = {"f4": lib.FLOAT, "u1": lib.UNSIGNED_BYTE, "u2": lib.UNSIGNED_SHORT, "u4": lib.UNSIGNED_INT}
        codes["i2"] = lib.SHORT
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
            extensions={_UNLIT: {}} if m.unlit else {},
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
            width = 1 if channel.path == "weights" else channel.values.shape[-1]
            values = channel.values.reshape(-1, width).astype("<f4")
            short = self.quantize and channel.path == "rotation" and channel.interpolation != "CUBICSPLINE"
            output = self._accessor(quantized(values), normalized=True) if short else self._accessor(values)
            sampler = lib.AnimationSampler(
                input=self._time(channel.times), output=output, interpolation=channel.interpolation
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
