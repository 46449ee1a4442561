"""Animated GLBs: what goes into a file that somebody else made, and what other programs see in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hephaestus.errors import AssetError
from hephaestus.glb import Asset, clip, compose, play, read, to_bytes, write_animated
from hephaestus.rotation import normalize
from tests.hephaestus.test_glb import chain, frames
from tests.hostile.seeds import embedded, everything, pack, rigid, triangle, unpack

ROOT = Path(__file__).parents[2]
EXTERNAL = ROOT / "tests" / "external"
BODIES = sorted((ROOT / "assets" / "bodies").glob("*.glb"))
RIGS = sorted((ROOT.parent / "shared" / "glb").glob("*.glb"))


def export(data: bytes, path: Path, count: int = 5, **options: bool) -> tuple[Asset, np.ndarray, bytes]:
    """Write a file with a random dance in it; return the asset read, the frames and the bytes written."""
    asset = read(data)
    local = frames(asset, count)
    write_animated(asset, local, 20, path, **options)
    return asset, local, path.read_bytes()


def assert_same_dance(data: bytes, asset: Asset, local: np.ndarray, tolerance: float = 2e-6) -> None:
    """Assert that the first clip of a file puts every node where the frames do, to a share of the body's size."""
    back = read(data)
    played = back.world(play(back, back.animations[0], np.arange(len(local)) / 20))
    wanted = asset.world(local)
    size = np.abs(wanted[..., :3, 3]).max() + 1e-3
    skinned = {p.node for p in asset.primitives if p.skin is not None}
    seen = [j for j in range(len(asset)) if j not in skinned]
    np.testing.assert_allclose(played[:, seen, :3, 3], wanted[:, seen, :3, 3], atol=tolerance * size, rtol=0)


