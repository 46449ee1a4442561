"""Playground: a world that a person plays in, frame by frame; `host` runs one in a process of its own.

Whoever draws reads `latest`; whoever wants something done puts it into the queue with `do`, and it is done between two
frames.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hephaestus.render.backdrop import paint
from prometheus.agent import PERSON
from prometheus.docket import Docket
from prometheus.drawing.stage import build_stage
from prometheus.drawing.stage import places as things
from prometheus.errors import shorten
from prometheus.pace import Pace
from prometheus.run import open_motion, simulate
from prometheus.window.cast import Cast
from prometheus.window.errands import Errand, Errands, Wish, complaint
from prometheus.window.hand import Hand
from prometheus.window.orders import ALONG
from prometheus.window.person import Person
from prometheus.window.shapes import Shapes
from prometheus.window.show import Setting
from prometheus.window.snapshot import Mindscape, Snapshot
from prometheus.window.steered import Steered
from prometheus.window.tape import Tape
from prometheus.world.behaviour import behaviours
from prometheus.world.prediction import predict_paths

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.glb.asset import Asset
    from hephaestus.render.scene import Stage
    from prometheus.agent import Act, Agent
    from prometheus.config import Config
    from prometheus.loop import Moment, Simulation
    from prometheus.world.scenario import Scenario

_LOOKS = 3
"""Frames between two looks at where others are going."""
_AIMED = frozenset({"charge", "notice", "approach"})
"""Behaviours that go for somebody."""


class Playground:
    """A running world for the window.

    Args:
        simulation: what runs; closed with the playground.
        header: of its episode.
        config: its settings.
        motor: what moves the bodies; a worker is ended with the playground.

    Attributes:
        simulation, cast: see above, and who is in it. people: who may speak for each agent's mind, by id.
        pace: when frames are due. tape: what is recorded. notices: sentences for the person, oldest first.
        dressed: what is worn anew since the stage was loaded, (key, asset). bars: what is built since, in the way of a
            camera: middle [3], size [3] (m, world) and heading. shapes: of bodies, for whoever draws.
        foresees: whether `Snapshot.ghosts` is wanted.
        stage: what the world looks like. generation: counts them. begun: whether whoever draws has
            loaded it, and time runs. chosen: id of the actor whom the person has chosen.
        pointed: id of the one whom they have pointed at with the mouse since somebody asked, or "".
    """

    def __init__(self, simulation: Simulation, header: dict[str, Any], config: Config, motor: Any = None) -> None:
        self.simulation, self.config, self._motor = simulation, config, motor
        self.pace = Pace(config.speed)
        self.notices: deque[str] = deque(maxlen=32)
        self.dressed: deque[tuple[str, Asset]] = deque()
        self.bars: deque[tuple[np.ndarray, np.ndarray, float]] = deque()
        self.shapes = Shapes(config.video.samples if "samples" in config.video.model_fields_set else 0)
        self.foresees, self.pointed = False, ""
        self._wishes: deque[Wish] = deque(maxlen=256)
        self._errands = Errands(self.do)
        self._minds: dict[str, Mindscape] = {}
        self._painted: tuple[Scenario, dict[str, np.ndarray]] | None = None
        self.generation, self.begun = 0, False
        self.tape: Tape
        self._settle_in(header)
        first = self._snapshot(None)
        self.latest: tuple[Snapshot, Snapshot, float] = (first, first, time.perf_counter())

    @property
    def heights(self) -> dict[str, float]:
        """m, of each actor by its id."""
        return {actor.id: actor.height for actor in list(self.simulation.world.actors)}

    @classmethod
    def open(cls, world: str, config: Config, scenario: Scenario | None = None) -> Playground:
        """Put a world together.

        Raises:
            PrometheusError: a name, a setting or a file is wrong.
            aether.errors.AetherError: the brain is unknown, or lacks its key or file.
        """
        motor = open_motion(config)
        try:
            simulation, header = simulate(world, config, scenario=scenario, motor=motor)
            return cls(simulation, header, config, motor)
        except BaseException:
            _end(motor)
            raise

    def do(self, wish: Wish) -> None:
        """Have something done between two frames; what goes wrong becomes a notice."""
        self._wishes.append(wish)

    def begin(self, generation: int) -> None:
        """Let time run in the world of that generation, if it still is the one."""
        if generation == self.generation and not self.begun:
            self.begun = True
            paused, self.pace = self.pace.paused, Pace(self.pace.speed)
            if paused:
                self.pace.pause()

    def beside(self, errand: Errand, about: tuple[object, ...] = ()) -> None:
        """Run an errand beside the loop; see `Errands.run`."""
        if not self._errands.run(errand, about):
            self.say("too much is being read already; wait a moment and try again")

    def say(self, notice: str) -> None:
        """Show the person a sentence."""
        self.notices.append(notice)

    def agent(self, name: str) -> Agent | None:
        """Return an agent by its id, or None for anybody else."""
        return next((agent for agent in self.simulation.agents if agent.id == name), None)

    def restart(self, world: str, config: Config, scenario: Scenario | None = None) -> None:
        """Put another world, or the same one from its beginning, in the place of this one; within a wish only.

        Raises:
            PrometheusError: it cannot be put together; this one goes on.
        """
        try:
            simulation, header = simulate(world, config, scenario=scenario, motor=self._motor)
        except BaseException:
            self._forget()
            raise
        before = dict(vars(self))
        self.simulation, self.config, self._minds = simulation, config, {}
        try:
            self._settle_in(header)
        except BaseException:
            # A passer-by whose body is missing is found out only now: the world that there was goes on.
            if self.tape is not before["tape"]:
                self.tape.close()
            vars(self).update(before)
            simulation.close()
            self._forget()
            raise
        before["tape"].close()
        before["simulation"].close()
        self._forget()
        self.show()

    def close(self) -> None:
        """Free everything."""
        self.tape.close()
        self.simulation.close()
        _end(self._motor)

    @property
    def world(self) -> str:
        """The world by the name or path under which it was loaded."""
        return str(self.header["world"])

    def setting(self) -> Setting:
        """Return what is to be loaded before this world can be drawn."""
        world, stage = self.simulation.world, self.stage
        shapes = {key: self.shapes.of(asset) for key, asset in stage.bodies.items()}
        bodies = {key: shape.asset for key, shape in shapes.items()}
        # A world that is begun anew looks as it did.
        if self._painted is None or self._painted[0] != world.scenario:
            self._painted = world.scenario, paint(stage)
        worker = getattr(self._motor, "pid", None)
        processes = (os.getpid(),) if worker is None else (os.getpid(), worker)
        return Setting(
            self.world, world.scenario.title or world.scenario.name, self.simulation.agent.id,
            replace(stage, bodies=bodies), shapes, self._painted[1], processes,
        )  # fmt: skip

    def bar(self, centre: np.ndarray, size: np.ndarray, heading: float) -> None:
        """Let whoever draws know that a box [3], [3] m (world) is in the way of a camera from now on."""
        self.bars.append((centre, size, heading))

    def cut(self) -> None:
        """Begin a recording of its own: from now on others are in the world than it began with."""
        for agent in self.simulation.agents:
            # What was foretold was foretold in another recording, and of others than are here now.
            agent.docket = Docket(agent.id)
        self.tape.close()
        self.tape = Tape(self.header)

    def behaviours(self) -> list[str]:
        """Return how a passer-by may behave, by name."""
        return [name for name in behaviours() if name != Steered.name]

    def behave(self, name: str, behaviour: str) -> str | None:
        """Let a passer-by behave in another way; within a wish only."""
        npc = next((npc for npc in self.simulation.world.npcs if npc.id == name), None)
        if npc is None or behaviour not in behaviours():
            return None
        npc.noticed = self.simulation.agent.id if behaviour in _AIMED else None
        npc.alert_until, npc.seen_at = self.simulation.world.time + npc.entity.interest, self.simulation.world.time
        npc.become(behaviour)
        lost = behaviour in ALONG and not npc.entity.path
        return f"{name}: {behaviour}" + (", but it has no path to walk along and stands" if lost else "")

    def wear(self, name: str, body: Body, title: str) -> str | None:
        """Give an actor another body; within a wish only.

        Raises:
            WorldError: there is no room for it.
        """
        agent = self.agent(name)
        actor = self.simulation.world.actor(name)
        self.cast.keep(title, body)
        if agent is not None:
            agent.wear(body, title)
        else:
            self.simulation.world.wear(actor, body)
            actor.body = title
            self.tape.note(name, "body", title)
        self.dressed.append((name, body.asset))
        return f"{name} wears {shorten(title.rsplit('/', 1)[-1], 60)}"

    def think_with(self, name: str, brain: Any, title: str) -> str | None:
        """Let another brain think for an agent, and let the one go that was woken for it before; within a wish only."""
        person = self.people.get(name)
        self.put_aside(brain if person is None else self._woken.get(name))
        if person is None:
            return f"{name} has no mind that a brain could think for"
        self._woken[name] = brain
        person.brain, person.steers = brain, False
        self._minds[name] = replace(self._minds[name], brain=title, steered=False)
        return f"{title} thinks for {name}"

    def put_aside(self, brain: Any) -> None:
        """Let a brain go; it may live in a process of its own, which takes a while to end."""
        threading.Thread(target=_end, args=(brain,), name="beside", daemon=True).start()

    def _forget(self) -> None:
        """Let the motion model forget whoever is in no world any more."""
        keep = getattr(self._motor, "keep", None)
        if keep is not None:
            keep([agent.stream for agent in self.simulation.agents])

    def _settle_in(self, header: dict[str, Any]) -> None:
        self.cast = Cast(self.simulation)
        self.people: dict[str, Person] = {}
        for agent in self.simulation.agents:
            person = Person(agent.mind)  # type: ignore[arg-type]
            agent.mind = person  # type: ignore[assignment]
            self.people[agent.id] = person
        self._woken: dict[str, Any] = {}
        self.chosen = self.simulation.agent.id
        self.header = header
        self.tape, self.hand = Tape(header), Hand()
        self._moment: Moment | None = None
        self._seen_ahead: dict[str, np.ndarray] = {}
        self.stage = self._build()
        self.dressed.clear()
        self.bars.clear()
        self.generation, self.begun = self.generation + 1, False

    def _build(self) -> Stage:
        """Build what the world looks like, here and not where it is drawn: textures take a while to paint."""
        world = self.simulation.world
        return build_stage(world.scenario, {actor.id: self.cast.body(actor.id).asset for actor in world.actors})

    def show(self) -> None:
        """Show what was changed while the world stands still."""
        snapshot = self._snapshot(self._moment)
        self.latest = (snapshot, snapshot, time.perf_counter())

    def grant(self) -> bool:
        """Do what is wished; whether there was anything."""
        granted = False
        while self._wishes:
            wish, granted = self._wishes.popleft(), True
            try:
                said = wish(self)
            except Exception as error:
                said = complaint(error)
            if said:
                self.say(said)
        return granted

    def advance(self) -> None:
        """Do what is wished, and play one frame."""
        self.grant()
        self.hand.hold(self.simulation.world)
        moment = self._moment = self.simulation.step()
        self.tape.record(self.simulation, moment)
        snapshot = self._snapshot(moment)
        self.latest = (self.latest[1], snapshot, time.perf_counter())

    def _snapshot(self, moment: Moment | None) -> Snapshot:
        world = self.simulation.world
        state = world.state() | {"frame": world.frame}
        places = self.cast.places(moment) | things(world)
        acts = {} if moment is None else {act.agent: act for act in moment.acts}
        for agent in self.simulation.agents:
            self._minds[agent.id] = self._look_into(agent, acts.get(agent.id))
        return Snapshot(world.frame, state, places, dict(self._minds), self.cast.wears, self._ghosts())

    def _ghosts(self) -> dict[str, np.ndarray]:
        """Where others are expected within two seconds, by what an observer can tell."""
        world = self.simulation.world
        if not self.foresees or world.frame % _LOOKS:
            return self._seen_ahead if self.foresees else {}
        own = next((actor for actor in world.actors if actor.id == self.chosen), world.agent)
        others = [actor for actor in world.actors if actor is not own and actor.fall is None]
        times = np.linspace(0.0, 2.0, 9)
        paths = predict_paths(world, own, others, own.velocity[None].copy(), times)
        self._seen_ahead = {other.id: path for other, path in zip(others, paths[0], strict=True)}
        return self._seen_ahead

    def _look_into(self, agent: Agent, act: Act | None) -> Mindscape:
        person = self.people[agent.id]
        before = self._minds.get(agent.id, Mindscape())
        scene, thought, verdict, decided = before.scene, before.thought, before.verdict, before.decided
        if act is not None and act.thought is not None:
            scene, thought, verdict, decided = act.scene, act.thought, act.verdict, self.simulation.world.frame
        mind = person.mind
        totals = mind.ledger.totals()
        brain = before.brain if before.brain and thought is None else getattr(mind.brain, "name", "")
        if thought is not None and thought.brain != PERSON:
            brain = thought.brain
        return Mindscape(
            brain, person.steers, person.pending, mind.emotion.name, mind.emotion.arousal, scene, thought, verdict,
            decided, "" if agent.command is None else agent.command.text, mind.memory.tokens(agent.actor.heading),
            int(totals.get("decisions", 0)), int(totals.get("tokens_in", 0)) + int(totals.get("tokens_out", 0)),
            float(totals.get("cost_usd", 0.0)),
        )  # fmt: skip


def _end(what: Any) -> None:
    close = getattr(what, "close", None)
    if close is not None:
        close()
