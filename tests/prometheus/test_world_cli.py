"""`pwm world`: list, check and show."""

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from prometheus.cli.world import app
from prometheus.errors import WorldError

GOOD = "name: mine\nlicence: CC0-1.0\nexpected: [it walks]\nagent: {at: [0, 0], goal: [5, 0]}\n"


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_list_tells_what_is_in_each_world():
    rows = json.loads(run("list", "--json").stdout)
    castle = next(row for row in rows if row["name"] == "castle")
    assert castle["entities"] == {"beast": 1, "man": 1}
    assert castle["licence"]
    assert castle["solids"]["wall"] == 4
    assert "castle" in run("list").stdout


def test_check_passes_a_good_world(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD)
    done = run("check", str(file))
    assert (done.exit_code, done.stdout.strip()) == (0, "mine: no findings")


@pytest.mark.parametrize(
    ("more", "finding"),
    [
        ("solids: [{kind: wall, name: w, start: [3, -900], end: [3, 900]}]", None),
        ("solids: [{kind: wall, name: w, start: [3, -90], end: [3, 90]}]", "goal of 'agent' cannot be reached"),
        ("entities: [{id: m, kind: man, at: [9, 9], behaviour: patrol}]", "'m' patrols without a `path`"),
        ("areas: {yard: [0, 0, 1, 1]}", "nobody starts in the area 'yard'"),
        ("kinds: {elk: {like: beast}}", "nobody is of the kind 'elk'"),
        ("solids: [{kind: wall, name: w, start: [9, 0], end: [9, 4], gaps: [{at: 9, width: 1}]}]", "beyond its end"),
        ("solids: [{kind: tower, name: w, at: [0, 0], radius: 9, height: 3}]", "starts inside a wall"),
    ],
)
def test_check_finds_what_is_wrong(tmp_path: Path, more: str, finding: str | None):
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD + more + "\n")
    done = run("check", str(file), "--json")
    if finding is None:
        assert isinstance(done.exception, WorldError)
        return
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert not found["ok"]
    assert any(finding in sentence for sentence in found["findings"])


def test_show_draws_a_small_picture_whole_or_not_at_all(tmp_path: Path):
    file = tmp_path / "picture.png"
    done = run("show", "arena", "--png", str(file), "--size", "420x200", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["png"] == str(file)
    with Image.open(file) as picture:
        assert picture.size == (420, 200)
        assert len(picture.convert("RGB").getcolors(100_000)) > 16
    assert file.stat().st_size < 150_000
    assert [p.name for p in tmp_path.iterdir()] == ["picture.png"]
