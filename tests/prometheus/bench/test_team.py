"""Teams with and without warnings."""

from __future__ import annotations

import pytest

from prometheus.bench.team import Meeting, gain, meeting, warnings
from prometheus.config import load_config
from prometheus.world.physics import World
from prometheus.world.scenario import Scenario
from prometheus.world.senses import look


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_others_see_what_the_prey_does_not(seed):
    with World(Scenario.model_validate(meeting(seed)), seed) as world:
        beast = world.row_of["beast"]
        seen = [bool(look(world, agent).seen[beast]) for agent in world.agents]
    assert seen == [False, True, True]


def test_what_warnings_change_is_a_paired_difference():
    told = [Meeting(False, 4.0, 0), Meeting(False, 3.0, 1)]
    deaf = [Meeting(True, 1.0, 1), Meeting(False, 2.0, 1)]
    assert gain(told, deaf, "gap") == {"mean": 2.0, "interval": [1.0, 3.0]}
    assert gain(told, deaf, "caught")["mean"] == -0.5
    assert gain(told, told, "hurt") == {"mean": 0.0, "interval": [0.0, 0.0]}


@pytest.mark.slow
def test_a_warning_keeps_the_beast_away():
    found = warnings(load_config(None, None), 5, runs=1)
    assert found["runs"] == 1
    assert found["with"]["gap"] > found["without"]["gap"]
