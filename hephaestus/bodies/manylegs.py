"""Driver of bodies with six legs and more: spiders, ants, crabs, centipedes.

The gait comes from the number of legs and the pace: a wave that runs from back to front, which at speed becomes the
alternating tripod or tetrapod. Feet stand where they were put (`footing`), legs bend by inverse kinematics in their own
upright planes, the body rides on them, turns towards what the human looks at, and rears when the human is excited.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.bodies.crawl import Crawl
from hephaestus.footing import Feet, Footing
from hephaestus.gaze import arousal, gaze
from hephaestus.leak import Memory
from hephaestus.motion import Motion
from hephaestus.puppet import Puppet
from hephaestus.rig import Rig
from hephaestus.skeleton import REST_HEIGHT
from hephaestus.stepping import StepReader, Steps
from hephaestus.travel import Travel, TravelReader
from hephaestus.vector import about, apply, clamp, smoothstep

_TAU = 2.0 * np.pi
_NECK = 1.75
"""rad that a head turns at most to a side."""
_BODY_SHARE, _BODY_TURN = 0.35, 0.45
"""Share of a glance that the body turns where there is a head to do the rest, and rad at most."""


class Driver:
    """Moves a rig of six legs or more.

    Args:
        rig: a rig of kind "manylegs".

    Raises:
        RigError: the rig has no legs, or a node of scale zero.

    Attributes:
        stride: 1: the path is kept, the legs take the steps that it needs.
        segments: node pairs of the bones.
        puppet: the steered nodes.
        legs: all legs.
        reader: reads the human's steps.
    """

    stride = 1.0

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        tree = _Tree(rig)
        self.segments = [(tree.nodes[p], tree.nodes[n]) for n, p in enumerate(tree.parents) if p >= 0]
        self.head, self.tail, self.body = tree.head, tree.tail, [0, *tree.spine]
        self.legs = Crawl(rig, rig.legs, tree.legs, tree.carriers, tree.nodes[0])
        self.puppet = Puppet(rig, tree.nodes, tree.parents, centre=self.legs.centre)
        self._from_centre = (self.puppet.rest[0] + [0, self.legs.lift, 0] - self.legs.centre).astype(np.float32)
        self.reader = StepReader()

    def poses(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes."""
        return self.stream()(motion)

    def stream(self) -> Walk:
        """Return the poses of a motion that is given piece by piece."""
        return Walk(self)

    def planted(self, motion: Motion) -> np.ndarray:
        """Return bool [T, K]: whether each leg stands on the ground, left ones front to back, then right ones."""
        seen = self.stream().see(motion)
        return seen.feet.planted & (seen.raised == 0.0)

    def root(self, place: np.ndarray, turns: np.ndarray, height: np.ndarray) -> np.ndarray:
        """Return where the root node is, [T, 3] m, of a body whose centre is over the floor at `place` [T, 3]."""
        place[:, 1] = self.legs.centre[1] + height
        return place + apply(turns[:, 0], self._from_centre)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the frames of one call say.

    Attributes:
        steps: of the human.
        travel: of the root; its heading is that of the body.
        pace: [T] m/s of a human-sized leg.
        feet: of this body.
        mood: [T] excitement, 0 to 1.
        yaw: [T] rad, where the head turns to, relative to the body.
        pitch: [T] rad, down positive.
        raised: [T, K] how far, 0 to 1, each leg is raised in a threat.
    """

    steps: Steps
    travel: Travel
    pace: np.ndarray
    feet: Feet
    mood: np.ndarray
    yaw: np.ndarray
    pitch: np.ndarray
    raised: np.ndarray


class Walk:
    """One walk: where the feet are, how fast the body goes, and how it settles, carried from call to call.

    Args:
        driver: whose body walks.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._travel = TravelReader()
        self._footing: Footing | None = None
        self._memory = Memory()

    def __call__(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of the frames that follow those of the last call."""
        d, legs = self._driver, self._driver.legs
        seen = self.see(motion)
        turns, height = self._carry(seen)
        positions = d.puppet.positions(turns, d.root(np.array(motion.joints[:, 0], np.float32), turns, height))
        goals = legs.goals(seen.feet, seen.pace, seen.steps.airborne)
        threat = seen.raised[..., None]
        goals += threat * (legs.threats(turns, positions, seen.feet.phase) - goals)
        positions[..., 1] -= legs.sink(positions, goals, threat[..., 0])[:, None]
        legs.bend(turns, positions, goals)
        way = seen.travel.heading, motion.joints[:, 0]
        return d.puppet.local(turns, d.puppet.positions(turns, positions[:, 0]), way)

    def see(self, motion: Motion) -> Seen:
        """Return what the motion says, and the feet that follow from it."""
        d = self._driver
        steps = d.reader.read(motion)
        yaw, pitch = gaze(motion, steps.heading)
        share = _BODY_SHARE if d.head else 1.0
        most = _BODY_TURN if d.head else _NECK
        aside = self._memory.leak("yaw", 0.25, clamp(-most, most, share * yaw), motion.fps)
        travel = self._travel.read(motion, steps.heading + aside, steps.speed * (1.0 - steps.loose))
        if self._footing is None:
            self._footing = d.legs.footing(float(steps.phase[0]))
        pace = d.legs.pace(travel)
        feet = d.legs.walk(self._footing, travel, pace)
        mood = self._memory.leak("mood", 0.2, arousal(motion), motion.fps)
        raised = self._raised(mood, pace, motion.fps)
        yaw, pitch = clamp(-_NECK, _NECK, yaw) - aside, clamp(-0.6, 0.6, pitch)
        return Seen(steps, travel, pace, feet, mood, yaw, pitch, raised)

    def _raised(self, mood: np.ndarray, pace: np.ndarray, fps: float) -> np.ndarray:
        """How far [T, K] 0 to 1 each leg is raised: the front pair of an excited body at rest."""
        still = 1.0 - smoothstep(0.15, 0.6, pace)
        threat = self._memory.leak("threat", 0.15, smoothstep(0.35, 0.8, mood) * still, fps)
        return np.where(threat[:, None] > 0.02, threat[:, None], 0.0) * self._driver.legs.front

    def _carry(self, seen: Seen) -> tuple[np.ndarray, np.ndarray]:
        """Turns [T, N, 3, 3] of body, head and tail (zero for the legs), and [T] m that the body is over its rest."""
        d, pace, phase = self._driver, seen.pace, seen.feet.phase
        leg, fps = d.legs.length, seen.travel.fps
        crouch = clamp(0.0, 1.0, seen.steps.crouch / 0.45)
        moving, run = smoothstep(0.05, 0.6, pace), smoothstep(1.0, 4.0, pace)
        ahead = (seen.travel.velocity * seen.travel.forward.conj()).real
        surge = clamp(-1.5, 1.5, ahead - self._memory.leak("surge", 0.4, ahead, fps))
        rear = seen.raised.max(1)
        heading = seen.travel.heading
        pitch = -0.10 * surge + 0.02 * moving * np.sin(2.0 * _TAU * phase) - 0.38 * rear + 0.06 * run
        roll = moving * (0.05 - 0.02 * run) * np.sin(_TAU * phase) - 0.03 * seen.travel.spin * run
        shiver = 0.012 * seen.mood * np.sin(_TAU * 2.3 * phase + 1.0)
        turns = np.zeros((len(pace), len(d.puppet.nodes), 3, 3), np.float32)
        yaw = heading + 0.03 * moving * np.sin(_TAU * (phase + 0.25))
        turns[:, d.body] = _turn(yaw, pitch + shiver, roll)[:, None]
        for k, node in enumerate(d.tail, 1):
            # The hind body drags behind a turn and pumps with the steps.
            late = clamp(-0.5, 0.5, -0.10 * k * seen.travel.spin)
            pump = moving * 0.05 * np.sin(_TAU * (2.0 * phase - 0.15 * k)) + 0.10 * seen.mood - 0.12 * rear
            turns[:, node] = _turn(yaw + late, pitch + pump, 0.5 * roll)
        for node in d.head:
            turns[:, node] = _turn(heading + seen.yaw, pitch * (1.0 - rear) + seen.pitch, 0.3 * roll)
        bob = 0.02 * moving * np.cos(2.0 * _TAU * phase) - 0.05 * run
        jumped = np.maximum(-seen.steps.crouch - 0.03, 0.0) * (leg / REST_HEIGHT)
        return turns, leg * (bob + 0.05 * rear) - 0.45 * crouch * d.legs.stand + jumped


class _Tree:
    """The steered nodes, each after the one it hangs from.

    Attributes:
        nodes: node indices.
        parents: indices into `nodes`, -1 for the root.
        spine, head, tail: indices into `nodes`.
        legs: indices into `nodes` of each leg.
        carriers: index into `nodes` of what each leg hangs from.
    """

    def __init__(self, rig: Rig) -> None:
        root = _root(rig)
        self.nodes, self.parents = [root], [-1]
        self.spine = self._add([n for n in rig.roles.get("spine", ()) if n != root], 0)
        self.head = self._add(rig.roles.get("head", ()), self.spine[-1] if self.spine else 0)
        self.tail = self._add(rig.roles.get("tail", ()), 0)
        trunk = list(self.nodes)
        self.carriers, self.legs = [], []
        for chain in rig.legs:
            above = [at for at, node in enumerate(trunk) if rig.ancestors[chain[0], node]]
            self.carriers.append(max(above, key=lambda at: rig.ancestors[trunk[at]].sum(), default=0))
            self.legs.append(self._add(chain, self.carriers[-1]))

    def _add(self, chain: tuple[int, ...] | list[int], parent: int) -> list[int]:
        start = len(self.nodes)
        for node in chain:
            self.parents.append(parent if len(self.nodes) == start else len(self.nodes) - 1)
            self.nodes.append(node)
        return list(range(start, len(self.nodes)))


def _root(rig: Rig) -> int:
    """The node that carries the whole body: the hips, else what is above all legs, else the first of the body."""
    for role in ("hips", "spine"):
        if role in rig:
            return rig.node(role)
    taken = {n for nodes in rig.roles.values() for n in nodes}
    above = rig.ancestors[[leg[0] for leg in rig.legs]].all(0)
    common = [int(n) for n in np.flatnonzero(above) if n not in taken]
    if common:
        return max(common, key=lambda n: int(rig.ancestors[n].sum()))
    return next((int(n) for n in np.flatnonzero(rig.asset.parents < 0) if n not in taken), rig.legs[0][0])


def _turn(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    return about(1, yaw) @ about(0, pitch) @ about(2, roll)
