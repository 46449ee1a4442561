"""Drawing: what is seen is where it should be, shadows darken, poses show. GL tests need EGL (Mesa's will do)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from hephaestus.glb.asset import Asset, Material, Primitive, Skin
from hephaestus.render import shapes
from hephaestus.render.camera import Camera, planes, seen, to_motion, to_world
from hephaestus.render.follow import FollowCamera
from hephaestus.render.ground import Ground, plan
from hephaestus.render.scene import Lines, RenderError, Shot, Stage
from hephaestus.render.sky import NIGHT, SKIES, panorama
from hephaestus.render.texture import RECIPES, texture

SIZE = (160, 120)


def pillar(height: float = 2.0, color: tuple[float, float, float] = (0.9, 0.05, 0.03)) -> Asset:
    """Make a skinned pillar of two joints: the upper half bends with the second."""
    box = shapes.box(np.array([0, 0, height / 2]), np.array([0.3, 0.3, height]), turn=np.eye(3))
    positions = to_motion(box.positions).astype(np.float32)
    upper = (positions[:, 1] > height / 2).astype(np.float32)
    joints = np.zeros((len(positions), 4), np.int32)
    joints[:, 1] = 1
    weights = np.zeros((len(positions), 4), np.float32)
    weights[:, 0], weights[:, 1] = 1 - upper, upper
    rest = np.tile(np.eye(4, dtype=np.float32), (2, 1, 1))
    rest[1, 1, 3] = height / 2
    binds = np.stack([np.eye(4), np.linalg.inv(rest[1])]).astype(np.float32)
    normals = to_motion(box.normals).astype(np.float32)
    primitive = Primitive(positions, normals, box.indices, joints=joints, weights=weights, material=0, skin=0)
    return Asset(
        ("root", "tip"), np.array([-1, 0]), rest[:, :3, 3].copy(), np.tile([0, 0, 0, 1], (2, 1)).astype(np.float32),
        np.ones((2, 3), np.float32), rest, (primitive,), (Skin(np.array([0, 1]), binds),),
        (Material(base_color=(*color, 1.0), roughness=1.0),),
    )  # fmt: skip


def placed(asset: Asset, x: float, y: float, bend: float = 0.0) -> np.ndarray:
    """Stand a pillar at a world place; its tip is bent about the forward axis."""
    local = asset.rest.copy()
    local[0, :3, 3] = to_motion(np.array([x, y, 0.0]))
    c, s = np.cos(bend), np.sin(bend)
    local[1, :2, :2] = [[c, -s], [s, c]]
    return asset.world(local)


def courtyard() -> Stage:
    stage = Stage(bodies={"agent": pillar(), "other": pillar(color=(0.03, 0.1, 0.9))})
    stage.add_ground(40.0)
    stage.add_box([6, 0, 1.5], [0.5, 12, 3.0], 0.0, "brick")
    stage.add_cylinder([5, 4, 2], 1.0, 4.0)
    stage.add_cone([5, 4, 4], 1.3, 1.5)
    stage.add_ramp([3, -4, 0.5], [2, 1, 1.0], 0.3, "wood")
    stage.add_torch([5.5, 1.5, 1.8])
    return stage


VIEW = Camera.in_world(np.array([-4.0, 0.0, 2.0]), np.array([2.0, 0.0, 0.8]))


@pytest.fixture(scope="module")
def renderer() -> Iterator[object]:
    from hephaestus.render.gl import GlRenderer

    try:
        gl = GlRenderer(SIZE, samples=0, shadow_pixels=512)
    except RenderError as reason:
        pytest.skip(str(reason))
    gl.load(courtyard())
    yield gl
    gl.close()


def redness(picture: np.ndarray) -> np.ndarray:
    p = picture.astype(int)
    return p[..., 0] - np.maximum(p[..., 1], p[..., 2])


def test_a_body_is_seen_where_it_is_projected(renderer):
    world = placed(renderer.stage.bodies["agent"], 0.0, 1.0)
    empty = renderer.draw(Shot(VIEW, {}))
    picture = renderer.draw(Shot(VIEW, {"agent": world}))
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert picture.dtype == np.uint8
    where = np.argwhere((np.abs(picture.astype(int) - empty).sum(-1) > 40) & (redness(picture) > 60))
    middle = VIEW.project(to_motion(np.array([[0.0, 1.0, 1.0]])), SIZE)[0]
    assert np.abs(where.mean(0)[::-1] - middle[:2]).max() < 6
    assert middle[0] < SIZE[0] / 2  # world y is left


def test_the_joint_bends_the_skin_but_not_below_it(renderer):
    agent = renderer.stage.bodies["agent"]
    straight = renderer.draw(Shot(VIEW, {"agent": placed(agent, 0.0, 0.0)}))
    bent = renderer.draw(Shot(VIEW, {"agent": placed(agent, 0.0, 0.0, bend=1.4)}))
    top = VIEW.project(to_motion(np.array([[0.0, 0.0, 1.8]])), SIZE)[0]
    foot = VIEW.project(to_motion(np.array([[-0.15, 0.0, 0.3]])), SIZE)[0]
    column, row = int(top[0]), int(top[1])
    empty = renderer.draw(Shot(VIEW, {})).astype(int)
    assert np.abs(straight - empty)[row, column].sum() > 60
    assert np.abs(bent - empty)[row, column].sum() < 20
    assert redness(bent)[int(foot[1]), int(foot[0])] > 60


def test_a_body_throws_a_shadow_that_goes_with_it(renderer):
    camera = Camera.in_world(np.array([-1.0, 0.0, 9.0]), np.array([0.0, 0.0, 0.0]))
    sun = to_world(renderer.stage.sky.to_sun)
    spot = np.array([0.0, 0.0, 0.0]) - sun / sun[2] * 1.2
    column, row, _ = camera.project(to_motion(spot)[None], SIZE)[0].astype(int)
    agent = renderer.stage.bodies["agent"]
    lit = renderer.draw(Shot(camera, {}))[row, column].mean()
    shaded = renderer.draw(Shot(camera, {"agent": placed(agent, 0.0, 0.0)}))[row, column].mean()
    gone = renderer.draw(Shot(camera, {"agent": placed(agent, 3.0, 3.0)}))[row, column].mean()
    assert shaded < 0.75 * lit
    assert abs(gone - lit) < 4


def test_what_is_drawn_twice_is_equal(renderer):
    places = {"agent": placed(renderer.stage.bodies["agent"], 1.0, 0.5, 0.2)}
    first = renderer.draw(Shot(VIEW, places, time=0.7))
    renderer.draw(Shot(Camera.in_world([20, 20, 5], [0, 0, 0]), {}))
    assert np.array_equal(first, renderer.draw(Shot(VIEW, places, time=0.7)))


def test_walls_have_texture_and_the_sky_is_above(renderer):
    picture = renderer.draw(Shot(Camera.in_world([0, 0, 1.6], [6, 0, 2.2]), {})).astype(float)
    wall = picture[60:80, 40:120]
    assert wall.std((0, 1)).max() > 8
    assert picture[2:10, :, 2].mean() > picture[2:10, :, 0].mean()
    assert picture.mean() > 60


def test_a_hidden_body_behind_a_wall_is_not_seen(renderer):
    camera = Camera.in_world([0, 0, 1.6], [6, 0, 1.2])
    behind = {"other": placed(renderer.stage.bodies["other"], 8.0, 0.0)}
    assert np.abs(renderer.draw(Shot(camera, behind)).astype(int) - renderer.draw(Shot(camera, {}))).max() < 40


def test_lines_and_overlay_are_on_top(renderer):
    line = Lines(to_motion(np.array([[[3.0, -2.0, 1.0], [3.0, 2.0, 1.0]]])), np.array([[1.0, 1.0, 0.0, 1.0]]))
    changed = np.abs(renderer.draw(Shot(VIEW, {}, lines=line)).astype(int) - renderer.draw(Shot(VIEW, {}))).sum(-1) > 30
    assert changed.sum() > 20
    overlay = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    overlay[:10] = (9, 200, 40, 255)
    picture = renderer.draw(Shot(VIEW, {}, overlay))
    assert np.array_equal(picture[5, 5], [9, 200, 40])
    assert np.array_equal(picture[20:], renderer.draw(Shot(VIEW, {}))[20:])


def test_night_is_dark_and_torches_light_it(renderer):
    dark = courtyard()
    dark.sky = NIGHT
    renderer.load(dark)
    lit = renderer.draw(Shot(VIEW, {})).astype(float)
    torches, dark.torches = dark.torches, []
    renderer.load(dark)
    unlit = renderer.draw(Shot(VIEW, {})).astype(float)
    renderer.load(courtyard())
    spot = VIEW.project(torches[0].position[None] - [0, 0.9, 0], SIZE)[0].astype(int)
    near = np.s_[spot[1] - 3 : spot[1] + 3, spot[0] - 3 : spot[0] + 3]
    assert unlit.mean() < 60
    assert lit[near].mean() > unlit[near].mean() + 10


def test_multisampling_smooths_edges():
    from hephaestus.render.gl import GlRenderer

    edges = []
    for samples in (0, 4):
        try:
            gl = GlRenderer((96, 72), samples=samples, shadows=False)
        except RenderError as reason:
            pytest.skip(str(reason))
        stage = Stage(bodies={"agent": pillar()})
        gl.load(stage)
        world = placed(stage.bodies["agent"], 0, 0, 0.3)
        picture = gl.draw(Shot(Camera.in_world([-3, 0, 1], [0, 0, 1.01]), {"agent": world}))
        edges.append(len(np.unique(picture.reshape(-1, 3), axis=0)))
        gl.close()
    assert edges[1] > edges[0]


def test_an_unknown_body_or_material_is_one_sentence(renderer):
    with pytest.raises(RenderError, match="no body is loaded for 'ghost'"):
        renderer.draw(Shot(VIEW, {"ghost": np.eye(4)[None]}))
    with pytest.raises(RenderError, match="no material 'jelly'"):
        Stage().add_box([0, 0, 0], [1, 1, 1], 0.0, "jelly")


def test_frames_turn_into_each_other():
    points = np.arange(12.0).reshape(4, 3)
    assert np.array_equal(to_world(to_motion(points)), points)
    assert np.array_equal(to_motion([1.0, 2.0, 3.0]), [2.0, 3.0, 1.0])


def test_solids_face_outwards_and_fill_their_boxes():
    for solid in (
        shapes.box([1, 2, 3], [2, 4, 6], 0.4),
        shapes.cylinder([1, 2, 3], 1.5, 6.0, 24),
        shapes.cone([1, 2, 0], 1.5, 6.0, 0.5, 24),
        shapes.ramp([1, 2, 3], [2, 4, 6], 0.4),
    ):
        a, b, c = (solid.positions[solid.indices.reshape(-1, 3)[:, k]] for k in range(3))
        face = np.cross(b - a, c - a)
        area = np.linalg.norm(face, axis=1)
        outwards = (face * solid.normals[solid.indices.reshape(-1, 3)[:, 0]]).sum(1)
        assert (outwards[area > 1e-6] > 0).all()
        volume = (a * np.cross(b, c)).sum() / 6
        assert 0.2 * 48 < volume < 48.1


def test_culling_keeps_what_is_seen():
    six = planes(VIEW.matrix(4 / 3))
    boxes = to_motion(np.array([[2.0, 0, 0.5], [-8.0, 0, 0.5], [2.0, 40.0, 0.5]]))
    assert seen(boxes - 0.3, boxes + 0.3, six).tolist() == [True, False, False]


def test_the_follow_camera_stays_behind_and_keeps_the_threat_in_view():
    camera = FollowCamera()
    here = to_motion(np.array([0.0, 0.0, 0.0]))
    for _ in range(60):
        view = camera.update(here, 0.0)
    assert to_world(view.eye)[0] < -3
    threat = to_motion(np.array([-4.0, 1.0, 0.0]))
    for _ in range(80):
        view = camera.update(here, 0.0, threat)
    for point in (here, threat):
        x, y, depth = view.project(point[None], SIZE)[0]
        assert depth > 0
        assert 0 < x < SIZE[0]
        assert 0 < y < SIZE[1]


@pytest.mark.parametrize("stature", [1.75, 4.5])
def test_the_follow_camera_shows_a_giant_from_head_to_foot(stature):
    camera, here = FollowCamera(), to_motion(np.array([0.0, 0.0, 0.0]))
    for _ in range(60):
        view = camera.update(here, 0.0, stature=stature)
    for height in (0.0, stature):
        x, y, depth = view.project((here + np.array([0.0, height, 0.0]))[None], SIZE)[0]
        assert depth > 0
        assert 0 < x < SIZE[0]
        assert 0 < y < SIZE[1]


def test_the_follow_camera_stays_before_a_wall():
    stage = Stage()
    stage.add_box([-2, 0, 2], [0.4, 10, 4])
    camera = FollowCamera(blocked=stage.clear)
    view = camera.update(to_motion(np.array([0.0, 0.0, 0.0])), 0.0)
    assert to_world(view.eye)[0] > -1.8


@pytest.mark.parametrize("name", ["stone", "brick", "grass", "earth", "wood", "roof"])
def test_textures_tile_and_repeat(name):
    picture = texture(name).astype(float)
    assert picture.std() > 4
    inner = np.abs(np.diff(picture, axis=1)).mean()
    seam = np.abs(picture[:, 0] - picture[:, -1]).mean()
    assert seam < 4 * inner + 4
    assert np.array_equal(texture.__wrapped__(name), texture(name))


def test_every_sky_and_recipe_is_known():
    assert {"stone", "brick", "wood", "grass", "sand", "earth", "metal", "roof"} <= set(RECIPES)
    bright = {name: panorama(sky).mean() for name, sky in SKIES.items()}
    assert bright["night"] < bright["evening"] < bright["day"] + 60


def test_the_plan_darkens_feet_and_draws_paths():
    square = np.array([[-2.0, -2.0], [2.0, -2.0], [2.0, 2.0], [-2.0, 2.0]])
    ground = Ground("earth", "earth", 64.0, paths=((np.array([[10.0, -20.0], [10.0, 20.0]]), 3.0),))
    picture = plan(ground, [square]).astype(int)

    def at(x: float, y: float) -> np.ndarray:
        return picture[int((y / 64 + 0.5) * 512), int((x / 64 + 0.5) * 512)]

    assert at(10, 0)[3] > 200
    assert at(-20, 20)[3] < 120
    assert at(2.1, 0)[:3].mean() < at(6, 0)[:3].mean()
