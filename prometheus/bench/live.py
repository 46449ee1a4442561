"""Live: a scenario lived through, brain, motion model, body and physics together, and what was seen of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.bench.layout import Layout
from prometheus.bench.reading import Reading, read
from prometheus.bench.truth import engage, insist

if TYPE_CHECKING:
    from aether.memory import Memory
    from aether.scene import Scene
    from prometheus.config import Config
    from prometheus.docket import Outcome
    from prometheus.judge import Verdict
    from prometheus.loop import Simulation
    from prometheus.motion.motor import Motor
    from prometheus.world.scenario import Scenario

FPS = 20
AWAY = 30.0
"""m from the agent at which somebody who is not there yet, or not any more, stands."""
_LIMBS = [7, 8, 10, 11, 18, 19, 20, 21]
"""Ankles, feet, elbows and wrists: the joints whose speed shows energy."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in a take: its frame, how it reads, what it was made from, and what the forecast said then."""

    frame: int
    reading: Reading
    scene: Scene
    verdict: Verdict


@dataclass(frozen=True)
class Take:
    """What was seen of one attempt, T frames of 50 ms.

    Attributes:
        place: [T, 2] m, the agent in the world. heading: [T] rad. joints: [T, 22, 3] m, motion frame.
        touched: [T] bool, whether it met a wall or a heavy thing. caught: [T] bool, whether it met a threat.
        others: for each being [T, 2] m; NaN while it is not there.
        decisions: in order. outcomes: what became of their predictions. stages: frame at which each layout began.
        stir: [T] 1/s, how fast the body's own joints turn, as a mean over them; 0 in the frame in which it is changed.
    """

    place: np.ndarray
    heading: np.ndarray
    joints: np.ndarray
    touched: np.ndarray
    caught: np.ndarray
    others: Mapping[str, np.ndarray]
    decisions: tuple[Decided, ...]
    outcomes: tuple[Outcome, ...]
    stages: tuple[int, ...] = (0,)
    stir: np.ndarray = field(default_factory=lambda: np.zeros(0), repr=False)

    @property
    def spoken(self) -> float:
        """0-1, the share of decisions that tell of one deed: what a body does by itself is nobody's merit."""
        return sum(decided.reading.is_sentence for decided in self.decisions) / max(len(self.decisions), 1)

    @property
    def replies(self) -> frozenset[tuple[str | None, int | None]]:
        """Pace and feeling of every decision: one alone is a constant, whatever then befalls the body."""
        return frozenset((decided.reading.intent.pace, decided.reading.level) for decided in self.decisions)

    @property
    def speed(self) -> np.ndarray:
        """[T] m/s over the floor, smoothed over 0.25 s."""
        step = np.linalg.norm(np.diff(self.place, axis=0, prepend=self.place[:1]), axis=1) * FPS
        return _smooth(step, 5)

    @property
    def energy(self) -> np.ndarray:
        """[T] m/s, mean speed of the limbs' joints relative to the pelvis, smoothed over 0.5 s."""
        relative = self.joints[:, _LIMBS] - self.joints[:, :1]
        step = np.linalg.norm(np.diff(relative, axis=0, prepend=relative[:1]), axis=-1).mean(-1) * FPS
        return _smooth(step, 10)

    @property
    def arousal(self) -> np.ndarray:
        """[T] 0 and more: how excited the body moves, half from its pace, half from its limbs."""
        return 0.5 * self.speed / 4.5 + 0.5 * self.energy / 2.5

    def gap(self) -> np.ndarray:
        """[T] m to the nearest being's middle, inf where nobody is there."""
        if not self.others:
            return np.full(len(self.place), math.inf)
        every = np.stack([np.linalg.norm(other - self.place, axis=1) for other in self.others.values()])
        nearest: np.ndarray = np.where(np.isnan(every), np.inf, every).min(0)
        return nearest


