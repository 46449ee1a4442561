"""Actions: a MOTION sentence, or four numbers, and the command that they stand for."""

from __future__ import annotations

import math
import string
from typing import Any, Literal

import numpy as np
from gymnasium import spaces

from prometheus.errors import ConfigError, shorten
from prometheus.judge import Command, command_of, sentence, way_name

Kind = Literal["continuous", "text"]
FASTEST = 4.5
"""m/s, at a pace of 1."""
STANDING = 0.15
"""m/s below which a body is told to stand."""
_LETTERS = string.ascii_letters + string.digits + " ,.'-"
LONGEST = 200


def action_space(kind: Kind) -> spaces.Space[Any]:
    """Return the space: Text for sentences; Box [4] in [-1, 1] for direction, pace, turn, intensity.

    Raises:
        ConfigError: no such kind.
    """
    if kind == "text":
        return spaces.Text(LONGEST, min_length=1, charset=_LETTERS)
    if kind == "continuous":
        return spaces.Box(-1.0, 1.0, (4,), np.float32)
    raise ConfigError(f"action is 'continuous' or 'text', not '{shorten(kind, 30)}'")


def command(action: Any) -> Command:
    """Return what an action tells a body to do.

    Args:
        action: a sentence, or [4] numbers in [-1, 1]: direction of travel (times pi, rad from the heading, left
            positive), pace (-1 stands, 1 is `FASTEST`), turn of the facing (times pi, rad), intensity (-1 limp, 1
            panic). Numbers beyond are cut, and what is none counts as 0.
    """
    if isinstance(action, str):
        return command_of(action[:LONGEST])
    row = np.clip(np.nan_to_num(np.asarray(action, np.float64).reshape(-1)[:4]), -1.0, 1.0)
    if row.shape != (4,):
        raise ConfigError("an action has four numbers: direction, pace, turn, intensity")
    direction, pace, turn, intensity = row.tolist()
    pace = (pace + 1) / 2 * FASTEST
    if pace < STANDING:
        return Command(sentence("stand", 0.0), None, 0.0, turn * math.pi, (intensity + 1) / 2)
    way = direction * math.pi
    return Command(sentence(way_name(way), pace), way, pace, turn * math.pi, (intensity + 1) / 2)
