"""Bodies in physics: slopes, stairs, edges, water, doors and platforms, crowds and corners, and all sizes."""

import json
import math

import numpy as np
import pytest

from prometheus.world.document import Document
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario

WALLS = [
    {"kind": "wall", "name": "left", "start": [3, 0.7], "end": [3, 5]},
    {"kind": "wall", "name": "right", "start": [3, -0.7], "end": [3, -5]},
]


def build(*solids: dict, agent: dict | None = None, others: tuple[dict, ...] = ()) -> World:
    entities = [{"kind": "man", "behaviour": "stop", "id": f"other {i}", **other} for i, other in enumerate(others)]
    world = {
        "name": "t", "licence": "CC0-1.0", "agent": {"at": [0, 0], **(agent or {})}, "solids": list(solids),
        "entities": entities,
    }  # fmt: skip
    return World(parse_scenario(Document(json.dumps(world), "test")), 0)


def go(world: World, velocity: tuple[float, float], frames: int) -> np.ndarray:
    """Drive the agent and return where its feet were, [frames, 3]."""
    track = []
    for _ in range(frames):
        world.agent.drive(velocity, math.atan2(velocity[1], velocity[0]) if any(velocity) else world.agent.heading)
        world.step()
        track.append(world.agent.position.copy())
        assert world.penetrations().max() <= 0.02
    return np.array(track)


def test_a_ramp_is_climbed_and_slows():
    ramp = {"kind": "ramp", "name": "ramp", "at": [3, 0], "size": [3, 3, 1.1]}
    with build(ramp, {"kind": "box", "name": "top", "at": [6, 0], "size": [3, 3, 1.1]}) as world:
        track = go(world, (1.4, 0.0), 140)
        on = (track[:, 0] > 2) & (track[:, 0] < 4)
        assert track[on, 2] == pytest.approx((track[on, 0] - 1.5) * 1.1 / 3, abs=0.03)
        assert 0.4 < np.diff(track[on, 0]).mean() / 0.07 < 0.9
        assert track[-1, 2] == pytest.approx(1.1, abs=0.01)


def test_stairs_are_climbed_without_a_jolt_and_gone_down_again():
    stairs = {"kind": "stairs", "name": "stairs", "at": [3, 0], "size": [3, 3, 1.7], "steps": 10}
    with build(stairs, {"kind": "box", "name": "top", "at": [6, 0], "size": [3, 3, 1.7]}) as world:
        up = go(world, (1.4, 0.0), 140)
        assert up[-1, 2] == pytest.approx(1.7, abs=0.01)
        assert np.abs(np.diff(up[:, 2])).max() < 0.2
        down = go(world, (-1.4, 0.0), 160)
        assert down[-1, 2] == pytest.approx(0.0, abs=0.01)
        assert all(np.diff(down[:, 2]) < 0.01)


def test_what_is_too_high_for_a_stride_is_a_wall_and_a_kerb_is_not():
    for height, passes in ((0.2, True), (0.6, False)):
        with build({"kind": "box", "name": "kerb", "at": [2, 0], "size": [1, 4, height]}) as world:
            track = go(world, (1.2, 0.0), 60)
            assert (track[-1, 0] > 2.6) == passes
            assert track[:, 2].max() == pytest.approx(height if passes else 0.0, abs=0.02)


def test_a_steep_side_is_no_way_up():
    hill = [[0, 0, 0, 0], [0, 3, 3, 0], [0, 3, 3, 0], [0, 0, 0, 0]]
    with build({"kind": "hills", "name": "rock", "at": [3, 0], "size": [4.5, 4.5], "heights": hill}) as world:
        track = go(world, (1.4, 0.0), 100)
        assert track[:, 2].max() < 0.8
        assert track[-1, 0] < 1.6


