"""Docket: predictions that wait for the future, and what became of them two seconds later."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.intent import DIRECTIONS
from prometheus.judge import KEYS, Agreement, Verdict, compare
from prometheus.world.forecast import HORIZON, NEARBY, Forecast, meet

if TYPE_CHECKING:
    from aether.decision import Outlook
    from aether.thought import Thought
    from prometheus.world.entity import Actor
    from prometheus.world.physics import World

FRAMES = round(HORIZON * 20)
_STRIDE = 0.3
"""m: who moved less than this before a touch was touched on the side where the other stood."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What came along one way, or from the others (key "npc").

    Attributes:
        kind: "wall", "object", "drop", "water", or an entity's kind.
        time_s: s after the decision; for an entity that was a danger without touching, of its nearest approach.
        real: whether the body itself was touched; else it is what the way would have met, the others being where they
            really went, and who charged being where the forecast had it, for a charge goes where its prey goes.
    """

    kind: str
    time_s: float
    real: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, to 1 ms."""
        return {"kind": self.kind, "time_s": round(self.time_s, 3), "real": self.real}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision's predictions.

    Attributes:
        agent: whose. decision: its frame. frame: in which it was settled. confidence: 0-1 as the thought had it.
        calls: for each key what its call turned out to be, as `Verdict.agreement`.
        happened: the dangers that there were, by key.
        complete: whether the two seconds were over; of a run that ended before, only what had happened is known.
    """

    agent: str
    decision: int
    frame: int
    confidence: float
    calls: Mapping[str, Agreement]
    happened: Mapping[str, Happened]
    complete: bool = True

    @property
    def leads(self) -> list[float]:
        """Seconds between each danger that was foretold and its coming."""
        return [self.happened[key].time_s for key, call in self.calls.items() if call == "hit"]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "decision": self.decision,
            "confidence": round(self.confidence, 4),
            "calls": dict(self.calls),
            "happened": {key: event.to_json() for key, event in self.happened.items()},
            "complete": self.complete,
        }


@dataclass(frozen=True, slots=True)
class _Look:
    """Where everybody [A, 3] is in a frame, and the ids of those who charge at the body."""

    frame: int
    places: np.ndarray
    hunting: list[str]


@dataclass(slots=True)
class _Case:
    frame: int
    predict: Mapping[str, Outlook]
    confidence: float
    place: np.ndarray
    heading: float
    pace: float
    fixed: Mapping[str, Happened]
    meetings: Mapping[str, Mapping[str, float]]
    touches: dict[str, Happened] = field(default_factory=dict)
    touching: frozenset[str] = frozenset()


class Docket:
    """One agent's open predictions.

    Args:
        actor_id: of the agent in its world.
    """

    def __init__(self, actor_id: str = "agent") -> None:
        self.actor_id = actor_id
        self._cases: deque[_Case] = deque()
        self._seen: deque[_Look] = deque(maxlen=FRAMES + 1)
        self._touched = False

    def open(self, world: World, actor: Actor, thought: Thought, verdict: Verdict, ahead: Forecast) -> None:
        """Take up a decision that was just judged; before the world steps on."""
        fixed = {}
        for key in KEYS:
            risk = ahead.fixed.get(key)
            if risk is not None and risk.danger and risk.time_s is not None:
                fixed[key] = Happened(risk.kind or "wall", risk.time_s)
        if not self._seen:
            self._look(world, actor)
        self._cases.append(
            _Case(
                world.frame,
                thought.decision.predict,
                0.5 if thought.confidence is None else thought.confidence,
                actor.position[:2].copy(),
                actor.heading,
                ahead.pace,
                fixed,
                ahead.meetings,
                touching=frozenset(contact.other for contact in actor.contacts),
            )
        )

    def settle(self, world: World) -> tuple[Outcome, ...]:
        """See what happened in the frame that the world has just done; return what is two seconds old now."""
        actor = world.actor(self.actor_id)
        self._look(world, actor)
        for case in self._cases if actor.contacts or self._touched else ():
            _touched(case, world, actor)
        self._touched = bool(actor.contacts)
        due = []
        while self._cases and world.frame - self._cases[0].frame >= FRAMES:
            due.append(self._outcome(self._cases.popleft(), world, actor))
        return tuple(due)

    def rest(self, world: World) -> tuple[Outcome, ...]:
        """Return what a run that ends now leaves open."""
        actor = world.actor(self.actor_id)
        cases, self._cases = self._cases, deque()
        return tuple(self._outcome(case, world, actor) for case in cases)

    def _look(self, world: World, actor: Actor) -> None:
        places = world.spots
        hunting = [npc.id for npc in world.npcs if npc.noticed == actor.id and npc.behavior == "charge"]
        self._seen.append(_Look(world.frame, places, hunting))

    def _outcome(self, case: _Case, world: World, actor: Actor) -> Outcome:
        complete = world.frame - case.frame >= FRAMES
        happened = dict(case.fixed)
        seen = [look for look in self._seen if case.frame <= look.frame <= case.frame + FRAMES]
        if len(world.actors) > 1 and len(seen) > 1:
            _hindsight(happened, case, world, actor, seen)
        for key, event in case.touches.items():
            if key not in happened or event.time_s <= happened[key].time_s or not happened[key].real:
                happened[key] = event
        truth = {key: key in happened for key in (*KEYS, "npc")}
        calls = compare(case.predict, truth)
        if not complete:
            # What has not happened yet may still have come: only dangers are certain.
            calls = {key: call for key, call in calls.items() if truth[key]}
        return Outcome(actor.id, case.frame + 1, world.frame, case.confidence, calls, happened, complete)


def _touched(case: _Case, world: World, actor: Actor) -> None:
    now = frozenset(contact.other for contact in actor.contacts)
    for contact in actor.contacts:
        if contact.other in case.touching or contact.kind == "object":
            continue
        way = actor.position[:2] - case.place
        if math.hypot(way[0], way[1]) < _STRIDE:
            way = -np.array(contact.normal[:2])
        turn = math.remainder(math.atan2(way[1], way[0]) - case.heading, 2 * math.pi)
        key = min(KEYS, key=lambda name: abs(math.remainder(turn - DIRECTIONS[name], 2 * math.pi)))
        event = Happened(contact.kind, (world.frame - case.frame) / 20, True)
        case.touches.setdefault(key, event)
        if contact.kind != "wall":
            case.touches.setdefault("npc", event)
    case.touching = now


def _hindsight(
    happened: dict[str, Happened], case: _Case, world: World, actor: Actor, seen: list[_Look]
) -> None:
    """Add what each way would have met of the others, where these really went, and whether one was a danger."""
    times = np.array([look.frame - case.frame for look in seen]) / 20
    # Who came into the world within the time stands last in it, and was not there to be foreseen.
    count = min(len(look.places) for look in seen)
    everybody = np.stack([look.places[:count] for look in seen], 1)
    went = everybody[world.row_of[actor.id]]
    hunters = {name for look in seen for name in look.hunting}
    # Who was never within reach of any way, nor a beast or a hunter, cannot matter.
    x, y = everybody[..., 0] - case.place[0], everybody[..., 1] - case.place[1]
    nearest = np.sqrt((x * x + y * y).min(1)).tolist()
    reach = actor.radius + case.pace * HORIZON + _STRIDE
    matters = [
        row for row, (other, near) in enumerate(zip(world.actors, nearest, strict=False))
        if (near <= other.radius + reach or other.kind == "beast" or other.id in hunters) and other is not actor
    ]  # fmt: skip
    if not matters:
        return
    others, paths = [world.actors[row] for row in matters], everybody[matters]
    hunting = np.array([other.id in hunters for other in others])
    level = np.abs(paths[:, 0, 2] - went[0, 2]) < max(actor.height, 1.0)
    radii = np.array([other.radius for other in others]) + actor.radius
    turns = case.heading + np.array([DIRECTIONS[key] for key in KEYS])
    moves = case.pace * np.stack([np.cos(turns), np.sin(turns)], -1)
    own = case.place + moves[:, None] * times[:, None]
    when, _ = meet(paths[None, :, :, :2] - own[:, None], radii, times)
    when[:, ~level] = np.inf
    for k in np.flatnonzero(hunting).tolist():
        when[:, k] = [case.meetings.get(key, {}).get(others[k].id, np.inf) for key in KEYS]
    for key, row in zip(KEYS, when, strict=True):
        first = int(row.argmin())
        if row[first] <= HORIZON and (key not in happened or row[first] < happened[key].time_s):
            happened[key] = Happened(others[first].kind, float(row[first]))
    if "npc" in case.touches:
        return
    gaps = np.hypot(*np.moveaxis((paths - went)[..., :2], -1, 0)) - radii[:, None]
    for k, other in enumerate(others):
        if hunting[k] or (level[k] and other.kind == "beast" and gaps[k].min() <= NEARBY):
            event = Happened(other.kind, float(times[int(gaps[k].argmin())]))
            if "npc" not in happened or event.time_s < happened["npc"].time_s:
                happened["npc"] = event
