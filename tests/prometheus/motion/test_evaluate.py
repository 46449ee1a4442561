"""Sampling for the evaluation, its whole table, its pictures and `pwm motion eval`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from prometheus.cli import main
from prometheus.data import data_path
from prometheus.errors import MotionError, RenderError
from prometheus.motion.evaluate import ablation, evaluation, strip
from prometheus.motion.evaluate.bench import QUICK, Bench
from prometheus.motion.evaluate.evaluation import Order
from prometheus.motion.evaluate.generator import Generator
from prometheus.motion.evaluate.offline import Offline
from prometheus.motion.evaluate.path import displacement
from prometheus.motion.evaluate.wish import Push, Wish
from prometheus.motion.features import place
from prometheus.motion.pipeline import MotionPipeline
from tests.prometheus.motion.test_evaluate_corpus import write_corpus
from tests.prometheus.motion.test_evaluate_figures import statue


@pytest.fixture(scope="module")
def pipeline():
    torch.set_num_threads(1)
    return MotionPipeline.load(data_path("assets", "motion"))


def test_samples_are_what_a_stream_of_their_own_gives(pipeline):
    generator = Generator(pipeline)
    wishes = [Wish("a person walks forward", 1.0, 3), Wish("a person runs to the left", 1.5, 4)]
    for wish, motion in zip(wishes, generator.sample(wishes), strict=True):
        alone = place(pipeline(wish.text, seconds=wish.seconds, seed=wish.seed))
        np.testing.assert_allclose(motion.joints, alone.joints, atol=2e-3)
    assert generator.seconds == 2.5
    again = generator.sample([wishes[1], wishes[0], wishes[1]])
    assert again[0] is again[2]
    assert generator.seconds == 2.5


def test_a_pushed_sentence_changes_what_follows_it_only(pipeline):
    calm = Wish("a person stands still", 2.0, 5)
    told = replace(calm, then=(Push(0.95, "a person sprints to the right in panic", urgent=True),))
    before, after = Generator(pipeline).sample([calm, told])
    np.testing.assert_allclose(before.joints[:19], after.joints[:19], atol=2e-3)
    assert displacement(after)[0] < displacement(before)[0] - 0.5


def test_told_less_hides_slots_or_everything(pipeline):
    generator = Generator(pipeline)
    words, nothing = generator.told_less(words=True), generator.told_less(words=False)
    prompt = words.pipeline.encoder.prompt("a person walks to the left")
    assert prompt.slots.sum() == 0
    assert len(prompt.states) > 4
    assert len(nothing.pipeline.encoder.prompt("a person walks to the left").states) == 0
    left, right = nothing.sample([Wish("a person walks to the left", 1.0), Wish("a person sprints to the right", 1.0)])
    np.testing.assert_allclose(left.joints, right.joints, atol=2e-3)


@pytest.mark.parametrize("schedule", ["triangular", "one-shot", "random"])
def test_other_schedules_end_clean_and_move(pipeline, schedule):
    offline = Offline(pipeline, schedule, causal=schedule == "triangular")
    levels = offline._levels(20, 0)
    assert (levels[0] == 1).all()
    assert (levels[-1] == 0).all()
    assert (levels.diff(dim=0) <= 0).all()
    if schedule == "random":
        assert ((levels.diff(dim=1) < 0).any(1)).any()
    made = offline.sample([Wish("a person walks forward", 1.2, 1), Wish("a person walks forward", 1.2, 2)])
    assert np.isfinite(made[0].joints).all()
    assert np.abs(made[0].joints - made[1].joints).max() > 0.01


def test_offline_sampling_of_the_schedule_in_use_goes_where_the_stream_goes(pipeline):
    wish = Wish("a person runs to the left", 2.0, 1)
    assert displacement(Offline(pipeline).sample([wish])[0])[0] > 1.5
    with pytest.raises(MotionError, match="no schedule"):
        Offline(pipeline, "spiral")
    with pytest.raises(MotionError, match="stream"):
        Offline(pipeline).sample([replace(wish, then=(Push(1.0, "x"),))])


@pytest.mark.parametrize("sticks", [True, False])
def test_strips_show_the_body_or_sticks(tmp_path, monkeypatch, sticks):
    def refuse(*_: object, **__: object) -> None:
        raise RenderError("nothing draws here")

    if sticks:
        monkeypatch.setattr("prometheus.drawing.renderer.open_renderer", refuse)
    painter = strip.StripPainter()
    assert painter.how.startswith("sticks") or not sticks
    motion = statue((0, 1))
    motion.rotations[..., 3] = 1.0
    painter.paint(motion, "a person \N{PILE OF POO} glides", tmp_path / "one.png")
    painter.close()
    picture = np.asarray(Image.open(tmp_path / "one.png"))
    assert picture.shape == (strip.TILE[1] + 28, strip.TILE[0] * strip.MOMENTS, 3)
    assert picture[60:].std() > 5
    assert [p.name for p in tmp_path.iterdir()] == ["one.png"]


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (Order(weights=Path("nowhere"), quick=True), "no motion model in nowhere"),
        (Order(corpus=Path("nowhere"), quick=True), "nowhere is no corpus"),
        (Order(evaluator=Path("nowhere"), quick=True), "no evaluator in nowhere"),
    ],
)
def test_folders_that_do_not_fit_are_refused_before_anything_is_made(order, says):
    with pytest.raises(MotionError, match=says):
        evaluation.prepare(order)


def test_the_command_ends_in_one_sentence_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["pwm", "motion", "eval", "--quick", "--corpus", "nowhere", "--out", "out"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("pwm: nowhere is no corpus")
    assert not list(tmp_path.iterdir())


SMALL = replace(
    QUICK, seconds=1.0, words_paces=1, phrasings=2, captions=40, combinations=32, switches=2, reactions=1, endless=12.0,
    library=1.0, stored=1.0,
)  # fmt: skip


@pytest.mark.long
@pytest.mark.slow
def test_the_whole_table_with_a_corpus(tmp_path, monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(evaluation, "QUICK", SMALL)
    (tmp_path / "corpus").mkdir()
    table, bench = evaluation.evaluate(Order(corpus=write_corpus(tmp_path / "corpus"), quick=True))
    rows = {row.metric: row for row in table.rows}
    assert len(rows) == len(table.rows) > 50
    empty = [row.metric for row in table.rows if row.value is None and row.note is None]
    assert not empty
    found = rows["R-precision top 3 of 32"]
    assert found.ceiling is not None
    assert found.baseline is not None
    assert found.bar == pytest.approx(0.85 * found.ceiling)
    assert rows["R-precision top 3 of 32, unseen combinations"].value is not None
    assert rows["bone-length drift, worst bone of all gaits"].holds
    assert all(0 <= row.value <= 1 for row in table.rows if "accuracy" in row.metric)
    json.dumps(table.to_json(), allow_nan=False)
    assert isinstance(bench, Bench)


@pytest.mark.slow
def test_without_a_corpus_rows_are_filled_or_say_why(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(evaluation, "QUICK", SMALL)
    monkeypatch.setattr(ablation, "sources", lambda bench: {"nothing told": bench.model.told_less(words=False)})
    table, _ = evaluation.evaluate(Order(quick=True, ablations=True))
    for row in table.rows:
        assert row.value is not None or "--corpus" in (row.note or ""), row
    told = {row.metric: row for row in table.rows}
    lost = told["nothing told: direction accuracy"]
    assert lost.value < lost.baseline
