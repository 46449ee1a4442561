"""Agent: a mind in a body in the world."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from aether.decision import Decision
from aether.emotion import Emotion, called_pace
from aether.mind import Doubt, Thought
from aether.scene import Own, Scene
from hephaestus.motion import Motion
from prometheus.docket import Docket, Outcome
from prometheus.judge import Command, Mode, Verdict, judge
from prometheus.language.onward import onward
from prometheus.motion.control import Control
from prometheus.motion.features import LocalFrames, stand
from prometheus.posing import Pose, Poser
from prometheus.steering import Steering
from prometheus.think_time import ThinkTime
from prometheus.world.forecast import Forecast, Forecaster
from prometheus.world.perception import Camera, perceive
from prometheus.world.physics import FRAME, World

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from prometheus.world.bone_touch import Touch
    from prometheus.world.entity import Actor

_FLESH = 0.45
"""m beyond the joints of a body of 1.75 m, from its pelvis on, that hands, flesh and another rig may reach."""
PERSON = "person"
"""The route of a thought that somebody at a window had."""
GETS_UP = "a person gets up from the ground"
Place = tuple[float, float]
"""x, y of a body, m in the world."""


class Mind(Protocol):
    """What an agent asks; `aether.Mind` is one."""

    emotion: Emotion

    @property
    def pending(self) -> bool: ...  # noqa: D102
    @property
    def ready(self) -> bool: ...  # noqa: D102
    def feel(self, scene: Scene, *, heading: float | None = None, place: Place | None = None) -> Scene: ...  # noqa: D102
    def begin(  # noqa: D102
        self, scene: Scene, *, heading: float | None = None, place: Place | None = None, doubt: Doubt | None = None
    ) -> None: ...
    def settle(self) -> float: ...  # noqa: D102
    def poll(  # noqa: D102
        self,
        scene: Scene | None = None,
        *,
        heading: float | None = None,
        place: Place | None = None,
        arrived: bool | None = None,
    ) -> Thought | None: ...
    def judged(self, agreement: Mapping[str, str]) -> None: ...  # noqa: D102
    def learn(self, outcome: str, *, heading: float | None = None, place: Place | None = None) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Stream(Protocol):
    """What moves a body; `prometheus.motion.stream.MotionStream` is one."""

    model_seconds: float

    def push(self, text: str, *, urgent: bool = False) -> None: ...  # noqa: D102
    def steer(self, control: Control) -> None: ...  # noqa: D102
    def next(self, frames: int = 1) -> LocalFrames: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Act:
    """An agent's part of a frame.

    Attributes:
        agent: its id.
        motion: its joints where physics let them be, one frame long.
        pose: that motion on its rig.
        thought, verdict: of the decision that took effect, None where none did.
        scene: what that decision was made from.
        asked: the frame in which it was; before this one where thinking took the world's time.
        changes: what was changed about the agent since the frame before, such as ("body", "tank").
        outcomes: what became of predictions that are two seconds old now.
    """

    agent: str
    motion: Motion
    pose: Pose
    scene: Scene | None = None
    thought: Thought | None = None
    verdict: Verdict | None = None
    asked: int | None = None
    changes: tuple[tuple[str, str], ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    @property
    def local(self) -> np.ndarray:
        """float32 [J, 4, 4], the pose."""
        return self.pose.local


class Agent:
    """Who perceives, predicts, acts; its steps are called by the loop, in the order in which they stand here.

    Args:
        world: where it lives.
        actor: what physics knows it as.
        mind: who decides; closed with the agent.
        stream: text to motion.
        body: what it wears.
        think_time: when its decisions count as made; a mind that lives an episode again has its own.
        every: frames between two thoughts.
        offset: frames by which its thoughts come later than those of others.

    Attributes:
        mind: see above; `mind.brain` may be set at any time.
        wears: its body by the name or path under which it was loaded.
        docket: its predictions that wait for the future.
        command: what its body was last told.
    """

    def __init__(
        self,
        world: World,
        actor: Actor,
        mind: Mind,
        stream: Stream,
        body: Body,
        *,
        think_time: ThinkTime,
        every: int = 10,
        offset: int = 0,
    ) -> None:
        self.world, self.actor, self.mind, self.stream = world, actor, mind, stream
        self.think_time: ThinkTime = getattr(mind, "think_time", None) or think_time
        self.command: Command | None = None
        self.docket = Docket(actor.id)
        self._every, self._offset, self._born = every, offset, world.frame
        self._steering = Steering(facing=actor.heading)
        self._frame: LocalFrames | None = None
        self._alarm, self._fallen = False, ""
        self._touching: set[str] = set()
        self._struck = False
        self._shown: tuple[Motion, Pose] | None = None
        self._looks: dict[str, int] = {}
        self._question = 0
        self._changes: list[tuple[str, str]] = []
        self._dress(body, body.name)
        self._forget()

    @property
    def id(self) -> str:
        """Its name in the world."""
        return self.actor.id

    @property
    def body(self) -> Body:
        """What it wears. Another body, also by name or path, may be set at any time; its size in physics follows."""
        return self._body

    @body.setter
    def body(self, body: Body | str | Path) -> None:
        self.wear(_loaded(body), str(body) if isinstance(body, str | Path) else body.name)

    def wear(self, body: Body, name: str) -> None:
        """Wear a body that was loaded by a name or path, under which it is recorded."""
        self._dress(body, name)
        self._changes.append(("body", name))

    @property
    def place(self) -> Place:
        """x, y of its feet, m in the world."""
        x, y = self.actor.position[:2].tolist()
        return x, y

    def attends(self) -> bool:
        """Whether it looks up now: its hour has come, an answer has, somebody begins to charge, or it stands again."""
        if self.actor.fall is not None:
            return False
        alarm = any(npc.behavior == "charge" for npc in self.world.npcs)
        startled, self._alarm = alarm and not self._alarm, alarm
        age = self.world.frame - self._born
        self._due = self._stand_again() or startled or age == 0 or (age - self._offset) % self._every == 0
        self._arrived = self.mind.pending and self.think_time.arrived(self.mind, self._now)
        return self._due or self._arrived

    def perceive(self, camera: Camera | None = None) -> None:
        """Look, with a picture where there is a camera, and feel what that does."""
        actor = self.actor
        own = Own(emotion=self.mind.emotion.name, body=self.body.name, task=actor.task)
        seen = perceive(self.world, actor, own, camera=camera)
        self.scene = self.mind.feel(seen, heading=actor.heading, place=self.place)
        self._looks[self.scene.scenario_id] = self._now

    def foresee(self, forecast: Forecaster) -> None:
        """Let physics say what the next two seconds may bring."""
        assert self.scene is not None
        self.ahead = forecast(self.world, self.actor, called_pace(self.scene))

    def ask(self) -> None:
        """Put the question of what to do, unless one is open."""
        assert self.scene is not None
        ahead = self.ahead

        def doubt(decision: Decision) -> str | None:
            assert ahead is not None
            return judge(decision, ahead, "advise").reason

        if self._due and not self.mind.pending:
            self.mind.begin(self.scene, heading=self.actor.heading, place=self.place, doubt=doubt)
            self._question = self._now
            self.think_time.asked(self.mind, self._now)
            self._arrived = self.think_time.arrived(self.mind, self._now)

    def predict(self) -> bool:
        """Take the answer, or the reflex's where the brain's is still to come and something presses."""
        self.thought = self.mind.poll(self.scene, heading=self.actor.heading, place=self.place, arrived=self._arrived)
        return self.thought is not None

    def judge(self, mode: Mode) -> None:
        """Hold the decision against the forecast, and follow what comes of it."""
        assert self.thought is not None
        assert self.ahead is not None
        self.verdict = judge(self.thought.decision, self.ahead, mode, self.command)
        if self.thought.route == PERSON and (self.command is None or self.command.text != self.verdict.command.text):
            # A hand that waits half a second for its body gives up steering.
            self.verdict = replace(self.verdict, command=replace(self.verdict.command, urgent=True))
        self.docket.open(self.world, self.actor, self.thought, self.verdict, self.ahead)
        self.mind.judged(self.verdict.agreement)
        self.obey(self.verdict.command, self.mind.emotion.intensity)

    def obey(self, command: Command, arousal: float | None = None) -> None:
        """Follow a command from now on, aroused (0-1) as it says where nothing else is given."""
        self.command = command
        self._steering.follow(command, self.actor.heading, command.intensity if arousal is None else arousal)
        text = onward(command.text) if self._steering.turns_to_course else command.text
        self.stream.push(text, urgent=command.urgent)

    def steer(self) -> None:
        """Tell the motion where to go."""
        self.stream.steer(self._steering.control(self.actor.heading, FRAME))

    def act(self) -> None:
        """Take the next frame of motion, and let physics know where the one that the body is in wants to go."""
        before = self._frame or self.stream.next(1)
        self._frame = self.stream.next(1)
        actor = self.actor
        if actor.fall is not None:
            self._lie(actor.fall.phase)
            return
        heading = actor.heading + float(before.turn[0])
        left, forward = (self.body.stride * float(v) / FRAME for v in before.step[0])
        cos, sin = math.cos(heading), math.sin(heading)
        actor.drive((cos * forward - sin * left, sin * forward + cos * left), heading)

    def learn(self) -> None:
        """Tell the mind what the body ran into."""
        actor = self.actor
        touched = {contact.other: contact for contact in actor.contacts}
        struck = touched.keys() - self._touching
        self._struck = bool(struck)
        for name in sorted(struck):
            contact = touched[name]
            away = math.atan2(-contact.normal[1], -contact.normal[0]) - actor.heading
            side = ("forward", "left", "backward", "right")[round(away / (math.pi / 2)) % 4]
            self.mind.learn(f"hit_{contact.kind}_{side}", heading=actor.heading, place=self.place)
        self._touching = set(touched)
        self._outcomes = self.docket.settle(self.world)

    def settle(self) -> Act:
        """Put the body where physics let it be, and say what this frame was."""
        assert self._frame is not None
        actor = self.actor
        y, up, x = actor.position[[1, 2, 0]].tolist()
        # A body is posed on level ground of its own: it scales what it is given, heights above the sea included.
        motion = stand(self._frame, np.array([[y, 0.0, x]]), np.array([actor.heading]))
        motion = self.world.shown(actor, motion)
        pose = self._poser.pose(motion, up)
        self._shown = motion, pose
        if self._struck:
            self.feel()
        elif actor.touches:
            actor.touches = ()
        if up:
            motion = Motion(motion.joints + np.float32([0.0, up, 0.0]), motion.rotations, motion.contacts, motion.fps)
        scene = None if self.thought is None else self.thought.scene or self.scene
        asked = None if scene is None else self._looks.get(scene.scenario_id)
        if asked is not None:
            # The reflex may have stepped in: what an open question is about is still needed.
            oldest = self._question if self.mind.pending else asked
            self._looks = {name: frame for name, frame in self._looks.items() if frame >= oldest}
        changes, self._changes = tuple(self._changes), []
        act = Act(
            self.id, motion, pose, scene, self.thought, self.verdict, asked, changes, self._outcomes
        )  # fmt: skip
        self._forget()
        return act

    def feel(self) -> tuple[Touch, ...]:
        """Return what its bones touch as it is seen now; the loop asks where its hull has run into something new."""
        if self._shown is None:
            return ()
        motion, pose = self._shown
        return self.world.feel(self.actor, self.body, lambda: pose.local, _spread(motion, self.body))

    def close(self) -> None:
        """Stop the mind."""
        self.mind.close()

    @property
    def _now(self) -> int:
        """The number of the frame that is being made."""
        return self.world.frame + 1

    def _lie(self, phase: str) -> None:
        """Leave the body to physics while it is down; its motion gets up when it does."""
        self.actor.drive((0.0, 0.0), self.actor.heading)
        if phase == "rising" and self._fallen == "falling":
            self.stream.push(GETS_UP, urgent=True)
        self._fallen = phase

    def _stand_again(self) -> bool:
        """Whether this is the first moment after a fall; the body then faces wherever it came up."""
        if not self._fallen:
            return False
        self._fallen = ""
        self._steering = Steering(facing=self.actor.heading)
        return True

    def _dress(self, body: Body, name: str) -> None:
        self._body, self._poser, self.wears, self._shown = body, Poser(body), name, None
        self.actor.body = body.name
        self.world.wear(self.actor, body)

    def _forget(self) -> None:
        self.scene: Scene | None = None
        self.ahead: Forecast | None = None
        self.thought: Thought | None = None
        self.verdict: Verdict | None = None
        self._due = self._arrived = False
        self._outcomes: tuple[Outcome, ...] = ()


def _spread(motion: Motion, body: Body) -> float | None:
    """M in plan from the feet that no part of a humanoid is beyond, its flesh, hands and rig allowed for."""
    if body.kind != "humanoid":
        return None
    away = motion.joints[0][:, [0, 2]] - motion.joints[0][0, [0, 2]]
    scale = body.height_m / 1.75
    return (math.sqrt(float((away * away).sum(1).max())) + _FLESH) * scale


def _loaded(body: Body | str | Path) -> Body:
    if not isinstance(body, str | Path):
        return body
    from hephaestus.bodies import load_body

    return load_body(body)
