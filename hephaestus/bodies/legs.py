"""Legs of a quadruped: how they step at a pace, how the paws are carried, and the bones that follow."""

from __future__ import annotations

import numpy as np

from hephaestus.footing import Feet, Footing, Gait
from hephaestus.limb import Limbs, pairs
from hephaestus.rig import Rig
from hephaestus.stepping import stride_length
from hephaestus.travel import Travel
from hephaestus.vector import about, clamp, smoothstep

TROTS, GALLOPS = (1.5, 1.75), (2.3, 2.65)
"""m/s of a human-sized leg: between which a walk becomes a trot, and a trot a gallop."""
HUMAN_LEG = 0.82
# Touch-down of left hind, right hind, left front, right front as shares of the cycle: the lateral-sequence walk, the
# trot and the transverse gallop (Hildebrand, Symmetrical gaits of horses, 1965; Analysis of asymmetrical gaits, 1977).
_WALK = np.array([0.0, 0.50, 0.25, 0.75])
_TROT = np.array([0.0, 0.50, 0.50, 1.00])
_GALLOP = np.array([0.0, 0.14, 0.46, 0.62])
_SINK = 0.10
"""Share of its height by which the body may sink for a leg to reach its paw."""


def offsets(speed: np.ndarray) -> np.ndarray:
    """Return touch-downs [..., 4] (shares of the cycle) of left hind, right hind, left front, right front."""
    trot, gallop = smoothstep(*TROTS, speed)[..., None], smoothstep(*GALLOPS, speed)[..., None]
    return (_WALK + trot * (_TROT - _WALK)) * (1.0 - gallop) + gallop * _GALLOP


def duty(speed: np.ndarray) -> np.ndarray:
    """Return the share [...] of the cycle for which a paw stands: long in a walk, short in a gallop."""
    trot, gallop = smoothstep(*TROTS, speed), smoothstep(*GALLOPS, speed)
    return 0.66 - 0.17 * trot - 0.17 * gallop - 0.01 * np.clip(speed - 4.0, 0.0, 4.0)


