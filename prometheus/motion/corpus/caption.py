"""Sentences for stretches of motion, composed from measured facts, the clip's label and what its maker knows.

What is said is what is measured: a sentence in which `read_intent` reads another direction, turn or pace is dropped.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from prometheus.intent import read_intent
from prometheus.motion.corpus import words
from prometheus.motion.corpus.clip import Clip, Span
from prometheus.motion.corpus.measure import PACES, Facts, measure
from prometheus.motion.corpus.segments import segments
from prometheus.motion.corpus.words import Verb, swap_words

__all__ = ["captioned", "sentences", "swap_words"]

_LIVELY = 0.25
"""m/s of the wrists; arms that move more do something that "stands still" does not say."""
COUNT = 8
"""Sentences a stretch."""
_GAITS = {"walk", "run", "sidestep_back", "gait", "idle", "react"}
_LIKE = {"sneak": "sneaking", "zombie": "like a zombie", "ball": "dribbling a ball"}
_T = TypeVar("_T")


def _pick(rng: np.random.Generator, options: Sequence[_T]) -> _T:
    return options[int(rng.integers(len(options)))]


def _side(text: str, left: bool) -> str:
    """Words that are written for the left, for either side."""
    return text if left else swap_words(text)


def _each(verb: Verb, form: str) -> Verb:
    return (form.format(verb[0]), form.format(verb[1]), form.format(verb[2]))


def _verb(rng: np.random.Generator, facts: Facts, hint: dict[str, str]) -> tuple[Verb, bool]:
    """A verb in three forms, and whether it already says backward."""
    if "move" in hint:
        return _pick(rng, words.MOVES[hint["move"]]), False
    direction, pace, mood = facts.direction or "", facts.pace, hint.get("mood")
    draw = rng.random()
    if direction == "backward" and draw < 0.4:
        return _pick(rng, words.BACK[pace]), True
    if direction in ("left", "right") and draw < 0.3:
        return _pick(rng, words.SIDE[pace]), False
    if pace == "sprint" and mood == "panic" and draw > 0.7:
        return _pick(rng, words.FLEE), False
    if pace == "creep" and mood in ("wary", "afraid") and draw > 0.4:
        return _pick(rng, words.QUIET), False
    if pace in ("creep", "walk") and mood == "tired" and draw > 0.5:
        return _pick(rng, words.WEARY), False
    return _pick(rng, words.VERBS[pace]), False


def _where(rng: np.random.Generator, direction: str) -> str:
    return _pick(rng, words.WHERE[direction]).replace("{his}", _pick(rng, ("the", "their own", "his", "her")))


def _extras(rng: np.random.Generator, facts: Facts, hint: dict[str, str]) -> list[str]:
    """What else is seen: arms, stance, legs. Raised arms are always said."""
    if hint.get("move") in ("fall", "lie", "getup"):
        return []
    found = []
    arms = hint.get("arms", facts.arms)
    if arms in ("wide", "up", "guard", "cover"):
        found.append(_pick(rng, words.ARMS[arms]))
    elif arms in ("wave-left", "wave-right") and hint.get("move") != "wave":
        found.append(_side(_pick(rng, words.ARMS["wave"]), arms == "wave-left"))
    elif arms is None and facts.pace in ("run", "sprint") and rng.random() < 0.2:
        found.append(_pick(rng, words.ARMS["pump"]))
    if facts.height < 0.8 and hint.get("move") not in ("duck", "cower", "crouch", "crawl", "fall", "lie", "getup"):
        found.append(_pick(rng, words.LOW))
    elif facts.bent > (0.7 if facts.pace == "sprint" else 0.5) and facts.height > 0.6:
        found.append(_pick(rng, words.HUNCH))
    if "look" in hint and hint.get("move") != "look":
        found.append(_pick(rng, words.LOOK))
    if facts.pace == "sprint" and rng.random() < 0.3:
        found.append(_pick(rng, words.LEGS))
    return found


def _standing(rng: np.random.Generator, facts: Facts, hint: dict[str, str], before: Facts | None) -> Verb:
    if "move" in hint:
        verb = _pick(rng, words.MOVES[hint["move"]])
        if "way" in hint and rng.random() < 0.6:
            verb = _each(verb, f"{{}} {_where(rng, hint['way']).partition(', still')[0]}")
        return verb if hint.get("side", "left") == "left" else _mirrored(verb)
    left = facts.turned > 0
    if abs(facts.turned) > 0.45:
        verb = _pick(rng, words.AROUND if abs(facts.turned) > 2.3 else words.TURN)
        return verb if left else _mirrored(verb)
    if before is not None and before.pace in PACES[1:] and rng.random() < 0.6:
        return _pick(rng, words.STOP)
    if facts.pace == "mixed":
        return _pick(rng, (("moves about", "move about", "moving about"), ("shifts about", "shift about",
                                                                           "shifting about")))  # fmt: skip
    return _pick(rng, words.STAND)


def _mirrored(verb: Verb) -> Verb:
    return (swap_words(verb[0]), swap_words(verb[1]), swap_words(verb[2]))


def _change(rng: np.random.Generator, verb: Verb, facts: Facts, before: Facts | None) -> Verb:
    """A verb that says the change of pace, where there is one."""
    if before is None or rng.random() > 0.22:
        return verb
    if before.pace == "stand":
        form = _pick(rng, words.START)
        return (form.format(*verb), form.format(*verb).replace("s ", " ", 1), verb[2])
    if before.pace not in PACES or before.pace == facts.pace:
        return verb
    faster = PACES.index(facts.pace) > PACES.index(before.pace)
    table = words.FASTER if faster else words.SLOWER
    if facts.pace not in table:
        return verb
    return (_pick(rng, table[facts.pace]), verb[1], verb[2])


def _going(rng: np.random.Generator, facts: Facts, hint: dict[str, str], before: Facts | None) -> Verb:
    verb, said = _verb(rng, facts, hint)
    left = facts.turned > 0
    if "move" in hint and hint.get("side", "left") == "right":
        verb = _mirrored(verb)
    direction = facts.direction or "forward"
    if "turn" in hint:
        form = _pick(rng, words.AROUND_AND if abs(facts.turned) > 2.3 else words.TURN_AND)
        form = form if left else swap_words(form)
        ahead = _pick(rng, ("", "", " on", " away", " straight on"))
        done = (form.format(verb[0]), form.format(verb[1]).replace("turns", "turn", 1), form.format(verb[2]))
        done = (done[0], done[1], done[2].replace("turns", "turning", 1))
        return (done[0] + ahead, done[1] + ahead, done[2] + ahead)
    if "move" not in hint and not said:
        verb = _change(rng, verb, facts, before)
    where = _where(rng, direction)
    unsaid = 0.25 if direction == "forward" and "move" not in hint else 0.0
    if rng.random() < unsaid or (said and (rng.random() < 0.7 or "back" in verb[1])):
        where = ""
    if "sideways" in verb[1]:
        where = where.replace("sideways ", "").replace(", sideways", "")
    verb = _each(verb, f"{{}} {where}".strip())
    if abs(facts.turned) > 0.5:
        curve = "turning around" if abs(facts.turned) > 2.3 and rng.random() < 0.3 else _side(
            _pick(rng, words.CURVE), left)  # fmt: skip
        verb = _each(verb, f"{{}}{_pick(rng, (', ', ' while ', ', ')) if curve[:3] != 'in ' else ' '}{curve}")
    return verb


def _sentence(rng: np.random.Generator, facts: Facts, hint: dict[str, str], before: Facts | None, style: int) -> str:
    still = facts.pace in ("stand", "mixed") or hint.get("move") in words.STILL_MOVES
    third, plain, ing = (_standing if still else _going)(rng, facts, hint, before)
    extras = _extras(rng, facts, hint)
    seen = hint.get("arms", facts.arms) in ("wide", "up", "guard", "cover", "wave-left", "wave-right")
    if style == 0 and not seen and facts.height > 0.8:
        extras = []
    mood = str(_pick(rng, words.MOODS[hint["mood"]])) if "mood" in hint and rng.random() < 0.7 else ""
    who = _pick(rng, words.WHO)
    if style == 0:
        core = plain
    elif style == 1:
        core = f"{who} {third}"
    elif style == 2:
        core = f"{who} {'is ' if rng.random() < 0.3 else ''}{ing}"
    else:
        core = ing
    if mood and style in (1, 3) and rng.random() < 0.3:
        core, mood = f"{mood}, {core}", ""
    parts = [core, *extras, mood] if rng.random() < 0.75 else [core, mood, *extras]
    return ", ".join(part for part in parts if part)


def _fits(text: str, facts: Facts, hint: dict[str, str]) -> bool:
    """Whether a reader of the words finds nothing in them that the body does not do."""
    read = read_intent(text)
    if hint.get("move") in words.STILL_MOVES:
        return read.direction in (None, hint.get("way"))
    if read.direction is not None and "turn" not in hint and read.direction != facts.direction:
        return False
    if facts.direction in ("left", "right") and read.turn is not None and abs(facts.turned) < 0.4:
        return False
    if read.turn in ("left", "right") and (facts.turned > 0) != (read.turn == "left"):
        return False
    return "move" in hint or read.pace in (None, "walk", facts.pace, None if facts.pace != "mixed" else "stand")


def sentences(
    rng: np.random.Generator, facts: Facts, hint: dict[str, str], before: Facts | None = None, count: int = COUNT
) -> list[str]:
    """Return up to `count` different sentences for a stretch."""
    found: list[str] = []
    for i in range(count * 3):
        text = _sentence(rng, facts, hint, before, i % 4)
        if text not in found and _fits(text, facts, hint):
            found.append(text)
    return found[:count]


def _labelled(clip: Clip, rng: np.random.Generator) -> list[str]:
    label = clip.label.lower()
    phrases = next((t for key, t in words.LABEL_TEXTS.items() if key in label), words.KIND_TEXTS.get(clip.kind, ()))
    texts = [f"{_pick(rng, words.WHO)} {phrase}" for phrase in phrases for _ in range(2)]
    return [*texts, *clip.captions]


def _stretches(clip: Clip) -> list[tuple[int, int, dict[str, str]]]:
    if clip.hints:
        return [h for h in clip.hints if h[1] - h[0] >= 8]
    return [(a, b, {}) for a, b in segments(clip.joints)]


def captioned(clip: Clip) -> Clip:
    """Return the clip with its spans: for each stretch several sentences that fit what is measured there."""
    rng = np.random.default_rng(zlib.crc32(clip.id.encode()))
    spans, before = [], None
    for start, end, hint in _stretches(clip):
        settled = min(8, (end - start) // 4)
        facts = measure(clip.joints[start + settled : end])
        if clip.kind in _GAITS or hint:
            leaps = not hint and facts.pace == "stand" and facts.airborne > 0.15
            texts = [] if leaps else sentences(rng, facts, hint, before)
            texts += [c for c in clip.captions if not clip.hints][:2]
        else:
            texts = _labelled(clip, rng)
            quiet = facts.pace in PACES or (facts.pace == "stand" and facts.lively < _LIVELY and facts.height > 0.8)
            if clip.kind == "other" and quiet:
                texts += sentences(rng, facts, hint, before, 4)
            if facts.pace in PACES and clip.kind in _LIKE:
                texts += [f"{t}, {_LIKE[clip.kind]}" for t in sentences(rng, facts, hint, before, 4)]
        if texts:
            spans.append(Span(start, end, tuple(dict.fromkeys(texts))))
        before = facts
    return replace(clip, spans=tuple(spans))
