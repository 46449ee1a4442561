"""Legs of a quadruped: when each paw stands, where it goes, and the bones that follow."""

from __future__ import annotations

import numpy as np

from hephaestus.limb import Limbs, pairs
from hephaestus.motion import Motion
from hephaestus.rig import Rig
from hephaestus.stepping import NEUTRAL, Steps, stride_length
from hephaestus.vector import about, clamp, smoothstep
from hephaestus.waves import Waves

TROTS, GALLOPS = (1.5, 1.75), (2.3, 2.65)
"""m/s: between which a walk becomes a trot, and a trot a gallop."""
HUMAN_LEG = 0.82
# Touch-down of left hind, right hind, left front, right front as shares of the cycle: the lateral-sequence walk, the
# trot and the transverse gallop (Hildebrand, Symmetrical gaits of horses, 1965; Analysis of asymmetrical gaits, 1977).
_WALK = np.array([0.0, 0.50, 0.25, 0.75])
_TROT = np.array([0.0, 0.50, 0.50, 1.00])
_GALLOP = np.array([0.0, 0.14, 0.46, 0.62])
# The human foot that each paw follows off the table: diagonal legs together, as in a trot.
_FOLLOWED = [0, 1, 1, 0]


def offsets(speed: np.ndarray) -> np.ndarray:
    """Return touch-downs [..., 4] (shares of the cycle) of left hind, right hind, left front, right front."""
    trot, gallop = smoothstep(*TROTS, speed)[..., None], smoothstep(*GALLOPS, speed)[..., None]
    return (_WALK + trot * (_TROT - _WALK)) * (1.0 - gallop) + gallop * _GALLOP


def duty(speed: np.ndarray) -> np.ndarray:
    """Return the share [...] of the cycle for which a paw stands: long in a walk, short in a gallop."""
    trot, gallop = smoothstep(*TROTS, speed), smoothstep(*GALLOPS, speed)
    return 0.66 - 0.17 * trot - 0.17 * gallop - 0.01 * np.clip(speed - 4.0, 0.0, 4.0)


