"""The physics forecast: against the analytic one, and both against what then happens."""

import json
import math

import numpy as np
import pytest

from benchmarks.forecast import situation
from prometheus.world.document import Document
from prometheus.world.forecast import HORIZON, WAYS, Analytic, forecast, forecaster
from prometheus.world.physics import World
from prometheus.world.rollout import Rollout
from prometheus.world.scenario import load_scenario, parse_scenario

HEAD = "name: t\nlicence: CC0-1.0\nagent: {at: [0, 0], radius: 0.3}\n"


def both(text: str, frames: int = 1, pace: float = 1.4):
    with World(parse_scenario(Document(HEAD + text, "test")), 0) as world:
        for _ in range(frames):
            world.step()
        rollout = Rollout(world)
        try:
            return forecast(world, world.agent, pace), rollout(world, world.agent, pace)
        finally:
            rollout.close()


def test_they_are_chosen_by_name():
    with World(parse_scenario(Document(HEAD, "test")), 0) as world:
        assert isinstance(forecaster("analytic", world), Analytic)
        physics = forecaster("physics", world)
        assert isinstance(physics, Rollout)
        assert not any(risk.danger for risk in physics(world, world.agent).ways.values())
        physics.close()
        physics.close()


@pytest.mark.parametrize("world", ["castle", "arena"])
@pytest.mark.parametrize("pace", [1.4, 4.5])
def test_they_agree_and_change_nothing(world, pace):
    with World(load_scenario(world), 5) as live:
        rollout = Rollout(live)
        told = compared = 0
        for _ in range(4):
            for _ in range(15):
                live.agent.drive((1.5, 0.6), 0.0)
                live.step()
            before = json.dumps(live.state())
            exact, rolled = forecast(live, live.agent, pace), rollout(live, live.agent, pace)
            assert json.dumps(live.state()) == before
            assert rollout(live, live.agent, pace) == rolled, "a forecast leaves nothing behind"
            for way in WAYS:
                a, b = exact.ways[way], rolled.ways[way]
                if a.time_s is not None and abs(a.time_s - HORIZON) < 0.1:
                    continue
                compared += 1
                told += a.danger
                assert a.danger == b.danger, (way, a, b)
                if a.danger:
                    assert (a.kind, a.name) == (b.kind, b.name)
                    assert b.time_s == pytest.approx(a.time_s, abs=0.07)
            assert exact.npcs.keys() == rolled.npcs.keys()
        rollout.close()
    assert compared > 25
    assert pace < 4 or told > 3


def test_a_heavy_crate_stops_and_a_light_one_does_not():
    text = "solids: [{kind: box, name: crate, at: [1.5, 0], size: [0.8, 0.8, 0.8], mass: MASS}]"
    for made in both(text.replace("MASS", "60")):
        risk = made.ways["forward"]
        assert (risk.danger, risk.kind, risk.name) == (True, "object", "crate")
        assert risk.time_s == pytest.approx((1.5 - 0.4 - 0.3) / 1.4, abs=0.05)
        assert not made.ways["left"].danger
    for made in both(text.replace("MASS", "3")):
        assert not made.ways["forward"].danger


def test_an_edge_and_deep_water_are_seen_before_one_is_there():
    pit = "solids: [{kind: pit, name: hole, at: [3, 0], size: [3, 8], depth: 2.5}]"
    for made in both(pit):
        risk = made.ways["forward"]
        assert (risk.danger, risk.kind) == (True, "drop")
        assert risk.drop_m == pytest.approx(2.5, abs=0.05)
        assert risk.time_s == pytest.approx(1.5 / 1.4, abs=0.2)
        assert made.fixed["forward"].kind == "drop"
        assert not made.ways["backward"].danger
        assert made.to_json()["ways"]["forward"]["drop_m"] == 2.5
    lake = "solids: [{kind: water, name: lake, at: [4, 0], size: [6, 9], depth: 2.0, bank: 1.0}]"
    for made in both(lake, pace=2.5):
        assert made.ways["forward"].kind == "water"
    ford = lake.replace("depth: 2.0", "depth: 0.4")
    for made in both(ford, pace=2.5):
        assert not made.ways["forward"].danger


def test_stairs_are_climbed_and_their_side_is_a_wall():
    stairs = "solids: [{kind: stairs, name: s, at: [2.5, 0], size: [3, 3, 2], steps: 10}]"
    for made in both(stairs, pace=1.4):
        assert not made.ways["forward"].danger
    beside = "solids: [{kind: stairs, name: s, at: [0, 2.5], size: [6, 3, 2], steps: 10}]"
    for made in both(beside, pace=1.4):
        assert made.ways["left"].kind == "wall"
        assert made.ways["left"].time_s == pytest.approx(0.7 / 1.4, abs=0.15)


@pytest.mark.slow
def test_contact_calls_come_true():
    """A few of the thousand situations of `benchmarks/forecast.py`."""
    check([1000 + 7 * i for i in range(9)], least=0.7)


@pytest.mark.long
@pytest.mark.slow
def test_contact_calls_come_true_in_many_situations():
    check(list(range(5000, 5110)), least=0.93)


def check(seeds: list[int], least: float) -> None:
    found = [situation(seed) for seed in seeds]
    for name in ("analytic", "physics"):
        calls = [right for each in found if (right := each.right(name)) is not None]
        assert len(calls) > len(seeds) / 2
        assert np.mean(calls) >= least, [each for each in found if each.right(name) is False]
    touched = [s for s in found if s.happened <= HORIZON and s.analytic <= HORIZON]
    assert touched
    assert np.median([abs(s.analytic - s.happened) for s in touched]) < 0.2
    assert not any(math.isnan(s.physics) for s in found)
