"""The fixed sentences of the evaluation: directions, paces, turns and poses, in words of the corpus and in others."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus.intent import DIRECTIONS

PACES = ("walk", "run", "sprint")
"""The three paces in which every direction is asked for."""

_SIDES = {
    "left": ("to the left", "left", "sideways to the left", "to the left"),
    "forward-left": ("forward and to the left", "diagonally forward to the left", "ahead and to the left",
                     "forward-left"),
    "backward-left": ("backward and to the left", "diagonally backward to the left", "back and to the left",
                      "backward-left"),
}  # fmt: skip


def swapped(text: str) -> str:
    """Return a sentence with the words left and right exchanged."""
    return text.replace("left", "\0").replace("right", "left").replace("\0", "right")


WHERE: dict[str, tuple[str, ...]] = {
    "forward": ("forward", "ahead", "straight ahead", "forward"),
    "backward": ("backward", "backwards", "back", "backward"),
    **_SIDES,
    **{name.replace("left", "right"): tuple(map(swapped, words)) for name, words in _SIDES.items()},
}
"""Ways to name each of the eight directions."""
_TRAVEL = {
    "creep": ("a person creeps {}", "creep {}", "someone edging {}", "a person walks slowly {}"),
    "walk": ("a person walks {}", "walk {}", "someone walking {}", "the person strolls {}, at ease"),
    "run": ("a person runs {}", "run {}", "someone jogging {}", "the person hurries {}, alert"),
    "sprint": ("a person sprints {}", "sprint {}", "someone dashing {} in panic", "a person bolts {}, terrified"),
}


def travel(pace: str, direction: str, number: int) -> str:
    """Return a sentence for a pace and a direction; the number chooses the phrasing, and direction words with it."""
    phrases, ways = _TRAVEL[pace], WHERE[direction]
    return phrases[number % len(phrases)].format(ways[(number + number // len(phrases)) % len(ways)])


TURNS = (
    "turn left", "a person turns to the left", "someone spinning to the left", "the person turns left on the spot",
    "a person walks forward while turning left", "a person runs forward, curving to the left",
)  # fmt: skip
"""Sentences of a turn to the left; swapped, to the right."""
STILL = ("stand still", "a person stands still", "someone waiting", "a person stands in place, watchful")
LADDER = ("creep", "walk", "run", "sprint")
"""Paces in rising order."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence and the direction (a key of DIRECTIONS) in which the body must go."""

    text: str
    direction: str

    @property
    def bearing(self) -> float:
        """Rad, left positive."""
        return DIRECTIONS[self.direction]

    def mirrored(self) -> Asked:
        """Return the counterfactual: left and right exchanged."""
        return Asked(swapped(self.text), swapped(self.direction))


UNSEEN_WORDS = (
    Asked("a guard trudges onward down the lane", "forward"),
    Asked("an old woman plods ahead, weary", "forward"),
    Asked("the courier zooms straight on at top speed", "forward"),
    Asked("a soldier withdraws rearward, eyes on the gate", "backward"),
    Asked("the boy scoots backward out of reach", "backward"),
    Asked("a waiter reverses a few paces, tray in hand", "backward"),
    Asked("a girl scampers off to her left", "left"),
    Asked("the goalkeeper scuttles leftward along the line", "left"),
    Asked("a thief slips away toward the left-hand wall", "left"),
    Asked("a boxer skips sideways, leftwards", "left"),
    Asked("the hiker ambles off at an angle, ahead and leftward", "forward-left"),
    Asked("a player cuts upfield to the front left corner", "forward-left"),
    Asked("a fencer gives ground rearward and leftward", "backward-left"),
    Asked("a sailor lurches toward the back left corner", "backward-left"),
)
"""Synonyms that no caption of the corpus holds; those that name a side are asked for mirrored too."""
UNSEEN_COMBINATIONS = (
    Asked("a person tiptoes to the left with both arms overhead, exhausted", "left"),
    Asked("a person jogs backward and to the left, hunched over, hands shielding the head", "backward-left"),
    Asked("crouched low, someone sprints forward and to the left", "forward-left"),
    Asked("a zombie shuffles backward, arms spread wide", "backward"),
    Asked("a relaxed person bolts straight ahead, arms raised high", "forward"),
    Asked("terrified, a person edges to the left, covering the head with both arms", "left"),
    Asked("a dancer sprints diagonally backward to the left, arms flung wide", "backward-left"),
    Asked("a tired person dashes forward-left, staying low", "forward-left"),
)
"""Words of the corpus, put together as no caption does."""
MOTION_SENTENCES = (
    Asked("a person launching sideways to the left, legs driving hard, arms thrown wide in blind panic", "left"),
    Asked("a person sprinting to the left, knees driving high, arms flung wide in panic", "left"),
    Asked("a person sprints backward in panic, arms flailing, legs driving hard", "backward"),
    Asked("a person walks forward calmly, arms swinging loosely, one hand rising in greeting", "forward"),
    Asked("a person walks forward toward the gate easily, shoulders relaxed, calm", "forward"),
    Asked("a person flees backward and to the left, chest heaving, hands raised against the beast", "backward-left"),
    Asked("a person hurries forward and to the left, eyes fixed on the beast, afraid", "forward-left"),
    Asked("a person backing away to the left in slow steps, guard up, wary of the man", "backward-left"),
)
"""Sentences as minds write them: a body part, a manner and a feeling beside the movement."""

