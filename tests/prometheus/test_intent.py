"""Reading an intent from words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prometheus.intent import DIRECTIONS, PACES, read_intent


@pytest.mark.parametrize(
    ("text", "direction", "pace"),
    [
        ("a person launching sideways to the right, legs driving hard, arms thrown wide in panic", "right", "sprint"),
        ("walk forward", "forward", "walk"),
        ("run", None, "run"),
        ("stand still", None, "stand"),
        ("step back", "backward", "walk"),
        ("a person backs away slowly, hands raised, afraid", "backward", "creep"),
        ("backing away to the left", "backward-left", "walk"),
        ("a person runs forward and to the left without turning right, left knee high", "forward-left", "run"),
        ("a person looking back, sprinting forward", "forward", "sprint"),
        ("a person sprints left", "left", "sprint"),
        ("left arm raised, a person walks", None, "walk"),
        ("", None, None),
    ],
)
def test_direction_and_pace(text, direction, pace):
    intent = read_intent(text)
    assert (intent.direction, intent.pace) == (direction, pace)


@pytest.mark.parametrize(
    ("text", "turn"),
    [("turn left", "left"), ("a person turns sharply to the right", "right"), ("turns around to the left", "around"),
     ("a person spins around, then sprints left", "around"), ("walk without turning left", None)],
)  # fmt: skip
def test_turn(text, turn):
    assert read_intent(text).turn == turn


def test_feeling_posture_and_arms():
    assert read_intent("arms thrown wide in blind panic").arms == "wide"
    assert read_intent("blind panic").intensity > 0.9 > 0.3 > read_intent("calmly").intensity
    assert read_intent("a person crouches").height == "low"


@given(st.text(max_size=400))
def test_any_text_has_an_intent(text):
    intent = read_intent(text)
    assert intent.direction is None or intent.direction in DIRECTIONS
    assert intent.pace is None or intent.pace in PACES
    assert intent.intensity is None or 0 <= intent.intensity <= 1
