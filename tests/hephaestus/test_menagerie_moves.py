"""Animals and vehicles as packs hold them, found by geometry alone and then driven: path, paces, stance, gaze."""

from __future__ import annotations

import numpy as np
import pytest

from hephaestus import rotation
from hephaestus.anatomy import find_rig
from hephaestus.bodies import make_body
from hephaestus.metrics import path_error
from hephaestus.motion import Motion
from tests.hephaestus import menagerie
from tests.hephaestus.creatures import slides, stop_and_go
from tests.hephaestus.figures import fleshed
from tests.hephaestus.sample_rigs import walk

MIDDLE = {"quadruped": "hips", "manylegs": "hips", "tank": "hull"}
ODD = {"turn": menagerie.Z_UP @ menagerie.FACING_X, "scale": 100.0}
BODIES = {
    "horse": lambda: fleshed(menagerie.horse()[0], dict.fromkeys(menagerie.horse()[0], ""))[0],
    "dog, centimetres, z up": lambda: fleshed(menagerie.dog()[0], dict.fromkeys(menagerie.dog()[0], ""), **ODD)[0],
    "dog of rigid nodes": lambda: fleshed(menagerie.dog()[0], rigid=True)[0],
    "ant": lambda: fleshed(menagerie.insect(3, 1)[0], dict.fromkeys(menagerie.insect(3, 1)[0], ""))[0],
    "spider, centimetres, z up": lambda: fleshed(menagerie.insect(4, 2)[0], **ODD)[0],
    "tank on wheels": lambda: menagerie.tank()[0],
    "lorry": lambda: menagerie.truck()[0],
}


@pytest.fixture(scope="module", params=BODIES.values(), ids=BODIES.keys())
def body(request):
    return make_body(find_rig(request.param(), "found"))


def world_of(body, motion):
    return body.asset.world(body.poses(motion))


def middle(body, world):
    """The point [T, 3] that is to follow the path: between the paws of an animal that has some, else its root."""
    rig, role = body.rig, MIDDLE.get(body.kind)
    node = rig.node(role) if role else int(rig.surface[1][0])
    if body.kind == "quadruped":
        rest = np.mean([rig.rest_points[leg[-1]] for leg in rig.legs], axis=0)
    elif body.kind == "other":
        points, _ = rig.surface
        rest = (points.min(0) + points.max(0)) / 2
    else:
        return world[:, node, :3, 3]
    return (world[:, node] @ np.linalg.solve(rig.rest_world[node], np.append(rest, 1.0)))[:, :3]


def test_the_path_and_the_order_of_paces_are_kept(body):
    lengths = []
    for speed in (0.8, 1.6, 3.0, 5.0):
        motion = body.fit(walk(speed, 80, turn=0.4))
        path = middle(body, world_of(body, motion))
        assert path_error(path, motion.root_path) < 0.05
        lengths.append(np.linalg.norm(np.diff(path[:, [0, 2]], axis=0), axis=-1).sum())
    assert lengths == sorted(lengths)


@pytest.mark.parametrize("seed", [0, 1])
def test_feet_stand_where_they_are_put(body, seed):
    if body.kind not in ("quadruped", "manylegs"):
        pytest.skip("it has no feet")
    motion = body.fit(stop_and_go(160, seed))
    world, planted = world_of(body, motion), body.driver.planted(motion)
    if body.kind == "quadruped":
        feet = world[:, body.driver.legs.paws][..., :3, 3]
    else:
        feet = np.stack([_end(body.rig, leg[-1], world) for leg in body.rig.legs], 1)
    assert planted.mean() > 0.3
    assert slides(feet, planted).max() < 0.03


def _end(rig, node, world):
    """The middle [T, 3] of the far end of the prism of skin on a node."""
    points, nodes = rig.surface
    skin = points[nodes == node]
    end = skin[np.argsort(-np.linalg.norm(skin - rig.rest_points[node], axis=1))[:4]].mean(0)
    return (world[:, node] @ np.linalg.solve(rig.rest_world[node], np.append(end, 1.0)))[:, :3]


@pytest.mark.parametrize("yaw", [-1.0, 0.6])
def test_it_looks_where_the_human_looks(body, yaw):
    looking = next((role for role in ("head", "turret") if role in body.rig), None)
    if looking is None:
        pytest.skip("it has nothing to look with")
    still = walk(0.0, 40)
    turned = still.rotations.copy()
    turned[:, 15] = rotation.yaw(yaw)
    node = body.rig.node(looking)
    ahead = world_of(body, body.fit(still))[-1, node, :3, :3]
    aside = world_of(body, body.fit(Motion(still.joints, turned, still.contacts)))[-1, node, :3, :3]
    face = aside @ np.linalg.inv(ahead) @ [0.0, 0.0, 1.0]
    assert np.degrees(abs(np.arctan2(face[0], face[2]) - yaw)) < 15.0
