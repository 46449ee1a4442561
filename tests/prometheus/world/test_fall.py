"""Knocked over: who falls and who does not, how it looks from the first frame to the last, and that it repeats."""

import json
import math

import numpy as np
import pytest

from hephaestus import ik, rotation
from hephaestus.motion import Motion
from hephaestus.skeleton import JOINT, PARENTS, REST_OFFSETS
from prometheus.world.document import Document
from prometheus.world.entity import Actor
from prometheus.world.fall import patch
from prometheus.world.gait import gait_motion
from prometheus.world.physics import World
from prometheus.world.ragdoll import LIMBS, decompose
from prometheus.world.scenario import parse_scenario

BULL = {"id": "bull", "kind": "beast", "at": [6, 0.1], "mass": 400, "radius": 0.45, "height": 1.5, "heading": 3.14159}


def build(solids: tuple[dict, ...] = (), **bull: object) -> World:
    world = {
        "name": "t", "licence": "CC0-1.0", "agent": {"at": [0, 0]}, "solids": list(solids),
        "entities": [{**BULL, "behaviour": "stop", "speeds": {"walk": 1.5, "run": 6}, **bull}],
    }  # fmt: skip
    made = World(parse_scenario(Document(json.dumps(world), "test")), 0)
    made.crowd.choose = lambda: None  # type: ignore[method-assign]
    return made


def standing(actor: Actor, phase: float = 0.0) -> Motion:
    x, y, _ = actor.position
    speed = 0.0 if actor.fall else min(actor.speed, 2.0)
    return gait_motion(np.array([phase]), np.array([speed]), np.array([[x, y, 0.0]]), np.array([actor.heading]))


def live(
    world: World, frames: int, charge: float = 5.0, pace: float = 0.0
) -> tuple[np.ndarray, list[str], list[Motion]]:
    """Let the bull run at the agent for 1.5 s; return joints [frames, 22, 3] as seen, and the phases."""
    joints, phases, motions = [], [], []
    for i in range(frames):
        world.npcs[0].drive((-charge, 0) if i < 30 else (0, 0), math.pi)
        world.agent.drive((pace, 0), 0.0)
        world.step()
        motions.append(world.shown(world.agent, standing(world.agent)))
        joints.append(motions[-1].joints[0])
        phases.append(world.agent.fall.phase if world.agent.fall else "")
    return np.array(joints), phases, motions


def test_a_charging_bull_throws_it_over_and_it_gets_up_without_a_jump():
    with build() as world:
        joints, phases, motions = live(world, 140)
        assert phases[-1] == ""
        falling, rising = phases.count("falling"), phases.count("rising")
        assert 15 <= falling <= 61
        assert 40 <= rising <= 50
        first, up = phases.index("falling"), phases.index("rising")
        assert joints[up - 1, JOINT["head"], 1] < 0.6
        assert joints[-1, JOINT["head"], 1] > 1.4
        steps = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(1)
        # The bull throws it at 5 m/s; nothing that is limp jumps by more than a hand does, and nothing that gets up.
        assert steps[first:up].max() < 0.6
        assert steps[up:].max() < 0.25
        assert joints[first:, :, 1].min() > 0.0
        bones = np.linalg.norm(joints[:, 1:] - joints[:, PARENTS[1:]], axis=-1)
        assert bones == pytest.approx(np.broadcast_to(np.linalg.norm(REST_OFFSETS[1:], axis=1), bones.shape), abs=1e-3)
        for motion in motions[first::7]:
            assert np.abs(ik.forward(motion.rotations, motion.joints[:, 0]) - motion.joints).max() < 1e-3
            assert np.linalg.norm(motion.rotations, axis=-1) == pytest.approx(1.0, abs=1e-3)


def test_a_nudge_or_a_post_fells_nobody():
    with build() as world:
        _, phases, _ = live(world, 60, charge=1.5)
        assert set(phases) == {""}
    wall = {"kind": "wall", "name": "w", "start": [2, -3], "end": [2, 3]}
    with build((wall,), at=[9, 9]) as world:
        _, phases, _ = live(world, 50, charge=0.0, pace=6.0)
        assert set(phases) == {""}


def test_a_beast_stands_firm_and_a_deep_fall_fells():
    with build() as world:
        world.agent.topples = False
        _, phases, _ = live(world, 50)
        assert set(phases) == {""}
    pit = {"kind": "pit", "name": "pit", "at": [3, 0], "size": [3, 3], "depth": 4}
    with build((pit,), at=[9, 9]) as world:
        _, phases, _ = live(world, 50, charge=0.0, pace=2.0)
        assert "falling" in phases
        assert world.agent.position[2] == pytest.approx(-4.0, abs=0.05)


