"""Sampling: sentences in time to files, in one process, the same for the same seed, whole or not at all."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import torch

import prometheus.run
from hephaestus import bvh, humanml3d
from hephaestus.glb import read
from hephaestus.skeleton import JOINT_NAMES
from prometheus.config import load_config
from prometheus.data import data_path
from prometheus.motion.motor import Motor
from prometheus.motion.prompts import Script
from prometheus.motion.sample import sample, write
from tests.prometheus.inside import inside, refused
from tests.prometheus.pwm import ROOT


@pytest.fixture(scope="module")
def motor():
    torch.set_num_threads(1)
    return Motor.load(data_path("assets", "motion"))


@pytest.fixture
def shell(tmp_path, motor, monkeypatch):
    """The command line in an empty folder, with the model loaded once for all tests."""
    monkeypatch.setattr(prometheus.run, "load_motion", lambda config: motor)
    return lambda *arguments: inside("motion", "sample", *arguments, cwd=tmp_path)


def test_a_sentence_becomes_each_kind_of_file(shell, tmp_path):
    for name in ("walk.npy", "walk.bvh", "walk.glb"):
        done = shell("a person walks forward", "--seconds", "1.5", "--seed", "3", "--out", f"made/{name}")
        assert (done.returncode, done.stdout) == (0, f"made/{name}\n"), done.stderr
    joints = np.load(tmp_path / "made" / "walk.npy")
    assert (joints.shape, joints.dtype) == ((30, 22, 3), np.float32)
    assert abs(float(humanml3d.heading(joints[0]))) < 0.1
    np.testing.assert_allclose(joints[0, 0, [0, 2]], 0, atol=1e-6)
    file = bvh.read(tmp_path / "made" / "walk.bvh")
    _, places = file.world()
    order = [file.index(name) for name in JOINT_NAMES]
    np.testing.assert_allclose(places[:, order] / 100, joints, atol=0.02)
    assert file.fps == pytest.approx(20)
    animation = read(tmp_path / "made" / "walk.glb").animations[0]
    assert max(float(channel.times[-1]) for channel in animation.channels) == pytest.approx(29 / 20)
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["walk.bvh", "walk.glb", "walk.npy"]


def test_the_seed_decides_and_later_sentences_come_later(motor):
    def joints(seed: int, *then: tuple[float, str], urgent: bool = False) -> np.ndarray:
        script = Script("x", "a person stands still", then, urgent)
        return sample(motor, script, 2.0, seed=seed).joints

    still = joints(1)
    assert not np.array_equal(still, joints(2))
    ordinary, urgent = (joints(1, (0.6, "a person sprints forward in panic"), urgent=flag) for flag in (False, True))
    changed = [int(np.argmax(np.abs(other - still).max((1, 2)) > 0.03)) for other in (ordinary, urgent)]
    assert changed[0] > changed[1] >= 12
    assert np.array_equal(still[:12], urgent[:12])
    assert np.linalg.norm(urgent[-1, 0] - urgent[12, 0]) > np.linalg.norm(still[-1, 0] - still[12, 0]) + 0.3


def test_a_file_of_prompts_is_sampled_line_by_line(shell, tmp_path):
    lines = [
        {"id": "walk", "text": "a person walks forward"},
        {"id": "turn", "text": "a person walks forward", "then": [[0.5, "a person turns left"]], "urgent": True},
        {"id": "odd", "text": "走\ud800 \u0000 🏃"},
    ]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, lines)))
    arguments = ("--prompts", "p.jsonl", "--seconds", "1", "--seed", "5")
    done = shell(*arguments, "--out", "out", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"] == ["out/walk.npy", "out/turn.npy", "out/odd.npy"]
    made = {path.stem: np.load(path) for path in (tmp_path / "out").iterdir()}
    assert {name: (a.shape, a.dtype) for name, a in made.items()} == {
        name: ((20, 22, 3), np.float32) for name in ("walk", "turn", "odd")
    }
    assert np.array_equal(made["walk"][:10], made["turn"][:10])
    assert not np.array_equal(made["walk"], made["turn"])
    # What a line gives depends neither on the others nor on the way it is asked for.
    (tmp_path / "p.jsonl").write_text(json.dumps(lines[1]))
    assert shell(*arguments, "--out", "alone").returncode == 0
    assert np.array_equal(np.load(tmp_path / "alone" / "turn.npy"), made["turn"])
    done = shell("a person walks forward", "--then", "a person turns left@0.5", "--urgent", *arguments[2:], "--out",
                 "one.npy")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert np.array_equal(np.load(tmp_path / "one.npy"), made["turn"])


def test_wrong_usage_is_one_sentence_and_leaves_nothing(shell, tmp_path):
    (tmp_path / "p.jsonl").write_text('{"id": "a", "text": "x"}\n{"id": "../b", "text": "x"}\n')
    (tmp_path / "file").write_text("kept")
    cases = [
        (("--out", "x.npy"), "either a TEXT or --prompts"),
        (("walk", "--prompts", "p.jsonl", "--out", "out"), "either a TEXT or --prompts"),
        (("--prompts", "p.jsonl", "--out", "out"), "p.jsonl line 2: the id '../b'"),
        (("--prompts", "p.jsonl", "--then", "run@1", "--out", "out"), "--then and --urgent"),
        (("--prompts", "nowhere", "--out", "out"), "cannot read nowhere"),
        (("walk", "--out", "x.txt"), ".npy, .bvh, .glb, .mp4"),
        (("walk", "--out", "x"), ".npy, .bvh, .glb, .mp4"),
        (("walk", "--seconds", "nan", "--out", "x.npy"), "--seconds nan"),
        (("walk", "--seconds", "-1", "--out", "x.npy"), "--seconds -1"),
        (("walk", "--then", "run", "--out", "x.npy"), "TEXT@SECONDS"),
        (("walk", "--then", "run@9", "--out", "x.npy"), "outside the motion"),
        (("walk", "--seed", "-1", "--out", "x.npy"), "seed"),
        (("walk", "--out", "file/x.npy"), "cannot write to file"),
        (("x" * 20_001, "--out", "x.npy"), "20001 characters"),
        (("walk", "--body", "nobody", "--out", "x.glb"), "nobody"),
    ]
    for arguments, says in cases:
        refused(shell(*arguments), says)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "p.jsonl"]


def test_a_film_shows_every_frame_and_the_sentences(motor, tmp_path):
    import av

    script = Script("x", "a person walks forward", ((0.3, "a person \ud800 走 stops"),))
    config = load_config(settings=["video.size=320x180", "video.samples=0"])
    write(sample(motor, script, 0.5, seed=1), tmp_path / "x.mp4", config, script)
    with av.open(tmp_path / "x.mp4") as film:
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        assert float(film.streams.video[0].average_rate) == 20
    assert len(pictures) == 10
    band = [picture[-14:].astype(int) for picture in pictures]
    assert np.abs(band[1] - band[4]).mean() < np.abs(band[4] - band[8]).mean()
    assert pictures[0][:-20].std() > 20


def test_the_python_call_of_the_readme():
    text = (ROOT / "README.md").read_text()
    block = next(b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "Motor" in b)
    assert len(block.strip().splitlines()) == 3
    found: dict[str, Any] = {}
    exec(block.replace("seconds=4.0", "seconds=0.5"), found)
    assert found["frames"].joints.shape == (10, 22, 3)
