"""The examples run as their first lines say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.prometheus.pwm import ROOT


def example(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name, *arguments],
        cwd=ROOT, env=None, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(autouse=True)
def _packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.slow
def test_watch_a_run() -> None:
    assert "a person walks forward" in example("watch_a_run.py", "--seconds", "1", "--body", "tank")


@pytest.mark.slow
def test_compare_bodies(tmp_path: Path) -> None:
    told = example(
        "compare_bodies.py", "--seeds", "1", "--seconds", "0.3", "--workers", "1", "--out", str(tmp_path / "o")
    )
    assert "humanoid: 1 episodes" in told
    assert (tmp_path / "o" / "results.parquet").exists()


@pytest.mark.slow
def test_train_a_policy() -> None:
    pytest.importorskip("gymnasium")
    told = example("train_a_policy.py", "--episodes", "2", "--seconds", "12")
    means = {line.split(":")[0]: float(line.split()[1]) for line in told.splitlines()}
    assert means.keys() == {"random", "rule"}
    assert means["rule"] != means["random"]
