"""Scripts: sentences in time for one sample, from the command line or a JSON Lines file, checked before use."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from prometheus.errors import MotionError, shorten

MOST_BYTES = 16 * 2**20
MOST_PROMPTS = 10_000
MOST_CHANGES = 1000
LONGEST_TEXT = 20_000
"""Characters of a sentence; what the model reads of it is less (`intent.READ`)."""
LONGEST_S = 1200.0
_NOT_IN_NAMES = set('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class Script:
    """What one sample shows.

    Attributes:
        id: name of its file, without ending.
        text: the first sentence.
        then: (seconds from the start, sentence), in order of time.
        urgent: whether later sentences are to be seen at once rather than with the next step.
    """

    id: str
    text: str
    then: tuple[tuple[float, str], ...] = ()
    urgent: bool = False


def check_seconds(seconds: float) -> float:
    """Return the length of a sample in s.

    Raises:
        MotionError: it is not between a frame and LONGEST_S.
    """
    if not 0.05 <= seconds <= LONGEST_S:
        raise MotionError(f"--seconds {seconds:g}: a motion takes from 0.05 to {LONGEST_S:g} seconds")
    return seconds


def make_prompt(text: str, then: Iterable[str], seconds: float, *, urgent: bool = False) -> Script:
    """Return a script as the command line gives it: `then` holds texts such as "a person runs@3.5".

    Raises:
        MotionError: a text or a time will not do.
    """
    changes = [_spoken(given) for given in then]
    return _checked({"id": "motion", "text": text, "then": changes, "urgent": urgent}, seconds, "the command line")


def _spoken(given: str) -> list[Any]:
    sentence, at, time = given.rpartition("@")
    try:
        seconds = float(time) if at else math.nan
    except ValueError:
        seconds = math.nan
    if math.isnan(seconds):
        raise MotionError(f"--then takes TEXT@SECONDS such as \"a person stops\"@3.5, not '{shorten(given)}'")
    return [seconds, sentence]


def read_prompts(path: Path, seconds: float) -> list[Script]:
    """Read a JSON Lines file; every line is checked before any is returned.

    A line is an object with `id` and `text`, and perhaps `then`, a list of [seconds, text], and `urgent`, true or
    false; other keys mean nothing here. Empty lines are passed over.

    Raises:
        MotionError: the file cannot be read or is too large, or a line will not do; the sentence names it.
    """
    name = shorten(path.name)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise MotionError(f"cannot read {name}: {error.strerror}; give a JSON Lines file of prompts") from error
    if len(data) > MOST_BYTES:
        raise MotionError(f"{name} is over {MOST_BYTES // 2**20} MiB; cut it into several files of prompts")
    prompts: dict[str, Script] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{name} line {number}"
        prompt = _checked(_parsed(line, where), seconds, where)
        if prompt.id in prompts:
            raise MotionError(f"{where}: the id '{shorten(prompt.id)}' was used before; every line needs its own")
        prompts[prompt.id] = prompt
        if len(prompts) > MOST_PROMPTS:
            raise MotionError(f"{where}: more than {MOST_PROMPTS} prompts; cut the file into several")
    if not prompts:
        raise MotionError(f'{name} holds no prompt; a line is such as {{"id": "a", "text": "a person walks"}}')
    return list(prompts.values())


def _parsed(line: bytes, where: str) -> Any:
    try:
        return json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise MotionError(f"{where} is not UTF-8 text; save the file as UTF-8") from None
    except (ValueError, RecursionError):
        raise MotionError(f"{where} is not JSON; write one object a line, with id and text") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _checked(value: Any, seconds: float, where: str) -> Script:
    if not isinstance(value, dict):
        raise MotionError(f'{where} is no JSON object; write one such as {{"id": "a", "text": "a person walks"}}')
    name = value.get("id")
    if not isinstance(name, str) or not _is_name(name):
        raise MotionError(
            f"{where}: the id {_shown(name)} is no file name; use 1 to 100 letters, digits, dots, dashes or spaces"
        )
    text = _sentence(value.get("text"), "text", where)
    urgent = value.get("urgent", False)
    if not isinstance(urgent, bool):
        raise MotionError(f"{where}: urgent is true or false, not {_shown(urgent)}")
    then = value.get("then", [])
    if not isinstance(then, list) or len(then) > MOST_CHANGES:
        raise MotionError(f"{where}: then is a list of up to {MOST_CHANGES} pairs [seconds, text]")
    changes = [_change(entry, seconds, where) for entry in then]
    return Script(name, text, tuple(sorted(changes, key=lambda change: change[0])), urgent)


def _is_name(name: str) -> bool:
    """Whether a text can be a file's name on every system, and stays in its folder."""
    return (
        0 < len(name) <= 100
        and len(name.encode("utf-8", "replace")) <= 200
        and name.isprintable()
        and not _NOT_IN_NAMES & set(name)
        and ".." not in name
        and not name.startswith((".", "-", " "))
        and not name.endswith((".", " "))
    )


def _sentence(text: Any, key: str, where: str) -> str:
    if not isinstance(text, str):
        missing = "is missing" if text is None else f"is {_shown(text)}"
        raise MotionError(f"{where}: {key} {missing}; it must be a sentence in quotes")
    if len(text) > LONGEST_TEXT:
        raise MotionError(f"{where}: {key} has {len(text)} characters; at most {LONGEST_TEXT} will do")
    return text


def _change(entry: Any, seconds: float, where: str) -> tuple[float, str]:
    if not isinstance(entry, list) or len(entry) != 2:
        raise MotionError(f"{where}: an entry of then is {_shown(entry)}, not a pair [seconds, text]")
    time, text = entry
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time < seconds:
        raise MotionError(f"{where}: then at {_shown(time)} s is outside the motion, which lasts {seconds:g} s")
    return float(time), _sentence(text, "a text of then", where)


def _shown(value: Any) -> str:
    return f"'{shorten(value, 40)}'" if isinstance(value, str) else shorten(json.dumps(value), 40)
