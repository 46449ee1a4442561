import asyncio
import sqlite3
import time
from itertools import pairwise

import pytest

from aether import BrainError, BrainKeyError, BrainTimeout, compose, load
from aether.brain import Quote, Reply, Token
from aether.errors import BudgetError
from aether.prompt import Sampling
from aether.wrap.budget import Budget, Purse
from aether.wrap.cache import Cached, Store, cache_key
from aether.wrap.deadline import Deadline
from aether.wrap.fallback import Fallback
from aether.wrap.retry import Retry
from aether.wrap.throttle import Throttle, Throttled
from aether.wrap.wrapper import innermost
from tests.aether.fakes import FLEE, QUIET, WALK, Says, ask

BUSY = BrainError("busy (429)", transient=True)


class Stubborn:
    name = "stubborn"

    async def think(self, prompt, *, deadline_s):
        for _ in range(40):
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                continue


class Quoted(Says):
    def quote(self, prompt):
        return Quote(100, 50, 0.01)


def test_a_deadline_abandons_whatever_the_brain_does():
    started = time.perf_counter()

    async def both():
        with pytest.raises(BrainTimeout, match=r"no answer after 0\.1 s"):
            await Deadline(Stubborn(), 0.1).think(compose(QUIET), deadline_s=9.0)
        return time.perf_counter() - started

    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(both()) < 1.0
    assert ask(Deadline(Says(WALK), 5.0)).text == WALK
    with pytest.raises(BrainError, match="positive"):
        Deadline(Says(WALK), 0)


def test_only_what_may_pass_is_tried_again():
    flaky = Says(BUSY, BUSY, WALK)
    assert ask(Retry(flaky, 2)).text == WALK
    assert len(flaky.prompts) == 3
    for error, times in ((BUSY, 3), (BrainKeyError("401"), 1), (BrainTimeout("late"), 1), (ValueError("x"), 1)):
        brain = Says(error)
        with pytest.raises(type(error)):
            ask(Retry(brain, 2))
        assert len(brain.prompts) == times


def test_a_retry_waits_as_long_as_the_server_asks_but_never_past_the_deadline():
    brain = Says(BrainError("busy", transient=True, retry_after_s=0.5), WALK)
    started = time.perf_counter()
    assert ask(Retry(brain, 1)).text == WALK
    assert time.perf_counter() - started >= 0.5
    brain = Says(BrainError("busy", transient=True, retry_after_s=30.0), WALK)
    started = time.perf_counter()
    with pytest.raises(BrainError, match="busy"):
        ask(Retry(brain, 1), deadline_s=0.5)
    assert time.perf_counter() - started < 1.0


def test_a_chain_says_who_answered_and_charges_for_all():
    chain = Fallback([Says("no", name="a"), Says(BrainError("down"), name="b"), Says(FLEE, name="c")])
    reply = ask(chain)
    assert reply.text == FLEE
    assert reply.route.startswith("c: refusal, neither")
    assert "b: error: down" in reply.route
    assert reply.cost_usd == 0.5
    assert ask(Fallback([Says(WALK, name="a"), Says(FLEE)])).route == ""
    slow = Fallback([Says(9.0, WALK, name="slow"), Says(FLEE, name="quick")])
    assert ask(slow, deadline_s=0.4).route == "quick: time-out after 0.2 s"
    with pytest.raises(BrainError, match="error: x; b: refusal"):
        ask(Fallback([Says(BrainError("x"), name="a"), Says("no", name="b")]))


def test_a_budget_stops_before_the_call_that_could_pass_it():
    brain = Quoted(WALK, cost=0.004, tokens=(90, 20))
    purse = Purse(usd=0.02)
    budget = Budget(brain, purse)
    for spent in (0.004, 0.008):
        ask(budget)
        assert purse.spent_usd == pytest.approx(spent)
    ask(budget)
    with pytest.raises(BudgetError, match=r"budget of 0\.02 USD could be passed \(0\.0120 spent"):
        ask(budget)
    assert len(brain.prompts) == 3
    tokens = Purse(tokens=300)
    ask(Budget(brain, tokens))
    ask(Budget(brain, tokens))
    with pytest.raises(BudgetError, match="300 tokens"):
        ask(Budget(brain, tokens))


def test_a_budget_holds_for_calls_that_run_together():
    purse = Purse(usd=0.025)
    brain = Quoted(*[0.1] * 5, WALK, cost=0.001)

    async def five():
        work = [Budget(brain, purse).think(compose(QUIET), deadline_s=5.0) for _ in range(5)]
        return await asyncio.gather(*work, return_exceptions=True)

    outcomes = asyncio.run(five())
    assert sum(isinstance(outcome, BudgetError) for outcome in outcomes) == 3
    assert purse.spent_usd == pytest.approx(0.002)


def test_what_a_failed_call_may_have_cost_is_booked():
    purse = Purse(usd=1.0)
    with pytest.raises(BrainError):
        ask(Budget(Quoted(BUSY), purse))
    assert purse.spent_usd == 0.0
    with pytest.raises(BrainTimeout):
        ask(Budget(Quoted(BrainTimeout("late")), purse))
    assert purse.spent_usd == pytest.approx(0.01)

    class Unpriced(Says):
        def quote(self, prompt):
            return Quote(1, 1, 0.0, priced=False)

    with pytest.raises(BudgetError, match="price of this model is not known"):
        ask(Budget(Unpriced(WALK), purse))


