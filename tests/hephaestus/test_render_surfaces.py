"""Surfaces, levels of detail, sizes: what a file asks for is drawn, whatever its nodes do, and nothing is left over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hephaestus.glb.asset import Asset, Material, Primitive
from hephaestus.render import shapes
from hephaestus.render.camera import UP, Camera, to_motion
from hephaestus.render.follow import NEAREST, PIVOT, FollowCamera
from hephaestus.render.labels import Label, write
from hephaestus.render.levels import coarser, in_order, mean_edge, silhouette
from hephaestus.render.marks import bones, contacts, grid, join, rays, skeleton
from hephaestus.render.scene import RenderError, Shot, Stage
from tests.hephaestus.test_render import pillar, placed

SIZE = (120, 90)
VIEW = Camera.in_world(np.array([-4.0, 0.0, 1.2]), np.array([0.0, 0.0, 0.8]))


@pytest.fixture(scope="module")
def gl() -> Iterator[object]:
    from hephaestus.render.gl import GlRenderer

    try:
        renderer = GlRenderer(SIZE, samples=0, shadow_pixels=256)
    except RenderError as reason:
        pytest.skip(str(reason))
    yield renderer
    renderer.close()


def block(
    material: Material, picture: np.ndarray | None = None, scale: tuple[float, float, float] = (1, 1, 1)
) -> Asset:
    """Make a rigid box of 1 m that stands on the ground, its node scaled."""
    box = shapes.box(np.array([0, 0, 0.8]), np.array([1.0, 1.0, 1.6]), turn=np.eye(3))
    rest = np.diag([*scale, 1.0]).astype(np.float32)[None]
    primitive = Primitive(
        to_motion(box.positions).astype(np.float32), to_motion(box.normals).astype(np.float32), box.indices,
        uvs=box.uvs.astype(np.float32), material=0,
    )  # fmt: skip
    return Asset(
        ("box",), np.array([-1]), np.zeros((1, 3), np.float32), np.array([[0, 0, 0, 1]], np.float32),
        np.array([scale], np.float32), rest, (primitive,), (), (material,), () if picture is None else (picture,),
    )  # fmt: skip


def show(gl, asset: Asset, world: np.ndarray | None = None) -> np.ndarray:
    gl.set_body("it", asset)
    return gl.draw(Shot(VIEW, {"it": asset.rest_world if world is None else world})).astype(int)


def middle(picture: np.ndarray) -> np.ndarray:
    return picture[40:60, 50:70].reshape(-1, 3).mean(0)


def test_an_unlit_surface_shows_its_colour_as_it_is(gl):
    gl.load(Stage())
    picture = show(gl, block(Material(base_color=(0.25, 0.04, 0.64, 1.0), unlit=True)))
    assert np.abs(middle(picture) - 255 * np.sqrt([0.25, 0.04, 0.64])).max() < 6
    lit = show(gl, block(Material(base_color=(0.25, 0.04, 0.64, 1.0))))
    assert np.abs(middle(lit) - middle(picture)).max() > 8


@pytest.mark.parametrize("scale", [(-1, 1, 1), (-1, -1, -1), (1, 1, -1)])
def test_a_mirrored_node_is_seen_from_outside(gl, scale):
    gl.load(Stage())
    straight = show(gl, block(Material()))
    mirrored = block(Material(), scale=scale)
    shift = np.eye(4, dtype=np.float32)
    shift[1, 3] = 1.6 if scale[1] < 0 else 0.0
    assert np.abs(show(gl, mirrored, shift @ mirrored.rest_world) - straight).mean() < 3


def test_a_mirrored_skeleton_is_seen_from_outside(gl):
    gl.load(Stage())
    body = pillar()
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0]).astype(np.float32)
    straight, mirrored = show(gl, body, placed(body, 0, 0)), show(gl, body, mirror @ placed(body, 0, 0))
    assert np.abs(straight - mirrored).mean() < 3


def test_cut_out_and_see_through_surfaces(gl):
    gl.load(Stage())
    behind = middle(show(gl, block(Material(base_color=(0, 0, 0, 0), alpha="MASK"))))
    half = np.full((8, 8, 4), 255, np.uint8)
    half[..., 3] = 100
    assert np.abs(middle(show(gl, block(Material(texture=0, alpha="MASK"), half))) - behind).max() < 2
    half[..., 3] = 160
    solid = middle(show(gl, block(Material(texture=0, alpha="MASK"), half)))
    assert np.abs(solid - behind).max() > 15
    assert np.abs(middle(show(gl, block(Material(texture=0, alpha="OPAQUE"), half))) - solid).max() < 2
    red = Material(base_color=(1.0, 0.0, 0.0, 1.0), unlit=True)
    full, through = (
        middle(show(gl, block(replace(red, alpha="BLEND", base_color=(1.0, 0.0, 0.0, a))))) for a in (1.0, 0.25)
    )
    share = (through - behind) / (full - behind)
    assert np.abs(share - 0.25).max() < 0.06  # opacity is not a light: it is taken as it is


def test_only_a_two_sided_surface_is_seen_from_behind(gl):
    gl.load(Stage())
    face = np.array([[-1, 0, 0], [1, 0, 0], [1, 2, 0], [-1, 2, 0]], np.float32)  # faces +z: away from the camera
    sheet = Primitive(face, np.tile(np.float32([0, 0, 1]), (4, 1)), np.array([0, 1, 2, 0, 2, 3], np.uint32), material=0)
    empty = gl.draw(Shot(VIEW, {})).astype(int)
    for two_sided in (False, True):
        asset = replace(block(Material(double_sided=two_sided)), primitives=(sheet,))
        assert (np.abs(show(gl, asset) - empty).sum(-1) > 20).mean() > 0.05 if two_sided else True
        if not two_sided:
            assert np.abs(show(gl, asset) - empty).max() < 3


def test_pictures_follow_the_size_and_sizes_leave_nothing_behind(gl):
    gl.load(Stage(bodies={"it": pillar()}))
    world = placed(gl.stage.bodies["it"], 0, 0)
    first = gl.draw(Shot(VIEW, {"it": world}))
    for width in (33, 200, 64):
        gl.resize((width, 48))
        assert gl.draw(Shot(VIEW, {"it": world})).shape == (48, width, 3)
    gl.resize(SIZE)
    assert np.array_equal(gl.draw(Shot(VIEW, {"it": world})), first)


def alive(gl) -> int:
    """Count the driver's objects that live: names are given in turn, and each can be asked for."""
    import ctypes

    total = 0
    for kind in ("Buffer", "Texture", "Framebuffer", "Renderbuffer", "VertexArray"):
        fresh = (gl._gl.GLuint * 1)()
        getattr(gl._gl, f"glGen{kind}s")(1, fresh)
        total += sum(bool(getattr(gl._gl, f"glIs{kind}")(n)) for n in range(1, fresh[0]))
        getattr(gl._gl, f"glDelete{kind}s")(1, ctypes.cast(fresh, ctypes.POINTER(gl._gl.GLuint)))
    return total


