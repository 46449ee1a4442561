"""The reflex's sentences: direction, body part, manner and feeling, in words that a text-to-motion model knows.

`{go}` is the direction, `{walks}` walking there (who has time turns to where he goes), `{who}` the other one, `{feel}`
the feeling, `{goal}` where the task leads. Apart from the first two no sentence may hold a word of direction ("left",
"back"): whoever reads it must find one direction only.
"""

from __future__ import annotations

from zlib import crc32

FEELINGS = ("calm", "curious", "alert", "afraid", "panic")
_FEEL = ("calm", "curious", "alert", "afraid", "in panic")
_LONG = {
    "forward": "forward", "backward": "backward", "left": "to the left", "right": "to the right",
    "forward-left": "forward and to the left", "forward-right": "forward and to the right",
    "backward-left": "backward and to the left", "backward-right": "backward and to the right",
}  # fmt: skip

LONG: dict[str, tuple[str, ...]] = {
    "flee panic": (
        "a person sprinting {go}, legs driving hard, arms thrown wide in blind panic",
        "a person sprints {go} in panic, knees high, arms pumping wildly",
        "a person flees {go} at full sprint, arms flailing, chest heaving in panic",
        "a person sprinting {go}, head down, fists clenched, legs driving hard in sheer panic",
    ),
    "flee afraid": (
        "a person runs fast {go}, arms pumping hard, shoulders tight, afraid",
        "a person running fast {go}, legs driving hard, hands clenched, afraid",
        "a person runs fast {go}, chest heaving, eyes wide, afraid",
    ),
    "cower": (
        "a person crouches low and stands still, arms raised over the head, trembling, {feel}",
        "a person freezes and cowers, both arms shielding the head, {feel}",
    ),
    "retreat": (
        "a person hurries {go}, hands raised, eyes fixed on the {who}, {feel}",
        "a person jogs {go}, shoulders tense, watching the {who}, {feel}",
        "a person hurries {go}, knees bent, arms held out toward the {who}, {feel}",
    ),
    "sneak": (
        "a person sneaks {go} quietly, knees bent, eyes on the {who}, {feel}",
        "a person creeps {go} on the toes, shoulders low, warily watching the {who}, {feel}",
        "a person tiptoes {go}, knees bent, arms held close, careful and {feel}",
    ),
    "watch": (
        "a person {walks} softly, knees bent, eyes on the {who}, {feel}",
        "a person {walks} with light feet, watching the {who}, {feel}",
    ),
    "dodge": (
        "a person runs {go}, arms raised to guard the chest, {feel}",
        "a person rushes {go}, shoulders tight, hands up, {feel}",
    ),
    "yield": (
        "a person steps {go} politely, one arm sweeping open, {feel}",
        "a person steps {go}, shoulders relaxed, nodding to the {who}, {feel}",
    ),
    "greet": (
        "a person {walks} calmly, raising one hand to greet the {who}, {feel}",
        "a person {walks} easily, waving one hand at the {who}, {feel}",
    ),
    "nod": (
        "a person stands still, shoulders relaxed, waving one hand at the {who}, {feel}",
        "a person stands calmly and nods the head to the {who}, {feel}",
    ),
    "listen": (
        "a person stands still, head turning slowly, listening, shoulders tense, {feel}",
        "a person stands with knees bent, hands ready, listening warily, {feel}",
    ),
    "recover afraid": (
        "a person slows to a jog {go}, chest heaving, looking over the shoulder, {feel}",
        "a person jogs {go}, arms dropping, breathing hard, still {feel}",
    ),
    "recover alert": (
        "a person {walks}, arms tense, looking around warily, {feel}",
        "a person {walks} warily, hands still raised, eyes searching, {feel}",
    ),
    "recover curious": (
        "a person stands still and catches the breath, shoulders sinking, relieved and {feel}",
        "a person stands still, hands on the knees, breathing out, relieved and {feel}",
    ),
    "task": (
        "a person {walks} calmly{goal}, arms swinging loosely",
        "a person {walks}{goal} easily, shoulders relaxed, calm",
        "a person {walks}{goal}, head up, arms swinging loosely, calm",
    ),
    "task curious": (
        "a person {walks}{goal}, head up, eyes searching, curious",
        "a person {walks}{goal} with light steps, eyes searching, curious",
    ),
    "task stairs": (
        "a person {walks} carefully{goal}, lifting the knees, {feel}",
        "a person {walks} slowly{goal}, hands held out, {feel}",
    ),
    "task slope": (
        "a person {walks} steadily{goal}, knees bent, {feel}",
        "a person {walks}{goal}, trunk leaning, arms swinging, {feel}",
    ),
    "task water": (
        "a person {walks} slowly{goal}, wading, arms lifted, {feel}",
        "a person {walks} slowly{goal}, knees high, wading, {feel}",
    ),
    "rest": (
        "a person stands still calmly, arms hanging loosely, looking around",
        "a person stands calmly, weight shifting from foot to foot",
    ),
}
"""Sentences of at most 20 words a response."""

