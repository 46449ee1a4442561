"""Sentences for stretches of motion, composed from measured facts, the clip's label and what its maker knows."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import numpy as np

from hephaestus.skeleton import FPS
from prometheus.motion.corpus.clip import Clip, Span
from prometheus.motion.corpus.measure import Facts, measure

_WHERE = {
    "forward": ("forward", "ahead", "straight ahead", "forwards"),
    "forward-left": ("forward and to the left", "diagonally forward to the left", "ahead and to the left",
                     "forward-left"),
    "left": ("to the left", "left", "sideways to the left"),
    "backward-left": ("backward and to the left", "diagonally backward to the left", "back and to the left",
                      "backward-left"),
    "backward": ("backward", "backwards"),
}  # fmt: skip
_WHERE |= {
    name.replace("left", "right"): tuple(w.replace("left", "right") for w in words)
    for name, words in _WHERE.items()
    if "left" in name
}
# (third person, imperative, -ing form)
_VERBS = {
    "creep": (("creeps", "creep", "creeping"), ("edges", "edge", "edging"), ("inches", "inch", "inching"),
              ("walks slowly", "walk slowly", "walking slowly"), ("steps slowly", "step slowly", "stepping slowly"),
              ("moves carefully", "move carefully", "moving carefully")),
    "walk": (("walks", "walk", "walking"), ("walks", "walk", "walking"), ("moves", "move", "moving"),
             ("steps", "step", "stepping"), ("strolls", "stroll", "strolling"), ("strides", "stride", "striding")),
    "run": (("runs", "run", "running"), ("runs", "run", "running"), ("jogs", "jog", "jogging"),
            ("hurries", "hurry", "hurrying"), ("rushes", "rush", "rushing")),
    "sprint": (("sprints", "sprint", "sprinting"), ("sprints", "sprint", "sprinting"), ("dashes", "dash", "dashing"),
               ("bolts", "bolt", "bolting"), ("races", "race", "racing"), ("launches", "launch", "launching"),
               ("charges", "charge", "charging")),
}  # fmt: skip
_SIDE_WALK = (("sidesteps", "sidestep", "sidestepping"), ("steps", "step", "stepping"))
_SIDE_CREEP = (("sidesteps slowly", "sidestep slowly", "sidestepping slowly"), ("shuffles", "shuffle", "shuffling"),
               ("sidles", "sidle", "sidling"), ("edges", "edge", "edging"))
_BACK_WALK = (("backs away", "back away", "backing away"), ("steps back", "step back", "stepping back"),
              ("retreats", "retreat", "retreating"), ("walks back", "walk back", "walking back"))  # fmt: skip
_BACK_CREEP = (("backs away slowly", "back away slowly", "backing away slowly"),
               ("steps back slowly", "step back slowly", "stepping back slowly"),
               ("creeps back", "creep back", "creeping back"), ("edges back", "edge back", "edging back"))  # fmt: skip
_FLEE = (("flees", "flee", "fleeing"), ("bolts", "bolt", "bolting"))
_STAND = (("stands still", "stand still", "standing still"), ("stands", "stand", "standing"),
          ("waits", "wait", "waiting"), ("stays still", "stay still", "staying still"),
          ("stands in place", "stand in place", "standing in place"))  # fmt: skip
_STOP = (("stops", "stop", "stopping"), ("comes to a stop", "come to a stop", "coming to a stop"),
         ("halts", "halt", "halting"), ("stops and stands still", "stop and stand still", "stopping"))  # fmt: skip
_TURN = (("turns {}", "turn {}", "turning {}"), ("turns to the {}", "turn to the {}", "turning to the {}"),
         ("spins to the {}", "spin to the {}", "spinning to the {}"))  # fmt: skip
_AROUND = (("turns around", "turn around", "turning around"), ("spins around", "spin around", "spinning around"),
           ("turns {}, all the way around", "turn {}, all the way around",
            "turning {}, all the way around"))  # fmt: skip
_CURVE = ("turning {}", "turning to the {}", "curving to the {}", "veering {}")
_MOODS = {
    "panic": ("in blind panic", "in panic", "panicking", "terrified", "in terror", "frantically"),
    "afraid": ("afraid", "frightened", "in fear", "scared"),
    "wary": ("warily", "cautiously", "on guard", "alert"),
    "alert": ("alert", "watchful", "tense and ready", "on guard"),
    "calm": ("calmly", "relaxed", "at ease", "loosely"),
    "tired": ("exhausted", "tired", "limp"),
    "urgent": ("urgently", "hurriedly", "in a hurry"),
}
_ARMS = {
    "wide": ("arms thrown wide", "arms spread wide", "with arms wide", "arms flung wide"),
    "up": ("arms up", "arms raised high", "with the arms up", "arms thrown up"),
    "guard": ("hands raised", "hands up in front of the chest", "hands raised to guard"),
    "cover": ("arms over the head", "covering the head with both arms", "hands shielding the head"),
}
_LOW = ("crouched low", "crouching", "staying low", "in a crouch")
_HUNCH = ("hunched over", "bent over", "hunched")
_LEGS = ("legs driving hard", "legs pumping", "knees high")
_MOVES = {
    "duck": (("ducks", "duck", "ducking"), ("ducks down", "duck down", "ducking down"),
             ("crouches down", "crouch down", "crouching down")),
    "cower": (("cowers", "cower", "cowering"), ("crouches and cowers", "crouch and cower", "crouching and cowering")),
    "recoil": (("recoils", "recoil", "recoiling"), ("staggers", "stagger", "staggering")),
    "dodge": (("dodges", "dodge", "dodging"), ("leaps", "leap", "leaping"), ("darts", "dart", "darting")),
    "lunge": (("lunges", "lunge", "lunging"), ("dashes", "dash", "dashing")),
    "relax": (("calms down and stands", "calm down and stand", "calming down"),
              ("stands and relaxes", "stand and relax", "relaxing")),
}  # fmt: skip
_WHO = ("a person", "a person", "someone", "the person", "a man")
_KIND_TEXTS = {
    "climb": ("climbs",), "dance": ("dances",), "gesture": ("gestures with the arms",), "sneak": ("sneaks",),
    "martial_arts": ("practises martial arts", "performs a karate form"), "acrobatics": ("does acrobatics",),
    "punch_kick": ("fights the air",), "jump": ("jumps",), "ball": ("dribbles a ball",), "reach": ("reaches up",),
    "exercise": ("exercises",), "jump_turn": ("jumps and turns",), "soccer_kick": ("kicks a ball",),
    "bend_pick": ("bends down",), "zombie": ("walks like a zombie",), "fall_getup": ("gets up from the ground",),
    "crawl": ("crawls",), "household": ("uses the hands",), "sit_stand": ("sits down and stands up",),
}  # fmt: skip
_LABEL_TEXTS = {
    "laugh": ("laughs", "laughs out loud, bending over"), "boxing": ("boxes", "throws punches"),
    "wash windows": ("washes a window",), "backflip": ("does a backflip",), "cartwheel": ("does a cartwheel",),
    "direct traffic": ("directs traffic with the arms",), "drink soda": ("drinks from a bottle",),
    "basketball signals": ("gives hand signals like a referee",), "kick ball": ("kicks a ball",),
    "sit on": ("sits down on a stool and stands up",), "jump up to grab": ("jumps up and reaches high",),
    "jumping jacks": ("does jumping jacks and exercises",), "forward roll": ("rolls forward over the ground",),
    "side flip": ("does a side flip",), "kick": ("kicks",), "punch": ("punches",), "spin kick": ("does a spin kick",),
    "spin in the air": ("spins in the air",), "get up facedown": ("gets up from lying face down",),
    "get up faceup": ("gets up from lying face up",), "gets up from": ("gets up from the ground",),
    "crawls": ("crawls forward on hands and knees",), "dribble": ("dribbles a basketball",),
    "waves hello": ("waves hello",), "dab": ("performs a dab",), "sword": ("swings a sword",),
    "cartwheels": ("does cartwheels",), "forward jump": ("jumps forward",), "jump forward": ("jumps forward",),
}  # fmt: skip
SPAN_SECONDS = 2.5
"""Length that a long clip without hints is divided into."""


_T = TypeVar("_T")


def _pick(rng: np.random.Generator, options: Sequence[_T]) -> _T:
    return options[int(rng.integers(len(options)))]


def swap_words(text: str) -> str:
    """Exchange left and right in a sentence."""
    swap = {"left": "right", "right": "left", "clockwise": "counterclockwise", "counterclockwise": "clockwise"}
    return re.sub(
        r"\b(counterclockwise|clockwise|left|right)(?=(wards?|ward|-|\b|handed))",
        lambda m: swap[m[1].lower()], text, flags=re.IGNORECASE,
    )  # fmt: skip


def _verb(rng: np.random.Generator, facts: Facts, hint: dict[str, str]) -> tuple[tuple[str, str, str], bool]:
    """A verb in three forms, and whether it already says backward."""
    if "move" in hint:
        return _pick(rng, _MOVES[hint["move"]]), False
    direction, pace = facts.direction or "", facts.pace
    if direction == "backward" and pace in ("creep", "walk") and rng.random() < 0.5:
        return _pick(rng, _BACK_WALK if pace == "walk" else _BACK_CREEP), True
    if direction in ("left", "right") and pace in ("creep", "walk") and rng.random() < 0.5:
        return _pick(rng, _SIDE_WALK if pace == "walk" else _SIDE_CREEP), False
    if pace == "sprint" and hint.get("mood") == "panic" and rng.random() < 0.4:
        return _pick(rng, _FLEE), False
    return _pick(rng, _VERBS[pace]), False


def _turn_words(rng: np.random.Generator, turned: float) -> str:
    return _pick(rng, _CURVE).format("left" if turned > 0 else "right")


def _extras(rng: np.random.Generator, facts: Facts, hint: dict[str, str]) -> list[str]:
    found = []
    if hint.get("arms") in ("wide", "up") and facts.arms == hint["arms"]:
        found.append(_pick(rng, _ARMS[hint["arms"]]))
    elif hint.get("arms") in ("guard", "cover"):
        found.append(_pick(rng, _ARMS[hint["arms"]]))
    elif facts.arms in ("wide", "up"):
        found.append(_pick(rng, _ARMS[facts.arms]))
    if facts.height < 0.8 and hint.get("move") not in ("duck", "cower"):
        found.append(_pick(rng, _LOW))
    elif facts.bent > 0.5 and facts.height > 0.6:
        found.append(_pick(rng, _HUNCH))
    if facts.pace == "sprint" and rng.random() < 0.4:
        found.append(_pick(rng, _LEGS))
    return [str(f) for f in found]


def _phrase(rng: np.random.Generator, facts: Facts, hint: dict[str, str], before: Facts | None) -> tuple[str, str, str]:
    """The core of the sentence in three forms."""
    turned = facts.turned
    side = "left" if turned > 0 else "right"
    if facts.pace in ("stand", "mixed"):
        if "move" in hint:
            return _pick(rng, _MOVES[hint["move"]])
        if abs(turned) > 2.3:
            return tuple(f.format(side) for f in _pick(rng, _AROUND))
        if abs(turned) > 0.45:
            return tuple(f.format(side) for f in _pick(rng, _TURN))
        if before is not None and before.pace in ("walk", "run", "sprint") and rng.random() < 0.5:
            return _pick(rng, _STOP)
        if facts.pace == "mixed":
            return (("moves about", "move about", "moving about"), ("shifts about", "shift about", "shifting about"))[
                int(rng.integers(2))
            ]
        return _pick(rng, _STAND)
    verb, said = _verb(rng, facts, hint)
    where = str(_pick(rng, _WHERE[facts.direction or "forward"]))
    if facts.direction == "forward" and rng.random() < 0.25 and "move" not in hint:
        where = ""
    if said:
        where = "" if rng.random() < 0.7 else where
        where = "" if "step" in verb[1] else where
    forms = [f"{form} {where}".strip() for form in verb]
    if abs(turned) > 0.5:
        words = _turn_words(rng, turned)
        joint = " while " if rng.random() < 0.3 else ", " if rng.random() < 0.6 else " "
        if abs(turned) > 2.3 and rng.random() < 0.3:
            words = "turning around"
        forms = [f"{form}{joint}{words}" for form in forms]
    return forms[0], forms[1], forms[2]


def _sentence(rng: np.random.Generator, facts: Facts, hint: dict[str, str], before: Facts | None, style: int) -> str:
    third, plain, ing = _phrase(rng, facts, hint, before)
    extras = _extras(rng, facts, hint) if style != 0 else []
    if style != 0 and "mood" in hint and rng.random() < 0.75:
        extras.append(str(_pick(rng, _MOODS[hint["mood"]])))
    core = (plain, f"{_pick(rng, _WHO)} {third}", f"{_pick(rng, _WHO)} {ing}", ing)[(style + int(rng.integers(2))) % 4]
    return ", ".join([core, *extras])


def sentences(
    rng: np.random.Generator, facts: Facts, hint: dict[str, str], before: Facts | None = None, count: int = 7
) -> list[str]:
    """Return up to `count` different sentences for a stretch."""
    found: list[str] = []
    for i in range(count * 2):
        text = _sentence(rng, facts, hint, before, i % 4)
        if text not in found:
            found.append(text)
    return found[:count]


def _labelled(clip: Clip, rng: np.random.Generator) -> list[str]:
    label = clip.label.lower()
    phrases = next((t for key, t in _LABEL_TEXTS.items() if key in label), _KIND_TEXTS.get(clip.kind, ()))
    texts = [f"{_pick(rng, _WHO)} {phrase}" for phrase in phrases]
    return [*texts, *clip.captions]


_GAITS = {"walk", "run", "sidestep_back", "gait", "idle", "react"}


def _stretches(clip: Clip) -> list[tuple[int, int, dict[str, str]]]:
    if clip.hints:
        return [h for h in clip.hints if h[1] - h[0] >= 8]
    n = len(clip)
    parts = max(1, round(n / (SPAN_SECONDS * FPS)))
    edges = np.linspace(0, n, parts + 1).astype(int)
    return [(int(a), int(b), {}) for a, b in pairwise(edges)]


def captioned(clip: Clip) -> Clip:
    """Return the clip with its spans: for each stretch several sentences that fit what is measured there."""
    rng = np.random.default_rng(zlib.crc32(clip.id.encode()))
    spans, before = [], None
    for start, end, hint in _stretches(clip):
        settled = min(8, (end - start) // 4) if clip.hints else 0
        facts = measure(clip.joints[start + settled : end])
        if clip.kind in _GAITS:
            texts = sentences(rng, facts, hint, before)
            texts += [c for c in clip.captions if not clip.hints][:2]
        else:
            texts = _labelled(clip, rng)
            if facts.pace in ("creep", "walk", "run", "sprint") and clip.kind in ("sneak", "zombie", "ball"):
                like = {"sneak": "sneaking", "zombie": "like a zombie", "ball": "dribbling a ball"}[clip.kind]
                texts += [f"{t}, {like}" for t in sentences(rng, facts, hint, before, 4)]
        spans.append(Span(start, end, tuple(dict.fromkeys(texts))))
        before = facts
    return replace(clip, spans=tuple(spans))
