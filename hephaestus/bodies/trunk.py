"""Trunk of a quadruped: how hips, spine, neck, head, jaw and tail turn with the gait, the mood and the gaze."""

from __future__ import annotations

import numpy as np

from hephaestus.motion import Motion
from hephaestus.puppet import Puppet
from hephaestus.retarget import world_turns
from hephaestus.rig import Rig
from hephaestus.skeleton import REST_HEIGHT, rest_joints
from hephaestus.stepping import Steps
from hephaestus.vector import about, smoothstep

_TAU = 2.0 * np.pi
_HEAD = 15
TROTS, GALLOPS = (1.5, 1.75), (2.3, 2.65)
"""m/s: between which a walk becomes a trot, and a trot a gallop."""


class Trunk:
    """Everything but the legs, as yaw, pitch (nose down positive) and roll of each node in the motion frame.

    Args:
        rig: the rig.
        puppet: its steered nodes.
        spine: indices of the spine in the puppet, without the root.
        neck: of neck and head, the head last.
        jaw: of the jaw.
        tail: of the tail.
    """

    def __init__(
        self, rig: Rig, puppet: Puppet, spine: list[int], neck: list[int], jaw: list[int], tail: list[int]
    ) -> None:
        self._count = len(puppet.nodes)
        self._spine, self._neck, self._jaw, self._tail = ([0, *spine], neck, jaw, tail)
        self._along = np.linspace(0.0, 1.0, len(self._spine)) if spine else np.array([0.5])
        self._neck_share = (np.arange(len(neck)) + 1.0) / max(len(neck), 1)
        self._tail_share = (np.arange(len(tail)) + 1.0) / max(len(tail), 1)
        self._source = rest_joints()
        self._has_head = "head" in rig

    def turns(
        self, motion: Motion, steps: Steps, cycle: np.ndarray, offsets: np.ndarray, leg: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return how the nodes turn and how the body's centre moves against the human's place.

        Args:
            motion: T frames.
            steps: what they say about stepping.
            cycle: [T] phase of the body's own cycle.
            offsets: [T, 4] touch-downs (left hind, right hind, left front, right front).
            leg: m, length of a leg.

        Returns:
            Turns [T, N, 3, 3] (legs still without meaning), rise [T] m over rest, and [T] m backward.
        """
        speed = steps.speed
        moving, run = smoothstep(0.05, 0.6, speed), smoothstep(*GALLOPS, speed)
        trot = smoothstep(*TROTS, speed) * (1.0 - run)
        walk = moving * (1.0 - run) * (1.0 - 0.5 * trot)
        crouch = np.clip(steps.crouch / 0.45, 0.0, 1.0)
        arousal = self._arousal(motion)
        hind, front = cycle - offsets[:, 0], cycle - offsets[:, 2]
        angles = np.zeros((len(motion), self._count, 3), np.float32)
        bound = run * np.cos(_TAU * (cycle - 0.93))
        pitch = -run * 0.10 * np.cos(_TAU * (cycle - 0.20)) + 0.30 * crouch
        u = self._along
        angles[:, self._spine, 0] = (
            -0.07 * (walk * np.cos(_TAU * hind))[:, None] * (1.0 - u)
            - 0.07 * (walk * np.cos(_TAU * front))[:, None] * u
        )
        angles[:, self._spine, 1] = pitch[:, None] + bound[:, None] * (-0.26 + 0.46 * u) + (0.12 * crouch)[:, None] * u
        angles[:, self._spine, 2] = 0.05 * (walk * np.sin(_TAU * hind))[:, None] * (1.0 - u)
        self._look(angles, motion, steps, run, crouch, arousal, cycle)
        self._wag(angles, cycle, walk, run, arousal, crouch)
        angles[..., 0] += steps.heading[:, None]
        beat = 2.0 * (cycle - offsets[:, 0])
        rise = -moving * leg * (0.02 + 0.015 * (walk + trot)) + leg * (
            0.018 * walk * np.cos(_TAU * (beat - 0.6))
            + 0.035 * trot * np.cos(_TAU * (beat - 0.85))
            + 0.075 * run * np.cos(_TAU * (cycle - 0.97))
        )
        rise += leg / REST_HEIGHT * np.maximum(-steps.crouch - 0.03, 0.0) - 0.38 * leg * crouch
        turns = about(1, angles[..., 0]) @ about(0, angles[..., 1]) @ about(2, angles[..., 2])
        return turns, rise.astype(np.float32), 0.12 * leg * crouch

    def _look(
        self,
        angles: np.ndarray,
        motion: Motion,
        steps: Steps,
        run: np.ndarray,
        crouch: np.ndarray,
        arousal: np.ndarray,
        cycle: np.ndarray,
    ) -> None:
        """Neck and head: towards where the human looks; low and stretched in a charge."""
        if not self._neck:
            return
        face = world_turns(motion, self._source)[:, _HEAD, :, 2]
        yaw = np.arctan2(face[:, 0], face[:, 2]) - steps.heading
        yaw = np.clip((yaw + np.pi) % _TAU - np.pi, -1.4, 1.4)
        pitch = np.clip(-np.arcsin(np.clip(face[:, 1], -1.0, 1.0)), -0.7, 0.7)
        nod = (1.0 - run) * smoothstep(0.05, 0.6, steps.speed) * 0.05 * np.cos(_TAU * 2.0 * cycle)
        chest = angles[:, self._spine[-1]]
        share = self._neck_share
        # A charging beast lowers its neck and keeps its face to the front.
        neck_pitch = 0.30 * run + 0.12 * crouch - 0.10 * arousal * (1.0 - run) + nod + 0.25 * pitch
        head_pitch = 0.55 * pitch + 0.10 * run + 0.5 * nod
        at = share * (2.0 - share)
        angles[:, self._neck, 0] = chest[:, None, 0] * (1.0 - share) + yaw[:, None] * share
        angles[:, self._neck, 1] = (
            chest[:, None, 1] * (1.0 - at)
            + neck_pitch[:, None] * (4.0 * share * (1.0 - share))
            + head_pitch[:, None] * share**2
        )
        if self._jaw:
            head = angles[:, self._neck[-1]]
            angles[:, self._jaw] = head[:, None]
            angles[:, self._jaw, 1] += (0.05 + 0.40 * arousal * (0.7 + 0.3 * np.cos(_TAU * cycle)))[:, None]

    def _wag(
        self,
        angles: np.ndarray,
        cycle: np.ndarray,
        walk: np.ndarray,
        run: np.ndarray,
        arousal: np.ndarray,
        crouch: np.ndarray,
    ) -> None:
        """Tail: a wave that runs outward, raised by excitement and by a gallop."""
        if not self._tail:
            return
        share, lag = self._tail_share, 0.22 * np.arange(len(self._tail))
        wave = np.sin(_TAU * (cycle[:, None] - lag))
        pump = np.cos(_TAU * (cycle[:, None] - 0.1 - lag))
        angles[:, self._tail, 0] = (0.04 + 0.16 * walk)[:, None] * wave * share
        angles[:, self._tail, 1] = (
            angles[:, :1, 1] * (1.0 - share)
            + (0.25 * arousal + 0.30 * run - 0.15 * crouch)[:, None] * share
            + (0.16 * run)[:, None] * pump * share
        )

    @staticmethod
    def _arousal(motion: Motion) -> np.ndarray:
        """Excitement [T] 0 to 1 as far as one frame shows it: hands up and elbows bent."""
        joints = motion.joints
        hands = joints[:, [20, 21], 1].mean(1) - joints[:, 0, 1]
        return smoothstep(-0.05, 0.45, hands)
