"""The decision: what a mind says will happen, and the one sentence that it wants to do."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from aether.clean import clean
from aether.errors import DecisionError
from aether.scene import MAX_METRES, Dialect

KEYS = ("npc", "forward", "left", "right", "backward")
MAX_MOTION = 240
_MAX_FACTS = 6
_MAX_FACT = 40
_LONGEST = 32 * _MAX_FACT
_DISTANCE = r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s?(?:m|meters?|metres?)?"
_DATASET_KEYS = (("left", "left"), ("right", "right"), ("forward", "fwd"), ("backward", "back"))
# Characters that could be read as a label, a tag, a fence or a list when the two lines are parsed again.
_MARKS = dict.fromkeys('<>{}[]|\\`*_#"=~^\u201c\u201d\u25c1\u25b7', " ")
_IN_MOTION = str.maketrans(_MARKS | {":": ","})
_IN_FACT = str.maketrans(_MARKS | dict.fromkeys("(),:;'", " "))


@dataclass(frozen=True)
class Outlook:
    """What is expected of one direction, or of the npc.

    The facts are brought into one order on creation, so that text and object say the same.

    Attributes:
        danger: True for danger, False for safe.
        kind: Its cause, such as "wall", "beast", "drop", "open"; lower case.
        distance: Metres to it, to 1 cm.
        detail: More facts, comma separated, such as "charging,front-left" or "prev".
    """

    danger: bool
    kind: str | None = None
    distance: float | None = None
    detail: str | None = None

    def __post_init__(self) -> None:
        """Cleans and orders the facts."""
        facts = [self.kind or "", *(self.detail or "").split(",")]
        if self.distance is not None and math.isfinite(self.distance):
            facts.insert(1, _metres(min(max(0.0, self.distance), MAX_METRES)))
        kind, distance, detail = _sorted_facts(facts)
        object.__setattr__(self, "danger", bool(self.danger))
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "distance", distance)
        object.__setattr__(self, "detail", detail)

    @classmethod
    def of(cls, danger: bool, facts: Sequence[str]) -> Outlook:
        """An outlook from the comma separated facts of `danger(...)`."""
        return cls(danger, detail=",".join(facts))

    def __str__(self) -> str:
        """`safe`, or `danger(beast,3.2m,charging)`."""
        distance = None if self.distance is None else _metres(self.distance)
        facts = ",".join(fact for fact in (self.kind, distance, self.detail) if fact)
        return ("danger" if self.danger else "safe") + (f"({facts})" if facts else "")


def _metres(distance: float) -> str:
    text = f"{distance:.2f}"
    return (text[:-1] if text.endswith("0") else text) + "m"


def _sorted_facts(facts: Sequence[str]) -> tuple[str | None, float | None, str | None]:
    """Kind, distance and detail: the first plain fact, the first distance, and the rest as it comes."""
    kind: str | None = None
    distance: float | None = None
    rest: list[str] = []
    for fact in _cleaned(facts):
        found = re.fullmatch(_DISTANCE, fact)
        if found and distance is None:
            distance = round(min(float(found[1]), MAX_METRES), 2)
        elif not found and kind is None:
            kind = fact
        else:
            rest.append(fact)
    return kind, distance, ",".join(rest) or None


def _cleaned(facts: Sequence[str]) -> list[str]:
    return [fact for text in facts if (fact := _plain(text[:_LONGEST]))][:_MAX_FACTS]


@lru_cache(maxsize=2048)
def _plain(fact: str) -> str:
    """A fact without anything that has a meaning in the two lines."""
    text = " ".join(clean(fact, 4 * _MAX_FACT).translate(_IN_FACT).lower().split())
    return text[:_MAX_FACT].strip()


def motion_sentence(text: str) -> str:
    """`text` as one bounded sentence that nobody can take for a label, a tag or a fence; "" if nothing is left."""
    text = clean(text, 4 * MAX_MOTION).translate(_IN_MOTION)
    return " ".join(text.split())[:MAX_MOTION].strip(" ,;.-'")


@dataclass(frozen=True)
class Decision:
    """The two lines: a prediction a direction (and of the npc, if there is one), and a motion.

    `parse(str(decision)) == decision` holds for every decision that can be made.

    Attributes:
        predict: Outlooks by key: npc, forward, left, right, backward; a key that was not predicted is absent.
        motion: One sentence of at most 240 characters, such as "a person walks forward calmly".

    Raises:
        DecisionError: There is no prediction with a known key, or no word in the motion.
    """

    predict: Mapping[str, Outlook] = field(hash=False)
    motion: str

    def __post_init__(self) -> None:
        """Orders the keys and cleans the sentence."""
        predict = {key: self.predict[key] for key in KEYS if key in self.predict}
        motion = motion_sentence(self.motion)
        if not predict:
            raise DecisionError(f"a decision needs a prediction for at least one of {', '.join(KEYS)}")
        if not any(char.isalpha() for char in motion):
            raise DecisionError("a decision needs a motion sentence such as 'a person walks forward calmly'")
        object.__setattr__(self, "predict", predict)
        object.__setattr__(self, "motion", motion)

    def __str__(self) -> str:
        """The two lines in the article dialect."""
        return self.lines("article")

    def lines(self, dialect: Dialect = "article") -> str:
        """The two lines; the dataset dialect has no npc and says fwd and back."""
        if dialect == "dataset" and any(key in self.predict for key, _ in _DATASET_KEYS):
            pairs = [(short, self.predict[key]) for key, short in _DATASET_KEYS if key in self.predict]
        else:
            pairs = list(self.predict.items())
        return f"PREDICT: {', '.join(f'{key}={outlook}' for key, outlook in pairs)}\nMOTION: {self.motion}"

    def to_json(self) -> dict[str, Any]:
        """The decision as a JSON-able object with the keys predict and motion."""
        return {
            "predict": {
                key: {"danger": o.danger, "kind": o.kind, "distance": o.distance, "detail": o.detail}
                for key, o in self.predict.items()
            },
            "motion": self.motion,
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Decision:
        """Reads what `to_json` wrote.

        Raises:
            DecisionError: A key is missing or holds another type.
        """
        try:
            predict = {
                key: Outlook(bool(o["danger"]), o.get("kind"), o.get("distance"), o.get("detail"))
                for key, o in obj["predict"].items()
            }
            return cls(predict, obj["motion"])
        except (KeyError, TypeError, AttributeError):
            raise DecisionError("a decision is an object with predict (by direction) and motion (text)") from None


@dataclass(frozen=True)
class Refusal:
    """A text that holds no decision.

    Attributes:
        reason: Why, in a few words.
        text: The beginning of the text, cleaned, at most 200 characters.
    """

    reason: str
    text: str = ""

    def __post_init__(self) -> None:
        """Cleans and bounds both texts."""
        object.__setattr__(self, "reason", clean(self.reason, 120))
        object.__setattr__(self, "text", clean(self.text, 200))
