import asyncio
import threading
import time

import pytest

from aether import (
    BrainError,
    BrainRefusal,
    BrainTimeout,
    Decision,
    Emotion,
    Entity,
    Mind,
    Own,
    Prompt,
    Reply,
    Scene,
    Walls,
    load,
)

GOOD = "PREDICT: forward=safe, left=safe, right=safe, backward=safe\nMOTION: a person walks forward calmly"
CHARGE = Scene(entities=(Entity("beast", "charge", 4.0, 0.0),), walls=Walls(backward=1.0))
DEADLINE = 0.15


class Says:
    name = "says"

    def __init__(self, answer):
        self.answer = answer
        self.prompts: list[Prompt] = []

    async def think(self, prompt, *, deadline_s):
        self.prompts.append(prompt)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer if isinstance(self.answer, Reply | int) else Reply(self.answer, 10, 5, 0.25, 0.5)


class NeverEnds:
    name = "never-ends"

    async def think(self, prompt, *, deadline_s):
        await asyncio.Event().wait()


class SwallowsCancellation:
    name = "stubborn"

    async def think(self, prompt, *, deadline_s):
        for _ in range(50):
            try:
                await asyncio.sleep(0.2)
            except asyncio.CancelledError:
                continue


class BlocksTheLoop:
    name = "blocks"

    async def think(self, prompt, *, deadline_s):
        time.sleep(0.7)
        return Reply(GOOD)


def blocking_function(scene):
    time.sleep(0.7)
    return GOOD


def test_a_good_answer_is_taken():
    brain = Says(GOOD)
    with Mind(brain) as mind:
        thought = mind.think(CHARGE)
    assert thought.route == "brain"
    assert thought.brain == "says"
    assert thought.decision.motion == "a person walks forward calmly"
    assert thought.text == GOOD
    assert (thought.tokens_in, thought.tokens_out, thought.cost_usd, thought.confidence) == (10, 5, 0.25, 0.5)
    assert thought.latency_s > 0
    assert brain.prompts[0].scene.entities == CHARGE.entities


@pytest.mark.parametrize(
    "brain",
    [NeverEnds(), SwallowsCancellation(), BlocksTheLoop(), blocking_function],
    ids=["never ends", "swallows its cancellation", "blocks the loop", "blocking function"],
)
def test_a_brain_that_hangs_costs_one_deadline(brain):
    with Mind(brain, deadline_s=DEADLINE) as mind:
        for _ in range(2):
            started = time.perf_counter()
            thought = mind.think(CHARGE)
            assert time.perf_counter() - started < DEADLINE + 0.6
            assert thought.route == "reflex: time-out after 0.1 s"
            assert "panic" in thought.decision.motion
        started = time.perf_counter()
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize("brain", [BlocksTheLoop(), blocking_function], ids=["blocks the loop", "blocking function"])
def test_a_brain_that_always_hangs_is_not_asked_without_end(brain):
    before = threading.active_count()
    with Mind(brain, deadline_s=0.02) as mind:
        routes = [mind.think(CHARGE).route for _ in range(12)]
        assert threading.active_count() - before <= 6
        assert "time-out" in routes[0]
        assert "error" in routes[-1]
        time.sleep(0.9)
        mind.deadline_s = 5.0
        assert mind.think(CHARGE).route == "brain"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("I would rather not.", "refusal, neither a PREDICT nor a MOTION line"),
        ("", "refusal, the answer is empty"),
        (BrainError("no such model; choose another"), "error: no such model; choose another"),
        (BrainRefusal("the model declined"), "refusal: the model declined"),
        (BrainTimeout("late"), "time-out after 4.0 s"),
        (ValueError("what?\nnow\u202e"), "error ValueError: what? now"),
        (SystemExit(3), "error: the brain raised SystemExit"),
        (asyncio.CancelledError(), "error CancelledError:"),
        (7, "error: says returned int, not a Reply"),
    ],
)
def test_every_failure_has_a_reason_and_a_decision(answer, why):
    with Mind(Says(answer)) as mind:
        thought = mind.think(CHARGE)
        assert thought.route == f"reflex: {why}"
        assert isinstance(thought.decision, Decision)
        assert mind.think(CHARGE).route == f"reflex: {why}"


