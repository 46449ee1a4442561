"""Variation: what the seed moves in a world, and where it sets the trees of a grove."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from prometheus.world.primitives import Grove, Tree
from prometheus.world.scenario import Scenario

_KEY = 0x5EED
"""Of the child of a world's seed that variation draws from; actors take the children 0, 1, 2 ..."""
_TRIES = 40
_ROOM = 1.4
"""m round starts and goals that stay free of trees."""


def settle(scenario: Scenario, seed: int | np.random.SeedSequence | None = None) -> Scenario:
    """Return a scenario with everything in its place: solids moved within their `vary`, groves set out as trees.

    Args:
        scenario: as it was loaded; one that is settled already comes back as it is.
        seed: of the world, as `World` takes it; the scenario's own when None.
    """
    if not any(isinstance(s, Grove) or _varies(s) for s in scenario.solids):
        return scenario
    sequence = seed if isinstance(seed, np.random.SeedSequence) else None
    if sequence is None:
        sequence = np.random.SeedSequence(scenario.seed if seed is None else int(seed))  # type: ignore[arg-type]
    child = np.random.SeedSequence(sequence.entropy, spawn_key=(*sequence.spawn_key, _KEY))
    rng = np.random.Generator(np.random.PCG64(child))
    solids: list[Any] = []
    for solid in scenario.solids:
        if isinstance(solid, Grove):
            solids += _trees(solid, scenario, solids, rng)
        else:
            solids.append(_moved(solid, rng) if _varies(solid) else solid)
    return scenario.model_copy(update={"solids": tuple(solids)})


def _varies(solid: Any) -> bool:
    vary = getattr(solid, "vary", None)
    return vary is not None and (vary.at > 0 or vary.heading > 0)


def _moved(solid: Any, rng: np.random.Generator) -> Any:
    reach, turn, twist = solid.vary.at * math.sqrt(rng.random()), 2 * math.pi * rng.random(), 2 * rng.random() - 1
    place = (solid.at[0] + reach * math.cos(turn), solid.at[1] + reach * math.sin(turn))
    change: dict[str, Any] = {"at": place, "vary": type(solid.vary)()}
    if hasattr(solid, "heading"):
        change["heading"] = solid.heading + twist * solid.vary.heading
    return solid.model_copy(update=change)


def _trees(grove: Grove, scenario: Scenario, before: Sequence[Any], rng: np.random.Generator) -> list[Tree]:
    """Set the trees out by throwing darts: a place that is too near to another or to a clear way is thrown again."""
    half = np.array(grove.size) / 2
    kept = np.array([t.at for t in before if isinstance(t, Tree)], float).reshape(-1, 2)
    starts = [m.at for m in (*scenario.minds, *scenario.entities)] + [m.goal for m in scenario.minds if m.goal]
    free = np.array(starts, float).reshape(-1, 2)
    trees: list[Tree] = []
    for number in range(grove.count):
        for _ in range(_TRIES):
            place = np.array(grove.at) + half * (2 * rng.random(2) - 1)
            if (
                (np.hypot(*(kept - place).T) >= grove.spacing).all()
                and (np.hypot(*(free - place).T) >= _ROOM).all()
                and all(_off_line(place, line) >= grove.clear_width / 2 for line in grove.clear)
            ):
                break
        else:
            continue
        kept = np.vstack([kept, place])
        tall, wide = rng.random(2)
        height = grove.height[0] + tall * (grove.height[1] - grove.height[0])
        trees.append(
            Tree(
                kind="tree", name=f"{grove.name} {number + 1}", at=(float(place[0]), float(place[1])),
                species=grove.species[int(rng.integers(len(grove.species)))], height=height,
                radius=grove.radius[0] + wide * (grove.radius[1] - grove.radius[0]),
                crown=min(0.9 * grove.spacing, 0.26 * height),
            )
        )  # fmt: skip
    return trees


def _off_line(place: np.ndarray, line: Sequence[tuple[float, float]]) -> float:
    """M from a place to a line of points; inf where the line has fewer than two."""
    nearest = math.inf
    for a, b in pairwise(np.array(line, float).reshape(-1, 2)):
        step = b - a
        share = np.clip((place - a) @ step / max(float(step @ step), 1e-9), 0, 1)
        nearest = min(nearest, float(np.hypot(*(place - a - share * step))))
    return nearest