def test_a_cached_answer_costs_nothing_and_outlives_the_process(tmp_path):
    token = Token("safe", 0.9, (("safe", 0.9), ("danger", 0.1)))
    brain = Says(Reply(WALK, 10, 5, 0.25, 0.8, tokens=(token,)))
    cached = Cached(brain, Store(tmp_path / "deep" / "cache.db"))
    assert ask(cached).cost_usd == 0.25
    again = ask(cached)
    assert (again.text, again.cost_usd, again.tokens_in, again.confidence) == (WALK, 0.0, 0, 0.8)
    assert again.tokens == (token,)
    cached.close()
    reopened = Cached(Says(FLEE), Store(tmp_path / "deep" / "cache.db"))
    assert ask(reopened).text == WALK
    assert len(brain.prompts) == 1
    reopened.close()


def test_the_key_tells_everything_apart_that_matters():
    a, b = Says(WALK, name="a"), Says(WALK, name="b")
    prompt = compose(QUIET)
    keys = [
        cache_key(a, prompt),
        cache_key(b, prompt),
        cache_key(a, compose(QUIET, "dataset")),
        *(cache_key(a, prompt.sampled(0.7, i)) for i in range(3)),
        cache_key(a, prompt.sampled(0.7, 0, logprobs=True)),
    ]
    assert len(set(keys)) == len(keys)
    assert cache_key(Retry(Says(FLEE, name="a")), prompt) == keys[0]
    assert prompt.sampling == Sampling()


def test_a_cache_that_cannot_be_used_is_said_and_a_broken_one_costs_a_call(tmp_path):
    (tmp_path / "text").write_text("no database" * 99)
    with pytest.raises(BrainError, match=r"cannot use .* as a cache"):
        Store(tmp_path / "text")
    store = Store(tmp_path / "c.db")
    with sqlite3.connect(tmp_path / "c.db") as other:
        other.execute("DROP TABLE replies")
    brain = Says(WALK)
    assert ask(Cached(brain, store)).text == WALK
    assert ask(Cached(brain, store)).text == WALK
    store.close()


def test_a_store_is_bounded(tmp_path):
    store = Store(tmp_path / "c.db", keep=10)
    for index in range(300):
        store.misses = index
        store.put(str(index), Reply("x"))
    assert len(store) < 300
    store.close()


def test_a_throttle_spaces_calls_and_refuses_what_cannot_be_in_time():
    throttle = Throttle(per_minute=600)
    started = time.perf_counter()
    for _ in range(4):
        ask(Throttled(Says(WALK), throttle))
    assert time.perf_counter() - started >= 0.29
    slow = Throttle(per_minute=1)
    ask(Throttled(Says(WALK), slow))
    with pytest.raises(BrainTimeout, match="rate limit"):
        ask(Throttled(Says(WALK), slow), deadline_s=0.2)


class Heavy:
    """Loads something with its first call, and blocks the loop in it."""

    name = "heavy"

    def __init__(self):
        self.done, self.calls = [], []

    async def prepare(self):
        await asyncio.sleep(0.1)
        self.done.append(time.monotonic())

    async def think(self, prompt, *, deadline_s):
        self.calls.append(time.monotonic())
        if len(self.calls) == 2:
            time.sleep(0.3)  # three more places come and go meanwhile
        return Reply(WALK)


def test_neither_a_slow_start_nor_a_blocked_loop_lets_calls_through_together():
    heavy = Heavy()
    brain = Retry(Throttled(Deadline(heavy, 9.0), Throttle(per_minute=600)), 1)

    async def ask_five():
        return await asyncio.gather(*(brain.think(compose(QUIET), deadline_s=9.0) for _ in range(5)))

    assert [reply.text for reply in asyncio.new_event_loop().run_until_complete(ask_five())] == [WALK] * 5
    assert len(heavy.done) == 5
    assert heavy.done[0] <= heavy.calls[0]
    assert all(later - first >= 0.099 for first, later in pairwise(heavy.calls))


def test_all_of_it_by_one_line_of_configuration(tmp_path):
    brain = load(
        "openai/x", api_base="http://127.0.0.1:1/v1", retries=1, per_minute=60, budget_tokens=9, cache=tmp_path / "c",
        fallback="reflex", policy="vote", samples=3, deadline_s=2.0,
    )  # fmt: skip
    kinds = []
    inner = brain
    while inner is not None:
        kinds.append(type(inner).__name__)
        inner = getattr(inner, "brain", None)
    assert kinds == ["Vote", "Fallback", "Cached", "Retry", "Budget", "Throttled", "Deadline", "LiteLLM"]
    assert innermost(brain).name == brain.name == "openai/x"
    reply = ask(brain)
    assert reply.route.startswith("reflex: error: the budget of 9 tokens could be passed")
    brain.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"retries": -1}, "retries"), ({"per_minute": 0}, "per_minute"), ({"budget_usd": -1}, "budget_usd"),
        ({"policy": "votes"}, "no policy 'votes'"), ({"policy": "vote", "samples": 0}, "samples"),
        ({"fallback": "relfex"}, "did you mean 'reflex'"), ({"price": [1]}, "price"), ({"form": "xml"}, "form"),
    ],
)  # fmt: skip
def test_options_that_cannot_be(options, said):
    with pytest.raises(BrainError, match=said):
        load("openai/x", api_base="http://127.0.0.1:1", **options)
