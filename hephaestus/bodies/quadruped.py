"""Driver of four-legged bodies: keeps where the human goes, how fast, how excited and where it looks.

The human's stride gives phase and speed (`stepping`); the legs walk, trot or gallop on them by inverse kinematics
(`legs`), with planted paws that take the ground from the human's planted foot. The trunk bobs, bends and sways with the
gait and sinks when the human crouches; the head looks where the human looks; the tail follows (`trunk`). Each frame
depends on itself alone.
"""

from __future__ import annotations

import numpy as np

from hephaestus.bodies.centre import find_centre
from hephaestus.bodies.legs import Legs
from hephaestus.bodies.trunk import Trunk
from hephaestus.errors import RigError
from hephaestus.footing import Feet, Footing
from hephaestus.motion import Motion
from hephaestus.puppet import Puppet
from hephaestus.rig import Rig
from hephaestus.stepping import StepReader, Steps
from hephaestus.travel import TravelReader
from hephaestus.vector import apply

_LEGS = ("L_hind", "R_hind", "L_front", "R_front")


class Driver:
    """Moves a quadruped rig.

    Args:
        rig: a rig of kind "quadruped".

    Raises:
        RigError: left and right legs differ in their number of nodes, or nothing is above all four.

    Attributes:
        stride: 1: the path is kept, the legs take the steps that it needs.
        segments: node pairs of the bones.
        puppet: the steered nodes.
        legs: the four legs.
        reader: reads the human's steps.
    """

    stride = 1.0

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        tree = _Tree(rig)
        self.segments = [(tree.nodes[p], tree.nodes[n]) for n, p in enumerate(tree.parents) if p >= 0]
        chains = [list(rig.roles[leg]) for leg in _LEGS]
        high = float(rig.rest_points[[c[0] for c in chains], 1].mean())
        centre = find_centre(rig, tree.nodes[0], rig.rest_points[[c[-1] for c in chains]], high)
        self.puppet = Puppet(rig, tree.nodes, tree.parents, centre=centre)
        self._centre = centre.astype(np.float32)
        self._from_centre = (rig.rest_points[tree.nodes[0]] - centre).astype(np.float32)
        self.legs = Legs(rig, chains, tree.legs, (0, tree.chest), centre)
        self.trunk = Trunk(self.puppet, tree, self.legs.length)
        self.reader = StepReader()

    def poses(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes."""
        return self.stream()(motion)

    def stream(self) -> Walk:
        """Return the poses of a motion that is given piece by piece."""
        return Walk(self)

    def planted(self, motion: Motion) -> np.ndarray:
        """Return bool [T, 4]: whether left hind, right hind, left front and right front stand on the ground."""
        return self.stream().feet(motion)[0].planted


class Walk:
    """One walk of a quadruped: where its paws are and how fast it goes, carried from call to call.

    Args:
        driver: whose body walks.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._travel = TravelReader()
        self._footing: Footing | None = None

    def __call__(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of the frames that follow those of the last call."""
        d = self._driver
        feet, pace, steps = self.feet(motion)
        turns, rise, back = d.trunk.turns(motion, steps, feet.phase, pace)
        place = np.array(motion.joints[:, 0], np.float32)
        place[:, 0] -= np.sin(steps.heading) * back
        place[:, 2] -= np.cos(steps.heading) * back
        place[:, 1] = d._centre[1] + rise
        root = place + apply(turns[:, 0], d._from_centre)
        positions = d.puppet.positions(turns, root)
        goals, paws = d.legs.goals(feet, pace, steps.heading, steps.airborne)
        positions[..., 1] -= d.legs.sink(positions, goals)[:, None]
        d.legs.bend(turns, positions, goals, paws)
        return d.puppet.local(turns, d.puppet.positions(turns, positions[:, 0]), (steps.heading, motion.joints[:, 0]))

    def feet(self, motion: Motion) -> tuple[Feet, np.ndarray, Steps]:
        """Return the paws, the pace [T] m/s of a human-sized leg, and what the motion says about stepping."""
        legs = self._driver.legs
        steps = self._driver.reader.read(motion)
        travel = self._travel.read(motion, steps.heading, steps.speed * (1.0 - steps.loose))
        if self._footing is None:
            self._footing = legs.footing(float(steps.phase[0]))
        pace = legs.pace(travel)
        return legs.walk(self._footing, travel, pace), pace, steps


class _Tree:
    """The steered nodes of a quadruped, each after the one it hangs from.

    Attributes:
        nodes: node indices.
        parents: indices into `nodes`, -1 for the root.
        spine, neck, jaw, tail: indices into `nodes`; the neck ends with the head.
        legs: indices into `nodes` of each leg, in the order of `_LEGS`.
        chest: index into `nodes` of what carries the front legs.
    """

    def __init__(self, rig: Rig) -> None:
        root = _root(rig)
        self.nodes, self.parents = [root], [-1]
        self._index = {root: 0}
        spine = [n for n in rig.roles.get("spine", ()) if n != root]
        self.spine = self._add(spine, 0)
        last = self.spine[-1] if spine else 0
        self.neck = self._add([*rig.roles.get("neck", ()), *rig.roles.get("head", ())], last)
        self.jaw = self._add(rig.roles.get("jaw", ()), self.neck[-1] if self.neck else last)
        self.tail = self._add(rig.roles.get("tail", ()), 0)
        front = rig.roles["L_front"][0]
        carriers = [at for at, node in zip(self.spine, spine, strict=True) if rig.ancestors[front, node]]
        self.chest = carriers[-1] if carriers else last
        self.legs = [self._add(rig.roles[leg], 0 if "hind" in leg else self.chest) for leg in _LEGS]
        for left, right in ((0, 1), (2, 3)):
            if len(self.legs[left]) != len(self.legs[right]):
                counts = f"{len(self.legs[left])} nodes in {_LEGS[left]} and {len(self.legs[right])} in {_LEGS[right]}"
                raise RigError(f"{rig.name} lists {counts}; give both sides the same")

    def _add(self, chain: tuple[int, ...] | list[int], parent: int) -> list[int]:
        for node in chain:
            self._index[node] = len(self.nodes)
            self.nodes.append(node)
            self.parents.append(parent)
            parent = self._index[node]
        return [self._index[node] for node in chain]


def _root(rig: Rig) -> int:
    """The node that carries the whole body: the hips, else the lowest one in the file above all four legs."""
    if "hips" in rig:
        return rig.node("hips")
    above = rig.ancestors[[rig.roles[leg][0] for leg in _LEGS]].all(0)
    taken = {n for role, nodes in rig.roles.items() if role != "spine" for n in nodes}
    common = [n for n in np.flatnonzero(above) if n not in taken]
    if not common:
        raise RigError(f"{rig.name} has no node above all four legs; name one as hips in {rig.name}.body.yaml")
    return int(max(common, key=lambda n: rig.ancestors[n].sum()))
