"""The model in a process of its own: the same frames, errors that say what happened, and nobody left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch

from prometheus.config import load_config
from prometheus.data import data_path
from prometheus.errors import MotionError
from prometheus.motion.control import Control
from prometheus.motion.features import LocalFrames
from prometheus.motion.host import AHEAD, QUIET, Ahead
from prometheus.motion.motor import Motor
from prometheus.motion.worker import RemoteMotor
from prometheus.run import open_motion
from tests.prometheus.pwm import ROOT

WEIGHTS = data_path("assets", "motion")


@pytest.fixture(scope="module")
def motor():
    torch.set_num_threads(1)
    return Motor.load(WEIGHTS)


def play(stream, pause: Callable[[], None] = lambda: None) -> list[LocalFrames]:
    """Say things at given frames, on a token's edge and within one, and steer for a while."""
    frames = []

    def take(*counts: int) -> None:
        for count in counts:
            frames.append(stream.next(count))
            pause()

    take(5, 7, 1)
    stream.push("a person turns left")
    take(9, 4)
    stream.push("a person sprints to the right in panic", urgent=True)
    take(6)
    for i in range(5):
        stream.steer(Control((0.1 * i, 1.0), 0.2, intensity=0.1 * i))
        take(1)
    take(*[1] * 8)
    stream.steer(Control())
    stream.push("a person stops")
    stream.push("a person stands still", urgent=True)
    take(12)
    return frames


def blobs(frames: list[LocalFrames]) -> list[bytes]:
    return [getattr(f, n).tobytes() for f in frames for n in ("joints", "rotations", "turn", "step", "contacts")]


def test_what_was_made_ahead_is_taken_back(motor):
    """However far a stream has gone ahead, what is said takes effect at the frame that is asked for next."""
    plain = play(motor.stream("a person walks forward", seed=3))

    class Eager(Ahead):
        most = 0

        def push(self, text: str, *, urgent: bool = False) -> None:
            self.heed().push(text, urgent=urgent)

        def steer(self, control: Control) -> None:
            self.heed().steer(control)

        def hurry(self) -> None:
            while self.eager:
                self.advance()
            self.most = max(self.most, self.ready)

    eager = Eager(motor.stream("a person walks forward", seed=3))
    assert blobs(play(eager, eager.hurry)) == blobs(plain)
    assert 2 * AHEAD <= eager.most <= 2 * AHEAD + 1
    eager.steer(Control((0.0, 1.0)))
    eager.next(QUIET - 1)
    assert not eager.eager


def test_a_worker_gives_the_same_frames_and_says_when_it_dies(motor):
    away = open_motion(load_config(settings=["motion.worker=true"]))
    assert isinstance(away, RemoteMotor)
    stream = away.stream("a person walks forward", seed=3)
    assert blobs(play(stream, lambda: time.sleep(0.03))) == blobs(play(motor.stream("a person walks forward", seed=3)))
    assert away.loaded
    assert stream.model_seconds > 0

    def together(motor: Motor | RemoteMotor) -> list[LocalFrames]:
        one, two = motor.streams(["a person walks forward", "a person runs to the left"], [1, 2])
        frames = []
        for i in range(12):
            if i == 5:
                one.push("a person turns around", urgent=True)
            two.steer(Control((0.1 * i, 2.0)))
            frames += [two.next(1), one.next(1)]
        return frames

    assert blobs(together(away)) == blobs(together(motor))
    away.keep([stream])
    assert blobs([stream.next(40)])
    os.kill(away.pid, signal.SIGKILL)
    with pytest.raises(MotionError, match="SIGKILL"):
        stream.next(1000)
    with pytest.raises(MotionError, match="closed"):
        stream.push("a person sits")


@pytest.mark.slow
def test_a_worker_dies_with_its_parent():
    code = (
        "import os; from pathlib import Path; from prometheus.motion.worker import RemoteMotor\n"
        f"motor = RemoteMotor(Path({str(WEIGHTS)!r})); motor.stream('a person runs')\n"
        "print(motor.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, timeout=60, check=False)
    pid = int(done.stdout)
    until = time.monotonic() + 60
    while time.monotonic() < until and _runs(pid):
        time.sleep(0.1)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to notice does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip()[:1] not in ("", "Z")


def test_weights_that_will_not_do_are_refused(tmp_path):
    with pytest.raises(MotionError, match="missing"):
        RemoteMotor(tmp_path)
    shutil.copytree(WEIGHTS / "model", tmp_path / "model")
    # A header that is right and numbers that are not: only who loads them can tell.
    file = tmp_path / "model" / "diffusion_pytorch_model.safetensors"
    data = bytearray(file.read_bytes())
    data[-2:] = np.float16(np.nan).tobytes()
    file.write_bytes(data)
    shutil.copytree(WEIGHTS / "scheduler", tmp_path / "scheduler")
    motor = RemoteMotor(tmp_path)
    with pytest.raises(MotionError, match="no finite number"):
        motor.stream("a person walks").next(1)
