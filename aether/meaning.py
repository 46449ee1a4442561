"""What a decision means: two texts that would move the body alike are one decision, however they are worded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from aether.decision import KEYS, Decision
from aether.heading import named
from aether.memory import motion_token

_HASTE = {"stand": 0, "step": 1, "sneak": 1, "walk": 1, "move": 1, "jog": 2, "run": 2, "sprint": 3}


class Action(NamedTuple):
    """What the body would do.

    Attributes:
        way: One of the eight directions; None where it stays or no direction is named.
        haste: 0 still, 1 at a walk or slower, 2 running, 3 at full speed.
    """

    way: str | None
    haste: int


class Meaning(NamedTuple):
    """An action, and what is called dangerous.

    Attributes:
        action: What the body would do.
        dangers: The keys that are called a danger.
    """

    action: Action
    dangers: frozenset[str]


def action(decision: Decision) -> Action:
    """What the body would do by `decision`."""
    haste = _HASTE[motion_token(decision.motion).split("_")[0]]
    return Action(named(decision.motion) if haste else None, haste)


def meaning(decision: Decision) -> Meaning:
    """What `decision` means."""
    return Meaning(action(decision), frozenset(key for key, outlook in decision.predict.items() if outlook.danger))


class Tally(NamedTuple):
    """The outcome of a vote.

    Attributes:
        winner: Index of the decision that speaks best for the majority.
        second: Index of the best decision of the next group, or None where all agree.
        share: Votes of the winning group over all votes, 0-1.
        margin: Votes that the winning group is ahead of the next one.
    """

    winner: int
    second: int | None
    share: float
    margin: int


def tally(decisions: Sequence[Decision]) -> Tally:
    """The majority by action; inside a group the decision whose predictions most others share. Ties go to the first.

    Raises:
        ValueError: There is no decision.
    """
    actions = [action(decision) for decision in decisions]
    ranked = sorted(Counter(actions).items(), key=lambda item: (-item[1], actions.index(item[0])))
    if not ranked:
        raise ValueError("a vote needs at least one decision")
    leaders = [_spokesman(decisions, actions, group) for group, _ in ranked[:2]]
    most, next_most = ranked[0][1], ranked[1][1] if len(ranked) > 1 else 0
    return Tally(leaders[0], leaders[1] if len(leaders) > 1 else None, most / len(decisions), most - next_most)


def _spokesman(decisions: Sequence[Decision], actions: Sequence[Action], group: Action) -> int:
    danger = Counter(key for d in decisions for key, outlook in d.predict.items() if outlook.danger)
    half = len(decisions) / 2

    def shared(index: int) -> int:
        predict = decisions[index].predict
        return sum((danger[key] > half) == predict[key].danger for key in KEYS if key in predict)

    return max((i for i, act in enumerate(actions) if act == group), key=lambda i: (shared(i), -i))
