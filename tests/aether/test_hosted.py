"""A brain in a process of its own."""

import asyncio
import os
import signal

import pytest

from aether import BrainError, BrainKeyError, Mind, Scene, compose, load
from aether.brain import Reply, Token
from aether.wire import error_from_json, error_to_json, prompt_from_json, prompt_to_json, reply_from_json, reply_to_json
from aether.wrap.wrapper import innermost
from tests.aether.fakes import CHARGE, FLEE, QUIET

RULES = [
    {"name": "no", "when": {"model_matches": "e401"}, "respond": {"status": 401, "error": "sk-canary-123456 is wrong"}},
    {"name": "all", "when": {"model_matches": "*"}, "respond": {"content": FLEE}},
]


def test_prompts_replies_and_errors_travel():
    prompt = compose(CHARGE, "dataset").sampled(0.7, 3, logprobs=True)
    again = prompt_from_json(prompt_to_json(prompt))
    assert (again.system, again.user, again.dialect, again.sampling) == (
        prompt.system, prompt.user, "dataset", prompt.sampling
    )  # fmt: skip
    reply = Reply("x", 1, 2, 0.5, 0.9, "y", tokens=(Token("safe", 0.9, (("safe", 0.9),)),))
    assert reply_from_json(reply_to_json(reply)) == reply
    error = error_from_json(error_to_json(BrainKeyError("no key", transient=True, retry_after_s=2.0)))
    assert (type(error), str(error), error.transient, error.retry_after_s) == (BrainKeyError, "no key", True, 2.0)


@pytest.mark.slow
def test_a_hosted_model_answers_and_fails_like_any_other(fakellm, monkeypatch):
    pytest.importorskip("litellm")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    url = fakellm(RULES) + "/v1"
    brain = load("openai/any", api_base=url, process=True, policy="vote", samples=3)
    hosted = innermost(brain)
    with Mind(brain, deadline_s=60.0) as mind:
        thought = mind.think(QUIET)
        assert thought.route == "brain"
        assert thought.tokens_in > 600
        assert thought.stages[0].calls == 3
        assert brain.quote(compose(QUIET)).tokens_in > 1000
        mind.brain = refused = load("openai/e401", api_base=url, process=True)
        failed = mind.think(QUIET)
        assert "refused the key (401)" in failed.route
        assert "canary" not in repr(failed)
        os.kill(innermost(refused)._process.pid, signal.SIGKILL)
        assert "process is gone" in mind.think(QUIET).route
    assert hosted._process.poll() is not None
    with pytest.raises(BrainError, match="process is gone"):
        asyncio.run(hosted.think(compose(Scene()), deadline_s=1.0))


def test_what_does_not_load_there_says_why(monkeypatch):
    pytest.importorskip("litellm")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(BrainKeyError, match="set OPENAI_API_KEY"):
        load("openai/any", process=True)
    assert load("reflex", process=True).name == "reflex"
