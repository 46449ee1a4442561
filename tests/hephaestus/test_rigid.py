"""Anything else: it follows, hops, leans and looks."""

import numpy as np
import pytest

from hephaestus import rotation
from hephaestus.bodies import load_body, make_body
from hephaestus.glb.writer import write
from hephaestus.metrics import path_error
from hephaestus.motion import Motion
from tests.hephaestus.creatures import chair, stop_and_go
from tests.hephaestus.sample_rigs import walk


def middle(body, world):
    """The middle of the box [T, 3]: its node is there."""
    return world[:, 0, :3, 3]


def test_it_goes_the_way_and_keeps_the_order_of_paces():
    body, lengths = make_body(chair()), []
    for speed in (0.8, 1.6, 3.0, 5.0):
        motion = walk(speed, 60, turn=0.4)
        path = middle(body, body.asset.world(body.poses(motion)))
        assert path_error(path, motion.root_path) < 0.05
        lengths.append(np.linalg.norm(np.diff(path[:, [0, 2]], axis=0), axis=-1).sum())
    assert lengths == sorted(lengths)


def test_it_hops_on_its_way_and_stands_otherwise():
    body = make_body(chair())
    still = body.asset.world(body.poses(walk(0.0, 40)))
    assert np.ptp(middle(body, still), axis=0).max() < 1e-3
    assert still[0, 0, 1, 3] == pytest.approx(0.5, abs=0.01)
    moving = middle(body, body.asset.world(body.poses(walk(1.5, 60))))
    assert 0.02 < np.ptp(moving[:, 1]) < 0.2
    assert moving[:, 1].min() > 0.49


@pytest.mark.parametrize("head", [True, False])
def test_it_looks_where_the_human_looks(head):
    body, motion = make_body(chair(head)), walk(0.0, 40)
    turned = motion.rotations.copy()
    turned[:, 15] = rotation.yaw(0.8)
    world = body.asset.world(body.poses(Motion(motion.joints, turned, motion.contacts)))
    face = world[-1, 1 if head else 0, :3, 2]
    assert np.degrees(abs(np.arctan2(face[0], face[2]) - 0.8)) < 15.0


def test_pieces_give_the_same_as_the_whole():
    body, motion = make_body(chair(True)), stop_and_go(90, 3)
    whole, stream = body.poses(motion), body.stream()
    parts = [stream(motion[a:b]) for a, b in ((0, 1), (1, 2), (2, 50), (50, 90))]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)


def test_a_file_without_map_or_skeleton_loads_and_goes(tmp_path):
    write(chair().asset, tmp_path / "chair.glb")
    body = load_body(tmp_path / "chair.glb")
    assert body.kind == "other"
    world = body.asset.world(body.poses(walk(1.4, 40)))
    assert world[-1, 0, 2, 3] - world[0, 0, 2, 3] == pytest.approx(1.4 * 39 / 20, abs=0.05)
    assert len(body.bone_radii) == 1
    assert body.bone_radii[0] > 0.1
