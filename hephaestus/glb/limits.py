"""What a GLB may ask for, and looks into its JSON that trust nothing.

A file from a stranger may claim 2^31 vertices in 36 bytes, views past its end, nodes that are their own ancestors or
pictures of a gigapixel. Every bound here is checked before an array is allocated; what breaks one is refused with one
sentence. The getters below take the owner and the key, so that a sentence is only composed where it is needed.
"""

from __future__ import annotations

import re
from typing import Any

from hephaestus.errors import AssetError

FILE_BYTES = 64 << 20
JSON_BYTES = 8 << 20
JSON_DEPTH = 64
JSON_CONTAINERS = 600_000
NODES = 4096
JOINTS = 512
"""Of one skin."""
SKINS = 256
SKIN_JOINTS = 16384
"""Of all skins together."""
ARRAYS = 1 << 17
"""Buffer views, and accessors."""
ELEMENTS = 48_000_000
"""Of one accessor, before it is known what for."""
VERTICES = 2_000_000
INDICES = 6_000_000
PRIMITIVES = 4096
MORPHS = 512
"""Targets of one primitive."""
CHANNELS = 1 << 16
"""Of all animations together."""
KEYS = 1 << 20
"""Of one channel."""
TEXTURES = 64
TEXTURE_SIDE = 8192
TEXTURE_PIXELS = 4096 * 4096
PICTURE_WORK = 4 * TEXTURE_PIXELS
"""Pixels of all pictures together (a JPEG of many scans counts more); what comes after is drawn white."""
DECODED_BYTES = 160 << 20
"""Of all arrays together at four bytes a number, so that many accessors over the same bytes stay bounded."""
LARGEST_FLOAT = 1e9

_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def clip(text: str) -> str:
    """Shorten what a file says to something that fits into a sentence."""
    text = "".join(c if c.isprintable() else "?" for c in text[:61])
    return text if len(text) <= 60 else text[:57] + "..."


def shown(value: object) -> str:
    """Say what a JSON value is: itself where it is short, its kind where it holds others."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return clip(repr(value[:61] if isinstance(value, str) else value))


def mapping(owner: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    """Return owner[key], an object, or {} where it is missing; `where` names the owner in errors."""
    value = owner.get(key)
    if value is None and key not in owner:
        return {}
    if not isinstance(value, dict):
        raise AssetError(f"{clip(key)} of {where} is not an object.")
    return value


def extension(owner: dict[str, Any], name: str, where: str) -> dict[str, Any] | None:
    """Return the extension of that name on an object, or None."""
    extensions = mapping(owner, "extensions", where)
    return mapping(extensions, name, where) if name in extensions else None


def sequence(owner: dict[str, Any], key: str, where: str, most: int) -> list[Any]:
    """Return owner[key], a list of at most `most` things, or [] where it is missing."""
    value = owner.get(key, [])
    if not isinstance(value, list):
        raise AssetError(f"{key} of {where} is not a list.")
    if len(value) > most:
        raise AssetError(f"{key} of {where} has {len(value)} entries; at most {most} are read.")
    return value


def objects(owner: dict[str, Any], key: str, where: str, most: int) -> list[dict[str, Any]]:
    """Return owner[key], a list of at most `most` objects, or [] where it is missing."""
    values = sequence(owner, key, where, most)
    if not all(isinstance(v, dict) for v in values):
        raise AssetError(f"{key} of {where} holds something that is not an object.")
    return values


def integer(value: object, low: int, high: int, what: str) -> int:
    """Return value as an int of [low, high]; a float without fraction is taken, as some exporters write 5.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if type(value) is not int or not low <= value <= high:
        raise AssetError(f"{what} is {shown(value)}; it must be a whole number from {low} to {high}.")
    return value


def whole(owner: dict[str, Any], key: str, low: int, high: int, where: str, default: int | None = None) -> int:
    """Return owner[key] as an int of [low, high], or the default where it is missing and one is given."""
    value = owner.get(key, default)
    if type(value) is int and low <= value <= high:
        return value
    return integer(value, low, high, f"{key} of {where}")


def index(owner: dict[str, Any], key: str, count: int, where: str) -> int | None:
    """Return owner[key] as an index into `count` things, or None where it is missing."""
    value = owner.get(key)
    if type(value) is int and 0 <= value < count:
        return value
    if value is None and key not in owner:
        return None
    if not count:
        raise AssetError(f"{clip(key)} of {where} points at something, but the GLB has none.")
    return integer(value, 0, count - 1, f"{clip(key)} of {where}")


def number(value: object, what: str) -> float:
    """Return a finite float of a size that float32 arithmetic survives."""
    # The comparison is false for NaN, and exact for whole numbers that no float can hold.
    if not isinstance(value, int | float) or isinstance(value, bool) or not -LARGEST_FLOAT <= value <= LARGEST_FLOAT:
        raise AssetError(f"{what} is {shown(value)}; it must be a finite number.")
    return float(value)


def scalar(owner: dict[str, Any], key: str, default: float, where: str) -> float:
    """Return owner[key] as a finite float, or the default where it is missing."""
    return number(owner[key], f"{key} of {where}") if key in owner else default


def numbers(owner: dict[str, Any], key: str, default: tuple[float, ...], where: str) -> tuple[float, ...]:
    """Return owner[key] as floats, as many as the default has."""
    if key not in owner:
        return default
    values = owner[key]
    if not isinstance(values, list) or len(values) != len(default):
        raise AssetError(f"{key} of {where} must be {len(default)} numbers.")
    return tuple(number(v, f"{key} of {where}") for v in values)


def text(owner: dict[str, Any], key: str) -> str:
    """Return owner[key] as a line of at most 200 characters, "" where it is missing or something else.

    Control characters and halves of surrogate pairs become "?": names end in terminals, YAML and UTF-8.
    """
    value = owner.get(key)
    return _UNSHOWABLE.sub("?", value[:200]) if isinstance(value, str) else ""