CALM_TO_PANIC = (
    "a person walks forward, exhausted, limp", "a person walks forward calmly, relaxed",
    "a person walks forward briskly, alert", "a person runs forward, afraid",
    "a person sprints forward in blind panic, arms pumping wildly",
)  # fmt: skip
"""Rising intensity: speed and the energy of the limbs must rise with it."""
LOW = ("a person crouches down", "duck", "a person walks forward, crouched low", "a person crouches and cowers, afraid")
WIDE = ("a person runs forward, arms thrown wide", "a person sprints to the left, arms flung wide in panic",
        "a person stands with the arms spread wide")  # fmt: skip
SWITCHES = (
    ("a person stands still", "a person walks forward"), ("a person walks forward", "a person runs forward"),
    ("a person runs forward", "a person stops and stands still"), ("a person walks forward", "a person walks backward"),
    ("a person walks forward", "a person runs to the left"), ("a person runs forward", "a person turns to the right"),
    ("a person stands still", "a person ducks down"), ("a person walks to the left", "a person walks to the right"),
)  # fmt: skip
"""Prompt switches for a run without a corpus."""
REACTIONS = (
    ("a person stands still", "a person sprints forward in blind panic"),
    ("a person walks forward",
     "a person launching sideways to the right, legs driving hard, arms thrown wide in blind panic"),
    ("a person walks forward", "a person sprints to the left in panic"),
    ("a person runs forward", "a person stops and stands still"),
    ("a person walks forward", "a person sprints backward in panic, arms flailing"),
    ("a person stands still", "a person runs to the left, afraid"),
)  # fmt: skip
"""(before, after) for the time from a prompt to its first sign."""
ENDLESS = (
    "a person walks forward",
    "a person runs forward",
    "a person walks to the left",
    "a person sprints forward in panic",
    "a person walks backward",
    "a person walks forward while turning right",
    "a person runs to the right",
    "a person creeps forward",
    "a person walks to the right",
    "a person runs backward",
    "a person stands still",
    "a person jogs forward and to the left",
)
"""Sentences of the long stream, over and over; all but the standing one must move."""
STRIPS: tuple[tuple[str, str], ...] = (
    ("walk", "a person walks forward"),
    ("run", "a person runs forward"),
    ("sprint", "a person sprints forward in blind panic, arms pumping wildly"),
    ("panic-right", "a person launching sideways to the right, legs driving hard, arms thrown wide in blind panic"),
    ("walk-left", "a person walks to the left"),
    ("run-right", "a person runs to the right"),
    ("step-back", "a person steps back warily"),
    ("run-backward", "a person runs backward in panic, arms flailing"),
    ("creep", "a person creeps forward, careful and quiet"),
    ("turn-left", "a person turns to the left"),
    ("turn-around", "a person spins around to the right"),
    ("walk-turning", "a person walks forward while turning right"),
    ("stand", "a person stands still"),
    ("crouch", "a person crouches down low"),
    ("cower", "a person cowers, both arms shielding the head, in terror"),
    ("recoil", "a person recoils, hands raised"),
    ("dodge", "a person dodges to the left"),
    ("arms-wide", "a person runs forward, arms thrown wide"),
    ("jump", "a person jumps forward"),
    ("greet", "a person walks forward calmly, one hand rising in greeting"),
)
"""(name of the file, sentence) of the twenty strips."""
