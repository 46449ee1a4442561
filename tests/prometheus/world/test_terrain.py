"""Terrain: heights and classes that are worked out agree with what Bullet's rays meet."""

import numpy as np
import pytest

from prometheus.errors import WorldError
from prometheus.world.arena import GROUND_GROUP
from prometheus.world.document import Document
from prometheus.world.moving import door_pose, platform_pose, timer_opened
from prometheus.world.physics import World
from prometheus.world.primitives import Door, Platform
from prometheus.world.scenario import parse_scenario
from prometheus.world.shapes import build_shapes
from prometheus.world.terrain import CLASSES
from prometheus.world.variation import settle

EVERYTHING = """
name: t
licence: CC0-1.0
agent: {at: [0, 0]}
solids:
  - {kind: ramp, name: ramp, at: [5, 0], size: [4, 2, 1.2], heading: 0.4}
  - {kind: stairs, name: stairs, at: [0, 6], size: [3, 2, 1.6], steps: 8, heading: 1.57}
  - {kind: pit, name: pit, at: [-6, 0], size: [3, 3], depth: 2}
  - {kind: water, name: pond, at: [-6, 8], size: [6, 5], depth: 0.6}
  - {kind: water, name: ditch, at: [-14, 8], size: [1, 5], depth: 3, bank: 1}
  - {kind: hills, name: hills, at: [0, -12], size: [12, 10], height: 1.4, wave: 6, seed: 3}
  - {kind: hills, name: steps, at: [13, -8], size: [6, 4], heights: [[0, 1, 0], [0, -1, 0.5], [0, 0, 0]]}
  - {kind: grove, name: wood, at: [16, 4], size: [6, 12], count: 12}
"""


def scenario(text: str = EVERYTHING):
    return parse_scenario(Document(text, "test"))


def heights_by_ray(world: World, points: np.ndarray) -> np.ndarray:
    starts, ends = (np.c_[points, np.full(len(points), z)].tolist() for z in (30.0, -20.0))
    arena = world._arena
    hits = arena.bullet.rayTestBatch(
        starts, ends, collisionFilterMask=GROUND_GROUP, physicsClientId=arena.client
    )
    return np.array([hit[3][2] for hit in hits])


def test_heights_agree_with_bullet_everywhere():
    points = np.random.default_rng(1).uniform(-19, 19, (4000, 2))
    with World(scenario(), 0) as world:
        height, kind = world.ground_at(points)
        gap = np.abs(heights_by_ray(world, points) - height)
    assert np.quantile(gap, 0.999) < 0.002  # a ray may meet the very edge of a step on its other side
    assert {CLASSES[k] for k in np.unique(kind)} == {"flat", "slope", "stairs", "water", "pit"}


@pytest.mark.parametrize(
    ("place", "height", "kind"),
    [((-6, 0), -2, "pit"), ((-6, 8), -0.6, "water"), ((-6, 5.6), -0.05, "water"), ((0, 4.6), 0.2, "stairs"),
     ((0, 7.4), 1.6, "stairs"), ((5, 0), 0.6, "slope"), ((30, 30), 0, "flat")],
)  # fmt: skip
def test_known_places(place, height, kind):
    with World(scenario(), 0) as world:
        level, sort = world.ground_at([place])
    assert (float(level[0]), CLASSES[int(sort[0])]) == (pytest.approx(height, abs=0.02), kind)


def test_tops_count_for_who_is_high_enough():
    text = "name: t\nlicence: CC0-1.0\nagent: {at: [0, 0]}\nsolids: [{kind: box, name: b, at: [5, 0], size: [2, 2, 1]}]"
    with World(scenario(text), 0) as world:
        assert world.ground_at([[5, 0]], 0.0)[0][0] == 0.0
        assert world.ground_at([[5, 0]], 0.9)[0][0] == 1.0
        assert world.ground_at([[5, 0]], [2.0])[0][0] == 1.0