@pytest.mark.parametrize("pace", [0.3, 5.0])
def test_an_edge_is_fallen_off_under_gravity(pace):
    with build({"kind": "pit", "name": "pit", "at": [4, 0], "size": [6, 4], "depth": 2}) as world:
        world.agent.topples = False
        world.move(world.agent, (0.9, 0, 0))
        track = go(world, (pace, 0.0), 30 if pace > 1 else 80)
        falling = (track[:, 2] < -0.05) & (track[:, 2] > -1.95)
        assert 5 <= falling.sum() < 40
        assert track[-1, 2] == pytest.approx(-2.0, abs=0.01)
        assert world.agent.grounded


def test_pushed_off_an_edge():
    pit = {"kind": "pit", "name": "pit", "at": [3, 0], "size": [3, 4], "depth": 1.5}
    ram = {"at": [-0.5, 0], "mass": 900, "radius": 0.5}
    with build(pit, agent={"at": [1.0, 0]}, others=(ram,)) as world:
        world.agent.topples = False
        world.crowd.choose = lambda: world.npcs[0].drive((2.0, 0), 0)
        go(world, (0.0, 0.0), 70)
        assert world.agent.position[2] == pytest.approx(-1.5, abs=0.02)


def test_water_slows():
    with build({"kind": "water", "name": "pond", "at": [5, 0], "size": [6, 6], "depth": 0.9}) as world:
        track = go(world, (1.4, 0.0), 140)
        pace = np.diff(track[:, 0]) / 0.05
        assert pace[5] == pytest.approx(1.4, abs=0.05)
        assert pace[track[1:, 2] < -0.85].mean() < 0.7


def test_a_platform_carries_and_lifts():
    slab = {"kind": "platform", "name": "lift", "path": [[2, 0, 0.2], [6, 0, 0.2], [6, 0, 2.2]], "pause": 2}
    with build(slab) as world:
        go(world, (1.0, 0.0), 38)
        track = go(world, (0.0, 0.0), 300)
        assert track[:, 0].max() - track[0, 0] == pytest.approx(4.0, abs=0.15)
        assert track[:, 2].max() == pytest.approx(2.2, abs=0.02)
        off = world.agent.position - np.array(world.movers[0].pose[:3])
        assert abs(off[0]) < 1 + world.agent.radius


def test_a_platform_does_not_crush_who_stands_at_a_wall():
    slab = {"kind": "platform", "name": "press", "path": [[-2, 0, 1.5], [4, 0, 1.5]], "size": [1, 2, 1.4], "pause": 0.1}
    wall = {"kind": "wall", "name": "wall", "start": [1, -3], "end": [1, 3]}
    with build(wall, slab, agent={"at": [0.3, 0]}) as world:
        go(world, (0.0, 0.0), 160)
        assert world.movers[0].stuck > 0 or world.movers[0].pose[0] < 0.3
        assert -0.1 < world.agent.position[0] < 0.75


def test_a_door_closes_on_nobody():
    door = {"kind": "door", "name": "door", "at": [3, 0], "heading": 1.5708, "style": "slide", "travel": 1.4,
            "opens": "timer", "period": 4, "hold": 1.5, "seconds": 0.5}  # fmt: skip
    with build(*WALLS, door, agent={"at": [2.0, 0]}) as world:
        while world.movers[0].progress < 1.0:
            world.step()
        go(world, (1.4, 0.0), 14)
        go(world, (0.0, 0.0), 120)
        assert abs(world.agent.position[0] - 3.0) < 0.7
        track = go(world, (1.4, 0.0), 30)
        assert track[-1, 0] > 4.0


def test_two_bodies_squeezed_in_a_corner_by_a_third():
    corner = (
        {"kind": "wall", "name": "a", "start": [4, -4], "end": [4, 4]},
        {"kind": "wall", "name": "b", "start": [-4, 4], "end": [4.3, 4]},
    )
    heavy = {"at": [0.5, 0.5], "mass": 600, "radius": 0.6, "height": 2}
    with build(*corner, agent={"at": [3, 3]}, others=({"at": [2.3, 3]}, heavy)) as world:
        for _ in range(200):
            for actor in world.actors:
                actor.drive((5, 5), 0.8)
            world.crowd.choose = lambda: None
            world.step()
            assert world.penetrations().max() <= 0.02
        assert all(actor.position[0] < 4 and actor.position[1] < 4 for actor in world.actors)


