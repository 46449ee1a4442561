"""Broken and hostile weights are refused by name before they are believed."""

from __future__ import annotations

import json
import pickle
import shutil
import struct
from pathlib import Path

import pytest
import torch

from prometheus.data import data_path
from prometheus.errors import MotionError
from prometheus.motion.model import MotionDiT
from prometheus.motion.motor import Motor
from prometheus.motion.scheduler import TriangularScheduler
from prometheus.motion.weights import WEIGHTS, check_config, check_denoiser, check_finite, check_model
from tests.prometheus.inside import inside
from tests.prometheus.inside import refused as refused_by_verb

SMALL = {"width": 16, "depth": 2, "heads": 2, "history": 4}


@pytest.fixture
def folder(tmp_path):
    MotionDiT(**SMALL).half().save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def refused(folder: Path, says: str) -> None:
    with pytest.raises(MotionError) as error:
        check_model(folder, MotionDiT)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


def rewrite_header(folder: Path, change) -> None:
    data = (folder / WEIGHTS).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    change(header)
    new = json.dumps(header).encode()
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", len(new)) + new + data[8 + length :])


def test_what_training_writes_passes(folder):
    check_model(folder, MotionDiT)
    check_model(data_path("assets", "motion", "model"), MotionDiT)
    check_denoiser(data_path("assets", "motion", "model"))


@pytest.mark.parametrize("kept", [0, 4, 8, 300, -1, -1000])
def test_a_truncated_file(folder, kept):
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data[:kept])
    refused(folder, "is not a whole safetensors file")


def test_bytes_too_many(folder):
    with (folder / WEIGHTS).open("ab") as file:
        file.write(b"x")
    refused(folder, "is not a whole safetensors file")


def test_a_header_that_claims_the_world(folder):
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", 2**63) + b"{}")
    refused(folder, "its header claims 9223372036854775808 of 10 bytes")


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", [WEIGHTS, "diffusion_pytorch_model.bin", "last.pt"])
def test_a_pickle_is_never_opened(folder, tmp_path, name):
    (folder / WEIGHTS).unlink()
    (folder / name).write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    refused(folder, "is not a whole safetensors file" if name == WEIGHTS else "is a pickle")
    assert not (tmp_path / "sprung").exists()


def test_missing_files(folder):
    (folder / WEIGHTS).unlink()
    refused(folder, f"{WEIGHTS} is missing")
    shutil.rmtree(folder)
    refused(folder, "config.json is missing")


def test_weights_of_another_model(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"width": 32}))
    refused(folder, "config.json calls for")
    (folder / "config.json").write_text(json.dumps(config | {"depth": 1}))
    refused(folder, "too many")
    (folder / "config.json").write_text(json.dumps(config | {"depth": 3}))
    refused(folder, "lacks the tensor")


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h["leave.weight"].update(dtype="U8"),
        lambda h: h["leave.weight"].update(shape=[2**40, 2**40]),
        lambda h: h["leave.weight"].update(shape=[-1, 16]),
        lambda h: h["leave.weight"].update(data_offsets=[0, 10]),
        lambda h: h["leave.weight"].update(data_offsets=h["leave.bias"]["data_offsets"]),
        lambda h: h.update({"leave.weight": "here"}),
        lambda h: h.pop("leave.weight"),
    ],
)
def test_a_header_that_lies(folder, change):
    rewrite_header(folder, change)
    refused(folder, "is not a whole safetensors file")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not valid JSON"), ("[" * 100_000, ""), ("[]", "not the configuration of a MotionDiT"),
        ('{"_class_name": "Other"}', "not the configuration"), (" " * 70_000, "over 64 KiB"),
        ('{"_class_name": "MotionDiT", "width": 1000000000}', "width is 1000000000"),
        ('{"_class_name": "MotionDiT", "width": "256"}', "width is 256"),
        ('{"_class_name": "MotionDiT", "depth": -1}', "depth is -1"),
        ('{"_class_name": "MotionDiT", "depth": true}', "depth is True"),
        ('{"_class_name": "MotionDiT", "depth": 1e400}', "depth is inf"),
        ('{"_class_name": "MotionDiT", "dropout": NaN}', "dropout is nan"),
        ('{"_class_name": "MotionDiT", "width": 30, "heads": 4}', "does not divide"),
        ('{"_class_name": "MotionDiT", "colour": 3}', "knows no 'colour'"),
        ("\udcff", "not valid JSON"),
    ],
)  # fmt: skip
def test_a_configuration_that_makes_no_sense(tmp_path, text, says):
    (tmp_path / "config.json").write_text(text, errors="surrogateescape")
    with pytest.raises(MotionError) as error:
        check_config(tmp_path / "config.json", MotionDiT)
    assert says in str(error.value)
    assert "config.json" in str(error.value)


