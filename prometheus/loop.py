"""The loop: perceive, predict, judge, act, step, record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

import numpy as np

from aether.decision import Decision
from aether.emotion import Emotion, called_pace
from aether.mind import Doubt, Thought
from aether.scene import Own, Scene
from hephaestus.motion import Motion
from prometheus.judge import Command, Verdict, judge
from prometheus.motion.control import Control
from prometheus.motion.features import LocalFrames, stand
from prometheus.steering import Steering
from prometheus.stopwatch import Stopwatch
from prometheus.world.forecast import Forecast, forecast
from prometheus.world.perception import perceive
from prometheus.world.physics import FRAME, World

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body


Place = tuple[float, float]
"""x, y of a body, m in the world."""


class Mind(Protocol):
    """What the loop talks to; `aether.Mind` is one."""

    emotion: Emotion

    def feel(self, scene: Scene, *, heading: float | None = None, place: Place | None = None) -> Scene: ...  # noqa: D102
    def think(  # noqa: D102
        self, scene: Scene, *, heading: float | None = None, place: Place | None = None, doubt: Doubt | None = None
    ) -> Thought: ...
    def attend(  # noqa: D102
        self, scene: Scene, *, heading: float | None = None, place: Place | None = None, doubt: Doubt | None = None
    ) -> Thought | None: ...
    def judged(self, agreement: Mapping[str, str]) -> None: ...  # noqa: D102
    def learn(self, outcome: str, *, heading: float | None = None, place: Place | None = None) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Stream(Protocol):
    """What moves the body; `prometheus.motion.stream.MotionStream` is one."""

    def push(self, text: str, *, urgent: bool = False) -> None: ...  # noqa: D102
    def steer(self, control: Control) -> None: ...  # noqa: D102
    def next(self, frames: int = 1) -> LocalFrames: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame of 50 ms as it turned out.

    Attributes:
        frame: its number, 1 for the first.
        motion: the agent's joints where physics let them be, one frame long.
        local: float32 [J, 4, 4], the agent's pose on its rig.
        thought, verdict: of this frame's decision, None where none was made.
        scene: what the decision saw.
    """

    frame: int
    motion: Motion
    local: np.ndarray
    scene: Scene | None = None
    thought: Thought | None = None
    verdict: Verdict | None = None


class Simulation:
    """An agent in a world.

    Args:
        world: where it happens; closed with the simulation.
        mind: who decides; closed with the simulation.
        stream: text to motion.
        body: what the agent wears.
        think_every: s of world time between two decisions.
        judge_mode: "off", "advise" or "enforce".
        realtime: whether the world goes on while the mind thinks; else it stands still.
    """

    def __init__(
        self,
        world: World,
        mind: Mind,
        stream: Stream,
        body: Body,
        *,
        think_every: float = 0.5,
        judge_mode: str = "enforce",
        realtime: bool = False,
    ) -> None:
        self.world, self.mind, self.stream, self.body = world, mind, stream, body
        self.watch = Stopwatch()
        self.think_every = max(1, round(think_every / FRAME))
        self.judge_mode, self.realtime = judge_mode, realtime
        self.command: Command | None = None
        self._steering = Steering(facing=world.agent.heading)
        self._pose = body.stream()
        self._frame: LocalFrames | None = None
        self._alarm = False
        self._touching: set[str] = set()

    def step(self) -> Moment:
        """Advance by one frame."""
        scene = thought = verdict = None
        if self._due():
            scene = self._perceive()
            ahead = self._forecast(scene)
            thought = self._predict(scene, ahead)
            if thought is not None:
                verdict = self._judge(thought, ahead)
                self._follow(verdict.command)
        before, after = self._act()
        self._step(before)
        motion, local = self._settle(after)
        return Moment(self.world.frame, motion, local, scene, thought, verdict)

    def _due(self) -> bool:
        """A thought comes at its hour, and at once when somebody begins to charge."""
        alarm = any(npc.behavior == "charge" for npc in self.world.npcs)
        startled, self._alarm = alarm and not self._alarm, alarm
        return startled or self.world.frame % self.think_every == 0

    def _perceive(self) -> Scene:
        with self.watch.stage("perceive"):
            task = self.world.scenario.agent.task
            own = Own(emotion=self.mind.emotion.name, body=self.body.name, task=task)
            scene = perceive(self.world, self.world.agent, own)
            return self.mind.feel(scene, heading=self.world.agent.heading, place=self._place())

    def _place(self) -> Place:
        x, y = self.world.agent.position[:2].tolist()
        return x, y

    def _forecast(self, scene: Scene) -> Forecast:
        with self.watch.stage("judge"):
            return forecast(self.world, self.world.agent, called_pace(scene))

    def _predict(self, scene: Scene, ahead: Forecast) -> Thought | None:
        """What the mind decides; None where, in real time, it has no answer yet and nothing presses."""

        def doubt(decision: Decision) -> str | None:
            return judge(decision, ahead, "advise").reason

        with self.watch.stage("predict"):
            decide = self.mind.attend if self.realtime else self.mind.think
            return decide(scene, heading=self.world.agent.heading, place=self._place(), doubt=doubt)

    def _judge(self, thought: Thought, ahead: Forecast) -> Verdict:
        with self.watch.stage("judge"):
            verdict = judge(thought.decision, ahead, self.judge_mode, self.command)
            self.mind.judged(verdict.agreement)
            return verdict

    def _follow(self, command: Command) -> None:
        self.command = command
        self.stream.push(command.text, urgent=command.urgent)
        self._steering.follow(command, self.world.agent.heading, self.mind.emotion.intensity)

    def _act(self) -> tuple[LocalFrames, LocalFrames]:
        """Return the frame that the body is in, which says where it goes, and the one that it comes to."""
        with self.watch.stage("motion"):
            self.stream.steer(self._steering.control(self.world.agent.heading, FRAME))
            before = self._frame or self.stream.next(1)
            self._frame = self.stream.next(1)
            return before, self._frame

    def _step(self, frames: LocalFrames) -> None:
        """Let physics carry the body where the motion wants to go, as far as walls and others allow."""
        with self.watch.stage("physics"):
            agent = self.world.agent
            heading = agent.heading + float(frames.turn[0]) + self._steering.trim(agent.heading, FRAME)
            left, forward = (self.body.stride * float(v) / FRAME for v in frames.step[0])
            cos, sin = math.cos(heading), math.sin(heading)
            agent.drive((cos * forward - sin * left, sin * forward + cos * left), heading)
            self.world.step()
            self._learn()

    def _learn(self) -> None:
        """Tell the mind when the body runs into something."""
        agent = self.world.agent
        touched = {contact.other: contact for contact in agent.contacts}
        for name in sorted(touched.keys() - self._touching):
            contact = touched[name]
            away = math.atan2(-contact.normal[1], -contact.normal[0]) - agent.heading
            side = ("forward", "left", "backward", "right")[round(away / (math.pi / 2)) % 4]
            self.mind.learn(f"hit_{contact.kind}_{side}", heading=agent.heading, place=self._place())
        self._touching = set(touched)

    def _settle(self, frames: LocalFrames) -> tuple[Motion, np.ndarray]:
        with self.watch.stage("body"):
            agent = self.world.agent
            motion = stand(frames, agent.position[None, [1, 2, 0]], np.array([agent.heading]))
            return motion, self._pose(motion)[0]

    def close(self) -> None:
        """Free the world and stop the mind."""
        self.world.close()
        self.mind.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

