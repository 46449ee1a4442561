"""Recorded episodes in the window: the moments are those of the episode, and a person scrubs through them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from prometheus.episode import read_episode
from prometheus.errors import EpisodeError
from prometheus.film import placements, wear
from prometheus.replay import recorded_scenario
from prometheus.window import reel as reels
from prometheus.window.reel import Reel
from tests.prometheus import sample_episode
from tests.prometheus.pwm import ROOT
from tests.prometheus.webreplay.test_page import lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Thirty frames; the agent becomes a tank in the twentieth."""
    rows = lines(30)
    at = next(k for k, row in enumerate(rows) if row["type"] == "frame" and row["frame"] == 20)
    rows[at]["actors"][0]["contacts"] = [{"other": "wall", "kind": "wall"}]
    rows.insert(at, {"type": "change", "frame": 20, "what": "body", "to": "tank"})
    return sample_episode.write(tmp_path_factory.mktemp("reel"), rows)


def test_moments_are_those_of_the_episode(folder, monkeypatch):
    monkeypatch.setattr(reels, "CHUNK", 8)
    reel = Reel.open(folder)
    episode = read_episode(folder)
    nodes = placements(episode, wear(episode, recorded_scenario(episode)))
    for index in (0, 7, 8, 18):
        shown = reel.snapshot(index)
        assert shown.frame == index + 1
        assert np.abs(shown.places["agent"] - nodes["agent"][index]).max() < 1e-5
        actor = shown.actor("beast")
        assert actor is not None
        assert np.hypot(*(shown.places["beast"][:, [2, 0], 3].mean(0) - actor["position"][:2])) < 0.6
    mind = reel.snapshot(12).minds["agent"]
    assert (mind.decided, mind.decisions, mind.emotion, mind.brain) == (11, 2, "alert", "reflex")
    assert mind.thought is not None
    assert mind.thought.decision.motion == "a person walks forward"
    assert mind.verdict is not None
    assert mind.verdict.agreement["backward"] == "false_alarm"


def test_time_goes_on_stops_and_goes_back(folder):
    reel = Reel.open(folder)
    reel.pace.pause()
    reel.advance()
    assert reel.index == 0
    reel.seek(21)
    assert reel.latest[1].frame == 22
    name, asset = reel.dressed.pop()
    assert name == "agent"
    assert len(reel.latest[1].places["agent"]) == len(asset.parents) != len(reel.stage.bodies["agent"].parents)
    assert reel.snapshot(19).wears["agent"] == "tank"
    assert reel.snapshot(18).wears["agent"] == "humanoid"
    assert reel.snapshot(19).state["actors"][0]["contacts"] == []
    reel.seek(-5)
    assert reel.index == 0
    reel.seek(10**9)
    assert reel.index == 29
    reel.play()
    assert (reel.index, reel.pace.paused) == (0, False)
    reel.pace.speed = 8.0
    until = time.monotonic() + 20
    while reel.index < 29 and time.monotonic() < until:
        reel.advance()
    reel.advance()
    assert (reel.index, reel.pace.paused) == (29, True)
    assert [frame for frame, _, _ in reel.felt("agent")] == list(range(1, 31))
    reel.do(lambda playground: playground.simulation.world.close())
    assert "recording" in reel.notices[-1]


def test_what_cannot_be_shown_is_refused(tmp_path):
    rows = [row for row in lines() if row["type"] != "frame"]
    with pytest.raises(EpisodeError, match="no frame to draw"):
        Reel.open(sample_episode.write(tmp_path, rows))
    with pytest.raises(EpisodeError, match="no such file"):
        Reel.open(tmp_path / "nowhere")


@pytest.fixture
def display():
    """An X server without a screen, and its name."""
    if not all(map(shutil.which, ("Xvfb", "xdotool"))):
        pytest.skip("no Xvfb or xdotool here: apt-get install xvfb xdotool")
    pytest.importorskip("imgui_bundle")
    to_read, to_write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(to_write), "-screen", "0", "800x600x24"], pass_fds=[to_write],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(to_write)
    with os.fdopen(to_read) as name:
        number = name.readline().strip()
    yield f":{number}"
    server.kill()
    server.wait()


@pytest.mark.slow
@pytest.mark.external
def test_a_person_scrubs_with_the_mouse(folder, display, tmp_path):
    from PIL import Image

    shots = tmp_path / "shots"
    environment = os.environ | {
        "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1", "XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "prometheus", "play", "--episode", folder, "--size", "640x480"]
    window = subprocess.Popen(
        [*map(str, command), "--screenshot-every", "0.5", str(shots), "--exit-after", "120"], cwd=tmp_path,
        env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip

    def do(*words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], env=environment, check=True, timeout=30)

    def pictures(count: int) -> list[Path]:
        until = time.monotonic() + 90
        while time.monotonic() < until and window.poll() is None:
            found = sorted(shots.glob("*.png"))
            if len(found) >= count:
                return found
            time.sleep(0.2)
        raise AssertionError(f"no pictures: {window.poll()}")

    def latest(done: int) -> np.ndarray:
        """What is seen once two more pictures were kept, the last but one of which is whole."""
        return np.asarray(Image.open(pictures(done + 3)[-2]).convert("RGB")).astype(int)

    try:
        pictures(2)
        do("search", "--onlyvisible", "--name", "PROMETHEUS")
        # The track ends where the mind's panel begins; its right end is the last frame, where the tank is.
        do("mousemove", 20, 452, "mousedown", 1, "mouseup", 1)
        do("key", "space")
        begin = latest(len(pictures(1)))
        do("mousemove", 320, 452, "mousedown", 1, "mouseup", 1)
        end = latest(len(pictures(1)))
        changed = np.abs(begin - end).max(-1) > 24
        assert changed[60:380, :320].mean() > 0.02
        # White where the hand of the timeline stands.
        assert (end[440:465, 300:340].min(-1) > 230).any()
        do("key", "ctrl+q")
        assert window.wait(30) == 0
    finally:
        window.kill()
        window.wait()