def perform(
    layouts: Sequence[tuple[float, Layout]],
    seconds: float,
    config: Config,
    motor: Motor,
    seed: int,
    *,
    body: str = "humanoid",
    memory: Memory | None = None,
    solids: Sequence[Mapping[str, Any]] = (),
    until: Callable[[Simulation], bool] | None = None,
    before: Callable[[Simulation, int], None] | None = None,
    minds: Callable[[Config, Scenario], Mapping[str, Any]] | None = None,
) -> tuple[Take, Memory]:
    """Live through layouts, one after the other, in lockstep with a mind that is not helped by the judge.

    Args:
        layouts: when each begins, s, the first at 0; walls are those of the first. Beings are put where a layout has
            them, as seen from where the agent then is.
        seconds: of world time.
        config: brain and motion.
        motor: the motion model.
        seed: of world and noise.
        body: what the agent wears, a name or a path.
        memory: what the mind remembers from before.
        solids: further ones.
        until: ends the take early.
        before: called before each frame with its number.
        minds: makes the minds, instead of the configuration.

    Returns:
        What was seen, and what the mind remembers.
    """
    from aether.brain import as_brain
    from prometheus.run import make_minds, simulate
    from prometheus.world.scenario import Scenario

    first = layouts[0][1]
    cast = {being.id: being for _, layout in reversed(layouts) for being in layout.beings}
    whole = Layout(first.walls, tuple(cast.values()), first.heading, first.task, first.goal)
    document = whole.document("take", seed)
    document["solids"] += list(solids)
    document["entities"] = [entity | {"behaviour": "stop"} for entity in document["entities"]]
    scenario = Scenario.model_validate(document)
    settings = {"seed": seed, "judge": "off", "mode": "lockstep", "think_time": "zero", "body": body, "agents": 1}
    chosen = config.model_copy(update=settings)
    cast_minds = (minds or make_minds)(chosen, scenario)
    mind: Any = cast_minds["agent"]
    # What a brain leaves unanswered nobody does for it.
    mind.fallback = as_brain(stand_still)
    if memory is not None:
        mind.memory = memory
    simulation, _ = simulate("take", chosen, minds=cast_minds, scenario=scenario, motor=motor)
    film = _Film(simulation)
    with simulation:
        starts = [round(at * FPS) for at, _ in layouts]
        for frame in range(round(seconds * FPS)):
            if frame in starts:
                _stage(simulation, layouts[starts.index(frame)][1])
            insist(simulation.world)
            if before is not None:
                before(simulation, frame)
            film.take(simulation)
            if until is not None and until(simulation):
                break
        film.outcomes.extend(simulation.agent.docket.rest(simulation.world))
        remembered = mind.memory
    return film.developed(tuple(starts)), remembered


def stand_still(scene: Scene) -> str:
    """The answer in place of one that did not come: nothing is foretold, and the body stays where it is."""
    return "PREDICT: npc=safe\nMOTION: a person stands still"


class _Film:
    """Collects what happens frame by frame."""

    def __init__(self, simulation: Simulation) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.others: dict[str, list[Any]] = {npc.id: [] for npc in simulation.world.npcs}
        self.decisions: list[Decided] = []
        self.outcomes: list[Outcome] = []
        self.pose: np.ndarray | None = None

    def take(self, simulation: Simulation) -> None:
        """Let one frame happen, and note it."""
        moment = simulation.step()
        world, agent = simulation.world, simulation.agent.actor
        act = moment.acts[0]
        if act.thought is not None and act.verdict is not None and act.scene is not None:
            own = ": " not in act.thought.route
            reading = read(act.thought.text if own else "")
            self.decisions.append(Decided(moment.frame - 1, reading, act.scene, act.verdict))
        self.outcomes += act.outcomes
        hurt = any(npc.id == contact.other and _harms(npc) for contact in agent.contacts for npc in world.npcs)
        met = any(contact.kind in ("wall", "object") for contact in agent.contacts)
        self.rows.append(
            (agent.position[:2].copy(), agent.heading, act.motion.joints[0], met, hurt, self._stir(act.local))
        )
        for npc in world.npcs:
            there = agent.distance_to(npc.position) < 0.8 * AWAY
            self.others[npc.id].append(npc.position[:2].copy() if there else np.full(2, np.nan))

    def _stir(self, local: np.ndarray) -> float:
        before, self.pose = self.pose, local[..., :3, :3].copy()
        if before is None or before.shape != self.pose.shape:
            return 0.0
        return float(np.linalg.norm(self.pose - before, axis=(-2, -1)).mean()) * FPS

    def developed(self, stages: tuple[int, ...]) -> Take:
        place, heading, joints, met, hurt, stir = (np.array(column) for column in zip(*self.rows, strict=True))
        others = {name: np.array(rows) for name, rows in self.others.items()}
        return Take(
            place, heading, joints, met, hurt, others, tuple(self.decisions), tuple(self.outcomes), stages, stir
        )  # fmt: skip


def _harms(npc: Any) -> bool:
    return bool(npc.kind == "beast" or npc.behavior == "charge")


def _stage(simulation: Simulation, layout: Layout) -> None:
    """Put everybody where a layout has them, as the agent sees it now."""
    world, agent = simulation.world, simulation.agent.actor
    wanted = {being.id: being for being in layout.beings}
    for index, npc in enumerate(world.npcs):
        being = wanted.get(npc.id)
        bearing, distance = (2.0 + index, AWAY) if being is None else (being.bearing, being.distance)
        turn = agent.heading + bearing
        x, y = agent.position[:2] + distance * np.array([math.cos(turn), math.sin(turn)])
        world.move(npc, (float(x), float(y), 0.0), math.remainder(turn + math.pi, math.tau))
        npc.noticed = None
        npc.become("stop" if being is None else being.behaviour)
    engage(world, {being.id: being.behaviour for being in layout.beings})


def _smooth(values: np.ndarray, width: int) -> np.ndarray:
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    smooth: np.ndarray = np.convolve(padded, np.ones(width) / width, mode="valid")
    return smooth
