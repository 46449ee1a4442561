"""Every shipped world twice, in two processes, with three seeds, the motion model on: the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prometheus.world.scenario import list_worlds
from tests.prometheus.pwm import ROOT

SECONDS = 1.5


def start(folder: Path, wanted: list[str], order: int) -> subprocess.Popen[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PWM_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.prometheus.live_worlds", str(SECONDS), str(folder), *wanted[::order]],
        cwd=ROOT,
        env={**inherited, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(7 + order)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_every_world_is_the_same_in_another_process(tmp_path):
    worlds = list_worlds()
    assert len(worlds) >= 2
    wanted = [f"{world}:{seed}" for world in worlds for seed in (1, 2, 3)]
    # The other process lives through them in the opposite order and hashes strings otherwise: neither may matter.
    sides = [start(tmp_path / "a", wanted, 1), start(tmp_path / "b", wanted, -1)]
    found = []
    for side in sides:
        out, errors = side.communicate(timeout=900)
        assert side.returncode == 0, errors
        found.append(json.loads(out))
    different = [name for name in wanted if found[0][name] != found[1][name]]
    assert not different
    assert len(set(found[0].values())) == len(wanted), "another seed or world is another episode"
