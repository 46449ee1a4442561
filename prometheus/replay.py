"""Replay: an episode again, from its decisions through physics, or from its states for a picture."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from aether.difference import first_difference
from aether.emotion import Emotion
from aether.mind import Doubt, Mind, Thought
from aether.scene import Scene
from aether.team import Seat
from prometheus.config import Config, load_config
from prometheus.episode import Episode
from prometheus.errors import ConfigError, EpisodeError, shorten
from prometheus.loop import Place, Simulation
from prometheus.think_time import Recorded

if TYPE_CHECKING:
    from prometheus.attire import Attire
    from prometheus.world.scenario import Scenario


class Recall:
    """A mind that thinks what an episode says it thought, and notices where the world is no longer the same.

    Args:
        episode: what is lived again.
        agent: whose mind this is; None for the first agent's.

    Attributes:
        think_time: the frames in which its decisions took effect.
    """

    def __init__(self, episode: Episode, agent: str | None = None) -> None:
        rows = [row for row in episode.decisions if row.get("agent") == agent]
        self.think_time = Recorded(int(row["frame"]) for row in rows)
        self._episode, self._rows = episode, deque(rows)
        self._felt: deque[Scene] = deque(maxlen=_FELT)
        self._mind = Mind("reflex")

    @property
    def emotion(self) -> Emotion:
        """How it feels now."""
        return self._mind.emotion

    @property
    def team(self) -> Seat | None:
        """Its seat in a team, or None."""
        return self._mind.team

    @team.setter
    def team(self, seat: Seat | None) -> None:
        self._mind.team = seat

    @property
    def pending(self) -> bool:
        """Whether a decision is still to come: the record says when."""
        return bool(self._rows)

    @property
    def ready(self) -> bool:
        """Whether one is left; `think_time` says when it is due."""
        return bool(self._rows)

    def feel(self, scene: Scene, *, heading: float | None = None, place: Place | None = None) -> Scene:
        """As `aether.Mind.feel`."""
        felt = self._mind.feel(scene, heading=heading, place=place)
        self._felt.append(felt)
        return felt

    def begin(
        self, scene: Scene, *, heading: float | None = None, place: Place | None = None, doubt: Doubt | None = None
    ) -> None:
        """Asks nobody: the answer is known."""

    def settle(self) -> float:
        """Waits for nobody."""
        return 0.0

    def poll(
        self,
        scene: Scene | None = None,
        *,
        heading: float | None = None,
        place: Place | None = None,
        arrived: bool | None = None,
    ) -> Thought | None:
        """Return the recorded thought where it is time for it.

        Raises:
            EpisodeError: the scene that it was decided from differs from the recorded one.
        """
        if not arrived or not self._rows:
            return None
        row = self._rows.popleft()
        named = row["scene"].get("scenario_id")
        asked = next((felt for felt in reversed(self._felt) if felt.scenario_id == named), None)
        differs = first_difference(row["scene"], None if asked is None else asked.to_json("article"))
        if asked is None or differs:
            raise EpisodeError(f"the replay parts from the episode at frame {row['frame']}: {differs}")
        thought = replace(self._episode.thought(row), scene=asked)
        self._mind.take(thought, asked, heading=heading, place=place)
        return thought

    def judged(self, agreement: Mapping[str, str]) -> None:
        """Nothing is learnt: the record says how sure the mind was."""

    def learn(self, outcome: str, *, heading: float | None = None, place: Place | None = None) -> None:
        """As `aether.Mind.learn`."""
        self._mind.learn(outcome, heading=heading, place=place)

    def close(self) -> None:
        """As `aether.Mind.close`."""
        self._mind.close()


def recalls(episode: Episode) -> dict[str, Recall]:
    """Return the mind of each agent of an episode, by the agent's id."""
    first, *others = [str(agent["id"]) for agent in episode.header.get("agents", [{"id": "agent"}])]
    return {first: Recall(episode), **{name: Recall(episode, name) for name in others}}


