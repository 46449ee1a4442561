"""Driver of anything else: a fish, a car, a chair, a single mesh. It follows the root, hops, leans and looks."""

from __future__ import annotations

import numpy as np

from hephaestus.gaze import arousal, gaze
from hephaestus.leak import Memory
from hephaestus.motion import Motion
from hephaestus.puppet import Puppet
from hephaestus.rig import Rig
from hephaestus.skeleton import REST_HEIGHT
from hephaestus.stepping import StepReader
from hephaestus.travel import TravelReader
from hephaestus.vector import about, apply, clamp, smoothstep

_TAU = 2.0 * np.pi
_NECK = 1.75


class Driver:
    """Moves a body as one piece, its head apart where it has one.

    Args:
        rig: a rig of any kind.

    Raises:
        RigError: a node of scale zero is above a steered one.

    Attributes:
        stride: 1: the path is kept.
        segments: one node pair, the whole body.
        puppet: the steered nodes: the root and the head.
        edges: [4, 3] m, corners of its box on the floor, from the middle.
    """

    stride = 1.0

    def __init__(self, rig: Rig) -> None:
        self.rig, self.reader = rig, StepReader()
        root = _root(rig)
        head = [n for n in rig.roles.get("head", ())[:1] if n != root]
        self.segments = [(root, n) for n in head or [root]]
        self.head = [1 for _ in head]
        points, _ = rig.surface
        low, high = (points.min(0), points.max(0)) if len(points) else (rig.rest_points[root],) * 2
        self.foot = np.array([0.5 * (low[0] + high[0]), 0.0, 0.5 * (low[2] + high[2])])
        wide, long = 0.5 * (high - low)[[0, 2]]
        self.edges = np.array([[x, 0.0, z] for x in (-wide, wide) for z in (-long, long)], np.float32)
        self.puppet = Puppet(rig, [root, *head], [-1, *(0 for _ in head)], anchors=[0], centre=self.foot)
        self.tempo = float(np.sqrt(1.0 / max(rig.height_m, 0.2)))

    def poses(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes."""
        return self.stream()(motion)

    def stream(self) -> Ride:
        """Return the poses of a motion that is given piece by piece."""
        return Ride(self)


class Ride:
    """One ride, carried from call to call.

    Args:
        driver: whose body rides.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._travel = TravelReader()
        self._memory = Memory()

    def __call__(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of the frames that follow those of the last call."""
        d, fps, memory = self._driver, motion.fps, self._memory
        steps = d.reader.read(motion)
        travel = self._travel.read(motion, steps.heading, np.zeros(len(motion)))
        glance, nod = gaze(motion, steps.heading)
        mood = memory.leak("mood", 0.2, arousal(motion), fps)
        ahead = (travel.velocity * travel.forward.conj()).real
        pace = np.abs(travel.velocity)
        hop, moving = self._hop(pace, mood, fps)
        # Without a head the whole body looks about, as long as it does not have to see where it goes.
        body = 0.0 if d.head else 1.0 - 0.7 * smoothstep(0.3, 1.2, pace)
        glance = memory.leak("glance", 0.10, clamp(-_NECK, _NECK, glance), fps)
        yaw = memory.leak("heading", 0.12, travel.heading, fps) + body * glance
        push = clamp(-2.0, 2.0, (ahead - memory.leak("ahead", 0.3, ahead, fps)) / 0.3)
        lean = memory.swing("lean", 0.3, 1.4, np.stack([-0.04 * push, -0.05 * ahead * travel.spin], -1), fps)
        lean = clamp(-0.25, 0.25, lean)
        sway = moving * 0.04 * np.sin(0.5 * _TAU * memory.total("sway", pace * d.tempo / fps))
        turns = np.empty((len(motion), len(d.puppet.nodes), 3, 3), np.float32)
        turns[:] = (about(1, yaw) @ about(0, lean[:, 0]) @ about(2, lean[:, 1] + sway))[:, None]
        place = np.array(motion.joints[:, 0], np.float32)
        jumped = np.maximum(-steps.crouch - 0.03, 0.0) * max(1.0, d.rig.height_m / (1.8 * REST_HEIGHT))
        # It rocks on its edges: what leans over must not lean into the floor.
        place[:, 1] = hop + jumped - np.minimum(apply(turns[:, :1], d.edges)[..., 1].min(1), 0.0)
        positions = d.puppet.positions(turns, place + apply(turns[:, 0], d.puppet.rest[0] - d.foot))
        for k in d.head:
            look = about(1, steps.heading + glance) @ about(0, clamp(-0.6, 0.6, nod))
            turns[:, k] = look
        return d.puppet.local(turns, positions, (yaw, motion.joints[:, 0]))

    def _hop(self, pace: np.ndarray, mood: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
        """Height [T] m of the hops in which it travels, and how much [T] 0 to 1 it is on its way."""
        d = self._driver
        moving = smoothstep(0.05, 0.5, pace)
        rate = d.tempo * (0.8 + 0.5 * pace) * moving + 1.6 * mood
        beat = self._memory.total("beat", rate / fps)
        high = 0.05 * d.rig.height_m * (moving + 0.6 * mood)
        return np.minimum(high, 0.12) * np.abs(np.sin(0.5 * _TAU * beat)), moving


def _root(rig: Rig) -> int:
    """The node that carries the body: as the roles have it, else the root of the file with most skin below it."""
    for role in ("hips", "body"):
        if role in rig:
            return rig.node(role)
    skin = np.bincount(rig.surface[1], minlength=len(rig.asset))
    for level in reversed(rig.asset.levels[1:]):
        np.add.at(skin, rig.asset.parents[level], skin[level])
    return int(np.argmax(np.where(rig.asset.parents < 0, skin, -1)))