def test_a_stack_that_falls_on_a_body_buries_nobody():
    stack = {"kind": "stack", "name": "s", "at": [2.2, 0], "size": [0.5, 0.5, 0.5], "count": [1, 2, 5], "mass": 15}
    with build(stack) as world:
        track = go(world, (3.0, 0.0), 160)
        assert abs(track[-1, 2]) < 1.5
        assert track[:, 2].min() > -0.01
        assert any(math.dist(p.position[:2], p.home[:2]) > 0.3 for p in world.props)
        assert all(p.position[2] > 0.1 for p in world.props)


def test_a_tank_goes_through_a_wide_gap_and_not_through_a_narrow_one():
    for width, passes in ((3.0, True), (1.6, False)):
        walls = (
            {"kind": "wall", "name": "a", "start": [5, width / 2], "end": [5, 6]},
            {"kind": "wall", "name": "b", "start": [5, -width / 2], "end": [5, -6]},
        )
        with build(*walls) as world:
            world.refit(world.agent, 0.97, 1.87, 3.57)
            track = go(world, (2.5, 0.0), 80)
            assert (track[-1, 0] > 7) == passes
            # A turn on the spot in the gap or before the wall does not cut into it either.
            for turn in range(30):
                world.agent.drive((0.5, 0), turn / 5)
                world.step()
                assert world.penetrations().max() <= 0.02


def test_tiny_and_huge_bodies_walk_climb_and_stop():
    stairs = {"kind": "stairs", "name": "stairs", "at": [5, 0], "size": [3, 6, 1.0], "steps": 8}
    for radius, height, length in ((0.25, 0.6, 0.0), (1.1, 4.6, 0.0), (0.3, 0.9, 1.2)):
        with build(stairs, {"kind": "box", "name": "top", "at": [8, 0], "size": [3, 6, 1.0]}, *WALLS[:1]) as world:
            world.refit(world.agent, radius, height, length)
            track = go(world, (1.5, -1.0), 40)
            assert np.isfinite(track).all()
            world.move(world.agent, (0, -1, 0), 0.0)
            track = go(world, (1.5, 0.0), 160)
            if height > 0.6:
                assert track[:, 2].max() == pytest.approx(1.0, abs=0.02)
            assert track[:, 2].min() > -0.02


def test_a_body_hears_of_a_bone_that_touches():
    from hephaestus.bodies import load_body
    from prometheus.world.gait import gait_motion

    body = load_body("humanoid")
    with build({"kind": "wall", "name": "wall", "start": [2, -3], "end": [2, 3]}) as world:
        touched: set[str] = set()
        for i in range(60):
            world.agent.drive((1.5, 0), 0)
            world.step()
            x, y, _ = world.agent.position
            motion = gait_motion(np.array([i * 0.04 % 1]), np.array([1.4]), np.array([[x, y, 0]]), np.zeros(1))
            touches = world.feel(world.agent, body, body.poses(motion)[0])
            assert touches == world.agent.touches
            assert not touches or x > 0.5
            assert all(t.other == "wall" and t.kind == "wall" and t.depth > -0.011 for t in touches)
            assert all(math.hypot(*t.normal) == pytest.approx(1.0, abs=1e-6) for t in touches)
            assert all(json.loads(json.dumps(t.to_json()))["bone"] == t.bone for t in touches)
            touched |= {t.bone for t in touches}
        assert any("knee" in name or "foot" in name or "ankle" in name for name in touched)


def test_a_long_body_turns_as_far_in_a_frame_as_it_is_told():
    with build(agent={"radius": 0.4, "height": 1.2}) as world:
        world.refit(world.agent, 0.4, 1.2, 1.8)
        for frame in range(1, 25):
            world.agent.drive((1.0, 0.0), 0.1 * frame)
            world.step()
            assert math.remainder(world.agent.heading - 0.1 * frame, 2 * math.pi) == pytest.approx(0.0, abs=1e-3)
