"""What the evaluation does with a corpus: reading it, retrieval, novelty, and training the evaluator."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from hephaestus.motion import Motion
from prometheus.data import data_path
from prometheus.errors import MotionError
from prometheus.intent import DIRECTIONS
from prometheus.motion.evaluate import combination, novelty
from prometheus.motion.evaluate.evaluator import Evaluator
from prometheus.motion.evaluate.fit import Fit, Plan
from prometheus.motion.evaluate.library import Library
from prometheus.motion.evaluate.path import displacement
from prometheus.motion.evaluate.reference import Reference
from prometheus.motion.evaluate.wish import Push, Wish
from prometheus.motion.text import TextEncoder
from tests.prometheus.motion.test_evaluate_figures import statue

VERBS = {"walks": 1.0, "runs": 2.5, "sprints": 4.5}


def write_corpus(folder):
    """Statues that glide into eight directions at three paces, stop, and wave one hand each at another height."""
    joints, rows = [], []
    for split in ("train", "val"):
        for name, bearing in DIRECTIONS.items():
            for verb, speed in VERBS.items():
                moving = statue((speed * np.sin(bearing), speed * np.cos(bearing)), 50).joints
                still = np.repeat(moving[-1:], 40, 0)
                clip = np.concatenate([moving, still])
                clip[:, 20, 1] += 0.02 * len(rows)
                where = (
                    name.replace("-", " and to the ") if "-" in name else f"to the {name}" if name[0] in "lr" else name
                )
                spans = [{"start": 0, "end": 50, "texts": [f"a person {verb} {where}", f"someone {verb} {where}"]},
                         {"start": 50, "end": 90, "texts": [f"a person stands still, number {len(rows)}"]}]  # fmt: skip
                rows.append({"id": f"{split}-{name}-{verb}", "start": 90 * len(rows), "length": 90, "origin": "mocap",
                             "source": "s", "kind": "walk", "split": split, "weight": 1.0, "spans": spans})  # fmt: skip
                joints.append(clip)
    np.savez(folder / "corpus.npz", joints=np.concatenate(joints), contacts=np.ones((90 * len(rows), 4), np.float32))
    (folder / "clips.json").write_text(json.dumps(rows))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def reference(folder):
    return Reference(folder)


@pytest.fixture(scope="module")
def encoder():
    torch.set_num_threads(1)
    return TextEncoder()


def test_captions_kept_aside_are_the_same_every_time_and_never_twice(reference, folder):
    pieces = reference.captions(40)
    texts = [piece.wish.text for piece in pieces]
    assert len(set(texts)) == len(texts) == 40
    assert texts == [piece.wish.text for piece in Reference(folder).captions(40)]
    assert all(reference.clips[piece.stretch.clip]["split"] == "val" for piece in pieces)
    moved = next(p for p in pieces if "runs to the left" in p.wish.text)
    np.testing.assert_allclose(displacement(reference.motion(moved)), [2.5 * 2.45, 0], atol=1e-2)
    assert reference.captions(40, origin="physics") == []


def test_transitions_and_gaits_are_found(reference):
    edges = reference.edges(100)
    assert len(edges) == 24
    assert all("stands" in edge.texts[1] and "stands" not in edge.texts[0] for edge in edges)
    assert {window.shape for window in reference.windows(5)} == {(30, 22, 3)}
    assert len(reference.gait("walk")) == 8
    assert len(reference.standing()) == 24


@pytest.mark.parametrize("damage", ["no json", "no array", "other length", "not a list", "lacks keys"])
def test_a_broken_corpus_is_refused(folder, tmp_path, damage):
    rows = json.loads((folder / "clips.json").read_text())
    (tmp_path / "corpus.npz").write_bytes((folder / "corpus.npz").read_bytes())
    if damage == "no array":
        (tmp_path / "corpus.npz").write_bytes(b"PK broken")
    if damage == "other length":
        rows[-1]["length"] = 10_000
    if damage == "lacks keys":
        del rows[3]["split"]
    if damage != "no json":
        (tmp_path / "clips.json").write_text(json.dumps({"rows": rows} if damage == "not a list" else rows))
    with pytest.raises(MotionError, match="corpus"):
        Reference(tmp_path)


def test_retrieval_plays_the_nearest_caption_and_goes_over_into_the_next(reference, encoder):
    library = Library(reference, encoder)
    wishes = [Wish("the person runs to the left", 4.0), Wish("the person runs to the right", 4.0),
              Wish("a person walks forward", 4.0, then=(Push(2.0, "a person walks backward"),))]  # fmt: skip
    left, right, turns = library.sample(wishes)
    assert len(left) == len(turns) == 80
    assert displacement(left)[0] > 5.0
    assert displacement(right)[0] < -5.0
    ahead = turns.joints[:, 0, 2]
    assert ahead.argmax() == pytest.approx(45, abs=8)
    assert ahead[-1] < ahead.max() - 1.0
    assert np.linalg.norm(np.diff(turns.joints[:, 0], axis=0), axis=-1).max() * 20 < 1.2


def test_a_copy_is_found_and_a_stranger_is_not(reference):
    clip = reference.clips[5]
    copy = reference.joints[clip["start"] + 7 : clip["start"] + 47]
    stranger = copy.copy()
    stranger[:, [4, 5, 7, 8], 1] += 0.3
    apart = novelty.nearest([copy, stranger], reference)
    assert apart[0] < 1e-3
    assert apart[1] > 0.05


def test_unseen_combinations_are_in_no_caption(reference):
    texts = combination.unseen(reference, 64)
    assert len(set(texts)) == 64
    assert any("arms" in text for text in texts)
    assert not set(texts) & {text for s in reference.stretches("train") for text in s.texts}


def test_training_learns_resumes_and_saves_what_loads(reference, tmp_path):
    torch.set_num_threads(1)
    plan = Plan(steps=8, batch=24, warmup=3)
    half = Fit(Plan(steps=4, batch=24, warmup=3), reference, tmp_path)
    half.run()
    fit = Fit(plan, reference, tmp_path)
    assert fit.step == 4
    found = fit.run()
    assert fit.step == 8
    assert found["top3"] > 3 * 3 / 32
    loaded = Evaluator.load(tmp_path / "evaluator")
    motions = [reference.motion(piece) for piece in reference.captions(8)]
    together = loaded.see(motions)
    np.testing.assert_allclose(together, np.concatenate([loaded.see([m]) for m in motions]), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-4)
    fit.model.eval()
    np.testing.assert_allclose(together, fit.model.see(motions), atol=0.02)
    with pytest.raises(MotionError, match="stretches"):
        Fit(Plan(batch=1000), reference, tmp_path)


def test_a_broken_evaluator_is_refused_by_name(tmp_path):
    with pytest.raises(MotionError, match="no evaluator in"):
        Evaluator.load(tmp_path)
    for file in data_path("assets", "motion", "evaluator").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:3000])
    with pytest.raises(MotionError, match=str(tmp_path)):
        Evaluator.load(tmp_path)


def test_the_shipped_evaluator_tells_left_from_right_and_fast_from_slow(encoder):
    judge = Evaluator.load(data_path("assets", "motion", "evaluator"))
    texts = judge.read(["a person walks to the left", "a person walks to the right", "a person stands still"], encoder)
    motions = judge.see([statue((1.2, 0)), statue((-1.2, 0)), statue()])
    assert isinstance(statue(), Motion)
    assert (texts @ motions.T).argmax(1).tolist() == [0, 1, 2]