@pytest.mark.parametrize("make", [triangle, everything, rigid])
def test_everything_else_in_a_users_file_stays(make: Any, tmp_path: Path) -> None:
    document, blob = make()
    document["cameras"] = [{"type": "perspective", "perspective": {"yfov": 1.0, "znear": 0.1}, "extras": {"lens": [5]}}]
    document["extras"] = {"author": "someone", "nested": [{"deep": 1.5}]}
    asset, local, out = export(pack(document, blob), tmp_path / "a.glb")
    after, _ = unpack(out)
    moved = {"accessors", "bufferViews", "buffers", "animations", "meshes", "skins", "images", "nodes"}
    assert {k: v for k, v in after.items() if k not in moved} == {k: v for k, v in document.items() if k not in moved}
    assert [n.get("name") for n in after["nodes"]] == [n.get("name") for n in document["nodes"]]
    assert_same_dance(out, asset, local, 1e-5)
    back = read(out)
    for ours, theirs in zip(back.primitives, asset.primitives, strict=True):
        for name in ("positions", "normals", "indices", "uvs", "colors", "joints", "weights", "targets"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    for one, other in zip(back.textures, asset.textures, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (back.humanoid, back.materials) == (asset.humanoid, asset.materials)


def test_old_clips_go_with_their_bytes_unless_they_are_kept(tmp_path: Path) -> None:
    data = to_bytes(replace(chain(6), animations=(clip(chain(6), frames(chain(6), 500), 20, "old"),)))
    _, local, alone = export(data, tmp_path / "a.glb")
    _, _, both = export(data, tmp_path / "b.glb", keep=True)
    assert [a.name for a in read(alone).animations] == ["motion"]
    assert [a.name for a in read(both).animations] == ["motion", "old"]
    assert len(alone) < len(data) - 500 * 6 * 16 < len(both)
    assert_same_dance(alone, read(data), local)
    document, _ = unpack(alone)
    used = {i for raw in document["animations"][0]["samplers"] for i in (raw["input"], raw["output"])}
    assert max(used) == len(document["accessors"]) - 1


def test_what_clips_share_with_meshes_stays(tmp_path: Path) -> None:
    document, blob = triangle()
    document["animations"][0]["channels"].append({"sampler": 1, "target": {"node": 1, "path": "translation"}})
    document["animations"][0]["samplers"].append({"input": 7, "output": 0})
    document["accessors"].append({"bufferView": 5, "componentType": 5126, "count": 3, "type": "SCALAR"})
    document["bufferViews"][5] |= {"byteOffset": 0, "byteLength": 12}
    document["accessors"][5]["bufferView"] = 6
    asset, local, out = export(pack(document, blob), tmp_path / "a.glb")
    np.testing.assert_array_equal(read(out).primitives[0].positions, asset.primitives[0].positions)
    assert_same_dance(out, asset, local)


def test_clips_stay_where_an_extension_may_point_at_their_arrays(tmp_path: Path) -> None:
    document, blob = triangle()
    document["extensionsUsed"] = ["EXT_mesh_gpu_instancing"]
    _, _, out = export(pack(document, blob), tmp_path / "a.glb")
    assert len(read(out).animations) == 2
    assert read(out).animations[0].name == "motion"


def test_a_gltf_file_becomes_one_glb(tmp_path: Path) -> None:
    asset, local, out = export(embedded(), tmp_path / "a.glb")
    assert b"data:" not in out
    assert_same_dance(out, asset, local)
    np.testing.assert_array_equal(read(out).textures[0], asset.textures[0])


def test_a_changed_asset_is_written_as_it_is_now(tmp_path: Path) -> None:
    asset = read(pack(*triangle()))
    changed = replace(asset, names=("a", "b", "c"))
    assert changed.source is None
    write_animated(changed, frames(changed), 20, tmp_path / "a.glb")
    assert read(tmp_path / "a.glb").names == ("a", "b", "c")


def test_a_node_with_a_matrix_gets_parts_that_can_be_animated(tmp_path: Path) -> None:
    for data in (pack(*everything()), to_bytes(replace(read(pack(*everything()))))):
        asset, local, out = export(data, tmp_path / "a.glb")
        document, _ = unpack(out)
        assert "matrix" not in document["nodes"][0]
        assert_same_dance(out, asset, local, 1e-5)


def test_mirrored_and_flat_nodes_keep_their_scales() -> None:
    asset = chain(4)
    scales = np.array([[1, -2, 0.5], [-1, -1, -1], [0, 0, 0], [100, 100, 100], [1, 1, 1]], np.float32)
    asset = replace(asset, scales=scales, rest=compose(asset.translations, asset.rotations, scales))
    rng = np.random.default_rng(0)
    turns = normalize(rng.normal(size=(6, 5, 4)))
    turns[:, 4] = asset.rotations[4]
    local = compose(np.repeat(asset.translations[None], 6, 0), turns, scales).astype(np.float32)
    animation = clip(asset, local, 20)
    assert not [c for c in animation.channels if c.path == "scale"]
    np.testing.assert_allclose(play(asset, animation, np.arange(6) / 20), local, atol=1e-4)
    still = next(c for c in animation.channels if (c.node, c.path) == (2, "rotation"))
    np.testing.assert_allclose(np.abs((still.values * asset.rotations[2]).sum(1)), 1, atol=1e-5)


def test_short_rotations_are_close_and_half_as_large(tmp_path: Path) -> None:
    data = to_bytes(chain(20))
    asset, local, long = export(data, tmp_path / "a.glb", 200)
    _, _, short = export(data, tmp_path / "b.glb", 200, quantize=True)
    assert_same_dance(short, asset, local, 1e-3)
    assert len(long) - len(short) > 20 * 200 * 7
    write_animated(replace(asset), local, 20, tmp_path / "c.glb", quantize=True)
    assert_same_dance((tmp_path / "c.glb").read_bytes(), asset, local, 1e-3)


def test_the_node_of_a_skinned_mesh_is_not_keyed() -> None:
    asset = read(pack(*triangle()))
    local = frames(asset)
    local[:, 2, :3, 3] = np.arange(len(local))[:, None]
    assert {c.node for c in clip(asset, local, 20).channels} == {0, 1}


def test_morph_targets_and_unlit_materials_survive_being_rebuilt() -> None:
    asset = read(pack(*everything()))
    back = read(to_bytes(asset))
    for ours, theirs in zip(back.primitives, asset.primitives, strict=True):
        np.testing.assert_allclose(ours.targets, theirs.targets, atol=1e-6)
        np.testing.assert_allclose(ours.positions, theirs.positions, atol=1e-4)
        np.testing.assert_array_equal(ours.morph, theirs.morph)
    assert [m.unlit for m in back.materials] == [True, False]
    assert Counter(c.path for c in back.animations[0].channels) == Counter(
        c.path for c in asset.animations[0].channels
    )


def test_an_empty_asset_and_a_number_that_json_lacks_are_refused() -> None:
    document, blob = triangle()
    text = json.dumps({**document, "extras": "HUGE"}).replace('"HUGE"', "1e999").encode()
    asset = read(pack(text, blob))
    with pytest.raises(AssetError, match="too large"):
        write_animated(asset, frames(asset), 20, "nowhere.glb")


def node(script: str, module: str, *arguments: str) -> dict:
    """Run a script of tests/external and return its JSON, or skip where node or the module is missing."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    places = [p / name for p in (ROOT, *ROOT.parents) for name in ("node_modules", "npm/node_modules")]
    modules = next((p for p in places if (p / module).is_dir()), None)
    environment = {**os.environ}
    if modules is not None:
        environment.setdefault("GLTF_NODE_MODULES", str(modules))
    run = subprocess.run(
        ["node", EXTERNAL / script, *arguments], capture_output=True, text=True, env=environment, timeout=120
    )
    if run.returncode == 3:
        pytest.skip(f"the node module {module} is not installed")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def users_files(folder: Path) -> dict[str, Path]:
    """Return files as users have them: the rigs where they are there, and hand-made ones that are odd."""
    document, blob = everything()
    document["nodes"][1]["name"] = "head"
    made = {"triangle": pack(*triangle()), "everything": pack(document, blob), "rigid": pack(*rigid())}
    made["embedded"] = embedded()
    made["clipped"] = to_bytes(replace(chain(6), animations=(clip(chain(6), frames(chain(6)), 20, "old"),)))
    files = {path.stem: path for path in RIGS}
    for name, data in made.items():
        files[name] = folder / f"{name}.{'gltf' if name == 'embedded' else 'glb'}"
        files[name].write_bytes(data)
    return files


@pytest.mark.external
def test_khronos_validator_finds_nothing_in_bodies_and_exports(tmp_path: Path) -> None:
    files = [str(p) for p in BODIES]
    for path in BODIES:
        body = read(path)
        for name, options in (("long", {}), ("short", {"quantize": True})):
            files.append(str(tmp_path / f"{name}_{path.name}"))
            write_animated(body, frames(body, 10), 20, files[-1], **options)
    files.append(str(tmp_path / "chain.glb"))
    write_animated(chain(6), frames(chain(6)), 20, files[-1])
    reports = node("validate.mjs", "gltf-validator", *files)
    assert len(reports) == len(files)
    for path, report in reports.items():
        assert (report["errors"], report["warnings"]) == (0, 0), (path, report["messages"])


@pytest.mark.external
def test_khronos_validator_finds_nothing_new_in_users_files(tmp_path: Path) -> None:
    files, pairs = users_files(tmp_path), {}
    for name, path in files.items():
        for kind, options in (("a", {}), ("q", {"quantize": True}), ("k", {"keep": True})):
            out = tmp_path / f"{name}_{kind}.glb"
            export(path.read_bytes(), out, 6, **options)
            pairs[str(out)] = str(path)
    before = node("validate.mjs", "gltf-validator", *map(str, files.values()))
    after = node("validate.mjs", "gltf-validator", *pairs)
    for out, source in pairs.items():
        old, new = (Counter(m["code"] for m in r["messages"]) for r in (before[source], after[out]))
        assert not new - old, (out, new - old, [m for m in after[out]["messages"] if m["code"] in new - old][:5])


def size_of(asset: Asset) -> float:
    places = [asset.vertices(p, asset.rest_world) for p in asset.primitives]
    return float(np.ptp(np.concatenate(places), axis=0).max())


@pytest.mark.external
@pytest.mark.parametrize("path", [*BODIES, *RIGS], ids=lambda p: p.stem)
def test_three_js_sees_the_same_joints(path: Path, tmp_path: Path) -> None:
    body, _, data = export(path.read_bytes(), tmp_path / "a.glb", 10)
    back = read(data)
    times = ["0", "0.13", "0.31", "0.44"]
    places = node("play.mjs", "three", str(tmp_path / "a.glb"), *times)
    world = back.world(play(back, back.animations[0], np.array(times, float)))
    for i, time in enumerate(times):
        assert len(places[time]) == len(back)
        for j, at in places[time].items():
            np.testing.assert_allclose(world[i, int(j), :3, 3], at, rtol=0, atol=1e-4 * size_of(body), err_msg=j)


@pytest.mark.external
@pytest.mark.parametrize("path", [*BODIES, *RIGS], ids=lambda p: p.stem)
def test_blender_sees_the_same_joints(path: Path, tmp_path: Path) -> None:
    if shutil.which("blender") is None:
        pytest.skip("blender is not installed")
    body, _, data = export(path.read_bytes(), tmp_path / "a.glb", 8)
    back = read(data)
    command = ["blender", "--background", "--factory-startup", "--python", EXTERNAL / "play_blender.py", "--"]
    run = subprocess.run(
        [*command, tmp_path / "a.glb", "20", "0", "3", "5"], capture_output=True, text=True, timeout=300
    )
    line = next((line for line in run.stdout.splitlines() if line.startswith("PLACES")), None)
    assert line is not None, run.stdout[-2000:] + run.stderr[-2000:]
    places = json.loads(line[7:])
    joints = sorted({int(j) for skin in back.skins for j in skin.joints})
    named = [j for j in joints if back.names[j] in places["0"] and back.names.count(back.names[j]) == 1]
    if not any(back.names[j] for j in joints):
        pytest.skip("Blender gives joints without names names of its own")
    assert len(named) > 0.8 * len(joints)
    world = back.world(play(back, back.animations[0], np.array([0, 3, 5]) / 20))
    for i, frame in enumerate(("0", "3", "5")):
        theirs = np.array([places[frame][back.names[j]] for j in named])
        np.testing.assert_allclose(world[i, named, :3, 3], theirs, rtol=0, atol=1e-3 * size_of(body))
