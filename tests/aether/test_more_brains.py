"""The transcript, chaos, callables, entry points and presets."""

import collections
import json
import re
import sys

import pytest

from aether import BrainError, Entity, Mind, Scene, load, names
from aether.brains import chaos
from aether.errors import TranscriptError
from aether.presets import find
from aether.presets import names as presets
from tests.aether.fakes import CHARGE, FLEE, QUIET, WALK


def recorded(folder, thoughts):
    """An episode's decisions in a file, as `pwm run` records them."""
    rows = [{"type": "episode", "schema": 1}]
    for frame, (scene, thought) in enumerate(thoughts, 1):
        row = {"decision": thought.decision.to_json(), "text": thought.text, "route": thought.route}
        row |= {"tokens_in": 0, "tokens_out": 0, "cost_usd": 0.0, "confidence": thought.confidence, "brain": "x"}
        rows.append({"type": "decision", "frame": frame, "scene": scene.to_json("article"), "thought": row})
        rows.append({"type": "frame", "frame": frame})
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    (folder / "episode.jsonl").write_text(text, "utf-8")
    return folder


def thoughts_of(mind, scenes):
    felt = []
    for scene in scenes:
        seen = mind.feel(scene)
        felt.append((seen, mind.think(seen)))
    return felt


SCENES = [QUIET, CHARGE, QUIET, CHARGE]


def test_a_transcript_answers_again_exactly(tmp_path):
    first = thoughts_of(Mind("reflex"), SCENES)
    folder = recorded(tmp_path / "run", first)
    for name in (f"transcript:{folder}", f"transcript:{folder / 'episode.jsonl'}"):
        with Mind(name) as mind:
            again = thoughts_of(mind, SCENES)
        assert [t.decision for _, t in again] == [t.decision for _, t in first]
        assert [t.text for _, t in again] == [t.text for _, t in first]
        assert [t.confidence for _, t in again] == [t.confidence for _, t in first]
        assert mind.brain.name == "transcript:run"


def test_a_transcript_keeps_who_answered_and_survives_a_cut_text(tmp_path):
    with Mind(lambda scene: "no" * 9000 + FLEE) as mind:
        long = thoughts_of(mind, [QUIET])
    with Mind(lambda scene: 1 / 0) as mind:
        failed = thoughts_of(mind, [QUIET])
    assert "ZeroDivisionError" in failed[0][1].route
    for first in (long, failed):
        mind = Mind(f"transcript:{recorded(tmp_path / 'run', first)}")
        (_, again), (_, was) = thoughts_of(mind, [QUIET])[0], first[0]
        assert (again.decision, again.route) == (was.decision, was.route)


def test_a_scene_that_differs_ends_the_run_and_names_the_first_difference(tmp_path):
    folder = recorded(tmp_path / "run", thoughts_of(Mind("reflex"), SCENES))
    mind = Mind(f"transcript:{folder}")
    mind.think(QUIET)
    with pytest.raises(TranscriptError, match=r"at frame 2: scene\.npc_distance was 4\.0 and is 5\.0"):
        mind.think(Scene("charge", CHARGE.walls, entities=(Entity("beast", "charge", 5.0, 0.0, id="b"),)))
    mind = Mind(f"transcript:{folder}")
    thoughts_of(mind, SCENES)
    with pytest.raises(TranscriptError, match="has 4 decisions and no more"):
        mind.think(QUIET)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"), (b"", "holds no decision"), (b"\xff\xfe", "not UTF-8"),
        (b'{"type":"decision","frame":1}', "line 1 is no decision"),
        (b'{"type":"decision"' + b"[" * 9999, "line 1 is no"),
    ],
)  # fmt: skip
def test_what_is_no_transcript_is_said(tmp_path, content, said):
    file = tmp_path / "e.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BrainError, match=said):
        load("transcript", file=file)
    with pytest.raises(BrainError, match="needs an episode"):
        load("transcript")


def test_chaos_at_30_percent_over_1000_decisions():
    brain = load("chaos:reflex", faults=0.3, seed=5)
    with Mind(brain, deadline_s=0.01) as mind:
        routes = [mind.think(CHARGE).route for _ in range(1000)]
    assert all(routes)
    kinds = collections.Counter(re.sub(r"[^a-zA-Z-].*", "", route.removeprefix("reflex: ")) for route in routes)
    assert 600 <= kinds["brain"] <= 800
    assert {"brain", "time-out", "refusal", "error"} <= set(kinds)
    assert 240 <= sum(brain.injected.values()) <= 360
    assert all(count > 20 for count in brain.injected.values())


