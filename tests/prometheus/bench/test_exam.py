"""An exam from end to end: the command line, its JSON, its report, and files that mean harm."""

from __future__ import annotations

import copy
import json
from html.parser import HTMLParser

import pytest

from prometheus.bench.answers import Answer
from prometheus.bench.case import read_cases
from prometheus.bench.exam import Sitting
from prometheus.bench.generate import SHIPPED_SEED
from prometheus.bench.report import page, write_report
from prometheus.bench.text import score, selfcheck
from prometheus.data import data_path
from prometheus.errors import BenchError
from tests.prometheus.inside import inside

SHIPPED = data_path("worlds", "wmbench", f"seed-{SHIPPED_SEED}.json")
HOSTILE = '</pre><script>alert(1)</script><img src=x onerror="alert(2)">"\' {{ 7*7 }} \ud800'


def bench(folder, *arguments):
    return inside("bench", *arguments, cwd=folder)


def test_an_exam_leaves_its_report_and_goes_on(tmp_path):
    asked = ("--track", "A", "--brain", "reflex", "--limit", 1, "--out", "exam", "--json")
    done = bench(tmp_path, *asked)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["label"] == "self-evaluated, rubric pwm-1"
    assert (found["rubric"], found["seed"], found["scenarios"], found["of"]) == ("pwm-1", SHIPPED_SEED, 8, 800)
    assert sum(found["pillars"].values()) == pytest.approx(found["total"], abs=0.05)
    assert set(found["categories"]) == {f"C0{number}" for number in range(1, 9)}
    assert {"text", "grounded", "score"} == set(found["categories"]["C01"])
    assert {"total", "grade", "pillars", "hardware", "fps", "latency_p95_ms"} <= set(found)
    kept = (tmp_path / "exam" / "answers.jsonl").read_text("utf-8")
    again = json.loads(bench(tmp_path, *asked).stdout)
    assert again["total"] == found["total"]
    assert (tmp_path / "exam" / "answers.jsonl").read_text("utf-8") == kept
    assert bench(tmp_path, *asked[:3], "scripted:x", *asked[4:]).returncode == 2
    answers = json.loads((tmp_path / "exam" / "my_submission.json").read_text("utf-8"))["answers"]
    assert len(answers) == len(kept.splitlines())
    compared = json.loads(bench(tmp_path, "compare", "exam", "exam", "--json").stdout)
    assert compared["pairs"][0]["difference"] == 0


def test_selfcheck_prints_the_references_and_nothing_else(tmp_path):
    found = json.loads(bench(tmp_path, "selfcheck", "--limit", 2, "--json").stdout)
    assert list(found) == ["constant-safe", "constant-panic", "random", "echo", "oracle"]


def test_given_answers_are_scored_with_every_point_explained(tmp_path):
    rows = [{"id": "C01_001.1", "text": HOSTILE}, {"id": "nobody", "text": "x"}, {"id": "C02_001.1", "text": 7}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
    done = bench(tmp_path, "score", "--answers", "a.jsonl", "--scenarios", SHIPPED, "--out", "x", "--json")
    assert json.loads(done.stdout)["total"] == 0
    marks = json.loads((tmp_path / "x" / "report.json").read_text("utf-8"))["marks"]
    assert len(marks) == 80
    assert all({"what", "points", "of", "expected", "found"} == set(mark) for row in marks for mark in row["marks"])


def spoilt(change) -> dict:
    """A file of one scenario with something changed in it."""
    whole = json.loads(SHIPPED.read_text("utf-8"))
    row = copy.deepcopy(whole["scenarios"][0])
    change(row)
    return {"seed": 1, "scenarios": [row]}


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.update(cat="C10"),
        lambda row: row.update(seed=-1),
        lambda row: row.update(id="../x"),
        lambda row: row.update(asks=[]),
        lambda row: row.update(asks=row["asks"] * 2),
        lambda row: row["asks"][0]["layout"].update(heading=float("nan")),
        lambda row: row["asks"][0]["layout"]["walls"].update(up=2.0),
        lambda row: row["asks"][0]["layout"]["walls"].update(left=1e9),
        lambda row: row["asks"][0]["truth"].update(fates={}),
        lambda row: row["asks"][0]["truth"].pop("level"),
        lambda row: row["asks"][0]["layout"].update(
            beings=[{"kind": "dragon", "behaviour": "stop", "distance": 3, "bearing": 0, "id": "a"}]
        ),
    ],
)
def test_a_scenario_that_is_none_is_refused_before_anybody_is_asked(tmp_path, change):
    (tmp_path / "s.json").write_text(json.dumps(spoilt(change)), encoding="utf-8")
    with pytest.raises(BenchError, match="scenario 1"):
        read_cases(tmp_path / "s.json")


def test_wrong_usage_is_a_sentence(tmp_path):
    (tmp_path / "s.json").write_text("[" * 100_000, encoding="utf-8")
    for arguments in (
        ("--seed", 3, "selfcheck"),
        ("check", "s.json"),
        ("check", "none.json"),
        ("score", "--answers", "s.json"),
        ("generate", "--seed", 1, "--out", "x.json", "--only", "C09"),
        ("generate", "--seed", 1, "--out", "none/x.json"),
        ("--only", "C77"),
        ("--seed", 1, "--scenarios", "s.json"),
        ("--scorer", "x.py"),
        ("compare", tmp_path),
        ("--track", "C", "--body", "s.json"),
    ):
        done = bench(tmp_path, *arguments)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), (arguments, done.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.json"]


def test_where_nothing_is_asked_the_measured_run_tells_the_latency():
    speed = {"latency_p50_s": 0.001, "latency_p95_s": 0.0025}
    sitting = Sitting("x", "C", 1, [], {}, score([], {}), sections={"measured": {"speed": speed}})
    found = sitting.to_json()
    assert (found["latency_p50_ms"], found["latency_p95_ms"]) == (1.0, 2.5)


class Page(HTMLParser):
    """What a browser would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.scripts = 0
        self.handlers: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def test_the_page_needs_nothing_else_and_runs_nobodys_words(tmp_path):
    _, cases = read_cases(SHIPPED)
    cases = cases[::10]
    asks = [asked for case in cases for asked in case.asks]
    text = HOSTILE.replace("\ud800", "")
    answers = {asked.id: Answer(asked.id, text, f"brain {text}", 0.1, 3, 0.0, 0.5) for asked in asks}
    marks = score(cases, {name: answer.text for name, answer in answers.items()})
    brain = "random $\\frac{" + text
    sitting = Sitting(brain, "A", 1, cases, answers, marks, references=selfcheck(cases, 1))
    write_report(sitting, tmp_path)
    html = (tmp_path / "report.html").read_text("utf-8")
    seen = Page()
    seen.feed(html)
    assert seen.scripts == 1
    assert seen.handlers == []
    assert all(load.startswith(("#", "data:")) for load in seen.loads)
    assert page(sitting, json.loads((tmp_path / "report.json").read_text("utf-8"))) == html