def test_weights_that_are_no_numbers(folder):
    model = MotionDiT(**SMALL)
    check_finite(model, folder)
    with torch.no_grad():
        model.leave.bias[3] = torch.nan
    with pytest.raises(MotionError, match=r"leave\.bias holds NaN"):
        check_finite(model, folder)


@pytest.fixture
def whole(tmp_path):
    """A model's folder as training writes it, that may be spoilt."""
    MotionDiT(**SMALL).half().save_pretrained(tmp_path / "motion" / "model")
    TriangularScheduler().save_pretrained(tmp_path / "motion" / "scheduler")
    return tmp_path / "motion"


def test_small_weights_that_are_whole_are_loaded(whole):
    assert Motor.load(whole).network.width == 16


def spoil_config(folder: Path, **changes) -> None:
    file = folder / "model" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def spoil_tensor(folder: Path, name: str, change) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model" / WEIGHTS)
    if change is None:
        del weights[name]
    else:
        weights[name] = change(weights[name])
    save_file(weights, folder / "model" / WEIGHTS)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: (f / "model" / WEIGHTS).write_bytes((f / "model" / WEIGHTS).read_bytes()[:-5000]), "not a whole"),
        (lambda f: (f / "model" / WEIGHTS).write_bytes(pickle.dumps([1])), "not a whole safetensors"),
        (lambda f: (f / "model" / WEIGHTS).rename(f / "model" / "pytorch_model.bin"), "is a pickle"),
        (lambda f: (f / "model" / "config.json").unlink(), "config.json is missing"),
        (lambda f: (f / "scheduler" / "scheduler_config.json").write_text("[]"), "scheduler_config.json"),
        (lambda f: spoil_config(f, width=512), "has a width of 16"),
        (lambda f: spoil_config(f, depth=5), "has a depth of 2"),
        (lambda f: spoil_config(f, heads=3), "config.json"),
        (lambda f: spoil_config(f, heads=10**9), "heads"),
        (lambda f: spoil_config(f, _class_name="Other"), "not the configuration of a MotionDiT"),
        (lambda f: spoil_tensor(f, "leave.bias", lambda t: t * torch.nan), "'leave.bias'"),
        (lambda f: spoil_tensor(f, "leave.bias", lambda t: t[:3].clone()), "do not fit"),
        (lambda f: spoil_tensor(f, "no_words", lambda t: t.sum()), "width"),
        (lambda f: spoil_tensor(f, "enter.weight", None), "do not fit"),
        (lambda f: spoil_tensor(f, "enter.weight", lambda t: t.int()), "not a whole"),
    ],
)  # fmt: skip
def test_the_command_line_refuses_spoilt_weights_by_name(whole, tmp_path, spoil, says):
    spoil(whole)
    done = inside(
        "motion", "sample", "walk", "--set", f"motion.weights={whole}", "--out", "walk.npy", "--seconds", "0.2",
        cwd=tmp_path,
    )  # fmt: skip
    refused_by_verb(done, says)
    assert str(whole) in done.stderr
    assert not (tmp_path / "walk.npy").exists()
