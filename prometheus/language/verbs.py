"""Verbs of a sentence: what moves the body, what turns it, and what only moves its limbs and eyes."""

from __future__ import annotations

from dataclasses import dataclass, field

from prometheus.language import lexicon as lex
from prometheus.language.words import STOPS, Words


@dataclass(slots=True)
class Verb:
    """A verb, or a noun of movement.

    Attributes:
        at: its place among the words.
        kind: "move", "turn" or "gesture".
        pace: a key of PACES, or None.
        rank: 0 in the main clause, 1 done beside it, 2 at another time.
        ways: places of the directions that belong to it.
    """

    at: int
    kind: str
    pace: str | None = None
    rank: int = 0
    ways: list[int] = field(default_factory=list)


class Verbs(Words):
    """Words, and the verbs among them that the body does.

    Attributes:
        verbs: in the order of the words.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.verbs = [verb for i in range(len(self.words)) if not self.muted[i] and (verb := self._verb(i))]

    def _verb(self, i: int) -> Verb | None:
        word = self.words[i]
        turns, moves = word in lex.TURNS, word in lex.PACE_OF or word in lex.CARRIED
        if not (turns or moves or word in lex.GESTURES) or not self._is_verb_here(i):
            return None
        before = self._before(i, lex.AUXILIARIES)
        if (before >= 0 and self._is_body(before)) or self._has_limb(i) or self._is_others(i):
            return Verb(i, "gesture")
        if turns and (word not in lex.TURN_BY_SIDE or self._side_follows(i)):
            return Verb(i, "turn", rank=self._rank(i))
        thrown = word in lex.NEED_WAY and not self._way_follows(i)
        swayed = word in lex.CARRIED and word in lex.GESTURES and not self._side_follows(i)
        if moves and not thrown and not swayed:
            return Verb(i, "move", lex.PACE_OF.get(word), self._rank(i))
        return Verb(i, "gesture")

    def _is_verb_here(self, i: int) -> bool:
        """Whether a word that may be a verb is one here, or a noun that says as much ("takes a step")."""
        word, following = self.words[i], self._word(i + 1)
        if word == "back":
            return following in ("away", "off", "out") or (following == "up" and i > 0) or (
                self._opens(i) and following not in ("and", "to", "")
            )  # fmt: skip
        if word in ("head", "limp") and not self._opens(i) and self._word(i - 1) not in ("to", "a", "and"):
            return False
        if word in ("face", "reverse") and self._word(i - 1) in lex.DETERMINERS | {"in"}:
            return False
        before = self._before(i, lex.BEFORE_A_NOUN)
        if self._word(before) in lex.DETERMINERS:
            if word in lex.TURNS:
                return True
            if word.endswith("ing") and self._word(i + 1) in lex.PERSON:
                return True
            noun = word in lex.NOUN_STEPS or word in lex.STOPS
            return noun and (before == 0 or self._word(before - 1) in lex.BEFORE_NOUN or self._word(before - 1) == ",")
        return not (word == "turn" and self._word(i - 1) == "in")

    def _has_limb(self, i: int) -> bool:
        """Whether a limb is what the verb moves: "turns his head", "moves both arms", "swings the left leg"."""
        j = self._after(i, lex.BEFORE_A_LIMB)
        if not self._is_body(j):
            return False
        loose = self.words[i] in lex.STIR or self.words[i] in lex.NEED_WAY or self.words[i] in lex.TURNS
        return loose or any(word in lex.DETERMINERS or word == "both" for word in self.words[i + 1 : j])

    def _is_others(self, i: int) -> bool:
        """Whether somebody else does it: "as the beast charges", "from a dog that runs"."""
        j = self._before(i, lex.AUXILIARIES)
        subject = self._word(j)
        if subject in lex.RELATIVES:
            subject, j = self._word(j - 1), j - 1
            return subject not in lex.PERSON and j > 1
        if subject == "to" and "for" in self.words[max(0, j - 5) : j]:
            # "waits for the guard to pass"
            wanted = self.words.index("for", max(0, j - 5))
            return self._word(wanted + 1) in lex.DETERMINERS
        if subject in lex.CREATURE:
            return j > 1 or any(word in lex.PERSON for word in self.words[i:])
        opener = next((k for k in range(j - 1, max(-1, j - 6), -1) if self.words[k] in lex.BREAKS), -1)
        described = opener >= 0 and self._word(opener + 1) in lex.DETERMINERS
        return described and j > opener + 1 and subject not in lex.NOT_A_SUBJECT and not subject.endswith("ing")

    def _rank(self, i: int) -> int:
        before = self._before(i, lex.BEFORE_A_VERB)
        if self._word(before) in lex.OTHER_TIME:
            return 2
        return 1 if self._word(before) in lex.SUBORDINATE else 0

    def _way_follows(self, i: int) -> bool:
        for j in range(i + 1, min(len(self.words), i + 6)):
            word = self.words[j]
            if word in (",", "and") or word in STOPS:
                return j == i + 1 and self.words[i] not in lex.PUSHING
            if word in lex.DETERMINERS and self.words[i] not in lex.CROSSING:
                return False
            if word in lex.WAYS or word in lex.DIRECTION_OF or word in lex.SELF:
                return True
        return i + 1 == len(self.words) and self.words[i] not in lex.PUSHING

    def _side_follows(self, i: int) -> bool:
        for j in range(i + 1, min(len(self.words), i + 7)):
            if self.words[j] in STOPS or self._is_verbal(j):
                return False
            if self.words[j] in lex.SIDES:
                return True
        return False

    def _is_verbal(self, i: int) -> bool:
        return self.words[i] in lex.PACE_OF and self.words[i] not in lex.DIRECTION_OF