def changes(episode: Episode, attire: Attire | None = None) -> Callable[[Simulation], None]:
    """Return what changes bodies before the frames in which the episode says that they were changed.

    Args:
        episode: what is lived again.
        attire: bodies that it may name; None for those that ship.
    """
    from prometheus.attire import Attire

    wardrobe = attire or Attire()
    first = str(next(iter(episode.header.get("agents", [{"id": "agent"}])))["id"])
    due: dict[int, list[tuple[str, str]]] = {}
    for row in episode.changes:
        if row["what"] == "body":
            due.setdefault(int(row["frame"]), []).append((row.get("agent", first), str(row["to"])))

    def change(simulation: Simulation) -> None:
        for name, title in due.get(simulation.world.frame + 1, ()):
            body = wardrobe.load(title)
            agent = next((agent for agent in simulation.agents if agent.id == name), None)
            if agent is not None:
                agent.wear(body, title)
                continue
            npc = next((npc for npc in simulation.world.npcs if npc.id == name), None)
            if npc is None:
                raise EpisodeError(
                    f"the episode changes the body of '{shorten(name, 40)}', whom its world does not know"
                )
            simulation.world.wear(npc, body)
            npc.body = title

    return change


_FELT = 1024
"""Scenes that are kept until the decision that was made from one of them."""


def recorded_config(episode: Episode, config: Config) -> Config:
    """Return the settings that an episode was run with.

    Raises:
        EpisodeError: its first line lacks some.
    """
    head = episode.header
    try:
        recorded = load_config(
            seed=head["seed"],
            seconds=head["seconds"],
            body=_worn(head),
            judge=head["judge"],
            forecast=head.get("forecast", "analytic"),
            mode=head.get("mode", "realtime" if head.get("realtime") else "lockstep"),
            think_time=head.get("think_time", "zero"),
            agents=head.get("clones", 0) + 1,
            brain__model=head["brain"],
            brain__every_s=head["think_every_s"],
            brain__camera=False,
            motion__guidance=head["guidance"],
            motion__threads=head["threads"],
        )
    except (KeyError, TypeError) as error:
        raise EpisodeError(f"the episode's first line lacks a usable {error}; record it again") from error
    except ConfigError as error:
        raise EpisodeError(f"the episode's first line cannot be replayed: {error}") from error
    return recorded.model_copy(update={"video": config.video})


def _worn(head: Mapping[str, object]) -> str | None:
    """The body that all agents were given; None where each wears what the world says, for then they differ."""
    agents = head.get("agents") or [head]
    worn = {agent["body"] for agent in agents}  # type: ignore[attr-defined]
    return worn.pop() if len(worn) == 1 else None


def recorded_scenario(episode: Episode) -> Scenario:
    """Return the world of an episode as the seed had varied it; by its name where an old episode does not hold it.

    Raises:
        EpisodeError: what it holds is no world.
        WorldError: no world has that name.
    """
    from pydantic import ValidationError

    from prometheus.world.scenario import Scenario, load_scenario

    held = episode.header.get("scenario")
    if held is None:
        return load_scenario(episode.header["world"])
    try:
        return Scenario.model_validate(held)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EpisodeError(
            f"the episode's world is none that this version knows: {shorten(where, 80)}: {shorten(first['msg'], 100)}"
        ) from None


def check_states(episode: Episode) -> None:
    """See to it that an episode can be drawn: the same actors in each frame, with all that their motion needs.

    Raises:
        EpisodeError: it cannot.
    """
    if not episode.frames:
        raise EpisodeError("the episode has no frame to draw; record it again")
    wanted = [actor["id"] for actor in episode.frames[0]["actors"]]
    for agent in episode.agents:
        if agent not in wanted:
            raise EpisodeError(f"the episode has no state of '{shorten(agent, 40)}' to draw; record it again")
        episode.joints(agent)
    for row in episode.frames:
        if [actor["id"] for actor in row["actors"]] != wanted:
            raise EpisodeError(f"frame {row['frame']} of the episode has other actors than the first; record it again")
        for actor in row["actors"]:
            if actor["id"] not in episode.agents and not {"phase", "arousal"} <= actor.keys():
                name = shorten(actor["id"], 40)
                raise EpisodeError(f"frame {row['frame']} of the episode says nothing of how '{name}' walks")


def states(episode: Episode) -> dict[str, np.ndarray]:
    """Return the actors' recorded places: "ID" -> [T, 4] of x, y, z (m) and heading (rad)."""
    rows: dict[str, list[list[float]]] = {}
    for frame in episode.frames:
        for actor in frame["actors"]:
            rows.setdefault(actor["id"], []).append([*actor["position"], actor["heading"]])
    return {name: np.array(values) for name, values in rows.items()}
