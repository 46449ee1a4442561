"""Following: how well a body that is no humanoid goes where a human goes, and how firmly its feet stand."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.gaze import gaze
from hephaestus.metrics import lowest_vertex, path_error
from hephaestus.motion import Motion
from hephaestus.stepping import heading_of

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body

_MOST = 4000
"""Vertices whose mean is taken for the middle of the skin."""


@dataclass(frozen=True, slots=True)
class Following:
    """Quality of one body in one motion.

    A path error is the mean distance on the floor from where the human's pelvis is, as a share of the way it goes. Of
    parts that lie off the middle of the body, which follows that path, it is taken start on start; on a short way with
    much turning they part from it, as the ends of a long body do.

    Attributes:
        kind: of the body.
        path_m: m that the human's pelvis goes.
        root_path_error: of the node below which the whole body hangs, or of `carrier` where there is none.
        carrier_path_error: of the node that carries the body: hips, thorax or hull.
        skin_path_error: of the mean of all vertices.
        feet_path_error: of the middle of the feet; None without feet.
        pace: length of the carrier's path over that of the human's, 1 where it is as fast.
        gaze_deg: mean angle to a side between where head or turret and the human look; None without one.
        slide_cm: furthest that a foot moves while it stands; None without feet.
        penetration_cm: deepest vertex of the feet below the floor.
        penetration_share: share of frames deeper than 1 cm.
        ms_per_frame: time of the poses.
    """

    kind: str
    path_m: float
    root_path_error: float
    carrier_path_error: float
    skin_path_error: float
    feet_path_error: float | None
    pace: float
    gaze_deg: float | None
    slide_cm: float | None
    penetration_cm: float
    penetration_share: float
    ms_per_frame: float

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return asdict(self)


def follow(body: Body, motion: Motion) -> Following:
    """Move a body of any kind but "humanoid" and say how well it follows.

    Args:
        body: with the driver of its kind.
        motion: at least four frames.
    """
    driver: Any = body.driver
    fitted = body.fit(motion)
    start = time.perf_counter()
    local = body.poses(fitted)
    seconds = time.perf_counter() - start
    world, wanted = body.asset.world(local), fitted.root_path
    carrier = world[:, driver.puppet.nodes[0], :3, 3]
    root = driver.puppet.root
    feet = _feet(body, world)
    lowest = lowest_vertex(body.rig, world)
    return Following(
        kind=body.kind,
        path_m=_length(wanted),
        root_path_error=path_error(world[:, root, :3, 3], wanted),
        carrier_path_error=_apart(carrier, wanted),
        skin_path_error=_apart(_skin(body, world), wanted),
        feet_path_error=None if feet is None else _apart(feet.mean(1), wanted),
        pace=_length(carrier) / max(_length(wanted), 1e-6),
        gaze_deg=_gaze(body, fitted, world),
        slide_cm=None if feet is None else 100.0 * slide(feet, driver.planted(fitted)),
        penetration_cm=float(max(0.0, -100.0 * lowest.min())),
        penetration_share=float((lowest < -0.01).mean()),
        ms_per_frame=1000.0 * seconds / len(motion),
    )


def slide(feet: np.ndarray, planted: np.ndarray) -> float:
    """Return how far (m) a foot of feet [T, K, 3] m at most gets over the floor from where its stance began.

    Args:
        feet: [T, K, 3] m.
        planted: bool [T, K].
    """
    frames = np.arange(len(feet))[:, None]
    begun = np.maximum.accumulate(np.where(planted & ~np.roll(planted, 1, 0) | (frames == 0), frames, 0), 0)
    off = feet - np.take_along_axis(feet, begun[..., None], 0)
    return float((np.hypot(off[..., 0], off[..., 2]) * planted).max(initial=0.0))


def _apart(path: np.ndarray, wanted: np.ndarray) -> float:
    return path_error(path - path[0] + wanted[0], wanted)


def _length(path: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(path[:, [0, 2]], axis=0), axis=-1).sum())


def _feet(body: Body, world: np.ndarray) -> np.ndarray | None:
    """[T, K, 3] m: where the feet touch the floor, in the order of the driver's `planted`."""
    rig, legs = body.rig, getattr(body.driver, "legs", None)
    if legs is None:
        return None
    nodes = list(legs.paws) if body.kind == "quadruped" else [leg[-1] for leg in rig.legs]
    rest = rig.rest_points[nodes] if body.kind == "quadruped" else legs.tips
    own = np.linalg.solve(rig.rest_world[nodes], np.append(rest, np.ones((len(rest), 1)), 1)[..., None])
    return np.asarray((world[:, nodes] @ own)[..., :3, 0])


def _skin(body: Body, world: np.ndarray) -> np.ndarray:
    """[T, 3] m: the mean of the vertices."""
    asset, total = body.asset, np.zeros((len(world), 3))
    step = 1 + sum(len(p.positions) for p in asset.primitives) // _MOST
    count = 0
    for p in asset.primitives:
        points = np.append(p.positions, np.ones((len(p.positions), 1)), 1)[::step]
        if p.skin is None or p.joints is None or p.weights is None:
            total += (world[:, p.node] @ points.sum(0))[:, :3]
        else:
            shares = np.zeros((len(asset.skins[p.skin].joints), 4))
            np.add.at(shares, p.joints[::step], p.weights[::step, :, None] * points[:, None])
            total += np.einsum("tkij,kj->ti", asset.skin_matrices(p.skin, world), shares)[:, :3]
        count += len(points)
    return total / max(count, 1) if count else np.asarray(world[..., :3, 3].mean(1))


def _gaze(body: Body, motion: Motion, world: np.ndarray) -> float | None:
    """Mean angle in degrees between the sides to which the body and the human look."""
    role = next((r for r in ("head", "turret") if r in body.rig), None)
    if role is None:
        return None
    node = body.rig.node(role)
    ahead = np.linalg.solve(body.rig.rest_world[node, :3, :3], np.array([0.0, 0.0, 1.0]))
    face = world[:, node, :3, :3] @ ahead
    heading = heading_of(np.asarray(motion.joints, np.float32))
    yaw, _ = gaze(motion, heading)
    off = np.arctan2(face[:, 0], face[:, 2]) - heading - yaw
    return float(np.degrees(np.abs((off + np.pi) % (2 * np.pi) - np.pi)).mean())
