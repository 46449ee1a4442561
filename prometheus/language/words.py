"""Words of a sentence in clauses; those are muted that do not speak of the body: denied, compared, of others.

A rule looks a few words to either side, so that time grows with the length alone.
"""

from __future__ import annotations

import re

from prometheus.language import lexicon as lex

_MOST_WORDS = 400
_TOKEN = re.compile(r"[a-z0-9]+|[,.;:!?()]")
STOPS = frozenset(".;:!?()")
_REWRITTEN = (
    (re.compile(r"n['\u2019]t\b"), " not"),
    (re.compile(r"['\u2019](s|re|ll|ve|d|m)?\b"), ""),
    (re.compile(r"\b(counter|anti)[- ]?clockwise"), r"\1clockwise"),
    (re.compile(r"\b((back|side)-(?=pedal|step)|mid[- ]|non[- ](?=stop)|u[- ](?=turn))"), lambda m: m[0][:-1]),
    (re.compile(r"\b(left|right)[- ]hand(ed)?(?= (side|turn|direction))"), r"\1"),
    (re.compile(r"\s[-\u2013\u2014]+\s|\u2014"), ", "),
    (re.compile(r"\bon the spot\b|\bin place\b"), ""),
    (re.compile(r"\bfor (dear|his|her|their|its|my|your) (very |dear )?(life|lives)\b"), "at full speed"),
)


class Words:
    """A sentence taken apart.

    Attributes:
        words: lower-case words and marks.
        muted: whether a word is to be passed over.
        clause: number of the clause that a word is in.
        part: number of the stretch between commas, and before a further verb, that it is in.
    """

    def __init__(self, text: str) -> None:
        text = text.lower()
        for pattern, into in _REWRITTEN:
            text = pattern.sub(into, text)
        self.words: list[str] = _TOKEN.findall(text)[:_MOST_WORDS]
        self.muted = [False] * len(self.words)
        self._deny()
        self._leave_others_alone()
        self.clause, self.part = self._divide()

    def _word(self, i: int) -> str:
        return self.words[i] if 0 <= i < len(self.words) else ""

    def _before(self, i: int, skipped: frozenset[str], most: int = 3) -> int:
        """The last place before i whose word is not to be skipped (adverbs in -ly are)."""
        j = i - 1
        while j >= max(0, i - most) and (self.words[j] in skipped or self.words[j].endswith("ly")):
            j -= 1
        return j

    def _after(self, i: int, skipped: frozenset[str], most: int = 4) -> int:
        j = i + 1
        while j < min(len(self.words), i + 1 + most) and (self.words[j] in skipped or self.words[j].endswith("ly")):
            j += 1
        return j

    def _mute(self, start: int, end: int) -> None:
        self.muted[start:end] = [True] * (min(end, len(self.words)) - start)

    def _deny(self) -> None:
        words = self.words
        for i, word in enumerate(words):
            following = self._word(i + 1)
            if word in lex.NEGATIONS and not (word == "not" and following == "only"):
                self._mute(i, self._end_of_denial(i))
            elif word == "instead" and following == "of":
                self._mute(i, self._end_of_denial(i + 1))
            elif word in ("from", "of") and following.endswith("ing"):
                self._mute(i + 1, i + 2)
            elif word in lex.CEASE and following.endswith("ing") and not self.muted[i]:
                self._mute(i + 1, i + 2)
            elif word in lex.NOT_YET and following == "to":
                self._mute(i + 1, self._end_of_denial(i + 1))
            elif word == "like" or (word == "as" and following in ("if", "though")):
                self._mute(i, self._end_of_comparison(i, whole=word == "as"))

    def _end_of_denial(self, i: int) -> int:
        """A denied verb or direction is denied to the end of its clause; a thing ("without fear") by itself."""
        head = self._after(i, lex.AFTER_A_DENIAL)
        word = self._word(head)
        if word in lex.CEASE:
            return head + 1
        doing = word.endswith("ing") or word in lex.PACE_OF or word in lex.TURNS or word in lex.GESTURES
        whole = doing or word in lex.DIRECTION_OF or word in lex.TO
        for j in range(max(head, i + 1), min(len(self.words), head + 9)):
            word, following = self.words[j], self._word(j + 1)
            if word == "," or word in STOPS:
                return j
            if word in lex.BREAKS and not (word == "and" and following.endswith("ing")):
                return j
            if word in lex.PERSON and j > head:
                return j
            if not whole and j > head and (word in lex.TO or word in lex.DIRECTION_OF):
                return j
        return min(len(self.words), head + 9)

    def _end_of_comparison(self, i: int, whole: bool) -> int:
        for j in range(i + 2, min(len(self.words), i + 10)):
            word = self.words[j]
            if word == "," or word in STOPS or word in lex.BREAKS:
                return j
            if not whole and (word in lex.TO or word in lex.DIRECTION_OF):
                return j
        return min(len(self.words), i + 10)

    def _leave_others_alone(self) -> None:
        """Mute what describes another: "away from the angry, charging beast"."""
        for i, word in enumerate(self.words):
            if word not in lex.CREATURE:
                continue
            j = i - 1
            while j >= max(0, i - 5) and self._describes(self.words[j]):
                j -= 1
            if j >= 0 and self.words[j] in lex.DETERMINERS:
                self._mute(j, i)

    @staticmethod
    def _describes(word: str) -> bool:
        return word == "," or word in lex.INTENSITY or word in lex.ADJECTIVES or word.endswith(("ing", "ed"))

    def _divide(self) -> tuple[list[int], list[int]]:
        """Number of the clause, and of its part between commas and before a further verb, for each word."""
        clauses, parts, clause, part = [], [], 0, 0
        for i, word in enumerate(self.words):
            joined = word == "as" and not lex.OF_HASTE.isdisjoint((self._word(i + 1), self._word(i - 1)))
            if word in STOPS or (word in lex.ENDING_A_CLAUSE and not joined):
                clause, part = clause + 1, part + 1
            elif word == "," or (word == "and" and self._is_finite(self._after(i, lex.AUXILIARIES))):
                part += 1
            clauses.append(clause)
            parts.append(part)
        return clauses, parts

    def _is_finite(self, i: int) -> bool:
        word = self._word(i)
        known = word in lex.PACE_OF or word in lex.TURNS or word in lex.GESTURES or word in lex.CARRIED
        return known and word not in lex.DIRECTION_OF and word not in lex.OF_HASTE

    def _opens(self, i: int) -> bool:
        """Whether a word opens the sentence or what follows a "then"."""
        return i == 0 or self._word(i - 1) == "then" or self._word(i - 1) in STOPS

    def _is_body(self, i: int) -> bool:
        word = self._word(i)
        if word == "head" and self._opens(i):
            return self._word(i + 1) not in lex.WAYS and self._word(i + 1) not in lex.DIRECTION_OF
        if word == "body":
            return self._word(i - 1) in ("upper", "lower")
        return word in lex.BODY or (word == "back" and self._word(i - 1) in lex.POSSESSIVES)
