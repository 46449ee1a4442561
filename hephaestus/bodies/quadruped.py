"""Driver of four-legged bodies: keeps where the human goes, how fast, how excited and where it looks.

The human's stride gives phase and speed (`stepping`); the legs walk, trot or gallop on them by inverse kinematics, with
planted paws that take the ground from the human's planted foot. The trunk bobs, bends and sways with the gait and sinks
when the human crouches; the head looks where the human looks; the tail follows. Each frame depends on itself alone.
"""

from __future__ import annotations

import numpy as np

from hephaestus.bodies.trunk import GALLOPS, TROTS, Trunk
from hephaestus.errors import RigError
from hephaestus.limb import Limbs, pairs
from hephaestus.motion import Motion
from hephaestus.puppet import Puppet
from hephaestus.rig import Rig
from hephaestus.stepping import NEUTRAL, StepReader, Steps, stride_length
from hephaestus.vector import about, apply, smoothstep

_TAU = 2.0 * np.pi
# Touch-down of left hind, right hind, left front, right front as shares of the cycle: the lateral-sequence walk, the
# trot and the transverse gallop (Hildebrand, Symmetrical gaits of horses, 1965; Analysis of asymmetrical gaits, 1977).
_WALK = np.array([0.0, 0.50, 0.25, 0.75])
_TROT = np.array([0.0, 0.50, 0.50, 1.00])
_GALLOP = np.array([0.0, 0.14, 0.46, 0.62])
_HUMAN_LEG = 0.82


def _hang(rig: Rig) -> tuple[int, list[int], int]:
    """The root node of the body, the spine's nodes, and which of them carries the front legs."""
    spine = list(rig.roles.get("spine", ()))
    legs = [rig.roles[f"{s}_{e}"][0] for s in "LR" for e in ("front", "hind")]
    if "hips" in rig:
        root = rig.node("hips")
    else:
        common = np.logical_and.reduce([rig.ancestors[n] for n in legs])
        shared = [n for n in spine if common[n]]
        depth = rig.ancestors.sum(1)
        above = np.flatnonzero(common)
        if not len(above):
            raise RigError(f"{rig.name} has no node above all four legs; name one as hips in {rig.name}.body.yaml")
        root = shared[0] if shared else int(above[np.argmax(depth[above])])
    spine = [n for n in spine if n != root]
    front = rig.roles["L_front"][0]
    carriers = [n for n in spine if rig.ancestors[front, n]]
    chest = carriers[-1] if carriers else (spine[-1] if spine else root)
    return root, spine, chest


