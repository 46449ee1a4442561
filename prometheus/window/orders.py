"""Orders: what a person can ask of a world, by name; each is carried out between two frames, where the world runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prometheus.errors import shorten

if TYPE_CHECKING:
    from prometheus.window.errands import Wish
    from prometheus.window.playground import Playground
    from prometheus.world.npc import Npc

ALONG = ("patrol", "pass_by")
"""Behaviours that need a path."""
JUDGES = ("enforce", "advise", "off")


def tell(playground: Playground, name: str, sentence: str) -> None:
    """Have somebody do what a sentence says, as if their own brain had said it."""
    from prometheus.judge import command_of
    from prometheus.window.steered import Steered

    person = playground.people.get(name)
    if person is not None:
        person.steers = True
        person.say(sentence)
        return
    npc = _npc(playground, name)
    if npc is None:
        return
    if not isinstance(npc.behaviour, Steered):
        npc.become(Steered.name)
    assert isinstance(npc.behaviour, Steered)
    npc.behaviour.obey(npc, command_of(sentence))


def release(playground: Playground, name: str) -> str | None:
    """Give somebody back to their own mind."""
    from prometheus.window.steered import Steered

    person = playground.people.get(name)
    if person is not None:
        person.steers = False
        return f"{name} follows its own mind again"
    npc = _npc(playground, name)
    if npc is None or not isinstance(npc.behaviour, Steered):
        return None
    npc.become(npc.entity.behaviour)
    return f"{name} goes its own way again"


def choose(playground: Playground, name: str) -> None:
    """Look at somebody."""
    playground.chosen = name


def look(playground: Playground, planes: np.ndarray) -> None:
    """Know which planes [6, 4] bound the picture."""
    playground.cast.planes = planes


def foresee(playground: Playground, on: bool) -> None:
    """Work out where others are expected to go, or no longer."""
    playground.foresees = on


def pause(playground: Playground) -> None:
    """Stop the world, or let it go on."""
    pace = playground.pace
    if pace.paused:
        pace.resume()
    else:
        pace.pause()


def begin(playground: Playground, generation: int) -> None:
    """Let time run in a world: whoever draws it has loaded it."""
    playground.begin(generation)


def step(playground: Playground) -> None:
    """Let one frame pass."""
    playground.pace.once()


def speed(playground: Playground, times: float) -> None:
    """Let time run at so many times the clock's pace."""
    playground.pace.speed = times


def reset(playground: Playground) -> None:
    """Begin the world anew."""
    playground.restart(playground.world, playground.config)


def load(playground: Playground, world: str) -> None:
    """Go to another world."""
    playground.restart(world, playground.config.model_copy(update={"seed": None}))


def judge(playground: Playground) -> str:
    """Let the judge enforce, advise, or be silent."""
    now = playground.simulation.judge_mode
    playground.simulation.judge_mode = JUDGES[(JUDGES.index(now) + 1) % 3]  # type: ignore[assignment]
    return f"judge: {playground.simulation.judge_mode}"


def wear(playground: Playground, name: str, body: str) -> None:
    """Give somebody a body by name or path; it is read beside the loop."""

    def read() -> Wish:
        from hephaestus.bodies import load_body

        read = load_body(body)
        playground.shapes.of(read.asset)
        return lambda there: there.wear(name, read, body)

    playground.beside(read, about=("body", name))


def think_with(playground: Playground, name: str, brain: str) -> None:
    """Let a brain by that name think for somebody; it is loaded beside the loop."""
    options = playground.config.brain.options() | {"process": True}

    def wake() -> Wish:
        from aether.brains import load

        loaded = load(brain, **options)
        return lambda there: there.think_with(name, loaded, brain)

    playground.beside(wake, about=("brain", name))


def behave(playground: Playground, name: str, behaviour: str = "") -> str | None:
    """Let a passer-by behave in another way: in one by its name, or in the next."""
    if behaviour:
        return playground.behave(name, behaviour)
    npc = _npc(playground, name)
    if npc is None:
        return f"{name} has a mind; choose a passer-by with Tab"
    names = [each for each in playground.behaviours() if npc.entity.path or each not in ALONG]
    at = names.index(npc.behaviour.name) if npc.behaviour.name in names else -1
    return playground.behave(name, names[(at + 1) % len(names)])


def place(playground: Playground, what: str, start: np.ndarray, way: np.ndarray, turn: float) -> None:
    """Put somebody or something where a ray meets the ground; whoever is new there is read beside the loop."""
    from prometheus.window import placing

    def put() -> Wish:
        body = placing.BODIES.get(what)
        if body is not None:
            playground.shapes.of(playground.cast.load(body).asset)
        return lambda there: placing.place(there, what, start, way, turn)

    playground.beside(put)


def pick(playground: Playground, start: np.ndarray, way: np.ndarray) -> None:
    """Look at whom a ray meets first."""
    from prometheus.window import placing

    name = placing.pick(playground.simulation.world, start, way)
    if name is not None and any(actor.id == name for actor in playground.simulation.world.actors):
        playground.chosen = playground.pointed = name


def take(playground: Playground, name: str, middle: np.ndarray, offset: np.ndarray) -> None:
    """Take hold of something."""
    playground.hand.take(name, middle, offset)


def reach(playground: Playground, start: np.ndarray, way: np.ndarray) -> None:
    """Carry what is held."""
    playground.hand.reach(start, way)


def let_go(playground: Playground, throw: bool) -> None:
    """Let go of it, or throw it."""
    playground.hand.let_go(throw=throw)


def save(playground: Playground, folder: Path) -> str:
    """Keep the episode so far."""
    return f"saved {playground.tape.save(folder)}"


def export(playground: Playground, path: Path) -> str:
    """Keep the motion as an animated GLB."""
    return f"exported {playground.tape.export(playground.simulation, path)}"


ORDERS: dict[str, Callable[..., str | None]] = {
    order.__name__: order
    for order in (
        begin, tell, release, choose, look, foresee, pause, step, speed, reset, load, judge, wear, think_with, behave,
        place, pick, take, reach, let_go, save, export,
    )
}  # fmt: skip


def wish(order: str, *given: object) -> Wish:
    """Return what is done between two frames for an order by its name."""
    if order not in ORDERS:
        raise ValueError(f"nobody knows how to {shorten(order, 40)}")
    return lambda playground: ORDERS[order](playground, *given)


def _npc(playground: Playground, name: str) -> Npc | None:
    return next((npc for npc in playground.simulation.world.npcs if npc.id == name), None)
