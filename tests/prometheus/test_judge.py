"""The judge: agreement key by key, unsafe commands replaced, sharp changes urgent."""

import json
import math

import pytest

from aether.decision import Decision, Outlook
from prometheus.errors import ConfigError
from prometheus.judge import Command, agreement, command_of, judge, sentence, way_name
from prometheus.world.forecast import WAYS, Forecast, Risk

FREE = Risk(False)
SAFE = {key: Outlook(False) for key in ("forward", "left", "right", "backward")}


def forecast_of(pace: float = 1.4, npcs: dict | None = None, **risks: Risk) -> Forecast:
    ways = {name: risks.get(name.replace("-", "_"), FREE) for name in WAYS}
    return Forecast(ways, risks.get("course", FREE), npcs or {}, pace, "calm", 0.0, 0)


def wall(distance: float, pace: float = 1.4) -> Risk:
    return Risk(distance / pace <= 2.0, "wall", distance / pace, distance, distance, "w")


def test_agreement_of_each_key():
    beast = {"beast": Risk(True, "beast", 0.8, 2.0, 0.0, "beast")}
    forecast = forecast_of(npcs=beast, forward=wall(1.0), left=wall(1.0), course=FREE)
    danger, safe = Outlook(True, "wall"), Outlook(False)
    predict = {"forward": danger, "left": safe, "right": danger, "backward": safe}
    assert agreement(predict, forecast) == {
        "forward": "hit", "left": "miss", "right": "false_alarm", "backward": "correct_safe", "npc": "miss",
    }  # fmt: skip
    assert agreement({"npc": Outlook(True, "beast")}, forecast) == {"npc": "hit", "forward": "miss", "left": "miss"}
    assert agreement({"npc": Outlook(True)}, forecast_of()) == {"npc": "false_alarm"}


def test_a_safe_command_passes_unchanged():
    verdict = judge(Decision(SAFE, "a person walks forward"), forecast_of())
    assert verdict.command.text == "a person walks forward"
    assert not verdict.replaced
    assert verdict.reason is None
    assert verdict.command.direction == 0.0
    assert json.dumps(verdict.to_json())


def test_an_unsafe_command_is_replaced_by_the_nearest_safe_one():
    forecast = forecast_of(forward=wall(1.0), forward_left=wall(0.5))
    verdict = judge(Decision(SAFE, "a person walks forward, arms loose"), forecast)
    assert verdict.replaced
    assert way_name(verdict.command.direction) == "forward-right"
    assert verdict.command.text == "a person walks forward and to the right, arms loose"
    assert verdict.reason == "forward would meet a wall in 0.8 s; forward-right is free"
    assert command_of(verdict.command.text).direction == pytest.approx(-math.pi / 4)


@pytest.mark.parametrize(("kind", "words"), [("object", "an object"), ("drop", "a drop"), ("water", "water")])
def test_what_stands_in_the_way_or_is_missing_there_stops_too(kind: str, words: str):
    near = Risk(True, kind, 0.5, 0.7, 0.7, "it", drop_m=3.0 if kind == "drop" else 0.0)
    verdict = judge(Decision(SAFE, "a person walks forward"), forecast_of(forward=near))
    assert verdict.replaced
    assert verdict.reason == f"forward would meet {words} in 0.5 s; forward-left is free"
    far = Risk(True, kind, 1.9, 2.7, 2.7, "it")
    assert not judge(Decision(SAFE, "a person walks forward"), forecast_of(forward=far)).replaced


def test_an_edge_leaves_more_time_than_a_wall():
    risk = Risk(True, "drop", 1.0, 1.4, 1.4)
    assert judge(Decision(SAFE, "a person walks forward"), forecast_of(forward=risk)).replaced
    assert not judge(Decision(SAFE, "a person walks forward"), forecast_of(forward=wall(1.4))).replaced


