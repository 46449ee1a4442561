"""Bodies of six legs and more: spiders, crabs, centipedes, however they were built."""

import numpy as np
import pytest

from hephaestus import rotation
from hephaestus.bodies import load_body, make_body
from hephaestus.errors import RigError
from hephaestus.metrics import path_error
from hephaestus.motion import Motion
from hephaestus.rig import make_rig
from tests.hephaestus.creatures import crawler, slides, stop_and_go
from tests.hephaestus.sample_rigs import SHARED, needs_shared, walk


def feet_of(body, motion):
    world = body.asset.world(body.poses(motion))
    return world[:, [leg[-1] for leg in body.rig.legs]][..., :3, 3]


@pytest.fixture(scope="module")
def spider():
    return make_body(crawler(4, 3, 1))


@pytest.mark.parametrize(
    ("pairs", "bones", "flat"),
    [(3, 2, False), (3, 3, True), (4, 3, False), (4, 2, True), (5, 4, False), (8, 2, False), (20, 3, False)],
)
def test_no_foot_slides(pairs, bones, flat):
    for seed in range(2):
        body, motion = make_body(crawler(pairs, bones, seed, flat)), stop_and_go(140, seed)
        points, planted = feet_of(body, motion), body.driver.planted(motion)
        assert slides(points, planted).max() < 0.01
        low = np.median(points[..., 1][planted])
        assert np.abs(points[..., 1][planted] - low).max() < 0.02
        assert slides(points, points[..., 1] < low + 0.02).max() < 0.03
        assert planted.mean() > 0.4
        assert planted.any(1).mean() > 0.97


def test_legs_that_end_in_skin_stand_on_it():
    body, motion = make_body(crawler(4, 2, 3, tips=False)), stop_and_go(150, 1)
    world, planted = body.asset.world(body.poses(motion)), body.driver.planted(motion)
    ends = {p.node: p.positions for p in body.asset.primitives}
    points = np.stack(
        [world[:, c[-1], :3, :3] @ ends[c[-1]][1::2].mean(0) + world[:, c[-1], :3, 3] for c in body.rig.legs], 1
    )
    assert slides(points, planted).max() < 0.03
    assert np.abs(points[..., 1][planted]).max() < 0.05


def test_a_body_on_flat_legs_stands_up():
    body = make_body(crawler(4, 3, 0, flat=True))
    hub = body.rig.node("hips")
    world = body.asset.world(body.poses(walk(0.0, 3)))
    assert world[0, hub, 1, 3] > body.rig.rest_points[hub, 1] + 0.15 * body.driver.legs.length


def test_pieces_give_the_same_as_the_whole(spider):
    motion = stop_and_go(120, 4)
    hands = 0.8 * np.clip(np.sin(np.arange(120) / 15.0), 0.0, 1.0)
    motion.joints[:, 18:, 1] += hands[:, None].astype(np.float32)
    whole, stream = spider.poses(motion), spider.stream()
    parts = [stream(motion[a:b]) for a, b in ((0, 1), (1, 2), (2, 60), (60, 120))]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=2e-5)
    np.testing.assert_allclose(spider.pose(motion, 50).local, whole[50], atol=2e-5)


def test_the_path_and_the_order_of_paces_are_kept(spider):
    lengths = []
    for speed in (0.8, 1.6, 3.0, 5.0):
        motion = walk(speed, 60, turn=0.4)
        hub = spider.asset.world(spider.poses(motion))[:, spider.rig.node("hips"), :3, 3]
        assert path_error(hub, motion.root_path) < 0.05
        lengths.append(np.linalg.norm(np.diff(hub[:, [0, 2]], axis=0), axis=-1).sum())
    assert lengths == sorted(lengths)


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("yaw", [-1.0, -0.4, 0.7])
def test_it_looks_where_the_human_looks(head, yaw):
    rig = crawler(4, 3, 1)
    roles = {"hips": "hub", "legs": [[rig.asset.names[n] for n in leg] for leg in rig.legs]}
    body = make_body(make_rig(rig.asset, roles | ({"head": "face"} if head else {}), kind="manylegs"))
    motion = walk(0.0, 40)
    turned = motion.rotations.copy()
    turned[:, 15] = rotation.yaw(yaw)
    world = body.asset.world(body.poses(Motion(motion.joints, turned, motion.contacts)))
    face = world[-1, body.rig.node("head" if head else "hips"), :3, 2]
    assert np.degrees(abs(np.arctan2(face[0], face[2]) - yaw)) < 15.0


def test_fast_legs_take_turns_in_two_groups_and_slow_ones_in_a_wave(spider):
    fast = spider.driver.planted(walk(3.0, 200)).astype(float)
    together = np.corrcoef(fast.T)
    assert together[0, 2] > 0.9  # first and third on the left
    assert together[0, 1] < -0.5
    assert together[0, 5] > 0.9  # first left with second right
    assert spider.driver.planted(walk(0.5, 200)).sum(1).min() >= 4


def test_an_excited_body_at_rest_raises_its_front_legs(spider):
    motion = walk(0.0, 60)
    joints = motion.joints.copy()
    joints[:, 18:, 1] += 0.9
    points = feet_of(spider, Motion(joints, motion.rotations, motion.contacts))[-1, :, 1]
    front = spider.driver.legs.front > 0
    assert points[front].min() > points[~front].max() + 0.2
    assert points[~front].max() < 0.05


def test_a_file_in_centimetres_moves_the_same():
    motion = walk(1.2, 20)
    one, other = (make_body(crawler(4, 3, 2, unit=unit)) for unit in (1.0, 0.01))
    expected, found = (b.asset.world(b.poses(motion))[:, 1:, :3, 3] for b in (one, other))
    scale = other.height_m / one.height_m
    np.testing.assert_allclose(found[0, 0, 1], scale * expected[0, 0, 1], atol=0.01)


def test_without_legs_there_is_no_driver():
    rig = crawler(3, 2)
    with pytest.raises(RigError, match="leg"):
        make_body(make_rig(rig.asset, {"hips": "hub", "legs": []}, kind="manylegs"))


@needs_shared
def test_a_real_spider_walks():
    body = load_body(SHARED / "glb" / "m2m_spider_animated.glb")
    assert body.kind == "manylegs"
    motion = stop_and_go(240, 2)
    points, planted = feet_of(body, motion), body.driver.planted(motion)
    assert slides(points, planted).max() < 0.03
    assert np.abs(points[..., 1][planted]).max() < 0.08
