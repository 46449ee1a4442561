"""Duels: the first frame of each kind of parting, both lives as they would be alone, and the picture of both."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from aether.decision import Decision, Outlook
from aether.errors import BrainError
from prometheus.cli.duel import duel
from prometheus.config import VideoConfig
from prometheus.duel.parting import Parting, Partings
from prometheus.duel.screen import brain_title, film, half_size
from prometheus.duel.strip import FLAG, PAPER, Strip
from prometheus.errors import ConfigError, WorldError
from prometheus.inspection import problems
from tests.prometheus import sample_episode
from tests.prometheus.webreplay.test_page import lines
from tests.prometheus.window.desktop import Desktop, missing

BRAVE = "PREDICT: forward=safe, left=safe, right=safe, backward=safe\nMOTION: a person walks forward\n"


def moment(frame: int, motion: str | None, command: str = "a person walks", danger: bool = False) -> Any:
    act = SimpleNamespace(agent="agent", thought=None, verdict=None)
    if motion is not None:
        decision = Decision({"left": Outlook(danger, "wall" if danger else None)}, motion)
        act.thought = SimpleNamespace(decision=decision)
        act.verdict = SimpleNamespace(command=SimpleNamespace(text=command))
    return SimpleNamespace(frame=frame, acts=(act,))


def world(x: float) -> Any:
    return SimpleNamespace(state=lambda: {"actors": [{"id": "agent", "position": [x, 0.0, 0.0]}], "props": []})


def test_each_parting_is_found_in_its_first_frame():
    partings = Partings()
    same = (world(0.0), world(0.0))
    partings.see(same, (moment(1, "a person walks"), moment(1, "a person walks")))
    partings.see(same, (moment(2, None), moment(2, None)))
    assert partings.first is None
    assert partings.to_json() == {"first": None, "said": None, "did": None, "moved": None}
    # They foresee otherwise and the judge has both do the same.
    partings.see(same, (moment(3, "a person walks"), moment(3, "a person walks", danger=True)))
    partings.see((world(0.0), world(1e-9)), (moment(4, None), moment(4, None)))
    partings.see(same, (moment(5, "a person runs", "a person runs"), moment(5, "a person walks")))
    found = partings.to_json()
    assert [found[kind]["frame"] for kind in ("said", "did", "moved")] == [3, 5, 4]
    assert found["first"] == found["said"]
    assert found["said"]["where"].startswith("decision.agent.predict.left.danger was False and is True")
    assert [parting.kind for parting in partings.sorted] == ["said", "moved", "did"]


def test_a_decision_that_one_of_them_makes_later_is_a_parting():
    partings = Partings()
    same = (world(0.0), world(0.0))
    partings.see(same, (moment(1, "a person walks"), moment(1, None)))
    assert partings.first is not None
    assert (partings.first.kind, partings.first.frame) == ("said", 1)


def row(frame: int, feeling: str, call: str) -> dict[str, Any]:
    return {"frame": frame, "scene": {"emotion_state": feeling}, "verdict": {"agreement": {"forward": call}}}


def test_the_strip_marks_where_they_part():
    strip = Strip((640, 72), 100, ("reflex", "\x1b[31mother\u202e" * 9))
    strip.decided(0, row(1, "calm", "hit"))
    strip.decided(1, row(1, "no such feeling", "miss"))
    before = strip.draw(10)
    assert before.shape == (72, 640, 3)
    assert not (before == FLAG).all(-1).any(0)[300:].any()
    strip.part([Parting("moved", 50, "frame.actors[0].position[0] was 1 and is 2", ("", ""))])
    after = strip.draw(100)
    column = int((after[:40] == FLAG).all(-1).mean(0).argmax())
    left = round(0.11 * 640)
    assert abs(column - (left + 0.5 * (640 - left - 8))) <= 2
    assert (after[-1, 2] == PAPER).all()


def test_halves_fill_the_picture_and_names_lose_their_folders():
    for size in ((1280, 720), (480, 270), (855, 481)):
        width, height = half_size(size)
        assert 2 * width < size[0] <= 2 * width + 6
        assert height < size[1]
    assert brain_title("scripted:/home/me/secret/brave.txt") == "scripted:brave.txt"
    assert brain_title("openai/gpt-5-mini") == "openai/gpt-5-mini"


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"brain": ["reflex"]}, ConfigError, "takes two brains, not 1"),
        ({"brain": None}, ConfigError, "takes two brains, not 0"),
        ({"brain": ["reflex", "reflex"], "world": "nowhere"}, WorldError, "nowhere"),
        ({"brain": ["reflex", "scripted:/nowhere.txt"]}, BrainError, "nowhere.txt"),
        ({"brain": ["reflex", "reflex"], "size": "100x100"}, ConfigError, "480x270"),
        ({"brain": ["reflex", "reflex"], "settings": ["no.such=1"]}, ConfigError, "no setting"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, monkeypatch, given, error, says):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=says) as found:
        duel(**{"world": "castle", "out": tmp_path / "out"} | given)
    assert "\n" not in str(found.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_both_live_as_they_would_alone_and_the_film_shows_both(tmp_path, monkeypatch, capsys):
    av = pytest.importorskip("av")
    from prometheus.config import load_config
    from prometheus.product import make

    monkeypatch.chdir(tmp_path)
    (tmp_path / "brave.txt").write_text(BRAVE)
    brains = ["reflex", f"scripted:{tmp_path / 'brave.txt'}"]
    duel("castle", brains, Path("two.mp4"), seed=7, seconds=0.5, size="480x270", json=True)
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(Path("two/report.json").read_text())
    assert found["brains"] == brains
    assert found["parting"]["said"]["frame"] == found["parting"]["first"]["frame"] == 1
    assert found["parting"]["moved"]["frame"] >= 1
    assert found["diff"] is not None
    assert problems(Path("two/a")) == problems(Path("two/b")) == []
    make("castle", load_config(seed=7, seconds=0.5, brain__model=brains[1]), tmp_path / "alone")
    assert Path("two/b/episode.jsonl").read_bytes() == (tmp_path / "alone" / "episode.jsonl").read_bytes()
    with av.open("two.mp4") as film:
        pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)]
    assert len(pictures) == 10
    assert pictures[0].shape == (270, 480, 3)
    width, height = half_size((480, 270))
    left, right = pictures[0][60:150, 4 : width - 4], pictures[0][60:150, 480 - width + 4 : 480 - 4]
    assert np.median(np.abs(left - right)) < 8
    assert left.std() > 10
    assert np.abs(pictures[-1][height:] - pictures[0][height:]).max() > 60


def test_the_film_shows_the_body_that_each_wore_then(tmp_path):
    av = pytest.importorskip("av")
    rows = lines(6)
    a = sample_episode.write(tmp_path / "a", rows)
    at = next(k for k, line in enumerate(rows) if line["type"] == "frame" and line["frame"] == 4)
    change = {"type": "change", "frame": 4, "what": "body", "to": "tank"}
    b = sample_episode.write(tmp_path / "b", [*rows[:at], change, *rows[at:]])
    film((a, b), tmp_path / "two.mp4", VideoConfig(size=(480, 270), samples=0), [], None)
    with av.open(str(tmp_path / "two.mp4")) as film_of:
        pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in film_of.decode(video=0)]
    width, height = half_size((480, 270))
    assert len(pictures) == 6
    # The middles, where the agents are seen and no panel is.
    halves = [(p[60 : height - 20, 100 : width - 60], p[60 : height - 20, 480 - width + 100 : -60]) for p in pictures]
    apart = [float((np.abs(left - right).max(-1) > 60).mean()) for left, right in halves]
    assert max(apart[:3]) < 0.01
    assert min(apart[3:]) > 0.03


@pytest.mark.slow
def test_the_same_brain_twice_never_parts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    duel("arena", ["reflex", "reflex"], Path("twins"), seed=3, seconds=0.5, video=False)
    assert "they never part" in capsys.readouterr().out
    found = json.loads(Path("twins/report.json").read_text())
    assert found["diff"] is None
    assert Path("twins/a/episode.jsonl").read_bytes() == Path("twins/b/episode.jsonl").read_bytes()
    assert not Path("twins/duel.mp4").exists()


@pytest.mark.slow
@pytest.mark.external
@pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")
def test_a_duel_is_seen_in_a_window(tmp_path):
    pytest.importorskip("imgui_bundle")
    (tmp_path / "brave.txt").write_text(BRAVE)
    arguments = (
        "duel", "castle", "--brain", "reflex", "--brain", "scripted:brave.txt", "--seconds", "1.5", "--seed", "7",
        "--window", "--no-video", "--size", "480x270", "--out", "seen",
    )  # fmt: skip
    with Desktop(tmp_path, *arguments) as desktop:

        def both_worlds_and_the_parting() -> bool:
            seen = desktop.see((0, 0, 480, 270))
            left, right = seen[40:150, 10:230], seen[40:150, 250:470]
            alike = min(left.std(), right.std()) > 15 and np.median(np.abs(left - right)) < 30
            return bool(alike and (np.abs(seen[226:] - FLAG).sum(-1) < 30).any())

        desktop.wait(both_worlds_and_the_parting, 150, "picture of both worlds")
        assert desktop.program.wait(120) == 0
    found = json.loads((tmp_path / "seen" / "report.json").read_text())
    assert found["frames"] == 30
    assert problems(tmp_path / "seen" / "a") == problems(tmp_path / "seen" / "b") == []
