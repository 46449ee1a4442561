"""Relations that hold for every answer: whoever makes it worse earns no more, and nonsense is scored like any other."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prometheus.bench.case import Case, read_cases
from prometheus.bench.categories import CATEGORIES
from prometheus.bench.draw import Draw
from prometheus.bench.generate import SHIPPED_SEED
from prometheus.bench.layout import SIDES
from prometheus.bench.lexicon import FEELING, MANNERS, PARTS, RESPONSES
from prometheus.bench.nulls import oracle
from prometheus.bench.reading import read
from prometheus.data import data_path

calm = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def shipped() -> dict[str, list[Case]]:
    _, cases = read_cases(data_path("worlds", "wmbench", f"seed-{SHIPPED_SEED}.json"))
    return {name: [case for case in cases if case.category == name] for name in CATEGORIES}


def points(case: Case, texts: list[str]) -> float:
    return CATEGORIES[case.category].score(case, [read(text) for text in texts]).score


WORDS = sorted({*FEELING, *MANNERS, *PARTS, *(verb for verbs in RESPONSES.values() for verb in verbs)})
FRAGMENTS = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60).map(lambda data: data.decode("latin-1")),
    st.sampled_from(
        ["PREDICT:", "MOTION:", "\n", "npc=", "forward=danger(", "left=safe", ",", ")", "3.2m", "-1e999m", "beast",
         "prev", "a person ", "runs ", "{", '"predict"', "예측: 위험", "危険", "\u202e", "\x00", "```json",
         "danger(wall,NaNm)"]
    ),
)  # fmt: skip


@pytest.mark.parametrize("category", CATEGORIES)
@calm
@given(pieces=st.lists(FRAGMENTS, max_size=12), which=st.integers(0, 9))
def test_whatever_is_said_is_scored(category, pieces, which):
    case = shipped()[category][which]
    assert 0.0 <= points(case, ["".join(pieces)] * len(case.asks)) <= 100.0


@pytest.mark.parametrize("category", ["C04", "C05", "C07", "C08"])
@calm
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=40), which=st.integers(0, 9), twice=st.booleans())
def test_the_rubrics_words_repeated_earn_nothing(category, words, which, twice):
    case = shipped()[category][which]
    heap = " ".join(words if twice else dict.fromkeys(words)) + " " + " ".join(words[:1] * 3)
    assert points(case, [f"PREDICT: forward=safe\nMOTION: {heap}"] * len(case.asks)) == 0.0


def worsened(case: Case, texts: list[str], side: str, fact: str) -> list[str]:
    """The answers with one more fact of the first of them turned into its opposite."""
    head, _, motion = texts[0].partition("\nMOTION:")
    entries = dict(entry.split("=", 1) for entry in head.removeprefix("PREDICT: ").split(", "))
    oracles = oracle(case, case.asks[0]).split("\n")[0].removeprefix("PREDICT: ").split(", ")
    right = dict(entry.split("=", 1) for entry in oracles)
    if fact == "status":
        entries[side] = "danger(wall,1.0m)" if right[side] == "safe" else "safe"
    elif fact == "reason" and entries[side].startswith("danger"):
        entries[side] = "danger(fog)"
    elif fact == "npc" and "npc" in entries:
        entries["npc"] = entries["npc"].replace("beast", "cow").replace("woman", "cow").replace("man", "cow")
    elif fact == "distance" and "npc" in entries:
        entries["npc"] = ",".join("99.0m" if part.endswith("m") and part[0].isdigit() else part
                                  for part in entries["npc"].split(","))  # fmt: skip
    elif fact == "silence":
        entries.pop(side, None)
    elif fact == "motion":
        motion = " a person stands not anywhere"
    joined = ", ".join(f"{key}={value}" for key, value in entries.items())
    return [f"PREDICT: {joined}\nMOTION:{motion}", *texts[1:]]


@pytest.mark.parametrize("category", ["C01", "C02", "C03", "C06"])
@calm
@given(
    which=st.integers(0, 9),
    steps=st.lists(
        st.tuples(st.sampled_from(SIDES), st.sampled_from(["status", "reason", "npc", "distance", "motion"])),
        max_size=6,
    ),
    silent=st.sampled_from(SIDES),
)
def test_one_more_wrong_fact_never_earns_more(category, which, steps, silent):
    case = shipped()[category][which]
    texts = [oracle(case, asked) for asked in case.asks]
    before = points(case, texts)
    assert before == pytest.approx(100.0)
    for side, fact in [*steps, (silent, "silence")]:
        texts = worsened(case, texts, side, fact)
        after = points(case, texts)
        assert after <= before + 1e-9, (side, fact, texts)
        before = after


@pytest.mark.parametrize("category", ["C04", "C05", "C07", "C08"])
@calm
@given(which=st.integers(0, 9), number=st.integers(0, 11), silent=st.booleans())
def test_one_wrong_answer_of_a_row_costs_points(category, which, number, silent):
    """A right row of answers with one that is silent, or says a feeling that is far off."""
    case = shipped()[category][which]
    right = [oracle(case, asked) for asked in case.asks]
    number %= len(right)
    calm_one = read(right[number]).level in (0, 1)
    deed = "sprints forward in blind panic, arms thrown wide" if calm_one else "walks forward calmly, arms loose"
    texts = [*right[:number], "" if silent else f"PREDICT: npc=safe\nMOTION: a person {deed}", *right[number + 1 :]]
    assert points(case, texts) < points(case, right)


@pytest.mark.slow
@pytest.mark.parametrize("category", CATEGORIES)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**31 - 1), number=st.integers(0, 9))
def test_the_oracle_is_right_for_any_seed(category, seed, number):
    case = CATEGORIES[category].make("x", number, Draw(seed))
    assert points(case, [oracle(case, asked) for asked in case.asks]) >= 95.0
    assert points(case, ["" for _ in case.asks]) == 0.0
