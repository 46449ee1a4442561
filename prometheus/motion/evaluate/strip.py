"""Strip: one picture of a motion, eight moments of it side by side."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hephaestus.motion import Motion
from hephaestus.skeleton import PARENTS
from prometheus.errors import RenderError

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.render.camera import Camera
    from hephaestus.render.scene import Renderer

MOMENTS = 8
TILE = (200, 280)
"""Pixels of one moment."""
_HEADING = 28
"""Pixels above the picture for the sentence."""
_BACKGROUND, _INK = (236, 238, 240), (30, 32, 36)
_SIDE_COLORS = {"L": (196, 62, 48), "R": (44, 96, 186)}


class StripPainter:
    """Draws strips with the humanoid body where a renderer works, else with sticks (left red, right blue).

    Attributes:
        how: what it draws with.
    """

    def __init__(self) -> None:
        self._renderer: Renderer | None = None
        self._body: Body | None = None
        try:
            self._open()
        except RenderError as error:
            self.how = f"sticks ({error})"

    def _open(self) -> None:
        from hephaestus.bodies import load_body
        from hephaestus.render.scene import Stage
        from prometheus.drawing.renderer import open_renderer

        self._body = load_body("humanoid")
        self._renderer = open_renderer(TILE, kind="gl")
        stage = Stage(bodies={"body": self._body.asset})
        stage.add_ground(24.0, "cobble", "cobble")
        self._renderer.load(stage)
        self.how = self._renderer.name

    def paint(self, motion: Motion, text: str, path: Path) -> None:
        """Write a PNG of a motion, whole or not at all; the camera follows, seen from the front left."""
        from PIL import Image, ImageDraw

        frames = np.linspace(0, len(motion) - 1, MOMENTS).round().astype(int)
        tiles = self._drawn(motion, frames) if self._renderer else [_sticks(motion, f) for f in frames]
        sheet = Image.new("RGB", (TILE[0] * MOMENTS, TILE[1] + _HEADING), _BACKGROUND)
        pen = ImageDraw.Draw(sheet)
        pen.text((8, 8), text.encode("ascii", "replace").decode(), fill=_INK)
        for i, (frame, tile) in enumerate(zip(frames, tiles, strict=True)):
            sheet.paste(Image.fromarray(tile), (i * TILE[0], _HEADING))
            x, _, z = motion.joints[frame, 0]
            where = f"{frame / motion.fps:.2f} s  left {x:+.1f}  ahead {z:+.1f} m"
            pen.text((i * TILE[0] + 6, TILE[1] + _HEADING - 16), where, fill=_INK)
        buffer = io.BytesIO()
        sheet.save(buffer, "PNG")
        part = path.with_name(path.name + ".part")
        part.write_bytes(buffer.getvalue())
        os.replace(part, path)

    def close(self) -> None:
        """Give the renderer back."""
        if self._renderer is not None:
            self._renderer.close()

    def _drawn(self, motion: Motion, frames: np.ndarray) -> list[np.ndarray]:
        from hephaestus.render.scene import Shot

        assert self._body is not None
        assert self._renderer is not None
        world = self._body.asset.world(self._body.poses(motion))
        return [
            self._renderer.draw(Shot(camera(motion.joints[f]), {"body": world[f].astype(np.float32)}))[..., :3]
            for f in frames
        ]


def camera(joints: np.ndarray) -> Camera:
    """Return a camera before and left of a body [22, 3], that keeps its direction: turning bodies are seen turning."""
    from hephaestus.render.camera import Camera

    target = np.array([joints[0, 0], 0.9, joints[0, 2]])
    return Camera(target + np.array([2.1, 0.55, 2.9]), target, fov=0.62)


def _sticks(motion: Motion, frame: int) -> np.ndarray:
    """Draw one frame as a stick figure, uint8 [h, w, 3]."""
    from PIL import Image, ImageDraw

    joints = motion.joints[frame]
    seen = camera(joints)
    picture = Image.new("RGB", TILE, _BACKGROUND)
    pen = ImageDraw.Draw(picture)
    lines = np.arange(-3.0, 3.01, 0.5)
    corner = np.floor(joints[0, [0, 2]] * 2) / 2
    for offset in lines:
        for a, b in (((offset, -3.0), (offset, 3.0)), ((-3.0, offset), (3.0, offset))):
            ends = np.array([[corner[0] + p[0], 0.0, corner[1] + p[1]] for p in (a, b)])
            points = seen.project(ends, TILE)
            if (points[:, 2] > 0.1).all():
                pen.line([tuple(p[:2]) for p in points], fill=(206, 210, 214))
    points = seen.project(joints, TILE)[:, :2]
    from hephaestus.skeleton import JOINT_NAMES

    for joint in range(1, 22):
        color = _SIDE_COLORS.get(JOINT_NAMES[joint][:1], _INK) if JOINT_NAMES[joint][1] == "_" else _INK
        pen.line([tuple(points[PARENTS[joint]]), tuple(points[joint])], fill=color, width=4)
    x, y = points[15]
    pen.ellipse((x - 8, y - 14, x + 8, y + 4), outline=_INK, width=3)
    return np.asarray(picture)
