"""Company: flee, follow, guard and talk react to what is sensed."""

import math

import numpy as np

from prometheus.world.document import Document
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario

HEAD = "name: t\nlicence: CC0-1.0\nagent: {at: [0, 0]}\n"


def world(text: str, seed: int = 0) -> World:
    return World(parse_scenario(Document(HEAD + text, "test")), seed)


def gap(a, b) -> float:
    return a.distance_to(b.position) - a.radius - b.radius


def test_flight_leads_away_round_a_wall_and_ends():
    text = """
solids: [{kind: wall, name: w, start: [8, -6], end: [8, 6]}]
entities: [{id: man, kind: man, at: [4, 0], behaviour: wander, on_notice: flee, interest: 60, calm: 1}]
"""
    with world(text) as w:
        man, seen = w.npcs[0], []
        for frame in range(400):
            w.agent.drive((1.4, 0.0) if frame < 60 else (0.0, 0.0), 0.0)
            w.step()
            if not seen or seen[-1] != man.behavior:
                seen.append(man.behavior)
            assert gap(man, w.agent) > 0.1
        assert "flee" in seen
        assert gap(man, w.agent) > 6


def test_people_run_from_a_beast_that_comes_close_but_not_from_one_far_off():
    text = "entities: [{id: woman, kind: woman, at: [6, %s], behaviour: stop, fears: [beast], heading: -1.57},"
    text += " {id: beast, kind: beast, at: [6, -3], behaviour: stop}]"
    with world(text % 0) as near, world(text % 6) as far:
        for _ in range(60):
            near.step()
            far.step()
        assert near.npcs[0].distance_to((6, -3)) > 7
        assert math.dist(far.npcs[0].position[:2], (6, 6)) < 0.1


def test_a_follower_keeps_up_and_stops_when_its_friend_stops():
    text = "entities: [{id: child, kind: child, at: [-2, 0], heading: 0, behaviour: follow}]"
    with world(text) as w:
        child = w.npcs[0]
        for _ in range(160):
            w.agent.drive((1.4, 0.2), 0.14)
            w.step()
        assert 0.5 < gap(child, w.agent) < 4
        for _ in range(80):
            w.agent.drive((0.0, 0.0), 0.14)
            w.step()
        assert child.speed < 0.05
        assert child.behavior == "stop"


def test_a_guard_steps_between_and_goes_back():
    text = "entities: [{id: guard, kind: guard, at: [6, 0], heading: 3.14, behaviour: guard, roam: 4, says: halt}]"
    with world(text) as w:
        guard = w.npcs[0]
        for _ in range(80):
            w.agent.drive((1.0, 0.6), 0.54)
            w.step()
        between = guard.position[:2] - np.array([6.0, 0.0])
        assert np.dot(between, w.agent.position[:2] - np.array([6.0, 0.0])) > 0.1
        assert guard.sound == "halt"
        for _ in range(160):
            w.agent.drive((-2.0, 0.0), 3.14)
            w.step()
        assert guard.distance_to((6, 0)) < 0.8


def test_two_who_talk_walk_up_to_each_other_and_are_heard():
    text = """entities:
  - {id: a, kind: man, at: [3, 4], behaviour: talk, whom: b}
  - {id: b, kind: woman, at: [7, -3], behaviour: talk, whom: a}
"""
    with world(text) as w:
        a, b = w.npcs
        heard = set()
        for _ in range(260):
            w.step()
            heard |= {a.sound, b.sound}
        assert 0.3 < gap(a, b) < 1.8
        assert abs(a.bearing_of(b.position)) < 0.2
        assert "talking" in heard


def test_people_who_meet_in_a_corridor_pass_one_another():
    text = """
solids:
  - {kind: wall, name: a, start: [-9, 4], end: [9, 4], thickness: 0.4}
  - {kind: wall, name: b, start: [-9, 7], end: [9, 7], thickness: 0.4}
entities:
  - {id: e, kind: man, at: [-6, 5.5], heading: 0, behaviour: pass_by, path: [[7, 5.5]]}
  - {id: w, kind: man, at: [6, 5.5], heading: 3.14, behaviour: pass_by, path: [[-7, 5.5]]}
"""
    with world(text) as w:
        e, other = w.npcs
        for _ in range(280):
            w.step()
            assert not any(c.kind == "wall" for npc in w.npcs for c in npc.contacts)
        assert e.position[0] > 5
        assert other.position[0] < -5


def test_a_crowd_in_a_yard_hardly_ever_touches():
    people = "\n".join(
        f"  - {{id: p{i}, kind: man, at: [{2.2 * (i % 4) - 3.3}, {2.2 * (i // 4) + 2}], behaviour: wander, roam: 4}}"
        for i in range(12)
    )
    with world(f"entities:\n{people}\n") as w:
        touching = walked = 0
        for _ in range(400):
            w.step()
            touching += sum(any(c.other.startswith("p") for c in npc.contacts) for npc in w.npcs)
            walked += sum(npc.speed > 0.3 for npc in w.npcs)
    assert walked > 0.5 * 400 * 12
    assert touching < 0.002 * walked


def test_a_walker_finds_its_way_round_a_wall_and_up_the_stairs():
    text = """
solids:
  - {kind: wall, name: a, start: [4, -8], end: [4, 3], thickness: 0.4}
  - {kind: box, name: top, at: [12, 0], size: [4, 4, 1.6], material: stone}
  - {kind: stairs, name: s, at: [8.4, 0], size: [3.2, 2, 1.6], steps: 8}
entities: [{id: man, kind: man, at: [0, -3], behaviour: pass_by, path: [[12, 0]]}]
"""
    with world(text) as w:
        man = w.npcs[0]
        for _ in range(420):
            w.step()
        assert man.distance_to((12, 0)) < 0.7
        assert abs(man.position[2] - 1.6) < 0.05


def test_a_kind_of_the_worlds_own():
    text = """
kinds:
  boar: {like: beast, body: beast, radius: 0.4, height: 0.9, mass: 90, speeds: {walk: 1, run: 4}, voice: grunting}
entities: [{id: x, kind: boar, at: [5, 0], heading: 3.14, on_notice: charge}]
"""
    with world(text) as w:
        boar = w.npcs[0]
        assert (boar.kind, boar.sort, boar.radius, boar.speeds.run) == ("beast", "boar", 0.4, 4)
        for _ in range(8):
            w.step()
        assert boar.sound == "grunting"


def test_steps_are_heard_from_behind_but_only_from_half_as_far_through_a_wall():
    text = "entities: [{id: m, kind: man, at: [%s, 0], heading: 0, behaviour: stop, on_notice: approach,"
    text += " senses: {range: 9, view: 1.0, hearing: 4}}]\n"
    wall = "solids: [{kind: wall, name: w, start: [0.8, -9], end: [0.8, 9], thickness: 0.2}]\n"
    for at, more, notices in ((3.0, "", True), (5.0, "", False), (3.0, wall, False), (1.8, wall, True)):
        with world(text % at + more) as w:
            w.step()
            assert (w.npcs[0].noticed is not None) is notices, (at, more)
