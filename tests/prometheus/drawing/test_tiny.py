"""Pictures without OpenGL: TinyRenderer draws the same stage, cut into rigid pieces; and who is chosen when."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from hephaestus.glb.asset import Asset, Material, Primitive, Skin
from hephaestus.render import shapes
from hephaestus.render.camera import Camera, to_motion
from hephaestus.render.scene import Lines, Shot, Stage
from prometheus.drawing.pieces import cut
from prometheus.drawing.renderer import open_renderer
from prometheus.drawing.stage import box_asset, build_stage, prop_key, prop_places
from prometheus.drawing.tiny import TinyRenderer
from prometheus.errors import RenderError
from prometheus.perf.drawing import measure_drawing
from prometheus.world.scenario import load_scenario

SIZE = (160, 120)
VIEW = Camera.in_world(np.array([-4.0, 0.0, 2.0]), np.array([2.0, 0.0, 0.8]))


def figure() -> Asset:
    """Make a red lower and a blue upper block, each on its own joint; the armature is scaled by 0.01."""
    parts, joints = [], []
    for k, low in enumerate((0.0, 1.0)):
        box = shapes.box(np.array([0, 0, low + 0.5]), np.array([0.4, 0.4, 1.0]), turn=np.eye(3))
        parts.append(box)
        joints.append(np.full(len(box.positions), k))
    box = shapes.join(parts)
    joint = np.zeros((len(box.positions), 4), np.int32)
    joint[:, 0] = np.concatenate(joints)
    weights = np.zeros((len(box.positions), 4), np.float32)
    weights[:, 0] = 1
    colors = np.where(joint[:, :1] == 0, [[0.9, 0.02, 0.02, 1]], [[0.02, 0.05, 0.9, 1]]).astype(np.float32)
    rest = np.tile(np.eye(4, dtype=np.float32), (3, 1, 1))
    rest[0, :3, :3] *= 0.01
    rest[2, 1, 3] = 100.0
    world = np.stack([rest[0], rest[0], rest[0] @ rest[2]])
    binds = np.linalg.inv(world[1:]).astype(np.float32)
    primitive = Primitive(
        to_motion(box.positions).astype(np.float32), to_motion(box.normals).astype(np.float32), box.indices,
        colors=colors, joints=joint, weights=weights, material=0, skin=0,
    )  # fmt: skip
    return Asset(
        ("armature", "low", "high"), np.array([-1, 0, 1]), rest[:, :3, 3].copy(),
        np.tile([0, 0, 0, 1], (3, 1)).astype(np.float32), np.array([[0.01] * 3, [1] * 3, [1] * 3], np.float32), rest,
        (primitive,), (Skin(np.array([1, 2]), binds),), (Material(),),
    )  # fmt: skip


def stand(asset: Asset, x: float, y: float) -> np.ndarray:
    local = asset.rest.copy()
    local[0, :3, 3] = to_motion(np.array([x, y, 0.0]))
    return asset.world(local)


@pytest.fixture(scope="module")
def tiny():
    stage = Stage(bodies={"agent": figure(), "prop box": box_asset((0.5, 0.5, 0.5), "wood")})
    stage.add_ground(30.0)
    stage.add_box([6, 0, 1.5], [0.5, 12, 3.0], 0.0, "brick")
    renderer = TinyRenderer(SIZE)
    renderer.load(stage)
    yield renderer
    renderer.close()


def test_pieces_are_rigid_parts_of_one_colour():
    asset = figure()
    pieces = cut(asset, np.full((3, 3), 0.01, np.float32))
    assert [p.node for p in pieces] == [1, 2]
    assert pieces[0].color[0] > 0.9 > 0.3 > pieces[0].color[2]
    assert np.ptp(pieces[1].positions[:, 1]) == pytest.approx(1.0, abs=1e-4)
    assert pieces[1].positions[:, 1].min() == pytest.approx(0.0, abs=1e-4)


def test_a_body_is_seen_where_it_is_projected_in_its_colours(tiny):
    asset = tiny.stage.bodies["agent"]
    empty = tiny.draw(Shot(VIEW, {}))
    picture = tiny.draw(Shot(VIEW, {"agent": stand(asset, 0.0, 1.0)}))
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    low, high = VIEW.project(to_motion(np.array([[-0.2, 1.0, 0.5], [-0.2, 1.0, 1.5]])), SIZE)[:, :2].astype(int)
    red, blue = picture[low[1], low[0]].astype(int), picture[high[1], high[0]].astype(int)
    assert red[0] > 2 * red[2]
    assert blue[2] > 2 * blue[0]
    assert np.array_equal(tiny.draw(Shot(VIEW, {})), empty)


def test_ground_walls_sky_and_shadow_are_there(tiny):
    asset = tiny.stage.bodies["agent"]
    empty = tiny.draw(Shot(VIEW, {})).astype(int)
    assert empty[:8].mean(0).mean(0)[2] > empty[:8].mean(0).mean(0)[0]
    assert empty[60:].std() > 5
    body = tiny.draw(Shot(VIEW, {"agent": stand(asset, 0.0, 0.0)})).astype(int)
    darker = (empty.sum(-1) - body.sum(-1) > 40) & (body[..., 0] < 120) & (body[..., 2] < 120)
    assert darker.sum() > 20


def test_props_lines_and_overlay(tiny):
    prop = {"name": "box", "position": [0, -1, 0.5], "rotation": [0, 0, 0.38, 0.92]}
    empty = tiny.draw(Shot(VIEW, {}))
    assert (tiny.draw(Shot(VIEW, prop_places([prop]))) != empty).any(-1).sum() > 50
    line = Lines(to_motion(np.array([[[3.0, -2.0, 1.0], [3.0, 2.0, 1.0]]])), np.array([[1.0, 1.0, 0.0, 1.0]]))
    overlay = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    overlay[:5] = 255
    picture = tiny.draw(Shot(VIEW, {}, overlay, lines=line))
    assert (picture[:5] == 255).all()
    assert (picture[20:] != empty[20:]).any(-1).sum() > 20


def test_a_stage_is_built_from_a_world():
    scenario = load_scenario("castle")
    stage = build_stage(scenario, {"agent": figure()})
    assert prop_key("crate one") in stage.bodies
    assert len(stage.torches) == len(scenario.torches)
    assert stage.clear(to_motion(np.array([0.0, 0, 1.0])), to_motion(np.array([-30.0, 0, 1.0]))) < 0.5
    low = np.min([m.positions.min(0) for m in stage.meshes], 0)
    assert low[0] < -9
    assert low[2] < -12


def test_the_choice_of_a_renderer():
    chosen = open_renderer(SIZE, kind="tiny")
    assert (chosen.name, chosen.size) == ("tinyrenderer", SIZE)
    chosen.close()
    with pytest.raises(RenderError, match="use one of: auto, gl, tiny"):
        open_renderer(SIZE, kind="vulkan")


def test_without_egl_tinyrenderer_steps_in():
    code = (
        "from prometheus.drawing.renderer import open_renderer as o\n"
        "r = o((64, 48)); print(r.name); print(r.reason)\n"
        "try: o((64, 48), kind='gl')\n"
        "except Exception as e: print(type(e).__name__, e)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    environment["__EGL_VENDOR_LIBRARY_DIRS"] = "/nonexistent"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    lines = done.stdout.strip().splitlines()
    if lines and lines[0].startswith("gl"):
        pytest.skip("this EGL has no vendor folder to hide")
    assert lines[0] == "tinyrenderer", done.stderr
    assert "OpenGL cannot be opened here" in lines[1]
    assert lines[2].startswith("RenderError OpenGL cannot be opened here")
    assert done.stderr == ""


def test_drawing_is_measured():
    found = measure_drawing((96, 64), frames=3, kind="tiny")
    assert set(found) == {"draw_fps", "p99_ms", "size", "vertices", "shadows", "window", "renderer"}
    assert found["renderer"] == "tinyrenderer"
    assert found["vertices"] > 6000
    assert found["draw_fps"] > 0
