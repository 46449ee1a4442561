"""The forecast against what then happens."""

import json

import pytest

from prometheus.world.document import Document
from prometheus.world.forecast import WAYS, forecast
from prometheus.world.physics import World
from prometheus.world.scenario import load_scenario, parse_scenario

HEAD = "name: t\nlicence: CC0-1.0\nagent: {at: [0, 0], radius: 0.3}\n"


def situation(text: str):
    with World(parse_scenario(Document(HEAD + text, "test")), 0) as world:
        world.step()
        return forecast(world, world.agent)


def test_an_empty_world_is_safe_everywhere():
    result = situation("")
    assert set(result.ways) == set(WAYS)
    assert not any(risk.danger for risk in result.ways.values())
    assert result.alarm == "calm"
    assert result.npc is None
    assert json.dumps(result.to_json())


def test_a_wall_ahead_is_exact():
    risk = situation("solids: [{kind: wall, name: w, start: [2.3, -9], end: [2.3, 9], thickness: 0.4}]").ways["forward"]
    assert risk.danger
    assert (risk.kind, risk.name) == ("wall", "w")
    assert risk.distance_m == pytest.approx(1.8, abs=1e-3)
    assert risk.time_s == pytest.approx(1.8 / 1.4, abs=1e-3)
    far = situation("solids: [{kind: wall, name: w, start: [5, -9], end: [5, 9]}]").ways
    assert not far["forward"].danger
    assert far["forward"].clearance_m == pytest.approx(4.4, abs=1e-3)


def test_a_charge_endangers_who_stands_and_frees_the_side():
    beast = """entities: [{id: beast, kind: beast, at: [6, 0], heading: 3.14, radius: 0.45, on_notice: charge,
      speeds: {run: 5.5}, senses: {range: 12}, commit: 3}]"""
    with World(parse_scenario(Document(HEAD + beast, "test")), 0) as world:
        while getattr(world.npcs[0].behaviour, "phase", "") != "commitment":
            world.step()
        for _ in range(8):
            world.step()
        result = forecast(world, world.agent)
        stand = result.ways["stand"]
        assert stand.danger
        assert stand.kind == "beast"
        assert result.npc is not None
        assert result.npc.danger
        assert result.alarm == "threatened"
        assert not result.ways["left"].danger
        assert result.ways["forward"].time_s < stand.time_s
        start = world.time
        while not any(c.other == "beast" for c in world.agent.contacts):
            world.step()
        assert world.time - start == pytest.approx(stand.time_s, abs=0.1)


def test_it_changes_nothing():
    with World(load_scenario("castle"), 7) as world:
        for _ in range(70):
            world.step()
        before = json.dumps(world.state())
        first = forecast(world, world.agent)
        assert forecast(world, world.agent) == first
        assert json.dumps(world.state()) == before
