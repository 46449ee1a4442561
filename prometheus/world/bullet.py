"""PyBullet, imported when a world is built, without its banner."""

from __future__ import annotations

import os
import sys
from typing import Any


def load_bullet() -> Any:
    """Return the pybullet module.

    Its import writes "pybullet build time" straight to file descriptor 2, past `sys.stderr`; a tool whose errors are
    one sentence does not want that line, so the descriptor points elsewhere for that moment.
    """
    if "pybullet" in sys.modules:
        return sys.modules["pybullet"]
    try:
        kept = os.dup(2)
    except OSError:
        import pybullet

        return pybullet
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import pybullet
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    return pybullet
