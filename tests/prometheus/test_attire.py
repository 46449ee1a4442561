"""Bodies that an episode names: those that ship, lie beside it or are given, and no other file of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from hephaestus.bodies import load_body
from prometheus.attire import Attire
from prometheus.data import data_path
from prometheus.drawing.film import pieces, suits
from prometheus.episode import read_episode
from prometheus.errors import EpisodeError
from prometheus.replay import changes, recorded_scenario
from prometheus.window.recording import Recording
from tests.prometheus import sample_episode
from tests.prometheus.pwm import pwm
from tests.prometheus.webreplay.test_page import lines


def changed(folder: Path, *swaps: tuple[int, str, str], frames: int = 12) -> Path:
    """Write an episode in which actors change their bodies: (frame, who, body)."""
    rows: list[dict[str, Any]] = lines(frames)
    for frame, who, body in swaps:
        at = next(k for k, row in enumerate(rows) if row["type"] == "frame" and row["frame"] == frame)
        rows.insert(at, {"type": "change", "frame": frame, "agent": who, "what": "body", "to": body})
    return sample_episode.write(folder, rows)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A body that is none of an episode's business."""
    path = tmp_path / "elsewhere" / "secret.glb"
    path.parent.mkdir()
    shutil.copy(data_path("assets", "bodies", "robot.glb"), path)
    shutil.copy(data_path("assets", "bodies", "robot.body.yaml"), path.with_suffix(".body.yaml"))
    return path


def test_an_episode_may_name_what_ships_lies_beside_it_or_is_given(secret: Path, tmp_path: Path) -> None:
    folder = changed(tmp_path / "episode", (5, "agent", str(secret)))
    beside = folder / "own.glb"
    shutil.copy(secret, beside)
    plain = Attire(folder)
    assert plain.place("tank") == "tank"
    assert plain.place("own.glb") == plain.place(str(beside)) == plain.place("/anywhere/own.glb") == str(beside)
    (folder / "link.glb").symlink_to(secret)
    for name in (str(secret), "../elsewhere/secret.glb", "link.glb", "~/x.glb", "", "a\0b.glb", "x" * 9000 + ".glb"):
        with pytest.raises(EpisodeError, match="--body") as refused:
            plain.place(name)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 300
    given = Attire(folder, [secret])
    assert given.place("/somebody/elses/secret.glb") == str(secret)
    assert Attire(own=True).place(str(secret)) == str(secret)
    assert given.load(str(secret)).kind == load_body("robot").kind


def test_whatever_shows_or_lives_an_episode_again_refuses_other_files(secret: Path, tmp_path: Path) -> None:
    folder = changed(tmp_path / "episode", (5, "agent", str(secret)))
    episode = read_episode(folder)
    with pytest.raises(EpisodeError, match="neither ships nor lies beside it"):
        suits(episode, recorded_scenario(episode), Attire(folder))
    with pytest.raises(EpisodeError, match="neither ships nor lies beside it"):
        Recording.open(folder)
    assert Recording.open(folder, [str(secret)]).snapshot(6).wears["agent"] == "secret"
    simulation: Any = type("Nobody", (), {"world": type("World", (), {"frame": 4}), "agents": ()})
    with pytest.raises(EpisodeError, match="neither ships nor lies beside it"):
        changes(episode)(simulation)
    done = pwm("replay", folder, "--html", tmp_path / "page.html")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--body" in done.stderr
    assert not (tmp_path / "page.html").exists()


def test_everybody_is_drawn_in_what_they_wore_then(tmp_path: Path) -> None:
    episode = read_episode(changed(tmp_path, (5, "agent", "tank"), (7, "beast", "robot"), (9, "agent", "humanoid")))
    worn = suits(episode, recorded_scenario(episode))
    assert [(at, body.name) for at, body in worn["agent"]] == [(0, "humanoid"), (4, "tank"), (8, "humanoid")]
    assert [(at, body.name) for at, body in worn["beast"]][1:] == [(6, "robot")]
    for actor, each in pieces(episode, worn).items():
        assert [(start, asset) for start, asset, _ in each] == [(at, body.asset) for at, body in worn[actor]]
        assert sum(len(world) for _, _, world in each) == len(episode.frames)
        assert all(world.shape[1] == len(asset.parents) for _, asset, world in each)
