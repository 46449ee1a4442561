"""The edited, procedural and physics clips: what bodies made of captured strides are asked to do, and how often."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from prometheus.motion.corpus import beats, falls
from prometheus.motion.corpus.bank import Bank
from prometheus.motion.corpus.clip import Clip
from prometheus.motion.corpus.script import Beat, play


class _Order(NamedTuple):
    """One clip to be made: its main kind, its origin, and what writes its script."""

    kind: str
    origin: str
    script: Callable[[np.random.Generator], list[Beat]]


def _steady(rng: np.random.Generator, octant: int, pace: int, curved: bool) -> list[Beat]:
    turn = float(rng.choice([-1, 1])) * rng.uniform(15, 60) if curved else 0.0
    first = beats.going(rng, octant, pace, rng.uniform(2.2, 3.2), turn)
    return [first, beats.going(rng, octant, pace, rng.uniform(2.2, 3.2), 0.0, plain=True)]


def _chain(rng: np.random.Generator, quick: bool) -> list[Beat]:
    return beats.chain(rng, int(rng.integers(3, 6)) + 2 * quick, quick)


def _turn_and_go(rng: np.random.Generator) -> list[Beat]:
    return [beats.standing(rng, rng.uniform(0.8, 2.0)), *beats.turn_and_go(rng)]


def _idle(rng: np.random.Generator, number: int) -> list[Beat]:
    script = [
        beats.standing(rng, rng.uniform(1.5, 4.0)) if j % 2 == number % 2 else beats.turning(rng) for j in range(4)
    ]
    return [beats.calm(rng.uniform(4.0, 6.0)), beats.standing(rng, 3.0)] if number % 3 == 0 else script


def _before_a_fall(rng: np.random.Generator) -> list[Beat]:
    octant, pace = int(rng.choice([0, 0, 0, 2, 6, 4])), int(rng.choice([1, 2, 3]))
    script = [beats.calm(rng.uniform(0.8, 1.5)), beats.going(rng, octant, pace, rng.uniform(1.0, 1.8))]
    return script[: int(rng.integers(1, 3))]


def orders(amount: float) -> list[_Order]:
    """Return the clips to make; amount 1 is about 75 minutes, and every family is there at any amount."""

    def times(count: float) -> range:
        return range(max(1, round(count * amount)))

    found: list[_Order] = []
    for octant in range(8):
        for pace in range(4):
            found += [_Order("gait", "edited", partial(_steady, octant=octant, pace=pace, curved=i % 2 == 1))
                      for i in times(2)]  # fmt: skip
            found += [_Order("gait", "edited", partial(beats.setting_off, octant=octant, pace=pace)) for _ in times(2)]
        found += [_Order("gait", "edited", partial(beats.ladder, octant=octant)) for _ in times(2)]
        found += [_Order("crouch", "procedural", partial(beats.crouching, octant=octant)) for _ in times(2)]
    found += [_Order("gait", "edited", partial(_chain, quick=i % 2 == 1)) for i in times(150)]
    found += [_Order("react", "edited", beats.reacting) for _ in times(60)]
    found += [_Order("gait", "edited", _turn_and_go) for _ in times(24)]
    found += [_Order("idle", "edited", partial(_idle, number=i)) for i in times(44)]
    for kind, script in (("limp", beats.limping), ("hop", beats.jumping), ("gesturing", beats.gesturing)):
        found += [_Order(kind, "procedural", script) for _ in times(26)]
    return found + [_Order("fall", "physics", _before_a_fall) for _ in times(30)]


def generated(
    bank: Bank, seed: int, amount: float, name: str, advance: Callable[[int, int], None] | None = None
) -> list[Clip]:
    """Return clips of bodies of the bank: travel in every direction and pace, changes, turns, stances, frights, falls.

    Args:
        bank: strides and stances to use.
        seed: of everything drawn.
        amount: 1 for about 75 minutes.
        name: prefix of the clips' ids.
        advance: called with (done, total).
    """
    rng = np.random.default_rng(seed)
    clips: list[Clip] = []
    wanted = orders(amount)
    for order in wanted:
        if advance is not None:
            advance(len(clips), len(wanted))
        script = order.script(rng)
        ease = rng.uniform(0.06, 0.13)
        kind = "gait" if order.kind == "fall" else order.kind
        clip = play(f"{name}-{len(clips):04d}", script, bank.body(rng), rng, ease, kind, order.origin)
        clips.append(falls.falling(clip, bank.ups, rng) if order.kind == "fall" else clip)
    return clips
