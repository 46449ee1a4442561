"""Legs of a many-legged body: their gait, the steps of their feet, and the bones that follow."""

from __future__ import annotations

import numpy as np

from hephaestus.bodies.centre import find_centre
from hephaestus.bodies.legs import HUMAN_LEG, cadence
from hephaestus.errors import RigError
from hephaestus.footing import Feet, Footing, Gait
from hephaestus.limb import Splayed
from hephaestus.rig import Rig
from hephaestus.travel import Travel
from hephaestus.vector import apply, clamp, smoothstep

_TAU = 2.0 * np.pi
_STAND = 0.30
"""Share of the leg's length to which a leg rises at least; a body whose legs lie flat on the floor stands up."""
_SPAN = 0.80
"""Share of the reach over the floor at which a foot has its home at most, so that there is room to step."""
_SLOW, _FAST = 0.75, 0.55
"""Share of the cycle for which a foot stands."""
_WAVE = 5
"""Legs a side beyond which the wave along the body has a fixed lag, as in a centipede."""


class Crawl:
    """All legs of one body.

    Args:
        rig: a many-legged rig.
        chains: nodes of each leg from root to tip: left ones front to back, then right ones.
        at: the same as indices into the puppet.
        carriers: what each leg hangs from, as indices into the puppet.
        root: the node that carries the body.

    Raises:
        RigError: there are no legs, or one is a single point.

    Attributes:
        centre: [3] m, the point of the body at rest that goes where the human's pelvis goes.
        length: m, mean of the straight legs.
        stand: m, how high the roots of the legs are over the feet.
        tips: [K, 3] m, where the legs end at rest.
        front: [K] 1 for the foremost pair of legs, which may be raised.
    """

    def __init__(self, rig: Rig, chains: list[list[int]], at: list[list[int]], carriers: list[int], root: int) -> None:
        if not chains:
            raise RigError(f"{rig.name} has no legs; list them under `legs`, or set its kind to other")
        tips = [_tip(rig, chain) for chain in chains]
        points = [np.vstack([rig.rest_points[chain], tip[None]]) for chain, tip in zip(chains, tips, strict=True)]
        # A leg that ends in a node at its foot has one bone less than nodes.
        self._ends = np.array([float(np.linalg.norm(p[-1] - p[-2])) < 1e-4 for p in points])
        points = [p[:-1] if end else p for p, end in zip(points, self._ends, strict=True)]
        self._groups = _groups(points, at, np.array(carriers), rig.name)
        roots, feet = np.array([p[0] for p in points]), np.array([p[-1] for p in points])
        self.centre = find_centre(rig, root, feet, float(roots[:, 1].mean()))
        self.length = float(np.mean([np.linalg.norm(np.diff(p, axis=0), axis=1).sum() for p in points]))
        self._count, self.front = len(points), _front(len(points))
        self.tips = feet
        self._settle(roots, feet, np.array([p[:, 1].max() for p in points]))

    def _settle(self, roots: np.ndarray, feet: np.ndarray, tops: np.ndarray) -> None:
        """Find where the feet stand: as they rest, unless the legs rest flat, raised or at full stretch."""
        high = np.median(feet[:, 1])
        feet = feet.copy()
        feet[feet[:, 1] > high + 0.1 * self.length, 1] = high
        self.lift = float(max(0.0, _STAND * self.length - np.mean(tops - feet[:, 1])))
        self.centre[1] += self.lift
        drop = np.maximum(roots[:, 1] + self.lift - feet[:, 1], 0.05 * self.length)
        reach = np.zeros(self._count)
        for group in self._groups:
            reach[group.legs] = 0.98 * group.limbs.furthest
        span = np.sqrt(np.maximum(reach**2 - drop**2, (0.35 * reach) ** 2))
        out = (feet - roots)[:, [0, 2]]
        far = np.linalg.norm(out, axis=1)
        out *= np.minimum(1.0, _SPAN * span / np.maximum(far, 1e-6))[:, None]
        far = np.linalg.norm(out, axis=1)
        home = (roots - self.centre)[:, [0, 2]] + out
        self._off = home[:, 0] + 1j * home[:, 1]
        self._floor = feet[:, 1].astype(np.float32)
        self.stand = float(drop.mean())
        self._stretch = np.maximum(0.9 * (span - far), 0.12 * reach)

    @property
    def tempo(self) -> float:
        """Speed of a human-sized leg for each m/s of these."""
        return float(np.sqrt(HUMAN_LEG / self.length))

    def footing(self, phase: float) -> Footing:
        """Return the feet of a body that starts at a phase of the clock."""
        return Footing(self._stretch, 1.4, 0.06 * self.length, phase)

    def pace(self, travel: Travel) -> np.ndarray:
        """Return how fast [T] m/s of a human-sized leg the legs have to go, turns included."""
        return self.tempo * np.abs(travel.drift(self._off)).max(1)

    def walk(self, footing: Footing, travel: Travel, pace: np.ndarray) -> Feet:
        """Let the feet go through the frames."""
        share = _SLOW + (_FAST - _SLOW) * smoothstep(0.3, 1.6, pace)
        room = float(np.median(self._stretch))
        rate = cadence(pace, pace / self.tempo, self.length, share, room, travel.fps)
        gait = Gait(rate, share, self.offsets(share))
        return footing.walk(travel.spots(self._off), travel.drift(self._off), gait, travel.jumped, travel.fps)

    def offsets(self, share: np.ndarray) -> np.ndarray:
        """Return touch-downs [T, K] of legs that stand for a share [T] of the cycle.

        The legs of a side step from the back to the front, each about as the one behind it lands, and the sides take
        turns (D. M. Wilson, "Insect walking", 1966): at speed that is the alternating tripod.
        """
        side = self._count // 2
        behind = side - 1 - np.arange(side)
        lag = 0.5 - 0.25 * (share - _FAST) / (_SLOW - _FAST) if side <= _WAVE else np.full(len(share), 0.16)
        wave = lag[:, None] * behind
        return np.concatenate([wave, wave + 0.5], 1)

    def goals(self, feet: Feet, pace: np.ndarray, airborne: np.ndarray) -> np.ndarray:
        """Return where the feet go, float32 [T, K, 3] m."""
        run = smoothstep(0.6, 3.0, pace)[:, None]
        lift = self.length * (0.16 + 0.05 * run) * np.sin(np.pi * feet.swing) ** 0.7
        goal = np.empty((*feet.swing.shape, 3), np.float32)
        goal[..., 0], goal[..., 2] = feet.spots.real, feet.spots.imag
        goal[..., 1] = self._floor + lift + airborne[:, None] * (self.length / HUMAN_LEG)
        return goal

    def threats(self, turns: np.ndarray, positions: np.ndarray, phase: np.ndarray) -> np.ndarray:
        """Return where raised legs wave, float32 [T, K, 3] m: ahead of their roots and up."""
        goal = np.zeros((len(turns), self._count, 3), np.float32)
        for group in self._groups:
            out = group.limbs.chord * [0.55, 0.0, 0.55] / np.maximum(self.length, 1e-6)
            wave = np.sin(_TAU * 1.3 * phase[:, None] + group.legs)
            aim = np.broadcast_to(out, (len(turns), *out.shape)).copy()
            aim[..., 1] += 0.45 + 0.06 * wave
            aim[..., 2] += 0.25
            goal[:, group.legs] = positions[:, group.roots] + self.length * apply(turns[:, group.carriers], aim)
        return goal

    def sink(self, positions: np.ndarray, goals: np.ndarray, raised: np.ndarray) -> np.ndarray:
        """Return how far [T] m the body must sink for the feet to reach their goals."""
        need = np.zeros(len(positions))
        for group in self._groups:
            off = positions[:, group.roots] - goals[:, group.legs]
            reach = group.limbs.furthest
            plan = off[..., 0] ** 2 + off[..., 2] ** 2
            over = off[..., 1] - np.sqrt(np.maximum(reach * reach - plan, 0.01 * reach * reach))
            need = np.maximum(need, np.where(raised[:, group.legs] > 0.0, 0.0, over).max(1))
        return clamp(0.0, 0.6 * self.stand, need)

    def bend(self, turns: np.ndarray, positions: np.ndarray, goals: np.ndarray) -> None:
        """Set the turns [T, N, 3, 3] of the legs' nodes so that the feet get to their goals."""
        for group in self._groups:
            body = turns[:, group.carriers]
            bones = group.limbs.reach(body, goals[:, group.legs] - positions[:, group.roots])
            turns[:, group.bones] = bones
            ends = self._ends[group.legs]
            if ends.any():
                turns[:, group.last[ends]] = bones[:, ends, -1]


