"""Weights: a model's folder looked through before anything of it is believed.

A folder holds `config.json` and one safetensors file. Its header says where each tensor lies; it is read here by itself
and compared with the file's length and with the shapes that the configuration calls for, so that a truncated file, one
for another model, or a header that claims more than there is, is refused before memory is spent. Pickles run code when
they are opened; they are never opened.
"""

from __future__ import annotations

import inspect
import json
import math
import struct
from pathlib import Path
from typing import Any

from prometheus.errors import MotionError, shorten

WEIGHTS = "diffusion_pytorch_model.safetensors"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_BYTES = {"F16": 2, "BF16": 2, "F32": 4}
_MAX_CONFIG, _MAX_HEADER, _MAX_WEIGHTS = 64 * 2**10, 4 * 2**20, 2 * 2**30
_MOST = {"depth": 64, "layers": 64, "chunk": 64, "steps_per_token": 64}
_MOST_OTHERS = 4096


def check_model(folder: Path, kind: type) -> None:
    """Find out whether a folder holds a whole and harmless model of a kind.

    Args:
        folder: with `config.json` and the weights.
        kind: a diffusers ModelMixin whose arguments are numbers.

    Raises:
        MotionError: it does not; the sentence names the file.
    """
    config = check_config(folder / "config.json", kind)
    file = _find(folder)
    found, wanted = _tensors(file), _shapes(kind, config, file)
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            raise MotionError(f"{file} lacks the tensor {shorten(name)}: these are the weights of another model")
        if name not in wanted:
            raise MotionError(f"{file} has a tensor {shorten(name)} too many: these are the weights of another model")
        if found[name] != wanted[name]:
            raise MotionError(
                f"{file}: {shorten(name)} has the shape {list(found[name])}, where its config.json calls for "
                f"{list(wanted[name])}"
            )


def check_denoiser(folder: Path) -> None:
    """Find out as much about a denoiser's folder as can be told without the libraries that training needs.

    Raises:
        MotionError: the folder does not hold a whole safetensors file that its configuration fits.
    """
    config = _read_config(folder / "config.json", "MotionDiT")
    file = _find(folder)
    shapes = _tensors(file)
    blocks = {name.split(".")[1] for name in shapes if name.startswith("blocks.")}
    found = {"width": sum(shapes.get("no_words", ())), "depth": len(blocks)}
    for name, number in found.items():
        if config.get(name, number) != number or not number:
            raise MotionError(
                f"{file} has a {name} of {number}, where its config.json says {shorten(config.get(name))}: "
                "they belong to different models"
            )


def check_config(file: Path, kind: type) -> dict[str, Any]:
    """Return the numbers of a configuration.

    Args:
        file: JSON as `save_config` writes it.
        kind: the class that it is for.

    Raises:
        MotionError: the file is missing, is no such configuration, or a number is out of range.
    """
    config = _read_config(file, kind.__name__)
    arguments = inspect.signature(kind).parameters
    numbers = {key: value for key, value in config.items() if not key.startswith("_")}
    for key, value in numbers.items():
        if key not in arguments:
            raise MotionError(f"{file}: a {kind.__name__} knows no '{shorten(key)}'")
        _check_number(file, key, value, arguments[key].default)
    if {"width", "heads"} <= numbers.keys() and numbers["width"] % (2 * numbers["heads"]):
        raise MotionError(f"{file}: a width of {numbers['width']} does not divide into {numbers['heads']} even heads")
    return numbers


def check_finite(model: Any, folder: Path) -> None:
    """Find out whether every weight of a loaded model is a finite number.

    Raises:
        MotionError: one is not.
    """
    import torch

    for name, tensor in model.state_dict().items():
        if not bool(torch.isfinite(tensor).all()):
            raise MotionError(f"{folder / WEIGHTS}: {shorten(name)} holds NaN or infinity; train or fetch it again")