def test_what_a_refusal_cost_is_counted():
    with Mind(Says("no")) as mind:
        thought = mind.think(CHARGE)
    assert (thought.tokens_in, thought.cost_usd) == (10, 0.25)


def test_the_fallback_is_asked_first_and_the_reflex_last():
    with Mind(Says("no"), fallback=Says(GOOD)) as mind:
        thought = mind.think(CHARGE)
        assert thought.route == "says: refusal, neither a PREDICT nor a MOTION line"
        assert thought.decision.motion == "a person walks forward calmly"
    with Mind(Says("no"), fallback=lambda scene: 1 / 0) as mind:
        assert "ZeroDivisionError" in mind.think(CHARGE).route
        assert mind.think(CHARGE).route.startswith("reflex: refusal")


def test_a_plain_function_is_a_brain():
    with Mind(lambda scene: GOOD) as mind:
        assert mind.think(CHARGE).route == "brain"
    with Mind(lambda scene: None) as mind:
        assert mind.think(CHARGE).route == "reflex: refusal, the answer is not text"


def test_brains_can_be_swapped_between_decisions():
    with Mind(load("reflex")) as mind:
        assert mind.think(CHARGE).brain == "reflex"
        mind.brain = Says(GOOD)
        assert mind.think(CHARGE).brain == "says"
        assert mind.think(CHARGE).route == "brain"


def test_keys_are_in_no_thought(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "canary-1234567890")
    with Mind(Says(ValueError("bad key canary-1234567890 and sk-abcdef123456"))) as mind:
        assert mind.think(CHARGE).route == "reflex: error ValueError: bad key [key] and [key]"
    with Mind(Says(GOOD + " canary-1234567890")) as mind:
        assert "canary" not in mind.think(CHARGE).text


@pytest.mark.parametrize("deadline", [0, -1, float("nan"), float("inf")])
def test_a_deadline_is_a_positive_number(deadline):
    with pytest.raises(BrainError, match="deadline_s must be a positive number"):
        Mind(load("reflex"), deadline_s=deadline)


@pytest.mark.parametrize("brain", [None, 3, "reflx", Says], ids=str)
def test_what_is_no_brain_is_refused(brain):
    with pytest.raises(BrainError, match="no brain"):
        Mind(brain)


def test_a_brain_is_told_how_it_felt_before():
    brain = Says(GOOD)
    with Mind(brain) as mind:
        mind.think(Scene(own=Own(emotion="curious")))
        mind.think(CHARGE)
        mind.think(Scene())
        mind.think(Scene())
    assert [prompt.scene.own.emotion for prompt in brain.prompts] == ["curious", "calm", "panic", "afraid"]
    assert mind.emotion.name == "alert"


def test_feeling_and_thinking_apart_counts_once():
    with Mind(load("reflex"), emotion=Emotion.named("panic")) as mind:
        felt = mind.feel(Scene())
        assert felt.own.emotion == "panic"
        assert mind.emotion.name == "afraid"
        mind.think(felt)
        assert mind.emotion.name == "afraid"
        mind.think(Scene())
        assert mind.emotion.name == "alert"


def test_memory_reaches_the_scene():
    brain = Says(GOOD)
    with Mind(brain) as mind:
        mind.think(Scene(recent_decisions=("hit_wall_right",)), heading=0.0)
        mind.learn("hit_wall_forward", heading=0.0)
        mind.think(Scene(), heading=1.57)
    assert brain.prompts[0].scene.recent_decisions == ("hit_wall_right",)
    assert brain.prompts[1].scene.recent_decisions == ("walk_right", "hit_wall_right")


def test_same_scenes_same_thoughts():
    scenes = [CHARGE, Scene(), Scene(sounds=("growling",)), CHARGE]
    runs = []
    for _ in range(2):
        with Mind(load("reflex")) as mind:
            runs.append([(t.decision, t.text, t.route) for t in map(mind.think, scenes)])
    assert runs[0] == runs[1]
