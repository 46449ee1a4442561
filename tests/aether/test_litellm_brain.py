"""The LiteLLM brain against servers that speak HTTP: fakellm, and one that accepts a call and never answers."""

import importlib.util
import json
import socket
import time
import traceback
import urllib.request

import pytest

from aether import BrainError, BrainKeyError, BrainTimeout, Entity, Mind, Scene, compose, load
from aether.brains import litellm as module
from aether.prompt import SYSTEM
from aether.wrap.wrapper import innermost

# Looked for, not imported: the brain has to import it, with the settings that keep it off the network.
if importlib.util.find_spec("litellm") is None:
    pytest.skip("needs litellm", allow_module_level=True)

CANARY = "sk-canary-0123456789abcdef"
ANSWER = "PREDICT: forward=danger(beast,4.0m), left=safe\nMOTION: a person sprints to the left in panic"
SCENE = Scene("S1", entities=(Entity("beast", "charge", 4.0, 0.0),))
RULES = [
    {"name": "ok", "when": {"model_matches": "ok"}, "respond": {"content": ANSWER}},
    {"name": "gpt", "when": {"model_matches": "gpt-4o-mini"}, "respond": {"content": ANSWER}},
    {"name": "think", "when": {"model_matches": "FINAL-Bench/*"},
     "respond": {"content": f"<think>left=danger\nPREDICT: left=danger\nMOTION: a person waits</think>\n{ANSWER}"}},
    {"name": "chatty", "when": {"model_matches": "chatty"}, "respond": {"content": "As a model I cannot run."}},
    {"name": "claude", "when": {"model_matches": "claude-*"}, "respond": {"content": ANSWER}},
    {"name": "flaky-1", "when": {"model_matches": "flaky", "turn_in": [1, 2]}, "respond": {"status": 503}},
    {"name": "flaky", "when": {"model_matches": "flaky"}, "respond": {"content": ANSWER}},
    {"name": "leaky", "when": {"model_matches": "leaky"}, "respond": {"content": f"{ANSWER}\nkey {CANARY}"}},
    *({"name": f"e{code}", "when": {"model_matches": f"e{code}"},
       "respond": {"status": code, "error": f"Incorrect API key provided: {CANARY}. Bearer {CANARY}"}}
      for code in (400, 401, 403, 404, 409, 422, 429, 500, 503)),
]  # fmt: skip


@pytest.fixture(scope="module")
def server(fakellm):
    """The URL of a fakellm with our rules."""
    return fakellm(RULES)


@pytest.fixture(autouse=True)
def _fresh(server):
    urllib.request.urlopen(urllib.request.Request(server + "/_fakellm/reset", method="POST"), timeout=5).close()


def calls(server, rule):
    with urllib.request.urlopen(server + "/_fakellm/stats", timeout=5) as answer:
        return json.load(answer)["by_rule"].get(rule, 0)


def ask(server, model, **options):
    brain = load(model, api_base=server + "/v1", **options)
    with Mind(brain, deadline_s=20.0) as mind:
        return mind.think(SCENE)


def failure(server, model, deadline_s=20.0, **options):
    import asyncio

    brain = load(model, api_base=server, **options)
    with pytest.raises(BrainError) as error:
        asyncio.run(brain.think(compose(SCENE), deadline_s=deadline_s))
    return error


def test_an_answer_over_http(server):
    thought = ask(server, "openai/ok")
    assert thought.route == "brain"
    assert thought.brain == "openai/ok"
    assert thought.decision.motion == "a person sprints to the left in panic"
    assert thought.tokens_in > 200
    assert thought.tokens_out > 5
    assert thought.cost_usd == 0.0


def test_a_known_model_has_a_price(server):
    assert 0 < ask(server, "openai/gpt-4o-mini").cost_usd < 0.01


def test_another_protocol(server):
    brain = load("anthropic/claude-3-haiku-20240307", api_base=server)
    with Mind(brain, deadline_s=20.0) as mind:
        assert mind.think(SCENE).route == "brain"


def test_a_thinking_model_behind_vllm(server):
    thought = ask(server, "hosted_vllm/FINAL-Bench/Darwin-9B-NEG")
    assert thought.route == "brain"
    assert "sprints" in thought.decision.motion


def test_a_chatty_answer_is_a_refusal(server):
    thought = ask(server, "openai/chatty")
    assert thought.route.startswith("reflex: refusal")
    assert thought.text.startswith("PREDICT")
    assert thought.tokens_in > 0


def test_a_busy_server_is_asked_again(server):
    before = calls(server, "flaky-1")
    assert ask(server, "openai/flaky").route == "brain"
    assert calls(server, "flaky-1") - before == 2


