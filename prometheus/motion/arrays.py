"""Array files: .npy of joints and features, read as hostile input and written whole or not at all.

numpy's own reader believes a header before it looks at the file; here shape, type and size are checked first, so that
a small file that claims a huge array costs nothing, and pickled objects are never opened.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np

from hephaestus import humanml3d
from prometheus.errors import MotionError, shorten

MOST_FRAMES = 100_000
"""Frames that a file may hold: 83 minutes at 20 fps; converting them takes 0.8 GB of memory."""
FARTHEST = 1e5
"""Largest absolute value that is believed: 100 km of joints, and more than any feature has."""
JOINTS, FEATURES = (22, 3), (humanml3d.WIDTH,)
_MAX_HEADER = 10_000


def read_array(path: Path, row: tuple[int, ...], least: int = 1) -> np.ndarray:
    """Read an array of numbers from a .npy file.

    Args:
        path: of the file.
        row: shape of a frame, `JOINTS` or `FEATURES`.
        least: frames that there must be.

    Returns:
        float32 [T, *row], finite, T at most MOST_FRAMES.

    Raises:
        MotionError: the file is missing, is not such an array, or holds pickled objects, NaN or absurd values.
    """
    name = shorten(path.name)
    try:
        with path.open("rb") as file:
            shape, fortran, dtype = _header(file, name)
            _check_shape(shape, dtype, row, least, name)
            count = int(np.prod(shape))
            data = file.read(count * dtype.itemsize)
    except OSError as error:
        raise MotionError(f"cannot read {name}: {error.strerror}; give a .npy file") from error
    if len(data) != count * dtype.itemsize:
        raise MotionError(f"{name} is cut short: its header says {_words(shape)}, but numbers are missing")
    with np.errstate(over="ignore"):
        array = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C").astype(np.float32, order="C")
    good = np.abs(array) <= FARTHEST  # false for NaN too
    if not good.all():
        place = ", ".join(map(str, np.argwhere(~good)[0]))
        raise MotionError(f"{name} holds {array[~good][0]} at [{place}]; give finite numbers below {FARTHEST:g}")
    return array


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as .npy; the file appears when it is complete.

    Raises:
        MotionError: it cannot be written there.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                np.save(file, array, allow_pickle=False)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise MotionError(f"cannot write {shorten(str(path), 120)}: {error.strerror}; choose another place") from error


def encode_file(source: Path, target: Path) -> None:
    """Turn a file of joints [T, 22, 3] m into one of features [T-1, 263].

    Raises:
        MotionError: `source` is no such file, or `target` cannot be written.
    """
    if target.suffix != ".npy":
        raise MotionError(f"cannot write features as '{shorten(target.name)}': choose a name that ends in .npy")
    write_array(target, humanml3d.encode(read_array(source, JOINTS, least=2)))


def decode_file(source: Path, target: Path) -> None:
    """Turn a file of features [T, 263] into a motion: joints [T, 22, 3] as .npy, or what `sample.write` knows.

    Raises:
        MotionError: `source` is no such file, or `target` cannot be written.
    """
    from prometheus.motion.sample import check_name, write

    check_name(target)
    write(humanml3d.decode_motion(read_array(source, FEATURES)), target)


def _header(file: BinaryIO, name: str) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether the first index runs fastest, and type (numpy's format, versions 1.0 to 3.0)."""
    try:
        start = file.read(8)
        if start[:6] != b"\x93NUMPY" or start[6:7] not in (b"\x01", b"\x02", b"\x03"):
            raise ValueError("magic")
        length = int.from_bytes(file.read(2 if start[6] == 1 else 4), "little")
        if length > _MAX_HEADER:
            raise ValueError("length")
        header = ast.literal_eval(file.read(length).decode("utf-8" if start[6] == 3 else "latin-1"))
        shape, fortran, described = header["shape"], header["fortran_order"], header["descr"]
        whole = isinstance(shape, tuple) and all(type(n) is int for n in shape)
        if not whole or not isinstance(fortran, bool) or not isinstance(described, str | list):
            raise ValueError("header")
        return shape, fortran, np.dtype(described)
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError) as error:
        raise MotionError(f"{name} is not a .npy file of numbers; write one with numpy.save") from error


def _check_shape(shape: tuple[int, ...], dtype: np.dtype, row: tuple[int, ...], least: int, name: str) -> None:
    wanted = _words(("T", *row))
    if dtype.hasobject:
        raise MotionError(f"{name} holds pickled Python objects, which are never opened; save plain numbers {wanted}")
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise MotionError(f"{name} holds {shorten(str(dtype))}, not float numbers {wanted}")
    if len(shape) != 1 + len(row) or tuple(shape[1:]) != row:
        raise MotionError(f"{name} has the shape {shorten(_words(shape))}, not {wanted}")
    if not least <= shape[0] <= MOST_FRAMES:
        raise MotionError(f"{name} has {shorten(str(shape[0]))} frames; from {least} to {MOST_FRAMES} will do")


def _words(shape: tuple[object, ...]) -> str:
    return f"[{', '.join(map(str, shape))}]"