def test_a_settled_world_stays_settled_and_seeds_differ():
    loaded = scenario()
    once, again, other = settle(loaded, 4), settle(loaded, 4), settle(loaded, 5)
    assert once == again
    assert settle(once, 9) == once
    assert build_shapes(once) != build_shapes(other)
    trees = np.array([s.at for s in once.solids if s.kind == "tree"])
    apart = np.hypot(*(trees[:, None] - trees[None]).transpose(2, 0, 1)) + 99 * np.eye(len(trees))
    assert apart.min() >= 2.2


def test_nobody_starts_in_a_pit_or_on_another():
    crowd = "".join(f"  - {{id: e{i}, kind: man, area: [-8, -2, -4, 2]}}\n" for i in range(12))
    with World(scenario(EVERYTHING + "entities:\n" + crowd), 2) as world:
        places = np.array([actor.position for actor in world.actors])
        apart = np.hypot(*(places[:, None, :2] - places[None, :, :2]).transpose(2, 0, 1)) + 9 * np.eye(len(places))
        assert (places[:, 2] > -0.01).all()
        assert apart.min() > 0.6


def test_door_and_platform_poses():
    door = Door(kind="door", name="d", at=(2, 0), heading=0.0, width=2.0)
    assert door_pose(door, 0.0) == pytest.approx((2, 0, 1.1, 0))
    assert door_pose(door, 1.0) == pytest.approx((1, 1, 1.1, np.pi / 2))
    assert door_pose(door.model_copy(update={"style": "lift"}), 0.5)[2] == pytest.approx(2.2)
    assert timer_opened(door, 0.6) == pytest.approx(0.5)
    assert timer_opened(door, 11.9) == 0.0
    lift = Platform(kind="platform", name="p", path=[(0, 0, 1), (4, 0, 1)], speed=2, pause=1)
    xs = [platform_pose(lift, t)[0] for t in (0, 1, 2, 3, 3.5, 5, 6, 7)]
    assert xs == pytest.approx([0, 0, 2, 4, 4, 2, 0, 0])
    ring = lift.model_copy(update={"loop": True, "path": ((0, 0, 1), (4, 0, 1), (4, 4, 1))})
    assert platform_pose(ring, 6.5)[:2] == pytest.approx((4.0 - 0.5 * np.sqrt(2) * 0, 4.0), abs=2.0)


@pytest.mark.parametrize(
    ("solid", "reason"),
    [
        ("{kind: ramp, name: r, at: [0, 0], size: [1, 1, 2]}", "45 degrees"),
        ("{kind: stairs, name: s, at: [0, 0], size: [3, 1, 3], steps: 4}", "0.25 m"),
        ("{kind: stack, name: s, at: [0, 0], size: [1, 1, 1], count: [9, 9, 2]}", "at most 64"),
        ("{kind: hills, name: h, at: [0, 0], size: [4, 4], heights: [[0, 1], [0]]}", "same length"),
        ("{kind: platform, name: p, path: [[0, 0, 1]]}", "at least 2"),
        ("{kind: sign, name: s, at: [0, 0], text: ''}", "at least 1"),
        ("{kind: moat, name: s, at: [0, 0]}", "moat"),
        ("{kind: pit, name: p, at: [0, 0], size: [4, 4]}, {kind: water, name: w, at: [3, 0], size: [4, 4]}", "overlap"),
        (", ".join(f"{{kind: stack, name: s{i}, at: [0, 0], size: [1, 1, 1], count: [8, 8, 1]}}" for i in range(3)),
         "limit of 160"),
        (", ".join(f"{{kind: grove, name: g{i}, at: [0, 0], size: [9, 9], count: 200}}" for i in range(7)),
         "limit of 1200"),
        (", ".join(f"{{kind: door, name: d{i}, at: [0, 0]}}" for i in range(33)), "limit of 32"),
        (", ".join(f"{{kind: pit, name: p{i}, at: [{9 * i}, 0], size: [4, 4]}}" for i in range(17)), "limit of 16"),
    ],
)  # fmt: skip
def test_unsound_primitives_are_refused_with_the_line(solid: str, reason: str):
    with pytest.raises(WorldError) as caught:
        scenario(f"name: t\nlicence: b\nagent: {{at: [0, 0]}}\nsolids:\n  [{solid}]\n")
    assert "line 5:" in str(caught.value)
    assert reason in str(caught.value)
