"""Playground: a world that runs beside the clock in a thread of its own, so that drawing never waits for it.

Whoever draws reads `latest`; whoever wants something done puts it into the queue with `do`, and it is done between two
frames. Nothing else of the world may be touched from outside the thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aether.errors import AetherError
from hephaestus.errors import BodyError
from prometheus.errors import PrometheusError
from prometheus.pace import Pace
from prometheus.run import simulate
from prometheus.stage import places as things
from prometheus.window.cast import Cast
from prometheus.window.person import ROUTE, Person
from prometheus.window.snapshot import Mindscape, Snapshot
from prometheus.window.tape import Tape

if TYPE_CHECKING:
    from prometheus.agent import Act, Agent
    from prometheus.config import Config
    from prometheus.loop import Moment, Simulation
    from prometheus.world.scenario import Scenario

EXPECTED = (PrometheusError, AetherError, BodyError)
"""What may go wrong when a person asks for something; it is said and the world goes on."""
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

    Attributes:
        simulation, cast: see above, and who is in it. people: who may speak for each agent's mind, by id.
        pace: when frames are due. tape: what is recorded. notices: sentences for the person, oldest first.
        generation: counts stages that have to be loaded anew. chosen: id of the actor whom the person has chosen.
        costs: s that the last frames took.
    """

    def __init__(self, simulation: Simulation, header: dict[str, Any], config: Config) -> None:
        self.simulation, self.config = simulation, config
        self.pace = Pace(config.speed)
        self.notices: deque[str] = deque(maxlen=32)
        self.costs: deque[float] = deque(maxlen=200)
        self._wishes: deque[Wish] = deque(maxlen=256)
        self._minds: dict[str, Mindscape] = {}
        self._closing = threading.Event()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: BaseException | None = None
        self._settle_in(header)
        first = self._snapshot(None)
        self.latest: tuple[Snapshot, Snapshot, float] = (first, first, time.perf_counter())

    @classmethod
    def open(cls, world: str, config: Config, scenario: Scenario | None = None) -> Playground:
        """Put a world together.

        Raises:
            PrometheusError: a name, a setting or a file is wrong.
            aether.errors.AetherError: the brain is unknown, or lacks its key or file.
        """
        simulation, header = simulate(world, config, scenario=scenario)
        return cls(simulation, header, config)

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
        simulation, header = simulate(world, config, scenario=scenario)
        old = self.simulation
        self.tape.close()
        self.simulation, self.config = simulation, config
        self._minds = {}
        self._settle_in(header)
        old.close()
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

    def _settle_in(self, header: dict[str, Any]) -> None:
        self.cast = Cast(self.simulation)
        self.people: dict[str, Person] = {}
        for agent in self.simulation.agents:
            person = Person(agent.mind)  # type: ignore[arg-type]
            agent.mind = person
            self.people[agent.id] = person
        self.chosen = self.simulation.agent.id
        self.header = header
        self.tape = Tape(header)
        self.generation = getattr(self, "generation", 0) + 1

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._grant()
                if self.pace.due():
                    self._play()
                else:
                    self._awake.wait(min(self.pace.rest, _NAP))
                    self._awake.clear()
        except EXPECTED as error:
            self.failure = error
        except BaseException as error:
            self.failure = error
            raise

    def _grant(self) -> None:
        while self._wishes:
            wish = self._wishes.popleft()
            try:
                said = wish(self)
            except EXPECTED as error:
                said = str(error)
            if said:
                self.say(said)

    def _play(self) -> None:
        started = time.thread_time()
        moment = self.simulation.step()
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
        return Snapshot(world.frame, state, places, dict(self._minds), self.cast.wears)

    def _look_into(self, agent: Agent, act: Act | None) -> Mindscape:
        person = self.people[agent.id]
        before = self._minds.get(agent.id, Mindscape())
        scene, thought, verdict, decided = before.scene, before.thought, before.verdict, before.decided
        if act is not None and act.thought is not None:
            scene, thought, verdict, decided = act.scene, act.thought, act.verdict, self.simulation.world.frame
        mind = person.mind
        totals = mind.ledger.totals()
        brain = before.brain if before.brain and thought is None else getattr(mind.brain, "name", "")
        if thought is not None and thought.brain != ROUTE:
            brain = thought.brain
        return Mindscape(
            brain, person.steers, person.pending, mind.emotion.name, mind.emotion.arousal, scene, thought, verdict,
            decided, "" if agent.command is None else agent.command.text, mind.memory.tokens(agent.actor.heading),
            int(totals.get("decisions", 0)), int(totals.get("tokens_in", 0)) + int(totals.get("tokens_out", 0)),
            float(totals.get("cost_usd", 0.0)),
        )  # fmt: skip
