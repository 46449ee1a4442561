"""The reflex: rules over the scene alone. It never waits, never fails, and is a good agent in its own right."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from aether.brain import Reply
from aether.brains.phrases import phrase
from aether.clean import first_clause
from aether.decision import Decision, Outlook
from aether.emotion import LADDER, Emotion, called_pace, felt
from aether.heading import BEARINGS, apart, named, parts, sector
from aether.hearing import sound_side
from aether.memory import travelled
from aether.prompt import Prompt
from aether.rollout import BODY_RADIUS, HORIZON_S, Foe, Way, foes, footing, ways
from aether.scene import DIRECTIONS, Entity, Scene
from aether.threat import CLOSING_SPEED, PEOPLE, PREDATORS, act, entity_threat, nature, noun, sound_threat, words

_CURIOUS, _ALERT, _AFRAID, _PANIC = range(1, 5)
_NOTABLE, _WORRYING = 0.15, 0.3  # threat from which something is watched, and kept at a distance
_CLOSE = 3.8  # metres within which a predator is a danger whatever it does
_LOUD = 0.3
_UNEASY = 6.0  # metres within which a predator that does not care is still left behind briskly
_TIGHT, _ROOMY = 0.8, 1.5  # metres of travel below which a way is shut, and from which it is worth taking
_TRIED, _TOWARD, _SHUT = 3, 4, 5
_LOYALTY = 1.6  # metres of gain that another way must offer before a flight turns
_DEAD_END = 4.0  # metres of travel below which a way is not worth exploring while another is
_DETOUR = 4.0  # metres of gain that the way to the goal is worth while nothing hunts the body
_DOING = {
    "charge": "charging", "approach": "approaching", "notice": "noticing", "wander": "wandering", "stop": "stopped",
    "flee": "fleeing",
}  # fmt: skip
_BEARING = r"bearing\s{0,3}(-?[0-9]{1,2}(?:\.[0-9]{1,4})?)"
# A world names its moments by a frame number; the choice of words should not change with every one of them.
_FRAME = r"_[0-9]{5,}$"
_PLACE = r"\b(?:to|toward|towards|for|at|reach|find|guard)\s(?:the|a|an)\s([a-z]{2,12})\b"
_HORIZON_ROOM = 10.0


class _View(NamedTuple):
    """A scene with everything that the rules ask of it, computed once."""

    scene: Scene
    feeling: Emotion
    foes: tuple[Foe, ...]
    ways: Mapping[str, Way]
    npc: Entity | None
    last: str | None
    streak: int

    @classmethod
    def of(cls, scene: Scene) -> _View:
        threats = foes(scene)
        moves = [move for token in scene.recent_decisions if (move := travelled(token))]
        last = moves[-1] if moves else None
        streak = next((i for i, move in enumerate(reversed(moves)) if move != last), len(moves))
        beings = [entity for entity in scene.entities if nature(entity) != "thing"]
        npc = max(beings, key=lambda e: (entity_threat(e), -(e.distance or 0.0)), default=None)
        return cls(scene, felt(scene), threats, ways(scene, called_pace(scene), threats), npc, last, streak)


class Reflex:
    """Answers from the scene alone: the same scene gives the same answer, always."""

    name = "reflex"
    instant = True

    async def think(self, prompt: Prompt, *, deadline_s: float = math.inf) -> Reply:
        """The decision for the prompt's scene, in the scene's dialect."""
        scene = prompt.scene
        return Reply(self.decide(scene).lines(scene.dialect), confidence=self.confidence(scene))

    def confidence(self, scene: Scene) -> float:
        """How much of what matters the scene tells, 0-1: less where a threat is out of sight or has no bearing."""
        vague = sum(
            0.2 * (e.bearing is None) + 0.15 * (e.distance is None) + 0.1 * (not e.visible) for e in scene.entities
        )
        heard = not scene.entities and sound_threat(scene.sounds) >= _LOUD
        return round(max(0.3, 0.9 - vague - 0.2 * heard), 2)

    def decide(self, scene: Scene) -> Decision:
        """The decision for `scene`."""
        view = _View.of(scene)
        response, direction = _respond(view)
        npc = view.npc
        sentence = phrase(
            response,
            direction,
            view.feeling.level,
            who=_who(npc),
            goal=_place(scene.own.task),
            key=f"{re.sub(_FRAME, '', scene.scenario_id)}|{direction}|{npc and act(npc.behavior)}|{view.streak // 3}",
            brief=scene.dialect == "dataset",
            turning=not _is_tight(view),
        )
        return Decision(_predict(view), sentence)


def _predict(view: _View) -> dict[str, Outlook]:
    dataset = view.scene.dialect == "dataset"
    outlooks = {name: _outlook(view.ways[name], dataset) for name in DIRECTIONS}
    npc = view.npc
    if npc is None:
        return outlooks
    place = None if npc.bearing is None else sector(npc.bearing).replace("forward", "front").replace("backward", "back")
    detail = ",".join(fact for fact in (_DOING[act(npc.behavior)], place) if fact)
    return {"npc": Outlook(_is_danger(view, npc), noun(npc), npc.distance, detail)} | outlooks


def _is_danger(view: _View, npc: Entity) -> bool:
    """Whether someone is a danger by itself: it charges, is a predator close by, or reaches the body in two seconds."""
    if act(npc.behavior) == "charge":
        return True
    if nature(npc) not in ("predator", "unknown"):
        return False
    distance = 0.0 if npc.distance is None else npc.distance
    return distance <= max(_CLOSE, BODY_RADIUS + CLOSING_SPEED[act(npc.behavior)] * HORIZON_S)


def _outlook(way: Way, dataset: bool) -> Outlook:
    if way.cause is None:
        return Outlook(False, "open" if dataset and math.isinf(way.room) else None)
    if way.tried and way.distance is None:
        return Outlook(True, way.cause, None, "prev")
    return Outlook(True, way.cause, way.distance)


def _respond(view: _View) -> tuple[str, str | None]:
    """What to do and where to."""
    scene, level = view.scene, view.feeling.level
    worst = max((entity_threat(e) for e in scene.entities if nature(e) != "thing"), default=0.0)
    if view.foes and worst >= _WORRYING:
        return _keep_away(view)
    if worst >= _NOTABLE and view.foes and level <= _ALERT:
        return "watch", _onward(view)
    if sound_threat(scene.sounds) >= _LOUD:
        return _hark(view)
    if level >= _AFRAID:
        return "recover afraid", _onward(view)
    if level == _ALERT:
        return "recover alert", _onward(view)
    if level == _CURIOUS and Emotion.named(scene.own.emotion).level > _CURIOUS:
        return "recover curious", None
    person = view.npc if view.npc is not None and nature(view.npc) == "person" else None
    if person is not None and _is_met(person):
        return _meet(view, person)
    direction = None if "reached" in words(first_clause(scene.own.task)) else _onward(view)
    if direction is None:
        return "rest", None
    ground = footing(scene.ground)
    return (f"task {ground}" if ground != "flat" else "task curious" if level == _CURIOUS else "task"), direction


def _is_met(person: Entity) -> bool:
    """Whether someone is near, in sight and not behind."""
    near = person.distance is None or person.distance < 6.0
    return near and person.visible and apart(person.bearing or 0.0, 0.0) < math.radians(110.0)


def _keep_away(view: _View) -> tuple[str, str | None]:
    """From a threat: flee, retreat or sneak, along the way that leaves it farthest behind."""
    level, npc = view.feeling.level, view.npc
    deed = "wander" if npc is None else act(npc.behavior)
    unaware = level == _ALERT and deed in ("wander", "stop", "flee")
    way = _escape(view, past=unaware and npc is not None and (npc.distance or 0.0) > _CLOSE)
    if way is None:
        return "cower", None
    if level >= _AFRAID:
        return f"flee {LADDER[level]}", way.direction
    if npc is not None and nature(npc) == "person":
        return "dodge", way.direction
    near = npc is not None and npc.visible and (npc.distance is None or npc.distance < _UNEASY)
    return ("retreat" if near or deed in ("charge", "approach", "notice") else "sneak"), way.direction


def _hark(view: _View) -> tuple[str, str | None]:
    """To a threat that is only heard: away from it where its side is known, else stand and listen, but not for ever."""
    side = sound_side(view.scene.sounds)
    if side is not None:
        source = BEARINGS[side]
        away = [way for way in view.ways.values() if apart(way.bearing, source) > math.pi / 3]
        free = [way for way in away if _rank(view, way) < _TRIED]
        best = min(free, key=lambda way: (_rank(view, way), -apart(way.bearing, source)), default=None)
        return ("sneak", best.direction) if best else ("cower", None)
    if view.last != "stand" or view.streak < 2:
        return "listen", None
    direction = _onward(view)
    return ("listen", None) if direction is None else ("sneak", direction)


def _meet(view: _View, person: Entity) -> tuple[str, str | None]:
    """A man or woman who means no harm: make room for whoever comes near, greet the others."""
    deed, distance = act(person.behavior), 3.0 if person.distance is None else person.distance
    bearing = person.bearing or 0.0
    ahead = apart(bearing, 0.0) < math.pi / 3
    if (deed == "approach" and distance < 3.5) or (deed in ("wander", "notice") and distance < 2.5 and ahead):
        sides = [w for name in ("left", "right") if (w := view.ways[name]) and _rank(view, w) < _TRIED]
        order = {w.direction: (_rank(view, w), -round(apart(w.bearing, bearing), 1), -_room(w)) for w in sides}
        aside = min(sides, key=lambda w: order[w.direction], default=None)
        return ("nod", None) if aside is None else ("yield", aside.direction)
    direction = _onward(view)
    in_the_way = direction is not None and distance < 2.0 and apart(BEARINGS[direction], bearing) < math.pi / 3
    if direction is None or in_the_way or (deed in ("stop", "notice") and distance < 2.0):
        return "nod", None
    return "greet", direction


def _escape(view: _View, past: bool = False) -> Way | None:
    """The way of least danger from the threats; the last one is kept unless another is clearly better.

    `past` is for a threat that does not know of the body: the goal of the task then counts too, and leads around it.
    """
    goal = _goal(view.scene) if past else None

    def worth(way: Way) -> float:
        return _gain(view, way) + (0.0 if goal is None else _DETOUR * math.cos(way.bearing - goal))

    best = min(view.ways.values(), key=lambda way: (_rank(view, way), -worth(way)))
    if _rank(view, best) >= _TOWARD:
        return None
    kept = view.ways.get(view.last or "")
    if kept is not None and _rank(view, kept) == _rank(view, best) and worth(kept) > worth(best) - _LOYALTY:
        return kept
    return best


def _gain(view: _View, way: Way) -> float:
    """How good a flight is, m: distance won, the narrowest moment, and some room to go on."""
    # Walls are measured in four directions; what stands in a diagonal is a guess.
    unsure = 1.0 if "-" in way.direction else 0.0
    return way.final + 0.5 * way.nearest + 0.15 * _room(way) - unsure


def _room(way: Way) -> float:
    return min(way.room, _HORIZON_ROOM)


def _rank(view: _View, way: Way) -> int:
    """0 safe, 1 a wall later on, 2 a threat catches up, 3 failed before, 4 toward a threat, 5 shut."""
    halves = [view.ways[part] for part in parts(way.direction)]
    if way.room < _TIGHT:
        return _SHUT
    if way.toward:
        return _TOWARD
    if way.tried or any(half.tried for half in halves):
        return _TRIED
    if way.nearest <= 0.0:
        return 2
    safe = way.cause is None and all(half.cause is None for half in halves)
    return 0 if safe else 1 if way.room >= _ROOMY else 2


def _onward(view: _View) -> str | None:
    """Where to go on: to the goal of the task, else as before, else forward; None where nothing is free."""
    goal = _goal(view.scene)
    keep = view.last if view.last in view.ways else "forward"
    wish = BEARINGS[keep or "forward"] if goal is None else goal

    def cost(way: Way) -> tuple[int, bool, float, str]:
        # Whoever has no goal prefers room; whoever has one takes the straight way. Both stay with what they began.
        begun = way.direction == view.last
        turn = apart(way.bearing, wish) - (0.3 if begun else 0.0)
        if goal is not None:
            return _rank(view, way), False, round(turn, 6), way.direction
        # A turn that is half done: walls are measured askew now, and what led this way was seen straight.
        turning = begun and "-" in way.direction and _rank(view, way) < 2
        rank = 0 if turning else _rank(view, way)
        return rank, _is_dull(view, way), round(turn - 0.05 * _room(way), 6), way.direction

    best = min(view.ways.values(), key=cost)
    return best.direction if _rank(view, best) < _TRIED else None


def _is_dull(view: _View, way: Way) -> bool:
    """Whether a way shows nothing new to whoever explores: its end is in sight, or it leads back."""
    came = view.last in BEARINGS and apart(way.bearing, BEARINGS[view.last or ""]) > math.radians(120.0)
    # What stands in a diagonal is a guess from the walls beside it.
    return came or min(view.ways[part].room for part in parts(way.direction)) < _DEAD_END


def _is_tight(view: _View) -> bool:
    """Whether whoever explores stands between walls, where a turn would carry the body off its way."""
    walls = sum(view.ways[name].room < _DEAD_END for name in DIRECTIONS)
    return walls >= 2 and not view.foes and _goal(view.scene) is None


def _goal(scene: Scene) -> float | None:
    """The bearing of the task's goal, rad: of a thing in sight that the task names, or as the task's words say."""
    task = first_clause(scene.own.task.lower())
    asked = set(words(task))
    for entity in scene.entities:
        if nature(entity) == "thing" and entity.bearing is not None and noun(entity) in asked:
            return entity.bearing
    number = re.search(_BEARING, task)
    if number:
        return math.remainder(float(number[1]), math.tau)
    side = named(task)
    return None if side is None else BEARINGS[side]


def _place(task: str) -> str:
    """The noun that the task leads to, such as "gate"; "" where its words name none that is plain."""
    found = re.search(_PLACE, first_clause(task.lower()))
    return "" if found is None or named(found[1]) else found[1]


def _who(npc: Entity | None) -> str:
    """A plain noun for a sentence: words of a scene are never repeated unless they are known ones."""
    word = "" if npc is None else noun(npc)
    return word if word in PREDATORS or word in PEOPLE else "creature"
