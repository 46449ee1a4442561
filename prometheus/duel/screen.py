"""Screen: both halves and the strip put together into one picture, for a film as for a window."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.config import VideoConfig
from prometheus.duel.half import Half
from prometheus.duel.parting import Parting
from prometheus.duel.strip import Strip
from prometheus.errors import shorten

if TYPE_CHECKING:
    from hephaestus.glb.asset import Asset
    from hephaestus.render.scene import Renderer, Shot, Stage
    from prometheus.drawing.film import Piece
    from prometheus.run import Progress
    from prometheus.world.scenario import Scenario

SIZE = (1280, 720)
"""Pixels of the whole picture, where nobody asks for others."""
GAP = 4
"""Pixels between the halves."""
BETWEEN = (8, 9, 13)
FPS = 20
Side = tuple[Mapping[str, Any], Mapping[str, np.ndarray], Mapping[str, Any] | None]
"""A `frame` line, where everything is drawn, and the `decision` line in force."""


class Screen:
    """Puts the picture together.

    Args:
        size: width and height in pixels.
        frames: that the whole run has.
        names: of both brains.
        scenario: the world.
        stage: what it looks like.
    """

    def __init__(
        self, size: tuple[int, int], frames: int, names: tuple[str, str], scenario: Scenario, stage: Stage
    ) -> None:
        self.size = size
        self.half = half_size(size)
        self.strip = Strip((size[0], size[1] - self.half[1]), frames, names)
        a, b = (Half(self.half, scenario, f"{'AB'[k]}  {name}", stage.clear) for k, name in enumerate(names))
        self._halves = (a, b)
        self._shown: list[Any] = [None, None]

    def shots(self, sides: tuple[Side, Side]) -> tuple[Shot, Shot]:
        """Return what both halves show of a frame; frames are given one after the other."""
        for half, (frame, _, _) in zip(self._halves, sides, strict=True):
            half.walk(frame)
        (frame, nodes, _), (others, theirs, _) = sides
        a, b = self._halves
        return a.shot(frame, nodes, b), b.shot(others, theirs, a)

    def put_together(
        self, drawn: tuple[np.ndarray, np.ndarray], sides: tuple[Side, Side], partings: Sequence[Parting]
    ) -> np.ndarray:
        """Return the whole picture of a frame, uint8 [h, w, 3].

        Args:
            drawn: of both shots, uint8 [h, w, 3] each.
            sides: that were shown.
            partings: each is marked from its frame on.
        """
        number = int(sides[0][0]["frame"])
        for k, (_, _, decision) in enumerate(sides):
            if decision is not None and decision["frame"] != self._shown[k]:
                self._shown[k] = decision["frame"]
                self.strip.decided(k, decision)
        self.strip.part([parting for parting in partings if parting.frame <= number])
        picture = np.empty((self.size[1], self.size[0], 3), np.uint8)
        picture[:] = BETWEEN
        for k, (half, part, (frame, _, decision)) in enumerate(zip(self._halves, drawn, sides, strict=True)):
            left = 0 if k == 0 else self.size[0] - self.half[0]
            picture[: self.half[1], left : left + self.half[0]] = half.over(part, frame, decision)
        picture[self.half[1] :] = self.strip.draw(number)
        return picture

    def draw(self, renderer: Renderer, sides: tuple[Side, Side], partings: Sequence[Parting]) -> np.ndarray:
        """Draw a frame of both sides and wait for it; see `put_together`."""
        a, b = renderer.draw_all(self.shots(sides))
        return self.put_together((a, b), sides, partings)


def half_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return width and height of one half of a picture of that size."""
    return (size[0] - GAP) // 2, size[1] - max(44, round(0.125 * size[1]))


def brain_title(name: str) -> str:
    """Return a brain's name without the folders of a file in it."""
    kind, colon, rest = name.partition(":")
    return shorten(f"{kind}{colon}{rest.rsplit('/', 1)[-1]}" if colon else name, 40)


