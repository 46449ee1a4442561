"""Reading a brain's text: total, tolerant and in bounded time.

Any string gives a `Decision` or a `Refusal`. Order, case, markdown, code fences, JSON quotes and `<think>` blocks do
not matter; both dialects are read; where a text holds several pairs of lines, the last complete one counts.
Every pattern is anchored on a literal and bounded, so that the time is linear in the length of the text.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import NamedTuple

from aether.clean import narrow
from aether.decision import Decision, Outlook, Refusal, motion_sentence
from aether.errors import DecisionError
from aether.scene import MAX_METRES

MAX_CHARS = 1_000_000
_MAX_LABELS = 64
_PREDICT_WINDOW = 2_000
_MOTION_WINDOW = 2_000
_THOUGHT = r"(?i)[<\u25c1](/?)(?:think|thinking|thought|thoughts|reasoning|reflection)[>\u25b7]"
_LABEL = r"(?i)(?<![^\W_])(predict(?:ions?|ed)?|motion)[\"'`*_ \t]{0,6}[:=]"
_MAX_LEAD = 24
_LEAD = r"[^\w]{0,12}(?:[0-9]{1,2}[.)])?[\W_]{0,8}"
_ENTRY = (
    r"(?i)(?<![A-Za-z0-9_])(?<![A-Za-z0-9_]-)"
    r"(forwards?|fwd|front|ahead|left|right|backwards?|back|behind|rear|npc)"
    r"[\"'`*_ ]{0,4}[:=][\"'`*_ ]{0,4}"
    r"(safe|clear|free|danger(?:ous)?|unsafe|blocked)(?![A-Za-z])[*_ ]{0,3}"
)
_KEYS = {
    "forward": "forward", "forwards": "forward", "fwd": "forward", "front": "forward", "ahead": "forward",
    "left": "left", "right": "right", "npc": "npc",
    "backward": "backward", "backwards": "backward", "back": "backward", "behind": "backward", "rear": "backward",
}  # fmt: skip
_SAFE = frozenset({"safe", "clear", "free"})
_MAX_OBJECTS, _JSON_WINDOW = 32, 20_000
_OPEN, _CLOSE = "([", ")]"
_MAX_FACTS_CHARS = 320


class _Label(NamedTuple):
    predicts: bool
    strong: bool
    start: int
    end: int


def parse(text: str) -> Decision | Refusal:
    """The decision that `text` holds; a refusal with the reason where it holds none. Raises nothing."""
    if not isinstance(text, str):
        return Refusal("the answer is not text")
    if not text.strip():
        return Refusal("the answer is empty")
    spoken = _without_thoughts(narrow(text[-MAX_CHARS:]))
    if not spoken.strip():
        return Refusal("the answer is only a thought", text[-800:])
    items = _items(spoken, _labels(spoken))
    pair = _last_pair(items)
    if pair is None and (found := _from_json(spoken)) is not None:
        return found
    if pair is None:
        kinds = {isinstance(item, dict) for item in items}
        missing = {frozenset({True}): "no MOTION line", frozenset({False}): "no PREDICT line with a direction"}
        return Refusal(missing.get(frozenset(kinds), "neither a PREDICT nor a MOTION line"), spoken[:800])
    try:
        return Decision(*pair)
    except DecisionError as error:
        return Refusal(str(error), spoken[:800])


def _from_json(text: str) -> Decision | None:
    """The decision of the last JSON object in `text` whose outlooks are objects themselves, or None."""
    decoder, position, last = json.JSONDecoder(), 0, None
    for _ in range(_MAX_OBJECTS):
        position = text.find("{", position)
        if position < 0:
            break
        try:
            value, length = decoder.raw_decode(text[position : position + _JSON_WINDOW])
        except (ValueError, RecursionError):
            position += 1
            continue
        position += length
        last = _decision_of(value) or last
    return last


def _decision_of(value: object) -> Decision | None:
    if not isinstance(value, dict):
        return None
    fields = {key.lower(): item for key, item in value.items() if isinstance(key, str)}
    predict, motion = fields.get("predict"), fields.get("motion")
    if not isinstance(predict, dict) or not isinstance(motion, str):
        return None
    named = {_KEYS.get(str(key).lower(), ""): item for key, item in predict.items()}
    outlooks = {
        key: Outlook(bool(item["danger"]), *_facts_of(item))
        for key, item in named.items()
        if isinstance(item, dict) and "danger" in item
    }
    try:
        return Decision(outlooks, motion)
    except DecisionError:
        return None


def _facts_of(item: dict[str, object]) -> tuple[str | None, float | None, str | None]:
    kind, distance, detail = item.get("kind"), item.get("distance"), item.get("detail")
    number = distance if isinstance(distance, int | float) and not isinstance(distance, bool) else None
    if isinstance(number, int):
        number = min(number, int(MAX_METRES))
    return (
        kind if isinstance(kind, str) else None,
        None if number is None else float(number),
        detail if isinstance(detail, str) else None,
    )


def _without_thoughts(text: str) -> str:
    """`text` without thought blocks; a lone closing tag ends a thought that began before the text did."""
    kept: list[str] = []
    position, depth = 0, 0
    for tag in re.finditer(_THOUGHT, text):
        closing = tag[1] == "/"
        if closing and depth == 0:
            kept.clear()
        elif depth == 0:
            kept.append(text[position : tag.start()])
        depth = max(0, depth - 1) if closing else 1
        position = tag.end()
    if depth == 0:
        kept.append(text[position:])
    return "".join(kept)


def _labels(text: str) -> list[_Label]:
    """The last labels of `text`; those inside prose count only where no others are there."""
    labels: list[_Label] = []
    for match in list(re.finditer(_LABEL, text))[-_MAX_LABELS:]:
        word = match[1]
        strong = word.isupper() or _starts_line(text, match.start())
        labels.append(_Label(word[0] in "pP", strong, match.start(), match.end()))
    strong_labels = [label for label in labels if label.strong]
    return strong_labels if len({label.predicts for label in strong_labels}) == 2 else labels


def _starts_line(text: str, at: int) -> bool:
    """Whether only list marks, quotes and the like stand between the start of the line and `at`."""
    window = text[max(0, at - _MAX_LEAD) : at]
    lines = window.splitlines()
    whole = at <= _MAX_LEAD or len(lines) > 1 or window[-1:] in ("\n", "\r")
    lead = "" if window[-1:] in ("\n", "\r") or not lines else lines[-1]
    return whole and re.fullmatch(_LEAD, lead) is not None


def _items(text: str, labels: list[_Label]) -> list[dict[str, Outlook] | str]:
    """What follows each label, where it can be read: outlooks by key, or a motion sentence."""
    items: list[dict[str, Outlook] | str] = []
    for index, label in enumerate(labels):
        end = labels[index + 1].start if index + 1 < len(labels) else len(text)
        if label.predicts:
            outlooks = _outlooks(text[label.end : min(end, label.end + _PREDICT_WINDOW)])
            if outlooks:
                items.append(outlooks)
        else:
            sentence = _motion(text[label.end : min(end, label.end + _MOTION_WINDOW)])
            if any(char.isalpha() for char in sentence):
                items.append(sentence)
    return items


def _last_pair(items: list[dict[str, Outlook] | str]) -> tuple[dict[str, Outlook], str] | None:
    forward: tuple[dict[str, Outlook], str] | None = None
    reverse: tuple[dict[str, Outlook], str] | None = None
    alternating = len(items) % 2 == 0
    for index, (first, second) in enumerate(pairwise(items)):
        if isinstance(first, dict) and isinstance(second, str):
            forward = (first, second)
        elif isinstance(first, str) and isinstance(second, dict):
            reverse = (second, first)
        alternating &= isinstance(items[index], str) == (index % 2 == 0)
    # MOTION first all the way through means that the brain writes its pairs in that order.
    alternating &= bool(items) and isinstance(items[-1], dict)
    return reverse if alternating or forward is None else forward


def _outlooks(segment: str) -> dict[str, Outlook]:
    """The outlooks of the first run of lines that hold any."""
    found: dict[str, Outlook] = {}
    entry = re.compile(_ENTRY)
    for line in segment.splitlines():
        before = len(found)
        position = 0
        while (match := entry.search(line, position)) is not None:
            facts, position = _facts(line, match.end())
            key = _KEYS[match[1].lower()]
            found.setdefault(key, Outlook.of(match[2].lower() not in _SAFE, facts))
        if found and len(found) == before:
            break
    return found


def _facts(line: str, start: int) -> tuple[list[str], int]:
    """The comma separated facts of the parenthesis that opens at `start`, and where reading goes on."""
    if line[start : start + 1] not in _OPEN or start >= len(line):
        return [], start
    depth = 0
    limit = min(len(line), start + _MAX_FACTS_CHARS)
    for index in range(start, limit):
        depth += (line[index] in _OPEN) - (line[index] in _CLOSE)
        if depth == 0:
            return line[start + 1 : index].split(","), index + 1
    return line[start + 1 : limit].split(","), limit


def _motion(segment: str) -> str:
    """The first line with words in it."""
    for line in segment.splitlines()[:6]:
        text = line.strip(" \t*_`")
        if text.startswith('"'):
            text = text[1:].split('"', 1)[0]
        sentence = motion_sentence(text)
        if any(char.isalpha() for char in sentence):
            return sentence
    return ""
