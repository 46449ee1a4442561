"""Playground: a world that runs beside the clock in a thread of its own, so that drawing never waits for it.

Whoever draws reads `latest`; whoever wants something done puts it into the queue with `do`, and it is done between two
frames. Nothing else of the world may be touched from outside the thread.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from aether.errors import AetherError
from hephaestus.errors import BodyError
from hephaestus.render.texture import texture
from prometheus.agent import PERSON
from prometheus.docket import Docket
from prometheus.errors import PrometheusError, shorten
from prometheus.pace import Pace
from prometheus.run import open_motion, simulate
from prometheus.stage import build_stage
from prometheus.stage import places as things
from prometheus.window.cast import Cast
from prometheus.window.hand import Hand
from prometheus.window.person import Person
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

EXPECTED = (PrometheusError, AetherError, BodyError)
"""What may go wrong when a person asks for something; it is said and the world goes on."""
_LOOKS = 3
"""Frames between two looks at where others are going."""
_AIMED = frozenset({"charge", "notice", "approach"})
"""Behaviours that go for somebody."""
_NAP = 0.004
"""s slept at most, so that what a person does is done soon."""
Wish = Callable[["Playground"], str | None]
"""What is done between two frames; it may return a sentence that the person is shown."""


class Playground:
    """A running world for the window.

    Args:
        simulation: what runs; closed with the playground.
        header: of its episode.
        config: its settings.
        motor: what moves the bodies; a worker is ended with the playground.
        paint: whether textures are made ready for whoever draws.

    Attributes:
        simulation, cast: see above, and who is in it. people: who may speak for each agent's mind, by id.
        pace: when frames are due. tape: what is recorded. notices: sentences for the person, oldest first.
        dressed: what is worn anew since the stage was loaded, (key, asset).
        foresees: whether `Snapshot.ghosts` is wanted.
        stage: what the world looks like. generation: counts them. chosen: id of the actor whom the person has chosen.
        costs: s that the last frames took.
    """

    def __init__(
        self, simulation: Simulation, header: dict[str, Any], config: Config, motor: Any = None, paint: bool = True
    ) -> None:
        self.simulation, self.config, self._motor, self._paint = simulation, config, motor, paint
        self.pace = Pace(config.speed)
        self.notices: deque[str] = deque(maxlen=32)
        self.costs: deque[float] = deque(maxlen=200)
        self.dressed: deque[tuple[str, Asset]] = deque()
        self.foresees = False
        self._wishes: deque[Wish] = deque(maxlen=256)
        self._minds: dict[str, Mindscape] = {}
        self._closing = threading.Event()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: BaseException | None = None
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

    def start(self) -> None:
        """Let time run."""
        self._thread = threading.Thread(target=self._run, name="world", daemon=True)
        self._thread.start()

    def do(self, wish: Wish) -> None:
        """Have something done between two frames; what goes wrong becomes a notice."""
        self._wishes.append(wish)
        self._awake.set()

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
        simulation, header = simulate(world, config, scenario=scenario, motor=self._motor)
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
            raise
        before["tape"].close()
        before["simulation"].close()
        snapshot = self._snapshot(None)
        self.latest = (snapshot, snapshot, time.perf_counter())

    def close(self) -> None:
        """Stop time and free everything."""
        self._closing.set()
        self._awake.set()
        if self._thread is not None:
            self._thread.join(20.0)
        self.tape.close()
        self.simulation.close()
        _end(self._motor)

    @property
    def world(self) -> str:
        """The world by the name or path under which it was loaded."""
        return str(self.header["world"])

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
        return f"{name}: {behaviour}"

    def wear(self, name: str, body: Body, title: str) -> str | None:
        """Give an actor another body; within a wish only.

        Raises:
            WorldError: there is no room for it.
        """
        agent = self.agent(name)
        actor = self.simulation.world.actor(name)
        self.cast.keep(title, body)
        if agent is not None:
            agent.body = body
            agent.wears = title
        else:
            self.simulation.world.wear(actor, body)
            actor.body = title
        self.dressed.append((name, body.asset))
        return f"{name} wears {shorten(title.rsplit('/', 1)[-1], 60)}"

    def think_with(self, name: str, brain: Any, title: str) -> str | None:
        """Let another brain think for an agent; within a wish only."""
        person = self.people.get(name)
        if person is None:
            return f"{name} has no mind that a brain could think for"
        person.brain, person.steers = brain, False
        self._minds[name] = replace(self._minds[name], brain=title, steered=False)
        return f"{title} thinks for {name}"

    def _settle_in(self, header: dict[str, Any]) -> None:
        self.cast = Cast(self.simulation)
        self.people: dict[str, Person] = {}
        for agent in self.simulation.agents:
            person = Person(agent.mind)  # type: ignore[arg-type]
            agent.mind = person  # type: ignore[assignment]
            self.people[agent.id] = person
        self.chosen = self.simulation.agent.id
        self.header = header
        self.tape, self.hand = Tape(header), Hand()
        self._moment: Moment | None = None
        self._seen_ahead: dict[str, np.ndarray] = {}
        self.stage = self._build()
        self.dressed.clear()
        self.generation = getattr(self, "generation", 0) + 1

    def _build(self) -> Stage:
        """Build what the world looks like, here and not in the thread that draws: textures take a while to paint."""
        world = self.simulation.world
        stage = build_stage(world.scenario, {actor.id: self.cast.body(actor.id).asset for actor in world.actors})
        names = {stage.materials[mesh.material].texture for mesh in stage.meshes}
        names |= set() if stage.ground is None else {stage.ground.base, stage.ground.second}
        for name in sorted(names) if self._paint else ():
            texture(name)
        return stage

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                changed = self._grant()
                if self.pace.due():
                    self.advance()
                elif changed and self.pace.paused:
                    self._show()
                else:
                    self._awake.wait(min(self.pace.rest, _NAP))
                    self._awake.clear()
        except EXPECTED as error:
            self.failure = error
        except BaseException as error:
            self.failure = error
            raise

    def _show(self) -> None:
        """Show what was changed while the world stands still."""
        snapshot = self._snapshot(self._moment)
        self.latest = (snapshot, snapshot, time.perf_counter())

    def _grant(self) -> bool:
        granted = False
        while self._wishes:
            wish, granted = self._wishes.popleft(), True
            try:
                said = wish(self)
            except EXPECTED as error:
                said = str(error)
            except Exception as error:
                # A wish is made in passing, and must not end a world that somebody has played in for an hour.
                traceback.print_exc()
                said = f"that failed inside: {type(error).__name__}: {shorten(str(error), 100)}"
            if said:
                self.say(said)
        return granted

    def advance(self) -> None:
        """Do what is wished, and play one frame; the playground's own thread calls this when a frame is due."""
        self._grant()
        started = time.thread_time()
        self.hand.hold(self.simulation.world)
        moment = self._moment = self.simulation.step()
        self.tape.record(self.simulation, moment)
        snapshot = self._snapshot(moment)
        self.latest = (self.latest[1], snapshot, time.perf_counter())
        self.costs.append(time.thread_time() - started)

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


def _end(motor: Any) -> None:
    close = getattr(motor, "close", None)
    if close is not None:
        close()
