"""Where two JSON values first differ."""

from __future__ import annotations

from typing import Any

from aether.clean import clean


def first_difference(recorded: Any, now: Any, where: str = "scene") -> str | None:
    """Says where two JSON values first differ, as "scene.walls.left was 3.2 and is 3.1"; None where they are equal."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in [*recorded, *(key for key in now if key not in recorded)]:
            if key not in recorded or key not in now:
                return f"{where}.{clean(str(key), 40)} is only {'there now' if key in now else 'in the record'}"
            found = first_difference(recorded[key], now[key], f"{where}.{clean(str(key), 40)}")
            if found:
                return found
        return None
    if isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        pairs = enumerate(zip(recorded, now, strict=True))
        return next((found for i, (a, b) in pairs if (found := first_difference(a, b, f"{where}[{i}]"))), None)
    return None if recorded == now else f"{where} was {clean(repr(recorded), 60)} and is {clean(repr(now), 60)}"
