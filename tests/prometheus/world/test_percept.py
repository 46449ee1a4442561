"""The percept: true ground classes, drops, steps, noise, blind spots, sounds through walls, signs."""

import math

import numpy as np
import pytest

from aether.scene import Own
from prometheus.world.document import Document
from prometheus.world.percept import feel
from prometheus.world.perception import perceive, wall_distances
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario

HEAD = "name: t\nlicence: CC0-1.0\n"
AGENT = "agent: {at: [0, 0], heading: 0}\n"


def world(text: str, agent: str = AGENT, seed: int = 0) -> World:
    return World(parse_scenario(Document(HEAD + agent + text, "test")), seed)


def scene(text: str, agent: str = AGENT, frames: int = 1):
    with world(text, agent) as w:
        for _ in range(frames):
            w.step()
        return perceive(w, w.agent, Own())


@pytest.mark.parametrize(
    ("solid", "words", "forward"),
    [
        ("{kind: pit, name: x, at: [4, 0], size: [4, 4]}", "flat, drop ahead", 2.1),
        ("{kind: water, name: x, at: [5, 0], size: [6, 9], depth: 0.5}", "flat, water ahead", None),
        ("{kind: ramp, name: x, at: [4, 0], size: [4, 3, 1]}", "flat, slope ahead", None),
        ("{kind: stairs, name: x, at: [4, 0], size: [4, 3, 1.6], steps: 8}", "flat, stairs ahead", None),
        ("{kind: box, name: x, at: [4, 0], size: [4, 3, 0.2]}", "flat, step up ahead", None),
        ("{kind: box, name: x, at: [4, 0], size: [4, 3, 0.6]}", "flat", 2.0),
        ("{kind: ramp, name: x, at: [4, 0], size: [4, 3, 1], heading: 3.14159}", "flat", 2.0),
        ("{kind: pit, name: x, at: [0, 3], size: [9, 2]}", "flat, drop left", None),
    ],
)
def test_what_lies_ahead(solid: str, words: str, forward: float | None):
    seen = scene(f"solids: [{solid}]")
    said, _, metres = seen.ground.removesuffix(" m").rpartition(" ") if "," in seen.ground else (seen.ground, "", 2)
    assert said == words
    assert float(metres) == pytest.approx(2.0, abs=0.15)  # the ground is felt out in strides of 25 cm
    assert seen.walls.forward == (None if forward is None else pytest.approx(forward, abs=0.15))


@pytest.mark.parametrize(
    ("solid", "word", "lift"),
    [
        ("{kind: ramp, name: x, at: [0, 0], size: [6, 3, 1]}", "slope", 0.5),
        ("{kind: stairs, name: x, at: [0, 0], size: [4, 3, 1.6], steps: 8}", "stairs", 0.8),
        ("{kind: water, name: x, at: [0, 0], size: [9, 9], depth: 0.5}", "water", -0.5),
        ("{kind: hills, name: x, at: [0, 0], size: [8, 8], heights: [[0, 2], [0, 2]]}", "slope", 1),
    ],
)
def test_what_is_underfoot(solid: str, word: str, lift: float):
    agent = AGENT.replace("heading: 0", f"heading: 0, lift: {lift}")
    assert scene(f"solids: [{solid}]", agent).ground.split(",")[0] == word


def test_an_edge_of_a_terrace_is_a_drop_on_all_sides():
    box = "solids: [{kind: box, name: x, at: [0, 0], size: [5, 7, 1.5]}]"
    with world(box, AGENT.replace("heading: 0", "heading: 0, lift: 1.5")) as w:
        w.step()
        free = wall_distances(w, w.agent)
    assert free["forward"] == free["backward"] == pytest.approx(2.6, abs=0.15)
    assert free["left"] == pytest.approx(3.6, abs=0.15)


