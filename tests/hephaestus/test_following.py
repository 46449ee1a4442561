"""Where the root joint of a file goes, which point of a body follows the path, and the figures that tell of it."""

import numpy as np
import pytest

from hephaestus import rotation
from hephaestus.anatomy import find_rig
from hephaestus.bodies import make_body
from hephaestus.following import follow, slide
from hephaestus.motion import Motion
from hephaestus.rig import make_rig
from tests.hephaestus import menagerie
from tests.hephaestus.creatures import BOX, crawler, hound, stop_and_go, tank
from tests.hephaestus.figures import fleshed
from tests.hephaestus.sample_rigs import asset_of, walk


def borne(skin: bool = False, scale: float = 1.0):
    """A hound below a root joint that lies aside, with a box of skin on it if wanted, its file in other units."""
    rig = hound(3, 1)
    names, parents = ["root", *rig.asset.names], [-1, *(rig.asset.parents + 1)]
    stand = np.eye(4)
    stand[:3, 3] = [0.3, 0.0, -0.4]
    world = np.concatenate([stand[None], rig.asset.rest_world.astype(float)])
    world[:, :3] /= scale
    boxes = [(p.node + 1, p.positions / scale) for p in rig.asset.primitives]
    boxes += [(0, (BOX * 0.1 + [0, 0.5, 0]) / scale)] if skin else []
    roles = {role: [n + 1 for n in nodes] for role, nodes in rig.roles.items()}
    return make_body(make_rig(asset_of(names, parents, world, boxes), roles, kind="quadruped", height_m=rig.height_m))


def test_a_root_joint_goes_along_the_path_on_the_floor():
    body, motion = borne(), stop_and_go(120, 3)
    world = body.asset.world(body.poses(motion))
    np.testing.assert_allclose(world[:, 0, [0, 2], 3], motion.root_path[:, [0, 2]], atol=1e-4)
    assert np.abs(world[:, 0, 1, 3]).max() < 1e-4
    assert follow(body, motion).root_path_error < 1e-4


@pytest.mark.parametrize("options", [{}, {"skin": True}, {"scale": 0.01}])
def test_a_root_joint_changes_nothing_below_it(options):
    body, motion = borne(**options), stop_and_go(60, 3)
    rig = body.rig
    roles = {role: list(nodes) for role, nodes in rig.roles.items()}
    loose = rig.asset.parents.copy()
    loose[loose == 0] = -1  # the same body without a root joint above it
    names = list(rig.asset.names)
    boxes = [(p.node, p.positions @ rig.asset.rest_world[p.node, :3, :3].T) for p in rig.asset.primitives]
    alone = make_body(
        make_rig(
            asset_of(names, loose.tolist(), rig.asset.rest_world, boxes), roles, kind="quadruped",
            height_m=rig.height_m,
        )
    )  # fmt: skip
    ours, theirs = (b.asset.world(b.poses(motion))[:, 1:] for b in (body, alone))
    np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_skin_on_a_root_joint_stays_with_the_body():
    body, motion = borne(skin=True), walk(1.5, 60, turn=0.5)
    world = body.asset.world(body.poses(motion))
    apart = np.linalg.norm(world[:, 0, :3, 3] - world[:, body.rig.node("hips"), :3, 3], axis=-1)
    assert np.ptp(apart) < 0.15


BODIES = {
    "hound": lambda: hound(3, 0),
    "horse": lambda: find_rig(fleshed(menagerie.horse()[0])[0], "horse"),
    "crawler": lambda: crawler(4, 3, 1),
    "tank": lambda: tank(),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("turn", [0.0, 0.4, -0.8])
def test_all_that_may_be_called_its_place_keeps_to_the_path(name, turn):
    body = make_body(BODIES[name]())
    told = follow(body, walk(1.4, 160, turn=turn))
    assert told.root_path_error < 0.05 or body.kind == "quadruped"  # these have their hips far behind, and no root
    for error in (told.carrier_path_error, told.skin_path_error, told.feet_path_error or 0.0):
        assert error < 0.07
    assert told.pace == pytest.approx(1.0, abs=0.25)
    assert told.slide_cm is None or told.slide_cm < 3.0
    assert told.gaze_deg is None or told.gaze_deg < 15.0


def test_the_figures_tell_a_body_that_lags_slides_and_looks_away():
    body, motion = make_body(hound(3, 0)), walk(1.4, 60)
    good = follow(body, motion)
    turned = motion.rotations.copy()
    turned[:, 15] = rotation.yaw(2.6)  # further than a neck goes
    astray = follow(body, Motion(motion.joints, turned, motion.contacts))
    assert astray.gaze_deg > good.gaze_deg + 20.0
    feet = np.zeros((6, 2, 3))
    feet[:, 0, 0] = [0.0, 0.0, 0.02, 0.05, 0.5, 0.9]
    planted = np.array([[1, 1], [1, 1], [1, 1], [1, 1], [0, 1], [1, 1]], bool)
    assert slide(feet, planted) == pytest.approx(0.05)
    assert slide(feet[:, 1:], planted[:, 1:]) == 0.0
