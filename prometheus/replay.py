"""Replay: an episode again, from its decisions through physics, or from its states for a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from aether.difference import first_difference
from aether.emotion import Emotion
from aether.mind import Doubt, Mind, Thought
from aether.scene import Scene
from prometheus.config import Config
from prometheus.episode import Episode, thought_from_json
from prometheus.errors import EpisodeError
from prometheus.loop import Place


class Recall:
    """A mind that thinks what an episode says it thought, and notices where the world is no longer the same."""

    def __init__(self, episode: Episode) -> None:
        self._rows = iter(episode.decisions)
        self._next: dict[str, Any] | None = next(self._rows, None)
        self._thought: Thought | None = None
        self._mind = Mind(self._answer)

    @property
    def emotion(self) -> Emotion:
        """How it feels now."""
        return self._mind.emotion

    def feel(self, scene: Scene, *, heading: float | None = None, place: Place | None = None) -> Scene:
        """As `aether.Mind.feel`."""
        return self._mind.feel(scene, heading=heading, place=place)

    def attend(
        self, scene: Scene, *, heading: float | None = None, place: Place | None = None, doubt: Doubt | None = None
    ) -> Thought | None:
        """Return the thought that was recorded at this moment, or None where there was none."""
        if self._next is None or self._next["scene"].get("scenario_id") != scene.scenario_id:
            return None
        return self.think(scene, heading=heading, place=place)

    def judged(self, agreement: Mapping[str, str]) -> None:
        """Nothing is learnt: the record says how sure the mind was."""

    def think(
        self, scene: Scene, *, heading: float | None = None, place: Place | None = None, doubt: Doubt | None = None
    ) -> Thought:
        """Return the recorded thought.

        Raises:
            EpisodeError: there is none left, or the scene differs from the recorded one.
        """
        row, self._next = self._next, next(self._rows, None)
        if row is None:
            raise EpisodeError("the episode has no more decisions than this; replay no longer than it lasted")
        differs = first_difference(row["scene"], scene.to_json("article"))
        if differs:
            raise EpisodeError(f"the replay parts from the episode at frame {row['frame']}: {differs}")
        self._thought = thought_from_json(row["thought"])
        return replace(self._mind.think(scene, heading=heading, place=place), **_recorded(self._thought))

    def learn(self, outcome: str, *, heading: float | None = None, place: Place | None = None) -> None:
        """As `aether.Mind.learn`."""
        self._mind.learn(outcome, heading=heading, place=place)

    def close(self) -> None:
        """As `aether.Mind.close`."""
        self._mind.close()

    def _answer(self, scene: Scene) -> str:
        assert self._thought is not None
        return str(self._thought.decision)


def _recorded(thought: Thought) -> dict[str, Any]:
    return {name: getattr(thought, name) for name in Thought.__dataclass_fields__}


def recorded_config(episode: Episode, config: Config) -> Config:
    """Return the settings that an episode was run with.

    Raises:
        EpisodeError: its first line lacks some.
    """
    head = episode.header
    try:
        return config.model_copy(
            update={
                "seed": int(head["seed"]),
                "seconds": float(head["seconds"]),
                "body": str(head["body"]),
                "judge": str(head["judge"]),
                "brain": config.brain.model_copy(
                    update={
                        "model": str(head["brain"]),
                        "every_s": float(head["think_every_s"]),
                        "realtime": bool(head.get("realtime", False)),
                    }
                ),
                "motion": config.motion.model_copy(
                    update={"guidance": float(head["guidance"]), "threads": int(head["threads"])}
                ),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EpisodeError(f"the episode's first line lacks a usable {error}") from error


def states(episode: Episode) -> dict[str, np.ndarray]:
    """Return the actors' recorded places: "ID" -> [T, 4] of x, y, z (m) and heading (rad)."""
    rows: dict[str, list[list[float]]] = {}
    for frame in episode.frames:
        for actor in frame["actors"]:
            rows.setdefault(actor["id"], []).append([*actor["position"], actor["heading"]])
    return {name: np.array(values) for name, values in rows.items()}