def picture_size(video: VideoConfig) -> tuple[int, int]:
    """Return the size of the whole picture: what was asked for, or `SIZE`."""
    return video.size if "size" in video.model_fields_set else SIZE


def film(
    episodes: tuple[Path, Path], path: Path, video: VideoConfig, partings: Sequence[Parting], progress: Progress | None
) -> str:
    """Draw both recorded episodes side by side into an MP4.

    Args:
        episodes: their folders.
        path: of the film; written whole or not at all.
        video: size, shadows, renderer.
        partings: where they part, the earliest first.
        progress: called with (frames done, frames in all).

    Returns:
        The renderer's name.

    Raises:
        RenderError: nothing here can draw, or the film cannot be written.
    """
    from prometheus.attire import Attire
    from prometheus.drawing.film import pieces, suits
    from prometheus.drawing.renderer import open_renderer
    from prometheus.drawing.stage import build_stage
    from prometheus.episode import read_episode
    from prometheus.replay import recorded_scenario
    from prometheus.video import write_video

    size = picture_size(video)
    a, b = (read_episode(folder) for folder in episodes)
    scenario = recorded_scenario(a)
    attire = Attire(own=True)
    worn = [pieces(episode, suits(episode, scenario, attire)) for episode in (a, b)]
    wardrobe = Wardrobe()
    looks = [wardrobe.hang(each) for each in worn]
    stage = build_stage(scenario, wardrobe.bodies)
    total = min(len(a.frames), len(b.frames))
    names = (brain_title(str(a.header["brain"])), brain_title(str(b.header["brain"])))
    screen = Screen(size, total, names, scenario, stage)
    renderer = open_renderer(screen.half, shadows=video.shadows, samples=video.samples, kind=video.renderer, many=True)

    asked: deque[tuple[Side, Side]] = deque()

    def shots() -> Iterator[Shot]:
        for both in zip(_sides(a, looks[0]), _sides(b, looks[1]), strict=False):
            asked.append(both)
            yield from screen.shots(both)

    def pictures() -> Iterator[np.ndarray]:
        drawn = renderer.draw_all(shots())
        for done, left in enumerate(drawn, 1):
            yield screen.put_together((left, next(drawn)), asked.popleft(), partings)
            if progress is not None:
                progress(done, total)

    try:
        renderer.load(stage)
        write_video(path, pictures(), FPS, size)
        reason = getattr(renderer, "reason", "")
        return f"{renderer.name} ({reason})" if reason else renderer.name
    finally:
        renderer.close()


class Wardrobe:
    """The bodies of both lives, each loaded once, so that each half shows what was worn in it then.

    Attributes:
        bodies: by the key under which it is drawn.
    """

    def __init__(self) -> None:
        """Empty."""
        self.bodies: dict[str, Asset] = {}

    def hang(self, worn: Mapping[str, Sequence[Piece]]) -> list[tuple[int, str, np.ndarray]]:
        """Take what everybody wore in turn, by id, as `prometheus.drawing.film.pieces` gives it.

        Returns:
            (index of the first frame, key, nodes [T, J, 4, 4] from there on) of each piece.
        """
        return [(start, self._key(actor, asset), nodes) for actor, each in worn.items() for start, asset, nodes in each]

    def _key(self, actor: str, asset: Asset) -> str:
        number = 0
        while self.bodies.setdefault(key := f"{actor}\n{number}", asset) is not asset:
            number += 1
        return key


def _sides(episode: Any, looks: Sequence[tuple[int, str, np.ndarray]]) -> Iterator[Side]:
    """Yield the frames of an episode as they are drawn."""
    from prometheus.drawing.stage import prop_places

    decisions = iter([*episode.of(episode.decisions), None])
    following, decision = next(decisions), None
    for i, frame in enumerate(episode.frames):
        while following is not None and following["frame"] <= frame["frame"]:
            decision, following = following, next(decisions)
        things = prop_places([*frame["props"], *frame.get("movers", ())])
        bodies = {key: nodes[i - start] for start, key, nodes in looks if start <= i < start + len(nodes)}
        yield frame, bodies | things, decision
