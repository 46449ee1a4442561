"""The text score: nulls and oracle, metamorphic relations, hostile answers, totals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aether.brains.reflex import Reflex
from prometheus.bench.case import Case, read_cases
from prometheus.bench.categories import CATEGORIES
from prometheus.bench.draw import look
from prometheus.bench.generate import SHIPPED_SEED
from prometheus.bench.nulls import oracle
from prometheus.bench.reading import read
from prometheus.bench.text import score, selfcheck
from prometheus.bench.total import grade, pillars, pillars_of, text1000
from prometheus.bench.truth import Fate
from prometheus.data import data_path


@pytest.fixture(scope="module")
def shipped() -> list[Case]:
    seed, cases = read_cases(data_path("worlds", "wmbench", f"seed-{SHIPPED_SEED}.json"))
    assert seed == SHIPPED_SEED
    return cases


def best(cases: list[Case]) -> dict[str, str]:
    return {asked.id: oracle(case, asked) for case in cases for asked in case.asks}


def test_the_shipped_set_has_ten_of_each_category(shipped):
    assert [case.category for case in shipped] == [name for name in CATEGORIES for _ in range(10)]
    assert len({asked.id for case in shipped for asked in case.asks}) == sum(len(case.asks) for case in shipped)


def test_who_understands_nothing_fails_and_who_knows_the_truth_passes(shipped):
    found = selfcheck(shipped, SHIPPED_SEED)
    assert list(found) == ["constant-safe", "constant-panic", "random", "echo", "oracle"]
    assert max(total for name, total in found.items() if name != "oracle") <= 450
    assert found["oracle"] >= 950


def test_the_reflex_is_good_in_every_category(shipped):
    reflex = Reflex()
    answers = {asked.id: str(reflex.decide(asked.scene)) for case in shipped for asked in case.asks}
    found = score(shipped, answers)
    assert found.text1000 >= 900
    assert min(found.categories.values()) >= 80


_SWAP = {"left": "right", "right": "left"}


def mirrored_text(text: str) -> str:
    import re

    return re.sub(r"left|right", lambda found: _SWAP[found[0]], text)


def mirrored(case: Case) -> Case:
    asks = []
    for asked in case.asks:
        layout = asked.layout.mirrored()
        fates = {mirrored_text(way): fate for way, fate in asked.fates.items()}
        facts = dict(asked.facts)
        for key in ("failed", "free"):
            if key in facts:
                facts[key] = [mirrored_text(side) for side in facts[key]]
        if facts.get("npc"):
            facts["npc"] = facts["npc"] | {"sector": -facts["npc"]["sector"] % 8}
        if "goal" in facts:
            facts["goal"] = -facts["goal"]
        asks.append(replace(asked, layout=layout, scene=look(asked.id, layout, case.seed), fates=fates, facts=facts))
    return replace(case, asks=tuple(asks))


@pytest.mark.parametrize("category", CATEGORIES)
def test_left_and_right_are_worth_the_same(category, shipped):
    cases = [case for case in shipped if case.category == category][:2]
    reflex = Reflex()
    answers = {asked.id: str(reflex.decide(asked.scene)) for case in cases for asked in case.asks}
    other = {name: mirrored_text(text) for name, text in answers.items()}
    straight = score(cases, answers).categories
    assert score([mirrored(case) for case in cases], other).categories == pytest.approx(straight)


def test_a_name_is_worth_nothing(shipped):
    def renamed(case: Case) -> Case:
        asks = [
            replace(
                asked,
                layout=replace(asked.layout, beings=tuple(replace(b, id="zed") for b in asked.layout.beings)),
                scene=replace(asked.scene, entities=tuple(replace(e, id="zed") for e in asked.scene.entities)),
            )
            for asked in case.asks
        ]
        return replace(case, asks=tuple(asks))

    reflex = Reflex()
    for cases in (shipped, [renamed(case) for case in shipped]):
        answers = {asked.id: str(reflex.decide(asked.scene)) for case in cases for asked in case.asks}
        found = score(cases, answers).categories
        assert found == score(shipped, answers).categories


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_worse_answer_is_never_worth_more(category, shipped):
    """Truths turned into untruths one at a time: no score may rise."""
    worse = (
        ("=safe", "=danger(wall,1.0m)"),
        ("=danger", "=safe"),
        ("beast", "woman"),
        ("charging", "stopped"),
        ("front", "back"),
        (",prev", ",2.0m"),
        ("MOTION: a person", "MOTION: a person not ever"),
        ("MOTION:", "NOTHING:"),
    )
    cases = [case for case in shipped if case.category == category][:3]
    for case in cases:
        right = [oracle(case, asked) for asked in case.asks]
        most = CATEGORIES[category].score(case, [read(text) for text in right]).score
        for old, new in worse:
            texts = [text.replace(old, new) for text in right]
            assert CATEGORIES[category].score(case, [read(text) for text in texts]).score <= most + 1e-9


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\x00\xff" * 50, "a" * 1_000_000, "危険だ。逃げろ", "PREDICT:", "MOTION: a person", "{}" * 500,
        "PREDICT: forward=danger(" * 300, "PREDICT: npc=danger(,,,,)\nMOTION: \u202e ...",
    ],
)  # fmt: skip
def test_any_text_is_scored(text, shipped):
    found = score(shipped[::7], {asked.id: text for case in shipped[::7] for asked in case.asks})
    assert all(0.0 <= value <= 100.0 for value in found.categories.values())


def test_the_rubrics_own_words_in_a_heap_earn_nothing(shipped):
    from prometheus.bench.lexicon import FEELING, MANNERS, PARTS

    heaps = [
        " ".join(sorted(FEELING)[:20]),
        " ".join([*sorted(PARTS)[:8], *sorted(MANNERS)[:8], "panic"]),
        "panic panic panic arms legs hard wide",
        "a person runs walks greets flees calm afraid panic alert curious arms legs head hard softly",
    ]
    cases = [case for case in shipped if case.category in ("C04", "C05", "C07", "C08")]
    for heap in heaps:
        answers = {asked.id: f"PREDICT: forward=safe\nMOTION: {heap}" for case in cases for asked in case.asks}
        assert max(score(cases, answers).categories.values()) == 0.0


def test_missing_answers_are_worth_nothing(shipped):
    found = score(shipped, {})
    assert set(found.categories.values()) == {0.0}


def test_totals_follow_the_formula():
    baseline = dict(zip([f"C{i:02d}" for i in range(1, 11)], (65, 75, 85, 90, 85, 60, 70, 80, 85, 35), strict=True))
    assert pillars(baseline) == pytest.approx({"P1": 175.0, "P2": 351.0, "P3": 200.0})
    assert text1000(baseline) == pytest.approx(175 + 351 + 240)
    text = {name: score for name, score in baseline.items() if name <= "C08"}
    assert pillars_of("A", text) == pytest.approx({"P1": 175.0, "P2": 351.0, "P3": 80.0})
    assert pillars_of("C", baseline) == pytest.approx(pillars(baseline))


@pytest.mark.parametrize(
    ("total", "name"),
    [
        (1000, "S"),
        (900, "S"),
        (899.99, "A"),
        (750, "A"),
        (749.9, "B"),
        (600, "B"),
        (400, "C"),
        (200, "D"),
        (199.9, "F"),
    ],
)
def test_grades_at_their_borders(total, name):
    assert grade(total) == name


def test_risk_puts_danger_first_and_the_sooner_the_worse():
    soon, late = Fate(True, "wall", 0.5, 1.0, 8.0), Fate(True, "wall", 1.5, 1.0, 8.0)
    near, far = Fate(False, None, None, None, 1.0), Fate(False, None, None, None, 5.0)
    assert sorted((soon, late, near, far), key=Fate.risk) == [far, near, late, soon]


def test_files_keep_every_scenario(tmp_path, shipped):
    from prometheus.bench.case import write_cases

    write_cases(shipped, 7, tmp_path / "x.json")
    assert read_cases(tmp_path / "x.json") == (7, shipped)
    assert best(shipped)