def _read_config(file: Path, name: str) -> dict[str, Any]:
    """The configuration of a class of that name."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_CONFIG + 1)
        if len(data) > _MAX_CONFIG:
            raise MotionError(f"{file} is over {_MAX_CONFIG // 2**10} KiB: that is no configuration")
        config = json.loads(data.decode("utf-8"))
    except FileNotFoundError:
        raise MotionError(f"{file} is missing; give a folder that training wrote") from None
    except OSError as error:
        raise MotionError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise MotionError(f"{file} is not valid JSON; give a folder that training wrote") from None
    if not isinstance(config, dict) or config.get("_class_name") != name:
        raise MotionError(f"{file} is not the configuration of a {name}")
    return config


def _find(folder: Path) -> Path:
    """The one file of weights in a folder."""
    file = folder / WEIGHTS
    if not file.is_file():
        pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
        if pickles:
            raise MotionError(
                f"{folder / shorten(pickles[0])} is a pickle, which can run code and is never opened: "
                f"give weights as {WEIGHTS}"
            )
        raise MotionError(f"{file} is missing; give a folder that training wrote")
    if (folder / f"{WEIGHTS}.index.json").exists():
        raise MotionError(f"{folder} has weights in several files; give them as one {WEIGHTS}")
    return file


def _check_number(file: Path, key: str, value: Any, default: Any) -> None:
    if isinstance(default, int) and not isinstance(default, bool):
        most = _MOST.get(key, _MOST_OTHERS)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise MotionError(f"{file}: {key} is {shorten(value)}, not a whole number from 1 to {most}")
    elif isinstance(default, float) and (
        not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1
    ):
        raise MotionError(f"{file}: {key} is {shorten(value)}, not a number from 0 to 1")


def _shapes(kind: Any, config: dict[str, Any], file: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of a model's tensors, without making them."""
    import torch

    try:
        with torch.device("meta"):
            model = kind(**config)
    except (ValueError, RuntimeError, ZeroDivisionError) as error:
        where = file.parent / "config.json"
        raise MotionError(f"{where} describes no {kind.__name__}: {shorten(str(error))}") from error
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def _tensors(file: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors of a safetensors file, whose header must account for every byte."""
    broken = f"{file} is not a whole safetensors file"
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            start = opened.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if size > _MAX_WEIGHTS or not 2 <= length <= min(_MAX_HEADER, size - 8):
                raise MotionError(f"{broken}: its header claims {length} of {size} bytes; fetch it again")
            header = json.loads(opened.read(length).decode("utf-8"))
    except OSError as error:
        raise MotionError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise MotionError(f"{broken}: its header is not JSON; fetch it again") from None
    if not isinstance(header, dict):
        raise MotionError(f"{broken}: its header is no table of tensors; fetch it again")
    spans, shapes = [], {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        shape, span = _entry(entry)
        if shape is None or span is None:
            raise MotionError(f"{broken}: it says {shorten(entry)} of the tensor {shorten(name)}; fetch it again")
        shapes[name] = shape
        spans.append(span)
    end = 0
    for first, last in sorted(spans):
        if first != end:
            raise MotionError(f"{broken}: its tensors overlap or leave gaps; fetch it again")
        end = last
    if end != size - 8 - length:
        raise MotionError(f"{broken}: its tensors take {end} bytes, and {size - 8 - length} are there; fetch it again")
    return shapes


def _entry(entry: Any) -> tuple[tuple[int, ...] | None, tuple[int, int] | None]:
    """Shape and place of a tensor, (None, None) where its entry makes no sense."""
    if not isinstance(entry, dict):
        return None, None
    shape, span, width = entry.get("shape"), entry.get("data_offsets"), _BYTES.get(str(entry.get("dtype")))
    if not isinstance(shape, list) or not isinstance(span, list) or width is None:
        return None, None
    numbers = [*shape, *span]
    if len(shape) > 8 or len(span) != 2 or not all(type(n) is int and 0 <= n <= _MAX_WEIGHTS for n in numbers):
        return None, None
    count = math.prod(shape) * width
    return (tuple(shape), (span[0], span[1])) if span[1] - span[0] == count else (None, None)
