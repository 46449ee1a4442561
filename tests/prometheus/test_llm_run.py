"""A run with a language model behind real HTTP, and one whose server is silent."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.prometheus.pwm import pwm

pytest.importorskip("fakellm")
CANARY = "sk-canary-42-0123456789"
ANSWER = "PREDICT: forward=safe, left=safe, right=safe, backward=safe\nMOTION: a person runs forward"


@pytest.fixture
def server(tmp_path):
    """URL of an OpenAI-speaking server that always gives the same two lines."""
    rules = [{"name": "all", "when": {"model_matches": "*"}, "respond": {"content": ANSWER}}]
    config = tmp_path / "fakellm.yaml"
    config.write_text(json.dumps({"version": 1, "rules": rules}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from fakellm.cli import main; main()",
            "serve",
            "--port",
            str(port),
            "--config",
            config,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url + "/_fakellm/stats", timeout=1).close()
                break
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def decisions(out):
    rows = [json.loads(line) for line in (out / "episode.jsonl").read_text().splitlines()]
    return [row for row in rows if row["type"] == "decision"]


def run(base: str, out, *more: object):
    flags = ("--brain", "openai/any-model", "--set", f"brain.api_base={base}", "--seconds", "1.5", "--out", out)
    return pwm("run", "castle", *flags, *more, OPENAI_API_KEY=CANARY)


def test_a_model_behind_http_decides(server, tmp_path):
    out = tmp_path / "out"
    done = run(server + "/v1", out)
    assert done.returncode == 0, done.stderr
    made = decisions(out)
    assert {row["thought"]["route"] for row in made} == {"brain"}
    assert {row["thought"]["decision"]["motion"] for row in made} == {"a person runs forward"}
    assert json.loads((out / "report.json").read_text())["fallbacks"] == 0
    assert CANARY not in done.stdout + done.stderr + "".join(p.read_text() for p in out.iterdir())


def test_the_reflex_steps_in_for_a_silent_server(tmp_path):
    out = tmp_path / "out"
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        base = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        done = run(base, out, "--set", "brain.deadline_s=0.6")
    assert done.returncode == 0, done.stderr
    routes = [row["thought"]["route"] for row in decisions(out)]
    assert routes
    assert all(route.startswith("reflex: time-out after 0.6 s") for route in routes)
    assert json.loads((out / "report.json").read_text())["fallbacks"] == len(routes)
