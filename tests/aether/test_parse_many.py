"""A million generated texts: pieces of the grammar, of its enemies, and of nothing, in any order."""

import random

import pytest

from aether import Decision, Refusal, parse

PIECES = (
    "PREDICT:", "MOTION:", "predict", "Motion =", "**PREDICT**:", "```", "```json", "<think>", "</think>",
    "\u25c1think\u25b7", "left", "right", "fwd", "forward", "back", "npc", "=", ":", "safe", "danger", "(",
    ")", "[", "]", "{", "}", '"', "'", ",", ";", "3.2m", "1e999", "-0", "wall", "prev", "a person walks",
    "sprints to the left", "\n", "\r\n", "\t", " ", "\u2028", "\x00", "\ud800", "\u202e", "\u200b",
    "\uff1a", "\uff1d", "\uff08", "왼쪽=안전", "прямо", "危险", "🐺", "\\u0000", "\\n", "null", "true",
    '{"predict": {"left": "safe"}, "motion": "a person walks"}',
    "PREDICT: left=safe\nMOTION: a person walks", "a" * 300, "(" * 50, "=" * 40, "<" * 30, "SAY: hi",
)  # fmt: skip
GOOD = "PREDICT: left=danger(wall,2.0m), right=safe\nMOTION: a person walks to the right"


def texts(count, seed):
    chance = random.Random(seed)
    for number in range(count):
        kind = number % 4
        if kind == 0:
            yield "".join(chance.choice(PIECES) for _ in range(chance.randrange(12)))
        elif kind == 1:
            yield "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(24)))
        elif kind == 2:
            at = chance.randrange(len(GOOD))
            yield GOOD[:at] + chance.choice(PIECES) + GOOD[at + chance.randrange(6) :]
        else:
            yield GOOD[: chance.randrange(len(GOOD))] + chance.choice(PIECES)


def check(count, seed):
    decisions = 0
    for text in texts(count, seed):
        found = parse(text)
        assert isinstance(found, Decision | Refusal)
        if isinstance(found, Decision):
            decisions += 1
            if decisions % 50 == 0:
                assert parse(str(found)) == found
    return decisions


def test_thousands_of_texts_raise_nothing():
    assert 200 < check(4_000, 1) < 3_600


@pytest.mark.long
@pytest.mark.slow
def test_a_million_texts_raise_nothing():
    assert 50_000 < check(1_000_000, 2) < 900_000


@pytest.mark.parametrize(
    "text",
    [
        '{"predict": {"npc": "danger(beast,3.2m)", "forward": "safe"}, "motion": "a person walks forward"}',
        'Sure!\n```json\n{"motion": "a person walks forward", "predict": {"npc": "danger(beast,3.2m)",'
        ' "forward": "safe"}}\n```',
        '{"predict": {"npc": {"danger": true, "kind": "beast", "distance": 3.2}, "forward": {"danger": false}},'
        ' "motion": "a person walks forward"}',
        '<think>{"predict": {"left": "safe"}, "motion": "x"}</think>{"predict": "npc=danger(beast,3.2m), forward=safe",'
        ' "motion": "a person walks forward"}',
    ],
)
def test_json_answers_say_the_same(text):
    found = parse(text)
    assert isinstance(found, Decision), found
    assert found.motion == "a person walks forward"
    assert {key: (o.danger, o.distance) for key, o in found.predict.items()} == {
        "npc": (True, 3.2),
        "forward": (False, None),
    }
