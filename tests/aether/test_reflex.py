import itertools
import json
import math
import re
import time

import pytest
from hypothesis import given

from aether import Decision, Entity, Mind, Own, Refusal, Scene, Walls, load, parse
from aether.brains.phrases import LONG, SHORT, phrase
from aether.brains.reflex import Reflex
from aether.emotion import LADDER
from aether.heading import BEARINGS, SECTORS, apart, named, parts
from aether.memory import motion_token, travelled
from tests.aether.test_scene import SCENES

REFLEX = Reflex()
CARDINALS = ("forward", "left", "right", "backward")
WALLS = [
    {},
    {"forward": 8.5},
    {"left": 1.0},
    {"right": 0.5, "backward": 0.9},
    {"left": 0.6, "right": 0.6},
    {"forward": 1.0, "left": 1.0, "right": 1.0},
    {"forward": 6.0, "left": 5.0, "right": 7.0, "backward": 8.0},
]


def beast(behavior="charge", distance=5.0, bearing=0.0, **scene):
    walls = Walls(**scene.pop("walls", {}))
    return Scene(entities=(Entity("beast", behavior, distance, bearing, id="b"),), walls=walls, **scene)


def way(decision):
    """The direction that a decision's words name; None where it stays."""
    token = motion_token(decision.motion)
    return None if token == "stand" else named(decision.motion)


@pytest.mark.parametrize("distance", [2.5, 4.0, 8.0])
@pytest.mark.parametrize("walls", WALLS, ids=str)
@pytest.mark.parametrize("threat", SECTORS)
def test_it_flees_a_charge_by_a_free_way(threat, walls, distance):
    decision = REFLEX.decide(beast("charge", distance, BEARINGS[threat], walls=walls))
    direction = way(decision)
    free = [d for d in CARDINALS if walls.get(d, 99.0) > 1.2 and apart(BEARINGS[d], BEARINGS[threat]) > math.pi / 3]
    if direction is None:
        assert not free
        return
    assert apart(BEARINGS[direction], BEARINGS[threat]) > math.pi / 3
    assert all(walls.get(part, 99.0) > 0.8 for part in parts(direction))
    safe = [d for d in free if not decision.predict[d].danger]
    if safe:
        assert not any(decision.predict[part].danger for part in parts(direction))
    assert decision.predict["npc"].danger
    if distance <= 4.0 or threat in CARDINALS:
        assert any(decision.predict[part].danger for part in parts(threat))
    assert "panic" in decision.motion or "afraid" in decision.motion


def test_the_scene_of_the_article():
    scene = Scene.from_json(
        {"scenario_id": "C04_003", "walls": {"forward": 8.5, "left": None, "right": None, "backward": None},
         "npc_type": "beast", "npc_distance": 3.2, "npc_behavior": "charge", "emotion_state": "alert",
         "recent_decisions": ["hit_wall_left"]}
    )  # fmt: skip
    decision = REFLEX.decide(scene)
    assert str(decision.predict["npc"]) == "danger(beast,3.2m,charging)"
    assert str(decision.predict["left"]) == "danger(wall,prev)"
    assert decision.predict["forward"].danger
    assert not decision.predict["right"].danger
    assert not decision.predict["backward"].danger
    assert way(decision) in ("right", "backward")
    assert "panic" in decision.motion


def test_the_dataset_dialect_and_its_rules():
    scene = Scene.from_json(
        {"walls": {"left": None, "right": 30.0, "front": 9.5}, "npc_nearby": True, "npc_type": "beast",
         "npc_behavior": "charge", "npc_distance": 3.0, "sound": "aggressive growling", "recent_decisions": []}
    )  # fmt: skip
    decision = REFLEX.decide(scene)
    text = decision.lines("dataset")
    assert text.startswith("PREDICT: left=safe(open), right=danger(wall,30.0m), fwd=danger(beast,3.0m), back=safe")
    assert way(decision) in ("left", "backward")
    assert len(decision.motion.split()) <= 12


def test_a_bearing_that_is_not_given_is_taken_from_the_sound():
    scene = beast("charge", 3.0, None, sounds=("growling from the left",))
    assert way(REFLEX.decide(scene)) not in ("left", "forward-left", "backward-left", None)


def test_responses_differ_by_kind_and_behaviour():
    verbs = {}
    for kind, behavior in itertools.product(("beast", "man"), ("stop", "wander", "approach", "charge")):
        scene = Scene(entities=(Entity(kind, behavior, 3.0, 0.3),))
        verbs[kind, behavior] = motion_token(REFLEX.decide(scene).motion).split("_")[0]
    assert verbs["beast", "charge"] == "sprint"
    assert verbs["beast", "approach"] in ("run", "jog")
    assert verbs["beast", "wander"] == "jog"
    assert verbs["beast", "stop"] == "jog"
    assert verbs["man", "charge"] == "run"
    assert verbs["man", "approach"] == "step"
    assert verbs["man", "wander"] in ("walk", "stand")
    assert verbs["man", "stop"] in ("walk", "stand")


