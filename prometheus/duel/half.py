"""Half: one side of a duel in the picture: its world from behind its agent, its mind's panel, and both paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.drawing.hud import Hud, Layer

if TYPE_CHECKING:
    from hephaestus.render.follow import Blocked
    from hephaestus.render.scene import Lines, Shot
    from prometheus.world.scenario import Scenario

OWN, OTHER = (1.0, 0.84, 0.36, 0.95), (0.55, 0.80, 1.0, 0.8)
"""Colours of the agent's own path and of the path that the other side's agent took."""
LIFT = 0.05
"""m above the ground at which paths are drawn."""
DT = 0.05
"""s a frame."""


class Half:
    """Shows one side.

    Args:
        size: width and height in pixels.
        scenario: the world.
        title: what stands over it, such as "A  reflex".
        blocked: what is in the way of the camera.

    Attributes:
        path: where its agent was, [x, y, z] m each.
    """

    def __init__(self, size: tuple[int, int], scenario: Scenario, title: str, blocked: Blocked) -> None:
        from hephaestus.render.follow import FollowCamera

        self.path: list[list[float]] = []
        self._camera = FollowCamera(blocked=blocked)
        self._hud = Hud(size, scenario)
        self._title = Layer(_tag(title, max(12, size[1] // 34)))
        self._size = size
        self._seen = 0

    def shot(self, frame: Mapping[str, Any], nodes: Mapping[str, np.ndarray], other: Half) -> Shot:
        """Return what a frame shows.

        Args:
            frame: a `frame` line of an episode.
            nodes: where everything is drawn.
            other: the other side, whose path is drawn, too.
        """
        from hephaestus.render.camera import to_motion
        from hephaestus.render.scene import Shot

        agent = next(actor for actor in frame["actors"] if actor["kind"] == "agent")
        place = np.array(agent["position"], float)
        beasts = [np.array(actor["position"], float) for actor in frame["actors"] if actor["kind"] == "beast"]
        near = min(beasts, key=lambda spot: float(np.linalg.norm(spot - place)), default=None)
        threat = None if near is None else to_motion(near)
        passed = DT * max(frame["frame"] - self._seen, 1)
        self._seen = frame["frame"]
        camera = self._camera.update(to_motion(place), agent["heading"], threat, min(passed, 0.5))
        return Shot(camera, nodes, lines=_paths(self.path, other.path), time=frame["frame"] * DT)

    def over(self, picture: np.ndarray, frame: Mapping[str, Any], decision: Mapping[str, Any] | None) -> np.ndarray:
        """Lay the mind's panel and the title over a picture uint8 [h, w, 3] of this half's size, and return it.

        Args:
            picture: what was drawn of the shot.
            frame: a `frame` line of an episode.
            decision: the `decision` line in force, or None.
        """
        self._hud.over(picture, frame, decision)
        self._title.lay(picture, (self._size[0] - self._title.width) // 2, self._hud.unit // 2)
        return picture

    def walk(self, frame: Mapping[str, Any]) -> None:
        """Take note of where the agent is; called for both sides before either is drawn."""
        agent = next(actor for actor in frame["actors"] if actor["kind"] == "agent")
        self.path.append([float(value) for value in agent["position"]])


def _paths(own: list[list[float]], other: list[list[float]]) -> Lines | None:
    """Return both paths as segments over the ground."""
    from hephaestus.render.camera import to_motion
    from hephaestus.render.scene import Lines

    points, colors = [], []
    for path, color in ((other, OTHER), (own, OWN)):
        if len(path) > 1:
            spots = to_motion(np.array(path) + np.array([0.0, 0.0, LIFT]))
            points.append(np.stack([spots[:-1], spots[1:]], 1))
            colors.append(np.tile(np.array(color, np.float32), (len(spots) - 1, 1)))
    if not points:
        return None
    return Lines(np.concatenate(points).astype(np.float32), np.concatenate(colors))


def _tag(text: str, size: int) -> np.ndarray:
    """Draw a line of text on dark paper, uint8 [h, w, 4]."""
    from PIL import Image, ImageDraw, ImageFont

    text = "".join(c for c in text[:60] if c.isprintable()) or " "
    font = ImageFont.load_default(size)
    wide = int(font.getlength(text)) + 2 * size
    image = Image.new("RGBA", (wide, round(size * 1.9)), (12, 14, 20, 188))
    ImageDraw.Draw(image).text((size, size * 0.32), text, font=font, fill=(255, 214, 92))
    return np.asarray(image)
