"""The public dataset's files and its scorer, on small files of the same shape."""

from __future__ import annotations

import json

import pytest

from prometheus.bench.official import agreement, read_dataset, run_scorer
from prometheus.errors import BenchError

ROW = {
    "id": "S01",
    "cat": "C01",
    "pillar": "P1",
    "name_kr": "벽",
    "type": "single",
    "input": {
        "walls": {"left": 2.0, "right": None, "front": 30.0},
        "ground": "flat",
        "npc_nearby": False,
        "npc_type": None,
        "npc_behavior": None,
        "npc_distance": None,
        "sound": None,
        "recent_decisions": [],
    },
    "rubric_we_have_not_seen": {"x": [1, 2]},
}
WHOLE = {"benchmark": "WM Bench", "version": "1.0", "total_scenarios": 1, "max_score": 1000, "scenarios": [ROW]}
RIGHT = "PREDICT: left=danger(wall), right=safe(open), fwd=danger(wall), back=safe\nMOTION: a person walks to the right"


def put(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_object_and_its_twin_are_read_alike(tmp_path):
    whole = read_dataset(put(tmp_path, "a.json", json.dumps(WHOLE)))
    twin = read_dataset(put(tmp_path, "a.jsonl", json.dumps(ROW) + "\n" + json.dumps(ROW | {"id": "S02"}) + "\n"))
    assert [record.id for record in (*whole, *twin)] == ["S01", "S01", "S02"]
    assert whole[0].whole["rubric_we_have_not_seen"] == {"x": [1, 2]}
    assert whole[0].scene.dialect == "dataset"
    assert whole[0].scene.walls["forward"] == 30.0


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"scenarios": 4}', '{"scenarios": [4]}', '{"scenarios": [{"id": "S"}]}', "[" * 5000,
             json.dumps([ROW, ROW]), json.dumps({"scenarios": [ROW | {"input": {"walls": 7}}]})]
)  # fmt: skip
def test_another_file_is_refused_in_a_sentence(tmp_path, text):
    with pytest.raises(BenchError, match="give the published file"):
        read_dataset(put(tmp_path, "a.json", text))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BenchError, match="cannot read"):
        read_dataset(tmp_path / "none.json")


def test_the_published_rule_is_the_truth(tmp_path):
    (record,) = read_dataset(put(tmp_path, "a.json", json.dumps(WHOLE)))
    assert agreement(record, RIGHT) == {"right": 1.0, "wrong": [], "sound": True, "words": 6}
    worse = agreement(record, RIGHT.replace("fwd=danger(wall)", "fwd=safe").replace("to the right", "to the left"))
    assert worse["right"] == pytest.approx(2 / 3)
    assert not worse["sound"]
    assert agreement(record, "")["right"] == 0.0


def test_the_scorer_is_called_in_its_own_process(tmp_path):
    data, answers = put(tmp_path, "d.json", json.dumps(WHOLE)), put(tmp_path, "s.json", json.dumps({"answers": [1, 2]}))
    script = "import sys, json\nprint(json.dumps({'total': len(json.load(open(sys.argv[1]))['answers'])}))"
    assert run_scorer(put(tmp_path, "a.py", script), answers, data) == {"result": {"total": 2}}
    function = "def evaluate(submission, dataset):\n return {'n': dataset['total_scenarios']}"
    assert run_scorer(put(tmp_path, "b.py", function), answers, data) == {"result": {"n": 1}}
    assert run_scorer(put(tmp_path, "c.py", "print('720 of 1000')"), answers, data) == {"result": "720 of 1000"}


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("raise ValueError('no such key')", "no such key"),
        ("import os; os._exit(3)", "ended with 3"),
        ("x = bytearray(6 * 1024 ** 3)", "ended with"),
        ("import time; time.sleep(60)", "took over"),
    ],
)
def test_a_scorer_that_fails_costs_a_sentence(tmp_path, script, why):
    data = put(tmp_path, "d.json", json.dumps(WHOLE))
    with pytest.raises(BenchError, match=why):
        run_scorer(put(tmp_path, "a.py", script), data, data, seconds=1.5 if "sleep" in script else 20.0)


def test_no_scorer_is_a_sentence(tmp_path):
    with pytest.raises(BenchError, match="no scorer"):
        run_scorer(tmp_path / "none.py", tmp_path, tmp_path)
