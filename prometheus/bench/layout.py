"""Layout: where walls and beings stand around the agent, as a few numbers that a world is built from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

BEARING = {
    "forward": 0.0, "forward-left": math.pi / 4, "left": math.pi / 2, "backward-left": 3 * math.pi / 4,
    "backward": math.pi, "backward-right": -3 * math.pi / 4, "right": -math.pi / 2, "forward-right": -math.pi / 4,
}  # fmt: skip
"""Bearing of each direction in the agent's frame, rad, left positive."""
SIDES = ("forward", "left", "right", "backward")
BEHAVIOURS = ("stop", "wander", "approach", "charge")
_THICK, _HIGH, _OPEN = 0.4, 2.6, 7.0
_NEAREST, _FARTHEST = 0.5, 30.0
"""m between which a wall or a being of a file may stand."""
_MOST_BEINGS, _MOST_TOKENS, _MOST_WORDS = 8, 32, 200
_SHAPE: dict[str, dict[str, Any]] = {
    "beast": {"body": "beast", "radius": 0.45, "height": 1.15, "mass": 160.0, "speeds": {"walk": 1.4, "run": 5.0}},
    "man": {"body": "humanoid", "speeds": {"walk": 1.3, "run": 4.0}},
    "woman": {"body": "woman", "speeds": {"walk": 1.3, "run": 4.0}},
}


