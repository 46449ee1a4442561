"""A person at a real window: keys and mouse from outside, and pixels of what comes of them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from prometheus.episode import read_episode
from tests.prometheus.window.desktop import Desktop, missing, parted

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing()), reason=f"{missing()} not installed: apt-get install xvfb xdotool"),
]
SIZE = (900, 600)
WORLD, PANEL, NOTICES = (0, 60, 560, 440), (600, 0, 900, 600), (0, 440, 560, 600)
"""Boxes on the screen: the world, the mind's panel, where notices stand."""


def test_a_person_walks_speaks_changes_and_keeps_what_happened(tmp_path: Path) -> None:
    shots, kept, figures = tmp_path / "shots", tmp_path / "kept", tmp_path / "stats.json"
    width, height = SIZE
    with Desktop(
        tmp_path, "play", "stairs", "--seed", 7, "--size", f"{width}x{height}", "--stats", figures, "--out", kept,
        "--screenshot-every", 4, shots, "--detail", 0.5, "--set", "judge=off",
    ) as desk:  # fmt: skip
        desk.wait(lambda: desk.titled("Terraces"), 150, "world")
        desk.wait(lambda: len(list(shots.glob("*.png"))) > 0, 90, "first picture of a running world")
        desk.do("mousemove", 280, 300)
        desk.key("Escape", "2", "F10", "space")
        time.sleep(1.2)
        still = desk.see(WORLD)
        time.sleep(0.6)
        assert parted(still, desk.see(WORLD)) < 0.01, "a paused world moves"

        desk.do("mousemove", 280, 300, "mousedown", 3, "mousemove", 400, 320, "mouseup", 3)
        desk.wait(lambda: parted(still, desk.see(WORLD)) > 0.2, 10, "turn of the camera")

        turned = desk.see(WORLD)
        desk.key("space")
        desk.do("keydown", "w")
        time.sleep(2.0)
        desk.do("keyup", "w")
        desk.key("space")
        time.sleep(0.8)
        walked = desk.see(WORLD)
        assert parted(turned, walked) > 0.1, "the agent did not walk"

        panel = desk.see(PANEL)
        empty = desk.see(NOTICES)
        desk.key("space", "t")
        desk.wait(lambda: parted(empty, desk.see(NOTICES), 30) > 0.02, 10, "line to type in")
        time.sleep(0.4)
        before = desk.see(NOTICES)
        desk.do("type", "--delay", "30", "wave both arms and hop backwards")
        desk.wait(lambda: parted(before, desk.see(NOTICES), 60) > 0.004, 10, "letters in the line")
        desk.key("Return")
        desk.wait(lambda: parted(panel, desk.see(PANEL), 60) > 0.01, 10, "sentence in the panel")
        time.sleep(1.0)
        gold = np.abs(desk.see(PANEL) - np.array([255, 214, 92])).max(-1) < 60
        assert gold.any(1).sum() > 20, "no golden sentence in the panel"

        desk.key("space")
        time.sleep(0.6)
        dressed = desk.see(WORLD)
        desk.key("b", "space")

        def worn() -> bool:
            desk.key("ctrl+s")
            time.sleep(0.5)
            return any('"type":"change"' in path.read_text("utf-8") for path in kept.glob("episode-*/episode.jsonl"))

        desk.wait(worn, 60, "change of the body in an episode that is kept")
        desk.key("space")
        desk.wait(lambda: parted(dressed, desk.see(WORLD)) > 0.01, 20, "other body")

        desk.key("F1")
        time.sleep(0.6)
        Image.fromarray(desk.see((0, 0, width, height)).astype(np.uint8)).save(tmp_path / "help.png")
        desk.key("F1", "F12")
        desk.wait(lambda: bool(list(kept.glob("*.png"))), 20, "kept picture")
        desk.key("ctrl+q")
        assert desk.program.wait(30) == 0, desk.log.read_text()

    episode = read_episode(max(kept.glob("episode-*"), key=lambda folder: len((folder / "episode.jsonl").read_bytes())))
    said = [row["thought"]["decision"]["motion"] for row in episode.decisions if row["thought"]["route"] == "person"]
    assert "wave both arms and hop backwards" in said
    assert "a person walks forward" in said
    assert "a person stands still" in said
    assert [row["what"] for row in episode.changes] == ["body"]
    with Image.open(next(kept.glob("*.png"))) as shot:
        assert shot.size == SIZE
    stats = json.loads(figures.read_text())
    assert stats["frames"] > 20
    assert stats["inputs"] > 5
    assert tuple(stats["size"]) == SIZE
    assert 0 < stats["frame_ms_p50"] <= stats["frame_ms_p99"] <= stats["frame_ms_max"]


def test_it_fills_the_screen_and_comes_back_and_its_letters_are_as_large_as_the_screen_is_fine(tmp_path: Path) -> None:
    with Desktop(tmp_path, "play", "arena", "--seed", 7, "--size", "640x480", "--detail", 0.5, dpi=192) as desk:
        desk.wait(lambda: desk.titled("PROMETHEUS: ") and desk.see((0, 90, 320, 130)).std() > 20, 150, "world")
        time.sleep(1.5)

        def size() -> str:
            # While the window is made anew there is none.
            names = desk.do("search", "--onlyvisible", "--name", "PROMETHEUS").split()
            return desk.do("getwindowgeometry", names[0]).split("Geometry: ")[-1] if names else ""

        desk.do("mousemove", 150, 200)
        desk.key("Escape")
        gold = np.abs(desk.see((330, 0, 640, 44)) - np.array([255, 214, 92])).max(-1) < 60
        assert np.ptp(np.flatnonzero(gold.any(1))) >= 14, "letters are as small as on a coarse screen"
        corner = (1000, 600, 1280, 800)
        assert desk.see(corner).max() == 0
        desk.key("F11")
        desk.wait(lambda: size() == "1280x800" and desk.see(corner).std() > 5, 20, "full screen")
        time.sleep(1.0)
        desk.key("2", "space")
        time.sleep(1.0)
        before = desk.see((0, 300, 640, 800))
        desk.do("mousemove", 300, 600, "mousedown", 3, "mousemove", 420, 620, "mouseup", 3)
        desk.wait(lambda: parted(before, desk.see((0, 300, 640, 800))) > 0.2, 10, "turn of the camera")
        desk.do("mousemove", 150, 200)
        desk.key("F11")
        desk.wait(lambda: size() == "640x480" and desk.see(corner).max() == 0, 20, "way back")
        # A key that is let go while there is no window to be told of it is heard again all the same.
        for held_ms, shown in ((10, "1280x800"), (30, "640x480")):
            desk.do("key", "--delay", held_ms, "F11")
            desk.wait(lambda shown=shown: size() == shown, 20, f"{shown} again")
        time.sleep(1.0)
        before = desk.see((0, 130, 320, 480))
        desk.do("mousemove", 100, 200, "mousedown", 3, "mousemove", 220, 200, "mouseup", 3)
        desk.wait(lambda: parted(before, desk.see((0, 130, 320, 480))) > 0.2, 10, "turn of the camera after it")
        desk.key("ctrl+q")
        assert desk.program.wait(30) == 0, desk.log.read_text()
    kept = json.loads(next(tmp_path.rglob("window.json")).read_text())
    assert kept["size"] == [1120, 680]


def test_a_window_without_a_display_says_what_to_do() -> None:
    from tests.prometheus.pwm import pwm

    done = pwm("play", "castle", "--exit-after", 1, DISPLAY="")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "DISPLAY" in done.stderr
    assert "xvfb" in done.stderr
