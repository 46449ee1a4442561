"""Animations of a GLB document, and what a clip does to the nodes at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from hephaestus.errors import AssetError
from hephaestus.glb import limits
from hephaestus.glb.asset import Animation, Asset, Channel, compose
from hephaestus.glb.layout import Layout
from hephaestus.rotation import normalize, slerp

_WIDTHS = {"translation": 3, "rotation": 4, "scale": 3}
_BATCH = 1 << 22
"""Numbers that are checked in one go."""
_SHORTEST = 1e-6
"""Length under which a quaternion says nothing."""


class _Track(NamedTuple):
    """A channel whose accessors fit each other but whose numbers nobody has seen: keys float32 [N, each, width]."""

    node: int
    path: str
    clock: int
    keys: np.ndarray
    way: str
    where: str


class ClipReader:
    """Reads animations; keys that are not finite are dropped, channels without a sound key too."""

    def __init__(self, document: dict[str, Any], layout: Layout, nodes: int, morphs: Mapping[int, int]) -> None:
        """Check the list of animations.

        Args:
            document: the parsed JSON.
            layout: its accessors.
            nodes: how many nodes there are.
            morphs: node to its number of morph targets.

        Raises:
            AssetError: the list is malformed.
        """
        self.layout, self.nodes, self.morphs = layout, nodes, morphs
        self.raw = limits.objects(document, "animations", "the document", 1024)
        self.notes: list[str] = []
        self._clocks: dict[int, np.ndarray] = {}
        self._sound_clocks: set[int] = set()
        self._channels = 0

    def read(self) -> tuple[Animation, ...]:
        """Return every animation.

        Raises:
            AssetError: an index out of range, keys and times of different counts.
        """
        tracks = [self._tracks(raw, f"animation {i}") for i, raw in enumerate(self.raw)]
        channels = self._channels_of([track for animation in tracks for track in animation])
        out, start = [], 0
        for raw, animation in zip(self.raw, tracks, strict=True):
            mine = channels[start : start + len(animation)]
            start += len(animation)
            out.append(Animation(limits.text(raw, "name"), tuple(c for c in mine if c is not None)))
        return tuple(out)

    def _tracks(self, raw: dict[str, Any], where: str) -> list[_Track]:
        samplers = limits.objects(raw, "samplers", where, limits.CHANNELS)
        channels = limits.objects(raw, "channels", where, limits.CHANNELS)
        self._channels += len(channels)
        if self._channels > limits.CHANNELS:
            raise AssetError(f"The GLB has more than {limits.CHANNELS} animation channels; export fewer clips.")
        tracks = []
        for channel in channels:
            sampler = limits.index(channel, "sampler", len(samplers), where)
            target = limits.mapping(channel, "target", where)
            node = limits.index(target, "node", self.nodes, where)
            path = target.get("path")
            if sampler is None:
                raise AssetError(f"A channel of {where} has no sampler.")
            if node is None or not isinstance(path, str):
                continue
            width = _WIDTHS.get(path) or (self.morphs.get(node, 0) if path == "weights" else 0)
            if width:
                tracks.append(self._track(node, path, width, samplers[sampler], where))
        return tracks

    def _track(self, node: int, path: str, width: int, sampler: dict[str, Any], where: str) -> _Track:
        accessors = self.layout.accessors
        at = limits.index(sampler, "input", len(accessors), where)
        to = limits.index(sampler, "output", len(accessors), where)
        way = sampler.get("interpolation", "LINEAR")
        if at is None or to is None or way not in ("LINEAR", "STEP", "CUBICSPLINE"):
            raise AssetError(f"A sampler of {where} lacks its keys or has an interpolation that glTF does not have.")
        each, clock, keys = 3 if way == "CUBICSPLINE" else 1, accessors[at], accessors[to]
        if keys.width != (1 if path == "weights" else width) or keys.count * keys.width != clock.count * each * width:
            raise AssetError(f"A sampler of {where} has keys and times that do not fit each other.")
        if clock.width != 1 or clock.kind.kind != "f" or clock.count > limits.KEYS:
            raise AssetError(f"The times of a sampler of {where} are not at most {limits.KEYS} floats.")
        if at not in self._clocks:
            self._clocks[at] = self.layout.floats(at)[:, 0]
        if keys.kind.kind == "f":  # possibly a view of the file; it is copied when all are joined
            values = self.layout.raw(to)
        else:
            values = self.layout.floats(to)
        return _Track(node, path, at, values.reshape(clock.count, each, width), way, where)

    def _channels_of(self, tracks: list[_Track]) -> list[Channel | None]:
        """Check and copy the numbers of all tracks, those of one shape in one go; almost always all are sound."""
        self._check_clocks()
        out: list[Channel | None] = [None] * len(tracks)
        batches: dict[tuple[bool, int, int, int], list[int]] = {}
        spent: dict[tuple[bool, int, int], int] = {}
        for i, track in enumerate(tracks):
            _, each, width = track.keys.shape
            kind = (track.path == "rotation", each, width)
            batches.setdefault((*kind, spent.get(kind, 0) // _BATCH), []).append(i)
            spent[kind] = spent.get(kind, 0) + track.keys.size
        for (turn, *_), members in batches.items():
            keys = np.concatenate([tracks[i].keys for i in members])
            ends = np.cumsum([len(tracks[i].keys) for i in members])
            good = _sound(keys, turn)
            whole = np.logical_and.reduceat(good, np.concatenate([[0], ends[:-1]])).tolist()
            for i, start, end, fine in zip(members, [0, *ends[:-1].tolist()], ends.tolist(), whole, strict=True):
                out[i] = self._channel(tracks[i], keys[start:end], None if fine else good[start:end])
        return out

    def _check_clocks(self) -> None:
        """Find the clocks that only rise."""
        if not self._clocks:
            return
        names, clocks = list(self._clocks), list(self._clocks.values())
        joined, ends = np.concatenate(clocks), np.cumsum([len(c) for c in clocks])
        rising = np.empty(len(joined), bool)
        rising[1:] = joined[1:] > joined[:-1]
        starts = np.concatenate([[0], ends[:-1]])
        rising[starts] = True
        rising &= np.abs(joined) < limits.LARGEST_FLOAT
        sound = np.logical_and.reduceat(rising, starts)
        self._sound_clocks = {name for name, good in zip(names, sound.tolist(), strict=True) if good}

    def _channel(self, track: _Track, values: np.ndarray, good: np.ndarray | None) -> Channel | None:
        times = self._clocks[track.clock]
        if good is not None or track.clock not in self._sound_clocks:
            times, values = self._mended(track, times, values, good)
        if not len(times):
            return None
        shaped = values if track.way == "CUBICSPLINE" else values[:, 0]
        return Channel(track.node, track.path, times, shaped, track.way)

    def _mended(
        self, track: _Track, times: np.ndarray, values: np.ndarray, good: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Leave out keys that are not finite and sort the others."""
        fine = np.abs(times) < limits.LARGEST_FLOAT
        if good is not None:
            fine &= good
        if not fine.all():
            times, values = times[fine], values[fine]
            self._note(f"Keys of {track.where} that are not finite are left out.")
        if not (np.diff(times) > 0).all():
            order = np.unique(times, return_index=True)[1]
            times, values = times[order], values[order]
            self._note(f"Keys of {track.where} that are out of order are sorted.")
        return times, values

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes and len(self.notes) < 32:
            self.notes.append(sentence)


def _sound(keys: np.ndarray, turn: bool) -> np.ndarray:
    """Return bool [N]: which keys [N, each, width] are finite; quaternions among them are brought to length one."""
    good = (np.abs(keys) < limits.LARGEST_FLOAT).all((1, 2))  # false for NaN
    if turn:
        middle = keys[:, keys.shape[1] // 2]
        middle[~good] = 0
        length = np.sqrt(np.einsum("nk,nk->n", middle, middle))
        good &= length > _SHORTEST
        middle /= np.where(good, length, np.float32(1))[:, None]
    return good


def sample(channel: Channel, times: np.ndarray) -> np.ndarray:
    """Return the value of a channel at times [T] (s), held before the first and after the last key.

    Interpolation as in glTF 2.0, appendix C.

    Returns:
        float32 [T, 3] or [T, 4], or [T, M] for the weights of M morph targets.
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
        if channel.path in _WIDTHS:
            moved.setdefault(channel.node, {})[channel.path] = sample(channel, times)
    for node, parts in moved.items():
        local[:, node] = compose(
            parts.get("translation", asset.translations[node]),
            parts.get("rotation", np.repeat(asset.rotations[node][None], len(times), 0)),
            parts.get("scale", asset.scales[node]),
        )
    return local
