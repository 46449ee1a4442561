"""Sentence: from words to an intent, by the verb that counts and what belongs to it."""

from __future__ import annotations

from prometheus.intent import PACES, Intent
from prometheus.language import lexicon as lex
from prometheus.language.verbs import Verb
from prometheus.language.ways import Ways
from prometheus.language.words import STOPS


class Sentence(Ways):
    """A sentence that can be asked what it wants."""

    def intent(self) -> Intent:
        """Return what the sentence asks for."""
        main = self._main()
        direction = self._direction(main)
        pace = self._pace(main)
        if pace is None and direction is not None:
            pace = self._hastened("walk", main)
        return Intent(direction, pace, self._turn(), self._height(), self._arms(), self._intensity())

    def _main(self) -> Verb | None:
        """The verb that counts: one that moves the body, in the main clause, with a direction if there is such."""
        moving = [verb for verb in self.verbs if verb.kind == "move" and verb.pace != "stand" and not self._ends(verb)]
        standing = [verb for verb in self.verbs if verb.kind == "move" and verb.pace == "stand"]
        for rank in (0, 1):
            found = [verb for verb in moving if verb.rank == rank]
            if found:
                return next((verb for verb in found if verb.ways), next((v for v in found if v.pace), found[0]))
        if standing:
            return standing[0]
        return next((verb for verb in moving if verb.ways), moving[0] if moving else None)

    def _ends(self, verb: Verb) -> bool:
        """Whether the movement ends where it is named: "comes to a stop", "slows from a run to a halt"."""
        rest = [
            word for j, word in enumerate(self.words) if j > verb.at and self.part[j] == self.part[verb.at]
        ]  # fmt: skip
        ends = any(word in lex.STOPS and {"to", "into"} & set(rest[max(0, k - 3) : k]) for k, word in enumerate(rest))
        return ends and not verb.ways

    def _direction(self, main: Verb | None) -> str | None:
        if main is not None and main.pace == "stand":
            return None
        ways = main.ways if main is not None else self.loose
        if main is not None and not ways:
            # "turning, a person walks; to the left": a way that no other moving verb has claimed.
            others = [verb for verb in self.verbs if verb.kind == "move" and verb.ways and verb.rank < 2]
            ways = others[0].ways if others else []
        depth, side = self._axes(ways)
        if main is not None and self.words[main.at] in lex.RETREATS and depth is None:
            depth = "backward"
        if depth is None and side is not None and "diagonally" in self.words:
            depth = "forward"
        return "-".join(axis for axis in (depth, side) if axis) or None

    def _axes(self, ways: list[int]) -> tuple[str | None, str | None]:
        """Depth and side of the first way, with its neighbour if that completes it; opposites cancel."""
        depth = side = None
        first = -1
        for k, i in enumerate(ways):
            axis = lex.DIRECTION_OF[self.words[i]]
            if first >= 0 and (i - first > 5 or "then" in self.words[first:i]):
                break
            opposite = {"left": "right", "right": "left", "forward": "backward", "backward": "forward"}[axis]
            if axis in ("left", "right"):
                if side == opposite and {"and", "or"} & set(self.words[ways[k - 1] : i]):
                    return depth, None
                side = side or axis
            else:
                if depth == opposite and {"and", "or"} & set(self.words[ways[k - 1] : i]):
                    return None, side
                depth = depth or axis
            first = i if first < 0 else first
        return depth, side

    def _pace(self, main: Verb | None) -> str | None:
        if main is None:
            denied = (i for i, word in enumerate(self.words) if self.muted[i] and word in lex.STIR)
            return "stand" if any(not self._has_limb(i) for i in denied) else None
        if main.pace == "stand":
            return "stand"
        pace = main.pace
        if self.words[main.at] in lex.GENERIC or pace is None:
            said = [verb for verb in self.verbs if verb.kind == "move" and verb.pace not in (None, "stand")
                    and 0 < verb.at - main.at < 8 and self.part[verb.at] == self.part[main.at]]  # fmt: skip
            pace = said[0].pace if said else pace
        return None if pace is None else self._hastened(pace, main)

    def _hastened(self, pace: str, main: Verb | None) -> str:
        """A pace as words of haste change it: those in the verb's part of the sentence, else those in parts without."""
        own = self.part[main.at] if main else -1
        busy = {self.part[verb.at] for verb in self.verbs if verb.kind != "turn"}
        busy |= {self.part[i] for i, word in enumerate(self.words) if self._is_of_another(i, word)}
        change = self._haste({own}) or self._haste(set(self.part) - busy)
        order = list(PACES)
        if change < 0 and pace in ("walk", "run"):
            return order[order.index(pace) - 1]
        if change > 0 and pace in ("creep", "walk", "run"):
            return order[order.index(pace) + 1]
        return pace

    def _is_of_another(self, i: int, word: str) -> bool:
        """Whether a word gives its part of the sentence a matter of its own: "breathing fast", "heart beating fast"."""
        doing = word.endswith("ing") and word not in lex.TURNS and word not in lex.PACE_OF and len(word) > 4
        return doing or self._is_body(i)

    def _haste(self, parts: set[int]) -> int:
        """Words of haste minus words of slowness in some parts."""
        change = 0
        for i, word in enumerate(self.words):
            if self.muted[i] or self.part[i] not in parts or self._word(i + 1) in lex.GESTURES:
                continue
            if word in lex.SLOWER and not (word == "slow" and self._word(i + 1) in ("to", "down", "into", "up")):
                change -= 1
            elif word in lex.FASTER or (word in ("full", "top") and self._word(i + 1) in lex.AT_FULL):
                change += 1
        return change

    def _turn(self) -> str | None:
        for verb in self.verbs:
            if verb.kind != "turn" or verb.rank == 2:
                continue
            sides = [i for i in verb.ways if lex.DIRECTION_OF[self.words[i]] in ("left", "right")]
            _, side = self._axes(sides)
            about = self._turned_about(verb)
            if about is not None and (not sides or (about < sides[0] and self.words[about] != "round")):
                return "around"
            if side is not None:
                return side
        for i, word in enumerate(self.words):
            if word in lex.CLOCKWISE and not self.muted[i]:
                return lex.CLOCKWISE[word]
            if word in ("left", "right") and not self.muted[i] and self._is_taken(i):
                return word
        return None

    def _turned_about(self, verb: Verb) -> int | None:
        if self.words[verb.at].startswith("uturn"):
            return verb.at
        for j in range(verb.at + 1, min(len(self.words), verb.at + 8)):
            word = self.words[j]
            if self.clause[j] != self.clause[verb.at] or any(other.at == j for other in self.verbs):
                return None
            if word in lex.AROUND and self._word(j + 1) not in lex.DETERMINERS:
                return j
            if word == "tail" or (word == "back" and j in verb.ways):
                return j
        return None

    def _is_taken(self, i: int) -> bool:
        """Whether it is "takes a left", "makes a hard right"."""
        j = self._before(i, lex.ADJECTIVES)
        verb = self._word(j - 1)
        return self._word(j) == "a" and verb.startswith(("tak", "took", "mak", "made", "hang")) and not (
            self._next_is_movement(i)
        )  # fmt: skip

    def _height(self) -> str | None:
        words = self.words
        air = False
        for i, word in enumerate(words):
            if self.muted[i]:
                continue
            if word in lex.LOW and self._word(self._before(i, lex.DETERMINERS)) != "from":
                return "low"
            if word == "low" and not self._is_body(i - 1):
                following = self._word(i + 1)
                if following in lex.BESIDE_LOW or following in ("", ",") or following in STOPS:
                    return "low"
                if self._word(i - 1) in lex.LOW_VERBS or self._opens_a_way(i + 1):
                    return "low"
            if word in lex.FALL and "up" not in words[i : i + 5] and lex.FALLEN & set(words[i + 1 : i + 5]):
                return "low"
            air = air or (word in lex.JUMPS and not self._is_body(i - 1))
        return "air" if air else None

    def _opens_a_way(self, i: int) -> bool:
        return self._word(i) in lex.WAYS or self._word(i) in lex.DIRECTION_OF or self._word(i).endswith("ly")

    def _arms(self) -> str | None:
        arms = None
        for i, word in enumerate(self.words):
            if word not in lex.ARMS or self.muted[i]:
                continue
            near = {j: w for j, w in enumerate(self.words[max(0, i - 4) : i + 6], max(0, i - 4))
                    if self.part[j] == self.part[i] and not self.muted[j] and j != i}  # fmt: skip
            behind, ahead = ({w for j, w in near.items() if (j > i) == side} for side in (True, False))
            if behind & lex.WIDE or ahead & lex.WIDENS:
                arms = "wide"
            elif behind & lex.UP or ahead & lex.RAISES or ("up" in ahead and ahead & lex.THROWN):
                arms = "up"
            elif (behind | ahead) & lex.THROWN:
                arms = "wide"
        return arms

    def _intensity(self) -> float | None:
        levels = [lex.INTENSITY[w] for i, w in enumerate(self.words) if w in lex.INTENSITY and not self.muted[i]]
        return max(levels) if levels else None
