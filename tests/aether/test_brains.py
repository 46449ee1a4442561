import json
import subprocess
import sys

import pytest

import aether
from aether import BrainError, BrainKeyError, Mind, Scene, load, names

GOOD = "PREDICT: left=safe\nMOTION: a person walks left"


def ask(brain, *scenes):
    with Mind(brain) as mind:
        return [mind.think(scene) for scene in scenes or (Scene(),)]


@pytest.mark.parametrize(
    ("statement", "most"), [("import aether", 0.1), ("from aether import Mind, load, parse; load('reflex')", 0.2)]
)
def test_importing_is_light(statement, most):
    code = (
        "import sys, time\n"
        "a = time.process_time(); import dataclasses, json, re, typing, threading\n"
        f"b = time.process_time(); {statement}\n"
        "c = time.process_time()\n"
        "heavy = set('litellm pydantic numpy torch asyncio tenacity sqlite3 prometheus hephaestus'.split())\n"
        "print(b - a, c - a, *sorted(heavy & set(sys.modules)))"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    outputs = [run.stdout.split() for run in runs]
    assert all(len(output) == 2 for output in outputs), outputs
    library, whole = (min(float(output[i]) for output in outputs) for i in (0, 1))
    # The standard library's share tells how slow a busy machine is just now.
    assert whole < max(most, 40 * most * library)


def test_the_public_surface_is_what_it_says():
    assert dir(aether) == sorted(aether.__all__)
    for name in aether.__all__:
        assert getattr(aether, name) is not None
    assert sorted(name for home in aether._HOMES.values() for name in home.split()) == sorted(aether.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        aether.nothing  # noqa: B018


def test_names_are_loadable_or_say_what_they_need():
    assert names()[:5] == ("reflex", "local", "scripted", "transcript", "chaos")
    assert load("reflex").name == "reflex"
    with pytest.raises(BrainError, match="needs a file"):
        load("scripted")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("reflx", "there is no brain 'reflx'; did you mean 'reflex'? Known are reflex, local"),
        ("", "there is no brain ''"),
        ("x\n\u202ey", "there is no brain 'x y'"),
        ("/", "any LiteLLM id such as openai/gpt-5-mini"),
    ],
)
def test_unknown_names_are_one_sentence(name, said):
    with pytest.raises(BrainError) as error:
        load(name)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_one_configuration_serves_all_brains():
    assert load("reflex", api_base="http://x", temperature=0.0, file=None).name == "reflex"
    with pytest.raises(BrainError, match="has no option 'api_bse'; did you mean api_base"):
        load("reflex", api_bse="http://x")


def test_a_brain_or_function_is_loaded_as_it_is():
    brain = load("reflex")
    assert load(brain) is brain
    assert ask(load(lambda scene: GOOD))[0].route == "brain"
    with pytest.raises(BrainError, match="is no brain"):
        load(7)


def test_script_of_plain_blocks(tmp_path):
    file = tmp_path / "s.txt"
    file.write_text(f"{GOOD}\n\n{GOOD.replace('left', 'right')}\r\n \n", "utf-8")
    thoughts = ask(load("scripted", file=str(file)), *[Scene()] * 3)
    assert [t.decision.motion.split()[-1] for t in thoughts] == ["left", "right", "right"]
    assert {t.brain for t in thoughts} == {"scripted:s.txt"}
    assert {t.route for t in thoughts} == {"brain"}


def test_script_of_json_lines(tmp_path):
    lines = [
        json.dumps(GOOD),
        json.dumps({"text": GOOD.replace("left", "right")}),
        json.dumps({"predict": "right=danger(wall)", "motion": "a person stands"}),
        json.dumps({"predict": {"left": {"danger": True}}, "motion": "a person turns"}),
        json.dumps({"scenario_id": "S7", "text": GOOD.replace("walks", "jumps")}),
    ]
    file = tmp_path / "s.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    brain = load("scripted", file=file, at_end="cycle")
    thoughts = ask(brain, Scene(), Scene(), Scene("S7"), Scene(), Scene(), Scene())
    assert [t.decision.motion.split(" ", 2)[2] for t in thoughts] == [
        "walks left", "walks right", "jumps left", "stands", "turns", "walks left",
    ]  # fmt: skip


def test_script_that_fails_at_its_end():
    thoughts = ask(load("scripted", script=[GOOD], at_end="fail"), Scene(), Scene())
    assert thoughts[0].route == "brain"
    assert thoughts[1].route.startswith("reflex: error: the script ended after 1 answers")
    assert ask(load("scripted", script=lambda scene: GOOD))[0].brain == "scripted"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no answer"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"text": 3}', "line 1 needs a key text"),
        (b'"a"\n{"nope', "line 2 is not JSON"),
        (b"[" * 100_000, "not JSON"),
        (None, "No such file"),
    ],
)
def test_a_script_that_cannot_be_read(tmp_path, content, said):
    file = tmp_path / "s.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BrainError, match=said):
        load("scripted", file=file)
    with pytest.raises(BrainError, match="at_end must be"):
        load("scripted", script=[GOOD], at_end="stop")


@pytest.mark.parametrize(
    ("name", "variable"),
    [("openai/gpt-5-mini", "OPENAI_API_KEY"), ("gpt-5-mini", "OPENAI_API_KEY"), ("claude-x", "ANTHROPIC_API_KEY"),
     ("gemini/gemini-2.5-flash", "GEMINI_API_KEY or GOOGLE_API_KEY"), ("groq/llama", "GROQ_API_KEY")],
)  # fmt: skip
def test_a_missing_key_is_found_before_the_run(name, variable):
    with pytest.raises(BrainKeyError, match=f"set {variable} in the environment"):
        load(name)


@pytest.mark.parametrize("api_base", [None, "https://api.openai.com/v1", "http://127.0.0.1.evil.example/"])
def test_no_test_reaches_a_paid_model(monkeypatch, api_base):
    monkeypatch.setenv("OPENAI_API_KEY", "canary-1234567890")
    with pytest.raises(BrainError, match="calls to models are blocked"):
        load("openai/gpt-5-mini", api_base=api_base)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"api_base": "localhost:80"}, "must be a URL"), ({"api_base": "file:///etc"}, "must be a URL"),
     ({"api_base": "http://[x"}, "must be a URL"),
     ({"api_base": "http://127.0.0.1:1", "retries": -1}, "retries must be"),
     ({"api_base": "http://127.0.0.1:1", "api_key_env": "NOT_SET"}, "set NOT_SET in the environment")],
)  # fmt: skip
def test_options_that_cannot_be(options, said):
    with pytest.raises(BrainError, match=said):
        load("openai/gpt-5-mini", **options)
