"""`pwm body check` and `pwm body retarget`: what they tell, write and refuse."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hephaestus.glb import read, write
from prometheus.wardrobe import gait
from tests.hephaestus.figures import called, fleshed, man
from tests.prometheus.pwm import pwm


@pytest.fixture(scope="module")
def knight(tmp_path_factory):
    path = tmp_path_factory.mktemp("rigs") / "knight.glb"
    write(fleshed(man(), called(man(), "mixamo"))[0], path)
    return path


def test_check_tells_kind_roles_and_size(knight):
    done = pwm("body", "check", knight, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["kind"] == "humanoid"
    assert facts["up"] == [0, 1, 0]
    assert facts["facing"] == [0, 0, 1]
    assert facts["height_m"] == pytest.approx(1.8, abs=0.15)
    assert facts["roles"]["L_shin"]["name"] == "mixamorig:LeftLeg"
    assert [part["name"] for part in facts["roles"]["spine"]] == ["mixamorig:Spine", "mixamorig:Spine1"]
    assert facts["refused"] is None
    assert {"node", "name", "why"} == set(facts["ignored"][0])


@pytest.mark.slow
def test_check_saves_a_map_that_a_person_corrects(knight):
    sheet = knight.with_suffix(".body.yaml")
    assert pwm("body", "check", knight, "--save").returncode == 0
    sheet.write_text(sheet.read_text().replace("LeftHand", "LeftHandIndex1"))
    corrected = json.loads(pwm("body", "check", knight, "--json").stdout)
    fresh = json.loads(pwm("body", "check", knight, "--json", "--fresh").stdout)
    sheet.write_text("roles: [")
    broken = pwm("body", "check", knight, "--json")
    sheet.unlink()
    assert corrected["roles"]["L_hand"]["name"] == "mixamorig:LeftHandIndex1"
    assert fresh["roles"]["L_hand"]["name"] == "mixamorig:LeftHand"
    assert broken.returncode == 1
    assert "YAML" in json.loads(broken.stdout)["refused"]


def test_check_refuses_a_broken_file_with_exit_1_and_a_missing_one_with_2(tmp_path):
    broken = tmp_path / "broken.glb"
    broken.write_bytes(b"glTF" + bytes(200))
    done = pwm("body", "check", broken, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["refused"]
    done = pwm("body", "check", tmp_path / "nowhere.glb")
    assert done.returncode == 2
    assert "no file" in done.stderr


def test_retarget_writes_an_animated_rig_and_prints_figures(knight, tmp_path):
    motion = tmp_path / "walk.npy"
    np.save(motion, gait(1.3).joints)
    out = tmp_path / "walks.glb"
    done = pwm("body", "retarget", motion, knight, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["limb_direction_deg"] < 6.0
    assert figures["flips"] == 0
    assert figures["penetration_share"] <= 0.01
    assert figures["skate_cm_s"] <= figures["source_skate_cm_s"] + 2.0
    assert figures["frames"] == 40
    animated = read(out)
    assert animated.animations
    assert animated.names == read(knight).names


@pytest.mark.slow
def test_retarget_films_and_draws(knight, tmp_path):
    import av
    from PIL import Image

    np.save(tmp_path / "walk.npy", gait(1.3, 0.0, 12).joints)
    for name in ("walks.mp4", "walks.png"):
        done = pwm("body", "retarget", tmp_path / "walk.npy", knight, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    with av.open(str(tmp_path / "walks.mp4")) as reel:
        pictures = [frame.to_ndarray(format="rgb24") for frame in reel.decode(video=0)]
    assert len(pictures) == 12
    assert np.abs(pictures[0].astype(int) - pictures[-1]).max() > 60  # it moves
    assert np.asarray(Image.open(tmp_path / "walks.png").convert("RGB")).std() > 10


@pytest.mark.slow
def test_retarget_quantizes_keeps_clips_and_writes_bvh(knight, tmp_path):
    from hephaestus import bvh

    np.save(tmp_path / "walk.npy", gait(1.3).joints)
    np.save(tmp_path / "run.npy", gait(3.0).joints)
    first, second, small = (tmp_path / f"{name}.glb" for name in ("first", "second", "small"))
    done = pwm("body", "retarget", tmp_path / "walk.npy", knight, "--out", first)
    assert done.returncode == 0, done.stderr
    moves = tmp_path / "run.bvh"
    options = ("--keep-clips", "--bvh", moves)
    done = pwm("body", "retarget", tmp_path / "run.npy", first, "--out", second, *options)
    assert done.returncode == 0, done.stderr
    assert len(read(second).animations) == 2
    assert len(bvh.read(moves).world()[0]) == 40
    done = pwm("body", "retarget", tmp_path / "walk.npy", knight, "--out", small, "--quantize")
    assert done.returncode == 0, done.stderr
    assert small.stat().st_size < first.stat().st_size
    loose, tight = (read(path).animations[0] for path in (first, small))
    for a, b in zip(loose.channels, tight.channels, strict=True):
        np.testing.assert_allclose(b.values, a.values, atol=1e-4)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((10, 21, 3), np.float32), "22"),
        (np.full((10, 22, 3), np.nan, np.float32), "finite"),
        (np.zeros((10, 22, 3), np.float32), "figure"),
        (np.zeros((2, 22, 3), np.float32), "frames"),
        (np.array([{"a": 1}] * 4, object), ""),
    ],
)
def test_retarget_refuses_what_is_no_motion(knight, tmp_path, array, says):
    motion = tmp_path / "bad.npy"
    np.save(motion, array, allow_pickle=True)
    done = pwm("body", "retarget", motion, knight, "--out", tmp_path / "x.glb")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert says in done.stderr
    assert not (tmp_path / "x.glb").exists()


def test_retarget_moves_what_is_no_humanoid_and_tells_how_well_it_follows(tmp_path):
    crate = tmp_path / "crate.glb"
    write(fleshed({"a": ("", (0, 0.2, 0)), "b": ("a", (0, 0.6, 0)), "c": ("b", (0, 0.9, 0))})[0], crate)
    motion = tmp_path / "walk.npy"
    np.save(motion, gait(1.3).joints)
    done = pwm("body", "retarget", motion, crate, "--out", tmp_path / "x.glb", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kind"] == "other"
    assert told["root_path_error"] < 0.05
    assert told["slide_cm"] is None
    moved = read(tmp_path / "x.glb")
    assert len(moved.animations[0].channels[0].times) == 40


def test_build_knows_its_names(tmp_path):
    done = pwm("body", "build", "dragon", "--out", tmp_path)
    assert done.returncode == 2
    assert "humanoid" in done.stderr
