"""A short soak: random worlds of every primitive, all thrown about; the long one is benchmarks/physics_soak.py."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def soak() -> ModuleType:
    path = Path(__file__).parents[3] / "benchmarks" / "physics_soak.py"
    spec = importlib.util.spec_from_file_location("physics_soak", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["physics_soak"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_twenty_thousand_steps_in_random_worlds():
    physics = soak()
    tally = physics.Tally()
    for seed in range(9):
        physics.live(seed, 186, tally)
    assert tally.steps > 20_000
    assert tally.refused == 0
    assert tally.faults == []
    assert tally.deepest <= physics.DEEPEST
    assert tally.falls > 0
