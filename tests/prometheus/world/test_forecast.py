"""The forecast against what then happens."""

import json
import math
import time

import numpy as np
import pytest

from prometheus.intent import DIRECTIONS
from prometheus.world.document import Document
from prometheus.world.forecast import HORIZON, WAYS, forecast
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


def outcome(seed: int) -> tuple[float, float]:
    """Random place, time and way in the castle: s until a touch on one way, foretold and happened."""
    rng = np.random.default_rng(seed)
    scenario = load_scenario("castle")
    place = tuple(rng.uniform([-11, -8], [11, 8]))
    agent = scenario.agent.model_copy(update={"at": place, "heading": float(rng.uniform(-3, 3))})
    with World(scenario.model_copy(update={"agent": agent}), seed) as world:
        for _ in range(int(rng.integers(5, 90))):
            world.step()
        result = forecast(world, world.agent)
        name = WAYS[int(rng.integers(len(WAYS)))]
        risk = result.ways[name]
        turn = world.agent.heading + DIRECTIONS.get(name, 0.0)
        pace = result.pace if name != "stand" else 0.0
        world.agent.drive((pace * math.cos(turn), pace * math.sin(turn)), world.agent.heading)
        happened = math.inf
        for i in range(round((HORIZON + 0.4) * 20)):
            world.step()
            if any(c.kind != "object" for c in world.agent.contacts):
                happened = (i + 1) / 20
                break
        foretold = math.inf if risk.time_s is None else risk.time_s
    return foretold, happened


def test_forecast_agrees_with_what_happens():
    pairs = [outcome(seed) for seed in range(70)]
    # A touch within 0.15 s of the horizon is neither here nor there.
    clear = [(a, b) for a, b in pairs if not (abs(a - HORIZON) < 0.15 or abs(b - HORIZON) < 0.15)]
    agree = [(a <= HORIZON) == (b <= HORIZON) for a, b in clear]
    assert np.mean(agree) >= 0.95
    both = [abs(a - b) for a, b in clear if a <= HORIZON and b <= HORIZON]
    assert len(both) > 10
    assert np.median(both) < 0.15


def test_it_is_quick_and_changes_nothing():
    with World(load_scenario("castle"), 7) as world:
        for _ in range(70):
            world.step()
        before = json.dumps(world.state())
        first = forecast(world, world.agent)
        best = math.inf
        for _ in range(20):
            start = time.perf_counter()
            again = forecast(world, world.agent)
            best = min(best, time.perf_counter() - start)
        assert again == first
        assert json.dumps(world.state()) == before
        assert best < 0.01
