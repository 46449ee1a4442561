"""Reading: what an answer says, fact by fact, as the rubric hears it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from aether.decision import Decision, Outlook, Refusal
from aether.heading import SECTORS
from aether.parsing import parse
from prometheus.bench.layout import BEARING
from prometheus.bench.lexicon import DEEDS, FEELING, HUSHED, MANNERS, PARTS, RESPONSES
from prometheus.intent import Intent, read_intent

_WORD = re.compile(r"[a-z][a-z']*")
_OWNERS = frozenset("the a his her its their my your one's of".split())
_SECTOR = {name.replace("forward", "front").replace("backward", "back"): name for name in SECTORS} | {
    name: name for name in SECTORS
} | {"ahead": "forward", "behind": "backward", "rear": "backward", "fwd": "forward"}  # fmt: skip
_ACTS = {
    "charge": "charge charging charges charged attacking attack attacks rushing chasing lunging pouncing",
    "approach": "approach approaching approaches approached advancing closing coming nearing stalking",
    "wander": "wander wandering wanders wandered roaming roam walking walks strolling pacing",
    "stop": "stop stopped stops stopping standing stands still idle idling waiting resting stationary motionless",
}
_ACT_OF = {word: act for act, words in _ACTS.items() for word in words.split()}
_SUBJECTS = frozenset(
    "person man woman human child figure character agent someone somebody body he she they it i one player avatar "
    "hero protagonist individual".split()
)
"""Who does what a MOTION tells; words without one are a list."""
_DRONE = 3
"""Times that one word of weight are once too often in a sentence."""
_DENSE = 0.75
"""Share of words of weight up to which a sentence is one."""


@dataclass(frozen=True)
class Reading:
    """An answer as the rubric hears it.

    Attributes:
        decision: the two lines, or None where the text holds none. reason: why there is none.
        words: of the MOTION, in lower case.
    """

    decision: Decision | None
    reason: str = ""

    @cached_property
    def motion(self) -> str:
        """The MOTION sentence, "" where there is none."""
        return "" if self.decision is None else self.decision.motion

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Words of the MOTION, lower case."""
        return tuple(_WORD.findall(self.motion.lower()))

    @cached_property
    def clauses(self) -> tuple[int, ...]:
        """The number of its clause for each of `words`; commas and the like part them."""
        parts = re.split(r"[,;.!?]", self.motion.lower())
        return tuple(number for number, part in enumerate(parts) for _ in _WORD.findall(part))

    @cached_property
    def is_sentence(self) -> bool:
        """Whether the MOTION tells of one deed, instead of stringing together words that might earn something.

        Somebody does something (a subject before a verb of movement or posture), no word of weight comes more than
        twice, and words of feeling, manner and body do not make up most of it.
        """
        weighty = [word for word in self.words if word in FEELING or word in MANNERS or word in PARTS]
        if not _SUBJECTS & set(self.words) or any(self.words.count(word) >= _DRONE for word in set(weighty)):
            return False
        deeds = {word for word in self.words if word in DEEDS or any(word in verbs for verbs in RESPONSES.values())}
        intent = self.intent
        moves = bool(deeds) or intent.pace is not None or intent.height is not None or intent.turn is not None
        kinds = sum(any(word in verbs for word in self.words) for verbs in (RESPONSES["flee"], RESPONSES["greet"]))
        return moves and kinds < 2 and len(weighty) <= _DENSE * len(self.words) and len(set(self.levels)) <= 2

    @cached_property
    def intent(self) -> Intent:
        """What the MOTION asks of the body."""
        return read_intent(self.motion)

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Steps of the ladder that the MOTION names, in its order; what is denied does not count."""
        return tuple(FEELING[word] for i, word in enumerate(self.words) if word in FEELING and not self._denied(i))

    @cached_property
    def level(self) -> int | None:
        """The step of the ladder that the MOTION shows; None where it names none, or several far apart.

        Of two neighbouring steps ("wary, afraid") the higher one counts.
        """
        if not self.levels or not self.is_sentence:
            return None
        return None if max(self.levels) - min(self.levels) > 1 else max(self.levels)

    @cached_property
    def ways(self) -> frozenset[str]:
        """Directions that the MOTION leads in; at most one, and none where the body stays."""
        intent = self.intent
        if not self.is_sentence or intent.pace == "stand":
            return frozenset()
        way = intent.direction
        if way is None and intent.turn in ("left", "right", "around"):
            way = {"left": "left", "right": "right", "around": "backward"}[intent.turn]
        if way is None and intent.pace is not None:
            way = "forward"
        return frozenset() if way is None else frozenset({way})

    @cached_property
    def way(self) -> str | None:
        """The one direction that the MOTION leads in, of eight; None where the body stays."""
        return next(iter(self.ways), None)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Parts of the body that the MOTION names."""
        found = []
        for i, word in enumerate(self.words):
            if word in PARTS and (word != "back" or (i > 0 and self.words[i - 1] in _OWNERS)):
                found.append(word)
        return tuple(found)

    @cached_property
    def manners(self) -> tuple[str, ...]:
        """Words of manner in the MOTION; a feeling's adverb ("calmly") is one."""
        return tuple(w for w in self.words if w in MANNERS or (w in FEELING and w.endswith("ly")))

    @cached_property
    def responses(self) -> frozenset[str]:
        """Kinds of response whose verbs the MOTION uses."""
        if not self.is_sentence:
            return frozenset()
        found = {kind for kind, verbs in RESPONSES.items() if any(word in verbs for word in self.words)}
        if self.intent.pace in ("run", "sprint"):
            found.add("flee")
        return frozenset(found)

    @cached_property
    def vigour(self) -> float:
        """How strongly the MOTION responds: pace 0-4, and feeling 0-4 beside it."""
        paces = {"stand": 0.0, "creep": 1.0, "walk": 1.0, "run": 3.0, "sprint": 4.0, None: 1.0}
        return paces[self.intent.pace] + (0.0 if self.level is None else float(self.level))

    def outlook(self, key: str) -> Outlook | None:
        """What is predicted of a direction or of "npc"; None where nothing is."""
        return None if self.decision is None else self.decision.predict.get(key)

    def facts(self, key: str) -> tuple[str, ...]:
        """The words of a prediction's bracket, each once, lower case."""
        outlook = self.outlook(key)
        if outlook is None:
            return ()
        text = ",".join(fact for fact in (outlook.kind, outlook.detail) if fact)
        return tuple(dict.fromkeys(word for fact in text.lower().split(",") for word in (fact.strip(), *fact.split())))

    def act(self) -> str | None:
        """The behaviour that is told of the npc."""
        return next((_ACT_OF[fact] for fact in self.facts("npc") if fact in _ACT_OF), None)

    def sector(self) -> str | None:
        """The sector, of eight, in which the npc is said to be."""
        return next((_SECTOR[fact] for fact in self.facts("npc") if fact in _SECTOR), None)

    def _denied(self, index: int) -> bool:
        """Whether one of the three words before it, in its clause, denies it."""
        before = range(max(0, index - 3), index)
        return any(self.words[i] in HUSHED and self.clauses[i] == self.clauses[index] for i in before)


def read(text: str) -> Reading:
    """Read an answer; any text gives a reading."""
    found = parse(text)
    return Reading(None, found.reason) if isinstance(found, Refusal) else Reading(found)


def apart(a: str, b: str) -> int:
    """Eighths of a turn between two directions."""
    names = list(BEARING)
    off = abs(names.index(a) - names.index(b))
    return min(off, 8 - off)


def safe_ways(dangers: Mapping[str, bool]) -> frozenset[str]:
    """The directions of a map that are no danger."""
    return frozenset(way for way, danger in dangers.items() if not danger)
