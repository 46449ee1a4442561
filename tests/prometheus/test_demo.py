"""The main job, end to end: what `pwm demo` leaves is opened and looked into."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from tests.prometheus.pwm import pwm

SECONDS = 4
FRAMES = 20 * SECONDS
SMALL = ("--set", "video.size=640x360", "--set", "video.samples=0")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "out"
    done = pwm("demo", "--seconds", SECONDS, "--out", out, *SMALL)
    assert done.returncode == 0, done.stderr
    return out, done


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def last_frame(recorded):
    return next(row for row in reversed(recorded) if row["type"] == "frame")


def test_it_says_what_it_made(demo):
    out, done = demo
    names = {"episode.jsonl", "timings.jsonl", "demo.mp4", "agent.glb", "report.json"}
    assert {path.name for path in out.iterdir()} == names
    for name in names:
        assert str(out / name) in done.stdout
    assert "demo:" in done.stderr


def test_the_episode_holds_every_frame_and_decision(demo):
    episode = rows(demo[0] / "episode.jsonl")
    assert episode[0]["type"] == "episode"
    assert episode[0]["seed"] == 7
    frames = [row for row in episode if row["type"] == "frame"]
    assert [row["frame"] for row in frames] == list(range(1, FRAMES + 1))
    decisions = [row for row in episode if row["type"] == "decision"]
    assert len(decisions) >= 2 * SECONDS
    assert {"scene", "thought", "verdict"} <= decisions[0].keys()
    assert decisions[0]["thought"]["text"].startswith("PREDICT: ")
    assert episode[-1]["type"] == "end"
    assert not any("latency" in line or '"ms"' in line for line in (demo[0] / "episode.jsonl").read_text().splitlines())


def test_the_agent_walks_and_its_limbs_move(demo):
    frames = [row for row in rows(demo[0] / "episode.jsonl") if row["type"] == "frame"]
    joints = np.array([row["joints_0.1mm"] for row in frames]).reshape(-1, 22, 3) / 1e4
    travelled = np.linalg.norm(np.diff(joints[:, 0, [0, 2]], axis=0), axis=1).sum()
    assert 1.5 < travelled < 12.0
    swing = joints[:, 7] - joints[:, 8]
    assert np.ptp(np.linalg.norm(swing[:, [0, 2]], axis=1)) > 0.25
    thigh = np.linalg.norm(joints[:, 4] - joints[:, 1], axis=1)
    assert np.ptp(thigh) < 0.03 * thigh.mean()


def test_timings_have_a_line_a_frame(demo):
    timings = rows(demo[0] / "timings.jsonl")
    assert len(timings) == FRAMES
    assert all("motion" in row["ms"] for row in timings)


def test_the_film_plays(demo):
    import av

    with av.open(str(demo[0] / "demo.mp4")) as film:
        stream = film.streams.video[0]
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
        assert stream.average_rate >= 20
        assert (stream.width, stream.height) == (640, 360)
    assert len(pictures) == FRAMES
    first, last = pictures[5].astype(int), pictures[-1].astype(int)
    assert first.std() > 20
    assert np.abs(first - last).mean() > 3


def test_the_glb_plays_the_same_motion(demo):
    from hephaestus.glb import read

    asset = read(demo[0] / "agent.glb")
    clip = asset.animations[0]
    times = np.unique(np.concatenate([channel.times for channel in clip.channels]))
    assert times.max() == pytest.approx((FRAMES - 1) / 20, abs=1e-3)
    rotated = {channel.node for channel in clip.channels if channel.path == "rotation"}
    assert len(rotated) >= 22


def test_the_report_has_its_keys(demo):
    report = json.loads((demo[0] / "report.json").read_text())
    keys = (
        "decisions predictions contacts deepest_wall_penetration_m closest_threat_m deepest_bone_m control_fps frames "
        "renderer brain body world seed versions"
    )
    assert set(keys.split()) <= report.keys()
    assert set(report["predictions"]) == {"hit", "miss", "false_alarm"}
    assert report["frames"] == FRAMES
    assert report["deepest_wall_penetration_m"] <= 0.02
    assert math.isfinite(report["control_fps"])
    assert report["renderer"].startswith(("gl", "tinyrenderer"))


def test_another_run_and_a_replay_are_equal_and_another_seed_is_not(demo, tmp_path):
    out = demo[0]
    first = (out / "episode.jsonl").read_bytes()
    for arguments in (("run", "castle", "--seconds", SECONDS), ("replay", out)):
        again = tmp_path / str(arguments[0])
        done = pwm(*arguments, "--out", again)
        assert done.returncode == 0, done.stderr
        assert (again / "episode.jsonl").read_bytes() == first
    done = pwm("run", "castle", "--seconds", SECONDS, "--seed", 8, "--out", tmp_path / "other")
    assert done.returncode == 0, done.stderr
    other = rows(tmp_path / "other" / "episode.jsonl")
    assert last_frame(other)["actors"] != last_frame(rows(out / "episode.jsonl"))["actors"]


@pytest.mark.slow
def test_without_egl_the_film_is_drawn_by_tinyrenderer(demo, tmp_path):
    recorded = rows(demo[0] / "episode.jsonl")
    head = [row for row in recorded if row.get("frame", 0) <= 6]
    (tmp_path / "episode.jsonl").write_text("".join(json.dumps(row) + "\n" for row in head))
    film = tmp_path / "film.mp4"
    done = pwm("replay", tmp_path, "--video", film, __EGL_VENDOR_LIBRARY_DIRS="/nonexistent", DISPLAY="")
    assert done.returncode == 0, done.stderr
    assert film.stat().st_size > 5_000


def test_a_torn_last_line_is_left_out(demo, tmp_path):
    from prometheus.episode import read_episode

    whole = (demo[0] / "episode.jsonl").read_bytes()
    (tmp_path / "episode.jsonl").write_bytes(whole[: len(whole) * 2 // 3])
    episode = read_episode(tmp_path)
    assert 0 < len(episode.frames) < FRAMES
    assert episode.end is None
