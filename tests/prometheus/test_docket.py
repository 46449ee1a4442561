"""What becomes of predictions: settled after two seconds, by what really happened."""

from __future__ import annotations

import json
import math

import pytest

from aether.decision import Decision, Outlook
from aether.thought import Thought
from prometheus.docket import FRAMES, Docket, Outcome
from prometheus.judge import judge
from prometheus.world.document import Document
from prometheus.world.forecast import forecast
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario

HEAD = "name: t\nlicence: CC0-1.0\nagent: {at: [0, 0], radius: 0.3}\n"
WALL = "solids: [{kind: wall, name: w, start: [2.3, -9], end: [2.3, 9], thickness: 0.4}]\n"
BEAST = """entities: [{id: beast, kind: beast, at: [6, 0], heading: 3.14, radius: 0.45, on_notice: charge,
  speeds: {run: 5.5}, senses: {range: 12}, commit: 3}]\n"""
SAFE, DANGER = Outlook(False), Outlook(True)


def run(text: str, predict: dict[str, Outlook], drive=(0.0, 0.0), frames: int = FRAMES, before: int = 1):
    """One decision, and what became of it."""
    with World(parse_scenario(Document(HEAD + text, "test")), 0) as world:
        for _ in range(before):
            world.step()
        docket, agent = Docket(), world.agent
        decision = Decision(predict, "a person walks forward")
        thought = Thought(decision, "", "test", 0.0, 0, 0, 0.0, 0.9, "brain")
        ahead = forecast(world, agent, 1.4)
        docket.open(world, agent, thought, judge(decision, ahead, "off"), ahead)
        found: list[Outcome] = []
        for _ in range(frames):
            assert not found
            agent.drive(drive, 0.0)
            world.step()
            found += docket.settle(world)
        rest = docket.rest(world)
    assert len(found) + len(rest) == 1
    return (*found, *rest)[0]


def test_a_wall_is_met_whichever_way_one_really_went():
    outcome = run(WALL, {"forward": DANGER, "left": SAFE, "right": DANGER})
    assert outcome.complete
    assert (outcome.decision, outcome.frame) == (2, 1 + FRAMES)
    assert outcome.calls == {"forward": "hit", "left": "correct_safe", "right": "false_alarm"}
    event = outcome.happened["forward"]
    assert (event.kind, event.real) == ("wall", False)
    assert event.time_s == pytest.approx(1.8 / 1.4, abs=0.01)
    assert outcome.leads == [event.time_s]
    assert json.dumps(outcome.to_json())


def test_who_runs_into_the_wall_was_really_touched():
    outcome = run(WALL, {"forward": SAFE}, drive=(3.0, 0.0))
    assert outcome.calls["forward"] == "miss"
    assert outcome.happened["forward"].real
    assert outcome.happened["forward"].time_s == pytest.approx(0.65, abs=0.1)


def test_a_charge_that_comes_later_was_a_danger():
    outcome = run(BEAST, {"npc": DANGER, "forward": SAFE, "left": SAFE}, before=15)
    assert outcome.calls["npc"] == "hit"
    assert outcome.happened["npc"].kind == "beast"
    assert outcome.happened["npc"].real, "it was reached where it stood"
    assert outcome.calls["forward"] == "miss"
    calm = run(BEAST.replace("on_notice: charge,", ""), {"npc": DANGER, "forward": SAFE})
    assert calm.calls == {"npc": "false_alarm", "forward": "correct_safe"}


def test_what_was_not_over_is_told_only_as_far_as_it_is_certain():
    outcome = run(WALL, {"forward": DANGER, "left": SAFE, "npc": SAFE}, frames=10)
    assert not outcome.complete
    assert outcome.calls == {"forward": "hit"}


def test_somebody_crossing_is_met_where_they_really_went():
    text = """entities: [{id: man, kind: man, at: [1.8, 2.6], heading: -1.57, behaviour: pass_by,
      path: [[1.8, -9]], speeds: {walk: 1.3}}]\n"""
    outcome = run(text, {"forward": DANGER, "backward": SAFE, "npc": SAFE}, before=20)
    assert outcome.calls["forward"] == "hit"
    assert outcome.happened["forward"].kind == "man"
    assert 0.5 < outcome.happened["forward"].time_s < 2.0
    assert outcome.calls["npc"] == "correct_safe"
    assert not any(math.isnan(event.time_s) for event in outcome.happened.values())
