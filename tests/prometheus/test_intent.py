"""Reading an intent from words."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prometheus.intent import DIRECTIONS, PACES, READ, Intent, plain, read_intent
from prometheus.language.lexicon import forms

_SWAP = {"left": "right", "leftward": "rightward", "clockwise": "counterclockwise", "backward-left": "backward-right"}
_SWAP |= {image: word for word, image in _SWAP.items()}


def mirrored(intent: Intent) -> Intent:
    """The intent of the mirror image."""

    def swap(name: str | None) -> str | None:
        return name and "-".join(_SWAP.get(part, part) for part in name.split("-"))

    return Intent(
        swap(intent.direction), intent.pace, swap(intent.turn), intent.height, intent.arms, intent.intensity
    )


def swapped(text: str) -> str:
    return " ".join(_SWAP.get(word, word) for word in text.replace(",", " ,").split()).replace(" ,", ",")


@pytest.mark.parametrize(
    ("text", "direction", "pace"),
    [
        ("a person launching sideways to the right, legs driving hard, arms thrown wide in panic", "right", "sprint"),
        ("walk forward", "forward", "walk"),
        ("run", None, "run"),
        ("stand still", None, "stand"),
        ("step back", "backward", "walk"),
        ("a person backs away slowly, hands raised, afraid", "backward", "creep"),
        ("backing away to the left", "backward-left", "walk"),
        ("a person runs forward and to the left without turning right, left knee high", "forward-left", "run"),
        ("a person looking back, sprinting forward", "forward", "sprint"),
        ("a person sprints left", "left", "sprint"),
        ("", None, None),
    ],
)
def test_direction_and_pace(text, direction, pace):
    intent = read_intent(text)
    assert (intent.direction, intent.pace) == (direction, pace)


@pytest.mark.parametrize(
    ("text", "direction", "pace"),
    [
        ("walk, not to the left", None, "walk"),
        ("a person does not turn to the left but walks to the right", "right", "walk"),
        ("a person walks without running", None, "walk"),
        ("a person doesn't run, she walks slowly backward", "backward", "creep"),
        ("instead of running left the person sidesteps right", "right", "walk"),
        ("a person walks rather than runs to the left", None, "walk"),
        ("a person dashes without hesitation to the left", "left", "sprint"),
        ("never stop running", None, "run"),
        ("stop running", None, "stand"),
        ("the agent does not move", None, "stand"),
        ("do not stop", None, None),
    ],
)
def test_what_is_denied_is_not_asked_for(text, direction, pace):
    intent = read_intent(text)
    assert (intent.direction, intent.pace) == (direction, pace)


@pytest.mark.parametrize(
    ("text", "direction", "pace"),
    [
        ("left arm raised, a person walks", None, "walk"),
        ("a person leans to the left", None, None),
        ("a person turns his head to the left", None, None),
        ("he looks left and right, then sprints forward", "forward", "sprint"),
        ("a person glances over the left shoulder while jogging ahead", "forward", "run"),
        ("heart racing, eyes darting left and right, a person stands frozen", None, "stand"),
        ("legs moving fast, a man goes ahead", "forward", "walk"),
        ("a person throws a ball to the left", None, None),
        ("a person throws himself to the left", "left", "sprint"),
        ("her back straight, she walks ahead", "forward", "walk"),
        ("lying on his back, a person waits", None, "stand"),
        ("sprinting with arms flung wide to the right", "right", "sprint"),
    ],
)
def test_limbs_and_eyes_do_not_travel(text, direction, pace):
    intent = read_intent(text)
    assert (intent.direction, intent.pace) == (direction, pace)


@pytest.mark.parametrize(
    ("text", "direction", "pace"),
    [
        ("a person runs away from the beast", None, "run"),
        ("a person runs toward the gate", None, "run"),
        ("a person walks back to the gate", None, "walk"),
        ("a person steps back toward the wall", "backward", "walk"),
        ("as the beast charges from the left, the person dives to the right", "right", "sprint"),
        ("a beast charges and the person flees to the left", "left", "sprint"),
        ("the guard marches ahead while the dog runs to the left", "forward", "walk"),
        ("with the wall on the left, walk ahead", "forward", "walk"),
        ("with the beast to the left, run to the right", "right", "run"),
        ("walk along the left wall", None, "walk"),
        ("run for the left door", "left", "run"),
        ("from left to right, a person shuffles", "right", "creep"),
        ("run right past the guard", None, "run"),
    ],
)
def test_where_things_are_and_what_others_do_is_not_where_to_go(text, direction, pace):
    intent = read_intent(text)
    assert (intent.direction, intent.pace) == (direction, pace)


@pytest.mark.parametrize(
    ("text", "direction", "pace"),
    [
        ("a person stops and then runs to the right", "right", "run"),
        ("a person runs, then stops", None, "run"),
        ("a person comes to a stop", None, "stand"),
        ("a person slows to a halt", None, "stand"),
        ("ready to run, the person waits", None, "stand"),
        ("a person walks, then sidesteps left", "left", "walk"),
        ("a person turns left then walks", None, "walk"),
        ("a person paces back and forth", None, "walk"),
        ("a person moves at a run to the left", "left", "run"),
        ("a quick dash to the left", "left", "sprint"),
        ("at full speed a person runs forward", "forward", "sprint"),
        ("a person, calmly and slowly, wanders to the left", "left", "creep"),
        ("as fast as she can, she runs left", "left", "sprint"),
        ("a person is running diagonally backward to the left", "backward-left", "run"),
        ("diagonally to the right, walk", "forward-right", "walk"),
        ("tiptoeing rightwards", "right", "creep"),
        ("walked forward", "forward", "walk"),
    ],
)
def test_the_main_movement_counts(text, direction, pace):
    intent = read_intent(text)
    assert (intent.direction, intent.pace) == (direction, pace)


@pytest.mark.parametrize(
    ("text", "turn"),
    [("turn left", "left"), ("a person turns sharply to the right", "right"), ("turns around to the left", "around"),
     ("a person spins around, then sprints left", "around"), ("walk without turning left", None),
     ("turn left, all the way around", "left"), ("a person turns to face left", "left"), ("take a hard right", "right"),
     ("a woman whirls counter-clockwise", "left"), ("a person makes a sharp left turn", "left"),
     ("u-turn", "around"), ("a person bends over", None), ("walks around the table", None),
     ("in a curve to the right, run", "right"), ("turns her eyes to the left", None)],
)  # fmt: skip
def test_turn(text, turn):
    assert read_intent(text).turn == turn


def test_feeling_posture_and_arms():
    assert read_intent("arms thrown wide in blind panic").arms == "wide"
    assert read_intent("blind panic").intensity > 0.9 > 0.3 > read_intent("calmly").intensity
    assert read_intent("a person crouches").height == "low"
    assert read_intent("he walks calmly past the furious beast").intensity < 0.3
    assert read_intent("no panic, at ease").intensity < 0.3


@pytest.mark.parametrize(
    ("text", "arms"),
    [("arms thrown up", "up"), ("hands in the air", "up"), ("raises both arms", "up"), ("arms crossed", None),
     ("spreading the arms, he runs", "wide"), ("eyes wide", None), ("without raising the arms", None)],
)  # fmt: skip
def test_arms(text, arms):
    assert read_intent(text).arms == arms


@pytest.mark.parametrize(
    ("text", "height"),
    [("staying low", "low"), ("runs low to the ground", "low"), ("vaults a low wall", "air"), ("head low", None),
     ("falls to the ground", "low"), ("gets up from the floor", None), ("leaping left", "air"),
     ("walks, never crouching", None), ("on all fours", "low")],
)  # fmt: skip
def test_height(text, height):
    assert read_intent(text).height == height


@pytest.mark.parametrize(
    ("verb", "expected"),
    [("run/ran", {"run", "runs", "running", "ran"}), ("dash", {"dashes", "dashed"}), ("hurry", {"hurries", "hurried"}),
     ("tiptoe", {"tiptoeing", "tiptoed"}), ("edge", {"edging", "edged", "edges"}), ("flee/fled", {"fleeing", "fled"})],
)  # fmt: skip
def test_forms(verb, expected):
    assert expected <= forms(verb)


WHO = st.sampled_from(["", "a person ", "someone ", "the woman is ", "he "])
VERBS = st.sampled_from(
    ["runs", "walking", "sprint", "creeps", "steps", "backs away", "jumps", "dodging", "hurries", "moves slowly",
     "turns", "spinning", "veers", "turns around and walks", "stands, then walks", "does not stop but trots"]
)  # fmt: skip
WAYS = st.sampled_from(
    ["", "left", "to the right", "forward", "forward and to the left", "backward-right", "back and left", "to his left",
     "sideways to the left", "leftward", "to the right side", "diagonally backward to the left", "straight ahead",
     "not to the left", "without turning right", "away from the left wall", "toward the right door", "clockwise"]
)  # fmt: skip
TAILS = st.sampled_from(
    ["", ", left arm raised", ", looking to the right", ", arms thrown wide", ", the beast on the left", ", in panic",
     ", turning left", " while glancing left", ", kicking with the right leg", ", then turns right", ", staying low"]
)  # fmt: skip
SENTENCES = st.builds(lambda *parts: "{}{} {}{}".format(*parts), WHO, VERBS, WAYS, TAILS)


@given(SENTENCES)
@settings(max_examples=300, deadline=None)
def test_mirrored_words_give_the_mirrored_intent(text):
    assert read_intent(swapped(text)) == mirrored(read_intent(text))


@given(st.one_of(st.text(max_size=400), SENTENCES, st.lists(st.sampled_from(
    "to the left right back , . not as while who beast person turns runs head a of from straight up low".split()
), max_size=40).map(" ".join)))  # fmt: skip
@settings(max_examples=300, deadline=None)
@example("left " * 2000)
@example("not " * 500)
@example("\ud800 runs left\udfff")
def test_any_text_has_an_intent(text):
    intent = read_intent(text)
    assert intent.direction is None or intent.direction in DIRECTIONS
    assert intent.pace is None or intent.pace in PACES
    assert intent.intensity is None or 0 <= intent.intensity <= 1
    assert read_intent(text) is intent


@given(st.text(st.characters(codec=None), max_size=300))
def test_what_is_read_can_be_written_and_is_short(text):
    kept = plain(text)
    assert kept.encode("utf-8").decode() == kept
    assert len(kept) <= READ
    assert plain(kept) == kept


def test_hidden_and_wide_letters_are_read_as_seen():
    assert plain("a\u202e per\u200bson\x00walks\n\tfast") == "a person walks fast"
    assert read_intent("".join(chr(ord(c) + 0xFEE0) for c in "walkleft")) == read_intent("walkleft")
    assert read_intent("wa\ufb02e walk l\uff45ft").direction == "left"
    assert plain("x" * 10_000) == "x" * READ
