"""Wedges: bodies squeezed between walls, and under what comes down on them."""

import json
import math

import numpy as np
import pytest

from prometheus.world.document import Document
from prometheus.world.geometry import Outline
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario
from prometheus.world.wedge import SKIN, freed_circle


def build(*solids: dict, agent: dict | None = None, others: tuple[dict, ...] = ()) -> World:
    entities = [{"kind": "man", "behaviour": "stop", "id": f"other {i}", **other} for i, other in enumerate(others)]
    world = {
        "name": "t", "licence": "CC0-1.0", "agent": {"at": [0, 0], **(agent or {})}, "solids": list(solids),
        "entities": entities,
    }  # fmt: skip
    return World(parse_scenario(Document(json.dumps(world), "test")), 0)


def test_a_circle_is_pushed_out_of_a_corner_and_goes_back_from_a_gap_too_narrow_for_it():
    walls = ({"kind": "box", "name": n, "at": [x, 0], "size": [1, 6, 2]} for n, x in (("left", -1.0), ("right", 1.0)))
    with build(*walls, agent={"at": [0, 5]}) as world:
        outlines = [Outline(world.solids, index) for index in range(2)]
    assert freed_circle((0.3, 0.0), (0.0, 0.0), [(outline, 0.3) for outline in outlines]) == pytest.approx((0.2, 0.0))
    wedged = [(outline, 0.6) for outline in outlines]
    assert freed_circle((0.1, 2.0), (0.0, 5.0), wedged) == (0.0, 5.0)
    # Where it was is no better: it stays as free as it gets.
    x, y = freed_circle((0.1, 2.0), (0.4, 2.0), wedged)
    assert max(outline.depth(x, y, 0.6)[0] for outline in outlines) < 0.25
    assert freed_circle((0.2 + SKIN / 2, 0.0), (9.0, 9.0), [(outlines[1], 0.3)]) == (0.2 + SKIN / 2, 0.0)


@pytest.mark.parametrize("turn", [0.3, 0.7])
def test_a_long_body_across_a_doorway_holds_when_a_giant_rams_it(turn):
    gap = {"kind": "wall", "name": "wall", "start": [0, -4], "end": [0, 4], "gaps": [{"at": 4, "width": 1.2}]}
    giant = {"at": [-3.5, 0], "radius": 1.1, "height": 3.9, "mass": 1800}
    with build(gap, agent={"at": [-1.6, 0], "mass": 70}, others=(giant,)) as world:
        world.crowd.choose = lambda: None
        world.agent.topples = False
        world.refit(world.agent, 0.45, 1.75, 3.0)
        for frame in range(120):
            world.agent.drive((3.0, 0.0), turn if frame % 20 < 10 else 1.2 * math.pi + turn)
            world.npcs[0].drive((6.0, 0.5 * math.sin(frame)), 0.0)
            world.step()
            assert world.penetrations().max() <= 0.02


@pytest.mark.parametrize("length", [0.0, 2.4])
def test_what_comes_down_on_a_body_stops_before_it_presses_it_into_the_ground(length):
    slab = {"kind": "platform", "name": "press", "path": [[0, 0, 3.5], [0, 0, 0.3]], "size": [3, 3, 0.25],
            "speed": 3, "pause": 0.3}  # fmt: skip
    with build(slab, agent={"at": [0, 0], "radius": 0.3}) as world:
        if length:
            world.refit(world.agent, 0.4, 1.2, length)
        low, back = [], 0
        for _ in range(100):
            world.step()
            low.append(float(world.agent.position[2]))
            back += world.movers[0].stuck > 0
        assert back > 0
        assert min(low) > -0.03
        assert np.hypot(*world.agent.position[:2]) < 0.5


def test_a_lift_under_a_ceiling_turns_back():
    lift = {"kind": "platform", "name": "lift", "path": [[0, 0, 0.1], [0, 0, 2.5]], "size": [6, 6, 0.25], "speed": 2}
    ceiling = {"kind": "box", "name": "ceiling", "at": [0, 0], "lift": 2.3, "size": [8, 8, 0.5]}
    with build(lift, ceiling, agent={"at": [0, 0]}) as world:
        world.refit(world.agent, 0.4, 1.2, 2.4)
        back = 0
        for _ in range(100):
            world.step()
            back += world.movers[0].stuck > 0
            assert world.penetrations().max() <= 0.02
        assert back > 0


def test_a_long_body_that_is_put_back_lies_as_it_lay():
    walls = ({"kind": "wall", "name": n, "start": [-3, y], "end": [3, y]} for n, y in (("left", 0.8), ("right", -0.8)))
    with build(*walls, agent={"at": [0, 5]}) as world:
        body = world.agent
        world.refit(body, 0.4, 1.2, 2.4)
        world.move(body, (0.0, 0.0, 0.0), 0.0)
        world.step()
        world.move(body, (0.0, 20.0, 300.0), 1.5)
        body.grounded = False
        for _ in range(90):
            body.drive((0.0, 0.0), 1.5)
            world.step()
            if abs(body.position[1]) < 1.0:
                break
        assert body.position == pytest.approx((0.0, 0.0, 0.0), abs=0.02)
        assert body.heading == pytest.approx(0.0, abs=0.02)
        assert world.penetrations().max() <= 0.02


@pytest.mark.parametrize("off", [0.42, 0.51])
def test_a_long_body_that_falls_on_the_top_of_a_wall_stays_on_it(off):
    wall = {"kind": "wall", "name": "wall", "start": [-4, 0], "end": [4, 0], "height": 3.0}
    with build(wall, agent={"at": [0, 5]}) as world:
        world.refit(world.agent, 0.4, 0.6, 1.8)
        for drop in (8.15, 8.6, 8.75):
            world.move(world.agent, (0.0, off, 3.0 + drop), 0.0)
            world.agent.grounded = False
            for _ in range(32):
                world.step()
                assert world.penetrations().max() <= 0.02
