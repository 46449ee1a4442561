"""Intent: what a MOTION sentence asks of a body, read from its words.

A sentence is free text for the motion model; this is the small, explicit part of it that the judge can check and the
model gets as slots beside its text tokens. Reading is deterministic and total: any string gives an Intent.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

DIRECTIONS = {
    "forward": 0.0,
    "forward-left": math.pi / 4,
    "left": math.pi / 2,
    "backward-left": 3 * math.pi / 4,
    "backward": math.pi,
    "backward-right": -3 * math.pi / 4,
    "right": -math.pi / 2,
    "forward-right": -math.pi / 4,
}
"""Eight directions in the body's frame, rad, left positive."""

PACES = {"stand": 0.0, "creep": 0.7, "walk": 1.3, "run": 2.8, "sprint": 4.5}
"""m/s that the words stand for."""

_MAX_CHARS = 2000
_TOKEN = re.compile(r"[a-z]+|[,.;:]")
"""Words, and the marks that part them: "to the right, legs" is not "right legs"."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a sentence asks for.

    Attributes:
        direction: a key of DIRECTIONS, or None where the words name no direction of travel.
        pace: a key of PACES, or None where the words name none.
        turn: "left", "right", "around" or None: a change of facing.
        height: "low" (crouch, crawl, duck), "air" (jump, leap) or None.
        arms: "wide", "up" or None.
        intensity: 0 (limp, calm) to 1 (blind panic), or None where no word tells.
    """

    direction: str | None = None
    pace: str | None = None
    turn: str | None = None
    height: str | None = None
    arms: str | None = None
    intensity: float | None = None

    @property
    def bearing(self) -> float | None:
        """Direction of travel in the body's frame, rad, left positive."""
        return None if self.direction is None else DIRECTIONS[self.direction]

    @property
    def speed(self) -> float | None:
        """Pace in m/s."""
        return None if self.pace is None else PACES[self.pace]


def _words(*groups: tuple[str, str]) -> dict[str, str]:
    return {word: value for value, words in groups for word in words.split()}


_PACE = _words(
    ("stand",
     "stand stands standing still stop stops stopping stopped freeze freezes freezing frozen halt halts "
     "halting wait waits waiting idle motionless rest rests resting pause pauses pausing stay stays "
     "staying"),
    ("creep",
     "creep creeps creeping sneak sneaks sneaking tiptoe tiptoes tiptoeing crawl crawls crawling edge "
     "edges edging inch inches inching shuffle shuffles shuffling prowl limp limps limping sidle sidles "
     "sidling"),
    ("walk",
     "walk walks walking step steps stepping stroll strolls strolling move moves moving pace paces pacing "
     "march marches marching wander wanders wandering stride strides striding back backs backing sidestep "
     "sidesteps sidestepping go goes going retreat retreats retreating advance advances advancing approach "
     "approaches approaching amble ambles ambling saunter saunters sauntering drift drifts drifting"),
    ("run",
     "run runs running jog jogs jogging hurry hurries hurrying quick rush rushes rushing trot trots "
     "trotting scramble scrambles scrambling scurry scurries scurrying hasten hastens hastening"),
    ("sprint",
     "sprint sprints sprinting flee flees fleeing bolt bolts bolting dash dashes dashing race races racing "
     "launch launches launching lunge lunges lunging dart darts darting charge charges charging escape "
     "escapes escaping fling flings flinging hurl hurls hurling dive dives diving tear tears tearing dodge "
     "dodges dodging leap leaps leaping"),
)  # fmt: skip
_SLOWER = {"slowly", "slow", "careful", "carefully", "cautious", "cautiously", "gingerly", "quietly", "stealthily"}
_FASTER = {"fast", "quickly", "briskly", "hastily", "rapidly", "swiftly", "hurriedly"}
_INTENSITY = {
    0.05: "limp tired exhausted sleepy listless",
    0.15: "calm calmly relaxed relaxing loosely loose gently peacefully easy relieved softly casually leisurely steady",
    0.3: "curious curiously slowly quietly careful carefully",
    0.45: "alert wary warily watchful cautious cautiously guarded tense tensely nervous nervously uneasy ready",
    0.7: "afraid scared frightened fearful fear anxious anxiously urgent urgently startled hurried quickly fast hard "
         "angry angrily desperately",
    0.95: "panic panicked panicking terror terrified blind frantic frantically wildly wild desperate screaming horror",
}  # fmt: skip
_INTENSITY_OF = {word: level for level, words in _INTENSITY.items() for word in words.split()}
_LOW = set(
    "crouch crouches crouching crouched crawl crawls crawling duck ducks ducking ducked low cower cowers cowering "
    "squat squats squatting kneel kneels kneeling hunched stoop stooping stooped huddle huddled sit sits sitting lie "
    "lies lying".split()
)  # fmt: skip
_AIR = set("jump jumps jumping leap leaps leaping hop hops hopping vault vaults vaulting".split())
_ARMS = set("arm arms hand hands".split())
_WIDE = set("wide spread spreading outstretched flung flailing flail thrown sideways".split())
_UP = set("up raised raising high overhead lifted lifting".split())
_TURN = set("turn turns turning spin spins spinning pivot pivots pivoting rotate rotates rotating twist twists "
            "twisting whirl whirls whirling veer veers veering curve curves curving swerve swerves "
            "swerving".split())  # fmt: skip