def test_sixteen_ways_see_what_four_miss():
    post = "solids: [{kind: tower, name: x, at: [3, 3], radius: 0.5, height: 2}]"
    four = scene(post)
    assert four.walls.forward is four.walls.left is None
    assert "walls_16" not in four.to_json()
    more = scene(post, "agent: {at: [0, 0], senses: {range: 20, rays: 16}}\n").to_json()
    assert more["walls_16"][2] == pytest.approx(math.hypot(3, 3) - 0.5, abs=0.05)
    assert [w is None for w in more["walls_16"]].count(False) == 1
    assert more["ground_16"] == ["flat"] * 16


def test_noise_spoils_distances_the_same_way_each_time_and_blind_spots_hide():
    text = """
solids: [{kind: wall, name: w, start: [5, -20], end: [5, 20]}, {kind: wall, name: l, start: [-9, 4], end: [4, 4]}]
entities: [{id: man, kind: man, at: [3, 0.5], behaviour: stop}]
"""
    noisy = "agent: {at: [0, 0], senses: {range: 20, noise: 0.1}}\n"
    first, again, exact = scene(text, noisy), scene(text, noisy), scene(text)
    assert first == again
    assert first.walls.forward != exact.walls.forward
    assert first.walls.forward == pytest.approx(4.7, rel=0.5)
    assert first.entities[0].distance != exact.entities[0].distance
    blind = "agent: {at: [0, 0], senses: {range: 20, blind: [[-0.5, 0.5]]}}\n"
    hidden = scene(text, blind)
    assert hidden.entities == ()
    assert hidden.walls.forward is None
    assert hidden.walls.left == pytest.approx(exact.walls.left, abs=0.01)


def test_a_sound_passes_a_wall_and_weakens():
    man = "entities: [{id: a, kind: man, at: [5, 0], behaviour: talk, whom: b, heading: 0},"
    man += " {id: b, kind: man, at: [6, 0], behaviour: talk, whom: a}]\n"

    def heard(more: str) -> set[str]:
        with world(man + more) as w:
            found = set()
            for _ in range(100):
                w.step()
                found |= set(perceive(w, w.agent, Own()).sounds)
            return found

    assert "talking, near, ahead" in heard("")
    behind = "solids: [{kind: wall, name: w, start: [3, -9], end: [3, 9]}]"
    assert {"talking, far, ahead"} == heard(behind)


def test_a_hill_hides_and_a_ramp_hides_who_is_behind_it():
    man = "entities: [{id: a, kind: man, at: [8, 0], behaviour: stop}]\n"
    assert scene(man).entities
    hill = "solids: [{kind: hills, name: h, at: [4, 0], size: [4, 4], heights: [[0, 0, 0], [0, 4, 0], [0, 0, 0]]}]"
    assert scene(man + hill).entities == ()
    ramp = "solids: [{kind: ramp, name: h, at: [4, 0], size: [4, 4, 2.6]}]"
    assert scene(man + ramp).entities == ()


def test_a_sign_is_read_from_its_front_only():
    sign = "solids: [{kind: sign, name: s, at: [%s], text: east gate, heading: %f}]"
    assert scene(sign % ("4, 1", math.pi)).messages == ("sign ahead: east gate",)
    assert scene(sign % ("4, 1", 0.0)).messages == ()
    assert scene(sign % ("-4, 0", 0.0)).messages == ()
    assert scene(sign % ("11, 0", math.pi)).messages == ()
    wall = "solids: [{kind: box, name: b, at: [2, .5], size: [.2, 3, 3]}, "
    assert scene((sign % ("4, 1", math.pi)).replace("solids: [", wall)).messages == ()


def test_a_camera_is_asked_for_the_picture():
    with world("") as w:
        assert perceive(w, w.agent, Own(), camera=lambda world, actor: b"png of " + actor.id.encode()).image == (
            b"png of agent"
        )
        assert perceive(w, w.agent, Own()).image is None


def test_ways_go_left_from_forward():
    with world("solids: [{kind: wall, name: l, start: [-9, 4], end: [9, 4], thickness: 0.2}]") as w:
        ways = feel(w, w.agent, 16).ways
    assert np.allclose([w.bearing for w in ways[:5]], np.arange(5) * math.pi / 8)
    assert ways[4].free == pytest.approx(3.9, abs=0.01)
    assert math.isinf(ways[12].free)
