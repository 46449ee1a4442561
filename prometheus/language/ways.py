"""Ways: the directions of a sentence that may be travelled, each given to the verb that it belongs to."""

from __future__ import annotations

from prometheus.language import lexicon as lex
from prometheus.language.verbs import Verb, Verbs


class Ways(Verbs):
    """Verbs with the directions that belong to them.

    Attributes:
        loose: places of directions in a sentence without any verb.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.loose: list[int] = []
        self._attach()

    def _attach(self) -> None:
        """Give each direction of travel to the verb that it belongs to; one without any verb is a way by itself."""
        for i, word in enumerate(self.words):
            if word not in lex.DIRECTION_OF or self.muted[i] or not self._is_way(i):
                continue
            verb = self._owner(i)
            if verb is not None:
                verb.ways.append(i)
            elif all(verb.at > i for verb in self.verbs):
                self.loose.append(i)

    def _owner(self, i: int) -> Verb | None:
        next_verb = next((verb for verb in self.verbs if verb.at > i), None)
        if next_verb is not None and next_verb.kind != "gesture" and next_verb.at == self._after(i, lex.ADJECTIVES, 2):
            # "a sharp left turn", "left sprint"; not "to the left turning right".
            article = self._before(i, lex.ADJECTIVES)
            noun = self._word(article) in lex.DETERMINERS and self._word(article - 1) not in lex.TO
            if i == 0 or (noun and not self.words[next_verb.at].endswith("ing")):
                return next_verb
        earlier = [verb for verb in self.verbs if verb.at < i]
        near = [verb for verb in earlier if self.part[verb.at] == self.part[i]]
        if near:
            owner = near[-1]
            if owner.kind == "gesture" and len(near) > 1:
                # "turns to face left"; "runs with arms flung wide to the left".
                posed = {"wide", "up", "high", "overhead", "low", "open"} & set(self.words[owner.at : i])
                if near[-2].kind == "turn" and self.words[owner.at - 1] == "to":
                    return near[-2]
                return near[-2] if posed else owner
            return owner
        own = [verb for verb in earlier if verb.kind != "gesture" and self.clause[verb.at] == self.clause[i]]
        own = own or [verb for verb in earlier if verb.kind != "gesture"]
        if own:
            return own[-1]
        return next((verb for verb in self.verbs if verb.at > i and verb.kind != "gesture"), None)

    def _is_way(self, i: int) -> bool:
        """Whether a direction may be one of travel, going by the words beside it."""
        word, following = self.words[i], self._word(i + 1)
        article = self._before(i, lex.BEFORE_A_SIDE, 4)
        governor, told = self._word(article), any(w in lex.DETERMINERS for w in self.words[article + 1 : i])
        if word in lex.ONLY_BEHIND_TO:
            return governor in ("to", "toward", "towards", "in") and following != "of"
        if word == "straight":
            return self._is_straight(i)
        if word == "back":
            return self._is_backward(i, governor, told)
        if lex.DIRECTION_OF[word] in ("forward", "backward"):
            return not self._is_limb(i - 1)
        if self._is_body(i + 1) and following != "head":
            return False
        if word == "right" and (following in lex.IDIOMS_OF_RIGHT or self._word(i - 1) == "all"):
            return False
        if word == "left" and following in lex.DETERMINERS and self._word(i - 1) in lex.PERSON:
            return False
        if governor in lex.TO:
            return not self._is_place_of_thing(article)
        if governor in lex.NOT_TO:
            return False
        if told:
            # "a sharp left turn", "a left step", "in a leftward direction"; not "the left".
            return self._next_is_movement(i) or following == "direction"
        return not self._is_limb(i - 1)

    def _is_limb(self, i: int) -> bool:
        """Whether a word is a limb, and not a verb that is written alike ("to face left")."""
        return self._is_body(i) and not any(verb.at == i for verb in self.verbs)

    def _next_is_movement(self, i: int) -> bool:
        return self._word(i + 1) in lex.NOUNS_OF_MOVEMENT

    def _is_straight(self, i: int) -> bool:
        near = [self._word(j) for j in (i - 1, i + 1, i + 2, i + 3)]
        if any(word in lex.DIRECTION_OF for word in near) or self._is_body(i - 1) or self._is_body(i + 1):
            return False
        verb = next((verb for verb in reversed(self.verbs) if verb.at < i), None)
        return verb is not None and verb.kind == "move" and verb.pace != "stand" and self._word(i + 1) != "line"

    def _is_backward(self, i: int, governor: str, told: bool) -> bool:
        following = self._word(i + 1)
        if any(verb.at == i for verb in self.verbs) or (following == "and" and self._word(i + 2) == "forth"):
            return False
        if told:
            return governor in ("to", "toward", "towards")
        if following in lex.OF_THE_SPINE and not any(verb.at == i - 1 for verb in self.verbs):
            return False
        if self._is_body(i - 1):
            return False
        if following in ("to", "into", "toward", "towards", "inside", "home"):
            place = self._after(i + 1, lex.BETWEEN)
            verb = next((verb for verb in reversed(self.verbs) if verb.at < i), None)
            returning = verb is None or self.words[verb.at] in lex.RETURNS
            return self._word(place) in lex.DIRECTION_OF or not (returning or self._is_body(place))
        return True

    def _is_place_of_thing(self, article: int) -> bool:
        """Whether "to the left" says where a thing is: "with the wall to the left", "keeping the gate to the right"."""
        if self._word(article - 1) not in lex.SEEN_THINGS:
            return False
        back = self.words[max(0, article - 6) : article]
        return any(word in ("with", "keep", "keeps", "keeping", "has", "leaving", "sees", "seeing") for word in back)
