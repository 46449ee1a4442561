"""A tank: tracks that do not slip, wheels that roll, a turret that looks."""

import numpy as np
import pytest

from hephaestus import rotation
from hephaestus.bodies import make_body
from hephaestus.metrics import path_error
from hephaestus.motion import Motion
from tests.hephaestus.creatures import stop_and_go, tank
from tests.hephaestus.sample_rigs import walk


@pytest.fixture(scope="module")
def body():
    return make_body(tank())


def world_of(body, motion):
    return body.asset.world(body.poses(motion))


def straight(speed=1.5, frames=60):
    """A body pulled along a line at an even speed."""
    motion = walk(0.0, frames)
    joints = motion.joints.copy()
    joints[..., 2] += (speed * np.arange(frames) / 20.0)[:, None]
    return Motion(joints, motion.rotations, motion.contacts)


def test_links_on_the_ground_stand_still_and_those_on_top_go_twice_as_fast(body):
    world = world_of(body, straight(1.5))
    for side in "LR":
        links = world[:, list(body.rig.roles[f"{side}_track"])][..., :3, 3]
        speed = np.diff(links[..., 2], axis=0) * 20.0
        height = 0.5 * (links[1:, :, 1] + links[:-1, :, 1])
        inside = np.abs(links[1:, :, 2] - world[1:, body.rig.node("hull"), 2, 3][:, None]) < 1.0
        assert np.abs(speed[(height < 0.05) & inside]).max() < 0.03
        np.testing.assert_allclose(speed[(height > 0.83) & inside], 3.0, atol=0.05)
        assert links[..., 1].min() > 0.0


def test_links_keep_their_distance(body):
    world = world_of(body, walk(2.0, 60, turn=0.5))
    links = world[:, list(body.rig.roles["L_track"])]
    gap = np.linalg.norm(links[:, 1:, :3, 3] - links[:, :-1, :3, 3], axis=-1)
    np.testing.assert_allclose(gap, np.tile(gap[:1].mean(), gap.shape), atol=0.03)


def test_wheels_roll_without_slip(body):
    world = world_of(body, straight(1.0, 21))
    for node in body.rig.roles["wheels"]:
        turns = world[:, node, :3, :3]
        angle = np.unwrap(np.arctan2(turns[:, 2, 1], turns[:, 1, 1]))
        assert angle[-1] - angle[0] == pytest.approx(1.0 / 0.4, rel=0.02)


def test_the_inner_track_falls_back_in_a_turn(body):
    motion = walk(0.0, 60)
    turn = 0.03 * np.arange(60)
    spun = rotation.rotate(rotation.yaw(turn)[:, None], motion.joints)
    world = world_of(body, Motion(spun.astype(np.float32), motion.rotations, motion.contacts))
    hull = world[:, body.rig.node("hull")]
    rolled = {}
    for side, node in (("L", body.rig.roles["wheels"][0]), ("R", body.rig.roles["wheels"][3])):
        own = np.swapaxes(hull[:, :3, :3], 1, 2) @ world[:, node, :3, :3]
        rolled[side] = np.unwrap(np.arctan2(own[:, 2, 1], own[:, 1, 1]))[-1]
    assert rolled["L"] < -1.0
    assert rolled["R"] == pytest.approx(-rolled["L"], rel=0.05)


@pytest.mark.parametrize("astray", [False, True])
@pytest.mark.parametrize("yaw", [-1.2, 0.6, 2.6])
def test_the_turret_looks_where_the_human_looks(astray, yaw):
    body, motion = make_body(tank(astray=astray)), walk(1.0, 60, heading=0.4)
    turned = motion.rotations.copy()
    turned[:, 15] = rotation.yaw(yaw)
    world = world_of(body, Motion(motion.joints, turned, motion.contacts))
    turret, gun = world[-1, body.rig.node("turret")], world[-1, body.rig.node("gun")]
    off = (np.arctan2(turret[0, 2], turret[2, 2]) - 0.4 - yaw + np.pi) % (2 * np.pi) - np.pi
    assert np.degrees(abs(off)) < 15.0
    np.testing.assert_allclose(gun[[0, 2], 2], turret[[0, 2], 2], atol=0.2)
    if not astray:
        assert np.linalg.norm(gun[:3, 3] - turret[:3, 3]) == pytest.approx(np.hypot(0.8, 0.05), abs=0.02)


