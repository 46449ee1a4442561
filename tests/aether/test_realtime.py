"""The mind in a world that does not wait."""

import time

import pytest

from aether import BrainError, Entity, Mind, Scene, load
from tests.aether.fakes import CHARGE, FLEE, LEFT, QUIET, WALK, Says


def until(mind, scene=None, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        thought = mind.poll(scene)
        if thought is not None:
            return thought
        time.sleep(0.005)
    raise AssertionError("no thought came")


def test_begin_and_poll_never_wait():
    with Mind(Says(0.4, WALK)) as mind:
        started = time.perf_counter()
        mind.begin(QUIET)
        assert mind.poll() is None
        assert mind.pending
        assert not mind.ready
        assert time.perf_counter() - started < 0.3
        thought = until(mind)
    assert thought.route == "brain"
    assert thought.latency_s >= 0.4
    assert not mind.pending
    assert mind.poll() is None


def test_an_instant_brain_is_there_at_once():
    with Mind("reflex") as mind:
        assert mind.attend(QUIET).route == "brain"
        mind.begin(CHARGE)
        assert mind.ready
        assert "panic" in mind.poll().decision.motion


def test_the_reflex_steps_in_while_a_slow_brain_thinks():
    with Mind(Says(0.6, WALK), deadline_s=5.0) as mind:
        assert mind.attend(QUIET) is None
        quiet = mind.attend(Scene("q2"))
        assert quiet is None
        thought = mind.attend(CHARGE)
        assert thought.route == "reflex: says still thinks"
        assert "panic" in thought.decision.motion
        assert mind.pending
        while not mind.ready:
            time.sleep(0.01)
        late = mind.attend(CHARGE)
        assert late.route == "reflex: the scene grew worse while says thought"
        assert late.cost_usd == 0.25
        assert not mind.pending
        assert mind.ledger.totals()["cost_usd"] == 0.25


def test_an_answer_to_the_scene_that_frightens_is_taken():
    with Mind(Says(0.2, LEFT)) as mind:
        assert mind.attend(CHARGE).route == "reflex: says still thinks"
        while not mind.ready:
            time.sleep(0.01)
        thought = mind.attend(CHARGE)
    assert thought.route == "brain"
    assert thought.decision.motion.endswith("afraid")


def test_an_answer_is_not_taken_when_the_body_has_turned():
    for turned, route in ((0.3, "brain"), (1.2, "reflex: the body turned while says thought")):
        with Mind(Says(0.1, LEFT)) as mind:
            assert mind.attend(QUIET, heading=3.0) is None
            while not mind.ready:
                time.sleep(0.01)
            assert mind.attend(Scene("q2"), heading=3.0 + turned).route == route


def test_a_brain_that_never_answers_costs_its_deadline_and_nothing_waits():
    class Blocks:
        name = "blocks"

        async def think(self, prompt, *, deadline_s):
            time.sleep(0.5)
            raise BrainError("late")

    with Mind(Blocks(), deadline_s=0.1) as mind:
        for _ in range(2):
            mind.begin(QUIET)
            longest = 0.0
            thought = None
            while thought is None:
                started = time.perf_counter()
                thought = mind.poll()
                longest = max(longest, time.perf_counter() - started)
                time.sleep(0.002)
            assert thought.route == "reflex: time-out after 0.1 s"
            assert longest < 0.1


def test_one_moment_is_felt_once():
    beast = Scene("s", entities=(Entity("beast", "wander", 12.0, 0.0),))
    with Mind(Says(9.0, WALK)) as mind:
        mind.begin(QUIET)
        for _ in range(5):
            mind.poll(beast)
        assert mind.emotion.name == "curious"
        mind.poll(Scene("t"))
        assert mind.emotion.name == "calm"


def test_brains_are_swapped_in_the_middle_of_a_question():
    slow, other = Says(9.0, WALK, name="slow"), Says(FLEE, name="other")
    with Mind(slow) as mind:
        mind.begin(QUIET)
        mind.brain = other
        assert not mind.pending
        assert mind.think(QUIET).brain == "other"
        mind.brain = "reflex"
        assert mind.think(QUIET).brain == "reflex"
        with pytest.raises(BrainError, match="no brain 'reflx'"):
            mind.brain = "reflx"
        assert mind.brain.name == "reflex"
    assert slow.closed
    assert other.closed


def test_finish_needs_a_question():
    with Mind("reflex") as mind, pytest.raises(BrainError, match="no open question"):
        mind.finish()


def test_several_minds_share_one_loop():
    from aether.caller import Caller

    caller = Caller()
    minds = [Mind(Says(0.3, WALK), caller=caller) for _ in range(8)]
    started = time.perf_counter()
    for mind in minds:
        mind.begin(QUIET)
    assert [mind.finish().route for mind in minds] == ["brain"] * 8
    assert time.perf_counter() - started < 1.5
    minds[0].close()
    assert minds[1].think(QUIET).route == "brain"
    caller.close()


def test_confidence_is_the_hit_rate_where_the_brain_gives_none():
    with Mind(Says(WALK)) as mind:
        first = mind.think(QUIET).confidence
        assert first == 0.75
        for _ in range(10):
            mind.judged({"forward": "miss", "left": "false_alarm", "right": "correct_safe"})
            mind.think(QUIET)
        assert mind.think(QUIET).confidence < 0.5
        assert mind.think(CHARGE).confidence == 0.75
        report = mind.calibration.report()
    assert report["calls"] == 30
    assert report["right"] == pytest.approx(1 / 3, abs=1e-3)
    assert 0.2 < report["brier"] < 0.6
    with Mind(load("reflex")) as mind:
        assert mind.think(CHARGE).confidence == 0.9
