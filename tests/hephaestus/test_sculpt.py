"""The bodies that ship, and the sculptor that makes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hephaestus.bodies import load_body
from hephaestus.glb import Asset, Material, compose, read, to_bytes
from hephaestus.rotation import from_axis_angle
from hephaestus.sculpt.bodies import SCULPTURES
from hephaestus.sculpt.build import body_sheet, build, save
from hephaestus.sculpt.field import Field, Part, both, smooth_min
from hephaestus.sculpt.nets import surface_nets
from hephaestus.sculpt.panels import Border, Mesh, Panel, cut, everywhere, regions
from hephaestus.sculpt.plates import box, lathe, prism, split
from hephaestus.sculpt.remesh import remesh
from hephaestus.sculpt.sculpture import Joint, Sculpture
from hephaestus.sculpt.shapes import Ball, Chain, Cone, Loft, Shape, Slab
from hephaestus.sculpt.skinning import Bone, skin_weights
from hephaestus.sculpt.topology import components, edges, face_normals, is_closed
from hephaestus.skeleton import JOINT_NAMES, PARENTS, rest_joints

BODIES = Path(__file__).parents[2] / "assets" / "bodies"
NAMES = tuple(SCULPTURES)
SKINS = ("humanoid", "woman", "child", "beast", "spider")
MACHINES = ("robot", "tank")


@pytest.fixture(scope="module", params=SKINS)
def body(request: pytest.FixtureRequest) -> Asset:
    return read(BODIES / f"{request.param}.glb")


def welded(asset: Asset) -> tuple[np.ndarray, np.ndarray]:
    """Return vertices and faces of all primitives, one vertex for each place."""
    start = np.cumsum([0] + [len(p.positions) for p in asset.primitives])
    faces = np.concatenate([p.indices.astype(int) + s for p, s in zip(asset.primitives, start, strict=False)])
    places, number = np.unique(np.concatenate([p.positions for p in asset.primitives]), axis=0, return_inverse=True)
    return places, number.ravel()[faces].reshape(-1, 3)


def skinned(asset: Asset, turns: dict[str, tuple[tuple[float, float, float], float]]) -> np.ndarray:
    """Return the vertices [V, 3] with joints turned about an axis by an angle in degrees."""
    rotations = asset.rotations.copy()
    for name, (axis, angle) in turns.items():
        rotations[asset.index(name)] = from_axis_angle(np.array(axis), np.radians(angle))
    world = asset.world(compose(asset.translations, rotations, asset.scales))
    return np.concatenate([asset.vertices(p, world) for p in asset.primitives])


def joined(asset: Asset, name: str) -> np.ndarray:
    return np.concatenate([getattr(p, name) for p in asset.primitives])


def test_the_skin_is_one_closed_surface(body: Asset) -> None:
    vertices, faces = welded(body)
    assert len(vertices) >= 3000
    assert is_closed(faces)
    assert len(np.unique(components(edges(faces), len(vertices)))) == 1
    assert np.einsum("ij,ij->", vertices[faces[:, 0]], face_normals(vertices, faces)) > 0, "inside out"


def test_weights_are_sound(body: Asset) -> None:
    weights, joints = joined(body, "weights"), joined(body, "joints")
    assert weights.shape[1] == 4
    assert (weights >= 0).all()
    np.testing.assert_array_equal(weights.sum(1), 1.0)
    moved = np.unique(joints[weights > 0.2])
    idle = ("root", body.names[-1])
    ends = {i for i, name in enumerate(body.names) if "_end" in name or "_tip" in name or name in idle}
    assert set(range(len(body))) - ends <= set(moved.tolist()), "a joint that moves nothing"


def test_the_same_place_has_the_same_weights(body: Asset) -> None:
    """Where colours meet there are two vertices; they must not come apart when the body moves."""
    places, number = np.unique(joined(body, "positions"), axis=0, return_inverse=True)
    dense = np.zeros((len(number), len(body)))
    np.add.at(dense, (np.arange(len(number))[:, None], joined(body, "joints")), joined(body, "weights"))
    low, high = np.full((len(places), len(body)), 2.0), np.full((len(places), len(body)), -1.0)
    np.minimum.at(low, number.ravel(), dense)
    np.maximum.at(high, number.ravel(), dense)
    np.testing.assert_allclose(low, high, atol=1e-6)


def test_no_weight_jumps_to_the_other_side(body: Asset) -> None:
    """A left leg or arm must not pull skin that is clearly on the right."""
    x, weights, joints = joined(body, "positions")[:, 0], joined(body, "weights"), joined(body, "joints")
    side = np.array([{"L": 1, "R": -1}.get(name[0] if name[1:2] == "_" else "", 0) for name in body.names])
    wrong = (side[joints] * np.sign(x)[:, None] < 0) & (np.abs(x)[:, None] > 0.06) & (weights > 0.02)
    assert not wrong.any()


def test_the_feet_stand_on_the_floor(body: Asset) -> None:
    low = joined(body, "positions")[:, 1].min()
    assert low == pytest.approx(0.0, abs=2e-3)


def test_normals_point_outwards(body: Asset) -> None:
    normals = joined(body, "normals")
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-3)
    agree = []
    for p in body.primitives:
        faces = p.indices.reshape(-1, 3)
        agree.append((face_normals(p.positions.astype(float), faces) * p.normals[faces].mean(1)).sum(1) > 0)
    assert np.concatenate(agree).mean() > 0.995


def test_the_mannequin_stands_on_the_skeleton_of_the_motions() -> None:
    asset = read(BODIES / "humanoid.glb")
    places = np.stack([asset.rest_world[asset.index(name), :3, 3] for name in JOINT_NAMES])
    np.testing.assert_allclose(places, rest_joints(), atol=1e-4)
    for j, name in enumerate(JOINT_NAMES[1:], 1):
        assert asset.parents[asset.index(name)] == asset.index(JOINT_NAMES[PARENTS[j]])
    top = joined(asset, "positions")[:, 1].max()
    assert top == pytest.approx(1.75, abs=0.02)


def test_a_bent_elbow_keeps_its_thickness_and_the_chest_stays() -> None:
    asset = read(BODIES / "humanoid.glb")
    rest, bent = skinned(asset, {}), skinned(asset, {"L_elbow": ((0, 1, 0), -90.0)})
    moved = np.linalg.norm(bent - rest, axis=1)
    assert moved[rest[:, 0] < 0.30].max() < 1e-4
    forearm = (rest[:, 0] > 0.56) & (rest[:, 0] < 0.62)
    spread = lambda v: v.max(0) - v.min(0)  # noqa: E731
    np.testing.assert_allclose(sorted(spread(bent[forearm])), sorted(spread(rest[forearm])), atol=0.004)
    elbow = np.abs(rest[:, 0] - 0.455) < 0.01
    assert spread(bent[elbow])[1] > 0.75 * spread(rest[elbow])[1], "candy wrapper"


def test_the_beast_is_as_large_as_it_should_be() -> None:
    asset = read(BODIES / "beast.glb")
    places = joined(asset, "positions")
    body = places[places[:, 2] > -0.85]
    assert 2.0 < np.ptp(body[:, 2]) < 2.5
    shoulder = np.abs(places[:, 2] - 0.38) < 0.06
    hide = shoulder & (np.abs(places[:, 0]) > 0.05) & (np.abs(places[:, 0]) < 0.09)
    assert places[hide, 1].max() == pytest.approx(1.3, abs=0.08)
    head, hips = (asset.rest_world[asset.index(n), :3, 3] for n in ("head", "pelvis"))
    assert head[2] > hips[2], "faces +z"


@pytest.mark.parametrize("name", NAMES)
def test_the_sheet_names_nodes_that_are_there(name: str) -> None:
    asset, sculpture = read(BODIES / f"{name}.glb"), SCULPTURES[name]()
    text = (BODIES / f"{name}.body.yaml").read_text()
    assert text == body_sheet(sculpture), "rebuild with python -m hephaestus.sculpt --out assets/bodies"
    assert set(flat(sculpture.roles.values())) <= set(asset.names)
    body = load_body(name)
    assert body.kind == sculpture.kind
    points = np.concatenate([asset.vertices(p, asset.rest_world) for p in asset.primitives])
    # The sheet's height scales the file: it has to be the file's own.
    assert np.ptp(points[:, 1]) == pytest.approx(sculpture.height_m, rel=0.01)


def flat(values: object) -> list[str]:
    """Return the strings in nested lists."""
    return [values] if isinstance(values, str) else [name for value in values for name in flat(value)]  # type: ignore


def test_the_bodies_are_small_and_drawn_at_once() -> None:
    assert sum(p.stat().st_size for p in BODIES.iterdir()) < 8e6
    for name in NAMES:
        asset = read(BODIES / f"{name}.glb")
        assert sum(len(p.positions) for p in asset.primitives) < 32000
        assert len(asset.primitives) <= 6


@pytest.mark.parametrize("name", MACHINES)
def test_pieces_of_a_machine_move_with_one_joint_each(name: str) -> None:
    asset = read(BODIES / f"{name}.glb")
    np.testing.assert_array_equal(joined(asset, "weights"), np.tile([1, 0, 0, 0], (len(joined(asset, "weights")), 1)))
    normals = joined(asset, "normals")
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-3)
    for p in asset.primitives:
        faces = p.indices.reshape(-1, 3)
        assert (p.joints[faces, 0] == p.joints[faces[:, :1], 0]).all(), "a triangle across a joint"
        facing = (face_normals(p.positions.astype(float), faces) * p.normals[faces].mean(1)).sum(1)
        assert (facing > -1e-9).mean() > 0.995


def test_the_people_differ_as_people_do() -> None:
    tall = {}
    for name in ("humanoid", "woman", "child"):
        asset = read(BODIES / f"{name}.glb")
        at = {n: asset.rest_world[asset.index(n), :3, 3] for n in JOINT_NAMES}
        shoulders, hips = at["L_shoulder"][0], at["L_hip"][0]
        tall[name] = at["head"][1], shoulders / hips, at["L_hip"][1] / at["head"][1]
    assert tall["humanoid"][0] > tall["woman"][0] > 1.2 * tall["child"][0]
    assert tall["humanoid"][1] > tall["woman"][1]
    assert tall["child"][2] < tall["humanoid"][2]


def test_the_tank_has_what_its_driver_moves() -> None:
    rig = load_body("tank").rig
    assert len(rig.roles["L_track"]) == len(rig.roles["R_track"]) == 46
    assert len(rig.roles["wheels"]) == 18
    driver = load_body("tank").driver
    assert all(track.runs for track in driver.tracks)
    places = rig.rest_points[list(rig.roles["L_track"])]
    gaps = np.linalg.norm(places - np.roll(places, 1, 0), axis=1)
    np.testing.assert_allclose(gaps, gaps.mean(), rtol=0.03)


def test_a_figure_maps_there_and_back() -> None:
    from hephaestus.sculpt.figure import Figure

    shape = Figure(
        ((0.0, 0.0), (0.9, 0.6), (1.43, 1.0), (1.53, 1.1)), ((0.9, 0.7), (1.53, 0.6)), ((0.9, 0.8), (1.53, 0.7)),
        ((0.1, 0.7), (0.9, 0.8)), ((0.455, 0.30), (0.705, 0.46)), 0.7, 0.8, 0.9, 0.75, 0.07,
    )  # fmt: skip
    spots = {"trunk": (0.08, 1.2, 0.05), "head": (0.03, 1.64, 0.09), "leg": (0.1, 0.5, 0.04), "arm": (-0.6, 1.44, 0.0)}
    for limb, at in spots.items():
        np.testing.assert_allclose(shape.adult(np.array([shape.point(at, limb)]))[0], at, atol=1e-9)


def test_plates_are_closed_and_look_outward() -> None:
    profile = [(0.0, 0.0), (1.0, 0.0), (1.2, 0.5), (0.5, 1.0), (0.0, 1.0)]
    shapes = [
        (box((1, 2, 3), (0.4, 0.6, 0.8), 0.0), 0.192),
        (prism(profile, -1.0, 1.0, "x", 0.0, grain=9.0), 2 * 0.975),
        (lathe([(0.0, 0.0), (0.0, 0.5), (1.0, 0.5), (1.0, 0.0)], "y", 64), np.pi / 4),
        (lathe([(0.0, 0.0), (0.0, 0.5), (1.0, 0.5), (1.0, 0.2), (0.5, 0.2), (0.5, 0.0)], "z", 64), np.pi * 0.23),
    ]
    for plate, volume in shapes:
        places, number = np.unique(np.round(plate.points, 7), axis=0, return_inverse=True)
        faces = number.ravel()[plate.faces]
        faces = faces[[len(set(f)) == 3 for f in faces.tolist()]]
        assert is_closed(faces)
        a, b, c = (places[faces[:, k]] for k in range(3))
        assert (a * np.cross(b, c)).sum() / 6 == pytest.approx(volume, rel=0.01)
    bevelled = box((0, 0, 0), (1, 1, 1), 0.1)
    assert bevelled.worn.any()
    assert not bevelled.worn.all()


def test_a_plate_is_split_along_a_band_narrower_than_its_triangles() -> None:
    plate = box((0, 0, 0), (1, 1, 1), 0.0, grain=2.0)
    band, rest = split(
        plate, lambda p: np.abs(p[:, 0] - 0.1) - 0.02, lambda p: p[:, 0] - 0.08, lambda p: p[:, 0] - 0.12
    )
    assert np.ptp(band.points[:, 0]) == pytest.approx(0.04)
    area = lambda p: np.linalg.norm(face_normals(p.points, p.faces), axis=1).sum() / 2  # noqa: E731
    assert area(band) == pytest.approx(0.16)
    assert area(band) + area(rest) == pytest.approx(6.0)


SHAPES: list[Shape] = [
    Cone((0, 0, 0), (0.1, 0.4, 0.1), 0.1, 0.05),
    Ball((0.1, 0.2, 0), (0.1, 0.2, 0.15), (1, 1, 0)),
    Chain([((0, 0, 0), 0.1), ((0, 0.2, 0.1), 0.08), ((0, 0.5, 0), 0.02)]),
    Loft((0, 0, 0), (0, 1, 0), (0, 0, 1), [(0, 0.1, 0.1, 0.08, 0.09, 0, 0), (0.3, 0.1, 0.1, 0.1, 0.1, 0, 0.02)]),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: type(s).__name__)
def test_shapes_are_distances_near_their_skin_and_stay_in_their_boxes(shape: Shape) -> None:
    points = np.random.default_rng(0).uniform(-0.5, 0.8, (20000, 3))
    distance = shape.distance(points)
    low, high = shape.bounds()
    assert ((points[distance < 0] >= low) & (points[distance < 0] <= high)).all()
    near = points[np.abs(distance) < 0.02]
    h = 1e-5
    slope = [(shape.distance(near + h * e) - shape.distance(near - h * e)) / (2 * h) for e in np.eye(3)]
    assert np.median(np.abs(np.linalg.norm(slope, axis=0) - 1)) < 0.15


def test_smooth_union_is_below_the_sharp_one_and_touches_it_far_away() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 1000))
    joined_ = smooth_min(a, b, 0.3)
    assert (joined_ <= np.minimum(a, b) + 1e-12).all()
    apart = np.abs(a - b) > 0.3
    np.testing.assert_allclose(joined_[apart], np.minimum(a, b)[apart])


def two_balls() -> Field:
    legs = both(Part(Cone((0.06, 0.1, 0), (0.06, 0.4, 0), 0.05, 0.05), "L_leg"))
    floor = Part(Slab((0, 0, 0), (0, 1, 0), ((-1, -1, -1), (1, 0.1, 1))), carve=True, blend=0.01)
    return Field([Part(Ball((0, 0.5, 0), (0.15, 0.2, 0.1)), "trunk"), *legs, floor])


def test_nets_and_remeshing_give_a_closed_even_mesh_on_the_surface() -> None:
    field = two_balls()
    corner, values = field.grid(0.012)
    vertices, faces = surface_nets(values, corner, 0.012)
    assert is_closed(faces)
    vertices, faces = remesh(vertices, faces, field, lambda p: np.full(len(p), 0.03))
    assert is_closed(faces)
    assert np.abs(field.distance(vertices)).max() < 1e-4
    pairs = edges(faces)
    length = np.linalg.norm(vertices[pairs[:, 0]] - vertices[pairs[:, 1]], axis=1)
    assert np.percentile(length, 99) / np.percentile(length, 1) < 5


def test_thin_tips_do_not_tear_the_net() -> None:
    field = Field(
        [Part(Cone((0, 0, 0), (0.03, 0.3, 0.02), 0.06, 0.001)), Part(Cone((0, 0, 0), (0.2, 0, 0.1), 0.05, 0.001))]
    )
    corner, values = field.grid(0.012)
    assert is_closed(surface_nets(values, corner, 0.012)[1])


def test_cuts_run_along_the_border_and_keep_the_skin_closed() -> None:
    field = two_balls()
    corner, values = field.grid(0.015)
    vertices, faces = surface_nets(values, corner, 0.015)
    mesh = Mesh(vertices, faces, np.eye(2)[np.zeros(len(vertices), int)], np.zeros(len(vertices), bool))
    for at in (0.30, 0.309, 0.45):
        mesh = cut(mesh, Border(lambda p, at=at: p[:, 1] - at, everywhere))
        assert is_closed(mesh.faces)
    side = np.sign(np.round(mesh.vertices[mesh.faces][:, :, 1] - 0.45, 9))
    assert not ((side > 0).any(1) & (side < 0).any(1)).any(), "a triangle crosses the border"
    np.testing.assert_allclose(mesh.values.sum(1), 1.0)


def test_later_panels_cover_earlier_ones() -> None:
    panels = [
        Panel("all", 0, (1, 2, 3), everywhere),
        Panel("low", 0, (1, 2, 3), lambda p: p[:, 1] - 0.5),
        Panel("floor", 0, (1, 2, 3), lambda p: p[:, 1] - 0.1),
    ]
    np.testing.assert_array_equal(regions(np.array([[0, 0.05, 0], [0, 0.3, 0], [0, 0.9, 0]]), panels), [2, 1, 0])


def small() -> Sculpture:
    bones = [
        Bone("root", (0, 0.5, 0), (0, 0.6, 0), 0.15, ("trunk",), 0.03),
        Bone("L_hip", (0.06, 0.38, 0), (0.06, 0.1, 0), 0.05, ("L_leg",), 0.03),
        Bone("R_hip", (-0.06, 0.38, 0), (-0.06, 0.1, 0), 0.05, ("R_leg",), 0.03),
    ]
    joints = [Joint("root", "", (0, 0.5, 0)), Joint("L_hip", "root", bones[1].a), Joint("R_hip", "root", bones[2].a)]
    panels = [Panel("all", 0, (200, 100, 50), everywhere), Panel("socks", 1, (20, 20, 20), lambda p: p[:, 1] - 0.2)]
    materials = (Material("skin"), Material("wool"))
    return Sculpture(
        "small", "humanoid", 0.7, 0.2, two_balls().parts, joints, bones, panels, materials,
        lambda p: np.full(len(p), 0.03), 0.014, {"hips": "root", "L_thigh": "L_hip"},
    )  # fmt: skip


def test_a_sculpture_builds_the_same_bytes_every_time(tmp_path: Path) -> None:
    first, second = to_bytes(build(small())), to_bytes(build(small()))
    assert first == second
    glb, sheet = save(small(), tmp_path)
    assert glb.read_bytes() == first
    assert json.loads(sheet.read_text().split("L_thigh: ")[1].splitlines()[0]) == "L_hip"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["small.body.yaml", "small.glb"]
    asset = read(first)
    assert is_closed(welded(asset)[1])
    assert [m.name for m in asset.materials] == ["skin", "wool"]


def test_legs_do_not_share_weights() -> None:
    field = two_balls()
    corner, values = field.grid(0.014)
    vertices, faces = surface_nets(values, corner, 0.014)
    names, weights = skin_weights(vertices, faces, field, small().bones)
    low = vertices[:, 1] < 0.25
    assert weights[low & (vertices[:, 0] > 0.02), names.index("R_hip")].max() == 0.0
    assert weights[low & (vertices[:, 0] > 0.02), names.index("L_hip")].min() > 0.9


@pytest.mark.parametrize("name", SKINS)
def test_the_shipped_skins_lie_on_the_clay_of_the_code(name: str) -> None:
    sculpture, asset = SCULPTURES[name](), read(BODIES / f"{name}.glb")
    assert isinstance(sculpture, Sculpture)
    field = Field(sculpture.parts)
    vertices = np.concatenate([p.positions for p in asset.primitives]).astype(float)
    off = np.abs(field.distance(vertices[::7]))
    assert np.quantile(off, 0.99) < 1e-3
    # And the clay is under the skin everywhere: where a coarse grid changes sign there are vertices.
    corner, values = field.grid(0.04)
    crossed = np.argwhere((values[:-1] > 0) != (values[1:] > 0))
    at = corner + 0.04 * (crossed + np.array([0.5, 0.0, 0.0]))
    gap = np.array([np.sqrt(((vertices - p) ** 2).sum(1).min()) for p in at[:: 1 + len(at) // 300]])
    assert np.quantile(gap, 0.95) < 0.05
    places = {name: asset.rest_world[node, :3, 3] for node, name in enumerate(asset.names)}
    for joint in sculpture.joints:
        np.testing.assert_allclose(places[joint.name], np.asarray(joint.at, float), atol=1e-4)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("name", ["humanoid", *MACHINES])
def test_the_shipped_bodies_are_what_the_code_builds(name: str) -> None:
    assert to_bytes(build(SCULPTURES[name]())) == (BODIES / f"{name}.glb").read_bytes()
