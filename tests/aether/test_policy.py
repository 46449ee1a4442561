import pytest

from aether import BrainError, BrainTimeout, Mind, compose, load, parse
from aether.brain import Reply, Token
from aether.likelihood import doubt
from aether.meaning import action, meaning, tally
from aether.policy import policy
from tests.aether.fakes import CHARGE, FLEE, LEFT, WALK, Says, ask


def tokens(*shares):
    """Tokens of an answer whose words "safe" were chosen with these likelihoods."""
    return tuple(Token("safe", p, (("safe", p), (" danger", 1 - p))) for p in shares)


def test_a_decision_is_compared_by_what_it_means():
    same = parse("PREDICT: forward=safe, left=safe\nMOTION: a person strolls ahead, arms loose")
    assert action(same) == action(parse(WALK))
    assert meaning(same) == meaning(parse(WALK))
    assert action(parse(FLEE)) != action(parse(LEFT))
    assert action(parse("PREDICT: left=safe\nMOTION: a person stands still, looking left")).way is None


def test_a_tally_takes_the_largest_group_and_its_best_speaker():
    wordy = "PREDICT: forward=safe, left=safe\nMOTION: a person sprints back, terrified"
    count = tally([parse(text) for text in (wordy, WALK, FLEE, FLEE, LEFT)])
    assert (count.winner, count.second, count.share, count.margin) == (2, 1, 0.6, 2)
    with pytest.raises(ValueError, match="at least one"):
        tally([])


def test_votes_are_drawn_apart_and_the_majority_wins():
    brain = Says(WALK, FLEE, FLEE, "no idea", FLEE)
    reply = ask(policy("vote", brain, samples=5))
    assert reply.text == FLEE
    assert reply.confidence == 0.75
    assert [prompt.sampling.index for prompt in brain.prompts] == [1, 2, 3, 4, 5]
    assert {prompt.sampling.temperature for prompt in brain.prompts} == {0.7}
    assert (reply.stages[0].name, reply.stages[0].calls, reply.cost_usd) == ("vote", 5, 1.25)
    with pytest.raises(BrainError, match="none of 3 answers"):
        ask(policy("vote", Says("no"), samples=3))


def test_votes_that_fail_do_not_count():
    brain = Says(BrainError("a"), WALK, BrainTimeout("b"), WALK)
    assert ask(policy("vote", brain, samples=4)).confidence == 1.0
    with pytest.raises(BrainError, match="down"):
        ask(policy("vote", Says(BrainError("down")), samples=2))


def test_adaptive_asks_once_where_nobody_doubts():
    brain = Says(WALK, confidence=0.9)
    reply = ask(policy("adaptive", brain))
    assert [stage.name for stage in reply.stages] == ["greedy"]
    assert len(brain.prompts) == 1


@pytest.mark.parametrize("why", ["judge", "confidence", "refusal"])
def test_adaptive_votes_where_somebody_doubts(why):
    first = "no" if why == "refusal" else WALK
    brain = Says(first, *[FLEE] * 8, confidence=0.3 if why == "confidence" else None)
    judge = (lambda decision: "walks into the beast") if why == "judge" else None
    reply = ask(policy("adaptive", brain), doubt=judge)
    assert reply.text == FLEE
    assert [(stage.name, stage.calls) for stage in reply.stages] == [("greedy", 1), ("vote", 8)]
    assert reply.confidence == 1.0


def test_a_close_vote_is_settled_by_a_last_question_at_temperature_0():
    votes = [FLEE, LEFT, FLEE, LEFT, FLEE, LEFT, FLEE, LEFT]
    brain = Says(WALK, *votes, LEFT)
    reply = ask(policy("adaptive", brain), doubt=lambda decision: "no")
    assert [stage.name for stage in reply.stages] == ["greedy", "vote", "adjudicate"]
    assert reply.text == LEFT
    assert reply.confidence == 0.5
    last = brain.prompts[-1]
    assert (last.question, last.sampling.temperature) == ("adjudicate", 0.0)
    assert "candidates" in last.user
    assert "sprints backward" in last.user
    assert "candidates" in last.system
    assert "sprints backward" not in last.system
    assert reply.tokens_in == 100


def test_a_vote_that_fails_leaves_the_first_answer():
    brain = Says(WALK, BrainError("down"))
    reply = ask(policy("adaptive", brain), doubt=lambda decision: "no")
    assert reply.text == WALK
    with pytest.raises(BrainError, match="down"):
        ask(policy("adaptive", Says("no", BrainError("down"))))


def test_entropy_of_the_words_safe_and_danger():
    told = doubt(tokens(0.99, 0.5))
    assert told.entropy == pytest.approx(1.0)
    assert told.confidence == pytest.approx(0.745)
    assert told.choices == 2
    assert doubt(()) is None
    assert doubt((Token("walks", 0.4),)) is None
    assert doubt((Token("s", 0.4),)) is None
    assert doubt((Token("=danger", 0.8),)).entropy == 0.0


def test_entropy_asks_again_where_the_choice_was_even():
    sure = Says(Reply(WALK, tokens=tokens(0.99, 0.98)))
    reply = ask(policy("entropy", sure))
    assert [stage.name for stage in reply.stages] == ["greedy"]
    assert reply.confidence == pytest.approx(0.985)
    assert sure.prompts[0].sampling.logprobs
    unsure = Says(Reply(WALK, tokens=tokens(0.99, 0.55)), *[FLEE] * 8)
    assert ask(policy("entropy", unsure)).text == FLEE
    silent = Says(WALK)
    assert [stage.name for stage in ask(policy("entropy", silent)).stages] == ["greedy", "no-likelihoods"]


def test_the_ledger_knows_how_often_each_stage_ran_and_what_it_cost():
    brain = policy("adaptive", Says(WALK), samples=4)
    with Mind(brain) as mind:
        mind.think(CHARGE, doubt=lambda decision: None)
        mind.think(CHARGE, doubt=lambda decision: "walks into the beast")
        totals = mind.ledger.totals()
    assert totals["stages"]["greedy"] == {"runs": 2, "calls": 2, "tokens_in": 20, "tokens_out": 10, "cost_usd": 0.5}
    assert totals["stages"]["vote"]["calls"] == 4
    assert totals["cost_usd"] == 1.5
    assert totals["decisions"] == 2


def test_policies_around_the_reflex_stay_instant_and_the_same():
    for name in ("greedy", "vote", "adaptive", "entropy"):
        brain = load("reflex", policy=name, samples=2)
        assert brain.instant
        with Mind(brain) as mind:
            thought = mind.think(CHARGE)
            assert thought.decision == Mind("reflex").think(CHARGE).decision
            assert thought.route == "brain"


def test_a_quote_is_for_all_calls():
    brain = load("openai/gpt-4o-mini", dry=True, policy="adaptive", samples=4)
    single = load("openai/gpt-4o-mini", dry=True)
    one = single.quote(compose(CHARGE))
    assert brain.quote(compose(CHARGE)).tokens_in == 6 * one.tokens_in
    assert one.cost_usd > 0
