"""The sculptures that ship, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hephaestus.sculpt.beast import beast
from hephaestus.sculpt.mannequin import mannequin
from hephaestus.sculpt.sculpture import Sculpture

SCULPTURES: Mapping[str, Callable[[], Sculpture]] = {"humanoid": mannequin, "beast": beast}
