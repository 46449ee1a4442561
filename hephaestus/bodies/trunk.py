"""Trunk of a quadruped: how hips, spine, neck, head, jaw and tail turn with the gait, the mood and the gaze."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from hephaestus.bodies.legs import GALLOPS, TROTS, offsets
from hephaestus.gaze import arousal, gaze
from hephaestus.motion import Motion
from hephaestus.puppet import Puppet
from hephaestus.skeleton import REST_HEIGHT
from hephaestus.stepping import Steps
from hephaestus.vector import about, clamp, smoothstep
from hephaestus.waves import Waves

_TAU = 2.0 * np.pi
_NECK = 1.75
"""rad that a head turns at most to a side."""
_YAW, _PITCH, _ROLL = 0, 1, 2


class _Parts(Protocol):
    spine: list[int]
    neck: list[int]
    jaw: list[int]
    tail: list[int]


class Trunk:
    """Everything but the legs, as yaw, pitch (nose down positive) and roll of each node in the motion frame.

    Args:
        puppet: the steered nodes, the root first.
        parts: indices of spine, neck with head, jaw and tail in the puppet.
        leg: m, length of a leg.
    """

    def __init__(self, puppet: Puppet, parts: _Parts, leg: float) -> None:
        # The trunk's nodes come before the legs' in the puppet.
        self._all, self._leg = len(puppet.nodes), leg
        self._count = 1 + len(parts.spine) + len(parts.neck) + len(parts.jaw) + len(parts.tail)
        self._spine, self._neck, self._jaw, self._tail = [0, *parts.spine], parts.neck, parts.jaw, parts.tail
        self._along = np.linspace(0.0, 1.0, len(self._spine)) if parts.spine else np.array([0.5])
        self._neck_share = ((np.arange(len(self._neck)) + 1.0) / max(len(self._neck), 1)).astype(np.float32)
        self._tail_share = ((np.arange(len(self._tail)) + 1.0) / max(len(self._tail), 1)).astype(np.float32)
        self._waves = Waves(self._curves)
        self._moods = self._mood_table()

    def turns(
        self, motion: Motion, steps: Steps, cycle: np.ndarray, pace: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return how the nodes turn and how the body's centre moves against the human's place.

        Args:
            motion: T frames.
            steps: what they say about stepping.
            cycle: [T] phase of the body's own cycle.
            pace: [T] m/s of a human-sized leg.

        Returns:
            Turns [T, N, 3, 3] (zero for the legs' nodes), rise [T] m over rest, and [T] m backward.
        """
        waves = self._waves.at(cycle[:, None], pace)[:, 0]
        rise, gallop = waves[:, 0], waves[:, 1]
        crouch = clamp(0.0, 1.0, steps.crouch * (1.0 / 0.45))
        mood = arousal(motion)
        yaw, pitch = gaze(motion, steps.heading)
        yaw, pitch = clamp(-_NECK, _NECK, yaw), clamp(-0.7, 0.7, pitch)
        moods = np.stack([crouch, mood, mood * (1.0 - gallop), yaw, pitch], 1)
        angles = (waves[:, 2:] + moods @ self._moods).reshape(-1, self._count, 3)
        angles[..., _YAW] += steps.heading[:, None]
        jumped = np.maximum(-steps.crouch - 0.03, 0.0) * (self._leg / REST_HEIGHT)
        turns = np.zeros((len(motion), self._all, 3, 3), np.float32)
        pitched = about(1, angles[..., _YAW]) @ about(0, angles[..., _PITCH])
        turns[:, : self._count] = pitched @ about(2, angles[..., _ROLL])
        return turns, rise + jumped - (0.38 * self._leg) * crouch * (1.0 - 0.6 * gallop), (0.12 * self._leg) * crouch

    def _curves(self, cycle: np.ndarray, speed: np.ndarray) -> np.ndarray:
        """[n, 2 + 3 N]: rise of the body m, how much it gallops, and yaw, pitch, roll of each node from the gait."""
        touch = offsets(speed)
        moving, run = smoothstep(0.05, 0.6, speed), smoothstep(*GALLOPS, speed)
        trot = smoothstep(*TROTS, speed) * (1.0 - run)
        walk = moving * (1.0 - run) * (1.0 - 0.5 * trot)
        angles = np.zeros((len(cycle), self._count, 3), np.float32)
        self._bend_spine(angles, cycle, cycle - touch[:, 2], walk, run)
        nod = moving * (1.0 - run) * 0.05 * np.cos(_TAU * 2.0 * cycle)
        self._carry_neck(angles, nod, run)
        self._wag(angles, cycle, walk, run)
        beat = 2.0 * cycle
        rise = -moving * (0.005 + 0.01 * (walk + trot)) + 0.018 * walk * np.cos(_TAU * (beat - 0.6))
        rise += 0.035 * trot * np.cos(_TAU * (beat - 0.85)) + 0.075 * run * np.cos(_TAU * (cycle - 0.97))
        return np.concatenate([(self._leg * rise)[:, None], run[:, None], angles.reshape(len(cycle), -1)], 1)

    def _bend_spine(
        self, angles: np.ndarray, hind: np.ndarray, front: np.ndarray, walk: np.ndarray, run: np.ndarray
    ) -> None:
        """A walk sways hips and chest with their own feet; a gallop rocks the body, gathers and stretches it."""
        u = self._along
        sway = (walk * np.cos(_TAU * hind))[:, None] * (1.0 - u) + (walk * np.cos(_TAU * front))[:, None] * u
        angles[:, self._spine, _YAW] = -0.07 * sway
        rock, gather = -0.10 * run * np.cos(_TAU * (hind - 0.20)), run * np.cos(_TAU * (hind - 0.93))
        angles[:, self._spine, _PITCH] = rock[:, None] + gather[:, None] * (-0.17 + 0.32 * u)
        angles[:, self._spine, _ROLL] = 0.05 * (walk * np.sin(_TAU * hind))[:, None] * (1.0 - u)

    def _carry_neck(self, angles: np.ndarray, nod: np.ndarray, run: np.ndarray) -> None:
        """The head stays level whatever the chest does; a charging beast lowers its neck."""
        if not self._neck:
            return
        chest, share = angles[:, self._spine[-1]], self._neck_share
        at = share * (2.0 - share)
        bow = (0.30 * run + nod)[:, None] * (4.0 * share * (1.0 - share)) + (0.10 * run + 0.5 * nod)[:, None] * share**2
        angles[:, self._neck, _YAW] = chest[:, None, _YAW] * (1.0 - share)
        angles[:, self._neck, _PITCH] = chest[:, None, _PITCH] * (1.0 - at) + bow
        for jaw in self._jaw:
            angles[:, jaw] = angles[:, self._neck[-1]]

    def _wag(self, angles: np.ndarray, cycle: np.ndarray, walk: np.ndarray, run: np.ndarray) -> None:
        """A wave that runs outward; a gallop raises and pumps the tail."""
        if not self._tail:
            return
        share, lag = self._tail_share, 0.22 * np.arange(len(self._tail))
        wave = np.sin(_TAU * (cycle[:, None] - lag))
        pump = np.cos(_TAU * (cycle[:, None] - 0.1 - lag))
        angles[:, self._tail, _YAW] = (0.04 + 0.16 * walk)[:, None] * wave * share
        angles[:, self._tail, _PITCH] = (
            angles[:, :1, _PITCH] * (1.0 - share) + run[:, None] * (0.30 + 0.16 * pump) * share
        )

    def _mood_table(self) -> np.ndarray:
        """[5, 3 N]: what crouch, arousal, arousal at rest, gaze yaw and gaze pitch add to the angles."""
        crouch, excited, calm, yaw, pitch = table = np.zeros((5, self._count, 3), np.float32)
        # Winding up for a leap: chest down, weight back on the hind legs.
        crouch[self._spine, _PITCH] = 0.30 + 0.12 * self._along
        share = self._neck_share
        crouch[self._neck, _PITCH] = 0.42 * (1.0 - share * (2.0 - share)) + 0.12 * 4.0 * share * (1.0 - share)
        calm[self._neck, _PITCH] = -0.10 * 4.0 * share * (1.0 - share)
        yaw[self._neck, _YAW] = share
        pitch[self._neck, _PITCH] = share * (1.0 - share) + 0.55 * share**2
        excited[self._tail, _PITCH] = 0.25 * self._tail_share
        crouch[self._tail, _PITCH] = 0.30 * (1.0 - self._tail_share) - 0.15 * self._tail_share
        if self._jaw and self._neck:
            table[:, self._jaw] = table[:, self._neck[-1:]]
        excited[self._jaw, _PITCH] += 0.40
        return table.reshape(5, -1)