@pytest.mark.parametrize(
    ("code", "times", "said"),
    [(400, 1, "did not take the request"), (401, 1, "refused the key"), (403, 1, "refused the key"),
     (404, 1, "is not found"), (429, 2, "rate limited"), (500, 2, r"failed \(500\)"), (503, 2, r"failed \(503\)")],
)  # fmt: skip
def test_failures_are_one_sentence_without_the_key(server, monkeypatch, caplog, capfd, code, times, said):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    before = calls(server, f"e{code}")
    error = failure(server + "/v1", f"openai/e{code}", retries=1)
    assert calls(server, f"e{code}") - before == times
    error.match(said)
    assert "\n" not in str(error.value)
    assert isinstance(error.value, BrainKeyError) == (code in (401, 403))
    told = "".join(traceback.format_exception(error.value)) + caplog.text + "".join(capfd.readouterr())
    assert "canary" not in told
    assert error.value.__context__ is None
    assert error.value.__cause__ is None


def test_keys_are_in_no_thought(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    for model in ("openai/e401", "openai/e500", "openai/leaky"):
        thought = ask(server, model, retries=0)
        assert "canary" not in repr(thought), thought
    monkeypatch.setenv("OTHER_KEY", CANARY)
    brain = innermost(load("openai/ok", api_base=server, api_key_env="OTHER_KEY"))
    assert brain._key() == CANARY
    assert "canary" not in repr(vars(brain))


def test_a_silent_server_costs_one_deadline(silent_server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    brain = load("openai/ok", api_base=silent_server)
    with Mind(brain, deadline_s=0.5) as mind:
        for _ in range(2):
            started = time.perf_counter()
            assert mind.think(SCENE).route == "reflex: time-out after 0.5 s"
            assert time.perf_counter() - started < 1.5
    assert isinstance(failure(silent_server, "openai/ok", deadline_s=0.3).value, BrainTimeout)


def test_a_server_that_is_not_there():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    assert "cannot be reached" in str(failure(url, "openai/ok", retries=0).value)


def test_unknown_providers_and_missing_keys(monkeypatch):
    with pytest.raises(BrainError, match=r"knows no provider for 'opnai/x'; did you mean openai/"):
        load("opnai/x", api_base="http://127.0.0.1:1")
    monkeypatch.setattr(module, "ALLOW_MODEL_REQUESTS", True)
    with pytest.raises(BrainKeyError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        load("bedrock/anthropic.claude-3-haiku-20240307-v1:0")


def test_rules_and_scene_travel_apart_and_images_only_to_models_that_see():
    blind = innermost(load("openai/ok", api_base="http://127.0.0.1:1"))
    seeing = innermost(load("openai/ok", api_base="http://127.0.0.1:1", vision=True))
    prompt = compose(Scene("S1", image=b"\x89PNG"))
    system, user = blind._messages(prompt)
    assert system == {"role": "system", "content": SYSTEM["article"]}
    assert user == {"role": "user", "content": prompt.user}
    assert seeing._messages(prompt)[1]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")


def test_what_a_model_does_not_take_is_told():
    brain = innermost(load("anthropic/claude-3-haiku-20240307", api_base="http://127.0.0.1:1", seed=3))
    assert brain.dropped == ("seed",)


def test_an_answer_can_be_streamed(server):
    thought = ask(server, "openai/ok", stream=True)
    assert thought.route == "brain"
    assert thought.decision.motion == "a person sprints to the left in panic"
    assert thought.tokens_in > 0


def test_what_is_sent_follows_form_and_sampling():
    brain = innermost(load("openai/gpt-4o-mini", api_base="http://127.0.0.1:1", form="json", seed=7, shots=False))
    prompt = compose(SCENE)
    sent = brain.request(prompt.sampled(0.7, 3, logprobs=True))
    assert (sent["temperature"], sent["seed"], sent["logprobs"]) == (0.7, 10, True)
    schema = sent["response_format"]["json_schema"]["schema"]["properties"]["predict"]
    assert schema["required"] == ["npc", "forward", "left", "right", "backward"]
    assert "JSON object" in sent["messages"][0]["content"]
    assert "Example scene" not in sent["messages"][0]["content"]
    assert (
        "Example scene"
        in innermost(load("openai/x", api_base="http://127.0.0.1:1")).request(prompt)["messages"][0]["content"]
    )
    dataset = brain.request(compose(SCENE, "dataset"))["response_format"]["json_schema"]["schema"]
    assert dataset["properties"]["predict"]["required"] == ["left", "right", "fwd", "back"]
    small = innermost(load("openai/x", api_base="http://127.0.0.1:1", form="choices")).request(prompt)
    assert len(small["messages"][0]["content"]) < 900
    assert "pattern" in str(small["response_format"])


def test_a_price_of_ones_own_and_a_budget_over_http(server):
    brain = load("openai/ok", api_base=server + "/v1", price=(2.0, 10.0), budget_usd=0.02, max_tokens=300)
    with Mind(brain, deadline_s=20.0) as mind:
        routes = [mind.think(SCENE).route for _ in range(9)]
        spent = mind.ledger.totals()["cost_usd"]
    assert routes[0] == "brain"
    assert "budget of 0.02 USD could be passed" in routes[-1]
    assert 0 < spent <= 0.02


def test_a_chain_over_http_ends_where_somebody_answers(server):
    brain = load("openai/e500", api_base=server + "/v1", retries=0, fallback="reflex")
    with Mind(brain, deadline_s=20.0) as mind:
        thought = mind.think(SCENE)
    assert thought.route.startswith("reflex: error: openai/e500")
    assert thought.confidence is not None