SHORT: dict[str, tuple[str, ...]] = {
    "flee panic": (
        "a person sprints {go} in blind panic, legs driving, arms wide",
        "a person flees {go} in panic, knees high, arms pumping wildly",
        "a person sprinting {go}, legs driving hard, arms wide in panic",
    ),
    "flee afraid": (
        "a person runs fast {go}, arms pumping hard, shoulders tight, afraid",
        "a person running fast {go}, eyes wide, hands clenched, afraid",
    ),
    "cower": ("a person freezes and cowers, arms shielding the head, {feel}",),
    "retreat": (
        "a person hurries {go}, hands raised, watching the {who}, {feel}",
        "a person jogs {go}, shoulders tense, hands up, {feel}",
    ),
    "sneak": (
        "a person sneaks {go} quietly, knees bent, shoulders low, {feel}",
        "a person creeps {go} on the toes, arms close, {feel}",
    ),
    "watch": ("a person {walks} softly, watching the {who}, {feel}",),
    "dodge": ("a person runs {go}, arms raised to guard, {feel}",),
    "yield": ("a person steps {go} politely, one arm sweeping open, {feel}",),
    "greet": ("a person {walks} calmly, one hand raised, {feel}",),
    "nod": ("a person stands calmly, one hand raised in greeting, {feel}",),
    "listen": ("a person stands still, head turning slowly, listening, {feel}",),
    "recover afraid": ("a person slows to a jog {go}, chest heaving, {feel}",),
    "recover alert": ("a person {walks} warily, hands raised, {feel}",),
    "recover curious": ("a person stands still, catches the breath, shoulders sinking, relieved",),
    "task": (
        "a person {walks} calmly, arms swinging loosely",
        "a person {walks}, shoulders relaxed, calm",
    ),
    "task curious": ("a person {walks}, eyes searching, curious",),
    "task stairs": ("a person {walks} carefully, knees lifted, {feel}",),
    "task slope": ("a person {walks} steadily, knees bent, {feel}",),
    "task water": ("a person {walks} slowly, wading, arms lifted, {feel}",),
    "rest": ("a person stands still calmly, arms hanging loosely",),
}
"""Sentences of at most 12 words, for the dataset dialect."""


def phrase(
    response: str,
    direction: str | None,
    level: int,
    *,
    who: str,
    goal: str = "",
    key: str = "",
    brief: bool = False,
    turning: bool = True,
) -> str:
    """The sentence for `response`; which one of its kind depends on `key` alone.

    Args:
        response: A key of `LONG`.
        direction: One of the eight, or None where the body stays.
        level: Step of the emotion ladder, 0-4.
        who: The other one, a plain noun.
        goal: Where the task leads, a plain noun or "".
        key: What the choice among equal sentences is drawn from.
        brief: At most 12 words.
        turning: Whether the body first turns to where it walks.
    """
    bank = (SHORT if brief else LONG)[response]
    draw = crc32(f"{response}|{key}".encode())
    return bank[draw % len(bank)].format(
        go=_go(direction, brief),
        walks=_walks(direction, brief) if turning else f"walks {_go(direction, brief)}".rstrip(),
        feel=_FEEL[level],
        who=who,
        goal=f" toward the {goal}" if goal else "",
    )


def _go(direction: str | None, brief: bool) -> str:
    if direction is None:
        return ""
    return direction if brief and "-" not in direction else _LONG[direction]


def _walks(direction: str | None, brief: bool) -> str:
    if direction is None:
        return ""
    if direction in ("left", "right"):
        return f"turns {_go(direction, brief)} and walks"
    if direction.startswith("backward"):
        return f"turns around and walks {_LONG[direction].replace('backward', 'back')}"
    return f"walks {_LONG[direction]}"