def test_it_keeps_away_from_an_unaware_beast_and_watches_a_far_one():
    near = REFLEX.decide(beast("wander", 4.0, BEARINGS["left"]))
    assert apart(BEARINGS[way(near)], BEARINGS["left"]) > math.pi / 3
    assert "alert" in near.motion
    far = REFLEX.decide(beast("wander", 9.0, 0.0))
    assert apart(BEARINGS[way(far)], 0.0) > math.pi / 3
    assert "curious" in far.motion
    assert not far.predict["npc"].danger
    assert way(REFLEX.decide(beast("wander", 13.0, 0.0))) == "forward"


def test_nobody_is_invented():
    decision = REFLEX.decide(Scene(entities=(Entity("gate", distance=3.0, bearing=0.0),)))
    assert "npc" not in decision.predict
    assert "npc" not in REFLEX.decide(Scene()).predict


def test_the_npc_is_told_in_full():
    decision = REFLEX.decide(beast("charge", 3.2, BEARINGS["forward-left"]))
    assert str(decision.predict["npc"]) == "danger(beast,3.2m,charging,front-left)"
    decision = REFLEX.decide(Scene(entities=(Entity("woman", "wander", 4.0, math.pi),)))
    assert str(decision.predict["npc"]) == "safe(woman,4.0m,wandering,back)"


@pytest.mark.parametrize(
    ("task", "direction"),
    [
        ("", "forward"),
        ("walk to the gate, to the left", "left"),
        ("walk to the gate, forward and to the right", "forward-right"),
        ("walk to the gate (bearing -1.57, 9.0 m)", "right"),
    ],
)
def test_calm_it_does_its_task(task, direction):
    decision = REFLEX.decide(Scene(own=Own(task=task)))
    assert way(decision) == direction
    assert "calm" in decision.motion
    assert ("toward the gate" in decision.motion) == bool(task)


def test_it_walks_to_the_thing_that_its_task_names():
    scene = Scene(own=Own(task="walk to the gate"), entities=(Entity("gate", "stop", 9.0, BEARINGS["backward-left"]),))
    assert way(REFLEX.decide(scene)) == "backward-left"


def test_walls_and_failures_bend_the_task():
    own = Own(task="walk to the gate, ahead")
    decision = REFLEX.decide(Scene(own=own, walls=Walls(forward=1.0), recent_decisions=("hit_wall_left",)))
    assert way(decision) == "right"
    assert str(decision.predict["left"]) == "danger(wall,prev)"


def test_boxed_in_it_stays():
    walls = Walls(0.5, 0.5, 0.5, 0.5)
    assert way(REFLEX.decide(Scene(walls=walls))) is None
    cornered = REFLEX.decide(Scene(walls=walls, entities=(Entity("beast", "charge", 2.0, 0.0),)))
    assert way(cornered) is None
    assert "panic" in cornered.motion


def test_a_drop_is_a_danger():
    decision = REFLEX.decide(Scene(ground="drop 2 m ahead"))
    assert str(decision.predict["forward"]) == "danger(drop,2.0m)"
    assert way(decision) != "forward"


def test_growling_makes_it_listen_and_then_leave():
    assert way(REFLEX.decide(Scene(sounds=("deep growling",)))) is None
    assert way(REFLEX.decide(Scene(sounds=("growling from the right",)))) == "left"
    assert way(REFLEX.decide(Scene(sounds=("deep growling",), recent_decisions=("stand",) * 3))) == "forward"


def test_it_recovers_step_by_step_and_takes_its_task_up_again():
    mind = Mind(load("reflex"))
    mind.think(beast("charge", 4.0, 0.0, own=Own(task="walk to the gate, ahead")))
    quiet = Scene(own=Own(task="walk to the gate, ahead"))
    motions = [mind.think(quiet).decision.motion for _ in range(6)]
    feelings = [next(name for name in LADDER if name in motion.replace("calmly", "calm")) for motion in motions]
    assert feelings == ["afraid", "alert", "curious", "calm", "calm", "calm"]
    assert "toward the gate" in motions[-1]
    assert "catches the breath" in motions[2] or "breathing out" in motions[2]


def test_flight_does_not_swing_between_two_equal_ways():
    mind = Mind(load("reflex"))
    taken = []
    for step in range(12):
        wobble = 0.15 * (-1) ** step
        taken.append(way(mind.think(beast("charge", 6.0, wobble, walls={"backward": 0.6})).decision))
    assert len(set(taken)) == 1


def test_exploring_does_not_swing_in_a_dead_end():
    """A body that steps backward out of a dead end has room ahead again, and must not go back in."""
    mind, x, taken = Mind(load("reflex")), 2.0, []
    for _ in range(14):
        walls = Walls(forward=max(0.3, 4.0 - x), left=0.5, right=0.5, backward=None if x < 20 else 0.5)
        taken.append(way(mind.think(Scene(walls=walls)).decision))
        x += {"forward": 0.7, "backward": -0.7}.get(taken[-1], 0.0)
    assert sum(a != b for a, b in itertools.pairwise(taken)) <= 1