def test_resizes_and_swaps_of_bodies_leak_no_objects(gl):
    gl.load(Stage(bodies={"it": pillar()}))
    texture = np.full((16, 16, 4), 200, np.uint8)
    bodies = [pillar(), block(Material(texture=0), texture)]

    def use(k: int) -> None:
        gl.resize((40 + k % 7, 30 + k % 5))
        gl.set_body("it", bodies[k % 2])
        world = placed(bodies[0], 0, 0) if k % 2 == 0 else bodies[1].rest_world
        gl.draw(Shot(VIEW, {"it": world}, np.zeros((30, 40, 4), np.uint8), lines=grid(4.0)))

    for k in range(4):
        use(k)
    before = alive(gl)
    for k in range(52):
        use(k)
    after = alive(gl)
    gl.resize(SIZE)
    assert before > 10
    assert after == before


def sphere(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, n, endpoint=False), np.linspace(0.05, np.pi - 0.05, n))
    points = np.stack([np.cos(u) * np.sin(v), np.cos(v), np.sin(u) * np.sin(v)], -1).reshape(-1, 3)
    row, column = np.meshgrid(np.arange(n - 1), np.arange(n), indexing="ij")
    a, b = row * n + column, row * n + (column + 1) % n
    return points.astype(np.float32), np.stack([a, a + n, b, b, a + n, b + n], -1).reshape(-1, 3)


