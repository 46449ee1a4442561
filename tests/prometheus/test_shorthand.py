"""What is written of a frame without a detour by dictionaries says what the states themselves say."""

import json
import math

import pytest

from prometheus.shorthand import Shorthand
from prometheus.world.document import Document
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario

YARD = """
name: yard
licence: CC0-1.0
agent: {at: [0, 0]}
solids:
  - {kind: wall, name: the old wall, start: [3, -4], end: [3, 4]}
  - {kind: box, name: crate, at: [1, 0], size: [0.4, 0.4, 0.4], mass: 4}
  - {kind: platform, name: lift, path: [[-4, 0, 0.3], [-6, 0, 0.3]], speed: 1}
entities:
  - {id: man one, kind: man, at: [0, 4], on_notice: flee}
  - {id: beast, kind: beast, at: [0, -3], heading: 1.57, on_notice: charge}
"""


def alike(a, b):
    if isinstance(a, float):
        return isinstance(b, float) and math.isclose(a, b, abs_tol=5.1e-7)
    if isinstance(a, dict):
        return list(a) == list(b) and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    return a == b


def test_it_says_what_the_state_says():
    seen = set()
    with World(parse_scenario(Document(YARD, "test")), 0) as world:
        shorthand = Shorthand()
        for frame in range(90):
            if frame == 20:
                world.knock(world.npcs[0], (4.0, 0.0, 1.0))
            world.agent.drive((3.0, 0.2), 0.0)
            world.step()
            state = world.state()
            assert alike(state, json.loads("{" + shorthand.state(world) + "}"))
            seen |= {key for actor in state["actors"] for key, value in actor.items() if value}
    assert {"contacts", "fall", "noticed"} <= seen


def test_what_is_no_number_is_refused():
    with World(parse_scenario(Document(YARD, "test")), 0) as world:
        world.agent.velocity[0] = math.nan
        with pytest.raises(ValueError, match="agent"):
            Shorthand().state(world)
