"""Animations of a GLB document, and what a clip does to the nodes at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Animation, Asset, Channel, compose
from hephaestus.glb.layout import Layout
from hephaestus.rotation import normalize, slerp

_PATHS = {"translation": 3, "rotation": 4, "scale": 3}


class ClipReader:
    """Reads animations; keys that are not finite are dropped, channels without a sound key too."""

    def __init__(self, document: dict[str, Any], layout: Layout, nodes: int) -> None:
        """Check the list of animations.

        Raises:
            AssetError: the list is malformed.
        """
        self.layout, self.nodes = layout, nodes
        self.raw = limits.objects(document, "animations", "the document", 1024)
        self.notes: list[str] = []
        self._times: dict[int, np.ndarray] = {}

    def read(self) -> tuple[Animation, ...]:
        """Return every animation.

        Raises:
            AssetError: an index out of range, keys and times of different counts.
        """
        return tuple(self._animation(a, i) for i, a in enumerate(self.raw))

    def _animation(self, raw: dict[str, Any], i: int) -> Animation:
        where = f"animation {i}"
        samplers = limits.objects(raw, "samplers", where, 4 * limits.NODES)
        channels = []
        for channel in limits.objects(raw, "channels", where, 4 * limits.NODES):
            sampler = limits.index(channel, "sampler", len(samplers), where)
            target = limits.mapping(channel, "target", where)
            node = limits.index(target, "node", self.nodes, where)
            path = target.get("path")
            if sampler is None:
                raise AssetError(f"A channel of {where} has no sampler.")
            if node is not None and isinstance(path, str) and path in _PATHS:
                channels += self._channel(node, path, samplers[sampler], where)
        return Animation(limits.text(raw, "name"), tuple(channels))

    def _channel(self, node: int, path: str, sampler: dict[str, Any], where: str) -> list[Channel]:
        count = len(self.layout.accessors)
        at, to = limits.index(sampler, "input", count, where), limits.index(sampler, "output", count, where)
        way = sampler.get("interpolation", "LINEAR")
        if at is None or to is None or way not in ("LINEAR", "STEP", "CUBICSPLINE"):
            raise AssetError(f"A sampler of {where} lacks its keys or has an interpolation that glTF does not have.")
        each, keys, times = 3 if way == "CUBICSPLINE" else 1, self.layout.accessors[to], self.layout.accessors[at]
        if times.width != 1 or times.kind.kind != "f" or keys.width != _PATHS[path] or keys.count != times.count * each:
            raise AssetError(f"A sampler of {where} has keys and times that do not fit each other.")
        if at not in self._times:
            self._times[at] = self.layout.floats(at)[:, 0]
        values = self.layout.floats(to).reshape(times.count, each, keys.width)
        return self._sound(node, path, self._times[at], values, way, where)

    def _sound(
        self, node: int, path: str, times: np.ndarray, values: np.ndarray, way: str, where: str
    ) -> list[Channel]:
        # A comparison with NaN is false, so this also drops what is not finite.
        good = np.isfinite(times) & (np.abs(values) < limits.LARGEST_FLOAT).all((1, 2))
        middle = values.shape[1] // 2
        if path == "rotation":
            good &= np.abs(values[:, middle]).max(1) > 1e-6
        if not good.all():
            times, values = times[good], values[good]
            self._note(f"Keys of {where} that are not finite are left out.")
        if not len(times):
            return []
        if not (np.diff(times) > 0).all():
            order = np.unique(times, return_index=True)[1]
            times, values = times[order], values[order]
            self._note(f"Keys of {where} that are out of order are sorted.")
        if path == "rotation":
            values[:, middle] = normalize(values[:, middle])
        return [Channel(node, path, times, values if way == "CUBICSPLINE" else values[:, 0], way)]

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes and len(self.notes) < 32:
            self.notes.append(sentence)


def sample(channel: Channel, times: np.ndarray) -> np.ndarray:
    """Return the value of a channel at times [T] (s), held before the first and after the last key.

    Interpolation as in glTF 2.0, appendix C.

    Returns:
        float32 [T, 3] or [T, 4].
    """
    key, values = channel.times, channel.values
    after = np.clip(np.searchsorted(key, times, "right"), 1, max(len(key) - 1, 1))
    if len(key) == 1:
        return np.repeat(values[:, 1] if channel.interpolation == "CUBICSPLINE" else values, len(times), 0)
    before, span = after - 1, key[after] - key[after - 1]
    t = np.clip((times - key[before]) / span, 0.0, 1.0).astype(np.float32)[:, None]
    if channel.interpolation == "STEP":
        return np.where(t < 1.0, values[before], values[after])
    if channel.interpolation == "LINEAR":
        if channel.path == "rotation":
            return slerp(values[before], values[after], t[:, 0])
        return values[before] * (1 - t) + values[after] * t
    s = span[:, None].astype(np.float32)
    out = (2 * t**3 - 3 * t**2 + 1) * values[before, 1] + s * (t**3 - 2 * t**2 + t) * values[before, 2]
    out = out + (3 * t**2 - 2 * t**3) * values[after, 1] + s * (t**3 - t**2) * values[after, 0]
    return normalize(out) if channel.path == "rotation" else out


def play(asset: Asset, animation: Animation, times: np.ndarray) -> np.ndarray:
    """Return local node transforms [T, J, 4, 4] of an animation at times [T] (s); nodes it leaves alone rest."""
    times = np.asarray(times, np.float32)
    local = np.repeat(asset.rest[None], len(times), 0)
    moved: dict[int, dict[str, np.ndarray]] = {}
    for channel in animation.channels:
        moved.setdefault(channel.node, {})[channel.path] = sample(channel, times)
    for node, parts in moved.items():
        local[:, node] = compose(
            parts.get("translation", asset.translations[node]),
            parts.get("rotation", np.repeat(asset.rotations[node][None], len(times), 0)),
            parts.get("scale", asset.scales[node]),
        )
    return local
