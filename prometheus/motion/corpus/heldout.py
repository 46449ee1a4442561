"""Captures kept aside for validation, by their names (heldout.txt)."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from prometheus.motion.corpus.clip import Clip


def held_out_patterns() -> list[str]:
    """Return the patterns of captures kept aside (heldout.txt)."""
    text = (Path(__file__).parent / "heldout.txt").read_text()
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def is_held_out(source: str, patterns: list[str]) -> bool:
    """Return whether a capture, or any capture of an edit's "a+b" source, is kept aside."""
    return any(fnmatch(part.removesuffix("-m"), p) for part in source.split("+") for p in patterns)


def is_aside(clip: Clip, patterns: list[str]) -> bool:
    """Return whether a clip is kept aside: by its own mark, or by what it was made of."""
    return clip.aside or is_held_out(clip.source, patterns)
