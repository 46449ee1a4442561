"""Driver of a tank: the hull goes the human's way, the tracks run under it, the turret looks where the human looks.

Links run along the loop in which they rest, wheels roll on the ground that passes, each side at its own speed. The hull
turns with inertia and rocks on its springs; the gun follows gaze and right arm, and fires when the human is excited.
"""

from __future__ import annotations

import numpy as np

from hephaestus.gaze import arousal, gaze
from hephaestus.leak import Memory
from hephaestus.motion import Motion
from hephaestus.puppet import Puppet
from hephaestus.rig import Rig
from hephaestus.stepping import StepReader
from hephaestus.track import Track
from hephaestus.travel import Travel, TravelReader
from hephaestus.vector import about, apply, clamp, smoothstep
from hephaestus.wheel import Wheels, gun_hinge, skin_of, turret_ring

_TAU = 2.0 * np.pi
_SHOT_EVERY = 1.8
"""s between two shots of an excited tank."""
_ROCK = 0.035
"""rad that the hull pitches or rolls at most: it rides on its tracks."""
_GUN_DOWN, _GUN_UP = -0.14, 0.50
_GUN_ASIDE = 0.45
"""rad that a gun without turret turns to a side."""
_LEVEL = np.array([1.0, 0.0, 1.0])