class _Group:
    """Legs of equally many bones."""

    def __init__(self, legs: list[int], points: list[np.ndarray], at: list[list[int]], carriers: np.ndarray) -> None:
        self.legs = np.array(legs)
        self.limbs = Splayed(np.stack([points[k] for k in legs]))
        count = len(points[legs[0]]) - 1
        self.bones = np.array([at[k][:count] for k in legs])
        self.roots, self.last = self.bones[:, 0], np.array([at[k][-1] for k in legs])
        self.carriers = carriers[legs]


def _groups(points: list[np.ndarray], at: list[list[int]], carriers: np.ndarray, name: str) -> list[_Group]:
    counts = [len(p) for p in points]
    if min(counts) < 2:
        raise RigError(f"{name} has a leg of one node without skin; list it from its root to its tip")
    return [_Group([k for k, c in enumerate(counts) if c == n], points, at, carriers) for n in sorted(set(counts))]


def _front(count: int) -> np.ndarray:
    """The foremost leg of each side, where enough others are left to stand on."""
    front = np.zeros(count)
    if count >= 6:
        front[[0, count // 2]] = 1.0
    return front


def _tip(rig: Rig, chain: list[int]) -> np.ndarray:
    """Where a leg touches the floor at rest: its last node, or the end of the skin that reaches far below it."""
    last = rig.rest_points[chain[-1]]
    points, nodes = rig.surface
    skin = points[rig.under([chain[-1]])[nodes]]
    length = float(np.linalg.norm(np.diff(rig.rest_points[chain], axis=0), axis=1).sum())
    if len(skin) < 3:
        return last
    distance = np.linalg.norm(skin - last, axis=1)
    end = skin[distance >= np.quantile(distance, 0.9)].mean(0)
    far = float(np.linalg.norm(end - last))
    return end if far > max(0.12 * length, 0.02) and end[1] < last[1] - 0.3 * far else last
