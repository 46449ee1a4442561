"""Episodes from files that nobody vouches for: what is read, what is refused and how."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prometheus.episode import SCHEMA_FILE, EpisodeError, read_episode, read_rows
from prometheus.schema import load_checks
from tests.prometheus.inside import inside, refused
from tests.prometheus.sample_episode import rows, write


def file_of(folder: Path) -> Path:
    return folder / "episode.jsonl"


def test_what_was_written_is_read_back(tmp_path):
    episode = read_episode(write(tmp_path, rows(agents=("agent", "second"))))
    assert (len(episode.frames), len(episode.decisions), len(episode.outcomes)) == (45, 4, 2)
    assert episode.agents == ["agent", "second"]
    assert [row["frame"] for row in episode.of(episode.decisions, "second")] == [1, 11]
    assert episode.joints().shape == episode.joints("second").shape == (45, 22, 3)
    assert episode.joints()[0, 0, 1] == pytest.approx(0.0011)
    assert episode.contacts()[0].tolist() == pytest.approx([1.0, 0.0, 0.5, 0.07])
    asked = ("You are the mind of one body.", '{"scenario_id": "castle"}')
    assert episode.thought(episode.decisions[0]).prompt == asked
    assert episode.end is not None
    assert episode.torn is None
    with pytest.raises(EpisodeError, match="holds no motion of 'third'"):
        episode.joints("third")


def test_text_may_hold_every_kind_of_line_break(tmp_path):
    lines = rows()
    lines[1]["system"] = "one\u2028two\u0085three\x0bfour"
    assert read_episode(write(tmp_path, lines)).prompts["p1"] == "one\u2028two\u0085three\x0bfour"


@pytest.mark.parametrize("cut", [1, 200, 5000])
def test_a_torn_last_line_is_left_out_and_said(tmp_path, cut):
    whole = file_of(write(tmp_path)).read_bytes()
    lines = whole.count(b"\n")
    torn = whole[: whole.rindex(b"\n", 0, len(whole) - 1) - cut]
    file_of(tmp_path).write_bytes(torn)
    episode = read_episode(tmp_path)
    assert episode.end is None
    assert episode.torn == torn.count(b"\n") + 1 <= lines
    done = inside("episode", "summary", tmp_path, "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert "is torn and left out" in done.stderr
    assert json.loads(done.stdout)["torn"] == episode.torn
    checked = inside("episode", "check", tmp_path, cwd=tmp_path)
    assert checked.returncode == 1
    assert "everything before it can be read" in checked.stdout


def test_schema_1_is_still_read(tmp_path):
    lines = [row for row in rows() if row["type"] not in ("prompt", "outcome")]
    lines[0] = {key: lines[0][key] for key in ("type", "world", "seed", "brain", "body")} | {"schema": 1}
    for row in lines:
        row.pop("prompt", None)
        row.pop("motion", None)
    episode = read_episode(write(tmp_path, lines))
    assert episode.decisions[0]["motion"]["text"] == "a person walks to the left"
    assert episode.agents == ["agent"]


def mangle(path: Path, kind: str) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    row = json.loads(lines[3])
    if kind == "missing":
        path.unlink()
        return
    if kind == "folder":
        path.unlink()
        path.mkdir()
        return
    lines[3] = {
        "nan": lines[3].replace(b'"heading": 0.1', b'"heading": NaN'),
        "infinite": lines[3].replace(b'"heading": 0.1', b'"heading": 1e999'),
        "huge line": b'{"type":"frame","x":"' + b"y" * (5 << 20) + b'"}\n',
        "deep": b'{"type":"frame","x":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n",
        "not utf-8": b"\xff\xfe{}\n",
        "not an object": b"[1, 2]\n",
        "no type": b"{}\n",
        "strange type": b'{"type": "confession"}\n',
        "second header": lines[0],
        "text for number": json.dumps(row | {"frame": "three"}).encode() + b"\n",
        "yes for number": json.dumps(row | {"frame": True}).encode() + b"\n",
        "huge number": json.dumps(row | {"frame": 10**400}).encode() + b"\n",
        "few joints": json.dumps(row | {"joints_0.1mm": [1, 2]}).encode() + b"\n",
        "other": b'{"type":"frame"}\n',
    }[kind if kind not in ("version", "no header", "empty", "torn header") else "other"]
    if kind == "version":
        lines[0] = lines[0].replace(b'"schema": 2', b'"schema": 3')
    if kind == "no header":
        del lines[0]
    data = b"".join(lines)
    path.write_bytes({"empty": b"", "torn header": data[:20]}.get(kind, data))


KINDS = {
    "missing": "there is no such file", "folder": "it is not a file", "nan": "holds NaN",
    "infinite": "breaks the schema",
    "huge line": "is over 4 MB", "deep": "line 4, is not JSON", "not utf-8": "not UTF-8", "not an object": "line 4",
    "no type": "does not belong", "strange type": "does not belong", "second header": "does not belong",
    "text for number": "should be a whole number", "yes for number": "should be a whole number",
    "huge number": "line 4", "few joints": "has 2 items", "version": "has schema 3", "no header": "is no episode",
    "empty": "it is empty", "torn header": "not JSON",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_files_are_refused_in_one_sentence(tmp_path, kind):
    mangle(file_of(write(tmp_path)), kind)
    with pytest.raises(EpisodeError, match=KINDS[kind]) as said:
        read_episode(tmp_path)
    assert "\n" not in str(said.value)
    assert len(str(said.value)) < 400


@pytest.mark.parametrize("kind", ["nan", "missing"])
def test_every_verb_refuses_them_with_code_2(tmp_path, kind):
    mangle(file_of(write(tmp_path)), kind)
    out = ("--out", tmp_path / "out")
    for verb in (("check",), ("summary", "--json"), ("why", "--at", "1"), ("export", *out), ("diff", tmp_path)):
        refused(inside("episode", verb[0], tmp_path, *verb[1:], cwd=tmp_path), KINDS[kind])
    refused(inside("replay", tmp_path, *out, cwd=tmp_path), KINDS[kind])
    assert not (tmp_path / "out").exists()


def test_only_one_line_is_held_at_a_time(tmp_path):
    write(tmp_path)
    reader = read_rows(tmp_path)
    assert next(reader)["type"] == "episode"
    with file_of(tmp_path).open("ab") as file:
        file.write(b'{"type": "nonsense"}\n')
    with pytest.raises(EpisodeError, match="nonsense"):
        list(reader)


def mutants(value: Any, rng: np.random.Generator) -> Any:
    """A copy with one thing changed somewhere inside."""
    value = copy.deepcopy(value)
    spots: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            spots.append((node, key))
            if isinstance(node[key], dict | list):
                collect(node[key])

    collect(value)
    node, key = spots[int(rng.integers(len(spots)))]
    if rng.random() < 0.3:
        del node[key]
    else:
        news: list[Any] = [None, -1, 3, 1e12 + 0.5, "text", "", [], {}, True, [1], {"a": 1}]
        node[key] = news[int(rng.integers(len(news)))]
    return value


def test_the_schema_means_the_same_to_another_validator():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    checks = load_checks(SCHEMA_FILE)
    whole = jsonschema.Draft202012Validator(schema)
    theirs = {
        kind: jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}) for kind in checks
    }
    rng = np.random.default_rng(3)
    picked = {row["type"]: row for row in rows(agents=("agent", "second"))}
    refusals = 0
    for kind, row in picked.items():
        assert checks[kind](row) is None
        assert whole.is_valid(row)
        for _ in range(60):
            mutant = mutants(row, rng)
            wrong = checks[kind](mutant)
            assert (wrong is None) == theirs[kind].is_valid(mutant), (mutant, wrong)
            refusals += wrong is not None
    assert 100 < refusals < 360


def test_what_a_schema_may_not_use_is_said(tmp_path):
    path = tmp_path / "s.json"
    path.write_text('{"$defs": {"a": {"type": "object", "patternProperties": {}}}}')
    with pytest.raises(ValueError, match="patternProperties"):
        load_checks(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda r: r["actors"].pop(), "has other actors than the first"),
        (lambda r: r["actors"][1].pop("phase"), "says nothing of how 'beast' walks"),
    ],
)
def test_what_cannot_be_drawn_is_said_before(tmp_path, change, says):
    lines = rows()
    change(next(row for row in lines if row["type"] == "frame" and row["frame"] == 3))
    write(tmp_path, lines)
    refused(inside("replay", tmp_path, "--video", tmp_path / "film.mp4", cwd=tmp_path), says)
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize("scene", [{"walls": "none"}, {"npc_type": "beast", "npc_distance": "near"}, {"others": [3]}])
def test_a_scene_that_is_none_is_refused(tmp_path, scene):
    lines = rows()
    lines[2]["scene"] = lines[2]["scene"] | scene
    with pytest.raises(EpisodeError, match=r"breaks the schema: decision\.scene"):
        read_episode(write(tmp_path, lines))


def test_a_world_in_an_episode_is_checked_like_any_other(tmp_path):
    from prometheus.replay import recorded_scenario

    lines = rows()
    lines[0]["scenario"] = {"name": "x", "agent": {"at": [0, "far"]}}
    with pytest.raises(EpisodeError, match="world is none that this version knows"):
        recorded_scenario(read_episode(write(tmp_path, lines)))


@pytest.mark.parametrize(
    ("key", "value"), [("seconds", 1e5), ("threads", 4096), ("guidance", "much"), ("mode", "fast")]
)
def test_settings_in_an_episode_are_checked_like_any_other(tmp_path, key, value):
    from prometheus.config import load_config
    from prometheus.replay import recorded_config

    lines = rows()
    lines[0][key] = value
    with pytest.raises(EpisodeError, match="first line cannot be replayed"):
        recorded_config(read_episode(write(tmp_path, lines)), load_config())
