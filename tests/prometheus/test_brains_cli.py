"""`pwm brains`: show, decide, estimate, attack."""

from __future__ import annotations

import json

import pytest

from tests.prometheus.pwm import pwm

ARTICLE = {
    "scenario_id": "C04_003", "walls": {"forward": 8.5, "left": None, "right": None, "backward": None},
    "npc_type": "beast", "npc_distance": 3.2, "npc_behavior": "charge", "emotion_state": "alert",
    "recent_decisions": ["hit_wall_left"],
}  # fmt: skip
DATASET = {
    "id": "S01", "cat": "C01", "name_kr": "벽",
    "input": {"walls": {"left": 2.0, "right": None, "front": 9.5}, "ground": "flat", "npc_nearby": False,
              "npc_type": None, "npc_behavior": None, "npc_distance": None, "sound": None, "recent_decisions": []},
}  # fmt: skip
KEYS = {"scenario_id", "text", "predict", "motion", "latency_s", "confidence", "route"}


@pytest.fixture
def scenes(tmp_path):
    file = tmp_path / "scenes.jsonl"
    file.write_text("\n".join(json.dumps(scene, ensure_ascii=False) for scene in (ARTICLE, DATASET)) + "\n\n", "utf-8")
    return file


def lines(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_decide_answers_each_scene_in_its_own_dialect(scenes):
    rows = lines(pwm("brains", "decide", "--brain", "reflex", "--scenes", scenes, "--json"))
    assert [row["scenario_id"] for row in rows] == ["C04_003", "S01"]
    assert all(set(row) == KEYS for row in rows)
    assert rows[0]["text"].startswith("PREDICT: npc=danger(beast,3.2m,charging), forward=")
    assert rows[0]["predict"]["left"] == {"danger": True, "kind": "wall", "distance": None, "detail": "prev"}
    assert rows[1]["text"].startswith("PREDICT: left=danger(wall,2.0m), right=safe(open), fwd=danger(wall,9.5m), back=")
    assert all(row["route"] == "brain" for row in rows)


def test_decide_in_one_dialect_and_from_other_kinds_of_files(scenes, tmp_path):
    whole = tmp_path / "dataset.json"
    whole.write_text(json.dumps({"benchmark": "x", "version": 1, "scenarios": [DATASET, ARTICLE]}))
    rows = lines(
        pwm("brains", "decide", "--brain", "reflex", "--scenes", whole, "--dialect", "dataset", "--jobs", 2, "--json")
    )
    assert [row["scenario_id"] for row in rows] == ["S01", "C04_003"]
    assert all(row["text"].startswith("PREDICT: left=") for row in rows)
    assert all(len(row["motion"].split()) <= 12 for row in rows)
    plain = pwm("brains", "decide", "--scenes", scenes)
    assert plain.stdout.startswith("C04_003 (brain, ")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "holds no scene"), (b"{}\n{nope", "line 2, is not JSON"), (b'{"walls": 3}\n{}', "line 1: walls must be"),
     (b"\xff\xfe\x00", "not UTF-8"), (b'[{}, "x"]', "entry 2")],
)  # fmt: skip
def test_a_file_of_scenes_that_cannot_be_read_is_one_sentence(tmp_path, content, says):
    file = tmp_path / "scenes.jsonl"
    file.write_bytes(content)
    done = pwm("brains", "decide", "--scenes", file)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_attack_reports_a_rate():
    found = json.loads(pwm("brains", "attack", "reflex", "--json").stdout)
    assert {"changed", "total", "rate", "cases"} <= set(found)
    assert (found["changed"], found["rate"]) == (0, 0.0)
    assert found["total"] == len(found["cases"]) >= 30


@pytest.mark.slow
def test_estimate_needs_no_key_and_reckons_with_the_policy():
    flags = ("brains", "estimate", "--brain", "openai/gpt-4o-mini", "--decisions", 100, "--json")
    once = json.loads(pwm(*flags).stdout)
    votes = json.loads(pwm(*flags, "--set", "brain.policy=vote", "--set", "brain.samples=8").stdout)
    assert 0 < once["cost_usd"] < once["cost_usd_max"] < 1
    assert votes["cost_usd_max"] == pytest.approx(8 * once["cost_usd_max"], rel=1e-4)
    assert once["calls_max"] == 100
    free = json.loads(pwm("brains", "estimate", "--brain", "reflex", "--json").stdout)
    assert (free["cost_usd"], free["tokens_max"]) == (0.0, 0)


@pytest.mark.slow
def test_show_prints_the_bytes_that_would_be_sent(fakellm):
    done = pwm("brains", "show", "darwin-9b-neg", "--set", "brain.seed=4")
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert body["model"] == "FINAL-Bench/Darwin-9B-NEG"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert json.loads(body["messages"][1]["content"])["npc_type"] == "beast"
    assert (body["temperature"], body["top_p"]) == (0.6, 0.95)
    assert "vllm serve FINAL-Bench/Darwin-9B-NEG" in done.stderr


def test_show_of_a_brain_without_http_is_its_prompt(scenes):
    done = pwm("brains", "show", "reflex", "--scenes", scenes)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["scenario_id"] == "C04_003"


@pytest.mark.slow
def test_a_run_with_every_fault_still_decides(tmp_path):
    out = tmp_path / "out"
    done = pwm(
        "run", "castle", "--brain", "chaos:reflex", "--seconds", "2", "--out", out,
        "--set", "brain.faults=0.6", "--set", "brain.deadline_s=0.05", "--set", "brain.every_s=0.1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (out / "episode.jsonl").read_text().splitlines()]
    routes = [row["thought"]["route"] for row in rows if row["type"] == "decision"]
    assert len(routes) >= 20
    assert all(routes)
    assert len({route.split(":")[-1] for route in routes}) >= 3


@pytest.mark.slow
def test_a_transcript_runs_again_and_another_seed_parts_from_it(tmp_path):
    first, again = tmp_path / "first", tmp_path / "again"
    assert pwm("run", "castle", "--seconds", "1.5", "--out", first).returncode == 0
    done = pwm("run", "castle", "--seconds", "1.5", "--brain", f"transcript:{first}", "--out", again)
    assert done.returncode == 0, done.stderr

    def frames(folder):
        return [line for line in (folder / "episode.jsonl").read_text().splitlines() if '"type":"frame"' in line]

    assert frames(again) == frames(first)
    other = pwm(
        "run", "castle", "--seconds", "1.5", "--seed", 8, "--brain", f"transcript:{first}", "--out", tmp_path / "other"
    )
    assert other.returncode == 2
    assert "the run parts from the transcript at frame 1: scene." in other.stderr
