"""C04 Threat-Type Differentiated Response: twelve meetings in one place, from who stands to a beast that charges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from prometheus.bench.case import Ask, Case
from prometheus.bench.draw import Draw, ask, fits
from prometheus.bench.layout import SIDES, Being, Layout
from prometheus.bench.level import PACE, due_of
from prometheus.bench.live import FPS, Take
from prometheus.bench.marks import Marks, mark
from prometheus.bench.reading import Reading
from prometheus.bench.stage import Stage

_KINDS, _ACTS = ("beast", "man", "woman"), ("stop", "wander", "approach", "charge")
_RIGHT = {
    ("beast", "charge"): {"flee"},
    ("beast", "approach"): {"flee", "guard"},
    ("beast", "wander"): {"guard"},
    ("beast", "stop"): {"guard"},
    ("man", "charge"): {"flee", "guard", "yield"},
    ("man", "approach"): {"yield", "greet"},
    ("man", "wander"): {"greet", "ignore", "yield"},
    ("man", "stop"): {"greet", "ignore"},
}
_RIGHT |= {("woman", deed): kinds for (kind, deed), kinds in _RIGHT.items() if kind == "man"}
_SECONDS = 3.0


def make(name: str, number: int, draw: Draw) -> Case:
    """The same place, distance and bearing for each of beast, man, woman x stop, wander, approach, charge."""

    def once() -> Case | None:
        walls = {side: draw.metres(7.5, 11.0) for side in draw.sides(draw.pick((1, 2)))}
        side = draw.pick([side for side in SIDES if side != "backward"])
        bearing = {"forward": 0.0, "left": math.pi / 3, "right": -math.pi / 3}[side]
        # Near enough that a stroll past is met, far enough that nobody stands in the body.
        first = Being("beast", "stop", draw.metres(2.4, 4.4), draw.bearing(bearing, 0.2))
        layout = Layout(walls, (first,), draw.heading(), "walk through the yard")
        asks: list[Ask] = []
        for kind in _KINDS:
            for deed in _ACTS:
                this = replace(layout, beings=(replace(first, kind=kind, behaviour=deed),))
                if not fits(this):
                    return None
                asks.append(ask(f"{name}.{len(asks) + 1}", this, draw.seed, facts={"kind": kind, "act": deed}))
        return Case(name, "C04", f"one place, twelve who could be {side}", draw.seed, tuple(asks))

    return draw.until(once)


def score(case: Case, readings: list[Reading]) -> Marks:
    """70 x Kendall's tau-b of the vigour of the responses with what each calls for, and 30 for the right kinds."""
    wanted = [due_of(asked.layout.beings[0]) for asked in case.asks]
    shown = [answer.vigour if answer.is_sentence else -1.0 for answer in readings]
    order = max(0.0, tau_b(wanted, shown))
    kinds = [_RIGHT[(str(asked.facts["kind"]), str(asked.facts["act"]))] for asked in case.asks]
    # Whoever says everything has not chosen: of several kinds in one sentence each counts its share.
    fits_kind = [
        len(answer.responses & right) / max(len(answer.responses), 1)
        for answer, right in zip(readings, kinds, strict=True)
    ]
    varied = len({answer.responses for answer in readings}) > 1
    right = sum(share >= 0.5 for share in fits_kind) / len(kinds) if varied else 0.0
    return Marks(
        case.id,
        (
            mark("order of response (tau-b)", 70, order, wanted, [round(value, 1) for value in shown]),
            mark(
                "kinds of response",
                30,
                right,
                ["/".join(sorted(each)) for each in kinds],
                ["/".join(sorted(a.responses)) or None for a in readings],
            ),
        ),
    )


def play(case: Case, stage: Stage) -> list[Take]:
    """Meet each of the twelve for three seconds."""
    return [stage.take([(0.0, asked.layout)], _SECONDS, case.seed) for asked in case.asks]


def score_takes(case: Case, takes: list[Take]) -> Marks:
    """Peak speed 40, distance kept 30, and facing away from who threatens 30: Kendall's tau-b with what each calls for.

    Steps that call for the same pace (calm and curious; afraid and panic) count as one: a body has no fourth gait.
    """
    wanted = [sorted(set(PACE)).index(PACE[due_of(asked.layout.beings[0])]) for asked in case.asks]
    peak = [round(float(np.percentile(take.speed, 90)), 1) for take in takes]
    left = [_left(take) for take in takes]
    away = [_away(take) for take in takes]
    varied = len(frozenset().union(*(take.replies for take in takes))) > 1
    spoken = varied * fmean(take.spoken for take in takes)
    marks = []
    for what, most, values in (("peak speed", 40, peak), ("distance kept", 30, left), ("turned away", 30, away)):
        tau = spoken * max(0.0, _coarse(wanted, values))
        marks.append(mark(f"{what} (tau-b)", most, tau, _listed(wanted), _listed(values)))
    return Marks(case.id, tuple(marks))


def tau_b(a: Sequence[float], b: Sequence[float]) -> float:
    """Return Kendall's tau-b of two equally long rows, -1 to 1; 0 where either is all ties (Kendall 1945)."""
    pairs = [(i, j) for i in range(len(a)) for j in range(i)]
    signs = [((a[i] > a[j]) - (a[i] < a[j]), (b[i] > b[j]) - (b[i] < b[j])) for i, j in pairs]
    agree = sum(x * y for x, y in signs)
    untied_a, untied_b = sum(x != 0 for x, _ in signs), sum(y != 0 for _, y in signs)
    return 0.0 if not untied_a or not untied_b else agree / math.sqrt(untied_a * untied_b)


def _listed(values: Sequence[float]) -> str:
    return " ".join(f"{value:g}" for value in values)


def _coarse(wanted: Sequence[float], shown: Sequence[float]) -> float:
    """Tau-b over the pairs whose due steps differ: within a step a body may do as it likes."""
    pairs = [(i, j) for i in range(len(wanted)) for j in range(i) if wanted[i] != wanted[j]]
    signs = [np.sign(wanted[i] - wanted[j]) * np.sign(shown[i] - shown[j]) for i, j in pairs]
    untied = sum(sign != 0 for sign in signs)
    return float(sum(signs) / math.sqrt(len(signs) * untied)) if untied else 0.0


def _left(take: Take) -> float:
    """How much farther the body is at the end, m, from where the other stood when they met."""
    other = next(iter(take.others.values()))[0]
    return round(float(np.linalg.norm(take.place[-1] - other) - np.linalg.norm(take.place[0] - other)), 0)


def _away(take: Take) -> float:
    """How far the body has its back to the other, -1 to 1, on the mean after its first second, to a half."""
    other = next(iter(take.others.values()))
    toward = np.arctan2(*(other - take.place).T[::-1])
    return round(float(np.nanmean(-np.cos(toward - take.heading)[FPS:])) * 2.0) / 2.0
