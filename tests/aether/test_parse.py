import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aether import Decision, DecisionError, Outlook, Refusal, parse
from aether.decision import KEYS, MAX_MOTION

ARTICLE = (
    "PREDICT: npc=danger(beast,3.2m,charging), forward=danger(wall,8.5m), left=danger(wall,prev), "
    "right=safe, backward=safe\n"
    "MOTION: a person launching sideways to the right, legs driving hard, arms thrown wide in blind panic"
)
FULL_WIDTH = {ord(char): ord(char) + 0xFEE0 for char in ",()=:"}
DATASET = """PREDICT: left=danger(wall), right=safe(open), fwd=danger(beast), back=safe(open)
MOTION: a person sprints right in panic, arms flailing"""
PIECES = st.sampled_from(
    "PREDICT: MOTION: <think> </think> ``` ** _ left right fwd forward npc back = : safe danger ( ) ,".split(" ")
    + "3.2m wall prev \x00 \u202e \ud800 { } \" ' \uff1a \uff1d \uff08 \uff09 왼쪽=안전 MOTION PREDICT #1. -".split(" ")
    + [" ", "\n", "\r", "\u2028", "a person walks"]
)


def test_article_dialect():
    decision = parse(ARTICLE)
    assert isinstance(decision, Decision)
    assert decision.predict["npc"] == Outlook(True, "beast", 3.2, "charging")
    assert decision.predict["forward"] == Outlook(True, "wall", 8.5)
    assert decision.predict["left"] == Outlook(True, "wall", None, "prev")
    assert not decision.predict["right"].danger
    assert decision.motion.startswith("a person launching sideways to the right")
    assert str(decision) == ARTICLE


def test_dataset_dialect():
    decision = parse(DATASET)
    assert isinstance(decision, Decision)
    assert list(decision.predict) == ["forward", "left", "right", "backward"]
    assert decision.predict["forward"] == Outlook(True, "beast")
    assert decision.predict["backward"] == Outlook(False, "open")
    assert decision.lines("dataset") == DATASET


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE.lower(),
        ARTICLE.upper(),
        "\n".join(reversed(ARTICLE.split("\n"))),
        f"```\n{ARTICLE}\n```",
        f"```text\n{ARTICLE}```",
        ARTICLE.replace("\n", " "),
        ARTICLE.replace("\n", "\r\n"),
        ARTICLE.replace("PREDICT:", "**PREDICT:**").replace("MOTION:", "**MOTION**:"),
        ARTICLE.replace("PREDICT:", "## Prediction:\n").replace("MOTION:", "\n- Motion:\n"),
        "1. " + ARTICLE.replace("\n", "\n2. "),
        ARTICLE.replace("=", ": "),
        ARTICLE.translate(FULL_WIDTH),
        "<think>PREDICT: left=safe\nMOTION: a person walks left</think>" + ARTICLE,
        "the beast is near, PREDICT: left=safe\nMOTION: a person dies\n</think>\n\n" + ARTICLE,
        "◁think▷left=safe◁/think▷" + ARTICLE,
        DATASET + "\n\nBetter:\n" + ARTICLE,
        ARTICLE + "\nI chose this motion: it is the safest. Left=danger because of before.",
        "The motion: must lead away.\n" + ARTICLE,
        "가까운 야수가 돌진합니다.\n" + ARTICLE + "\n조심하세요!",
        ARTICLE + "\nPREDICT: left=safe, right=dan",
        json.dumps({"PREDICT": ARTICLE.split("\n")[0][9:], "MOTION": ARTICLE.split("\n")[1][8:], "sure": 0.9}),
        json.dumps({"MOTION": ARTICLE.split("\n")[1][8:], "PREDICT": ARTICLE.split("\n")[0][9:]}, indent=2),
        ARTICLE.replace(", left", ",\n  left").replace(", right", ",\n  right"),
    ],
)
def test_tolerated_forms_say_the_same(text):
    found, meant = parse(text), parse(ARTICLE)
    assert isinstance(found, Decision), found
    assert found.predict == meant.predict
    assert found.motion.lower() == meant.motion.lower()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("I walk left.", "neither"),
        ("MOTION: a person walks", "no PREDICT"),
        ("PREDICT: left=safe", "no MOTION"),
        ("PREDICT: left=safe\nMOTION:", "no MOTION"),
        ("PREDICT: all is well\nMOTION: a person walks", "no PREDICT"),
        ("PREDICT: left=safe\nMOTION: ... !?", "no MOTION"),
        ("<think>PREDICT: left=safe\nMOTION: a person walks", "only a thought"),
        (None, "not text"),
        (b"PREDICT", "not text"),
    ],
)
def test_refusals_say_why(text, reason):
    refusal = parse(text)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert len(refusal.text) <= 200


def test_front_left_is_not_left():
    decision = parse("PREDICT: front-left=danger(beast), right=safe\nMOTION: a person walks")
    assert isinstance(decision, Decision)
    assert set(decision.predict) == {"right"}


def test_words_inside_a_parenthesis_are_facts():
    decision = parse("PREDICT: left=danger(beast, right=safe (really), 2 m), back=safe\nMOTION: a person walks")
    assert isinstance(decision, Decision)
    assert set(decision.predict) == {"left", "backward"}
    assert decision.predict["left"].distance == 2.0


def test_motion_is_bounded_and_harmless():
    decision = parse("PREDICT: left=safe\nMOTION: a \u202eperson\x07 `walks`\u200b <b>MOTION</b> " + "very " * 400)
    assert isinstance(decision, Decision)
    assert decision.motion.startswith("a person walks b MOTION /b very")
    assert len(decision.motion) <= MAX_MOTION


@given(st.text())
def test_any_text_gives_a_decision_or_a_refusal(text):
    assert isinstance(parse(text), Decision | Refusal)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_pieces_of_the_grammar_round_trip(text):
    found = parse(text)
    assert isinstance(found, Decision | Refusal)
    if isinstance(found, Decision):
        assert parse(str(found)) == found


ODD_FACTS = st.sampled_from(["wall", "prev", "3m", "charging,left", "a(b", "x=y"])
FACTS = st.one_of(st.none(), st.text(max_size=60), ODD_FACTS)
OUTLOOKS = st.builds(Outlook, st.booleans(), FACTS, st.one_of(st.none(), st.floats()), FACTS)


@given(st.dictionaries(st.sampled_from(KEYS), OUTLOOKS), st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_whatever_can_be_decided_can_be_written_and_read(predict, motion):
    try:
        decision = Decision(predict, motion)
    except DecisionError:
        return
    assert parse(str(decision)) == decision
    assert Decision.from_json(decision.to_json()) == decision


@pytest.mark.parametrize(
    "unit",
    ["MOTION:", "PREDICT:left=safe ", "<think>", "</think>", "(" , "left=danger(", "*" , " ", "\n", "a", "PREDICT:\n",
     "<", "predict_", "motion ", "1.", "left:", "\u202e", "\uff1d", "MOTION: a\nPREDICT: left=safe\n", '"', "=", "\\"],
)  # fmt: skip
def test_a_megabyte_is_read_in_bounded_time(unit):
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    assert isinstance(parse(text), Decision | Refusal)
    assert isinstance(parse(text + ARTICLE), Decision | Refusal)
    assert time.process_time() - started < 2.0
