"""A world in a window: who steers it, what is put into it, what is kept of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aether.brains.reflex import Reflex
from prometheus.data import data_path
from prometheus.drawing.film import motions, suits
from prometheus.episode import read_episode
from prometheus.errors import WorldError
from prometheus.inspection import problems
from prometheus.judge import command_of
from prometheus.replay import check_states, recorded_scenario
from prometheus.window.orders import ALONG, wish
from prometheus.window.placing import pick, place
from prometheus.window.playground import Playground
from prometheus.window.steered import Steered
from tests.prometheus.window.ground import play, playground

DOWN = np.array([0.0, 0.0, -1.0])


@pytest.fixture
def castle() -> Iterator[Playground]:
    ground = playground()
    yield ground
    ground.close()


def above(x: float, y: float) -> np.ndarray:
    return np.array([x, y, 30.0])


def say(name: str, sentence: str) -> Any:
    def said(ground: Playground) -> None:
        ground.people[name].steers = True
        ground.people[name].say(sentence)

    return said


def test_a_sentence_becomes_a_judged_and_recorded_decision(castle: Playground, tmp_path: Path) -> None:
    play(castle, 12)
    before = castle.simulation.agent.actor.position.copy()
    play(castle, 1, say("agent", "  a person walks \n backward  "))
    mind = castle.latest[1].minds["agent"]
    assert mind.thought is not None
    assert mind.verdict is not None
    assert mind.scene is not None
    assert mind.thought.decision.motion == "a person walks backward"
    assert mind.thought.route == "person"
    assert mind.steered
    assert mind.thought.decision.predict
    assert mind.decided == castle.latest[1].frame
    play(castle, 20)
    assert np.linalg.norm(castle.simulation.agent.actor.position - before) > 0.3
    rows = [json.loads(line) for line in (castle.tape.save(tmp_path) / "episode.jsonl").read_text().splitlines()]
    told = [row for row in rows if row["type"] == "decision" and row["thought"]["route"] == "person"]
    assert [row["thought"]["decision"]["motion"] for row in told] == ["a person walks backward"]


def test_while_a_person_steers_the_mind_decides_nothing_and_afterwards_goes_on(castle: Playground) -> None:
    play(castle, 3, say("agent", "a person stands still"))
    decided = castle.latest[1].minds["agent"].decided
    play(castle, 45)
    assert castle.latest[1].minds["agent"].decided == decided
    castle.people["agent"].steers = False
    play(castle, 25)
    mind = castle.latest[1].minds["agent"]
    assert mind.decided > decided
    assert mind.thought is not None
    assert mind.thought.route == "brain"


def test_a_passer_by_goes_where_a_person_says_and_its_own_way_again(castle: Playground) -> None:
    man = next(npc for npc in castle.simulation.world.npcs if npc.id == "man")
    man.become(Steered.name)
    assert isinstance(man.behaviour, Steered)
    man.behaviour.obey(man, command_of("a person runs forward"))
    ahead, before = np.array([np.cos(man.heading), np.sin(man.heading)]), man.position[:2].copy()
    play(castle, 20)
    went = man.position[:2] - before
    assert went @ ahead > 0.8 * np.linalg.norm(went) > 0.8
    assert castle.latest[1].actor("man")["behavior"] == "steered"  # type: ignore[index]
    assert castle.behave("man", "wander")
    assert man.behaviour.name == "wander"
    assert castle.behave("man", "no such thing") is None
    assert "no path" in str(castle.behave("beast", "patrol"))
    # The next of a beast without a path is never one that would let it stand.
    found = [wish("behave", "beast")(castle) for _ in castle.behaviours()]
    assert len(set(found)) == len(castle.behaviours()) - len(ALONG)
    assert not any(name in str(said) for name in ALONG for said in found)


@pytest.mark.parametrize("forecast", ["analytic", "physics"])
def test_whoever_is_placed_is_seen_foretold_drawn_and_recorded(forecast: str, tmp_path: Path) -> None:
    castle = playground(forecast=forecast)
    try:
        play(castle, 12)
        x, y = castle.simulation.agent.place
        heading = castle.simulation.agent.actor.heading
        spot = above(x + 3 * np.cos(heading), y + 3 * np.sin(heading))
        play(castle, 1, lambda ground: place(ground, "woman", spot, DOWN, 0.4))
        assert list(castle.notices) == ["woman has come"]
        play(castle, 60)
        snapshot = castle.latest[1]
        assert "woman" in snapshot.places
        assert snapshot.actor("woman") is not None
        scene = snapshot.minds["agent"].scene
        assert scene is not None
        assert any(entity.id == "woman" for entity in scene.entities)
        assert any(key == "woman" for key, _ in castle.dressed)
        episode = read_episode(castle.tape.save(tmp_path))
        check_states(episode)
        assert list(problems(tmp_path)) == []
        assert "woman" in motions(episode)
    finally:
        castle.close()


def test_a_wall_that_is_built_stops_bodies_and_is_perceived(castle: Playground) -> None:
    play(castle, 2)
    agent = castle.simulation.agent
    x, y = agent.place
    heading = agent.actor.heading
    way = np.array([np.cos(heading), np.sin(heading)])
    spot = np.array([x, y]) + 2.0 * way
    play(castle, 1, lambda ground: place(ground, "wall", above(*spot), DOWN, heading))
    assert castle.notices[-1] == "a wall stands there"
    assert pick(castle.simulation.world, np.array([*(spot - 0.8 * way), 1.0]), np.array([*way, 0.0])) == "placed wall 1"
    castle.simulation.judge_mode = "off"
    for _ in range(4):
        play(castle, 10, say("agent", "a person walks forward"))
    assert (agent.actor.position[:2] - [x, y]) @ way < 1.9
    scene = castle.latest[1].minds["agent"].scene
    assert scene is not None
    assert scene.walls.forward is not None
    assert scene.walls.forward < 1.5
    assert castle.simulation.world.penetrations().max() < 0.02


def test_what_has_no_room_is_refused_in_a_sentence(castle: Playground) -> None:
    x, y = castle.simulation.agent.place
    with pytest.raises(WorldError, match="in the way of the wall"):
        place(castle, "wall", above(x, y), DOWN, 0.0)
    with pytest.raises(WorldError, match="no ground for the beast"):
        place(castle, "beast", above(x, y), -DOWN, 0.0)


def test_a_crate_is_carried_and_flies(castle: Playground) -> None:
    play(castle, 2)
    prop = castle.simulation.world.props[0]
    start = np.array(prop.position)
    hand = castle.hand
    hand._name, hand._middle = prop.shape.name, start
    for step in range(8):
        hand._target = start + np.array([0.0, 0.0, 0.15 * step])
        play(castle, 1)
    assert prop.position[2] > start[2] + 0.3
    hand._path = [np.array(prop.position), np.add(prop.position, [0.3, 0.0, 0.0])]
    hand.let_go(throw=True)
    play(castle, 6)
    assert prop.position[0] > start[0] + 0.25
    assert hand.holds is None


def test_bodies_change_while_the_world_runs(castle: Playground, tmp_path: Path) -> None:
    play(castle, 3)
    for name in ("tank", "humanoid"):
        body = castle.cast.load(name)
        assert castle.wear("agent", body, name) == f"agent wears {name}"
        play(castle, 3)
        nodes = castle.latest[1].places["agent"]
        assert nodes.shape[0] == len(body.asset.parents)
        assert np.isfinite(nodes).all()
    assert castle.wear("man", castle.cast.load("robot"), "robot")
    play(castle, 3)
    assert castle.latest[1].wears["man"] == "robot"
    episode = read_episode(castle.tape.save(tmp_path))
    told = [(row["frame"], row.get("agent"), row["to"]) for row in episode.changes]
    assert told == [(4, None, "tank"), (7, None, "humanoid"), (10, "man", "robot")]
    assert [body.name for _, body in suits(episode, recorded_scenario(episode))["man"]] == ["humanoid", "robot"]


class Brain(Reflex):
    def __init__(self) -> None:
        super().__init__()
        self.gone = threading.Event()

    def close(self) -> None:
        self.gone.set()


def test_a_brain_that_was_woken_is_let_go_for_the_next_one(castle: Playground) -> None:
    first, second, nobodys = Brain(), Brain(), Brain()
    for name, brain in (("agent", first), ("agent", second), ("beast", nobodys)):
        castle.do(lambda there, name=name, brain=brain: there.think_with(name, brain, "another"))  # type: ignore[misc]
        play(castle, 1)
    assert first.gone.wait(5.0)
    assert nobodys.gone.wait(5.0)
    assert castle.people["agent"].brain is second
    assert "no mind" in castle.notices[-1]
    assert not second.gone.is_set()
    castle.restart("castle", castle.config)
    assert second.gone.is_set()


def test_of_the_brains_that_were_asked_for_the_last_one_thinks_and_few_are_woken(
    castle: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken, brains = threading.Event(), {name: Brain() for name in ("slow", "quick")}

    def load(name: str, **options: object) -> Brain:
        assert name == "quick" or woken.wait(20.0)
        return brains[name]

    monkeypatch.setattr("aether.brains.load", load)
    names = ("slow", *(f"never {i}" for i in range(20)), "quick")
    play(castle, 1, *(wish("think_with", "agent", name) for name in names))
    woken.set()
    soon(castle, lambda: castle.people["agent"].brain is brains["quick"])
    soon(castle, brains["slow"].gone.is_set)
    play(castle, 5)
    assert castle.people["agent"].brain is brains["quick"]
    assert not castle.notices or "failed" not in castle.notices[-1]


def soon(ground: Playground, until: Callable[[], bool]) -> None:
    end = time.monotonic() + 20.0
    while not until():
        assert time.monotonic() < end
        play(ground, 1)


def test_a_failing_wish_is_said_and_the_world_goes_on(castle: Playground) -> None:
    def refused(ground: Playground) -> str:
        raise WorldError("there is no room for it")

    def broken(ground: Playground) -> str:
        raise KeyError("nobody thought of this")

    play(castle, 2, refused, broken)
    assert castle.notices[0] == "there is no room for it"
    assert castle.notices[1].startswith("that failed inside: KeyError")
    assert castle.latest[1].frame == 2


def test_a_world_that_cannot_be_put_together_leaves_the_one_there_is(castle: Playground, tmp_path: Path) -> None:
    play(castle, 3)
    bad = tmp_path / "bad.yaml"
    text = data_path("worlds", "castle.yaml").read_text("utf-8").replace("    body: beast\n", "    body: nobody\n")
    bad.write_text(text, "utf-8")
    before = castle.generation
    play(castle, 2, lambda ground: ground.restart(str(bad), ground.config))
    assert "nobody" in castle.notices[-1]
    assert (castle.generation, castle.world, castle.latest[1].frame) == (before, "castle", 5)


def test_the_motion_is_exported_and_the_world_begins_anew(castle: Playground, tmp_path: Path) -> None:
    play(castle, 10)
    path = castle.tape.export(castle.simulation, tmp_path / "motion.glb")
    assert path.read_bytes()[:4] == b"glTF"
    generation = castle.generation
    play(castle, 2, lambda ground: ground.restart("arena", ground.config))
    assert castle.world == "arena"
    assert castle.generation == generation + 1
    assert castle.latest[1].frame == 2
