"""GLB files: read with json and numpy behind strict limits, written with pygltflib."""

from hephaestus.glb.asset import Animation, Asset, Channel, Material, Primitive, Skin, compose, decompose
from hephaestus.glb.clips import play, sample
from hephaestus.glb.reader import read
from hephaestus.glb.recording import clip
from hephaestus.glb.writer import to_bytes, write, write_animated

__all__ = [
    "Animation",
    "Asset",
    "Channel",
    "Material",
    "Primitive",
    "Skin",
    "clip",
    "compose",
    "decompose",
    "play",
    "read",
    "sample",
    "to_bytes",
    "write",
    "write_animated",
]
