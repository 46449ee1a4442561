"""A batch whose brains are a model behind HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.prometheus.pwm import pwm

ANSWER = "PREDICT: forward=safe, left=safe, right=safe, backward=safe\nMOTION: a person walks forward"


@pytest.mark.long
@pytest.mark.slow
def test_episodes_that_wait_share_one_process_and_a_limit_of_tokens_ends_them(
    fakellm: Callable[[list[dict[str, Any]]], str], tmp_path: Path
) -> None:
    base = fakellm([{"name": "all", "when": {"model_matches": "*"}, "respond": {"content": ANSWER}}]) + "/v1"
    spec = tmp_path / "grid.yaml"
    brain = f"brain: {{api_base: {base}, deadline_s: 60, max_tokens: 64, per_minute: 6000, price: [1, 2]}}"
    grid = f"worlds: [arena]\nbrains: [openai/any-model]\nseeds: 3\nseconds: 1\noverrides: {{{brain}}}\n"
    spec.write_text(grid, "utf-8")
    free = pwm("batch", spec, "--out", tmp_path / "free", "--json", OPENAI_API_KEY="sk-none")
    assert free.returncode == 0, free.stderr
    told = json.loads(free.stdout)
    assert (told["ok"], told["tokens"] > 0, told["cost_usd"] > 0) == (3, True, True)
    journal = [json.loads(line) for line in (tmp_path / "free" / "journal.jsonl").read_text("utf-8").splitlines()]
    assert len({event["worker"] for event in journal if event["event"] == "begin"}) == 1
    ledger = json.loads((tmp_path / "free" / "ledger.json").read_text("utf-8"))
    assert ledger["total"]["tokens_in"] + ledger["total"]["tokens_out"] == told["tokens"]
    assert ledger["total"]["fallbacks"] == 0

    spec.write_text(grid + f"limits: {{tokens: {told['tokens'] // 3 - 1}}}\n", "utf-8")
    held = pwm("batch", spec, "--out", tmp_path / "held", "--json", OPENAI_API_KEY="sk-none")
    assert held.returncode == 0, held.stderr
    told = json.loads(held.stdout)
    assert (told["limit"], told["ok"]) == (3, 0)
