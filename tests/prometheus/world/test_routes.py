"""Routes: ways round walls, over stairs, never into a pit."""

import math
from itertools import pairwise

import numpy as np
import pytest

from prometheus.world.document import Document
from prometheus.world.physics import World
from prometheus.world.scenario import load_scenario, parse_scenario

HEAD = "name: t\nlicence: CC0-1.0\nagent: {at: [0, 0], goal: [8, 0]}\n"


def routes_of(text: str):
    world = World(parse_scenario(Document(HEAD + text, "test")), 0)
    try:
        return world.crowd.routes
    finally:
        world.close()


def length(start, corners) -> float:
    points = [start, *corners]
    return sum(math.dist(a, b) for a, b in pairwise(points))


def test_round_a_wall_and_straight_where_nothing_stands():
    routes = routes_of("solids: [{kind: wall, name: w, start: [4, -6], end: [4, 3]}]")
    way = routes.path((0, 0), (8, 0), 0.3)
    assert length((0, 0), way) == pytest.approx(2 * math.hypot(4, 3.7), rel=0.1)
    assert way[:, 1].max() > 3.2
    assert len(routes.path((0, 0), (2, 5), 0.3)) == 1
    assert not routes.clear(np.array([[0.0, 0]]), np.array([[8.0, 0]]), np.array([0.3]))[0]


def test_a_narrow_gap_is_for_the_narrow():
    routes = routes_of(
        "solids: [{kind: wall, name: w, start: [4, -20], end: [4, 20], gaps: [{at: 20, width: 1.6, height: 2.2}]}]"
    )
    assert length((0, 0), routes.path((0, 0), (8, 0), 0.3)) == pytest.approx(8, abs=0.4)
    wide = routes.path((0, 0), (8, 0), 0.9)
    assert wide is None or length((0, 0), wide) > 30


def test_pits_are_walked_round_stairs_are_climbed_and_closed_rooms_are_no_goal():
    pit = routes_of("solids: [{kind: pit, name: p, at: [4, 0], size: [2, 6]}]").path((0, 0), (8, 0), 0.3)
    assert np.abs(pit[:, 1]).max() > 3.2
    stairs = routes_of(
        "solids: [{kind: box, name: b, at: [8, 0], size: [4, 4, 1.6]},"
        " {kind: stairs, name: s, at: [4.4, 0], size: [3.2, 2, 1.6], steps: 8}]"
    )
    assert math.dist(stairs.path((0, 0), (8, 0), 0.3)[-1], (8, 0)) < 0.3
    from_behind = stairs.path((13, 0), (8, 0), 0.3)
    assert length((13, 0), from_behind) > 14
    walls = ", ".join(
        f"{{kind: wall, name: w{i}, start: [{a}, {b}], end: [{c}, {d}]}}"
        for i, (a, b, c, d) in enumerate(((5, -3, 11, -3), (5, 3, 11, 3), (5, -3, 5, 3), (11, -3, 11, 3)))
    )
    room = routes_of(f"solids: [{walls}]").path((0, 0), (8, 0), 0.3)
    assert room is None or math.dist(room[-1], (8, 0)) > 2.5


def test_a_low_lintel_is_a_wall():
    text = "solids: [{kind: box, name: b, at: [4, 0], size: [0.5, 40, 1], lift: %s}]"
    assert length((0, 0), routes_of(text % 2.2).path((0, 0), (8, 0), 0.3)) == pytest.approx(8, abs=0.4)
    low = routes_of(text % 1.2).path((0, 0), (8, 0), 0.3)
    assert low is None or length((0, 0), low) > 30


def test_castle_gate_is_found_from_outside():
    with World(load_scenario("castle"), 7) as world:
        way = world.crowd.routes.path((0, 13), (0, 0), 0.45)
        assert way is not None
        assert any(abs(x - 12.4) < 1.5 and abs(y) < 1.9 for x, y in np.linspace(way[:-1], way[1:], 60).reshape(-1, 2))
