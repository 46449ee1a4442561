import math

import pytest

from aether import Entity, Memory, Scene
from aether.heading import BEARINGS, SECTORS, named, sector, turned
from aether.memory import failed_direction, motion_token, travelled


def test_tokens_turn_with_the_body():
    memory = Memory()
    memory.note("hit_wall_left", heading=0.0)
    memory.decided("a person sprinting forward and to the right", heading=0.0)
    assert memory.tokens(0.0) == ("hit_wall_left", "sprint_forward-right")
    assert memory.tokens(math.pi / 2) == ("hit_wall_forward", "sprint_backward-right")
    assert memory.tokens(-math.pi / 2) == ("hit_wall_backward", "sprint_forward-left")
    assert memory.tokens(math.tau) == memory.tokens() == ("hit_wall_left", "sprint_forward-right")


def test_it_is_bounded_and_forgets():
    memory = Memory(limit=5, span=3)
    memory.note("hit_wall_left")
    for _ in range(1000):
        memory.decided("a person walks forward")
        memory.see(Scene(entities=(Entity("man", id=f"m{memory.decisions}"),)))
    assert len(memory.tokens()) <= 5
    assert "hit_wall_left" not in memory.tokens()
    assert len(memory.seen) <= 32


def test_it_knows_who_went_out_of_sight():
    memory = Memory()
    memory.see(Scene(entities=(Entity("beast", "wander", 4.0, 1.0, id="wolf"),)), heading=0.5)
    memory.see(Scene(entities=(Entity("beast", "wander", 4.0, 2.0, visible=False, id="wolf"),)))
    assert memory.seen["wolf"].entity.bearing == 1.0
    assert memory.seen["wolf"].heading == 0.5


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("a person running to the left, afraid", "run_left"),
        ("a person walks forward and to the right calmly", "walk_forward-right"),
        ("a person stands still, looking back", "stand"),
        ("a person backs away", "step"),
        ("", "move"),
    ],
)
def test_tokens_of_motions(text, token):
    assert motion_token(text) == token


@pytest.mark.parametrize(
    ("token", "failed", "went"),
    [
        ("hit_wall_left", "left", None),
        ("blocked forward-right", "forward-right", None),
        ("stuck_behind", "backward", None),
        ("ran_left_hit_wall", "left", None),
        ("run_right", None, "right"),
        ("stand", None, "stand"),
        ("walk_backward-left", None, "backward-left"),
        ("saw_beast", None, None),
        ("", None, None),
    ],
)
def test_what_tokens_tell(token, failed, went):
    assert failed_direction(token) == failed
    assert travelled(token) == went


def test_eight_directions():
    assert [sector(BEARINGS[name]) for name in SECTORS] == list(SECTORS)
    assert [named(name) for name in SECTORS] == list(SECTORS)
    assert all(turned(turned(name, 1.0), -1.0) == name for name in SECTORS)
    assert named("nowhere") is None