_NOT_TRAVEL = set(
    "leg legs knee knees arm arms hand hands foot feet eye eyes head shoulder shoulders elbow elbows hip hips chest "
    "look looks looking glance glances glancing gaze gazing lean leans leaning".split()
)  # fmt: skip
_NEGATION = {"not", "without", "never", "no", "dont", "don", "avoid", "avoiding", "instead", "than"}
_AWAY_FROM = {"from", "off"}
_RETREAT = set("retreat retreats retreating recoil recoils recoiling".split())
_AXIS = _words(
    ("forward", "forward forwards ahead straight onward onwards"),
    ("backward", "backward backwards back rearward behind reverse reversing"),
    ("left", "left leftward leftwards"),
    ("right", "right rightward rightwards"),
)


def _negated(words: list[str], at: int, reach: int = 3) -> bool:
    return any(word in _NEGATION for word in words[max(0, at - reach) : at])


def _is_travel(words: list[str], at: int) -> bool:
    """Whether the direction word at this place speaks of where the body goes (not "left knee", not "looking back")."""
    after = words[at + 1] if at + 1 < len(words) else ""
    if words[at] in ("left", "right") and after in _NOT_TRAVEL:
        return False
    before = words[max(0, at - 3) : at]
    moved = [word for word in before if word in _PACE and word != "back"]
    seen = [word for word in before if word in ("look", "looks", "looking", "glance", "glances", "glancing", "gaze",
                                                "gazing", "lean", "leans", "leaning", "facing")]  # fmt: skip
    if seen and not moved:
        return False
    return not (before[-1:] and before[-1] in _AWAY_FROM)


def _direction(words: list[str]) -> tuple[str | None, str | None]:
    """Direction of travel and turn: the first of each that the words name."""
    turning_at = [i for i, word in enumerate(words) if word in _TURN and not _negated(words, i)]
    turn = None
    taken = set()
    for i in turning_at:
        for j in range(i + 1, min(i + 6, len(words))):
            if words[j] == "," or (words[j] in _PACE and words[j] != "back"):
                break
            if words[j] in ("left", "right") and _is_travel(words, j):
                turn, taken = turn or words[j], {j}
                break
            if words[j] in ("around", "about"):
                turn = "around"
        if turn:
            break
    axes: list[tuple[int, str]] = []
    for i, word in enumerate(words):
        axis = _AXIS.get(word)
        if axis is None or i in taken or _negated(words, i) or not _is_travel(words, i):
            continue
        if word == "right" and i + 1 < len(words) and words[i + 1] in ("now", "away", "there"):
            continue
        axes.append((i, axis))
    retreats = _retreats(words)
    if not axes:
        return ("backward" if retreats else None), turn
    first_at, first = axes[0]
    if retreats and first in ("left", "right"):
        return f"backward-{first}", turn
    for at, axis in axes[1:]:
        if at - first_at > 4:
            break
        pair = {first, axis}
        if len(pair & {"left", "right"}) == 1 and len(pair & {"forward", "backward"}) == 1:
            depth = (pair & {"forward", "backward"}).pop()
            side = (pair & {"left", "right"}).pop()
            return f"{depth}-{side}", turn
    return first, turn


def _retreats(words: list[str]) -> bool:
    """Whether a verb alone says that the body goes backward: "backing away", "retreats"."""
    for i, word in enumerate(words):
        backs = word in ("backs", "backing") or (word == "back" and words[i + 1 : i + 2] in (["away"], ["off"], ["up"]))
        if (backs or word in _RETREAT) and not _negated(words, i):
            return True
    return False


def _pace(words: list[str]) -> str | None:
    named = []
    for i, word in enumerate(words):
        a_verb = word != "back" or i == 0 or words[i - 1] in ("person", "steps")
        if word in _PACE and a_verb and not _negated(words, i):
            named.append(_PACE[word])
    if not named:
        return None
    order = list(PACES)
    pace = named[0]
    moving = [name for name in named if name != "stand"]
    if pace == "stand" and moving and words[0] not in ("stand", "stop", "freeze"):
        pace = moving[0] if named.index(moving[0]) < 2 else pace
    if pace in ("walk", "run") and _SLOWER & set(words):
        pace = order[order.index(pace) - 1]
    elif pace in ("creep", "walk", "run") and _FASTER & set(words):
        pace = order[order.index(pace) + 1]
    return pace


@lru_cache(maxsize=4096)
def read_intent(text: str) -> Intent:
    """Read direction, pace, turn, height, arms and intensity from a sentence.

    Directions are relative to the body. "left knee", "looking back" and "without turning left" name no travel.
    """
    words = _TOKEN.findall(text[:_MAX_CHARS].lower())
    kept = [(i, word) for i, word in enumerate(words) if not _negated(words, i)]
    present = {word for _, word in kept}
    direction, turn = _direction(words)
    pace = _pace(words)
    if pace is None and direction is not None:
        pace = "walk"
    arms = None
    for i, word in kept:
        if word in _ARMS:
            near = set(words[i + 1 : i + 6])
            arms = "wide" if near & _WIDE else "up" if near & _UP else arms
    levels = [_INTENSITY_OF[word] for word in present if word in _INTENSITY_OF]
    return Intent(
        direction=direction,
        pace=pace,
        turn=turn,
        height="low" if present & _LOW else "air" if present & _AIR else None,
        arms=arms,
        intensity=max(levels) if levels else None,
    )
