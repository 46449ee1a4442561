"""Berths: bodies are set down clear of slopes, edges, things and others, and lie as the ground does."""

import json
import math

import numpy as np
import pytest

from prometheus.errors import WorldError
from prometheus.world.document import Document
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario

LONG = (0.4, 1.2, 1.8)
"""Radius, height and length m of a hull that is a box."""


def build(*solids: dict, agent: dict | None = None) -> World:
    world = {"name": "t", "licence": "CC0-1.0", "agent": {"at": [0, 0], **(agent or {})}, "solids": list(solids)}
    return World(parse_scenario(Document(json.dumps(world), "test")), 0)


def lowest(world: World, frames: int = 30) -> float:
    """How far (m) below the ground the agent comes to be while it stands."""
    sunk = 0.0
    for _ in range(frames):
        world.step()
        floor, _ = world.terrain.at(world.agent.position[None, :2], world.agent.position[2])
        sunk = max(sunk, float(floor[0] - world.agent.position[2]))
        assert world.penetrations().max() <= 0.02
    return sunk


@pytest.mark.parametrize("heading", [0.0, 0.8, 1.57])
@pytest.mark.parametrize("off", [(-1.6, 0.0), (-1.3, 0.3), (-1.1, -0.6)])
def test_a_long_body_is_not_put_into_the_ramp_beside_it(off, heading):
    ramp = {"kind": "ramp", "name": "ramp", "at": [0, 0], "size": [2.0, 3.0, 1.7]}
    with build(ramp, agent={"at": list(off), "heading": heading}) as world:
        world.refit(world.agent, *LONG)
        before = world.agent.position.copy()
        assert lowest(world) < 0.05
        assert np.abs(world.agent.position - before).max() < 0.1


@pytest.mark.parametrize("heading", [0.0, math.pi, 1.2])
def test_a_long_body_leans_with_the_slope_from_the_first_frame_on(heading):
    ramp = {"kind": "ramp", "name": "ramp", "at": [0, 0], "size": [8.0, 6.0, 2.8]}
    with build(ramp, agent={"at": [0, 0], "heading": heading, "lift": 1.4}) as world:
        world.refit(world.agent, *LONG)
        assert world.agent.slope == pytest.approx(0.35 * math.cos(heading), abs=0.02)
        assert lowest(world) < 0.05


@pytest.mark.parametrize("seed", [3, 8, 15])
def test_a_long_body_on_the_edge_of_a_steep_hill_does_not_sink_into_it(seed):
    hills = {"kind": "hills", "name": "hills", "at": [0, 0], "size": [7, 7], "height": 1.5, "wave": 5, "seed": seed}
    rng = np.random.default_rng(seed)
    for _ in range(3):
        at, heading = rng.uniform(-3.4, 3.4, 2).tolist(), float(rng.uniform(-3, 3))
        with build(hills, agent={"at": at, "heading": heading}) as world:
            world.refit(world.agent, *LONG)
            assert lowest(world, 12) < 0.12


def test_a_body_is_set_down_beside_a_crate_where_it_is_now():
    crate = {"kind": "box", "name": "crate", "at": [4, 0], "size": [1, 1, 1], "mass": 40}
    with build(crate) as world:
        world._arena.bullet.resetBasePositionAndOrientation(
            world.props[0].handle, (0.0, 0.0, 0.5), (0, 0, 0, 1), physicsClientId=world._arena.client
        )
        world._arena.read_props(0.05)
        world.refit(world.agent, 0.5, 1.8)
        assert np.abs(world.agent.position[:2]).max() >= 1.0
        world.move(world.agent, (4.0, 0.0, 0.0))
        world.refit(world.agent, 0.3, 1.8)
        assert world.agent.position == pytest.approx((4.0, 0.0, 0.0))


def test_where_there_is_no_room_it_says_so():
    box = {"kind": "box", "name": "box", "at": [0, 0], "size": [9, 9, 2]}
    with pytest.raises(WorldError, match="inside a wall"):
        build(box)


def test_who_falls_in_a_pit_gets_up_in_it_and_not_in_the_ramp_above():
    pit = {"kind": "pit", "name": "pit", "at": [0, 0], "size": [3, 3], "depth": 1.0}
    ramp = {"kind": "ramp", "name": "ramp", "at": [3.4, 0], "size": [3.0, 3.0, 1.2], "heading": math.pi}
    with build(pit, ramp, agent={"at": [0, 5], "radius": 0.25, "height": 1.1, "mass": 30}) as world:
        body = world.agent
        world.move(body, (1.1, 0.0, -1.0))
        world.step()
        world.knock(body, (1.5, 0.0, 0.5))
        for _ in range(160):
            world.step()
            assert world.penetrations().max() <= 0.02
            if body.fall is None:
                break
        assert body.fall is None
        assert body.position[2] == pytest.approx(-1.0, abs=0.05)