class Driver:
    """Moves a quadruped rig.

    Args:
        rig: a rig of kind "quadruped".

    Raises:
        RigError: the left and right legs differ in their number of nodes, or nothing is above all four.

    Attributes:
        stride: 1: the path is kept, the legs take the steps that it needs.
        segments: node pairs of the bones.
    """

    stride = 1.0

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        root, spine, chest = _hang(rig)
        nodes, parents, index = [root], [-1], {root: 0}

        def add(chain: list[int], parent: int) -> list[int]:
            for node in chain:
                if node in index:
                    continue
                index[node] = len(nodes)
                nodes.append(node)
                parents.append(parent)
                parent = index[node]
            return [index[n] for n in chain]

        spine_at = add(spine, 0)
        last = spine_at[-1] if spine_at else 0
        neck_at = add([*rig.roles.get("neck", ()), *rig.roles.get("head", ())], last)
        jaw_at = add(list(rig.roles.get("jaw", ())), neck_at[-1] if neck_at else last)
        tail_at = add(list(rig.roles.get("tail", ())), 0)
        self._legs = []
        for end, parent in (("hind", 0), ("front", index[chest])):
            chains = [list(rig.roles[f"{s}_{end}"]) for s in "LR"]
            if len(chains[0]) != len(chains[1]):
                raise RigError(f"{rig.name} lists {len(chains[0])} nodes in L_{end} and {len(chains[1])} in R_{end}")
            self._legs.append(_Pair(rig, chains, [add(c, parent) for c in chains], parent, -1 if end == "front" else 1))
        self.puppet = Puppet(rig, nodes, parents)
        self.segments = [(nodes[p], nodes[n]) for n, p in enumerate(parents) if p >= 0]
        self._trunk = Trunk(rig, self.puppet, spine_at, neck_at, jaw_at, tail_at)
        roots = rig.rest_points[[c for pair in self._legs for c in pair.roots]]
        self._centre = np.array([roots[:, 0].mean(), roots[:, 1].mean(), roots[:, 2].mean()], np.float32)
        self._from_centre = (rig.rest_points[root] - self._centre).astype(np.float32)
        self.leg = float(np.mean([pair.limbs.length for pair in self._legs]))
        # Short legs take two or three steps where a human takes one, or they could not cover the ground.
        self._cadence = int(max(1, round(0.75 * _HUMAN_LEG / self.leg)))
        self._reader = StepReader()

    def poses(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes."""
        turns, positions = self.pose(motion)
        return self.puppet.local(turns, positions)

    def pose(self, motion: Motion) -> tuple[np.ndarray, np.ndarray]:
        """Return turns [T, N, 3, 3] and positions [T, N, 3] m of the steered nodes in the motion frame."""
        steps = self._reader.read(motion)
        cycle = self._cadence * steps.phase
        offsets = self._offsets(steps.speed)
        turns, rise, back = self._trunk.turns(motion, steps, cycle, offsets, self.leg)
        place = np.array(motion.joints[:, 0], np.float32)
        place[:, 0] -= np.sin(steps.heading) * back
        place[:, 2] -= np.cos(steps.heading) * back
        place[:, 1] = self._centre[1] + rise
        root = place + apply(turns[:, 0], self._from_centre)
        positions = self.puppet.positions(turns, root)
        goals = [
            pair.goals(motion, steps, (cycle[:, None] - offsets[:, 2 * k : 2 * k + 2]) % 1.0, self)
            for k, pair in enumerate(self._legs)
        ]
        sink = np.max([p.sink(positions, goal) for p, (goal, _) in zip(self._legs, goals, strict=True)], 0)
        positions[..., 1] -= sink[:, None]
        for pair, (goal, paw) in zip(self._legs, goals, strict=True):
            pair.bend(turns, positions, goal, paw)
        return turns, self.puppet.positions(turns, positions[:, 0])

    @staticmethod
    def _offsets(speed: np.ndarray) -> np.ndarray:
        """Touch-downs [T, 4] of left hind, right hind, left front, right front."""
        trot, gallop = smoothstep(*TROTS, speed)[:, None], smoothstep(*GALLOPS, speed)[:, None]
        return (_WALK + trot * (_TROT - _WALK)) * (1.0 - gallop) + gallop * _GALLOP

    def planted(self, motion: Motion) -> np.ndarray:
        """Return bool [T, 4]: whether left hind, right hind, left front and right front stand on the ground."""
        steps = self._reader.read(motion)
        at = (self._cadence * steps.phase[:, None] - self._offsets(steps.speed)) % 1.0
        cycling = (at < duty(steps.speed)[:, None]) | (steps.speed < 0.05)[:, None]
        return np.where((steps.loose > 0.5)[:, None], steps.contact[:, [0, 1, 1, 0]] > 0.5, cycling)

    @property
    def paws(self) -> list[int]:
        """Nodes of the paws: left hind, right hind, left front, right front."""
        return [paw for pair in self._legs for paw in pair.paws]

    @property
    def centre(self) -> np.ndarray:
        """[3] m, the point of the body at rest that goes where the human's pelvis goes."""
        return self._centre

    @property
    def cadence(self) -> int:
        """Cycles of this body for each of the human's."""
        return self._cadence


def duty(speed: np.ndarray) -> np.ndarray:
    """Return the share [...] of the cycle for which a paw stands: long in a walk, short in a gallop."""
    trot, gallop = smoothstep(*TROTS, speed), smoothstep(*GALLOPS, speed)
    return 0.66 - 0.17 * trot - 0.17 * gallop - 0.01 * np.clip(speed - 4.0, 0.0, 4.0)


def _turned(aside: np.ndarray, ahead: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """(left, forward) [..., 2] m turned by angles [...] (rad, left positive)."""
    sine, cosine = np.sin(turn), np.cos(turn)
    return np.stack([cosine * aside + sine * ahead, cosine * ahead - sine * aside], -1)


class _Pair:
    """The left and right leg of one end of the body."""

    def __init__(self, rig: Rig, chains: list[list[int]], at: list[list[int]], parent: int, knee: int) -> None:
        self.roots, self.paws = [c[0] for c in chains], [c[-1] for c in chains]
        self.limbs = Limbs(pairs(rig.rest_points, chains), knee)
        self._at, self._parent, self.hind = np.array(at), parent, knee > 0
        self._rest_paws = rig.rest_points[self.paws].astype(np.float32)
        self._toe = self._toe_length(rig)

    def _toe_length(self, rig: Rig) -> float:
        points, nodes = rig.surface
        skin = points[rig.under([self.paws[0]])[nodes]]
        return float(max(0.0, (skin - self._rest_paws[0])[:, 2].max())) if len(skin) else 0.0

    def goals(
        self, motion: Motion, steps: Steps, at: np.ndarray, driver: Driver
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the paws [T, 2, 3] m go and how they are turned [T, 2, 3, 3]."""
        spot, lift, curl, turn = self._cycle(steps, at, driver)
        if steps.loose.any():
            # The front legs follow the other side's foot, as in a trot.
            followed = self._follow(steps, driver, [0, 1] if self.hind else [1, 0])
            for mine, theirs in zip((spot, lift, curl, turn), followed, strict=True):
                share = steps.loose.reshape(-1, *(1,) * (mine.ndim - 1))
                mine += share * (theirs - mine)
        sine, cosine = np.sin(steps.heading)[:, None], np.cos(steps.heading)[:, None]
        goal = np.empty((*at.shape, 3), np.float32)
        goal[..., 0] = motion.joints[:, :1, 0] + cosine * spot[..., 0] + sine * spot[..., 1]
        goal[..., 2] = motion.joints[:, :1, 2] + cosine * spot[..., 1] - sine * spot[..., 0]
        goal[..., 1] = self._rest_paws[:, 1] + lift + self._toe * np.sin(np.maximum(curl, 0.0)) * 0.8
        goal[..., 1] += steps.airborne[:, None] * (driver.leg / _HUMAN_LEG)
        return goal, about(1, steps.heading[:, None] + turn) @ about(0, curl)

    def _cycle(self, steps: Steps, at: np.ndarray, driver: Driver) -> tuple[np.ndarray, ...]:
        """Place (left, forward) from the body's centre [T, 2, 2], lift, curl and turn [T, 2] in a steady gait."""
        speed, leg = steps.speed[:, None], driver.leg
        stand = duty(speed)
        moving, run = smoothstep(0.05, 0.6, speed), smoothstep(1.6, 4.5, speed)
        reach = stride_length(speed) / driver.cadence * stand * 0.5 * smoothstep(0.0, 0.2, speed)
        share, swing = np.minimum(at / stand, 1.0), np.maximum((at - stand) / (1.0 - stand), 0.0)
        ease = swing * swing * (3.0 - 2.0 * swing)
        ahead = reach * np.where(at < stand, 1.0 - 2.0 * share, 2.0 * ease - 1.0)
        arc = np.sin(np.pi * swing)
        lift = moving * leg * (0.14 + 0.16 * run) * arc * (1.25 - 0.5 * swing)
        curl = moving * ((0.7 + 0.5 * run) * arc * (1.0 - swing) - 0.25 * np.sin(np.pi * swing**3))
        # The heel comes up a little before the paw leaves.
        curl = curl + moving * 0.35 * (smoothstep(0.75, 1.0, share) * (1.0 - smoothstep(0.0, 0.35, swing)))
        rest = self._rest_paws - driver.centre
        aside, ahead = rest[:, 0] * (1.0 - 0.35 * run), rest[:, 2] + ahead
        turn = steps.turned[:, None] * np.ones(2, np.float32)
        spot = _turned(aside, ahead, turn) + steps.shift[:, None]
        return spot, lift, curl, turn

    def _follow(self, steps: Steps, driver: Driver, feet: list[int]) -> tuple[np.ndarray, ...]:
        """The same as `_cycle` for legs that are nailed to one human foot each: still whenever that foot is."""
        off = (self._rest_paws - driver.centre)[:, [0, 2]] - NEUTRAL[feet]
        turn = steps.feet_turned[:, feet]
        spot = _turned(off[:, 0], off[:, 1], turn) + steps.feet[:, feet]
        return spot, 0.8 * steps.feet_lift[:, feet], 0.7 * steps.feet_pitch[:, feet], turn

    def sink(self, positions: np.ndarray, goal: np.ndarray) -> np.ndarray:
        """How far [T] m the body must sink for the paws to reach."""
        off = positions[:, self._at[:, 0]] - goal
        plan = off[..., 0] ** 2 + off[..., 2] ** 2
        reach = self.limbs.furthest
        highest = np.sqrt(np.maximum(reach * reach - plan, 0.16 * reach * reach))
        return np.clip((off[..., 1] - highest).max(-1), 0.0, 0.3 * reach[0])

    def bend(self, turns: np.ndarray, positions: np.ndarray, goal: np.ndarray, paw: np.ndarray) -> None:
        """Set the turns of the legs' nodes."""
        body = np.broadcast_to(turns[:, self._parent][:, None], paw.shape)
        turns[:, self._at[:, :-1]] = self.limbs.reach(body, goal - positions[:, self._at[:, 0]])
        turns[:, self._at[:, -1]] = paw