def test_the_gun_rises_with_the_arm_and_with_the_gaze(body):
    motion = walk(0.0, 60)
    level = world_of(body, motion)[-1, body.rig.node("gun"), 1, 2]
    up = motion.joints.copy()
    up[:, [19, 21], 1] += [0.2, 1.0]
    assert world_of(body, Motion(up, motion.rotations, motion.contacts))[-1, body.rig.node("gun"), 1, 2] > level + 0.2
    turned = motion.rotations.copy()
    turned[:, 15] = rotation.from_axis_angle(np.array([1.0, 0, 0]), -0.4)
    raised = world_of(body, Motion(motion.joints, turned, motion.contacts))[-1, body.rig.node("gun"), 1, 2]
    assert raised > level + 0.15


def test_an_excited_tank_shakes_and_fires(body):
    motion = walk(0.0, 100)
    calm = world_of(body, motion)
    joints = motion.joints.copy()
    joints[:, 18:, 1] += 0.9
    wild = world_of(body, Motion(joints, motion.rotations, motion.contacts))

    def recoil(world):
        turret, gun = world[:, body.rig.node("turret"), :3, 3], world[:, body.rig.node("gun"), :3, 3]
        return np.ptp(np.linalg.norm(gun - turret, axis=-1)[20:])

    assert recoil(wild) > recoil(calm) + 0.05
    hull = body.rig.node("hull")
    assert np.ptp(wild[20:, hull, 1, 2]) > 2.0 * np.ptp(calm[20:, hull, 1, 2])


def test_the_path_and_the_order_of_paces_are_kept(body):
    lengths = []
    for speed in (0.8, 1.6, 3.0, 5.0):
        motion = walk(speed, 60, turn=0.4)
        hull = world_of(body, motion)[:, body.rig.node("hull"), :3, 3]
        assert path_error(hull, motion.root_path) < 0.05
        lengths.append(np.linalg.norm(np.diff(hull[:, [0, 2]], axis=0), axis=-1).sum())
    assert lengths == sorted(lengths)


def test_pieces_give_the_same_as_the_whole(body):
    motion = stop_and_go(100, 5)
    whole, stream = body.poses(motion), body.stream()
    parts = [stream(motion[a:b]) for a, b in ((0, 1), (1, 3), (3, 60), (60, 100))]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-4)


@pytest.mark.parametrize(
    "skip", [("turret",), ("gun",), ("L_track", "R_track"), ("wheels",), ("turret", "gun", "wheels")]
)
def test_a_tank_may_lack_parts(skip):
    body = make_body(tank(skip=skip))
    world = world_of(body, walk(1.5, 40))
    assert np.isfinite(world).all()
    # Every part of the file goes along, with a role or without.
    gone = world[-1, :, 2, 3] - world[0, :, 2, 3]
    links = {n for side in "LR" for n in body.rig.roles.get(f"{side}_track", ())}
    others = [n for n in range(len(gone)) if n not in links]
    np.testing.assert_allclose(gone[others], 1.5 * 39 / 20, atol=0.1)
    assert len(body.bones(world)[0]) >= 1


def test_what_is_bolted_on_goes_with_the_hull():
    body = make_body(tank(astray=True))
    motion = straight(1.0, 40)
    world = world_of(body, motion)
    box = world[:, body.asset.index("box"), :3, 3] - motion.root_path * [1, 0, 1]
    assert np.ptp(box, axis=0).max() < 0.1
