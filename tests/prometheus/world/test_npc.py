"""Behaviours: notice, charge, miss, lose interest; pass by; keep off walls."""

import math

import numpy as np
import pytest

from prometheus.world.behaviour import BEHAVIOURS
from prometheus.world.document import Document
from prometheus.world.physics import World
from prometheus.world.scenario import load_scenario, parse_scenario

BEAST = """
name: t
licence: CC0-1.0
agent: {at: [0, 0]}
entities:
  - {id: beast, kind: beast, body: beast, at: [8, 0], heading: 3.14, radius: 0.45, height: 1.15, mass: 160,
     on_notice: charge, speeds: {walk: 0.9, run: 5.5}, senses: {range: 12}, commit: 2.2, interest: 4}
"""


def world(text: str, seed: int = 0) -> World:
    return World(parse_scenario(Document(text, "test")), seed)


def run(text: str, seconds: float, dodge_at: float | None = None) -> tuple[list[str], float, bool]:
    """Behaviours seen, least gap of the hulls, and whether the beast touched an agent that may step aside."""
    with world(text) as w:
        beast, agent = w.npcs[0], w.agent
        seen, gap, hit = [], math.inf, False
        for _ in range(round(seconds * 20)):
            apart = agent.distance_to(beast.position) - agent.radius - beast.radius
            agent.drive((0.0, 4.0) if dodge_at is not None and apart < dodge_at and beast.speed > 3 else (0, 0), 0.0)
            w.step()
            if not seen or seen[-1] != beast.behavior:
                seen.append(beast.behavior)
            gap = min(gap, apart)
            hit |= any(c.other == "beast" for c in agent.contacts)
        return seen, gap, hit


def test_a_charge_hits_who_stands_and_misses_who_dodges():
    seen, _, hit = run(BEAST, 4.0)
    assert seen[:2] == ["notice", "charge"]
    assert hit
    _, gap, hit = run(BEAST, 3.2, dodge_at=3.0)
    assert not hit
    assert 0.0 < gap < 1.5


def test_it_loses_interest_and_wanders_again():
    seen, _, _ = run(BEAST, 12.0, dodge_at=3.0)
    assert seen[-1] in ("wander", "stop")
    assert "wander" in seen
    assert seen.count("notice") == 1


def test_it_does_not_notice_through_a_wall_or_behind_itself():
    wall = "solids: [{kind: wall, name: w, start: [4, -6], end: [4, 6]}]\n"
    assert run(wall + BEAST, 1.2)[0] == ["wander"]
    assert run(BEAST.replace("heading: 3.14", "heading: 0.0"), 1.2)[0] == ["wander"]


def test_a_hunt_ends_without_line_of_sight():
    text = BEAST + "solids: [{kind: box, name: hut, at: [0, 4], size: [4, 1, 3]}]\n"
    with world(text) as w:
        beast = w.npcs[0]
        for _ in range(25):
            w.step()
        assert beast.behavior == "charge"
        # The agent is gone from sight: only what is remembered keeps the hunt up, for 1.5 s.
        beast.senses = beast.senses.model_copy(update={"range": 0.0, "hearing": 0.0})
        for _ in range(130):
            w.step()
        assert beast.noticed is None


def test_castle_beast_notices_at_about_three_seconds():
    times = []
    for seed in range(8):
        with World(load_scenario("castle"), seed) as w:
            while w.npcs[0].noticed is None and w.time < 8:
                w.agent.drive((1.4, 0.0), 0.0)
                w.step()
            times.append(w.time)
    assert 2.0 < np.median(times) < 4.0
    assert 2.0 < times[7] < 3.6
    assert len(set(times)) > 2


def test_castle_man_walks_by_and_keeps_off_walls():
    with World(load_scenario("castle"), 7) as w:
        man = w.npcs[1]
        start = man.position.copy()
        for _ in range(200):
            w.step()
            assert not any(c.kind == "wall" for c in man.contacts)
        assert man.behavior == "pass_by"
        assert math.dist(start, man.position) > 8
        assert man.distance_to((0, 0)) < 12


@pytest.mark.parametrize("name", sorted(BEHAVIOURS))
def test_every_behaviour_runs_by_itself(name: str):
    if name == "notice":
        pytest.skip("a passing state; no world starts in it")
    text = BEAST.replace("on_notice: charge", f"behaviour: {name}, path: [[5, 2], [5, -2]]")
    with world(text) as w:
        for _ in range(100):
            w.step()
            assert np.isfinite(w.npcs[0].position).all()
            assert w.npcs[0].behavior in BEHAVIOURS
            assert 0 <= w.npcs[0].phase < 1
        behaviour = w.npcs[0].behaviour
        # Whether it decides at 10 Hz or at 5, its own clock runs true.
        assert behaviour.name != name or behaviour.age == pytest.approx(5.0, abs=2 * behaviour.tick)
