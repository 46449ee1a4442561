"""Scripts from a file or the command line: what is right is read, what is hostile is refused by its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prometheus.errors import MotionError
from prometheus.motion import prompts
from prometheus.motion.prompts import Script, check_seconds, make_prompt, read_prompts


def write(tmp_path, *lines: str | dict) -> str:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (tmp_path / "prompts.jsonl").write_text(text, encoding="utf-8", errors="surrogatepass")
    return tmp_path / "prompts.jsonl"


def test_lines_become_scripts(tmp_path):
    path = write(
        tmp_path,
        {"id": "a", "text": "a person walks"},
        "",
        {"id": "b c-1.x", "text": "", "then": [[3.5, "stop"], [1, "run"]], "urgent": True, "expected": "anything"},
        '{"id": "é走", "text": "走"}\r',
    )
    assert read_prompts(path, 4.0) == [
        Script("a", "a person walks"),
        Script("b c-1.x", "", ((1.0, "run"), (3.5, "stop")), True),
        Script("é走", "走"),
    ]


def test_a_byte_order_mark_is_passed_over(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"id": "a", "text": "x"}\n')
    assert read_prompts(tmp_path / "a.jsonl", 1.0) == [Script("a", "x")]


GOOD = '{"id": "good", "text": "a person walks"}'


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"), ("null", "no JSON object"), ("[1]", "no JSON object"), ("[" * 100_000, "not JSON"),
        ('{"id": "a", "text": NaN}', "not JSON"), ('{"id": "a"}', "text is missing"),
        ('{"id": "a", "text": 3}', "text is 3"), ('{"id": "a", "text": ["x"]}', "text is ["),
        ('{"text": "x"}', "the id null"), ('{"id": 7, "text": "x"}', "the id 7"),
        ('{"id": "", "text": "x"}', "the id ''"),
        ('{"id": "../up", "text": "x"}', "the id '../up'"), ('{"id": "/etc/x", "text": "x"}', "the id '/etc/x'"),
        ('{"id": "a\\\\b", "text": "x"}', "no file name"), ('{"id": "..", "text": "x"}', "no file name"),
        ('{"id": ".hidden", "text": "x"}', "no file name"), ('{"id": "a\\u0000", "text": "x"}', "no file name"),
        ('{"id": "a\\n", "text": "x"}', "no file name"), ('{"id": "\\ud800", "text": "x"}', "no file name"),
        ('{"id": "%s", "text": "x"}' % ("a" * 101), "no file name"), ('{"id": "a:b", "text": "x"}', "no file name"),
        ('{"id": "\\u202ea", "text": "x"}', "no file name"),
        ('{"id": "%s", "text": "x"}' % ("走" * 80), "no file name"),
        (GOOD, "the id 'good' was used before"), ('{"id": "a", "text": "x", "urgent": 1}', "urgent is true or false"),
        ('{"id": "a", "text": "x", "then": {}}', "then is a list"),
        ('{"id": "a", "text": "x", "then": [[1]]}', "not a pair"),
        ('{"id": "a", "text": "x", "then": [["1", "y"]]}', "then at '1' s"),
        ('{"id": "a", "text": "x", "then": [[true, "y"]]}', "then at true s"),
        ('{"id": "a", "text": "x", "then": [[-1, "y"]]}', "outside the motion, which lasts 4 s"),
        ('{"id": "a", "text": "x", "then": [[4, "y"]]}', "outside the motion"),
        ('{"id": "a", "text": "x", "then": [[1e999, "y"]]}', "outside the motion"),
        ('{"id": "a", "text": "x", "then": [[%s, "y"]]}' % ("9" * 400), "outside the motion"),
        ('{"id": "a", "text": "x", "then": [[1, null]]}', "a text of then is missing"),
        ('{"id": "a", "text": "%s"}' % ("x" * 20_001), "has 20001 characters"),
    ],
)  # fmt: skip
def test_a_hostile_line_is_named(tmp_path, line, says):
    path = write(tmp_path, GOOD, line)
    with pytest.raises(MotionError) as refused:
        read_prompts(path, 4.0)
    assert "prompts.jsonl line 2" in str(refused.value)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 250


def test_hostile_files_are_named(tmp_path, monkeypatch):
    with pytest.raises(MotionError, match="cannot read nowhere"):
        read_prompts(tmp_path / "nowhere.jsonl", 4.0)
    with pytest.raises(MotionError, match="cannot read"):
        read_prompts(tmp_path, 4.0)
    with pytest.raises(MotionError, match="holds no prompt"):
        read_prompts(write(tmp_path, "", " "), 4.0)
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "a", "text": "\xff"}')
    with pytest.raises(MotionError, match="line 1 is not UTF-8"):
        read_prompts(tmp_path / "latin.jsonl", 4.0)
    monkeypatch.setattr(prompts, "MOST_BYTES", 1000)
    with pytest.raises(MotionError, match="is over 0 MiB"):
        read_prompts(write(tmp_path, *({"id": str(i), "text": "x"} for i in range(100))), 4.0)
    monkeypatch.undo()
    monkeypatch.setattr(prompts, "MOST_PROMPTS", 3)
    with pytest.raises(MotionError, match="line 4: more than 3 prompts"):
        read_prompts(write(tmp_path, *({"id": str(i), "text": "x"} for i in range(9))), 4.0)


@given(st.lists(st.one_of(st.text(max_size=60), st.dictionaries(
    st.sampled_from(["id", "text", "then", "urgent"]),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda s: st.lists(s, max_size=3)),
).map(json.dumps)), max_size=4))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_file_is_read_or_refused(tmp_path_factory, lines):
    path = write(tmp_path_factory.mktemp("any"), *lines)
    try:
        scripts = read_prompts(path, 4.0)
    except MotionError:
        return
    for script in scripts:
        assert (path.parent / f"{script.id}.npy").parent == path.parent
        assert all(0 <= at < 4 for at, _ in script.then)


def test_the_command_line_says_the_same():
    script = make_prompt("walk", ["a@b.c@2.5", "run@1"], 4.0, urgent=True)
    assert script.then == ((1.0, "run"), (2.5, "a@b.c"))
    assert script.urgent
    for given_, says in (("run", "TEXT@SECONDS"), ("run@x", "TEXT@SECONDS"), ("run@nan", "TEXT@SECONDS"),
                         ("run@4", "outside"), ("run@-1", "outside"), ("run@inf", "outside")):  # fmt: skip
        with pytest.raises(MotionError, match=says):
            make_prompt("walk", [given_], 4.0)
    for seconds in (0.0, -1.0, float("nan"), float("inf"), 1e9):
        with pytest.raises(MotionError, match="--seconds"):
            check_seconds(seconds)
