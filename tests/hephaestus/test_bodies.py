"""Bodies: loading, the common interface, and what a four-legged body keeps of the human's motion."""

import numpy as np
import pytest

from hephaestus import ik
from hephaestus.bodies import load_body, make_body, shipped
from hephaestus.errors import AssetError, RigError
from hephaestus.metrics import lowest_vertex, path_error
from hephaestus.motion import Motion
from hephaestus.rig import make_rig
from hephaestus.stepping import StepReader
from tests.hephaestus.creatures import hound, slides, stop_and_go
from tests.hephaestus.sample_rigs import ROLES, SHARED, beast, humanoid, needs_shared, recorded, walk, wild

BODIES = {"humanoid": humanoid, "beast": beast}


@pytest.fixture(scope="module", params=BODIES)
def body(request):
    return make_body(BODIES[request.param]())


@pytest.fixture(scope="module")
def four():
    return make_body(beast())


def test_batch_equals_stream_and_the_tree_gives_places(body):
    for motion in (walk(1.2), walk(4.0), wild(3)):
        local = body.poses(motion)
        assert local.shape == (len(motion), len(body.asset), 4, 4)
        assert local.dtype == np.float32
        assert np.isfinite(local).all()
        for frame in (0, 7, len(motion) - 1):
            np.testing.assert_allclose(body.pose(motion, frame).local, local[frame], atol=5e-5)


def test_pose_tells_place_and_heading(body):
    motion = walk(1.2, heading=0.5)
    pose = body.pose(motion, 9)
    np.testing.assert_allclose(pose.root[[0, 2], 3], motion.joints[9, 0, [0, 2]])
    assert np.arctan2(pose.root[0, 2], pose.root[2, 2]) == pytest.approx(0.5, abs=0.1)
    np.testing.assert_allclose(body.pose(motion).local, body.poses(motion)[-1], atol=5e-5)


def test_bones_span_the_body(body):
    world = body.asset.world(body.poses(walk(1.2)))
    bones = body.bones(world)
    assert bones.shape == (60, len(body.bone_radii), 2, 3)
    lengths = np.linalg.norm(bones[..., 1, :] - bones[..., 0, :], axis=-1)
    np.testing.assert_allclose(lengths, np.tile(lengths[:1], (60, 1)), atol=1e-4)
    assert bones[..., 1].min() > -0.02
    assert (body.bone_radii > 0).all()


def test_fit_scales_the_path_by_the_stride():
    rig = humanoid()
    small = make_body(make_rig(rig.asset, {r: list(n) for r, n in rig.roles.items()}, height_m=rig.height_m / 2))
    motion = walk(1.2)
    fitted = small.fit(motion)
    np.testing.assert_allclose(fitted.joints[:, 0, [0, 2]], small.stride * motion.joints[:, 0, [0, 2]], atol=1e-5)
    np.testing.assert_allclose(np.diff(fitted.joints, axis=1), np.diff(motion.joints, axis=1), atol=1e-5)


@pytest.mark.parametrize("speed", [0.3, 0.9, 1.3, 1.6, 2.0, 2.5, 4.0, 5.5])
def test_four_legs_stand_where_they_are_put(four, speed):
    motion = walk(speed, 80, turn=0.3)
    world = four.asset.world(four.poses(motion))
    planted = four.driver.planted(motion)
    assert 0.2 < planted.mean() < 0.9
    paws = world[:, four.driver.legs.paws][..., :3, 3]
    assert slides(paws, planted).max() < 0.01
    low = paws[..., 1] < four.rig.rest_points[four.driver.legs.paws, 1] + 0.02
    assert slides(paws, low).max() < 0.03
    assert lowest_vertex(four.rig, world).min() > -0.02


@pytest.mark.parametrize("bones", [2, 3, 4])
def test_paws_of_any_build_stand_in_any_motion(bones):
    for seed in range(4):
        body, motion = make_body(hound(bones, seed)), stop_and_go(140, seed)
        paws = body.asset.world(body.poses(motion))[:, body.driver.legs.paws][..., :3, 3]
        assert slides(paws, body.driver.planted(motion)).max() < 0.02
        low = paws[..., 1] < body.rig.rest_points[body.driver.legs.paws, 1] + 0.02
        assert slides(paws, low).max() < 0.03


