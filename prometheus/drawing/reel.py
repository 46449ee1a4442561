"""Reel: a body in a motion, filmed on open ground by a camera that goes along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.motion import Motion
    from hephaestus.render.scene import Shot

SIZE = (640, 480)
_CALM = 15
"""Frames over which the camera's way is smoothed."""


def film(body: Body, motion: Motion, path: Path, size: tuple[int, int] = SIZE) -> Path:
    """Film a body moving, at the motion's own pace.

    Args:
        body: who.
        motion: what it does, fitted to the body's size by `Body.fit` here.
        path: of an MP4, written whole or not at all.
        size: width and height in pixels.

    Raises:
        RenderError: nothing here can draw, or the film cannot be written there.
    """
    from hephaestus.render.scene import Stage
    from prometheus.drawing.renderer import open_renderer
    from prometheus.video import write_video

    stage = Stage(bodies={"body": body.asset})
    stage.add_ground(material="stone", second="stone")
    renderer = open_renderer(size, many=True)
    try:
        renderer.load(stage)
        write_video(path, renderer.draw_all(_shots(body, body.fit(motion))), motion.fps, size)
    finally:
        renderer.close()
    return path


def _shots(body: Body, motion: Motion) -> Iterator[Shot]:
    from hephaestus.render.camera import Camera
    from hephaestus.render.scene import Shot

    world = body.asset.world(body.poses(motion))
    points, _ = body.rig.surface
    size = np.ptp(points, axis=0) if len(points) else np.array([1.0, body.height_m, 1.0])
    # Panels are higher than wide: a long body is seen from farther away.
    span = max(float(np.linalg.norm(size)), 1.35 * float(size[[0, 2]].max()))
    away = 0.5 * span * np.array([1.9, 0.55, 1.5])
    middles = _smooth(motion.joints[:, 0] * [1.0, 0.0, 1.0]) + np.array([0.0, 0.48 * body.height_m, 0.0])
    for frame, middle in enumerate(middles.astype(np.float32)):
        camera = Camera((middle + away).astype(np.float32), middle)
        yield Shot(camera, {"body": world[frame]}, time=frame / motion.fps)


def _smooth(path: np.ndarray) -> np.ndarray:
    """Return a path [T, 3] without its sway, as long as it was."""
    width = min(_CALM, len(path))
    wide = np.pad(path, ((width // 2, width - 1 - width // 2), (0, 0)), mode="edge")
    sums = np.cumsum(np.vstack([np.zeros(3), wide]), axis=0)
    return np.asarray((sums[width:] - sums[:-width]) / width)
