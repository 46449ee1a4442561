"""The world in Bullet: walls hold, runs repeat, light things move."""

import hashlib
import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from prometheus.errors import WorldError
from prometheus.world.document import Document
from prometheus.world.physics import World
from prometheus.world.scenario import load_scenario, parse_scenario

RUN = """
import json, hashlib, math, sys
from prometheus.world.physics import World
from prometheus.world.scenario import load_scenario
with World(load_scenario(sys.argv[1]), int(sys.argv[2])) as world:
    digest = hashlib.sha256()
    for i in range(160):
        world.agent.drive((2.5 * math.cos(i / 20), 2.0 * math.sin(i / 15)), i / 20)
        world.step()
        digest.update(json.dumps(world.state()).encode())
print(digest.hexdigest())
"""


def arena(text: str) -> World:
    return World(parse_scenario(Document("name: t\nlicence: CC0-1.0\n" + text, "test")), 0)


def test_walls_hold_against_random_driving_at_six_metres_a_second():
    rng = np.random.default_rng(5)
    worst = 0.0
    with World(load_scenario("castle"), 3) as world:
        for i in range(1000):
            if i % 15 == 0:
                turns = rng.uniform(-math.pi, math.pi, len(world.actors))
            for actor, turn in zip(world.actors, turns, strict=True):
                actor.drive((6 * math.cos(turn), 6 * math.sin(turn)), turn)
            # Without choices of their own, the entities are thrown about as wildly as the agent.
            world.npcs, kept = [], world.npcs
            world.step()
            world.npcs = kept
            worst = max(worst, world.penetrations().max())
            assert -0.05 < world.agent.position[2] < 1.0
    assert worst <= 0.02
    assert worst < 0.005


def test_corner_and_squeeze_hold():
    # Into a concave corner, and pressed into a wall by a heavy beast from behind.
    with World(load_scenario("castle"), 3) as world:
        npcs, world.npcs = world.npcs, []
        beast = npcs[0]
        for i in range(240):
            world.agent.drive((6, 6) if i < 120 else (-6, -5), 0.0)
            x, y = world.agent.position[:2] - beast.position[:2]
            away = math.hypot(x, y)
            beast.drive((8 * x / away, 8 * y / away), 0.0)
            world.step()
            assert world.penetrations().max() <= 0.02


@pytest.mark.parametrize("name", ["castle", "arena"])
def test_same_seed_same_bytes_in_another_process(name: str):
    def run(seed: int) -> str:
        env = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", RUN, name, str(seed)], capture_output=True, text=True, env=env, check=True
        )
        assert done.stderr == ""
        return done.stdout

    first = run(7)
    assert len(first.strip()) == 64
    assert run(7) == first
    assert run(8) != first


def test_same_world_twice_in_one_process_and_from_a_sequence():
    def trace() -> str:
        with World(load_scenario("castle"), sequence) as world:
            for _ in range(40):
                world.step()
            return hashlib.sha256(json.dumps(world.state()).encode()).hexdigest()

    sequence = np.random.SeedSequence(4).spawn(3)[1]
    assert trace() == trace()


def test_velocity_follows_the_drive_and_stops():
    with arena("agent: {at: [0, 0]}") as world:
        world.agent.drive((3.0, 0.0), 0.0)
        for _ in range(20):
            world.step()
        assert world.agent.velocity == pytest.approx([3.0, 0.0], abs=1e-6)
        assert world.agent.position[0] == pytest.approx(3.0, abs=0.2)
        world.agent.drive((math.nan, 1.0), math.inf)
        for _ in range(20):
            world.step()
        assert world.agent.speed < 1e-6
        assert abs(world.agent.position[2]) < 0.002


def test_a_light_crate_moves_and_a_heavy_one_holds():
    text = "agent: {at: [0, 0]}\nsolids: [{kind: box, name: crate, at: [1.5, 0], size: [.7, .7, .7], mass: %d}]"
    moved = []
    for mass in (12, 3000):
        with arena(text % mass) as world:
            world.agent.drive((2.0, 0.0), 0.0)
            touched = False
            for _ in range(40):
                world.step()
                touched |= any(c.other == "crate" and c.kind == "object" for c in world.agent.contacts)
            assert touched
            moved.append(world.props[0].position[0] - 1.5)
    assert moved[0] > 0.5
    assert abs(moved[1]) < 0.1


def test_wall_contact_is_reported_with_its_impulse():
    wall = "solids: [{kind: wall, name: w, start: [2, -3], end: [2, 3]}]"
    with arena("agent: {at: [0, 0], mass: 70}\n" + wall) as world:
        world.agent.drive((3.0, 0.0), 0.0)
        touches = []
        for _ in range(30):
            world.step()
            touches.append(list(world.agent.contacts))
        hits = [c for frame in touches for c in frame]
        assert {c.other for c in hits} == {"w"}
        assert hits[0].kind == "wall"
        assert hits[0].normal == pytest.approx((-1, 0, 0), abs=1e-3)
        assert 150 < max(c.impulse for c in hits) < 400
        assert json.loads(json.dumps(hits[0].to_json()))["other"] == "w"


def test_starts_in_walls_are_moved_out_or_refused():
    wall = "solids: [{kind: wall, name: w, start: [0, -3], end: [0, 3]}]"
    with arena("agent: {at: [0.4, 0]}\n" + wall) as world:
        assert world.penetrations().max() == 0.0
    block = "solids: [{kind: box, name: b, at: [0, 0], size: [9, 9, 2]}]"
    with pytest.raises(WorldError, match="starts inside"):
        arena("agent: {at: [0, 0]}\n" + block)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7"])
def test_bad_seeds(seed):
    with pytest.raises(WorldError, match="whole number"):
        World(load_scenario("arena"), seed)


def test_unknown_actor_and_double_close():
    world = World(load_scenario("arena"))
    assert world.actor("beast").kind == "beast"
    with pytest.raises(WorldError, match="it has agent, beast"):
        world.actor("wolf")
    world.close()
    world.close()
