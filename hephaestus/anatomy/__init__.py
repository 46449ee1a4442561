"""Anatomy: which node of a rig plays which part, found from geometry and topology; names are only a hint."""

from hephaestus.anatomy.examine import corrected, examine, find_rig
from hephaestus.anatomy.finding import Finding
from hephaestus.anatomy.sheet import write_sheet

__all__ = ["Finding", "corrected", "examine", "find_rig", "write_sheet"]
