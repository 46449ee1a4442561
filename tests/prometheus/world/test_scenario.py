"""World files: the shipped ones are sound, the hostile ones are refused in one sentence and little time."""

import time
from pathlib import Path

import numpy as np
import pytest

from prometheus.errors import WorldError
from prometheus.world.geometry import gaps
from prometheus.world.scenario import Scenario, list_worlds, load_scenario
from prometheus.world.shapes import build_shapes, build_solids

GOOD = "name: a\nlicence: CC0-1.0\nagent: {at: [0, 0]}\n"


@pytest.fixture
def refusal(tmp_path: Path):
    def check(text: str | bytes, seconds: float = 2.0) -> str:
        path = tmp_path / "world.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        start = time.process_time()
        with pytest.raises(WorldError) as caught:
            load_scenario(path)
        assert time.process_time() - start < seconds
        sentence = str(caught.value)
        assert len(sentence) < 600
        assert "\n" not in sentence
        return sentence

    return check


@pytest.mark.parametrize("name", list_worlds())
def test_shipped_worlds_load_with_licence_and_free_starts(name: str):
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.licence
    assert scenario.expected
    solids = build_solids(build_shapes(scenario)).blocking(1.75)
    assert gaps(np.array([scenario.agent.at]), solids).min() > scenario.agent.radius


def test_scenario_survives_json():
    scenario = load_scenario("castle")
    assert Scenario.model_validate(scenario.to_json()) == scenario


def test_wrong_name_suggests():
    with pytest.raises(WorldError, match=r"no world named 'castel'; did you mean 'castle'\? `pwm world list` shows"):
        load_scenario("castel")


HOSTILE = ["", "x" * 1_000_000, "\0", "a\nb", "../../etc/passwd", "/etc/passwd", "no/such.yaml", "\0/a"]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names(name: str):
    with pytest.raises(WorldError) as caught:
        load_scenario(name)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def test_directory_is_no_world(tmp_path: Path):
    with pytest.raises(WorldError, match="cannot read"):
        load_scenario(tmp_path)


def test_good_file_loads(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_text(GOOD)
    assert load_scenario(str(path)).agent.task == "explore"


def test_errors_name_the_line(refusal):
    wall = "solids: [{kind: wall, name: w, start: [0,0], end: [1,0], height: -1}]"
    assert "line 4: solids.0.height" in refusal(GOOD + wall)
    assert "line 3: agent.ta" in refusal("name: a\nlicence: b\nagent: {at: [0,0], ta: 1}\n")
    assert "used twice" in refusal(GOOD + "entities: [{id: b, kind: beast, at: [1,1]}, {id: b, kind: man, at: [2,2]}]")


@pytest.mark.parametrize(
    "bad",
    [
        ".nan", ".inf", "-.inf", "1e400", "1.0e+999", "[0", "'text'", "1e9", "null", "{a: 1}", "2026-13-45",
        "[" * 5000, "0x" + "f" * 1900, "9" * 1999, "!!python/object/apply:os.system ['true']", "&a [0, *a]",
        "!!binary zzz", "? [1, 2]", "\t- :", "? {a: b} : c",
    ],
)  # fmt: skip
def test_bad_values_are_refused(refusal, bad: str):
    refusal(f"name: a\nlicence: b\nagent: {{at: [0, 0], mass: {bad}}}\n")


def test_too_much_is_refused(refusal):
    entity = "- {id: e%d, kind: beast, at: [1, 1]}\n"
    assert "limit" in refusal(GOOD + "entities:\n" + "".join(entity % i for i in range(100_000)))
    assert "limit" in refusal(GOOD + "entities:\n" + "".join(entity % i for i in range(20_000)))
    refusal(GOOD + "entities:\n" + "".join(entity % i for i in range(100)))
    assert "limit" in refusal(GOOD + "solids: [" + "[]," * 300_000 + "]")
    assert "deeper" in refusal(GOOD + "solids: " + "[" * 400_000 + "]" * 400_000)
    assert "limit" in refusal("name: " + "a" * 900_000)
    assert "larger" in refusal("# " + "a" * 2_000_000)
    assert "UTF-8" in refusal(b"name: \xff\xfe")
    assert "aliases" in refusal("a: &a [1,1]\nb: &b [*a,*a]\n")
    refusal("")
    refusal("[1, 2]")
    refusal("just text")
    refusal(b"\x00\x01\x02")


def test_hostile_primitives_are_refused_with_their_line(refusal):
    solid = GOOD + "solids:\n  - {kind: %s, name: x, at: [0, 0], %s}\n"
    for kind, rest in (
        ("tree", "height: .nan"), ("tree", "crown: 1e300"), ("sign", "text: " + "a" * 61), ("pit", "size: [1, .inf]"),
        ("stairs", "size: [9, 9, 1], steps: 65"), ("stairs", "size: [9, 9, 1], steps: 1e9"),
        ("stack", "size: [1, 1, 1], count: [1000000, 1, 1]"), ("grove", "size: [9, 9], count: 100000"),
        ("hills", "size: [9, 9], heights: [" + "[" + "0," * 65 + "],[" + "0," * 65 + "]]"),
        ("door", "opens: 'import os'"), ("box", "size: [1, 1, 1], material: ../../etc/passwd"),
        ("pit", "size: &a [*a, 1]"),
    ):  # fmt: skip
        assert "line 5" in refusal(solid % (kind, rest)), kind
    for rest in ("body: ../../etc/passwd", "body: /etc/passwd", "area: nowhere", "kind: elk", "behaviour: __init__"):
        entity = {"kind": "man"} | dict([rest.split(": ")]) | {"id": "e", "at": [1, 1]}
        text = ", ".join(f"{key}: {value}" for key, value in entity.items())
        assert "line 4" in refusal(GOOD + f"entities: [{{{text}}}]\n"), rest
    refusal(GOOD + "kinds: {elk: {like: dragon}}\n")
    refusal(GOOD + "kinds: [1]\n")
    refusal(GOOD + "areas: {a: [0, 0]}\n")
    refusal(GOOD + "entities: [{id: e, kind: man, at: [0, 9], whom: nobody}]\n")
    refusal(GOOD + "entities: [{id: e, kind: [man], at: [0, 9]}]\n")
    refusal(GOOD + "entities: [1, null, [], {}]\n")


def test_overlarge_world_of_walls_is_refused(refusal):
    wall = "- {kind: wall, name: w%d, start: [0, 0], end: [9, 0]}\n"
    refusal(GOOD + "solids:\n" + "".join(wall % i for i in range(1000)))


def test_gap_lintel_and_merlons():
    shapes = build_shapes(load_scenario("castle"))
    east = [s for s in shapes if s.name.startswith("east wall") and s.solid]
    assert [s.name for s in east] == ["east wall", "east wall lintel", "east wall"]
    solids = build_solids(shapes)
    assert "east wall lintel" in solids.names
    assert "east wall lintel" not in solids.blocking(1.75).names
    assert any(s.name == "north wall merlon" and not s.solid for s in shapes)
    assert any(s.kind == "cone" for s in shapes)
