"""Onward: a sentence as it reads for a body that has turned to face where it goes."""

from __future__ import annotations

from functools import lru_cache

from prometheus.intent import plain, read_intent
from prometheus.language import lexicon as lex
from prometheus.language.sentence import Sentence
from prometheus.language.verbs import Verb

_LEADS = frozenset("to toward towards the its his her their a and or diagonally sideways off away out".split())
_ASKEW = frozenset("sideways diagonally laterally".split())
_VERB = {"creep": "creeps", "walk": "walks", "run": "runs", "sprint": "sprints", "stand": "walks", None: "walks"}
_ENDS = frozenset(", . ; : ! ? and then".split())


@lru_cache(maxsize=1024)
def onward(text: str) -> str:
    """Return a MOTION sentence with its way of travel turned into "forward", and without turns of the whole body.

    "a person sprints to the left, arms wide" becomes "a person sprints forward, arms wide": the body has been steered
    round to the left, and a sentence that still says so would have it drift to the left of that.
    """
    before = read_intent(text)
    if before.direction in (None, "forward") and before.turn is None:
        return text
    turned = _Onward(plain(text)).text()
    after = read_intent(turned)
    if after.direction in (None, "forward") and after.turn is None and after.pace == before.pace:
        return turned
    return f"a person {_VERB[before.pace]} forward" + _manner(text)


class _Onward(Sentence):
    def text(self) -> str:
        words: list[str | None] = list(self.words)
        main = self._main()
        for verb in self.verbs:
            if verb.rank < 2 and verb.kind == "turn" and verb is not main:
                self._drop_turn(verb, words)
        movers = [verb for verb in self.verbs if verb.kind == "move" and verb.rank < 2 and verb.ways]
        ways = [i for verb in movers for i in verb.ways] or list(self.loose)
        for number, i in enumerate(ways):
            self._drop_way(i, words)
            if number == 0:
                words[i] = "forward"
        for i, word in enumerate(self.words):
            if word in _ASKEW:
                words[i] = None
        if main is not None and (self.words[main.at] in lex.RETREATS or self.words[main.at].startswith("side")):
            words[main.at] = _VERB[main.pace]
            if self._word(main.at + 1) in ("away", "off", "up", "out"):
                words[main.at + 1] = None
            if not ways:
                words[main.at] = f"{_VERB[main.pace]} forward"
        return _joined([word for word in words if word is not None])

    def _drop_way(self, i: int, words: list[str | None]) -> None:
        """Take a direction out, with the small words that lead to it."""
        words[i] = None
        j = i - 1
        while j >= 0 and (self.words[j] in _LEADS or words[j] is None):
            words[j] = None
            j -= 1
        if self._word(i + 1) in ("side", "direction"):
            words[i + 1] = None

    def _drop_turn(self, verb: Verb, words: list[str | None]) -> None:
        """Take a turn out, to the end of its part of the sentence and the word that joins the next."""
        j = verb.at
        while j < len(words) and (j == verb.at or self.words[j] not in _ENDS):
            words[j] = None
            j += 1
        if j < len(words):
            words[j] = None


def _manner(text: str) -> str:
    """What a sentence says after its first comma, where that names no way."""
    _, comma, rest = plain(text).partition(",")
    named = set(rest.lower().replace(",", " ").split()) & (lex.DIRECTION_OF.keys() | lex.TURNS)
    return f",{rest}" if comma and not named else ""


def _joined(words: list[str]) -> str:
    text = ""
    for word in words:
        text += word if word in ",.;:!?)" or not text else f" {word}"
    return text.strip(" ,")
