"""Replay: an episode again, from its decisions through physics, or from its states for a picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from aether.emotion import Emotion
from aether.mind import Mind, Thought
from aether.scene import Scene
from prometheus.config import Config
from prometheus.episode import Episode, thought_from_json
from prometheus.errors import EpisodeError


class Recall:
    """A mind that thinks what an episode says it thought, and notices where the world is no longer the same."""

    def __init__(self, episode: Episode) -> None:
        self._rows = iter(episode.decisions)
        self._thought: Thought | None = None
        self._mind = Mind(self._answer)

    @property
    def emotion(self) -> Emotion:
        """How it feels now."""
        return self._mind.emotion

    def feel(self, scene: Scene, *, heading: float | None = None) -> Scene:
        """As `aether.Mind.feel`."""
        return self._mind.feel(scene, heading=heading)

    def think(self, scene: Scene, *, heading: float | None = None) -> Thought:
        """Return the recorded thought.

        Raises:
            EpisodeError: there is none left, or the scene differs from the recorded one.
        """
        row: dict[str, Any] | None = next(self._rows, None)
        if row is None:
            raise EpisodeError("the episode has no more decisions than this; replay no longer than it lasted")
        differs = first_difference(row["scene"], scene.to_json("article"))
        if differs:
            raise EpisodeError(f"the replay parts from the episode at frame {row['frame']}: {differs}")
        self._thought = thought_from_json(row["thought"])
        return replace(self._mind.think(scene, heading=heading), **_recorded(self._thought))

    def learn(self, outcome: str, *, heading: float | None = None) -> None:
        """As `aether.Mind.learn`."""
        self._mind.learn(outcome, heading=heading)

    def close(self) -> None:
        """As `aether.Mind.close`."""
        self._mind.close()

    def _answer(self, scene: Scene) -> str:
        assert self._thought is not None
        return str(self._thought.decision)


def _recorded(thought: Thought) -> dict[str, Any]:
    return {name: getattr(thought, name) for name in Thought.__dataclass_fields__}


def first_difference(a: Any, b: Any, where: str = "scene") -> str | None:
    """Say where two JSON values first differ, or None."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in [*a, *(k for k in b if k not in a)]:
            if key not in a or key not in b:
                return f"{where}.{key} is only in one of them"
            found = first_difference(a[key], b[key], f"{where}.{key}")
            if found:
                return found
        return None
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return next(
            (f for i, (x, y) in enumerate(zip(a, b, strict=True)) if (f := first_difference(x, y, f"{where}[{i}]"))),
            None,
        )
    return None if a == b else f"{where} was {a!r} and is {b!r}"


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
                    update={"model": str(head["brain"]), "every_s": float(head["think_every_s"])}
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