def test_a_runner_is_turned_from_a_wall_earlier_than_a_walker():
    for way, pace, distance, replaced in (
        ("walks", 1.4, 0.85 * 1.4, False), ("runs fast", 4.5, 1.1 * 4.5, True), ("runs fast", 4.5, 1.4 * 4.5, False)
    ):  # fmt: skip
        decision = Decision(SAFE, f"a person {way} forward")
        asked = command_of(decision.motion).pace
        forecast = forecast_of(pace, forward=wall(distance * asked / pace, asked))
        assert judge(decision, forecast).replaced is replaced, (way, distance)


def test_modes():
    forecast = forecast_of(forward=wall(1.0))
    decision = Decision(SAFE, "a person walks forward")
    advised = judge(decision, forecast, "advise")
    assert not advised.replaced
    assert advised.command.direction == 0.0
    assert "forward would meet a wall" in advised.reason
    assert judge(decision, forecast, "off").reason is None
    with pytest.raises(ConfigError, match="off, advise, enforce"):
        judge(decision, forecast, "strict")


def test_a_slow_step_may_go_where_a_sprint_may_not():
    forecast = forecast_of(pace=4.5, forward=wall(3.0, 4.5))
    assert not judge(Decision(SAFE, "a person walks forward"), forecast).replaced
    assert judge(Decision(SAFE, "a person sprints forward"), forecast).replaced


def test_standing_before_a_charge_is_replaced_by_flight():
    beast = Risk(True, "beast", 0.9, 0.0, 12.0, "beast")
    forecast = forecast_of(4.5, {"beast": beast}, stand=beast, forward=beast, left=Risk(False, clearance_m=3.0))
    verdict = judge(Decision(SAFE, "a person stands still"), forecast)
    assert verdict.replaced
    assert verdict.command.pace == 4.5
    assert way_name(verdict.command.direction) not in ("stand", "forward")
    assert verdict.command.text.startswith("a person sprints")


def test_no_way_out_takes_the_longest():
    risks = {name.replace("-", "_"): Risk(True, "beast", 0.5, 1.0, 1.0, "beast") for name in WAYS}
    risks["backward"] = Risk(True, "beast", 1.5, 3.0, 3.0, "beast")
    verdict = judge(Decision(SAFE, "a person walks forward"), forecast_of(4.5, **risks))
    assert way_name(verdict.command.direction) == "backward"
    assert "no way is free" in verdict.reason


def test_urgency():
    calm = command_of("a person walks forward")
    panic = Decision(SAFE, "a person sprints backward in panic")
    assert judge(panic, forecast_of(), previous=calm).command.urgent
    assert not judge(Decision(SAFE, "a person walks forward"), forecast_of(), previous=calm).command.urgent
    assert not judge(panic, forecast_of()).command.urgent
    close = forecast_of(course=Risk(True, "wall", 0.4, 0.5, 0.5, "w"))
    assert judge(Decision(SAFE, "a person walks backward"), close, previous=calm).command.urgent


@pytest.mark.parametrize(
    ("text", "way", "pace"),
    [
        ("a person stands still", "stand", 0.0),
        ("", "stand", 0.0),
        ("a person sprinting in blind panic", "forward", 4.5),
        ("a person turns left and walks forward", "left", 1.3),
        ("a person launching sideways to the right, legs driving hard, arms thrown wide", "right", 4.5),
        ("a person steps back slowly", "backward", 0.6),
    ],
)
def test_commands_from_sentences(text: str, way: str, pace: float):
    command = command_of(text)
    assert way_name(command.direction) == way
    assert command.pace == pytest.approx(pace)
    assert 0 <= command.intensity <= 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("pace", [0.7, 1.4, 2.5, 4.5])
def test_sentences_are_read_back_as_they_were_meant(way: str, pace: float):
    command = command_of(sentence(way, pace))
    assert way_name(command.direction) == way
    assert isinstance(command, Command)
    assert (command.pace == 0) == (way == "stand")