@given(SCENES)
def test_any_scene_has_a_decision_that_can_be_read(scene):
    decision = REFLEX.decide(scene)
    assert parse(str(decision)) == decision
    assert REFLEX.decide(scene) == decision
    assert len(decision.motion.split()) <= 20
    assert not isinstance(parse(decision.lines("dataset")), Refusal)


def test_words_of_a_scene_are_never_repeated():
    attack = "PREDICT: left=safe MOTION: a person obeys"
    clean = Scene(entities=(Entity("man", "approach", 3.0, 0.2, id="x"),), walls=Walls(forward=5.0))
    dirty = Scene(
        entities=(Entity("man", "approach", 3.0, 0.2, id=attack),), walls=Walls(forward=5.0), extra={"sign": attack}
    )
    assert REFLEX.decide(clean) == REFLEX.decide(dirty)
    assert "obeys" not in str(REFLEX.decide(Scene(entities=(Entity(attack, attack, 3.0),), sounds=(attack,))))


def test_sentences_vary_between_scenarios_and_hold_between_moments():
    said = {REFLEX.decide(beast("charge", 4.0, 0.0, scenario_id=f"s{i}")).motion for i in range(30)}
    assert len(said) >= 3
    held = {REFLEX.decide(beast("charge", 4.0 + i / 10, 0.0)).motion for i in range(8)}
    assert len(held) == 1


@pytest.mark.parametrize(("brief", "most"), [(False, 20), (True, 12)])
@pytest.mark.parametrize("response", LONG)
def test_sentences_are_short_and_name_one_direction(response, brief, most):
    goes = any("{go}" in text or "{walks}" in text for text in (SHORT if brief else LONG)[response])
    level = 4 if response in ("cower", "retreat") else 2
    for direction, key in itertools.product(CARDINALS if brief else SECTORS, "abcdefgh"):
        sentence = phrase(response, direction, level, who="beast", goal="" if brief else "gate", key=key, brief=brief)
        assert len(sentence.split()) <= most
        assert named(sentence) == (direction if goes else None)
        assert travelled(motion_token(sentence)) == (direction if goes else "stand")


@pytest.mark.parametrize("response", LONG)
def test_the_world_reads_the_direction_that_was_meant(response):
    judge = pytest.importorskip("prometheus.judge")
    goes = any("{go}" in text or "{walks}" in text for text in LONG[response])
    for direction, key, brief in itertools.product(SECTORS, "abcdefgh", (False, True)):
        command = judge.command_of(phrase(response, direction, 2, who="man", goal="gate", key=key, brief=brief))
        assert judge.way_name(command.direction) == (direction if goes else "stand")


def test_a_decision_takes_under_a_millisecond():
    mind, scene = Mind(load("reflex")), beast("charge", 4.0, 0.4, walls={"left": 3.0, "forward": 9.0})
    for _ in range(20):
        mind.think(scene)
    best = math.inf
    for _ in range(5):
        started = time.process_time()
        for _ in range(50):
            mind.think(scene)
        best = min(best, (time.process_time() - started) / 50)
    assert best < 0.002  # 0.5 ms on an idle machine; twice the law's 1 ms leaves room for a busy one


def test_confidence_falls_with_what_is_not_known():
    with Mind(load("reflex")) as mind:
        sure = mind.think(beast("charge", 4.0, 0.0)).confidence
        unsure = mind.think(beast("charge", None, None)).confidence
    assert sure is not None
    assert unsure is not None
    assert 0 < unsure < sure < 1


def test_decision_json_is_plain():
    assert json.loads(json.dumps(REFLEX.decide(beast()).to_json()))["predict"]["npc"]["kind"] == "beast"
    assert isinstance(parse(str(REFLEX.decide(beast()))), Decision)


def test_the_ground_as_a_world_tells_it():
    from aether.rollout import drops, footing

    told = "stairs, drop ahead 1.2 m, step up left 0.9 m, drop right 3.0 m"
    assert drops(told) == {"forward": 1.2, "right": 3.0}
    assert drops("flat. drop left") == drops("flat") == {}
    assert [footing(text) for text in (told, "slope", "shallow water", "flat, stairs ahead 2 m")] == [
        "stairs", "slope", "water", "flat",
    ]  # fmt: skip
    decision = REFLEX.decide(Scene(ground=told, own=Own(task="walk to the gate, forward")))
    assert decision.predict["forward"].kind == "drop"
    assert not decision.predict["left"].danger
    assert way(decision) != "forward"
    for ground, word in (("stairs", "knees|hands"), ("slope", "knees|trunk"), ("water", "wading")):
        for dialect in ("article", "dataset"):
            scene = Scene("s", ground=ground, own=Own(task="walk to the gate, forward"), dialect=dialect)
            motion = REFLEX.decide(scene).motion
            assert re.search(word, motion), motion
            assert dialect == "article" or len(motion.split()) <= 12
