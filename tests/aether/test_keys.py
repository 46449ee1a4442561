"""Keys come from the environment or a .env file, and are found nowhere afterwards."""

import os
import traceback

import pytest

from aether import BrainError, BrainKeyError, Mind, load
from aether.clean import redact
from aether.keys import read_env
from aether.ledger import Entry, Ledger
from tests.aether.fakes import CHARGE, WALK, Says

CANARY = "sk-canary-9876543210fedcba"


def test_a_file_gives_what_providers_need_and_nothing_else(tmp_path, monkeypatch):
    for name in ("MY_API_KEY", "AZURE_API_BASE", "SET_API_KEY", "QUOTED_TOKEN"):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    monkeypatch.setenv("SET_API_KEY", "from the environment")
    file = tmp_path / ".env"
    file.write_text(
        f"# a comment\nMY_API_KEY={CANARY} # mine\nexport AZURE_API_BASE = https://x\nSET_API_KEY=from the file\n"
        "QUOTED_TOKEN='a # b'\nLD_PRELOAD=/evil.so\nPYTHONPATH=/evil\nPATH=/evil\nnonsense\n=\nlower_key=1\n"
        "EMPTY_KEY=\n"
    )
    path = os.environ["PATH"]
    assert read_env(file) == ("MY_API_KEY", "AZURE_API_BASE", "QUOTED_TOKEN")
    assert os.environ["MY_API_KEY"] == CANARY
    assert os.environ["QUOTED_TOKEN"] == "a # b"
    assert os.environ["SET_API_KEY"] == "from the environment"
    assert os.environ["PATH"] == path
    assert "LD_PRELOAD" not in os.environ
    assert "canary" not in redact(f"key {CANARY}!")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"A_KEY=" + b"x" * 99_999, None])
def test_an_odd_file_is_passed_over(tmp_path, content):
    file = tmp_path / ".env"
    if content is not None:
        file.write_bytes(content)
    assert read_env(file) == ()


def test_a_key_in_a_file_is_found(tmp_path, monkeypatch, fakellm):
    pytest.importorskip("litellm")
    url = fakellm([{"name": "all", "when": {"model_matches": "*"}, "respond": {"content": f"{WALK} {CANARY}"}}])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(BrainKeyError, match="set OPENAI_API_KEY"):
        load("openai/any")
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={CANARY}\n")
    with Mind(load("openai/any", api_base=url + "/v1"), deadline_s=30.0) as mind:
        thought = mind.think(CHARGE)
    assert thought.route == "brain"
    assert "canary" not in repr(thought)


@pytest.mark.parametrize("failure", [ValueError, BrainError, KeyError, RuntimeError])
def test_a_crash_tells_no_key(monkeypatch, failure, capfd, caplog):
    monkeypatch.setenv("ANY_API_KEY", CANARY)
    mind = Mind(Says(failure(f"bad {CANARY}")))
    thought = mind.think(CHARGE)
    assert "canary" not in repr(thought) + repr(mind.ledger.entries) + caplog.text + "".join(capfd.readouterr())
    assert "[key]" in thought.route


def test_a_tracebacks_text_holds_no_key(monkeypatch, silent_server):
    pytest.importorskip("litellm")
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    import asyncio

    from aether import compose

    with pytest.raises(BrainError) as error:
        asyncio.run(load("openai/x", api_base=silent_server).think(compose(CHARGE), deadline_s=0.4))
    assert "canary" not in "".join(traceback.format_exception(error.value))


def test_the_ledger_adds_up():
    ledger = Ledger()
    for number in range(1, 101):
        ledger.add(
            Entry(number, "a" if number % 2 else "b", "brain" if number % 4 else "reflex: x", 3, 2, 0.01, number / 100)
        )
    totals = ledger.totals()
    assert totals["decisions"] == 100
    assert totals["fallbacks"] == 25
    assert totals["tokens_in"] == 300
    assert totals["cost_usd"] == 1.0
    assert totals["brains"] == {"a": 50, "b": 50}
    assert ledger.latency() == {"p50_s": 0.5, "p95_s": 0.95, "max_s": 1.0}
    assert Ledger().latency() == {}