def cadence(speed: np.ndarray, way: np.ndarray, leg: float, share: np.ndarray, room: float, fps: float) -> np.ndarray:
    """Return cycles a second [T] of legs of any number and size.

    Strides grow with pace and leg as a human's do (dynamic similarity: R. McN. Alexander, "Optimization and gaits in
    the locomotion of vertebrates", 1989), but never beyond what the legs span, and a foot is seen to stand and to fly
    for two frames at least.

    Args:
        speed: [T] m/s of a human-sized leg.
        way: [T] m/s of the body.
        leg: m, length of a leg.
        share: [T] of the cycle for which a foot stands.
        room: m that a foot may be from its home.
        fps: frames a second.
    """
    stride = stride_length(speed) * (leg / HUMAN_LEG)
    stride = np.minimum(stride, 1.7 * room / share)
    rate = np.maximum(way / stride, 0.55 * smoothstep(0.08, 0.35, speed))
    return np.minimum(rate, 0.5 * fps * np.minimum(share, 1.0 - share))


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
        tempo: speed of a human-sized leg for each m/s of these.
    """

    def __init__(
        self, rig: Rig, chains: list[list[int]], at: list[list[int]], carriers: tuple[int, int], centre: np.ndarray
    ) -> None:
        self.paws = [c[-1] for c in chains]
        self._pairs = [_Pair(rig, chains[k : k + 2], at[k : k + 2], carriers[k // 2], 1 - k) for k in (0, 2)]
        self.length = float(np.mean([pair.limbs.length for pair in self._pairs]))
        self.tempo = float(np.sqrt(HUMAN_LEG / self.length))
        rest = rig.rest_points[self.paws]
        off = (rest - centre)[:, [0, 2]]
        self._off, self._forward = off[:, 0] + 1j * off[:, 1], 1j * off[:, 1]
        self._height = rest[:, 1].astype(np.float32)
        self._toes = np.array([_toe_length(rig, paw) for paw in self.paws], np.float32)
        self._stretch = np.concatenate([pair.stretch for pair in self._pairs])

    def footing(self, phase: float) -> Footing:
        """Return the paws of a body that starts at a phase of the clock."""
        return Footing(self._stretch, 1.1, 0.07 * self.length, phase)

    def pace(self, travel: Travel) -> np.ndarray:
        """Return how fast [T] m/s of a human-sized leg the legs have to go, turns included."""
        return self.tempo * np.abs(travel.drift(self._off)).max(1)

    def walk(self, footing: Footing, travel: Travel, pace: np.ndarray) -> Feet:
        """Let the paws go through the frames."""
        share = duty(pace)
        rate = cadence(pace, pace / self.tempo, self.length, share, float(self._stretch.min()), travel.fps)
        # At a run the paws come under the middle of the body.
        narrow = self._off.real * (1.0 - 0.35 * smoothstep(1.6, 4.5, pace))[:, None] + self._forward
        home = travel.place[:, None] + np.exp(-1j * travel.heading)[:, None] * narrow
        gait = Gait(rate, share, offsets(pace))
        return footing.walk(home, travel.drift(self._off), gait, travel.jumped, travel.fps)

    def goals(
        self, feet: Feet, pace: np.ndarray, heading: np.ndarray, airborne: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return where the paws go, [T, 4, 3] m, and how they are turned, [T, 4, 3, 3]."""
        run, swing = smoothstep(1.6, 4.5, pace)[:, None], feet.swing
        arc = np.sin(np.pi * swing)
        # Up at once and down late: a paw near the floor hardly moves along it.
        lift = self.length * (0.12 + 0.18 * run) * arc**0.7 * (1.2 - 0.4 * swing)
        curl = (0.6 + 0.6 * run) * arc * (1.0 - swing) - 0.25 * np.sin(np.pi * swing**3)
        # The heel comes up a little before the paw leaves.
        walking = smoothstep(0.15, 0.6, pace)[:, None]
        heel = 0.35 * smoothstep(0.75, 1.0, feet.stance) + 0.35 * (swing > 0.0) * (1.0 - smoothstep(0.0, 0.35, swing))
        curl = curl * smoothstep(0.05, 0.4, pace)[:, None] + walking * heel
        goal = np.empty((*swing.shape, 3), np.float32)
        goal[..., 0], goal[..., 2] = feet.spots.real, feet.spots.imag
        goal[..., 1] = self._height + lift + self._toes * np.sin(np.maximum(curl, 0.0)) * 0.8
        goal[..., 1] += airborne[:, None] * (self.length / HUMAN_LEG)
        return goal, about(1, np.broadcast_to(heading[:, None], curl.shape)) @ about(0, curl)

    def sink(self, positions: np.ndarray, goals: np.ndarray) -> np.ndarray:
        """Return how far [T] m the body must sink for the paws to reach their goals."""
        hind, front = self._pairs
        return np.maximum(hind.sink(positions, goals[:, :2]), front.sink(positions, goals[:, 2:]))

    def bend(self, turns: np.ndarray, positions: np.ndarray, goals: np.ndarray, paws: np.ndarray) -> None:
        """Set the turns [T, N, 3, 3] of the legs' nodes so that the paws get to their goals."""
        for k, pair in enumerate(self._pairs):
            two = slice(2 * k, 2 * k + 2)
            pair.bend(turns, positions, goals[:, two], paws[:, two])


class _Pair:
    """The left and right leg of one end of the body."""

    def __init__(self, rig: Rig, chains: list[list[int]], at: list[list[int]], carrier: int, knee: int) -> None:
        self.limbs = Limbs(pairs(rig.rest_points, chains), knee)
        self._at, self._carrier = np.array(at), carrier
        self._roots, self._bones, self._paws = self._at[:, 0], self._at[:, :-1], self._at[:, -1]
        reach, high = self.limbs.furthest, (1.0 - _SINK) * -self.limbs.chord[:, 1]
        span = np.sqrt(np.maximum(reach**2 - high**2, 0.0))
        # A leg that rests leaning has less room the way it leans.
        self.stretch = np.maximum(span - np.abs(self.limbs.chord[:, 2]), 0.25 * reach).astype(float)

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


def _toe_length(rig: Rig, paw: int) -> float:
    points, nodes = rig.surface
    skin = points[rig.under([paw])[nodes]]
    return float(max(0.0, (skin - rig.rest_points[paw])[:, 2].max())) if len(skin) else 0.0