class Legs:
    """All four legs.

    Args:
        rig: a quadruped rig.
        chains: nodes of left hind, right hind, left front, right front, from root to paw.
        at: the same as indices into the puppet.
        carriers: what hind and front legs hang from, as indices into the puppet.
        centre: [3] m, the point of the body at rest that goes where the human's pelvis goes.

    Attributes:
        paws: nodes of the paws, in the order of `chains`.
        length: m, mean of the straight legs.
        cadence: cycles of the body for each of the human's.
    """

    def __init__(
        self, rig: Rig, chains: list[list[int]], at: list[list[int]], carriers: tuple[int, int], centre: np.ndarray
    ) -> None:
        self.paws = [c[-1] for c in chains]
        self._pairs = [_Pair(rig, chains[k : k + 2], at[k : k + 2], carriers[k // 2], 1 - k) for k in (0, 2)]
        self.length = float(np.mean([pair.limbs.length for pair in self._pairs]))
        # Short legs take two or three steps where a human takes one, or they could not cover the ground.
        self.cadence = int(max(1, round(0.75 * HUMAN_LEG / self.length)))
        rest = rig.rest_points[self.paws]
        self._off = (rest - centre)[:, [0, 2]].astype(np.float32)
        self._follow_off = self._off - NEUTRAL[_FOLLOWED]
        self._height = rest[:, 1].astype(np.float32)
        self._toes = np.array([_toe_length(rig, paw) for paw in self.paws], np.float32)
        self._waves = Waves(self._curves)

    def touch_downs(self, steps: Steps) -> np.ndarray:
        """Return [T, 4], the phase of each leg's own cycle that counts from its touch-down."""
        return self.cadence * steps.phase[:, None] - offsets(steps.speed)

    def planted(self, steps: Steps) -> np.ndarray:
        """Return bool [T, 4]: whether each paw stands on the ground."""
        cycling = (self.touch_downs(steps) % 1.0 < duty(steps.speed)[:, None]) | (steps.speed < 0.05)[:, None]
        return np.where((steps.loose > 0.5)[:, None], steps.contact[:, _FOLLOWED] > 0.5, cycling)

    def goals(self, motion: Motion, steps: Steps) -> tuple[np.ndarray, np.ndarray]:
        """Return where the paws go, [T, 4, 3] m, and how they are turned, [T, 4, 3, 3]."""
        curves = self._waves.at(self.touch_downs(steps), steps.speed)
        spot = np.empty((len(motion), 4, 2), np.float32)
        spot[..., 0] = self._off[:, 0] * curves[..., 3]
        spot[..., 1] = self._off[:, 1] + curves[..., 0]
        turn = steps.turned[:, None]
        spot = _turned(spot, turn) + steps.shift[:, None]
        lift, curl = curves[..., 1], curves[..., 2]
        if steps.loose.any():
            # Nailed to one human foot each: still whenever that foot is.
            share, foot_turn = steps.loose[:, None], steps.feet_turned[:, _FOLLOWED]
            followed = _turned(self._follow_off, foot_turn) + steps.feet[:, _FOLLOWED]
            spot = spot + share[..., None] * (followed - spot)
            lift = lift + share * (0.8 * steps.feet_lift[:, _FOLLOWED] - lift)
            curl = curl + share * (0.7 * steps.feet_pitch[:, _FOLLOWED] - curl)
            turn = turn + share * (foot_turn - turn)
        spot = _turned(spot, steps.heading[:, None])
        goal = np.empty((len(motion), 4, 3), np.float32)
        goal[..., 0] = motion.joints[:, :1, 0] + spot[..., 0]
        goal[..., 2] = motion.joints[:, :1, 2] + spot[..., 1]
        goal[..., 1] = self._height + lift + self._toes * np.sin(np.maximum(curl, 0.0)) * 0.8
        goal[..., 1] += steps.airborne[:, None] * (self.length / HUMAN_LEG)
        paw = about(1, np.broadcast_to(steps.heading[:, None] + turn, curl.shape)) @ about(0, curl)
        return goal, paw

    def sink(self, positions: np.ndarray, goals: np.ndarray) -> np.ndarray:
        """Return how far [T] m the body must sink for the paws to reach their goals."""
        hind, front = self._pairs
        return np.maximum(hind.sink(positions, goals[:, :2]), front.sink(positions, goals[:, 2:]))

    def bend(self, turns: np.ndarray, positions: np.ndarray, goals: np.ndarray, paws: np.ndarray) -> None:
        """Set the turns [T, N, 3, 3] of the legs' nodes so that the paws get to their goals."""
        for k, pair in enumerate(self._pairs):
            two = slice(2 * k, 2 * k + 2)
            pair.bend(turns, positions, goals[:, two], paws[:, two])

    def _curves(self, at: np.ndarray, speed: np.ndarray) -> np.ndarray:
        """[n, 4] of a paw: ahead of its rest m, lift m, curl rad (toes down), and the share of its track width left."""
        stand = duty(speed)
        moving, run = smoothstep(0.05, 0.6, speed), smoothstep(1.6, 4.5, speed)
        reach = stride_length(speed) / self.cadence * stand * 0.5 * smoothstep(0.0, 0.2, speed)
        share, swing = np.minimum(at / stand, 1.0), np.maximum((at - stand) / (1.0 - stand), 0.0)
        ahead = reach * np.where(at < stand, 1.0 - 2.0 * share, 2.0 * swing * swing * (3.0 - 2.0 * swing) - 1.0)
        arc = np.sin(np.pi * swing)
        lift = moving * self.length * (0.14 + 0.16 * run) * arc * (1.25 - 0.5 * swing)
        curl = moving * ((0.7 + 0.5 * run) * arc * (1.0 - swing) - 0.25 * np.sin(np.pi * swing**3))
        # The heel comes up a little before the paw leaves.
        curl += moving * 0.35 * smoothstep(0.75, 1.0, share) * (1.0 - smoothstep(0.0, 0.35, swing))
        return np.stack([ahead, lift, curl, 1.0 - 0.35 * run], 1)


class _Pair:
    """The left and right leg of one end of the body."""

    def __init__(self, rig: Rig, chains: list[list[int]], at: list[list[int]], carrier: int, knee: int) -> None:
        self.limbs = Limbs(pairs(rig.rest_points, chains), knee)
        self._at, self._carrier = np.array(at), carrier
        self._roots, self._bones, self._paws = self._at[:, 0], self._at[:, :-1], self._at[:, -1]

    def sink(self, positions: np.ndarray, goal: np.ndarray) -> np.ndarray:
        off = positions[:, self._roots] - goal
        reach = self.limbs.furthest
        plan = off[..., 0] ** 2 + off[..., 2] ** 2
        over = off[..., 1] - np.sqrt(np.maximum(reach * reach - plan, 0.16 * reach * reach))
        return clamp(0.0, 0.3 * reach[0], over.max(-1))

    def bend(self, turns: np.ndarray, positions: np.ndarray, goal: np.ndarray, paw: np.ndarray) -> None:
        body = turns[:, self._carrier][:, None]
        turns[:, self._bones] = self.limbs.reach(body, goal - positions[:, self._roots])
        turns[:, self._paws] = paw


def _turned(spot: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """(left, forward) [..., 2] m turned by angles [...] (rad, left positive)."""
    sine, cosine = np.sin(turn), np.cos(turn)
    left, forward = spot[..., 0], spot[..., 1]
    return np.stack([cosine * left + sine * forward, cosine * forward - sine * left], -1)


def _toe_length(rig: Rig, paw: int) -> float:
    points, nodes = rig.surface
    skin = points[rig.under([paw])[nodes]]
    return float(max(0.0, (skin - rig.rest_points[paw])[:, 2].max())) if len(skin) else 0.0