class Driver:
    """Moves a tank.

    Args:
        rig: a rig of kind "tank".

    Raises:
        RigError: a node of scale zero is above a steered one.

    Attributes:
        stride: 1: the path is kept.
        segments: node pairs of the bones.
        puppet: the steered nodes: the hull, turret and gun, links, wheels.
        turret, gun, wheels: indices into the puppet.
        links: the same of the links of the left and the right track.
        tracks: the loops of the left and the right track.
    """

    stride = 1.0

    def __init__(self, rig: Rig) -> None:
        self.rig, self.reader = rig, StepReader()
        nodes, parents = [_hull(rig)], [-1]

        def add(role: str, parent: int, most: int = 10_000) -> list[int]:
            fresh = [n for n in rig.roles.get(role, ()) if n not in nodes][:most]
            nodes.extend(fresh)
            parents.extend([parent] * len(fresh))
            return list(range(len(nodes) - len(fresh), len(nodes)))

        self.turret = add("turret", 0, 1)
        self.gun = add("gun", self.turret[0] if self.turret else 0, 1)
        upper = range(len(nodes))
        self.links = [add("L_track", 0), add("R_track", 0)]
        self.wheels = add("wheels", 0)
        # What is bolted on somewhere in the file goes with hull or turret, never with a wheel.
        self.centre = _centre(rig, nodes[0])
        self.puppet = Puppet(rig, nodes, parents, range(1, len(nodes)), upper, self.centre)
        self.segments = [(nodes[parents[k]], nodes[k]) for k in upper if k] or [(nodes[0], nodes[0])]
        rest = self.puppet.rest
        self.tracks = [Track(rest[side]) for side in self.links]
        self.rolling = Wheels(rig, [nodes[k] for k in self.wheels])
        self.ring = turret_ring(rig, nodes[self.turret[0]]) if self.turret else self.centre
        self.hinge = gun_hinge(rig, nodes[self.gun[0]]) if self.gun else self.centre
        barrel = skin_of(rig, nodes[self.gun[0]])[:, 2] if self.gun else np.zeros(0)
        self.recoil = 0.10 * float(np.ptp(barrel)) if len(barrel) else 0.0

    def poses(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes."""
        return self.stream()(motion)

    def stream(self) -> Drive:
        """Return the poses of a motion that is given piece by piece."""
        return Drive(self)


class Drive:
    """One drive: how far the tracks have run and how the hull swings, carried from call to call.

    Args:
        driver: whose body drives.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._travel = TravelReader()
        self._memory = Memory()

    def __call__(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of the frames that follow those of the last call."""
        d, fps = self._driver, motion.fps
        steps = d.reader.read(motion)
        travel = self._travel.read(motion, steps.heading, np.zeros(len(motion)))
        yaw = self._memory.leak("heading", 0.18, travel.heading, fps)
        mood = self._memory.leak("mood", 0.2, arousal(motion), fps)
        shot = self._shots(mood, fps)
        chassis = about(1, yaw)
        base = np.array(motion.joints[:, 0], np.float32)
        base[:, 1] = np.maximum(-steps.crouch - 0.05, 0.0)
        turns = np.repeat(chassis[:, None], len(d.puppet.nodes), 1)
        places = np.zeros((*turns.shape[:2], 3), np.float32)
        self._run(travel, yaw, turns, places, base)
        turns[:, 0] = chassis @ self._rock(travel, shot, mood, fps)
        middle = base + (d.centre * [0.0, 1.0, 0.0]).astype(np.float32)
        places[:, 0] = middle + apply(turns[:, 0], d.puppet.rest[0] - d.centre)
        self._aim(motion, steps.heading, yaw, shot, turns, places, middle)
        return d.puppet.local(turns, places, (yaw, motion.joints[:, 0]))

    def _rock(self, travel: Travel, shot: np.ndarray, mood: np.ndarray, fps: float) -> np.ndarray:
        """Pitch and roll [T, 3, 3] of the hull on its springs, and the shake of the engine."""
        ahead = (travel.velocity * travel.forward.conj()).real
        push = clamp(-4.0, 4.0, (ahead - self._memory.leak("ahead", 0.25, ahead, fps)) / 0.25)
        side = clamp(-4.0, 4.0, ahead * travel.spin)
        pull = np.stack([-0.012 * push - 0.12 * shot, 0.008 * side], -1)
        swing = clamp(-_ROCK, _ROCK, self._memory.swing("rock", 0.35, 1.1, pull, fps))
        time = self._memory.total("time", np.full(len(mood), 1.0 / fps))
        shake = 0.0008 + 0.0012 * smoothstep(0.1, 2.0, np.abs(ahead)) + 0.004 * mood
        pitch, roll = shake * np.sin(_TAU * 6.3 * time), shake * np.sin(_TAU * 4.7 * time + 1.0)
        return about(0, swing[:, 0] + pitch) @ about(2, swing[:, 1] + 0.7 * roll)

    def _run(self, travel: Travel, yaw: np.ndarray, turns: np.ndarray, places: np.ndarray, base: np.ndarray) -> None:
        """Let tracks and wheels run over the ground; sets turns [T, N, 3, 3] and places [T, N, 3] m of their nodes."""
        d = self._driver
        before = self._memory.before("yaw", yaw)
        along = (travel.step * (1j * np.exp(-0.5j * (yaw + before))).conj()).real
        turned = np.where(travel.jumped, 0.0, yaw - before)

        def way(name: str, aside: np.ndarray) -> np.ndarray:
            """[T, K]: how far points this far left [K] of the middle have gone; the left falls back in a left turn."""
            return self._memory.total(name, along[:, None] - turned[:, None] * (aside - d.centre[0]))

        for side, links, track in zip("LR", d.links, d.tracks, strict=True):
            off = np.repeat(d.puppet.rest[links][None], len(yaw), 0)
            if track.runs:
                off[..., [2, 1]], turn = track.move(way(side, np.array([track.aside]))[:, 0])
                places[:, links] = base[:, None] + apply(turns[:, links], off - d.centre * _LEVEL)
                turns[:, links] = turns[:, links] @ about(0, turn)
            else:
                places[:, links] = base[:, None] + apply(turns[:, links], off - d.centre * _LEVEL)
        if d.wheels:
            turn, off = d.rolling.roll(way("wheels", d.rolling.hubs[:, 0]))
            places[:, d.wheels] = base[:, None] + apply(turns[:, d.wheels], off - d.centre * _LEVEL)
            turns[:, d.wheels] = turns[:, d.wheels] @ turn

    def _aim(
        self,
        motion: Motion,
        heading: np.ndarray,
        yaw: np.ndarray,
        shot: np.ndarray,
        turns: np.ndarray,
        places: np.ndarray,
        middle: np.ndarray,
    ) -> None:
        """Turn turret and gun to where the human looks, raise the gun with its arm, and let it recoil."""
        d, fps = self._driver, motion.fps
        glance, pitch = gaze(motion, heading)
        aim = self._memory.leak("gaze", 0.08, self._memory.unwrap("gaze", glance + heading), fps) - yaw
        arm = motion.joints[:, 21] - motion.joints[:, 17]
        raised = arm[:, 1] / np.maximum(np.linalg.norm(arm, axis=1), 1e-6)
        up = clamp(_GUN_DOWN, _GUN_UP, -0.8 * pitch + 0.4 * smoothstep(-0.3, 0.9, raised))
        up = self._memory.leak("gun", 0.15, up, fps)
        rest, hull = d.puppet.rest, turns[:, 0]
        over, ring = hull, middle + apply(hull, d.ring - d.centre)
        if d.turret:
            k = d.turret[0]
            turns[:, k] = over = hull @ about(1, aim)
            places[:, k] = ring + apply(over, rest[k] - d.ring)
        if d.gun:
            k = d.gun[0]
            swivel = over if d.turret else hull @ about(1, clamp(-_GUN_ASIDE, _GUN_ASIDE, aim))
            turns[:, k] = swivel @ about(0, -up)
            places[:, k] = ring + apply(over, d.hinge - d.ring) + apply(turns[:, k], rest[k] - d.hinge)
            places[:, k] -= turns[:, k, :, 2] * (d.recoil * shot)[:, None]

    def _shots(self, mood: np.ndarray, fps: float) -> np.ndarray:
        """How far [T] 0 to 1 the gun is thrown back: an excited tank fires again and again."""
        clock = self._memory.total("shots", smoothstep(0.4, 0.6, mood) / (_SHOT_EVERY * fps), 0.6)
        fired = np.floor(clock) - np.floor(self._memory.before("fired", clock))
        keep = 1.0 - np.exp(-1.0 / (0.22 * fps))
        return clamp(0.0, 1.0, self._memory.leak("recoil", 0.22, fired, fps, 0.0) / keep)


def _hull(rig: Rig) -> int:
    """The hull, else what is above all other parts, else the first root of the file."""
    if "hull" in rig:
        return rig.node("hull")
    parts = [n for nodes in rig.roles.values() for n in nodes]
    above = rig.ancestors[parts].all(0) if parts else np.zeros(len(rig.asset), bool)
    common = [int(n) for n in np.flatnonzero(above) if n not in parts]
    if common:
        return max(common, key=lambda n: int(rig.ancestors[n].sum()))
    return next((int(n) for n in np.flatnonzero(rig.asset.parents < 0) if n not in parts), 0)


def _centre(rig: Rig, hull: int) -> np.ndarray:
    """The point [3] m at rest that goes where the human's pelvis goes: over the hull's node, if that lies inside."""
    parts = [n for role, nodes in rig.roles.items() if role in ("turret", "gun") for n in nodes]
    points, owner = rig.surface
    skin = points[~rig.under(parts)[owner]] if parts else points
    at = rig.rest_points[hull]
    if len(skin) < 4:
        return at
    low, high = np.quantile(skin, 0.02, 0), np.quantile(skin, 0.98, 0)
    middle = 0.5 * (low + high)
    inside = np.abs(at - middle)[[0, 2]] < 0.25 * (high - low)[[0, 2]]
    return np.array([at[0], middle[1], at[2]]) if inside.all() else np.asarray(middle)