def test_levels_are_ever_coarser_and_keep_the_shape():
    points, triangles = sphere()
    levels = coarser(points, triangles, np.zeros(len(points), int), points)
    assert len(levels) >= 3
    counts = [len(triangles), *(len(t) for _, t in levels)]
    assert all(b < 0.8 * a for a, b in pairwise(counts))
    for cell, t in levels:
        corners = points[t]
        assert np.abs(np.linalg.norm(corners, axis=-1) - 1).max() < 1e-5
        assert np.linalg.norm(corners.mean(1), axis=-1).min() > 1 - cell
    mean, _, rough = silhouette(points, triangles, np.zeros(len(points), int), 0.3)
    assert len(rough) < len(triangles) / 3
    assert np.linalg.norm(mean[rough].mean(1), axis=-1).min() > 0.6


def test_levels_keep_groups_apart_and_do_not_tear_seams():
    points, triangles = sphere()
    groups = (points[:, 0] > 0).astype(int)
    doubled = np.concatenate([points, points])  # each triangle of the second half uses vertices of its own
    split = np.where((triangles[:, :1] % 2) == 0, triangles, triangles + len(points))
    two = np.concatenate([groups, groups])
    for _, t in coarser(doubled, split, two, np.repeat([[0.0], [1.0]], len(points), 0)):
        back = t % len(points)
        edges = np.sort(np.concatenate([back[:, [0, 1]], back[:, [1, 2]], back[:, [2, 0]]]), axis=1)
        edges = edges[np.abs(points[edges][..., 1]).max(1) < 0.6]  # away from the open poles
        used = np.unique(edges, axis=0, return_counts=True)[1]
        assert (used >= 2).mean() > 0.98


def test_order_keeps_every_triangle_and_drops_unused_vertices():
    points, triangles = sphere()
    shuffled = np.random.default_rng(3).permutation(triangles)
    ordered, old = in_order(np.concatenate([points, [[9, 9, 9]]]), shuffled.ravel())
    assert len(old) == len(points)
    assert {tuple(sorted(t)) for t in old[ordered].tolist()} == {tuple(sorted(t)) for t in triangles.tolist()}
    assert np.isclose(mean_edge(points, triangles), mean_edge(points[old], ordered))


def test_bodies_far_away_look_the_same_in_fewer_triangles(gl, monkeypatch):
    from hephaestus.bodies import load_body
    from hephaestus.render import bodypainter

    stage = Stage(bodies={"it": load_body("humanoid").asset})
    stage.add_ground(40.0)
    gl.load(stage)
    camera = Camera.in_world(np.array([-9.0, 0.0, 1.5]), np.array([0.0, 0.0, 0.9]), 0.35)
    world = {"it": stage.bodies["it"].rest_world}
    rough = gl.draw(Shot(camera, world)).astype(int)
    monkeypatch.setattr(bodypainter, "LEVEL_PIXELS", 0.0)
    monkeypatch.setattr(bodypainter, "DENSE_PIXELS", 0.0)
    fine = gl.draw(Shot(camera, world)).astype(int)
    there = np.abs(fine - gl.draw(Shot(camera, {}))).sum(-1) > 20
    assert 300 < there.sum() < 5000
    assert np.abs(rough - fine)[there].mean() < 12
    assert any(len(part.levels) > 2 for part in gl._bodies["it"].parts)


