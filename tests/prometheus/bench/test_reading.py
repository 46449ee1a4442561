"""What the rubric hears in a sentence."""

from __future__ import annotations

import pytest

from prometheus.bench.reading import apart, read


def heard(motion: str):
    return read(f"PREDICT: forward=safe\nMOTION: {motion}")


@pytest.mark.parametrize(
    ("motion", "level"),
    [
        ("a person strolls forward, relaxed", 0),
        ("a person looks around, intrigued", 1),
        ("a person backs away, tense and wary", 2),
        ("a person runs off, frightened, arms pumping", 3),
        ("a person bolts to the right in sheer terror", 4),
        ("a person walks on without fear, calm", 0),
        ("a person walks on, no longer afraid, relieved", 1),
        ("a person walks forward", None),
        ("a person walks calmly in panic", None),
        ("a person runs, worried, then afraid", 3),
    ],
)
def test_feelings(motion, level):
    assert heard(motion).level == level


@pytest.mark.parametrize(
    ("motion", "way"),
    [
        ("a person walks forward calmly", "forward"),
        ("a person sprints to the left in panic", "left"),
        ("a person backs away warily, eyes on the beast", "backward"),
        ("a person stands still, calm", None),
        ("a person turns to the right and walks", "right"),
    ],
)
def test_ways(motion, way):
    assert heard(motion).way == way


def test_facts_of_the_npc():
    answer = read("PREDICT: npc=danger(beast,3.2m,charging,front-left), left=safe\nMOTION: a person runs")
    assert (answer.act(), answer.sector(), answer.outlook("npc").distance) == ("charge", "forward-left", 3.2)
    assert "beast" in answer.facts("npc")
    assert answer.outlook("right") is None


def test_a_heap_of_words_is_no_sentence():
    assert not heard("arms legs head hard softly calm panic").is_sentence
    assert not heard("a person runs hard hard hard").is_sentence
    assert heard("a person runs hard to the left, arms pumping, afraid").is_sentence


def test_eighths_of_a_turn():
    assert apart("forward", "forward-right") == 1
    assert apart("left", "right") == 4
