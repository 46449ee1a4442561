"""Every behaviour in the registry: it runs in company, keeps out of walls, and shows what an onlooker can name."""

import subprocess
import sys

import numpy as np
import pytest

from aether.scene import Own
from prometheus.world.behaviour import BEHAVIOURS, Behaviour, Steer, behaviours
from prometheus.world.document import Document
from prometheus.world.perception import perceive
from prometheus.world.physics import World
from prometheus.world.scenario import parse_scenario

ASKED = {"stop", "approach", "charge", "wander", "flee", "follow", "guard", "patrol", "talk"}
YARD = """
name: yard
licence: CC0-1.0
agent: {at: [0, 0], goal: [4, 4]}
solids:
  - {kind: wall, name: n, start: [-8, 7], end: [8, 7]}
  - {kind: wall, name: s, start: [-8, -7], end: [8, -7]}
  - {kind: wall, name: w, start: [-8, -7], end: [-8, 7]}
  - {kind: wall, name: e, start: [8, -7], end: [8, 7]}
  - {kind: box, name: hut, at: [3, 0], size: [1.5, 3, 2.5]}
  - {kind: pit, name: pit, at: [-4, 4], size: [2, 2], depth: 1.5}
entities:
  - {id: one, kind: man, at: [5.5, 2], behaviour: %s, on_notice: %s, path: [[5, 4], [5, -4], [-5, -4]], fears: [beast]}
  - {id: other, kind: woman, at: [5.5, -3], behaviour: stop}
  - {id: beast, kind: beast, at: [-5, -4], behaviour: wander, on_notice: charge, senses: {range: 6}}
"""


def yard(behaviour: str, on_notice: str = "null") -> World:
    return World(parse_scenario(Document(YARD % (behaviour, on_notice), "test")), 3)


def test_the_behaviours_that_were_asked_for_are_there():
    assert set(behaviours()) >= ASKED


@pytest.mark.parametrize("name", sorted(behaviours()))
@pytest.mark.parametrize("noticed", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_behaviour(name: str, noticed: bool):
    if name == "notice" and not noticed:
        name = "stop"
    with yard("wander" if noticed else name, name if noticed else "null") as world:
        one = world.npcs[0]
        for frame in range(110):
            world.agent.drive((1.2, 0.3) if frame < 50 else (0.0, -1.0), 0.0)
            world.step()
            assert np.isfinite(one.position).all()
            assert one.behavior in BEHAVIOURS
            assert one.speed <= one.speeds.run + 0.5
            assert world.penetrations().max() <= 0.02
            assert one.position[2] > -0.1, "walked into the pit"
        assert perceive(world, world.agent, Own()).to_json("dataset")


def test_a_user_registers_a_behaviour_by_its_name():
    class Spin(Behaviour):
        """Turns on the spot."""

        name = "spin"

        def steer(self, npc, world):
            return Steer(heading=npc.heading + 0.2)

    try:
        with yard("spin") as world:
            before = world.npcs[0].heading
            for _ in range(10):
                world.step()
            assert abs(world.npcs[0].heading - before) > 1.0
    finally:
        del BEHAVIOURS["spin"]
    with pytest.raises(Exception, match="no behaviour 'spin'"):
        yard("spin")


def test_a_package_adds_behaviours_by_an_entry_point(tmp_path):
    (tmp_path / "creep.py").write_text(
        "from prometheus.world.behaviour import Behaviour\nclass Creep(Behaviour):\n    name = 'creep'\n"
    )
    info = tmp_path / "creep-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: creep\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[prometheus.behaviours]\ncreep = creep\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom prometheus.world.behaviour import behaviours\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print('creep' in behaviours())"], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "True", done.stderr
