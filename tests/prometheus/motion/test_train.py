"""Training: it goes on after a kill as if nothing had happened, stops in time, and refuses what is broken."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zlib
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from prometheus.errors import ConfigError, MotionError
from prometheus.motion import checkpoint
from prometheus.motion.curves import curves_of, draw_curves
from prometheus.motion.losses import Losses
from prometheus.motion.model import MotionDiT
from prometheus.motion.pipeline import MotionPipeline
from prometheus.motion.plan import Plan, make_plan, read_plans
from prometheus.motion.scheduler import TriangularScheduler
from prometheus.motion.train import Trainer, find_device, open_split
from tests.prometheus.inside import inside, refused
from tests.prometheus.motion.tiny_corpus import write_corpus
from tests.prometheus.pwm import ROOT

SMALL = Plan(steps=4, batch=2, length=12, groups=2, width=16, depth=1, heads=2, every=2, warmup=2, rate=1e-3)


class Letters:
    """Stands in for the text encoder: token states that follow from the words."""

    def states(self, texts):
        found = []
        for text in texts:
            words = [np.random.default_rng(zlib.crc32(word.encode())).normal(size=384) for word in text.split()[:32]]
            found.append(torch.tensor(np.array(words or [np.zeros(384)]), dtype=torch.float32))
        return found


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def whole(corpus, tmp_path_factory):
    """The folder of a training that was left alone."""
    folder = tmp_path_factory.mktemp("whole")
    trainer(corpus, folder).run()
    return folder


def trainer(corpus, out, **changes):
    return Trainer(replace(SMALL, **changes), corpus, out, encoder=Letters())


def weights(out):
    return checkpoint.load(out)["average"]


class Killed(Exception):
    pass


@pytest.mark.parametrize("moment", ["step", "export", "save", "between"])
def test_a_killed_training_ends_with_the_same_weights(corpus, whole, tmp_path, monkeypatch, moment):
    first = trainer(corpus, tmp_path)
    with monkeypatch.context() as patch:
        calls = 0

        def die(*arguments, **named):
            nonlocal calls
            calls += 1
            if calls == 2:
                raise Killed
            return real(*arguments, **named)

        where, name = {
            "step": (first, "_follow"), "export": (checkpoint.shutil, "rmtree"), "save": (checkpoint.os, "replace"),
            "between": (checkpoint, "save"),
        }[moment]  # fmt: skip
        real = getattr(where, name)
        patch.setattr(where, name, die)
        with pytest.raises(Killed):
            first.run()
    again = trainer(corpus, tmp_path)
    assert again.step < 4
    again.run()
    assert again.step == 4
    ended = weights(tmp_path)
    for name, tensor in weights(whole).items():
        assert torch.equal(tensor, ended[name]), name
    made, wanted = (
        [{k: v for k, v in row.items() if k != "seconds"} for row in checkpoint.rows(out)] for out in (tmp_path, whole)
    )
    assert made == wanted
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {
        "last.pt", "log.jsonl", "loss.png", "plan.json", "ema/model/config.json",
        "ema/model/diffusion_pytorch_model.safetensors", "ema/scheduler/scheduler_config.json",
    }  # fmt: skip


def test_what_training_writes_can_be_loaded_and_goes_on(corpus, whole, tmp_path):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    pipeline = MotionPipeline.load(tmp_path / "ema")
    assert pipeline.model.config.width == 16
    longer = trainer(corpus, tmp_path, steps=6)
    assert longer.step == 4
    longer.run()
    assert [row["step"] for row in checkpoint.rows(tmp_path) if "val" in row] == [2, 4, 6]


def test_it_learns(corpus, tmp_path):
    run = trainer(corpus, tmp_path, steps=25, every=25, ema=0.5, rate=1e-2)
    before = run._validate()
    assert run.run()["diffusion"] < 0.8 * before["diffusion"]


def test_it_stops_when_nothing_gets_better_and_keeps_the_best(corpus, tmp_path, monkeypatch):
    losses = iter([3.0, 2.0, 2.5, 2.5, 2.5, 1.0])
    run = trainer(corpus, tmp_path, steps=100, every=1, patience=3)
    kept = []
    monkeypatch.setattr(run, "_validate", lambda: {"total": next(losses)})
    monkeypatch.setattr(checkpoint, "export", lambda *_: kept.append(run.step))
    run.run()
    assert run.step == 5
    assert kept == [1, 2]
    # A second start stops where the first did.
    second = trainer(corpus, tmp_path, steps=100, every=1, patience=3)
    second.run()
    assert second.step == 5


def test_a_state_of_another_size_or_a_broken_one_is_refused(corpus, whole, tmp_path):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    with pytest.raises(MotionError, match="another size than width 32"):
        trainer(corpus, tmp_path, width=32)
    state = (tmp_path / "last.pt").read_bytes()
    for broken in (state[:200], b"", b"x" * 1000):
        (tmp_path / "last.pt").write_bytes(broken)
        with pytest.raises(MotionError, match="not a whole state of training"):
            trainer(corpus, tmp_path)
        assert (tmp_path / "last.pt").read_bytes() == broken
    torch.save({"step": 3}, tmp_path / "last.pt")
    with pytest.raises(MotionError, match="not a whole state of training"):
        trainer(corpus, tmp_path)


def test_a_state_cannot_run_code(corpus, tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    torch.save({"step": Trap()}, tmp_path / "last.pt")
    with pytest.raises(MotionError, match="not a whole state of training"):
        trainer(corpus, tmp_path)
    assert not (tmp_path / "sprung").exists()


def test_broken_corpora_are_refused(corpus, tmp_path):
    with pytest.raises(MotionError, match="no corpus"):
        trainer(tmp_path / "nowhere", tmp_path / "out")
    folder = write_corpus(tmp_path / "broken")
    rows = json.loads((folder / "clips.json").read_text())
    array = (folder / "corpus.npz").read_bytes()
    only_training = [row for row in rows if row["split"] == "train"]
    for index, data in (
        ("[]", array), ("{}", array), ("3", array), (json.dumps(only_training), array), (json.dumps(rows), array[:900]),
        (json.dumps([{**row, "start": 10**9} for row in rows]), array),
        (json.dumps([{**row, "spans": None} for row in rows]), array),
    ):  # fmt: skip
        (folder / "clips.json").write_text(index)
        (folder / "corpus.npz").write_bytes(data)
        with pytest.raises(MotionError) as refused:
            trainer(folder, tmp_path / "out")
        assert str(folder) in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_plans_come_from_a_file_then_from_settings_then_from_flags(tmp_path):
    (tmp_path / "plan.toml").write_text("[denoiser]\nsteps = 10\nwidth = 32\n[evaluator]\nbatch = 7\n")
    given = read_plans(tmp_path / "plan.toml", ["drop_text=0.5", "evaluator.steps=3", "steps=11"], steps=12, rate=None)
    assert given["denoiser"] == {"steps": 12, "width": 32, "drop_text": "0.5"}
    assert given["evaluator"] == {"batch": 7, "steps": "3"}
    plan = make_plan(Plan, given["denoiser"])
    assert (plan.steps, plan.width, plan.drop_text, plan.rate) == (12, 32, 0.5, Plan().rate)
    (tmp_path / "plan.json").write_text(json.dumps({"steps": 5}))
    assert read_plans(tmp_path / "plan.json")["denoiser"] == {"steps": 5}


@pytest.mark.parametrize(
    ("values", "says"),
    [({"stepz": 3}, "knows no 'stepz'"), ({"steps": 0}, "steps is 0"), ({"steps": "x"}, "steps is x"),
     ({"steps": 1.5}, "a whole number"), ({"drop_text": 2}, "from 0 to 1"), ({"rate": float("nan")}, "rate is nan"),
     ({"seed": -1}, "seed is -1"), ({"width": True}, "width is True"), ({"steps": None}, "steps is None")],
)  # fmt: skip
def test_plans_that_make_no_sense_are_refused(values, says):
    with pytest.raises(ConfigError, match=says):
        make_plan(Plan, values)


@pytest.mark.parametrize("text", ["[denoiser", "[other]\nsteps = 3", "denoiser = 3\n[evaluator]\n", "\xff"])
def test_plan_files_that_make_no_sense_are_refused(tmp_path, text):
    (tmp_path / "plan.toml").write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=r"plan\.toml"):
        read_plans(tmp_path / "plan.toml")
    with pytest.raises(ConfigError, match="cannot read"):
        read_plans(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="--set takes key=value"):
        read_plans(None, ["steps"])


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match="cpu or cuda"):
        find_device("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="no CUDA device"):
            find_device("cuda")


def test_curves_are_drawn_from_a_log(tmp_path):
    from PIL import Image

    rows = [{"step": s, "seconds": s, "total": 3.0 / s, "val": {"total": 4.0 / s}} for s in range(1, 50)]
    curves = curves_of([*rows, {"step": 50, "total": float("nan")}])
    assert {name: len(points) for name, points in curves.items()} == {"total": 49, "total, kept aside": 49}
    for name, drawn in (("a.png", curves), ("empty.png", {})):
        draw_curves(drawn, tmp_path / name)
        with Image.open(tmp_path / name) as image:
            image.load()
            assert image.size == (1000, 560)
            colours = len(image.getcolors(1_000_000) or [])
        assert colours > (20 if drawn else 3)
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", "empty.png"}


def test_the_verb_trains_both_from_one_file(corpus, tmp_path):
    small = ("batch", "length", "groups", "width", "depth", "heads")
    table = "\n".join(f"{name} = {getattr(SMALL, name)}" for name in small)
    (tmp_path / "plan.toml").write_text(f"[denoiser]\n{table}\n[evaluator]\nbatch = 4\nsteps = 2\n")
    done = inside(
        "motion", "train", "--stage", "all", "--corpus", corpus, "--out", "out", "--plan", "plan.toml", "--steps", "2",
        "--every", "1", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "denoiser: 2 of 2, kept aside: total " in done.stderr
    figures = json.loads(done.stdout)
    assert figures["denoiser"]["step"] == 2
    assert "evaluator" in figures
    made = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {"ema/model/config.json", "loss.png", "evaluation/evaluator/config.json", "evaluation/loss.png"} <= made


def test_the_verb_refuses_wrong_usage_in_one_sentence(corpus, tmp_path):
    (tmp_path / "file").write_text("kept")
    for arguments, says in (
        (("--corpus", "nowhere", "--out", "out"), "nowhere is no corpus"),
        (("--corpus", corpus, "--out", "file/out"), "cannot write to file/out"),
        (("--corpus", corpus, "--out", "out", "--steps", "0"), "steps is 0"),
        (("--corpus", corpus, "--out", "out", "--set", "stepz=3"), "knows no 'stepz'"),
        (("--corpus", corpus, "--out", "out", "--set", "evaluator.steps=x"), "steps is x"),
        (("--corpus", corpus, "--out", "out", "--plan", "nowhere.toml"), "cannot read nowhere.toml"),
    ):
        refused(inside("motion", "train", *arguments, cwd=tmp_path), says)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.long
@pytest.mark.slow
def test_a_real_training_survives_kill_9(tmp_path):
    """The verb itself is killed at some moment of its work, started again, and ends as one that was left alone."""
    corpus = write_corpus(tmp_path / "corpus")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def start(out):
        command = [sys.executable, "-m", "prometheus", "motion", "train", "--corpus", str(corpus), "--out", str(out)]
        numbers = {name: getattr(SMALL, name) for name in ("batch", "width", "depth", "heads")} | {"every": 10}
        command += [f"--{name}={value}" for name, value in numbers.items()]
        command += ["--steps=40", "--set=length=12", "--set=groups=2", "--set=warmup=2", "--json"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(run):
        try:
            out, errors = run.communicate(timeout=300)
        finally:
            run.kill()
        assert run.returncode == 0, errors
        assert json.loads(out)["denoiser"]["step"] == 40

    finish(start(tmp_path / "whole"))
    for reached in (10, 20):
        run = start(tmp_path / "cut")
        try:
            deadline = time.monotonic() + 300
            while not any(row["step"] >= reached for row in checkpoint.rows(tmp_path / "cut")):
                assert run.poll() is None, run.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.01)
        finally:
            run.send_signal(signal.SIGKILL)
            run.communicate()
    finish(start(tmp_path / "cut"))
    ended = weights(tmp_path / "cut")
    for name, tensor in weights(tmp_path / "whole").items():
        assert torch.equal(tensor, ended[name]), name


def test_losses_leave_nothing_behind_on_the_cpu(corpus, monkeypatch):
    """On PyTorch's meta device, where a tensor of the CPU in between fails as it would beside one of a GPU."""
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: contextlib.nullcontext())
    scheduler = TriangularScheduler()
    clips = open_split(corpus, "train", Letters())
    batch = clips.batch(np.random.default_rng(0), SMALL.batch, SMALL.length, SMALL.groups, scheduler.chunk)
    there = replace(batch, **{field.name: getattr(batch, field.name).to("meta") for field in fields(batch)})
    model = MotionDiT(width=16, depth=1, heads=2).to("meta")
    losses = Losses(SMALL, scheduler, None)(model, there, torch.Generator())
    losses["total"].backward()
    assert {part.device.type for part in losses.values()} == {"meta"}
    assert {p.grad.device.type for p in model.parameters() if p.grad is not None} == {"meta"}
