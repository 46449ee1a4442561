"""Perception: what is hidden stays hidden, what is near is told in the agent's own frame."""

import json
import math

import pytest

from aether.scene import Own
from prometheus.world.document import Document
from prometheus.world.perception import perceive, wall_distances
from prometheus.world.physics import World
from prometheus.world.scenario import load_scenario, parse_scenario
from prometheus.world.senses import sector

HEAD = "name: t\nlicence: CC0-1.0\n"
MAN = "entities: [{id: man, kind: man, at: [%s], behaviour: stop}]\n"


def scene_of(text: str, task: str = "explore", frames: int = 1):
    with World(parse_scenario(Document(HEAD + text, "test")), 0) as world:
        for _ in range(frames):
            world.step()
        return perceive(world, world.agent, Own(task=task), ("hit_wall_left",))


def test_walls_in_four_directions_of_the_body():
    wall = "solids: [{kind: wall, name: w, start: [5, -20], end: [5, 20], thickness: 1}]\n"
    text = wall + "agent: {at: [0, 0], heading: %f}"
    assert scene_of(text % 0.0).walls.forward == pytest.approx(4.5, abs=0.01)
    turned = scene_of(text % (math.pi / 2)).walls
    assert turned.right == pytest.approx(4.5, abs=0.01)
    assert turned.forward is turned.left is turned.backward is None


def test_a_low_crate_counts_and_a_lintel_does_not():
    low = "agent: {at: [0, 0]}\nsolids: [{kind: box, name: b, at: [3, 0], size: [1, 1, 0.5]}]"
    assert scene_of(low).walls.forward == pytest.approx(2.5, abs=0.01)
    lintel = "agent: {at: [0, 0]}\nsolids: [{kind: box, name: b, at: [3, 0], size: [1, 1, 0.5], lift: 2.2}]"
    assert scene_of(lintel).walls.forward is None


def test_an_entity_is_seen_with_distance_and_bearing():
    entity = scene_of("agent: {at: [0, 0], heading: 0.5}\n" + MAN % "3, 3").entities[0]
    assert (entity.type, entity.behavior, entity.id, entity.visible) == ("man", "stop", "man", True)
    assert entity.distance == pytest.approx(math.sqrt(18), abs=0.05)
    assert entity.bearing == pytest.approx(math.pi / 4 - 0.5, abs=0.01)


@pytest.mark.parametrize(
    ("where", "seen"), [("5, 0", False), ("5, 5", True), ("-5, 0", False), ("0.5, 6", True), ("30, 0", False)]
)
def test_walls_range_and_view_hide(where: str, seen: bool):
    wall = "solids: [{kind: wall, name: w, start: [3, -2], end: [3, 2], height: 3}]\n"
    assert bool(scene_of("agent: {at: [0, 0]}\n" + wall + MAN % where).entities) is seen


def test_one_looks_over_a_low_wall():
    wall = "solids: [{kind: wall, name: w, start: [3, -2], end: [3, 2], height: 0.9}]\n"
    assert scene_of("agent: {at: [0, 0]}\n" + wall + MAN % "5, 0").entities


def test_a_beast_behind_is_heard_but_not_placed():
    beast = """entities: [{id: beast, kind: beast, at: [-6, 0], heading: 0, on_notice: charge, senses: {range: 12}}]"""
    scene = scene_of("agent: {at: [0, 0]}\n" + beast, frames=5)
    assert scene.entities == ()
    assert scene.sounds[0].startswith("aggressive growling")
    assert scene.sounds[0].endswith("behind")
    assert not any(c.isdigit() for c in scene.sounds[0])


def test_what_was_seen_is_remembered_for_a_while():
    text = HEAD + "agent: {at: [0, 0]}\n" + MAN % "4, 1"
    with World(parse_scenario(Document(text, "test")), 0) as world:
        world.step()
        world.agent.drive((0, 0), math.pi)
        world.step()
        entity = perceive(world, world.agent, Own()).entities[0]
        assert not entity.visible
        assert entity.distance == pytest.approx(math.sqrt(17), abs=0.05)
        assert abs(entity.bearing) > 2.5
        for _ in range(90):
            world.step()
        assert perceive(world, world.agent, Own()).entities == ()


def test_a_place_that_is_seen_empty_is_not_believed_in():
    text = HEAD + "agent: {at: [0, 0]}\n" + MAN % "4, 1"
    with World(parse_scenario(Document(text, "test")), 0) as world:
        world.step()
        world.agent.drive((0, 0), math.pi)
        world.step()
        man = world.npcs[0]
        world.move(man, (-30, 9, 0))
        world.step()
        assert perceive(world, world.agent, Own()).entities
        world.agent.drive((0, 0), 0.0)
        world.step()
        assert perceive(world, world.agent, Own()).entities == ()


def test_a_known_beast_is_placed_by_its_sound_and_only_roughly():
    beast = """entities: [{id: beast, kind: beast, at: [6, 1], heading: 3.1, on_notice: charge, senses: {range: 12}}]"""
    with World(parse_scenario(Document(HEAD + "agent: {at: [0, 0]}\n" + beast, "test")), 0) as world:
        world.step()
        world.agent.drive((0, 0), 3.0)
        while world.npcs[0].behavior != "charge":
            world.step()
        entity = perceive(world, world.agent, Own()).entities[0]
        assert (entity.behavior, entity.visible) == ("charge", False)
        assert entity.bearing == pytest.approx(round(entity.bearing / (math.pi / 4)) * math.pi / 4, abs=2e-3)


def test_threat_comes_first_and_own_state_is_true():
    text = """agent: {at: [0, 0], goal: [5, 5]}
entities: [{id: man, kind: man, at: [2, 0], behaviour: stop}, {id: beast, kind: beast, at: [6, 0], behaviour: stop}]"""
    scene = scene_of(text, "go to the gate")
    assert [e.type for e in scene.entities] == ["beast", "man"]
    assert scene.own.task == "go to the gate, forward and to the left, bearing 0.79, 7 m"
    assert scene.own.body == "humanoid"
    assert scene.recent_decisions == ("hit_wall_left",)
    assert json.dumps(scene.to_json())
    assert scene.scenario_id == "t_00001"


def test_castle_gate_is_open_and_seen_through():
    with World(load_scenario("castle"), 7) as world:
        world.step()
        world.agent.heading = 0.0
        assert wall_distances(world, world.agent)["forward"] is None
        assert world.sees((8, 0, 1.6), (20, 0, 1.6))
        assert not world.sees((8, 2.5, 1.6), (20, 2.5, 1.6))


def test_sectors():
    assert [sector(b) for b in (0, 0.8, math.pi / 2, math.pi, -math.pi, -math.pi / 2)] == [
        "ahead", "ahead and to the left", "to the left", "behind", "behind", "to the right"
    ]  # fmt: skip
