"""Recorded episodes in the window: the moments are those of the episode, and a person scrubs through them."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from prometheus.drawing.film import pieces, suits
from prometheus.episode import read_episode
from prometheus.errors import EpisodeError
from prometheus.replay import recorded_scenario
from prometheus.window import recording as recordings
from prometheus.window.recording import Recording
from tests.prometheus import sample_episode
from tests.prometheus.webreplay.test_page import lines
from tests.prometheus.window.desktop import Desktop, missing, parted


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Thirty frames; the agent becomes a tank in the twentieth."""
    rows = lines(30)
    at = next(k for k, row in enumerate(rows) if row["type"] == "frame" and row["frame"] == 20)
    rows[at]["actors"][0]["contacts"] = [{"other": "wall", "kind": "wall"}]
    rows.insert(at, {"type": "change", "frame": 20, "what": "body", "to": "tank"})
    return sample_episode.write(tmp_path_factory.mktemp("recording"), rows)


def test_moments_are_those_of_the_episode(folder, monkeypatch):
    monkeypatch.setattr(recordings, "CHUNK", 8)
    recording = Recording.open(folder)
    episode = read_episode(folder)
    worn = pieces(episode, suits(episode, recorded_scenario(episode)))
    nodes = {name: parts[0][2] for name, parts in worn.items()}
    for index in (0, 7, 8, 18):
        shown = recording.snapshot(index)
        assert shown.frame == index + 1
        assert np.abs(shown.places["agent"] - nodes["agent"][index]).max() < 1e-5
        actor = shown.actor("beast")
        assert actor is not None
        assert np.hypot(*(shown.places["beast"][:, [2, 0], 3].mean(0) - actor["position"][:2])) < 0.6
    mind = recording.snapshot(12).minds["agent"]
    assert (mind.decided, mind.decisions, mind.emotion, mind.brain) == (11, 2, "alert", "reflex")
    assert mind.thought is not None
    assert mind.thought.decision.motion == "a person walks forward"
    assert mind.verdict is not None
    assert mind.verdict.agreement["backward"] == "false_alarm"


def test_time_goes_on_stops_and_goes_back(folder):
    recording = Recording.open(folder)
    recording.pace.pause()
    recording.advance()
    assert recording.index == 0
    recording.seek(21)
    assert recording.latest[1].frame == 22
    name, asset, shape = recording.dressed.pop()
    assert shape.asset.parents is asset.parents
    assert name == "agent"
    before = recording.setting.stage.bodies["agent"]
    assert len(recording.latest[1].places["agent"]) == len(asset.parents) != len(before.parents)
    assert recording.snapshot(19).wears["agent"] == "tank"
    assert recording.snapshot(18).wears["agent"] == "humanoid"
    assert recording.snapshot(19).state["actors"][0]["contacts"] == []
    recording.seek(-5)
    assert recording.index == 0
    recording.seek(10**9)
    assert recording.index == 29
    recording.play()
    assert (recording.index, recording.pace.paused) == (0, False)
    recording.pace.speed = 8.0
    until = time.monotonic() + 20
    while recording.index < 29 and time.monotonic() < until:
        recording.advance()
    recording.advance()
    assert (recording.index, recording.pace.paused) == (29, True)
    assert [frame for frame, _, _ in recording.felt("agent")] == list(range(1, 31))
    recording.do("look", np.eye(4))
    assert not recording.notices
    recording.do("reset")
    assert "recording" in recording.notices[-1]


def test_what_cannot_be_shown_is_refused(tmp_path):
    rows = [row for row in lines() if row["type"] != "frame"]
    with pytest.raises(EpisodeError, match="no frame to draw"):
        Recording.open(sample_episode.write(tmp_path, rows))
    with pytest.raises(EpisodeError, match="no such file"):
        Recording.open(tmp_path / "nowhere")


def test_without_a_display_or_an_episode_it_is_one_sentence(folder, tmp_path, monkeypatch):
    from prometheus.config import load_config
    from prometheus.errors import RenderError
    from prometheus.window.app import Wanted
    from prometheus.window.viewer import Viewer

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    for episode, error in ((tmp_path / "nowhere", EpisodeError), (folder, RenderError)):
        with pytest.raises(error) as found:
            Viewer(episode, load_config(), Wanted())
        assert "\n" not in str(found.value)


@pytest.mark.slow
@pytest.mark.external
@pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")
def test_a_person_scrubs_with_the_mouse(folder, tmp_path):
    pytest.importorskip("imgui_bundle")
    with Desktop(tmp_path, "play", "--episode", folder, "--size", "640x480") as desktop:

        def hand_at(left: int, right: int) -> bool:
            """Whether the white hand of the timeline stands there."""
            return bool((desktop.see((left, 440, right, 466)).min(-1) > 230).any())

        desktop.wait(lambda: desktop.titled("PROMETHEUS") and desktop.see((0, 0, 640, 400)).std() > 20, 150, "picture")
        desktop.do("mousemove", 20, 452, "mousedown", 1)
        time.sleep(0.3)
        desktop.do("mouseup", 1)
        desktop.wait(lambda: hand_at(8, 40), 30, "jump to the beginning")
        desktop.key("space")
        desktop.do("mousemove", 200, 452, "mousedown", 1)
        time.sleep(0.3)
        desktop.do("mouseup", 1)
        desktop.wait(lambda: hand_at(185, 215), 30, "jump along the timeline")
        time.sleep(1.0)
        before = desktop.see((0, 60, 310, 390))
        desktop.do("mousemove", 320, 452, "mousedown", 1)
        time.sleep(0.3)
        desktop.do("mouseup", 1)
        # Now it is another body, farther on.
        desktop.wait(lambda: parted(before, desktop.see((0, 60, 310, 390))) > 0.02, 30, "change of the picture")
        desktop.key("ctrl+q")
        assert desktop.program.wait(30) == 0
