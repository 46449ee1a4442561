"""Child: a module run in a process of its own, and the line to it.

Not by `multiprocessing`, which would run the caller's script again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

PATIENCE_S = 1.0
"""s that a child has to end once its line is closed."""


def start(
    module: str,
    *arguments: str,
    share: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    heard: bool = False,
) -> tuple[subprocess.Popen[bytes], Connection]:
    """Run `python -m module LINE arguments`, LINE being the number of the file at its end of the line.

    Args:
        module: whole name.
        arguments: after the line's number.
        share: numbers of open files that the child keeps.
        environment: what it finds beside this process's environment.
        heard: whether its complaints go where this process's go.

    Returns:
        The process, and this end of the line.
    """
    ours, theirs = socket.socketpair()
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(theirs.fileno()), *arguments],
            pass_fds=[theirs.fileno(), *share],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if heard else subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, **(environment or {})},
        )
    return process, Connection(ours.detach())


def end(process: subprocess.Popen[bytes], line: Connection) -> None:
    """End a child: it goes when its line is closed, and is made to if it does not."""
    line.close()
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()


def fate(process: subprocess.Popen[bytes]) -> str:
    """Say how a child ended, such as "was ended by SIGKILL"."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_S)
    code = process.poll()
    if code is None:
        return "stopped answering"
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
