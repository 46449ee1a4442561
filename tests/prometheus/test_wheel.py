"""The wheel, installed in a clean environment outside the repository, runs the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv

import pytest

from tests.prometheus.pwm import ROOT


def call(*command: object, cwd, timeout: float = 900) -> str:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PWM_", "VIRTUAL_ENV"))
    }
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.long
@pytest.mark.slow
def test_the_wheel_runs_the_demo_in_a_clean_environment(tmp_path):
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", ROOT, cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("prometheus_world-*.whl")
    home = tmp_path / "clean"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    call(python, "-m", "pip", "install", "-q", "-c", ROOT / "requirements.lock", wheel, cwd=tmp_path)
    where = call(python, "-c", "import prometheus; print(prometheus.__file__)", cwd=tmp_path)
    assert str(home) in where
    top = call(
        python,
        "-c",
        "import importlib.util as u; print([n for n in ('worlds', 'assets', 'tests') if u.find_spec(n)])",
        cwd=tmp_path,
    )
    assert top.strip() == "[]"
    call(home / "bin" / "pwm", "demo", "--out", "demo", cwd=tmp_path)
    report = json.loads((tmp_path / "demo" / "report.json").read_text())
    assert report["frames"] == 240
    assert report["deepest_wall_penetration_m"] <= 0.02
    assert (tmp_path / "demo" / "demo.mp4").stat().st_size > 100_000
    assert (tmp_path / "demo" / "agent.glb").stat().st_size > 100_000