def test_four_legs_are_streamed(four):
    motion = stop_and_go(120, 1)
    whole, stream = four.poses(motion), four.stream()
    parts = [stream(motion[a:b]) for a, b in ((0, 1), (1, 2), (2, 70), (70, 120))]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=5e-5)
    human = make_body(humanoid())
    np.testing.assert_array_equal(human.stream()(motion[3:4]), human.poses(motion[3:4]))


def test_four_legs_stand_when_the_human_stands(four):
    motion = walk(0.0, 10)
    world = four.asset.world(four.poses(motion))
    assert four.driver.planted(motion).all()
    assert np.ptp(world[..., :3, 3], axis=0).max() < 1e-4
    ahead = [0.0, 0.0, four.driver._centre[2]]  # the point of the body that is where the human is
    rest = four.rig.rest_points[four.driver.legs.paws] - ahead
    np.testing.assert_allclose(world[0, four.driver.legs.paws][:, :3, 3], rest, atol=0.03)


def test_gaits_follow_the_speed(four):
    def together(speed):
        planted = four.driver.planted(walk(speed, 200)).astype(float)
        return np.corrcoef(planted.T)

    trot, gallop = together(2.0), together(5.0)
    assert trot[0, 3] > 0.9  # left hind with right front
    assert trot[1, 2] > 0.9
    assert gallop[0, 1] > gallop[0, 3]  # the hind legs together
    walking = four.driver.planted(walk(0.9, 200))
    assert walking.sum(1).min() >= 2
    assert not four.driver.planted(walk(5.0, 200)).any(1).all()  # in a gallop all four leave the ground


def test_the_path_and_the_order_of_paces_are_kept(four):
    lengths = []
    roots = [four.rig.roles[f"{s}_{end}"][0] for s in "LR" for end in ("front", "hind")]
    for speed in (0.8, 1.6, 3.0, 5.0):
        motion = walk(speed, 60, turn=0.4)
        middle = four.asset.world(four.poses(motion))[:, roots][..., :3, 3].mean(1)
        assert path_error(middle, motion.root_path) < 0.05
        lengths.append(np.linalg.norm(np.diff(middle[:, [0, 2]], axis=0), axis=-1).sum())
    assert lengths == sorted(lengths)


def test_the_head_looks_where_the_human_looks(four):
    from hephaestus import rotation

    motion = walk(0.0, 1)
    rest = four.asset.world(four.poses(motion))[0, four.rig.node("head"), :3, :3]
    for yaw in (-0.8, 0.5, 1.0):
        turned = motion.rotations.copy()
        turned[:, 15] = rotation.yaw(yaw)
        world = four.asset.world(four.poses(Motion(motion.joints, turned, motion.contacts)))
        face = world[0, four.rig.node("head"), :3, :3] @ np.linalg.inv(rest) @ [0, 0, 1]
        assert np.degrees(abs(np.arctan2(face[0], face[2]) - yaw)) < 15.0


def test_a_crouch_lowers_the_body_and_lifted_hands_raise_the_tail(four):
    def heights(motion):
        points = four.asset.world(four.poses(motion))[0, :, :3, 3]
        return points[four.rig.node("hips"), 1], points[four.rig.roles["tail"][-1], 1]

    stand = walk(0.0, 1)
    down = Motion(stand.joints - np.array([0, 0.35, 0], np.float32), stand.rotations, stand.contacts)
    feet = stand.joints[:, [7, 8]]
    joints = ik.set_feet(down.joints, feet, stand.joints[:, [10, 11]] - feet, np.array([[[0, 0, 1.0]] * 2]))
    down = Motion(joints, ik.rotations_from_joints(joints), stand.contacts)
    assert heights(down)[0] < heights(stand)[0] - 0.1
    up = stand.joints.copy()
    up[:, 18:, 1] += 0.6
    excited = Motion(up, stand.rotations, stand.contacts)
    assert heights(excited)[1] > heights(stand)[1] + 0.03


def test_reads_phase_and_speed_from_single_frames():
    for speed in (0.9, 2.0, 4.0, 5.5):
        motion = walk(speed, 60)
        steps = StepReader().read(motion)
        phase = np.arange(60) / 20.0 * speed / (0.7 + 0.45 * speed)
        wrong = np.abs((steps.phase - phase + 0.5) % 1.0 - 0.5)
        assert wrong.max() < 0.02
        assert np.median(np.abs(steps.speed - speed)) < 0.12
        assert steps.loose.max() == 0.0


