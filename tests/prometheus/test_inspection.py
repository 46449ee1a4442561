"""What is said of a recorded episode: sound or not, its figures, where two part, why a body did something."""

from __future__ import annotations

import hashlib
import json

import pytest

from prometheus.episode import read_episode
from prometheus.errors import EpisodeError
from prometheus.inspection import difference, problems, summary
from prometheus.why import why
from tests.prometheus.inside import inside, refused
from tests.prometheus.sample_episode import rows, write


def test_a_sound_episode_has_no_problem(tmp_path):
    assert problems(write(tmp_path, rows(agents=("agent", "second")))) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda r: r.pop(), "no last line of type 'end'"),
        (lambda r: r.remove(next(x for x in r if x.get("frame") == 7)), "frame 8 follows frame 6"),
        (lambda r: r.remove(next(x for x in r if x["type"] == "decision")), "an outcome in frame 41 is of a decision"),
        (lambda r: r.remove(next(x for x in r if x["type"] == "prompt")), "answers a prompt that is not there"),
        (lambda r: r[-1].update(contacts=9), "the last line says contacts 9, the lines before it 1"),
        (lambda r: r[-1].update(brier=0.1), "the last line says brier 0.1"),
        (lambda r: r.append(r[-1]), "comes after the end"),
        (lambda r: r[2].update(agent="nobody"), "names 'nobody', who is no agent"),
        (lambda r: r[2].update(frame=30), "a decision of frame 30 stands before frame 1"),
    ],
)
def test_problems_are_named(tmp_path, change, says):
    lines = rows()
    change(lines)
    found = problems(write(tmp_path, lines))
    assert any(says in problem for problem in found), found


def test_the_summary_counts_from_the_lines(tmp_path):
    write(tmp_path, [row for row in rows() if row["type"] != "end"])
    (tmp_path / "report.json").write_text(json.dumps({"control_fps": 90.5, "renderer": "gl", "frames": 7}))
    found = summary(tmp_path)
    assert found["sha256"] == hashlib.sha256((tmp_path / "episode.jsonl").read_bytes()).hexdigest()
    assert (found["frames"], found["decisions"], found["contacts"], found["caught"]) == (45, 2, 1, False)
    assert found["predictions"] == {"hit": 4, "miss": 0, "false_alarm": 2}
    assert found["settled"] == {"hit": 2, "miss": 1, "false_alarm": 1, "correct_safe": 1}
    # Three of five right at 80 %: (3 x 0.04 + 2 x 0.64) / 5.
    assert found["brier"] == pytest.approx(0.28)
    assert found["lead_time_s"] == pytest.approx((0.9 + 1.5) / 2)
    assert found["closest_threat_m"] == pytest.approx(6.0 - 45 * 0.05 - 0.6)
    assert (found["control_fps"], found["renderer"], found["complete"]) == (90.5, "gl", False)
    assert found["reliability"][0]["right"] == pytest.approx(0.6)


def test_a_broken_report_beside_it_is_no_matter(tmp_path):
    write(tmp_path)
    (tmp_path / "report.json").write_text("[" * 100_000)
    (tmp_path / "timings.jsonl").write_text('{"ms": {"a": 20.0}}\n{"ms": {"a": 5.0}}\n')
    assert summary(tmp_path)["control_fps"] == 80.0
    (tmp_path / "timings.jsonl").write_text('{"ms": 3}\n')
    assert summary(tmp_path)["control_fps"] is None


def test_equal_runs_do_not_part(tmp_path):
    a, b = write(tmp_path / "a"), write(tmp_path / "b")
    assert difference(a, b) is None
    done = inside("episode", "diff", a, b, "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["equal"]) == (0, True)


def test_the_first_step_and_field_are_named(tmp_path):
    lines = rows()
    next(row for row in lines if row["type"] == "frame" and row["frame"] == 30)["actors"][1]["position"][2] = 0.5
    lines[0]["seed"] = 8
    a, b = write(tmp_path / "a"), write(tmp_path / "b", lines)
    found = difference(a, b)
    assert found is not None
    assert (found["frame"], found["type"], found["field"]) == (30, "frame", "frame.actors[1].position[2]")
    assert found["time_s"] == 1.5
    assert found["header"] == ["episode.seed was 7 and is 8"]
    done = inside("episode", "diff", a, b, cwd=tmp_path)
    assert done.returncode == 1
    assert "frame 30 (1.5 s)" in done.stdout


def test_a_shorter_run_parts_where_it_ends(tmp_path):
    a, b = write(tmp_path / "a"), write(tmp_path / "b", rows()[:20])
    found = difference(a, b)
    assert found is not None
    assert "ends there" in found["where"]
    assert found["frame"] == 17


def test_why_leads_to_the_prompt_and_to_what_was_cited(tmp_path):
    episode = read_episode(write(tmp_path))
    found = why(episode, 30)
    assert (found["decided_at"], found["agent"], found["replaced"]) == (11, "agent", True)
    assert found["prompt"]["system"] == "You are the mind of one body."
    entries = {entry["key"]: entry for entry in found["entries"]}
    assert entries["forward"]["cites"] == [{"object": "wall", "direction": "forward", "distance": 1.7}]
    assert entries["backward"]["cites"][1] == {"object": "memory", "token": "hit_wall_backward"}
    # Two beasts are in the scene: the one at the said distance is meant.
    assert entries["npc"]["cites"][0]["id"] == "beast"
    assert entries["npc"]["forecast"]["id"] == "beast"
    assert entries["left"]["cites"] == []
    assert (entries["forward"]["agreement"], entries["forward"]["outcome"]) == ("hit", None)
    assert why(episode, 5)["entries"][1]["outcome"] == "hit"


def test_why_on_the_command_line(tmp_path):
    write(tmp_path)
    done = inside("episode", "why", tmp_path, "--at", "0.4", "--prompt", cwd=tmp_path)
    assert done.returncode == 0
    for text in ("decided in frame 1", "cites the wall forward, 1.7 m", "two seconds later: wall after 0.90 s -> hit",
                 "JUDGE    a person walks to the left", "You are the mind of one body."):  # fmt: skip
        assert text in done.stdout
    refused(inside("episode", "why", tmp_path, "--at", "9", cwd=tmp_path), "no frame 180; it has 1 to 45")
    refused(inside("episode", "why", tmp_path, cwd=tmp_path), "say which moment")
    refused(inside("episode", "why", tmp_path, "--at", "nan", cwd=tmp_path), "--at takes seconds")


def test_why_without_a_decision_or_agent(tmp_path):
    episode = read_episode(write(tmp_path, [row for row in rows() if row.get("frame") != 1 or row["type"] == "frame"]))
    with pytest.raises(EpisodeError, match="nothing had been decided"):
        why(episode, 5)
    with pytest.raises(EpisodeError, match="no agent 'me'"):
        why(episode, 5, "me")
