"""Null references: minds that understand nothing, and an oracle that reads the truth; they test the rubric itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from zlib import crc32

from aether.heading import sector
from aether.scene import Scene
from prometheus.bench.case import Ask, Case
from prometheus.bench.categories.prediction import best_ways
from prometheus.bench.layout import SIDES
from prometheus.bench.level import LADDER
from prometheus.bench.truth import STAND

Null = Callable[[Scene, int], str]
"""The answer to a scene; the number seeds what is random."""


def constant_safe(scene: Scene, seed: int = 0) -> str:
    """Everything is safe, and the body stands still."""
    return (
        "PREDICT: npc=safe, forward=safe, left=safe, right=safe, backward=safe\n"
        "MOTION: a person stands still calmly, arms hanging loosely"
    )


def constant_panic(scene: Scene, seed: int = 0) -> str:
    """Everything is danger, and the body sprints."""
    return (
        "PREDICT: npc=danger(beast,3.0m,charging,front), forward=danger(wall,2.0m), left=danger(wall,2.0m), "
        "right=danger(wall,2.0m), backward=danger(wall,2.0m)\n"
        "MOTION: a person sprints forward in blind panic, arms thrown wide"
    )


def guess(scene: Scene, seed: int = 0) -> str:
    """Any of everything, drawn from the seed and the scene's id."""
    draw = random.Random(crc32(f"{seed} {scene.scenario_id}".encode()))
    kind, deed = (
        draw.choice(("beast", "man", "woman")),
        draw.choice(("stopped", "wandering", "approaching", "charging")),
    )
    place = draw.choice(("front", "left", "right", "back", "front-left", "front-right", "back-left", "back-right"))
    ways = [
        f"{side}=" + draw.choice(("safe", f"danger(wall,{draw.uniform(0.5, 9.0):.1f}m)", "danger(wall,prev)"))
        for side in SIDES
    ]
    npc = draw.choice(("safe", "danger"))
    return (
        f"PREDICT: npc={npc}({kind},{draw.uniform(1.0, 11.0):.1f}m,{deed},{place}), {', '.join(ways)}\n"
        f"MOTION: a person {draw.choice(('stands still', 'walks', 'runs', 'sprints'))} "
        f"{draw.choice(('forward', 'to the left', 'to the right', 'backward'))}, "
        f"{draw.choice(('arms loose', 'hands raised', 'legs driving hard', 'knees bent'))}, "
        f"{draw.choice(('calm', 'curious', 'alert', 'afraid', 'in panic'))}"
    )


def echo(scene: Scene, seed: int = 0) -> str:
    """The words of the input again, in the shape of an answer."""
    walls = ", ".join(
        f"{side}=" + ("safe" if scene.walls[side] is None else f"danger(wall,{scene.walls[side]}m)") for side in SIDES
    )
    npc = scene.entities[0] if scene.entities else None
    who = "" if npc is None else f"npc=danger({npc.type},{npc.distance}m,{npc.behavior}), "
    words = [scene.own.emotion, scene.ground, *(e.behavior for e in scene.entities), *scene.recent_decisions]
    return (
        f"PREDICT: {who}{walls}\nMOTION: {scene.own.task} {' '.join(words).replace('_', ' ')} {'; '.join(scene.sounds)}"
    )


NULLS: dict[str, Null] = {
    "constant-safe": constant_safe, "constant-panic": constant_panic, "random": guess, "echo": echo
}  # fmt: skip
ORACLE = "oracle"

_GO = {"forward": "forward", "backward": "backward", "left": "to the left", "right": "to the right"}
_GO |= {f"{a}-{b}": f"{a} and to the {b}" for a in ("forward", "backward") for b in ("left", "right")}
_WHERE = ("front", "front-left", "left", "back-left", "back", "back-right", "right", "front-right")
_DOING = {"stop": "stopped", "wander": "wandering", "approach": "approaching", "charge": "charging"}
_DEED = {
    "panic": "sprints {go} in blind panic, arms thrown wide",
    "afraid": "runs {go}, arms pumping hard, afraid",
    "alert": "walks {go}, knees bent, watching warily",
    "curious": "walks {go}, head raised, eyes searching, curious",
    "calm": "walks {go} calmly, arms swinging loosely",
}
_STAY = "stands still, knees bent, {feel}, watching"
_MEET = {
    "stop": "walks {go} calmly, waving one hand, arms loose",
    "wander": "walks {go} calmly, waving one hand, arms loose",
    "approach": "steps {go} politely, curious, one arm open",
}


def oracle(case: Case, asked: Ask) -> str:
    """The best answer that the rubric knows, from the truth of the scenario."""
    level = str(asked.facts["level"])
    way = _way(case, asked)
    return f"PREDICT: {', '.join(_predictions(asked))}\nMOTION: a person {_sentence(asked, level, way)}"


def _predictions(asked: Ask) -> list[str]:
    entries = []
    if asked.scene.entities:
        npc, being = asked.scene.entities[0], asked.layout.beings[0]
        place = _WHERE[round((npc.bearing or 0.0) / 0.7853981633974483) % 8]
        entries.append(f"npc=danger({being.kind},{npc.distance}m,{_DOING[being.behaviour]},{place})")
    failed = asked.facts.get("failed", ())
    for side in SIDES:
        fate = asked.fates.get(side)
        if side in failed:
            entries.append(f"{side}=danger(wall,prev)")
        elif fate is not None and fate.danger:
            entries.append(f"{side}=danger({fate.kind}" + (f",{fate.distance}m)" if fate.distance else ")"))
        else:
            entries.append(f"{side}=safe")
    return entries


def _way(case: Case, asked: Ask) -> str | None:
    if STAND in asked.fates:
        best = sorted(best_ways(asked.fates))
        moving = [way for way in best if way != STAND]
        return moving[0] if moving else None
    if "free" in asked.facts:
        return str(asked.facts["free"][0])
    if asked.fates:
        return next((side for side in SIDES if not asked.fates[side].danger), None)
    if "goal" in asked.facts:
        return sector(float(asked.facts["goal"]))
    bearings = [being.bearing for being in asked.layout.beings]
    return sector(bearings[0] + 3.141592653589793) if bearings else "forward"


def _sentence(asked: Ask, level: str, way: str | None) -> str:
    if way is None:
        feel = {"panic": "in panic", "calm": "calm"}.get(level, level)
        return _STAY.format(feel=feel)
    if "act" in asked.facts and asked.facts["kind"] != "beast" and asked.facts["act"] in _MEET:
        return _MEET[str(asked.facts["act"])].format(go=_GO[way])
    if "goal" in asked.facts:
        level = LADDER[max(0, LADDER.index(asked.layout.emotion) - 1)]
    return _DEED[level].format(go=_GO[way])