@pytest.mark.parametrize("options", [{"unit": 0.01}, {"turn": np.diag([-1.0, 1.0, -1.0])}, {"hips": False}])
def test_a_beast_from_any_file_moves_the_same(four, options):
    other = make_body(beast(**options))
    motion = walk(2.0, 20)
    expected = four.asset.world(four.poses(motion))[..., :3, 3]
    found = other.asset.world(other.poses(motion))[..., :3, 3]
    np.testing.assert_allclose(found[:, 1:], expected[:, 1:], atol=2e-3)


def test_a_beast_needs_equal_legs():
    rig = beast()
    roles = {role: list(nodes) for role, nodes in rig.roles.items()}
    roles["L_front"] = roles["L_front"][1:]
    with pytest.raises(RigError, match="both sides"):
        make_body(make_rig(rig.asset, roles, kind="quadruped"))


def test_load_by_path_and_by_name(tmp_path):
    from hephaestus.glb.writer import write

    write(humanoid().asset, tmp_path / "man.glb")
    assert load_body(tmp_path / "man.glb").kind == "humanoid"
    lines = ["roles:", *(f"  {role}: {nodes}" for role, nodes in ROLES.items())]
    (tmp_path / "man.body.yaml").write_text("\n".join(lines).replace("'", ""))
    by_path, by_name = load_body(tmp_path / "man.glb"), load_body("man", directory=tmp_path)
    assert by_path.kind == "humanoid"
    assert by_path.name == by_name.name == "man"
    assert shipped(tmp_path) == ["man"]
    np.testing.assert_array_equal(by_path.poses(walk()), by_name.poses(walk()))


def test_says_which_bodies_there_are(tmp_path):
    with pytest.raises(AssetError, match="no body called 'dragon'"):
        load_body("dragon")
    with pytest.raises(AssetError, match="no file"):
        load_body(tmp_path / "none.glb")


@pytest.mark.parametrize("name", shipped())
def test_shipped_bodies_move(name):
    body = load_body(name)
    motion = walk(1.3)
    world = body.asset.world(body.poses(motion))
    assert lowest_vertex(body.rig, world).min() > -0.02
    place = world[:, body.rig.node("hips") if "hips" in body.rig else body.driver.puppet.nodes[0], :3, 3]
    travelled = place[-1] - place[0]
    assert travelled[2] == pytest.approx(motion.joints[-1, 0, 2], abs=0.15)
    assert 0.25 <= body.radius_m < 1.5


@needs_shared
def test_a_real_fox_trots_on_captured_motion():
    from hephaestus.glb.reader import read

    asset = read(SHARED / "glb" / "m2m_fox_animated.glb")
    roles = {"hips": "Hips", "spine": ["Spine_1", "Spine_2", "Spine_2.001"], "neck": ["Spine_3", "Spine_4"],
             "head": "Head", "tail": ["Tail_Base", "Tail_Mid", "Tail_Mid.001", "Tail_End"]}  # fmt: skip
    for s in "LR":
        roles[f"{s}_front"] = [f"Front_Leg_{p}_{s}" for p in ("Shoulder", "Upper", "Lower", "Ankle", "Foot")]
        roles[f"{s}_hind"] = [f"Back_Leg_{p}_{s}" for p in ("Pelvis", "Upper", "Lower", "Ankle", "Foot")]
    fox = make_body(make_rig(asset, roles, kind="quadruped", name="fox", height_m=1.2))
    motion = recorded("walk")
    world = fox.asset.world(fox.poses(motion))
    paws = world[:, fox.driver.legs.paws][..., [0, 2], 3]
    planted = fox.driver.planted(motion)
    speed = np.linalg.norm(np.diff(paws, axis=0), axis=-1) * 20.0
    assert speed[planted[1:] & planted[:-1]].mean() < 0.35 * speed[~planted[1:]].mean()
    assert lowest_vertex(fox.rig, world).min() > -0.05


def test_loading_needs_no_prometheus():
    import subprocess
    import sys

    code = "import hephaestus.bodies, sys; assert not any(m.startswith('prometheus') for m in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
