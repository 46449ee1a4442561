"""Wardrobe: what a GLB would be as a body, for the doctor: its map, its faults, and pictures of it moving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.errors import AssetError, BodyError
from prometheus.errors import ConfigError, shorten

if TYPE_CHECKING:
    from hephaestus.anatomy.finding import Finding
    from hephaestus.bodies.body import Body
    from hephaestus.motion import Motion

PACES = (("walks", 1.3, 0.0), ("runs", 3.4, 0.0), ("panics", 4.2, 1.0))
"""What a strip shows: name, m/s, and how high the arms go."""
_PICTURES = 5
_SIZE = (220, 260)


@dataclass(frozen=True)
class Fitting:
    """A file, examined.

    Attributes:
        path: of the GLB.
        finding: what it is; None where it was refused.
        body: what moves it; None where it was refused.
        refused: one sentence, or None.
    """

    path: Path
    finding: Finding | None
    body: Body | None
    refused: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        if self.finding is None:
            empty: dict[str, Any] = dict.fromkeys(("kind", "up", "facing", "height_m"))
            return empty | {
                "roles": {}, "confidence": 0.0, "ignored": [], "warnings": [], "refused": self.refused,
            }  # fmt: skip
        height = self.body.height_m if self.body is not None else None
        return self.finding.to_dict(height) | {"refused": self.refused}


def fit(path: Path, fresh: bool = False) -> Fitting:
    """Examine a GLB; what is wrong with it ends in `refused`.

    Args:
        path: of the file, or the name of a shipped body.
        fresh: leave a `.body.yaml` beside it unread.

    Raises:
        AssetError: there is no such file.
    """
    from hephaestus.anatomy import corrected, examine
    from hephaestus.anatomy.examine import rig_of
    from hephaestus.bodies import load_body, make_body, shipped
    from hephaestus.glb import read
    from hephaestus.rig import read_rig

    if not path.is_file() and str(path) in shipped():
        body = load_body(str(path))
        return Fitting(path, corrected(examine(body.asset), body.rig), body, None)
    if not path.is_file():
        raise AssetError(f"there is no file {shorten(str(path), 120)}; give the path of a GLB")
    try:
        finding = examine(read(path))
        sheet = path.with_suffix(".body.yaml")
        if sheet.is_file() and not fresh:
            rig = read_rig(sheet, finding.asset)
            finding = corrected(finding, rig)
        else:
            rig = rig_of(finding, path.stem)
        return Fitting(path, finding, make_body(rig, path.stem), None)
    except BodyError as error:
        return Fitting(path, None, None, str(error))


def gait(speed: float, arms: float = 0.0, frames: int = 40) -> Motion:
    """Return a human who walks or runs straight ahead, made by rule: no model is needed to look at a body.

    Args:
        speed: m/s.
        arms: 0 swinging at the sides, 1 thrown up.
        frames: at 20 a second.
    """
    from hephaestus import ik
    from hephaestus.captured import contacts
    from hephaestus.motion import Motion
    from hephaestus.rotation import from_rotation_vector, multiply
    from hephaestus.skeleton import FPS, JOINT, REST_HEIGHT
    from hephaestus.stepping import ankle_path, stride_length

    t = np.arange(frames) / FPS
    pace = np.array(speed)
    phase = t * speed / stride_length(pace)
    swing = np.sin(2.0 * np.pi * phase)
    run = float(np.clip((speed - 1.8) / 1.2, 0.0, 1.0))
    rotations = np.zeros((frames, 22, 4), np.float32)
    rotations[..., 3] = 1.0

    def turn(name: str, *vectors: np.ndarray) -> None:
        total = rotations[:, JOINT[name]]
        for vector in vectors:
            total = multiply(from_rotation_vector(vector.astype(np.float32)), total)
        rotations[:, JOINT[name]] = total

    def about(x: Any = 0.0, y: Any = 0.0, z: Any = 0.0) -> np.ndarray:
        return np.stack([np.broadcast_to(np.asarray(v, float), (frames,)) for v in (x, y, z)], 1)

    turn("pelvis", about(x=0.04 + 0.12 * run))
    for side, sign in (("L", 1.0), ("R", -1.0)):
        down = (1.25 - 2.1 * arms) * np.ones(frames)
        turn(f"{side}_shoulder", about(z=-sign * down), about(x=sign * (0.35 + 0.3 * run) * swing * (1.0 - 0.8 * arms)))
        turn(f"{side}_elbow", about(y=-sign * (0.25 + 1.1 * run * (1.0 - 0.6 * arms))))
    joints = ik.forward(rotations, np.zeros((frames, 3), np.float32))
    both = np.stack([phase, phase + 0.5], 1) % 1.0
    ahead, lift = ankle_path(both, pace)
    bob = 0.02 * (1.0 + run) * np.cos(4.0 * np.pi * phase)
    joints[..., 1] += (REST_HEIGHT - 0.05 - 0.06 * run + bob)[:, None]
    ankles = joints[:, [7, 8]].copy()
    ankles[..., 0], ankles[..., 1], ankles[..., 2] = (0.09, -0.09), 0.08 + lift, ahead
    duty = 0.62 - 0.27 * run
    pitch = np.where(both < duty, np.arcsin(np.clip(lift / 0.137, 0, 1)), 0.3)
    feet = np.stack([0 * pitch + [0.073, -0.073], -np.sin(pitch + 0.414), np.cos(pitch + 0.414)], -1)
    joints = ik.set_feet(joints, ankles, feet, np.tile([0.0, 0.0, 1.0], (frames, 2, 1)))
    joints[..., 2] += (speed * t)[:, None].astype(np.float32)
    joints = joints.astype(np.float32)
    return Motion(joints, ik.rotations_from_joints(joints), contacts(joints))


def strip(body: Body, path: Path, shown: Mapping[str, Motion] | None = None) -> Path:
    """Draw a body moving: a row of pictures for each motion.

    Args:
        body: who.
        path: of a PNG, written whole or not at all.
        shown: label -> motion (default: walking, running, panicking).

    Raises:
        RenderError: nothing here can draw.
        ConfigError: the picture cannot be written there.
    """
    import os

    from PIL import Image, ImageDraw

    from hephaestus.render.camera import Camera
    from hephaestus.render.scene import Shot, Stage
    from prometheus.drawing.renderer import open_renderer

    if path.suffix.lower() != ".png":
        raise ConfigError(f"cannot draw into {shorten(path.name)}; choose a name that ends in .png")
    motions = shown or {name: gait(speed, arms) for name, speed, arms in PACES}
    stage = Stage(bodies={"body": body.asset})
    stage.add_ground(material="stone", second="stone")
    width, height = _SIZE
    picture = Image.new("RGB", (width * _PICTURES, height * len(motions)))
    renderer = open_renderer(_SIZE)
    try:
        renderer.load(stage)
        for row, (label, motion) in enumerate(motions.items()):
            worn = body.fit(motion)
            world = body.asset.world(body.poses(worn))
            far = _extent(body)
            for column, frame in enumerate(_moments(len(motion))):
                at = worn.joints[frame, 0] * [1.0, 0.0, 1.0] + [0.0, 0.48 * body.height_m, 0.0]
                eye = at + far * np.array([1.9, 0.55, 1.5])
                camera = Camera(eye.astype(np.float32), at.astype(np.float32))
                drawn = renderer.draw(Shot(camera, {"body": world[frame]}, time=frame / 20.0))
                picture.paste(Image.fromarray(drawn), (column * width, row * height))
            ImageDraw.Draw(picture).text((6, row * height + 4), label, (255, 255, 255))
    finally:
        renderer.close()
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(temporary, "PNG")
        os.replace(temporary, path)
    except OSError as error:
        raise ConfigError(f"cannot write {shorten(str(path), 120)}: {error.strerror}; choose another place") from error
    return path


def _moments(frames: int) -> list[int]:
    """Frames of one stride, away from the start."""
    return [min(frames - 1, 12 + 3 * k) for k in range(_PICTURES)]


def _extent(body: Body) -> float:
    """m: how far off the camera stands for the whole body to be seen."""
    points, _ = body.rig.surface
    size = np.ptp(points, axis=0) if len(points) else np.array([1.0, body.height_m, 1.0])
    return float(0.5 * np.linalg.norm(size))


def checked(path: Path) -> Body:
    """Return the body that a GLB gives, or raise what is wrong with it.

    Raises:
        AssetError: there is no such file, or it is refused.
    """
    fitting = fit(path)
    if fitting.body is None:
        raise AssetError(fitting.refused or "it is refused")
    return fitting.body
