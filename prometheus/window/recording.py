"""Recording: a recorded episode for the window: its frames as they were, forwards, backwards, at any pace.

It has the face of a `Playground`, so that the same window shows both; what would change the world is not there.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aether.emotion import Emotion
from aether.scene import Scene
from hephaestus.render.backdrop import paint
from prometheus.attire import Attire
from prometheus.drawing.film import motions, posed, suits
from prometheus.drawing.stage import build_stage, prop_places
from prometheus.episode import Episode, read_episode
from prometheus.judge import Command, Verdict
from prometheus.pace import Pace
from prometheus.replay import check_states, recorded_scenario
from prometheus.webreplay.mind import latencies_of
from prometheus.window.shapes import Shapes
from prometheus.window.show import Setting, Worn
from prometheus.window.snapshot import Mindscape, Snapshot

if TYPE_CHECKING:
    from hephaestus.motion import Motion

CHUNK = 40
"""Frames that are posed together: few, so that no picture waits long for them."""
RUN_UP = 60
"""Frames before them that are posed after a leap, for bodies that remember where their feet were."""
_KEPT = 12
"""Chunks of each actor that are kept."""
TRACE = 600
"""Frames of feeling that a mind's panel shows."""


class Recording:
    """A recorded episode.

    Args:
        episode: with its frames.
        folder: of the episode, or its file.
        attire: bodies that it may name; None for those that ship or lie beside it.

    Raises:
        EpisodeError: it cannot be shown.

    Attributes:
        episode: see above. index: frame that is shown, 0 for the first. pace: when the next one comes.
        latest: the moment before, the one that is shown, and when it came.
    """

    def __init__(self, episode: Episode, folder: Path, attire: Attire | None = None) -> None:
        check_states(episode)
        self.episode, self.pace = episode, Pace()
        self.scenario = recorded_scenario(episode)
        self.world, self.generation, self.chosen = str(episode.header["world"]), 1, ""
        self.failure: BaseException | None = None
        self.processes: tuple[int, ...] = ()
        self.notices: deque[str] = deque(maxlen=32)
        self.dressed: deque[Worn] = deque()
        self._suits = suits(episode, self.scenario, attire or Attire(folder))
        self._motions = motions(episode)
        self._poses: dict[tuple[str, int, int], np.ndarray] = {}
        self._streams: dict[str, tuple[int, int, Callable[[Motion], np.ndarray]]] = {}
        self._clocked = {(name or episode.first, frame): s for (name, frame), s in latencies_of(folder).items()}
        self._rows = {name: episode.of(episode.decisions, name) for name in episode.agents}
        self._minds: dict[tuple[str, int], Mindscape] = {}
        self._shapes = Shapes()
        for worn in self._suits.values():
            for _, body in worn:
                self._shapes.of(body.asset)
        self.setting: Setting | None = self._setting()
        self._worn = {name: 0 for name in self._suits}
        sizes = episode.header.get("actors", ())
        self.heights = {actor["id"]: float(actor["height"]) for actor in sizes}
        self.index = 0
        first = self.snapshot(0)
        self.latest: tuple[Snapshot, Snapshot, float] = (first, first, time.perf_counter())

    @classmethod
    def open(cls, folder: Path, given: Iterable[str] = ()) -> Recording:
        """Read an episode from its folder or file.

        Args:
            folder: see above.
            given: files of bodies that the episode may name besides those that ship or lie beside it.

        Raises:
            EpisodeError: it cannot be read or shown.
        """
        return cls(read_episode(folder), folder, Attire(folder, given))

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.episode.frames)

    @property
    def first(self) -> int:
        """The number of the first."""
        return int(self.episode.frames[0]["frame"])

    def start(self) -> None:
        """Begin where it begins, at the clock's pace."""
        self.pace = Pace(self.pace.speed)

    def advance(self) -> None:
        """Go on to the frame whose hour has come, at the end to no other."""
        steps = 0
        while self.index + steps < self.frames - 1 and self.pace.due():
            steps += 1
        if steps:
            self._show(self.index + steps)
        elif self.index >= self.frames - 1 and not self.pace.paused:
            self.pace.pause()
        elif not self.pace.paused:
            self._prepare()

    def seek(self, index: int) -> None:
        """Show the frame of that index at once."""
        index = min(max(index, 0), self.frames - 1)
        if index != self.index:
            self._show(index)
            self.latest = (self.latest[1], self.latest[1], time.perf_counter())

    def play(self) -> None:
        """Go on, at the end from the beginning; or pause."""
        if not self.pace.paused:
            self.pace.pause()
            return
        if self.index >= self.frames - 1:
            self.seek(0)
        self.pace.resume()

    def do(self, order: str, *given: Any) -> None:
        """Say that nothing can be changed in what has happened; what only concerns the picture is passed over."""
        if order in ("look", "foresee"):
            return
        self.notices.append("this is a recording: look around in it; nothing in it can be changed")

    def close(self) -> None:
        """Nothing is open."""

    def behaviours(self) -> list[str]:
        """None: nobody can be told to behave otherwise."""
        return []

    def felt(self, agent: str) -> list[tuple[int, float, str]]:
        """Return what the trace of a mind shows at this frame: frame, arousal and emotion, oldest first."""
        frames = range(max(0, self.index - TRACE), self.index + 1)
        minds = ((k + self.first, self._mind(agent, k + self.first)) for k in frames)
        return [(frame, mind.arousal, mind.emotion) for frame, mind in minds]

    def decisions(self, agent: str) -> list[dict[str, Any]]:
        """Return an agent's `decision` lines; [] for who has no mind."""
        return self._rows.get(agent, [])

    def snapshot(self, index: int) -> Snapshot:
        """Return the moment of an index."""
        row = self.episode.frames[index]
        # A contact without its place, as an older version wrote it, cannot be drawn.
        actors = [
            {**actor, "contacts": [c for c in actor["contacts"] if "point" in c and "normal" in c]}
            for actor in row["actors"]
        ]
        places = {name: self._place(name, index) for name in self._suits}
        places |= prop_places([*row["props"], *row.get("movers", ())])
        minds = {name: self._mind(name, row["frame"]) for name in self._rows}
        wears = {name: worn[self._suit(name, index)][1].name for name, worn in self._suits.items()}
        return Snapshot(row["frame"], {**row, "actors": actors}, places, minds, wears)

    def _show(self, index: int) -> None:
        before, self.index = self.latest[1], index
        self.latest = (before, self.snapshot(index), time.perf_counter())
        for name, worn in self._suits.items():
            suit = self._suit(name, index)
            if suit != self._worn[name]:
                self._worn[name] = suit
                asset = worn[suit][1].asset
                self.dressed.append((name, asset, self._shapes.of(asset)))

    def _setting(self) -> Setting:
        """What is to be loaded."""
        stage = build_stage(self.scenario, {name: worn[0][1].asset for name, worn in self._suits.items()})
        shapes = {key: self._shapes.of(asset) for key, asset in stage.bodies.items()}
        title = self.scenario.title or self.scenario.name
        return Setting(self.world, title, self.episode.first, stage, shapes, paint(stage))

    def _suit(self, name: str, index: int) -> int:
        return max(k for k, (at, _) in enumerate(self._suits[name]) if at <= index)

    def _place(self, name: str, index: int) -> np.ndarray:
        """Where the nodes of an actor are [J, 4, 4] in the motion frame."""
        suit, chunk = self._suit(name, index), index // CHUNK
        key = (name, suit, chunk)
        if key not in self._poses:
            mine = [known for known in self._poses if known[0] == name]
            for old in mine[: max(0, len(mine) + 1 - _KEPT)]:
                del self._poses[old]
            self._poses[key] = self._pose(name, suit, chunk)
        nodes: np.ndarray = self._poses[key][index - max(self._suits[name][suit][0], chunk * CHUNK)]
        return nodes

    def _prepare(self) -> None:
        """Pose one of those who are not posed yet for the frames to come; called in pictures without a new frame."""
        ahead = min((self.index // CHUNK + 1) * CHUNK, self.frames - 1)
        for name in self._suits:
            if (name, self._suit(name, ahead), ahead // CHUNK) not in self._poses:
                self._place(name, ahead)
                return

    def _pose(self, name: str, suit: int, chunk: int) -> np.ndarray:
        """Return the nodes [T, J, 4, 4] of a chunk, on from the one before where that was the last to be posed."""
        begins, body = self._suits[name][suit]
        start, end = max(begins, chunk * CHUNK), min((chunk + 1) * CHUNK, self.frames)
        known = self._streams.get(name)
        if known is not None and known[:2] == (suit, start):
            early, pose = start, known[2]
        else:
            early, pose = max(begins, start - RUN_UP), body.stream()
        rows = [self.episode.frames[k]["actors"] for k in range(early, end)]
        lift = np.array([a["position"][2] for row in rows for a in row if a["id"] == name], np.float32)
        local = posed(body, self._motions[name][early:end], lift, pose)
        self._streams[name] = (suit, end, pose)
        return body.asset.world(local[start - early :])

    def _mind(self, agent: str, frame: int) -> Mindscape:
        """What an agent's mind was like in a frame."""
        rows = self._rows[agent]
        made = bisect_right(rows, frame, key=lambda row: int(row["frame"]))
        key = (agent, made)
        if key not in self._minds:
            brains = {row["id"]: str(row.get("brain", "")) for row in self.episode.header.get("agents", ())}
            brain = brains.get(agent, str(self.episode.header["brain"]))
            self._minds[key] = self._recall(brain, agent, made) if made else Mindscape(brain=brain)
        return self._minds[key]

    def _recall(self, brain: str, agent: str, made: int) -> Mindscape:
        rows = self._rows[agent][:made]
        row = rows[-1]
        seconds = self._clocked.get((agent, row["frame"]), 0.0)
        thought = replace(self.episode.thought(row), latency_s=seconds)
        scene = Scene.from_json(row["scene"])
        emotion = Emotion.named(str(row["scene"].get("emotion_state", "calm")))
        told = row["verdict"]
        command = Command(
            str(told["command"].get("text", "")), None, 0.0, 0.0, 0.0, bool(told["command"].get("urgent"))
        )
        verdict = Verdict({}, {}, told["agreement"], command, told["reason"], bool(told["replaced"]))
        tokens = sum(r["thought"]["tokens_in"] + r["thought"]["tokens_out"] for r in rows)
        cost = sum(r["thought"]["cost_usd"] for r in rows)
        return Mindscape(
            brain, False, False, emotion.name, emotion.arousal, scene, thought, verdict, row["frame"], command.text,
            scene.recent_decisions, made, tokens, cost,
        )  # fmt: skip
