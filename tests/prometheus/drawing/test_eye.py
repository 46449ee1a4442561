"""The eye: what is before it is in the picture, and as far off as it is."""

import io

import numpy as np
import pytest
from PIL import Image

from aether.scene import Own
from prometheus.drawing.eye import Eye
from prometheus.world.document import Document
from prometheus.world.perception import perceive
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario

TEXT = """
name: t
licence: CC0-1.0
agent: {at: [0, 0], heading: %s, senses: {range: 20, camera: true}}
solids: [{kind: wall, name: w, start: [6, -20], end: [6, 20], height: 5, thickness: 1, material: brick}]
entities: [{id: man, kind: man, at: [3, 0.0], behaviour: stop}]
"""


def world(heading: float = 0.0) -> World:
    return World(parse_scenario(Document(TEXT % heading, "test")), 0)


def test_depth_is_that_of_walls_bodies_and_ground():
    with world() as ahead, world(3.14159) as away:
        depth = Eye().depth(ahead, ahead.agent, (40, 30))
        empty = Eye().depth(away, away.agent, (40, 30))
    assert depth.shape == (30, 40)
    assert depth[15, 20] == pytest.approx(2.7, abs=0.1)  # the man's hull
    assert depth[13, 5] == pytest.approx(5.5 / np.cos(np.arctan(0.75 * 0.613 * 40 / 30)), abs=0.6)  # the wall
    assert depth[29].max() < 3.5  # the ground
    assert empty[:8].min() == 20.0


@pytest.mark.slow
def test_a_minds_scene_carries_the_picture():
    with world() as ahead, world(3.14159) as away:
        pictures = []
        for one in (ahead, away):
            one.step()
            image = perceive(one, one.agent, Own()).image
            assert image is not None
            pictures.append(np.asarray(Image.open(io.BytesIO(image)).convert("RGB"), float))
    assert pictures[0].shape == (240, 320, 3)
    assert np.abs(pictures[0] - pictures[1]).mean() > 12
