"""Sentences for a body that has turned to where it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prometheus.intent import read_intent
from prometheus.language.onward import onward


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("a person sprints to the left in panic, arms wide", "a person sprints forward in panic, arms wide"),
        ("a person turns around and walks back, alert", "a person walks forward, alert"),
        ("a person backs away, eyes on the beast", "a person walks forward, eyes on the beast"),
        ("dives to the right and rolls", "dives forward and rolls"),
        ("he dashes off to his right, looking left and up", "he dashes forward, looking left and up"),
        ("a person walks forward calmly", "a person walks forward calmly"),
        ("a person stands still", "a person stands still"),
    ],
)
def test_the_way_becomes_forward(text, turned):
    assert onward(text) == turned


WORDS = "a person runs left right back away turns to the and , around sideways sprint retreats".split()


@given(st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_text_keeps_its_pace_and_loses_its_way(text):
    before, after = read_intent(text), read_intent(onward(text))
    assert after.direction in (None, "forward")
    assert after.turn is None or before.direction in (None, "forward")
    assert after.pace == before.pace or before.pace is None
