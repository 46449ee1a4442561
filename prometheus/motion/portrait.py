"""Portrait: a motion filmed on open ground, with the sentences that it follows under the picture."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.config import VideoConfig
from prometheus.intent import plain

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.motion import Motion
    from hephaestus.render.camera import Camera

_VIEW = np.array([2.2, 0.9, 2.9], np.float32)
"""m, from the body to the camera: ahead of it and to its left, so that every direction of travel is told apart."""
_SLACK = 12.0
"""Frames over which the camera's way is evened out."""
_PAPER, _INK, _FAINT = (12, 14, 20, 188), (240, 240, 236), (150, 156, 166)


def film_motion(
    motion: Motion,
    path: Path,
    body: Body,
    video: VideoConfig,
    sentences: Sequence[tuple[float, str]] = (),
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Draw a motion into an MP4.

    Args:
        motion: what is shown.
        path: of the film; written whole or not at all.
        body: who shows it.
        video: size, shadows, renderer.
        sentences: (seconds, text) in order of time, the text shown from then on.
        progress: called with (frames done, frames in all).

    Raises:
        RenderError: nothing here can draw, or the film cannot be written.
    """
    from hephaestus.render.scene import Stage
    from prometheus.drawing.renderer import open_renderer
    from prometheus.video import write_video

    stage = Stage(bodies={"body": body.asset})
    stage.add_ground(material="stone", second="stone")
    renderer = open_renderer(video.size, shadows=video.shadows, samples=video.samples, kind=video.renderer)
    try:
        renderer.load(stage)
        write_video(path, _frames(motion, renderer, body, sentences, progress), motion.fps, video.size)
    finally:
        renderer.close()


def _frames(
    motion: Motion,
    renderer: Any,
    body: Body,
    sentences: Sequence[tuple[float, str]],
    progress: Callable[[int, int], None] | None,
) -> Iterator[np.ndarray]:
    from hephaestus.render.scene import Shot

    shown = body.fit(motion)
    places = body.asset.world(body.poses(shown))
    for frame, camera in enumerate(_cameras(shown.root_path, body.height_m)):
        time = frame / motion.fps
        said = [text for at, text in sentences if at <= time][-1:]
        picture = renderer.draw(Shot(camera, {"body": places[frame]}, time=time))
        yield _captioned(picture, said[0] if said else "", f"{time:.1f} s")
        if progress is not None:
            progress(frame + 1, len(motion))


def _cameras(path: np.ndarray, height: float) -> list[Camera]:
    """Cameras that go along with the body [T, 3] m, without its bobbing."""
    from hephaestus.render.camera import Camera

    reach = int(3 * _SLACK)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SLACK) ** 2)
    padded = np.pad(path, ((reach, reach), (0, 0)), mode="edge")
    smooth = np.stack([np.convolve(column, kernel / kernel.sum(), "valid") for column in padded.T], 1)
    smooth[:, 1] = 0.5 * height
    scale = max(height / 1.75, 0.3)
    return [Camera((at + scale * _VIEW).astype(np.float32), at.astype(np.float32)) for at in smooth]


def _captioned(picture: np.ndarray, text: str, clock: str) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    height, width = picture.shape[:2]
    unit = max(10, height // 28)
    font = ImageFont.load_default(unit)
    letters = max(8, int((width - 5 * unit) / (0.55 * unit)))
    rows = textwrap.wrap(plain(text), letters, max_lines=2, placeholder=" ...") or [""]
    band = round(unit * (1.3 * len(rows) + 0.7))
    image = Image.fromarray(picture)
    image.paste(_PAPER[:3], (0, height - band, width, height), Image.new("L", (width, band), _PAPER[3]))
    pen = ImageDraw.Draw(image)
    for k, row in enumerate(rows):
        pen.text((unit, height - band + unit * (0.25 + 1.3 * k)), row, font=font, fill=_INK)
    pen.text((width - unit, height - band + unit * 0.25), clock, font=font, fill=_FAINT, anchor="ra")
    return np.asarray(image)
