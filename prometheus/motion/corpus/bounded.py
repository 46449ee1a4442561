"""Reading what strangers wrote: files of bounded size, lists of bounded length, one clear sentence where it fails."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from hephaestus.errors import BodyError
from prometheus.errors import MotionError, shorten

MOST_BYTES = 128 * 2**20
MOST_FRAMES = 100_000
"""Frames of one clip: 14 minutes at 120 a second."""
FARTHEST = 1e6
"""Largest number that a clip may hold, in the file's own unit."""


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """Return the text of a file, gunzipped where its name ends in .gz.

    Raises:
        MotionError: the file cannot be read or is too large.
    """
    name = shorten(path.name)
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise MotionError(f"{name} cannot be read ({reason}); check the path and the file") from None
    if len(data) > most:
        raise MotionError(f"{name} is over {most // 2**20} MiB; cut it into shorter clips")
    return data.decode("latin-1")


@contextmanager
def sentence(path: Path, what: str) -> Iterator[None]:
    """Turn the slips of a parser into one MotionError that names the file and what it should have been."""
    try:
        yield
    except BodyError:
        raise  # a sentence already
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise MotionError(
            f"{shorten(path.name)} is not {what} ({shorten(str(error) or type(error).__name__)}); export it again"
        ) from None


def check_frames(count: int, path: Path) -> None:
    """Refuse a clip that is empty or too long.

    Raises:
        MotionError: naming the file.
    """
    if count < 2:
        raise MotionError(f"{shorten(path.name)} has {count} frames; a clip needs at least two")
    if count > MOST_FRAMES:
        raise MotionError(f"{shorten(path.name)} has {count} frames; cut it into clips of at most {MOST_FRAMES}")


def check_numbers(values: np.ndarray, path: Path) -> None:
    """Refuse numbers that are not finite or absurdly large.

    Raises:
        MotionError: naming the file.
    """
    if not (np.abs(values) < FARTHEST).all():  # false for NaN too
        raise MotionError(f"{shorten(path.name)} holds a number that is not finite or is absurdly large")