@pytest.mark.parametrize("seed", range(6))
def test_the_follow_camera_keeps_out_of_walls_and_sees_the_agent(seed):
    rng = np.random.default_rng(seed)
    stage = Stage()
    for x, y, wide, deep in ((6, 0, 0.5, 12), (-6, 0, 0.5, 12), (0, 6, 12, 0.5), (0, -6, 12, 0.5), (1.5, 1, 2, 0.6)):
        stage.add_box([x, y, 2], [wide, deep, 4.0])
    camera = FollowCamera(blocked=stage.clear)
    place, heading = np.array([*rng.uniform(-5.4, 5.4, 2), 0.0]), float(rng.uniform(-3, 3))
    if abs(place[0] - 1.5) < 1.4 and abs(place[1] - 1) < 0.7:
        place[1] = -2.0
    for k in range(40):
        view = camera.update(to_motion(place), heading + 0.4 * np.sin(k / 5))
        head = to_motion(place) + PIVOT * UP
        assert stage.clear(head, view.eye) == 1.0
        assert stage.clear(view.eye, view.eye + np.array([0, 0, 1e-3])) == 1.0
    assert np.linalg.norm(view.eye - head) > NEAREST - 0.05


@pytest.mark.parametrize("rate", [20, 60])
def test_the_follow_camera_stays_away_from_who_runs_round_a_house(rate):
    stage = Stage()
    stage.add_box([0, 0, 2], [10, 4, 4.0])
    for x, y, wide, deep in ((9, 0, 0.5, 18), (-9, 0, 0.5, 18), (0, 7, 18, 0.5), (0, -7, 18, 0.5)):
        stage.add_box([x, y, 2], [wide, deep, 4.0])
    corners = np.array([[5.4, 2.4], [-5.4, 2.4], [-5.4, -2.4], [5.4, -2.4]])
    for way in (1, -1):
        camera = FollowCamera(blocked=stage.clear)
        for start, end in zip(corners[::way], np.roll(corners[::way], -1, 0), strict=True):
            steps = int(np.linalg.norm(end - start) / 4.0 * rate)
            for k in range(steps):
                place = to_motion(np.array([*(start + (end - start) * k / steps), 0.0]))
                view = camera.update(place, float(np.arctan2(*(end - start)[::-1])), None, 1 / rate)
                assert np.linalg.norm(view.eye - place - PIVOT * UP) > NEAREST
                assert stage.clear(place + PIVOT * UP, view.eye) > 0.9


def test_views_from_above_all_around_and_through_eyes():
    above = Camera.above(np.zeros(3), 10.0)
    x, y, _ = above.project(to_motion(np.array([[2.0, 1.0, 0.0]])), SIZE)[0]
    assert y < SIZE[1] / 2  # forward is up
    assert x < SIZE[0] / 2  # left is left
    around = Camera.orbit(np.zeros(3), 0.0, 0.3, 5.0)
    assert np.allclose(np.linalg.norm(around.eye), 5.0, atol=1e-4)
    assert around.eye[2] > 4
    eyes = Camera.eyes(np.zeros(3), 0.0)
    assert eyes.project(np.array([[0.0, 1.6, 5.0]]), SIZE)[0, 2] > 4


def test_marks_are_where_they_should_be():
    body = pillar()
    lines = skeleton(bones(body), placed(body, 2.0, 1.0))
    assert lines.points.shape == (1, 2, 3)
    assert lines.through
    assert np.allclose(lines.points[0], to_motion(np.array([[2.0, 1.0, 0.0], [2.0, 1.0, 1.0]])))
    seen = rays(np.zeros(3), np.array([[0, 0, 2.0], [1.0, 0, 0]]), np.array([True, False]))
    assert len(seen.points) == 2 + 3
    touched = contacts(np.ones((2, 3)), np.tile([0, 1.0, 0], (2, 1)))
    assert len(join([touched, seen, grid(4.0, 1.0)]).points) == 2 + 6 + 5 + 2 * 5
    assert len(join([]).points) == 0


def test_labels_stand_at_their_places():
    place = np.array([0.0, 1.0, 0.0])
    overlay = write([Label("beast", place), Label("behind", to_motion(np.array([-9.0, 0, 0])))], VIEW, SIZE)
    x, y, _ = VIEW.project(place[None], SIZE)[0]
    there = np.argwhere(overlay[..., 3] > 0)
    assert abs(there[:, 1].mean() - x) < 3
    assert abs(there[:, 0].max() - y) < 3
    assert write([Label("a\x00\n" * 900, np.array([-1e9, 1e9]))], VIEW, SIZE).max() == 0