def test_chaos_is_the_same_for_the_same_seed_and_sums_up():
    def run(seed):
        with Mind(load("chaos:reflex", faults={"garbage": 0.4, "crash": 0.1}, seed=seed), deadline_s=5.0) as mind:
            return [mind.think(QUIET).route for _ in range(40)]

    assert run(1) == run(1) != run(2)
    assert load("chaos").name == "chaos:reflex"
    for faults, said in (
        ({"slow": 1.5}, "shares from 0 to 1"),
        (1.5, "together"),
        ({"fire": 0.1}, "no fault 'fire'"),
        ({"slow": 0.6, "crash": 0.6}, "together"),
    ):
        with pytest.raises(BrainError, match=said):
            load("chaos:reflex", faults=faults)
    assert len(chaos.KINDS) == 6


def test_a_python_callable_by_name(tmp_path, monkeypatch):
    (tmp_path / "my_mind.py").write_text(
        f"from aether import Reply\nTEXT = {WALK!r}\n"
        "def decide(scene):\n    return TEXT\n"
        "class Own:\n    name = 'own'\n    def __init__(self, temperature=0.5):\n        self.t = temperature\n"
        "    async def think(self, prompt, *, deadline_s):\n        return Reply(TEXT + str(self.t))\n"
        "def make():\n    return Own(7)\n"
    )
    monkeypatch.chdir(tmp_path)
    assert Mind("my_mind:decide").think(QUIET).route == "brain"
    assert Mind(load("my_mind:Own", temperature=2)).think(QUIET).text.endswith("2")
    assert Mind("my_mind:make").think(QUIET).text.endswith("7")
    assert str(tmp_path) not in sys.path
    for name, said in (("my_mind:nothing", "nothing"), ("no_module:x", "No module named 'no_module'")):
        with pytest.raises(BrainError, match=said):
            load(name)


def test_a_brain_of_another_package_registers_through_an_entry_point(tmp_path, monkeypatch):
    package = tmp_path / "other_mind-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: other-mind\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[aether.brains]\nother = other_mind:decide\nbroken = other_mind:gone\n")
    (tmp_path / "other_mind.py").write_text(f"def decide(scene):\n    return {FLEE!r}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "other" in names()
    with Mind("other") as mind:
        assert mind.think(QUIET).decision.motion.startswith("a person sprints")
    with pytest.raises(BrainError, match="of another package does not load"):
        load("broken")


def test_brains_take_their_argument_after_a_colon(tmp_path):
    (tmp_path / "answers.txt").write_text(FLEE)
    assert load(f"scripted:{tmp_path / 'answers.txt'}").name == "scripted:answers.txt"
    with Mind("reflex") as mind:
        mind.brain = f"scripted:{tmp_path / 'answers.txt'}"
        assert mind.think(QUIET).brain == "scripted:answers.txt"


DARWIN = {
    "Darwin-9B-NEG",
    "Darwin-28B-Opus",
    "Darwin-27B-Opus",
    "Darwin-36B-Opus",
    "Darwin-35B-A3B-Opus",
    "Darwin-398B-JGOS",
}


def test_presets_have_right_ids_and_load():
    pytest.importorskip("litellm")
    models = {name: find(name).options["model"] for name in presets()}
    assert {f"hosted_vllm/FINAL-Bench/{name}" for name in DARWIN} <= set(models.values())
    for name, model in models.items():
        assert load(name, dry=True).name == model
        preset = find(name)
        assert preset.title
        if name.startswith("darwin"):
            assert {"vllm", "sglang"} == set(preset.serve)
            assert all(model.split("/", 1)[1] in command for command in preset.serve.values())
            assert preset.options["max_tokens"] >= 2048
    assert find("../presets/darwin-9b-neg") is None
    assert find("reflex") is None


def test_what_is_set_beats_the_preset():
    pytest.importorskip("litellm")
    brain = load("darwin-9b-neg", temperature=0.1, dry=True)
    from aether.wrap.wrapper import innermost

    assert innermost(brain).settings["temperature"] == 0.1
    assert innermost(brain).settings["top_p"] == 0.95