def test_who_is_down_is_no_obstacle_and_does_not_act():
    with build() as world:
        world.step()
        world.knock(world.agent, (3.0, 0.0, 0.0))
        assert not world.agent.upright
        for _ in range(24):
            world.agent.drive((5.0, 0.0), 0.0)
            world.npcs[0].drive((-6.0, 0.0), math.pi)
            world.step()
        assert world.npcs[0].position[0] < 1.0
        assert world.agent.speed < 3.0
        assert json.loads(json.dumps(world.state()))["actors"][0]["fall"]["phase"] == "falling"
        assert world.penetrations().shape == (2,)


def test_a_ragdoll_stays_this_side_of_walls_and_above_the_ground():
    walls = ({"kind": "wall", "name": "w", "start": [-1.0, -4], "end": [-1.0, 4]},
             {"kind": "box", "name": "b", "at": [0, 1.2], "size": [2, 0.6, 1.0]})  # fmt: skip
    with build(walls) as world:
        joints, phases, _ = live(world, 90)
        down = joints[[p == "falling" for p in phases]]
        assert down[..., 1].min() > 0.0
        # World x is the motion frame's z: flesh is 4 to 12 cm thick, joints stay out of the wall's face at -0.7.
        assert down[..., 2].min() > -0.75
        assert world.penetrations().max() <= 0.02


@pytest.mark.parametrize(("radius", "height"), [(0.25, 0.9), (0.9, 4.6)])
def test_small_and_large_bodies_fall_and_rise(radius, height):
    with build(at=[12, 9]) as world:
        world.refit(world.agent, radius, height)
        world.knock(world.agent, (0.0, 4.0, 0.0))
        joints, phases, _ = live(world, 125, charge=0.0)
        assert phases[-1] == ""
        assert "rising" in phases
        assert np.isfinite(joints).all()
        assert joints[..., 1].min() > 0.0


def test_an_entity_falls_by_itself_and_its_record_tells():
    with build(kind="man", radius=0.3, mass=70, height=1.75) as world:
        rows = []
        world.knock(world.npcs[0], (0.0, 3.0, 0.0))
        for _ in range(130):
            world.step()
            rows.append(world.state()["actors"][1])
        assert world.npcs[0].fall is None
        down = [t for t, row in enumerate(rows) if "fall" in row]
        places = np.array([row["position"] for row in rows])
        heading = np.array([row["heading"] for row in rows])
        walked = gait_motion(np.zeros(len(rows)), np.zeros(len(rows)), places, heading)
        shown = patch(walked, rows)
        head = shown.joints[:, JOINT["head"], 1]
        assert head[down].min() < 0.5 < 1.4 < head[-1]
        assert (shown.joints[down[-1] + 1 :] == walked.joints[down[-1] + 1 :]).all()


def test_the_same_fall_twice():
    def run() -> str:
        with build() as world:
            live(world, 70)
            return json.dumps(world.state())

    assert run() == run()


def test_hinges_make_the_rotation_that_they_were_taken_from():
    rng = np.random.default_rng(3)
    for limb in LIMBS:
        low, high = np.array(limb.low), np.array(limb.high)
        assert (low < high).all()
        for _ in range(10):
            angles = rng.uniform(low, high)
            turn = np.array([0, 0, 0, 1], np.float32)
            for axis, angle in zip(limb.axes, angles, strict=True):
                one = np.eye(3, dtype=np.float32)["xyz".index(axis)]
                turn = rotation.multiply(turn, rotation.from_axis_angle(one, np.float32(angle)))
            assert decompose(turn, limb.axes) == pytest.approx(angles, abs=2e-3)


def test_all_may_be_down_at_once():
    """Nobody stands in some frames: what was planned for those who did must not be carried out."""
    wall = {"kind": "wall", "name": "w", "start": [1.0, -5], "end": [1.0, 5], "thickness": 0.4}
    man = {"id": "man", "kind": "man", "at": [0.0, 0.8], "behaviour": "stop"}
    document = {"name": "t", "licence": "CC0-1.0", "agent": {"at": [0, 0]}, "solids": [wall], "entities": [man]}
    with World(parse_scenario(Document(json.dumps(document), "test")), 1) as w:
        down = 0
        for frame in range(130):
            w.agent.drive((3.0, 0.0), 0.0)
            if frame == 10:
                for actor in w.actors:
                    w.knock(actor, (3.0, 0.5, 1.0))
            w.step()
            down = max(down, sum(actor.fall is not None for actor in w.actors))
        assert down == 2
        assert all(actor.fall is None for actor in w.actors)
