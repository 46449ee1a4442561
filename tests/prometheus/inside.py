"""Running the command line inside the test's own process, where torch is loaded already."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def inside(*arguments: object, cwd: Path) -> Done:
    """Run `pwm` with arguments in a folder."""
    from prometheus.cli import main

    out, errors, before, argv, code = io.StringIO(), io.StringIO(), Path.cwd(), sys.argv, 0
    os.chdir(cwd)
    sys.argv = ["pwm", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(errors):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        os.chdir(before)
        sys.argv = argv
    return Done(code, out.getvalue(), errors.getvalue())


def refused(done: Done, says: str) -> None:
    """Check that a command was refused in one sentence that says something."""
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert says in done.stderr
    assert len(done.stderr) < 500
    assert done.stdout == ""
