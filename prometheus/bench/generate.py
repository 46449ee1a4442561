"""Generate: a hundred scenarios from one seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from prometheus.bench.case import Case
from prometheus.bench.categories import CATEGORIES
from prometheus.bench.draw import Draw

EACH = 10
SHIPPED_SEED = 2026


def generate(
    seed: int, categories: Iterable[str] = tuple(CATEGORIES), progress: Callable[[int, int], None] | None = None
) -> list[Case]:
    """Make ten scenarios a category; each depends on the seed and its own id alone.

    C09 and C10 are measured in live runs, whose scenarios are those of C05 and C04 lived through; they get none.

    Args:
        seed: 0 to 2**31 - 1.
        categories: of `CATEGORIES`.
        progress: called with (made, in all).
    """
    chosen = [CATEGORIES[name] for name in categories]
    cases = []
    for category in chosen:
        for number in range(EACH):
            name = f"{category.id}_{number + 1:03d}"
            cases.append(category.make(name, number, Draw(child(seed, name))))
            if progress is not None:
                progress(len(cases), EACH * len(chosen))
    return cases


def child(seed: int, name: str) -> int:
    """A seed for one thing by its name, 0 to 2**31 - 1."""
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:4]) >> 1
