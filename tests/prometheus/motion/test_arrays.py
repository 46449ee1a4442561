"""Array files: what is written comes back, whatever else they hold is refused by name."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hephaestus import bvh, humanml3d
from hephaestus.skeleton import rest_joints
from prometheus.errors import MotionError
from prometheus.motion.arrays import FEATURES, JOINTS, decode_file, encode_file, read_array, write_array
from tests.prometheus.inside import inside, refused
from tests.prometheus.motion.tiny_corpus import walk


def saved(path: Path, array: np.ndarray, **options) -> Path:
    np.save(path, array, **options)
    return path


def test_joints_become_features_and_come_back(tmp_path):
    joints = walk(30, 0.06, 0.03)
    saved(tmp_path / "walk.npy", joints)
    done = inside("motion", "encode", "walk.npy", "--out", "made/walk_263.npy", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "made/walk_263.npy\n")
    features = np.load(tmp_path / "made" / "walk_263.npy")
    np.testing.assert_array_equal(features, humanml3d.encode(joints))
    assert features.dtype == np.float32
    done = inside("motion", "decode", "made/walk_263.npy", "--out", "again.npy", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "again.npy"), humanml3d.canonical(joints)[:-1], atol=1e-4)
    assert inside("motion", "decode", "made/walk_263.npy", "--out", "again.bvh", cwd=tmp_path).returncode == 0
    _, places = bvh.read(tmp_path / "again.bvh").world()
    np.testing.assert_allclose(places[:, 0] / 100, np.load(tmp_path / "again.npy")[:, 0], atol=1e-3)


@pytest.mark.parametrize("kind", ["<f8", ">f4", "<f2", "<i4"])
def test_numbers_of_other_kinds_and_orders_are_read(tmp_path, kind):
    joints = (walk(5, 0.06, 0.0) * 4).round().astype(kind)
    for order in "CF":
        read = read_array(saved(tmp_path / "a.npy", np.asarray(joints, order=order)), JOINTS)
        assert read.dtype == np.float32
        assert read.flags.c_contiguous
        np.testing.assert_array_equal(read, joints.astype(np.float32))


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((5, 21, 3)), "[5, 21, 3], not [T, 22, 3]"), (np.zeros((5, 66)), "[5, 66]"), (np.zeros(()), "[]"),
        (np.zeros((1, 22, 3)), "has 1 frames"), (np.zeros((0, 22, 3)), "has 0 frames"),
        (np.full((3, 22, 3), np.nan), "holds nan at [0, 0, 0]"), (np.full((3, 22, 3), 1e300), "holds inf"),
        (np.full((3, 22, 3), np.iinfo(np.int64).min), "holds -9.2"), (np.zeros((3, 22, 3), complex), "complex128"),
        (np.zeros((3, 22, 3), "U4"), "<U4"), (np.zeros((3, 22, 3), bool), "bool"),
        (np.zeros((3, 22, 3), np.longdouble), "float128"), (np.zeros((3, 22, 3), [("x", "f4")]), "[('x', '<f4')]"),
        (np.zeros((100_001, 22, 3), np.int8), "has 100001 frames"),
    ],
)  # fmt: skip
def test_arrays_of_another_kind_are_refused(tmp_path, array, says):
    saved(tmp_path / "odd.npy", array)
    refused(inside("motion", "encode", "odd.npy", "--out", "made/out.npy", cwd=tmp_path), "odd.npy")
    with pytest.raises(MotionError) as error:
        read_array(tmp_path / "odd.npy", JOINTS, least=2)
    assert says in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["odd.npy"]


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_pickles_are_never_opened(tmp_path):
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    saved(tmp_path / "trap.npy", trap, allow_pickle=True)
    (tmp_path / "bare.npy").write_bytes(pickle.dumps(trap))
    np.savez(tmp_path / "zip.npz", a=np.zeros((3, 22, 3)))
    refused(inside("motion", "encode", "trap.npy", "--out", "out.npy", cwd=tmp_path), "pickled Python objects")
    refused(inside("motion", "encode", "bare.npy", "--out", "out.npy", cwd=tmp_path), "is not a .npy file of numbers")
    refused(inside("motion", "decode", "zip.npz", "--out", "out.npy", cwd=tmp_path), "is not a .npy file of numbers")
    assert not (tmp_path / "sprung").exists()


def header(text: str) -> bytes:
    data = text.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + len(data).to_bytes(2, "little") + data


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x93NUMPY", b"\x93NUMPY\x09\x00" + b"x" * 100, header("{'descr': '<f4'"), header("[" * 5000),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000000, 22, 3)}"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 22, 3)}"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (9000, 22, 3)}"),
        header("{'descr': '|O', 'fortran_order': False, 'shape': (3, 22, 3)}"),
        header("{'descr': 'f" + "4" * 3000 + "', 'fortran_order': False, 'shape': (3, 22, 3)}"),
        header("__import__('os').mkdir('sprung')"),
    ],
)  # fmt: skip
def test_headers_that_lie_are_refused(tmp_path, data):
    (tmp_path / "bad.npy").write_bytes(data)
    with pytest.raises(MotionError, match=r"bad\.npy"):
        read_array(tmp_path / "bad.npy", JOINTS)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.npy"]


@given(st.integers(0, 400), st.binary(max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, at, put):
    file = io.BytesIO()
    np.save(file, np.tile(rest_joints(), (2, 1, 1)))
    data = file.getvalue()
    path = tmp_path_factory.mktemp("damaged") / "a.npy"
    path.write_bytes(data[:at] + put + data[at + len(put) :])
    try:
        array = read_array(path, JOINTS)
    except MotionError:
        return
    assert array.shape[1:] == JOINTS
    assert np.isfinite(array).all()


def test_places_that_cannot_be_read_or_written_are_named(tmp_path):
    saved(tmp_path / "walk.npy", walk(5, 0.06, 0.0))
    (tmp_path / "file").write_text("kept")
    refused(inside("motion", "encode", "nowhere.npy", "--out", "x.npy", cwd=tmp_path), "cannot read nowhere.npy")
    refused(inside("motion", "encode", ".", "--out", "x.npy", cwd=tmp_path), "cannot read")
    refused(inside("motion", "encode", "walk.npy", "--out", "file/x.npy", cwd=tmp_path), "cannot write file/x.npy")
    refused(inside("motion", "encode", "walk.npy", "--out", "x.txt", cwd=tmp_path), "ends in .npy")
    refused(inside("motion", "decode", "walk.npy", "--out", "x.npy", cwd=tmp_path), "not [T, 263]")
    refused(inside("motion", "decode", "walk.npy", "--out", "x.txt", cwd=tmp_path), ".npy, .bvh, .glb, .mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "walk.npy"]


def test_absurd_features_give_finite_joints(tmp_path):
    rng = np.random.default_rng(0)
    saved(tmp_path / "noise.npy", rng.normal(0, 1e4, (50, 263)))
    decode_file(tmp_path / "noise.npy", tmp_path / "joints.npy")
    joints = np.load(tmp_path / "joints.npy")
    assert joints.shape == (50, 22, 3)
    assert np.isfinite(joints).all()
    saved(tmp_path / "point.npy", np.zeros((4, 22, 3)))
    encode_file(tmp_path / "point.npy", tmp_path / "point_263.npy")
    assert np.isfinite(read_array(tmp_path / "point_263.npy", FEATURES)).all()


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    write_array(tmp_path / "a.npy", np.zeros(3))
    before = (tmp_path / "a.npy").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(MotionError, match="No space left"):
        write_array(tmp_path / "a.npy", np.ones(3))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.npy": before}