@dataclass(frozen=True, slots=True)
class Being:
    """Somebody near the agent.

    Attributes:
        kind: "beast", "man" or "woman". behaviour: "stop", "wander", "approach" or "charge".
        distance: m between the centres. bearing: rad from the agent's heading, left positive. id: its name.
    """

    kind: str
    behaviour: str
    distance: float
    bearing: float
    id: str = "npc"


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands around the agent at one moment.

    Attributes:
        walls: m from the agent's centre to a wall's face by side of `SIDES`; a side that is not there is open.
        beings: somebody, the nearest or worst first.
        heading: rad in the world. task: what the agent is about. goal: (bearing rad, distance m) of where it ends.
        emotion: how the agent feels before it decides. recent: tokens of what it tried, oldest first.
    """

    walls: Mapping[str, float] = field(default_factory=dict, hash=False)
    beings: tuple[Being, ...] = ()
    heading: float = 0.0
    task: str = "explore"
    goal: tuple[float, float] | None = None
    emotion: str = "calm"
    recent: tuple[str, ...] = ()

    def mirrored(self) -> Layout:
        """Return it as in a mirror, left for right."""
        other = {"left": "right", "right": "left"}
        return replace(
            self,
            walls={other.get(side, side): metres for side, metres in self.walls.items()},
            beings=tuple(replace(being, bearing=-being.bearing) for being in self.beings),
            heading=-self.heading,
            goal=None if self.goal is None else (-self.goal[0], self.goal[1]),
            recent=tuple(_mirrored(token) for token in self.recent),
        )

    def document(self, name: str, seed: int, body: str = "humanoid") -> dict[str, Any]:
        """Return the world file of it, as plain values; the agent stands at the origin."""
        agent: dict[str, Any] = {"body": body, "at": [0.0, 0.0], "heading": round(self.heading, 4), "task": self.task}
        if self.goal is not None:
            agent["goal"] = self._place(self.goal[0], self.goal[1])
        return {
            "name": name,
            "title": f"Scenario {name} of rubric pwm-1",
            "licence": "Apache-2.0",
            "seed": seed,
            "ground": {"material": "grass", "size": 70.0},
            "solids": [self._wall(side) for side in SIDES if side in self.walls],
            "agent": agent,
            "entities": [self._entity(being) for being in self.beings],
        }

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "walls": dict(self.walls),
            "beings": [
                {
                    "kind": being.kind,
                    "behaviour": being.behaviour,
                    "distance": being.distance,
                    "bearing": being.bearing,
                    "id": being.id,
                }
                for being in self.beings
            ],
            "heading": self.heading,
            "task": self.task,
            "goal": None if self.goal is None else list(self.goal),
            "emotion": self.emotion,
            "recent": list(self.recent),
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Layout:
        """Read what `to_json` wrote; whatever is read can be built.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it is none.
        """
        goal, beings, recent = obj["goal"], obj["beings"], obj["recent"]
        if len(beings) > _MOST_BEINGS or len(recent) > _MOST_TOKENS:
            raise ValueError(f"at most {_MOST_BEINGS} beings and {_MOST_TOKENS} recent decisions can be told of")
        if len({str(being["id"]) for being in beings}) < len(beings):
            raise ValueError("two beings have one id")
        return cls(
            walls={_one_of(side, SIDES): _metres(metres) for side, metres in obj["walls"].items()},
            beings=tuple(_being(being) for being in beings),
            heading=_angle(obj["heading"]),
            task=str(obj["task"])[:_MOST_WORDS],
            goal=None if goal is None else (_angle(goal[0]), _metres(goal[1])),
            emotion=str(obj["emotion"])[:_MOST_WORDS],
            recent=tuple(str(token)[:_MOST_WORDS] for token in recent),
        )

    def _place(self, bearing: float, distance: float) -> list[float]:
        turn = self.heading + bearing
        return [round(distance * math.cos(turn), 4), round(distance * math.sin(turn), 4)]

    def _wall(self, side: str) -> dict[str, Any]:
        """A wall across the way to one side, as long as the walls beside it leave room for."""
        bearing, middle = BEARING[side], self.walls[side] + _THICK / 2
        after = SIDES_ROUND[(SIDES_ROUND.index(side) + 1) % 4]
        before = SIDES_ROUND[(SIDES_ROUND.index(side) - 1) % 4]
        ends = []
        for beside, turn in ((after, math.pi / 2), (before, -math.pi / 2)):
            reach = self.walls.get(beside, _OPEN) + _THICK
            x, y = self._place(bearing, middle)
            way = self.heading + bearing + turn
            ends.append([round(x + reach * math.cos(way), 4), round(y + reach * math.sin(way), 4)])
        return {
            "kind": "wall", "name": f"{side} wall", "start": ends[0], "end": ends[1], "height": _HIGH,
            "thickness": _THICK,
        }  # fmt: skip

    def _entity(self, being: Being) -> dict[str, Any]:
        toward = math.remainder(self.heading + being.bearing + math.pi, math.tau)
        return {
            "id": being.id,
            "kind": being.kind,
            "at": self._place(being.bearing, being.distance),
            "heading": round(toward, 4),
            "behaviour": being.behaviour,
            "roam": 1.0,
            "interest": 60.0,
            "calm": 0.0,
            "wind_up": 0.1,
            "commit": 3.0,
            "recover": 1.0,
            "senses": {"range": 40.0, "view": 6.28, "hearing": 10.0},
            **_SHAPE[being.kind],
        }


SIDES_ROUND = ("forward", "left", "backward", "right")
"""The four sides, each a quarter turn to the left of the one before."""


def _being(obj: Mapping[str, Any]) -> Being:
    name = str(obj["id"])
    if not name or len(name) > 40 or name == "agent":
        raise ValueError(f"a being cannot be called {name[:40]!r}")
    return Being(
        _one_of(obj["kind"], tuple(_SHAPE)),
        _one_of(obj["behaviour"], BEHAVIOURS),
        _metres(obj["distance"]),
        _angle(obj["bearing"]),
        name,
    )


def _one_of(value: object, names: tuple[str, ...]) -> str:
    if value not in names:
        raise ValueError(f"{str(value)[:40]!r} is none of {', '.join(names)}")
    return str(value)


def _metres(value: object) -> float:
    metres = float(value)  # type: ignore[arg-type]
    if not _NEAREST <= metres <= _FARTHEST:
        raise ValueError(f"{metres:g} m is not within {_NEAREST:g} to {_FARTHEST:g}")
    return metres


def _angle(value: object) -> float:
    angle = float(value)  # type: ignore[arg-type]
    if not abs(angle) <= math.tau:
        raise ValueError(f"{angle:g} is no angle in radians")
    return angle


def _mirrored(token: str) -> str:
    swap = {"left": "right", "right": "left"}
    return "_".join(swap.get(word, word) for word in token.split("_"))
