"""Tracks: where everybody and everything is in each frame, small enough for a page and exact to a fraction of 1 mm."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.glb.asset import Asset, compose, decompose
from prometheus.episode import Episode
from prometheus.errors import EpisodeError, shorten
from prometheus.webreplay.pack import Pack

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.motion import Motion

EXACT = 5e-4
"""m by which a node may be off because of how it is packed; where it would be more, nothing is rounded."""
FARTHEST = 5000.0
"""m from the middle of the world that a page can show to 1 mm."""
_STILL = 1e-7
_SLICE = 2000
"""Frames that are worked on together, so that long runs need little memory."""
_WHOLE = 32767


def swaps(episode: Episode, actor: str) -> list[tuple[int, str]]:
    """Return where an actor got another body: (index of the first frame in it, its name or path)."""
    first, last = episode.frames[0]["frame"], len(episode.frames) - 1
    return [
        (min(max(row["frame"] - first, 0), last), row["to"])
        for row in episode.changes
        if row["what"] == "body" and row.get("agent", episode.first) == actor
    ]


def pack_places(pack: Pack, rows: list[dict[str, Any]], name: str) -> int:
    """Pack where an actor stands: float32 [T, 4] of x, y, z (world, m) and heading (rad).

    Raises:
        EpisodeError: it is somewhere that no page can show.
    """
    places = np.array([[*row["position"], row["heading"]] for row in rows], float)
    _check_near(places[:, :3], name)
    return pack.add_track(places)


def pack_things(pack: Pack, episode: Episode, known: set[str]) -> dict[str, int]:
    """Pack movable boxes, doors and platforms: name -> float32 [T, 7] of place (world, m) and rotation (xyzw).

    What the world does not have, or what is not there in every frame, is left out.
    """
    rows: dict[str, list[list[float]]] = {}
    for frame in episode.frames:
        for thing in (*frame["props"], *_movers(frame)):
            if thing["name"] in known:
                rows.setdefault(thing["name"], []).append([*thing["position"], *thing["rotation"]])
    packed = {}
    for name, values in rows.items():
        if len(values) == len(episode.frames):
            _check_near(np.array(values)[:, :3], name)
            packed[name] = pack.add_track(np.array(values))
    return packed


def pack_pose(pack: Pack, asset: Asset, local: np.ndarray, name: str) -> dict[str, Any]:
    """Pack how a body moves.

    Args:
        pack: what it goes into.
        asset: its rig.
        local: float32 [T, J, 4, 4], every node relative to its parent.
        name: whose it is.

    Returns:
        "turns", "moves", "sizes": each {"nodes", "values"} of the nodes of which that changes or is not as in the GLB,
        and "whole" (rows of [3, 4]) of those that are sheared. Turns are int16 [T, N, 4] where that is exact enough.

    Raises:
        EpisodeError: it is somewhere that no page can show.
    """
    if not np.isfinite(local).all():
        raise EpisodeError(f"the motion of {shorten(name, 40)} holds a number that is none; record the episode again")
    slices = [slice(start, start + _SLICE) for start in range(0, len(local), _SLICE)]
    pieces = [decompose(local[span]) for span in slices]
    moves, turns, sizes = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
    # q and -q turn alike: neighbours in time take the sign in which they are near, so that one can go between them.
    signs = np.where((turns[1:] * turns[:-1]).sum(-1) < 0, np.float32(-1), np.float32(1))
    turns[1:] *= np.cumprod(signs, axis=0)[..., None]
    rough = np.rint(turns * _WHOLE).astype(np.int16)
    sheared, off = np.zeros(len(asset), bool), 0.0
    for span in slices:
        exact, size = local[span], 1 + np.abs(local[span]).max((0, 2, 3))
        sheared |= np.abs(compose(moves[span], turns[span], sizes[span]) - exact).max((0, 2, 3)) > 1e-5 * size
    for span in slices:
        world = asset.world(local[span])
        _check_near(world[..., :3, 3], name)
        coarse = rough[span] / np.maximum(np.linalg.norm(rough[span], axis=-1, keepdims=True), 1)
        again = np.where(sheared[:, None, None], local[span], compose(moves[span], coarse, sizes[span]))
        off = max(off, float(np.abs(asset.world(again)[..., :3, 3] - world[..., :3, 3]).max()))
    kind, values = ("i2", rough) if off <= EXACT else ("f4", turns)
    packed: dict[str, Any] = {"whole": _some(pack, local[:, :, :3].reshape(*local.shape[:2], 12), sheared, "f4")}
    for key, part, rest, unit in (
        ("turns", values, asset.rotations, kind), ("moves", moves, asset.translations, "f4"),
        ("sizes", sizes, asset.scales, "f4"),
    ):  # fmt: skip
        now = turns if key == "turns" else part
        moved = (np.ptp(now, axis=0).max(-1) > _STILL) | (np.abs(now[0] - rest).max(-1) > 1e-6)
        packed[key] = _some(pack, part, moved & ~sheared, unit)
    return packed


def pack_joints(pack: Pack, motion: Motion) -> int:
    """Pack an agent's generated motion: int32 [T, 22, 3] in tenths of a millimetre, motion frame, as recorded."""
    return pack.add_track(np.rint(motion.joints.astype(np.float64) * 1e4), "i4")


def poses(bodies: list[tuple[int, Body]], motion: Motion, lift: np.ndarray) -> Iterator[tuple[int, Body, np.ndarray]]:
    """Yield (index of the first frame, body, local transforms) for each body that one actor wore in turn."""
    from prometheus.drawing.film import posed

    ends = [*(start for start, _ in bodies), len(motion)]
    for (start, end), (_, body) in zip(pairwise(ends), bodies, strict=True):
        if end > start:
            yield start, body, posed(body, motion[start:end], lift[start:end])


def _some(pack: Pack, values: np.ndarray, chosen: np.ndarray, kind: str) -> dict[str, Any] | None:
    nodes = np.flatnonzero(chosen)
    return {"nodes": nodes.tolist(), "values": pack.add_track(values[:, nodes], kind)} if len(nodes) else None


def _movers(frame: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the doors and platforms of a frame that are sound; the schema does not look at them."""
    movers = frame.get("movers", [])
    return [m for m in movers if _sound(m)] if isinstance(movers, list) else []


def _sound(mover: Any) -> bool:
    if not isinstance(mover, dict) or not isinstance(mover.get("name"), str):
        return False
    values = [mover.get("position"), mover.get("rotation")]
    return all(
        isinstance(value, list) and len(value) == count and all(type(number) in (int, float) for number in value)
        for value, count in zip(values, (3, 4), strict=True)
    )


def _check_near(places: np.ndarray, name: str) -> None:
    if not (np.abs(places) <= FARTHEST).all():
        raise EpisodeError(
            f"'{shorten(name, 40)}' is more than {FARTHEST:g} m from the middle of the world in this episode, which no "
            "page can show; record it again"
        )
