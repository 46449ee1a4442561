"""The sculptures that ship, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hephaestus.sculpt.beast import beast
from hephaestus.sculpt.machine import Machine
from hephaestus.sculpt.mannequin import mannequin
from hephaestus.sculpt.people import child, woman
from hephaestus.sculpt.robot import robot
from hephaestus.sculpt.sculpture import Sculpture
from hephaestus.sculpt.spider import spider
from hephaestus.sculpt.tank import tank

SCULPTURES: Mapping[str, Callable[[], Sculpture | Machine]] = {
    "humanoid": mannequin,
    "woman": woman,
    "child": child,
    "beast": beast,
    "robot": robot,
    "spider": spider,
    "tank": tank,
}
