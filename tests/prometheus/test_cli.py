"""The command line: what it refuses, and how."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.prometheus.pwm import pwm


def refused(*arguments: object, says: str, **more: object) -> None:
    done = pwm(*arguments, **more)
    assert done.returncode == 2, done.stderr
    sentences = done.stderr.strip().splitlines()
    assert len(sentences) == 1, done.stderr
    assert says in sentences[0]
    assert done.stdout == ""


def test_help_loads_nothing_heavy():
    heavy = ("torch", "litellm", "pyglet", "pybullet", "diffusers", "transformers", "numpy", "pydantic", "av", "PIL")
    code = f"""
import sys
from prometheus.cli import main
sys.argv = ["pwm", "--help"]
try:
    main()
except SystemExit:
    print([name for name in {heavy} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "demo" in done.stdout
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize(
    "verb",
    ["demo", "run", "replay", "perf", "doctor", "motion sample", "motion train", "motion encode", "motion decode",
     "world list", "brains list"],
)
def test_every_verb_has_help_with_an_example(verb):
    done = pwm(*verb.split(), "--help")
    assert done.returncode == 0
    assert "Example: pwm" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "castel"), "did you mean 'castle'"),
        (("run", "castle", "--brain", "relfex"), "did you mean 'reflex'"),
        (("run", "castle", "--brain", "scripted"), "file"),
        (("run", "castle", "--body", "humanoyd"), "humanoid"),
        (("run", "castle", "--body", "nowhere.glb"), "nowhere.glb"),
        (("run", "castle", "--set", "brain.deadlin_s=4"), "deadline_s"),
        (("run", "castle", "--set", "brain.deadline_s=-1"), "brain.deadline_s"),
        (("run", "castle", "--set", "nonsense"), "key=value"),
        (("run", "castle", "--seed", "-3"), "seed"),
        (("run", "castle", "--seconds", "nan"), "seconds"),
        (("run", "castle", "--config", "nowhere.toml"), "nowhere.toml"),
        (("run", "castle", "--set", "motion.weights=nowhere"), "nowhere"),
        (("replay", "nowhere", "--out", "x"), "nowhere"),
        (("run", "nowhere/world.yaml"), "nowhere/world.yaml"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(tmp_path, arguments, says):
    refused(*arguments, says=says, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_named_before_the_run(tmp_path):
    keyless = {name: "" for name in os.environ if name.endswith("_API_KEY")} | {"OPENAI_API_KEY": ""}
    refused("run", "castle", "--brain", "openai/gpt-5-mini", says="OPENAI_API_KEY", cwd=tmp_path, **keyless)
    assert list(tmp_path.iterdir()) == []


def test_an_unreadable_configuration_is_named(tmp_path):
    (tmp_path / "pwm.toml").write_text("[brain\nmodel = 3")
    refused("run", "castle", says="pwm.toml is not valid TOML", cwd=tmp_path)


def test_a_variable_that_names_no_setting_is_refused(tmp_path):
    refused("run", "castle", says="PWM_BRIAN__MODEL", cwd=tmp_path, PWM_BRIAN__MODEL="reflex")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("kept")
    refused("run", "castle", "--out", "file", says="cannot write to file", cwd=tmp_path)
    refused("demo", "--out", "file/deeper", says="cannot write to file/deeper", cwd=tmp_path)
    assert (tmp_path / "file").read_text() == "kept"


def test_lists_are_json_on_request():
    worlds = json.loads(pwm("world", "list", "--json").stdout)
    assert "castle" in {world["name"] for world in worlds}
    assert "reflex" in json.loads(pwm("brains", "list", "--json").stdout)


def test_perf_prints_its_keys():
    done = pwm("perf", "--seconds", "1", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert {"control_fps", "realtime_factor", "stages", "ratio_to_raw", "hardware"} <= figures.keys()
    assert figures["ratio_to_raw"] >= 1  # below 1 the measurement would be wrong
    assert sum(figures["stages"].values()) == pytest.approx(1, abs=0.01)


@pytest.mark.slow
def test_motion_sample_writes_joints_and_glb(tmp_path):
    import numpy as np

    for name in ("walk.npy", "walk.glb"):
        done = pwm("motion", "sample", "a person walks forward", "--seconds", "1", "--out", name, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    joints = np.load(tmp_path / "walk.npy")
    assert (joints.shape, joints.dtype) == ((20, 22, 3), np.float32)
    refused("motion", "sample", "walk", "--out", "walk.txt", says=".npy, .bvh, .glb, .mp4", cwd=tmp_path)
