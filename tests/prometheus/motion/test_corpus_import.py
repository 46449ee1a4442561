"""Importers: what they read comes out as the same motion, and what is broken leaves one sentence and nothing else."""

import gzip
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hephaestus import bvh, humanml3d, ik, rotation
from hephaestus.errors import BodyError
from hephaestus.humanml3d import heading
from hephaestus.motion import Motion
from prometheus.cli.motion_corpus import app
from prometheus.errors import MotionError
from prometheus.motion.corpus import clean, importing, mocap, stored, travel
from prometheus.motion.corpus.acclaim import read_asf_amc
from prometheus.motion.corpus.clip import Raw
from prometheus.motion.corpus.deepmimic import read_deepmimic
from prometheus.motion.corpus.humanml import read_captions
from prometheus.motion.corpus.measure import measure

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"

pytest.importorskip("pybullet_data", reason="needs the clips of the pybullet wheel")


def folder_of_pybullet() -> Path:
    import pybullet_data

    return Path(pybullet_data.getDataPath()) / "data" / "motions"


@pytest.fixture(scope="module")
def walk() -> np.ndarray:
    return next(clip.joints for clip in mocap.read_pybullet() if clip.id == "dm-walk")


@pytest.fixture(scope="module")
def walk_bvh(walk, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bvh") / "walk.bvh"
    bvh.write(path, ik.rotations_from_joints(walk), walk[:, 0])
    return path


def imported(*paths: Path, **wish) -> list:
    return importing.read_files(importing.sources(list(paths)), importing.Wish(**wish))[0]


def pose(joints: np.ndarray) -> np.ndarray:
    """Joints about the pelvis, facing +z."""
    local = joints - joints[:, :1]
    return rotation.rotate(rotation.yaw(-heading(local))[:, None], local)


def assert_same_motion(clip, walk, within=0.03):
    count = min(len(clip.joints), len(walk))
    assert abs(len(clip.joints) - len(walk)) <= 2
    assert np.linalg.norm(pose(clip.joints[:count]) - pose(walk[:count]), axis=-1).mean() < within
    facts = measure(clip.joints)
    assert (facts.direction, facts.pace) == ("forward", "walk")
    assert facts.speed == pytest.approx(measure(walk).speed, rel=0.1)


_MIXAMO = dict(
    zip(
        "pelvis spine1 spine2 spine3 neck head hip knee ankle foot collar shoulder elbow wrist".split(),
        "Hips Spine Spine1 Spine2 Neck Head UpLeg Leg Foot ToeBase Shoulder Arm ForeArm Hand".split(),
        strict=True,
    )
)
_BIPED = dict(
    zip(
        _MIXAMO,
        "Pelvis Spine Spine1 Spine2 Neck Head Thigh Calf Foot Toe0 Clavicle UpperArm Forearm Hand".split(),
        strict=True,
    )
)


def renamed(text: str, style: str) -> str:
    def name(match: re.Match[str]) -> str:
        side, joint = {"L_": "Left", "R_": "Right"}.get(match[1] or "", ""), match[2]
        if style == "mixamo":
            return f"mixamorig:{side}{_MIXAMO[joint]}"
        return " ".join(filter(None, ("Bip01", side[:1], _BIPED[joint])))

    return re.sub(r"\b(L_|R_)?(" + "|".join(_MIXAMO) + r")\b(?=\n)", name, text)


@pytest.mark.parametrize("style", ["own", "mixamo", "biped", "inches", "z up", "gzipped"])
def test_bvh_of_any_naming_unit_and_axis_is_the_same_walk(walk, walk_bvh, tmp_path, style):
    path, text = tmp_path / "walk.bvh", walk_bvh.read_text()
    if style in ("mixamo", "biped"):
        text = renamed(text, style)
        assert "pelvis" not in text
    if style == "inches":
        turns = ik.rotations_from_joints(walk)
        bvh.write(path, turns, walk[:, 0])
        text = scaled(path.read_text(), 1 / 2.54)
    if style == "z up":
        tilt = rotation.from_axis_angle(np.array([1, 0, 0], np.float32), np.float32(np.pi / 2))
        turns = ik.rotations_from_joints(walk)
        turns[:, 0] = rotation.multiply(tilt, turns[:, 0])
        bvh.write(path, turns, rotation.rotate(tilt, walk[:, 0]))
        text = path.read_text()
    if style == "gzipped":
        path = tmp_path / "walk.bvh.gz"
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    (clip,) = imported(path)
    assert_same_motion(clip, walk)
    assert clip.kind == "walk"
    texts = [t for span in clip.spans for t in span.texts]
    assert any("forward" in t or "ahead" in t or "straight" in t for t in texts)


def scaled(text: str, factor: float) -> str:
    head, motion = text.split("MOTION")
    head = re.sub(
        r"OFFSET (\S+) (\S+) (\S+)",
        lambda m: "OFFSET " + " ".join(f"{float(v) * factor:.5f}" for v in m.groups()),
        head,
    )
    lines = motion.strip().split("\n")
    for i, line in enumerate(lines[2:], 2):
        numbers = line.split()
        lines[i] = " ".join([*(f"{float(v) * factor:.5f}" for v in numbers[:3]), *numbers[3:]])
    return head + "MOTION\n" + "\n".join(lines)


def test_deepmimic_cycles_are_laid_end_to_end():
    path = folder_of_pybullet() / "humanoid3d_walk.txt"
    once, long = read_deepmimic(path, 1), read_deepmimic(path)
    assert len(long.joints) > 3 * len(once.joints)
    assert np.abs(np.diff(long.joints[:, 0], axis=0)).max() < 0.05
    (clip,) = imported(path)
    assert measure(clip.joints).pace == "walk"
    assert clip.spans


_BONES = (
    "lhipjoint root 1 -1 0 2, lfemur lhipjoint 0.2 -1 0 7, ltibia lfemur 0 -1 0 7, lfoot ltibia 0 -0.4 1 2, "
    "lowerback root 0 1 0 2, upperback lowerback 0 1 0 2, thorax upperback 0 1 0 2, lowerneck thorax 0 1 0 1, "
    "upperneck lowerneck 0 1 0 1, head upperneck 0 1 0 1, lclavicle thorax 1 0.4 0 3, lhumerus lclavicle 1 0 0 5, "
    "lradius lhumerus 1 0 0 4"
)


def write_acclaim(folder: Path, frames: int = 130) -> Path:
    """A body that raises its left arm while it walks on along z at 1 m/s, in CMU's formats."""
    rows = [bone.split() for bone in _BONES.split(", ")]
    rows += [
        [f"r{n[1:]}", p if p in ("root", "thorax") else f"r{p[1:]}", str(-float(x)), y, z, length]
        for n, p, x, y, z, length in rows
        if n.startswith("l") and n not in ("lowerback", "lowerneck")
    ]
    lines = [":version 1.10", ":units", " mass 1.0", " length 0.45", " angle deg", ":root", " order TX TY TZ RX RY RZ"]
    lines += [" axis XYZ", " position 0 0 0", " orientation 0 0 0", ":bonedata"]
    for name, _, x, y, z, length in rows:
        way = np.array([float(x), float(y), float(z)])
        way /= np.linalg.norm(way)
        lines += [" begin", f" name {name}", " direction " + " ".join(f"{v:.6f}" for v in way), f" length {length}"]
        lines += [" axis 0 0 0 XYZ", *([" dof rx ry rz"] if name == "lhumerus" else []), " end"]
    lines += [":hierarchy", " begin", *(f" {parent} {name}" for name, parent, *_ in rows), " end"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "07.asf").write_text("\n".join(lines))
    motion = [":FULLY-SPECIFIED", ":DEGREES"]
    for i in range(frames):
        motion += [
            str(i + 1),
            f"root 0 16.5 {i * 0.45 / 0.0254 / 120:.5f} 0 0 0",
            f"lhumerus 0 0 {60 * i / frames:.4f}",
        ]
    path = folder / "07_01.amc"
    path.write_text("\n".join(motion))
    return path


def test_acclaim_places_bones_in_metres_and_turns_them(tmp_path):
    path = write_acclaim(tmp_path)
    raw = read_asf_amc(tmp_path / "07.asf", path)
    assert raw.fps == 120.0
    np.testing.assert_allclose(raw.joints[-1, 0, 2] - raw.joints[0, 0, 2], 129 / 120, atol=1e-3)
    thigh = np.linalg.norm(raw.joints[0, 4] - raw.joints[0, 1])
    assert thigh == pytest.approx(7 * 0.0254 / 0.45, abs=1e-3)
    arm = raw.joints[-1, 20] - raw.joints[-1, 18]
    assert np.rad2deg(np.arctan2(arm[1], arm[0])) == pytest.approx(60 * 129 / 130, abs=0.5)
    assert raw.joints[0, 16, 0] > 0 > raw.joints[0, 17, 0]
    (clip,) = imported(path, text="someone floats ahead")
    assert clip.spans[0].texts == ("someone floats ahead",)


@pytest.mark.skipif(not (SHARED / "mocap" / "golden").is_dir(), reason="needs ../shared/mocap")
def test_acclaim_agrees_with_the_golden_walk():
    folder = SHARED / "mocap" / "raw" / "cyun9601_cmu_asfamc" / "02"
    raw = read_asf_amc(folder / "02.asf", folder / "02_01.amc")
    golden = np.load(SHARED / "mocap" / "golden" / "walk_joints22.npy")
    ours = clean.resample(raw.joints, raw.fps)
    count = min(len(ours), len(golden))
    apart = np.linalg.norm(pose(ours[:count]) - pose(golden[:count]), axis=-1)
    assert np.median(apart) < 0.03


def test_a_glb_gives_back_the_motion_that_was_written_into_it(walk, tmp_path):
    from hephaestus.bodies import load_body
    from hephaestus.glb import write_animated

    body = load_body("humanoid")
    motion = Motion(walk, ik.rotations_from_joints(walk), clean.contacts(walk))
    path = tmp_path / "figure.glb"
    write_animated(body.asset, body.poses(body.fit(motion)), 20.0, path, "Figure_Walking")
    (clip,) = imported(path)
    assert_same_motion(clip, walk, within=0.06)
    assert clip.kind == "walk"
    assert any("walking" in span.texts for span in clip.spans)  # the animation's own name, without the file's
    assert np.mean([t.count("forward") for span in clip.spans for t in span.texts]) > 0
    legs = pose(clip.joints[: len(walk)])[:, [4, 5, 7, 8]] - pose(walk)[: len(clip.joints), [4, 5, 7, 8]]
    assert np.linalg.norm(legs, axis=-1).mean() < 0.05


def test_a_clip_that_treads_in_place_gets_its_travel_back(walk):
    path = walk[:, :1] * np.array([1.0, 0.0, 1.0], np.float32)
    raw = travel.travelling(Raw(walk - path, None, 20.0))
    assert measure(raw.joints).speed == pytest.approx(measure(walk).speed, rel=0.2)
    still = np.repeat(walk[:1], 40, 0)
    assert travel.travelling(Raw(still, None, 20.0)).joints is still


def humanml_folder(folder: Path, walk: np.ndarray) -> Path:
    (folder / "new_joint_vecs").mkdir(parents=True)
    (folder / "texts").mkdir()
    for name in ("000007", "M000007", "000010"):
        np.save(folder / "new_joint_vecs" / f"{name}.npy", humanml3d.encode(walk))
        (folder / "texts" / f"{name}.txt").write_text(
            "a man walks ahead.#a/DET man/NOUN walk/VERB ahead/ADV#0.0#0.0\n"
            "he takes two steps#he/PRON take/VERB two/NUM step/NOUN#1.0#2.5\nhe goes on#he/PRON#nan#nan\n"
        )
    (folder / "test.txt").write_text("000010\n")
    return folder


def test_humanml3d_folders_come_with_their_captions_and_parts(walk, tmp_path):
    folder = humanml_folder(tmp_path / "HumanML3D", walk)
    first, second = imported(folder)
    assert [first.id, second.id, first.aside, second.aside] == ["humanml-000007", "humanml-000010", False, True]
    assert_same_motion(first, walk)
    whole, part = first.spans
    assert (whole.start, whole.end, whole.texts) == (0, len(first), ("a man walks ahead.", "he goes on"))
    assert (part.start, part.end, part.texts) == (20, 50, ("he takes two steps",))


def test_an_import_is_a_corpus_that_builds_on(walk_bvh, tmp_path, monkeypatch):
    from prometheus.motion.corpus import generate

    run = CliRunner().invoke
    made = run(importer(), [str(walk_bvh), "--out", str(tmp_path / "clips"), "--json"])
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["clips"] == 1
    (clip,) = stored.read(tmp_path / "clips")
    assert clip.id == "walk"
    real = generate.orders
    monkeypatch.setattr(generate, "orders", lambda amount: real(0.01)[:2])
    out = tmp_path / "corpus"
    built = run(app, ["build", "--out", str(out), "--imported", str(tmp_path / "clips"), "--json"])
    assert built.exit_code == 0, built.output
    figures = json.loads(built.stdout)
    assert figures["origins"]["mocap"] > 1
    names = {c.id for c in stored.read(out)}
    assert {"walk", "walk~m", "dm-walk", "gen-0000", "gen-0001~m"} <= names
    told = run(app, ["report", str(out), "--json", "--strips", str(tmp_path / "strips")])
    assert told.exit_code == 0, told.output
    report = json.loads(told.stdout)
    assert report["families"]["gait"]["minutes"] > 0
    assert report["travel"]["forward walk"] > 0
    assert sum(report["origins"].values()) == pytest.approx(report["minutes"], abs=0.05)
    assert {Path(p).name for p in report["strips"]} >= {"walk_mocap.png", "gait_edited.png"}
    plain = run(app, ["report", str(out)])
    assert "forward-left" in plain.stdout
    assert "minutes by origin" in plain.stdout


def importer():
    import typer

    from prometheus.cli.motion_corpus import import_

    one = typer.Typer()
    one.command()(import_)
    return one


def _npy(array: np.ndarray) -> bytes:
    data = io.BytesIO()
    np.save(data, array)
    return data.getvalue()


_BVH = "HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zposition\n}\nMOTION\nFrames: 2\n"
HOSTILE = {
    "empty.bvh": b"",
    "binary.bvh": bytes(range(256)) * 40,
    "other.bvh": (_BVH + "Frame Time: 0.05\n0 0 0\n0 0 0\n").encode(),
    "short.bvh": (_BVH + "Frame Time: 0.05\n0 0 0\n").encode(),
    "nan.bvh": (_BVH + "Frame Time: 0.05\n0 0 nan\n0 0 0\n").encode(),
    "bomb.bvh.gz": gzip.compress(b"HIERARCHY " + b" " * 200 * 2**20, 1),
    "cut.bvh.gz": gzip.compress(b"HIERARCHY" * 1000)[:50],
    "empty.json": b"{}",
    "deep.json": b'{"Frames": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "short.json": json.dumps({"Frames": [[0.05] * 10] * 4}).encode(),
    "nan.json": json.dumps({"Frames": [[0.05, *[float("nan")] * 43]] * 40}).encode(),
    "huge.json": json.dumps({"Frames": [[0.05, *[1e30] * 43]] * 40}).encode(),
    "frozen.json": json.dumps({"Frames": [[0.0] * 44] * 40}).encode(),
    "ragged.txt": b'{"Loop": "wrap", "Frames": [[1, 2], [3]]}',
    "text.txt": b"nothing but words",
    "lonely.amc": b":FULLY-SPECIFIED\n1\nroot 0 0 0 0 0 0\n",
    "empty.glb": b"",
    "claims.glb": b"glTF\x02\x00\x00\x00\xff\xff\xff\xff" + b"\x00" * 64,
    "picture.png": b"\x89PNG\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_one_sentence(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    with pytest.raises((MotionError, BodyError)) as caught:
        imported(path)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("damage", ["no root", "other bones", "circle", "freedoms", "words", "wide root"])
def test_broken_acclaim_files_are_refused(damage, tmp_path):
    path = write_acclaim(tmp_path)
    asf = tmp_path / "07.asf"
    skeleton, motion = asf.read_text(), path.read_text()
    if damage == "no root":
        motion = motion.replace("root", "stem")
    elif damage == "other bones":
        skeleton = skeleton.replace("lfemur", "thigh")
    elif damage == "circle":
        skeleton = skeleton.replace(" root lhipjoint", " lfoot lhipjoint")
    elif damage == "freedoms":
        motion = motion.replace("lhumerus 0 0", "lhumerus 0")
    elif damage == "words":
        motion = motion.replace("root 0 16.5", "root zero 16.5")
    else:
        motion = motion.replace("root 0 16.5", "root 0 0 16.5")
    asf.write_text(skeleton)
    path.write_text(motion)
    with pytest.raises(MotionError, match=r"07|bone"):
        imported(path)


@pytest.mark.parametrize(
    "features",
    [b"no array", _npy(np.zeros((50, 260), np.float32)), _npy(np.full((50, 263), np.nan, np.float32)),
     _npy(np.full((50, 263), 1e4, np.float32)), _npy(np.zeros((50, 263), np.float32))],
    ids=["text", "narrow", "nan", "far", "zero"],
)  # fmt: skip
def test_broken_features_are_refused(features, walk, tmp_path):
    folder = humanml_folder(tmp_path / "H", walk)
    (folder / "new_joint_vecs" / "000007.npy").write_bytes(features)
    with pytest.raises(MotionError):
        imported(folder)


def test_odd_captions_are_read_or_refused(tmp_path):
    path = tmp_path / "000001.txt"
    path.write_text("walks\x07 on#a/b#0.0#0.0\n\n#x#0.0#0.0\njust words\nlate#x#90.0#95.0\n" + "long " * 4000)
    spans = read_captions(path, 60)
    assert spans[0].texts[:2] == ("walks on", "just words")
    assert max(map(len, spans[0].texts)) <= 400
    path.write_text("a#b#one#two")
    with pytest.raises(MotionError, match="times"):
        read_captions(path, 60)


def test_the_command_leaves_nothing_half_written(walk_bvh, tmp_path):
    run, verb = CliRunner().invoke, importer()
    bad = tmp_path / "bad.bvh"
    bad.write_bytes(b"no motion at all")
    out = tmp_path / "out"
    failed = run(verb, [str(walk_bvh), str(bad), "--out", str(out)])
    assert isinstance(failed.exception, ValueError | MotionError)
    assert not out.exists()
    skipped = run(verb, [str(walk_bvh), str(bad), "--out", str(out), "--skip", "--json"])
    assert skipped.exit_code == 0, skipped.output
    assert len(json.loads(skipped.stdout)["left_out"]) == 1
    assert sorted(p.name for p in out.iterdir()) == ["clips.json", "corpus.npz"]
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(walk_bvh, other / "mine.bvh")
    assert isinstance(run(verb, [str(walk_bvh), "--out", str(other)]).exception, MotionError)
    assert [p.name for p in other.iterdir()] == ["mine.bvh"]


@pytest.mark.parametrize(
    "damage", ["no folder", "words", "list of numbers", "outside", "no arrays", "pickle", "silent"]
)
def test_broken_corpora_are_refused(damage, walk_bvh, tmp_path):
    stored.write(imported(walk_bvh), tmp_path)
    index = tmp_path / "clips.json"
    rows = json.loads(index.read_text())
    if damage == "no folder":
        index.unlink()
    elif damage == "words":
        index.write_text("clips")
    elif damage == "list of numbers":
        index.write_text("[1, 2]")
    elif damage == "outside":
        index.write_text(json.dumps([{**rows[0], "length": 10**9}]))
    elif damage == "silent":
        index.write_text(json.dumps([{**rows[0], "spans": [{"start": 0, "end": 5, "texts": []}]}]))
    elif damage == "pickle":
        np.savez(tmp_path / "corpus.npz", joints=np.array([{"a": 1}], dtype=object))
    else:
        (tmp_path / "corpus.npz").write_bytes(b"PK")
    with pytest.raises(MotionError):
        stored.read(tmp_path)
