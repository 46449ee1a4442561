"""The grounded scores, on takes that nobody had to live through."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from aether.scene import Entity, Scene
from prometheus.bench.case import Ask, Case
from prometheus.bench.categories import (
    differentiation,
    entities,
    environment,
    escalation,
    expression,
    memory,
    prediction,
    recovery,
)
from prometheus.bench.embodiment import Swap, Worn, arousal, ordered, path_error
from prometheus.bench.embodiment import score as score_bodies
from prometheus.bench.layout import SIDES, Being, Layout
from prometheus.bench.live import FPS, Decided, Take
from prometheus.bench.reading import read
from prometheus.bench.speed import quickness
from prometheus.bench.speed import score as score_speed
from prometheus.bench.truth import Fate

SAFE = Fate(False, None, None, None, 8.0)


def take(
    place, *, heading=0.0, others=None, decisions=None, touched=False, caught=False, joints=None, stir=None
) -> Take:
    place = np.asarray(place, float)
    count = len(place)
    return Take(
        place,
        np.full(count, float(heading)),
        np.zeros((count, 22, 3)) if joints is None else joints,
        np.full(count, touched),
        np.full(count, caught),
        {} if others is None else {"npc": np.asarray(others, float)},
        (decided(0, CALM), decided(1, AFRAID)) if decisions is None else tuple(decisions),
        (),
        stir=np.zeros(count) if stir is None else stir,
    )


def line(speed: float, seconds: float, toward: float = 0.0) -> np.ndarray:
    """A walk at `speed` m/s in a direction of the world, rad."""
    gone = speed * np.arange(round(seconds * FPS)) / FPS
    return np.stack([gone * math.cos(toward), gone * math.sin(toward)], 1)


def case(category: str, layouts, *, facts=None, fates=None) -> Case:
    scene = Scene.from_json({"scenario_id": "x", "walls": {}})
    asks = [Ask(f"x.{i}", float(i), layout, scene, fates or {}, facts or {}) for i, layout in enumerate(layouts)]
    return Case("x", category, "x", 1, tuple(asks))


def decided(frame: int, text: str, *, dangers=(), times=None, entity=None) -> Decided:
    forecast = {
        side: SimpleNamespace(
            danger=side in dangers,
            time_s=(times or {}).get(side),
            kind="wall",
            distance_m=1.0 if side in dangers else None,
        )
        for side in SIDES
    }
    scene = replace(Scene.from_json({"scenario_id": "x", "walls": {}}), entities=() if entity is None else (entity,))
    return Decided(frame, read(text), scene, SimpleNamespace(forecast=forecast))


def says(motion: str, **ways: str) -> str:
    told = {side: "safe" for side in SIDES} | ways
    return "PREDICT: " + ", ".join(f"{way}={what}" for way, what in told.items()) + f"\nMOTION: {motion}"


def points(marks) -> list[float]:
    return [round(mark.points, 3) for mark in marks.marks]


CALM = says("a person walks forward calmly, arms loose")
AFRAID = says("a person runs forward, arms pumping hard, afraid")


def test_environment_counts_contact_and_calls():
    one = case("C01", [Layout()])
    clear = take(line(2.0, 2.0))
    assert points(environment.score_takes(one, [clear])) == [50, 50]
    bumped = take(line(1.0, 2.0), touched=True, decisions=[decided(0, CALM, dangers=("left", "right"))])
    assert points(environment.score_takes(one, [bumped])) == [0, 25]
    assert points(environment.score_takes(one, [take(line(2.0, 2.0), decisions=())])) == [0, 0]
    assert points(environment.score_takes(one, [take(np.zeros((40, 2)))])) == [0, 50]


def test_entities_are_held_against_where_they_are():
    beast = Being("beast", "charge", 3.0, 0.0)
    one = case("C02", [Layout({}, (beast,))], facts={"npc": {"kind": "beast"}})
    seen = Entity(type="beast", behavior="charge", distance=3.0, bearing=0.0, id="npc")
    right = "PREDICT: npc=danger(beast,3.0m,charging,front)\nMOTION: a person runs backward, afraid"
    wrong = "PREDICT: npc=danger(woman,9.0m,stopped,back)\nMOTION: a person runs backward, afraid"
    still = np.zeros((20, 2))
    there = still + np.array([3.0, 0.0])
    for text, expected in ((right, [30, 25, 25, 20]), (wrong, [0, 0, 0, 0]), ("", [0, 0, 0, 0])):
        got = entities.score_takes(one, [take(still, others=there, decisions=[decided(0, text, entity=seen)])])
        assert points(got) == expected
    assert entities.score_takes(one, [take(still, others=there, decisions=())]).score == 0
    # Within a sixth of a sector of its border the next sector's name is right as well.
    place = 3.0 * np.array([math.cos(0.35), math.sin(0.35)])
    beside = right.replace("front", "front-left")
    near = take(still, others=still + place, decisions=[decided(0, beside, entity=seen)])
    assert points(entities.score_takes(one, [near]))[3] == 20


def test_nobody_is_to_be_invented():
    one = case("C02", [Layout()], facts={"npc": None})
    invented = "PREDICT: npc=danger(beast,3.0m,charging,front)\nMOTION: a person runs backward, afraid"
    found = take(np.zeros((9, 2)), decisions=[decided(0, CALM), decided(5, invented)])
    assert entities.score_takes(one, [found]).score == 50


def test_prediction_wants_the_time_and_no_contact():
    one = case("C03", [Layout()], fates={"left": SAFE})
    told = says("a person walks to the left", forward="danger(wall,1.0m)")
    good = take(line(1.0, 3.0), decisions=[decided(0, told, dangers=("forward",), times={"forward": 0.7})])
    assert points(prediction.score_takes(one, [good])) == [pytest.approx(50, abs=2), 50]
    blind = take(
        line(1.0, 3.0), touched=True, decisions=[decided(0, CALM, dangers=("forward",), times={"forward": 0.0})]
    )
    assert points(prediction.score_takes(one, [blind])) == [37.5, 0]
    alarm = take(line(1.0, 3.0), decisions=[decided(0, told)])
    assert points(prediction.score_takes(one, [alarm])) == [37.5, 50]
    silent = take(line(1.0, 3.0), decisions=[decided(0, "")])
    assert points(prediction.score_takes(one, [silent]))[0] == 0
    assert points(prediction.score_takes(one, [take(line(1.0, 3.0), decisions=())]))[0] == 0
    trapped = replace(one, asks=(replace(one.asks[0], fates={"left": Fate(True, "wall", 1.0, 1.0, 8.0)}),))
    assert points(prediction.score_takes(trapped, [blind]))[1] == 50


def meetings(speeds, headings) -> tuple[Case, list[Take]]:
    """Meetings with a beast ahead that stands, comes near and charges; the body leaves backward."""
    deeds = ("stop", "approach", "charge")
    people = [Being("man", "stop", 4.0, 0.0)] + [Being("beast", deed, 4.0, 0.0) for deed in deeds]
    takes = [
        take(line(speed, 3.0, math.pi), heading=heading, others=np.full((60, 2), [4.0, 0.0]))
        for speed, heading in zip(speeds, headings, strict=True)
    ]
    return case("C04", [Layout({}, (being,)) for being in people]), takes


def test_differentiation_wants_vigour_in_the_order_of_the_threats():
    one, takes = meetings((0.5, 2.5, 4.5, 5.0), (0.0, math.pi / 2, math.pi, math.pi))
    assert points(differentiation.score_takes(one, takes)) == [40, 30, 30]
    one, takes = meetings((5.0, 4.5, 2.5, 0.5), (math.pi, math.pi, 1.6, 0.0))
    assert points(differentiation.score_takes(one, takes)) == [0, 0, 0]
    one, takes = meetings((2.0,) * 4, (0.0,) * 4)
    assert points(differentiation.score_takes(one, takes)) == [0, 0, 0]


def test_escalation_is_a_rank_correlation():
    layouts = [Layout({}, (Being("beast", deed, 3.0, 0.0),)) for deed in ("wander", "approach", "charge")]
    one = case("C05", [Layout(), *layouts])
    steps = np.repeat((0.2, 1.4, 3.0, 4.5), 60) / FPS
    rising = take(np.stack([np.cumsum(steps), np.zeros(240)], 1))
    assert escalation.score_takes(one, [rising]).score == 100
    assert escalation.score_takes(one, [take(np.zeros((240, 2)))]).score == 0
    unsaid = replace(rising, decisions=(decided(0, says("explore calm flat charge")),))
    assert escalation.score_takes(one, [unsaid]).score == 0
    assert escalation.score_takes(one, [replace(rising, decisions=(decided(0, CALM),))]).score == 0
    assert escalation.spearman([0, 1, 2], [3.0, 2.0, 1.0]) == pytest.approx(-1)
    assert escalation.spearman([0, 1, 1, 2], [0.1, 0.2, 0.2, 0.3]) == pytest.approx(1)


def test_memory_wants_the_open_way_at_the_second_attempt():
    one = case("C06", [Layout()], facts={"free": ["left"], "failed": ["right"]})
    left, right = line(1.5, 3.2, math.pi / 2), line(0.5, 14.0, -math.pi / 2)
    assert points(memory.score_takes(one, [take(left), take(left)])) == [60, 40]
    assert points(memory.score_takes(one, [take(left), take(right)])) == [0, 0]
    slower = line(0.9, 5.2, math.pi / 2)
    assert points(memory.score_takes(one, [take(left), take(slower)])) == [60, 20]
    assert points(memory.score_takes(one, [take(left), take(np.zeros((280, 2)))])) == [0, 0]


def calming(half: float, goal: float) -> Take:
    """Four seconds and a half of sprint, whose pace then halves every `half` s; heads for `goal`, rad, at the end."""
    after = 4.0 * 0.5 ** (np.arange(230) / FPS / half) + 0.6
    speed = np.concatenate([np.full(50, 4.6), after])
    turn = np.where(np.arange(280) < 200, math.pi, goal)
    step = speed[:, None] / FPS * np.stack([np.cos(turn), np.sin(turn)], 1)
    return take(np.cumsum(step, 0))


def test_recovery_wants_a_half_life_and_the_task():
    layout = Layout({}, (Being("beast", "charge", 3.0, 0.0),), 0.0, "walk", (0.0, 60.0))
    one = case("C07", [layout, replace(layout, beings=())])
    assert points(recovery.score_takes(one, [calming(2.0, 0.0)])) == [60, 40]
    assert points(recovery.score_takes(one, [calming(2.0, math.pi)])) == [60, 0]
    assert points(recovery.score_takes(one, [calming(0.2, 0.0)]))[0] < 60
    assert points(recovery.score_takes(one, [take(line(2.0, 14.0))]))[0] == 0
    assert recovery.half_life(np.zeros(280), 50) is None
    early = np.concatenate([np.ones(20), 0.5 ** (np.arange(260) / FPS / 2.0)])
    assert recovery.half_life(early, 100) == pytest.approx(2.0, abs=0.5)


def test_expression_wants_the_pace_the_way_and_the_life_of_the_sentence():
    one = case("C08", [Layout()])
    walk = take(line(1.3, 4.0), decisions=[decided(0, CALM)])
    assert expression.score_takes(one, [walk]).score == pytest.approx(100, abs=1)
    run = take(line(1.3, 4.0, math.pi), decisions=[decided(0, says("a person sprints forward in panic"))])
    assert expression.score_takes(one, [run]).score < 10
    stand = take(np.zeros((80, 2)), decisions=[decided(0, says("a person stands still, calm"))])
    assert expression.score_takes(one, [stand]).score == 100
    drifts = take(line(1.0, 4.0), decisions=[decided(0, says("a person stands still, calm"))])
    assert points(expression.score_takes(one, [drifts]))[1] == 0
    heap = take(line(1.3, 4.0), decisions=[decided(0, says("calm calm calm arms"))])
    assert expression.score_takes(one, [heap]).score == 0
    assert expression.score_takes(one, [take(line(1.3, 4.0), decisions=())]).score == 0
    silent = take(line(1.3, 4.0), decisions=[decided(0, says("a person walks forward"))])
    assert points(expression.score_takes(one, [silent]))[2] == 0
    stays = take(np.zeros((80, 2)), decisions=[decided(0, CALM)])
    assert points(expression.score_takes(one, [stays]))[1] == 0


@pytest.mark.parametrize(("p95", "share"), [(0.01, 1.0), (0.2, 1.0), (1.0, 0.5), (5.0, 0.0), (math.inf, 0.0)])
def test_latency_is_scored_on_a_logarithm(p95, share):
    assert quickness(p95) == pytest.approx(share, abs=1e-6)


def test_speed_has_three_parts():
    assert points(score_speed(90.0, [0.1] * 9, [0.01] * 100)) == [50, 30, 20]
    assert points(score_speed(30.0, [], [0.05] * 100)) == [25, 0, 0]
    assert points(score_speed(60.0, [0.1], [0.01] * 95 + [0.04] * 5)) == [50, 30, 10]
    assert points(score_speed(0.0, [0.1], []))[2] == 0


def worn(name, *, stride=1.0, toward=0.0, caught=False, rising=True) -> Worn:
    speeds = (0.3, 1.0, 3.0) if rising else (3.0, 1.0, 0.3)
    live = take(np.concatenate([line(s * stride, 3.0) for s in speeds]), caught=caught, stir=np.repeat(speeds, 60))
    return Worn(name, stride, live, take(line(2.0 * stride, 9.0, toward)))


def test_bodies_follow_one_intent():
    swap = Swap(0.2, tuple(range(0, 80, 10)), 8)
    good = score_bodies([worn("humanoid"), worn("tank", stride=1.6), worn("beast")], swap)
    assert points(good) == [40, 30, 20, 10]
    bad = score_bodies(
        [worn("humanoid"), worn("tank", toward=math.pi, caught=True, rising=False)], Swap(1.5, (0, 10), 8)
    )
    assert points(bad) == [0, 0, 10, 0]
    both = score_bodies([worn("humanoid", caught=True), worn("tank", caught=True)], replace_frames(swap, (0, 10, 50)))
    assert points(both)[1] == 30
    assert points(both)[3] == 0


def replace_frames(swap: Swap, frames: tuple[int, ...]) -> Swap:
    return replace(swap, frames=frames)


def test_path_error_is_measured_in_strides():
    first = worn("humanoid")
    assert path_error(worn("tank", stride=2.0), first) == pytest.approx(0, abs=1e-9)
    assert path_error(worn("tank", toward=0.5), first) > 0.2
    assert ordered([1, 2, 3]) == 1
    assert ordered([3, 2, 1]) == 0
    still = Worn("box", 1.0, take(np.zeros((180, 2))), take(np.zeros((180, 2))))
    assert arousal(still) == [0, 0, 0]
