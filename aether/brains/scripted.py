"""A brain that says what it was told to say: a file of answers, or a list of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from aether.brain import Brain, FunctionBrain, Reply
from aether.clean import clean
from aether.decision import Decision
from aether.errors import BrainError, DecisionError
from aether.prompt import Prompt
from aether.scene import Scene

_MAX_BYTES = 64_000_000
_BLOCK = re.compile(r"\n[ \t]*\n")


def open_script(
    file: str | Path | None = None,
    script: Callable[[Scene], str] | Iterable[str] | None = None,
    at_end: str = "repeat",
) -> Brain:
    """The scripted brain, from a file, a list of answers, or a function of the scene.

    Raises:
        BrainError: Neither a file nor a script is given, or it cannot be read.
    """
    if file is not None:
        return Scripted.from_file(file, at_end)
    if callable(script):
        return FunctionBrain(script, "scripted")
    if script is not None:
        return Scripted(script, at_end)
    raise BrainError("the brain 'scripted' needs a file of answers; set brain.file=answers.txt")


class Scripted:
    """Answers in the order of its script; an answer that names a scene is kept for that scene.

    Args:
        answers: Texts, or (scenario id, text) pairs.
        at_end: "repeat" says the last answer again, "cycle" starts anew, "fail" is an error.
        name: Names the brain in records.

    Raises:
        BrainError: There is no answer, or `at_end` is none of the three.
    """

    instant = True

    def __init__(
        self, answers: Iterable[str | tuple[str, str]], at_end: str = "repeat", name: str = "scripted"
    ) -> None:
        """See the class."""
        if at_end not in ("repeat", "cycle", "fail"):
            raise BrainError(f"at_end must be repeat, cycle or fail, not {clean(str(at_end), 40)!r}")
        self.name = name
        self._at_end = at_end
        self._by_scene: dict[str, str] = {}
        self._in_order: list[str] = []
        self._next = 0
        for answer in answers:
            if isinstance(answer, str):
                self._in_order.append(answer)
            else:
                self._by_scene[answer[0]] = answer[1]
        if not self._in_order and not self._by_scene:
            raise BrainError("the script holds no answer; give at least one PREDICT line and MOTION line")

    @classmethod
    def from_file(cls, file: str | Path, at_end: str = "repeat") -> Scripted:
        """Reads answers: JSON lines, or plain text with an empty line between two answers.

        A JSON line is a text, or an object with "text" (or "predict" and "motion"), and perhaps "scenario_id".

        Raises:
            BrainError: The file cannot be read, is no UTF-8, or a line of it is no answer.
        """
        path = Path(file)
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise BrainError(f"the script {path} is larger than 64 MB; split it")
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise BrainError(f"the script {path} is not UTF-8 text; save it as UTF-8") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a usable path"
            raise BrainError(f"cannot read the script {path}: {reason}; set brain.file to a readable file") from None
        return cls(_answers(text, path), at_end, name=f"scripted:{path.name}")

    async def think(self, prompt: Prompt, *, deadline_s: float = 0.0) -> Reply:
        """The answer for the prompt's scene, else the next one."""
        answer = self._by_scene.get(prompt.scene.scenario_id)
        return Reply(self._following() if answer is None else answer)

    def _following(self) -> str:
        if not self._in_order:
            raise BrainError("the script has no answer for this scene; add a line with its scenario_id")
        if self._next >= len(self._in_order):
            if self._at_end == "fail":
                raise BrainError(f"the script ended after {len(self._in_order)} answers; add more or set at_end=repeat")
            self._next = 0 if self._at_end == "cycle" else len(self._in_order) - 1
        self._next += 1
        return self._in_order[self._next - 1]


def _answers(text: str, path: Path) -> Sequence[str | tuple[str, str]]:
    if text.lstrip()[:1] not in ("{", '"', "["):
        return [block.strip() for block in _BLOCK.split(text.replace("\r\n", "\n")) if block.strip()]
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    return [_answer(line, f"{path}, line {i}") for i, line in lines]


def _answer(line: str, where: str) -> str | tuple[str, str]:
    try:
        obj: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise BrainError(f"{where} is not JSON; write one JSON value a line") from None
    if isinstance(obj, str):
        return obj
    text = _object_text(obj)
    if text is None:
        raise BrainError(f"{where} needs a key text, or the keys predict and motion")
    scene_id = obj.get("scenario_id") or obj.get("id")
    return (scene_id, text) if isinstance(scene_id, str) else text


def _object_text(obj: Any) -> str | None:
    if not isinstance(obj, dict):
        return None
    if isinstance(obj.get("text"), str):
        return str(obj["text"])
    if "predict" in obj and isinstance(obj.get("motion"), str):
        predict = obj["predict"]
        if isinstance(predict, str):
            return f"PREDICT: {predict}\nMOTION: {obj['motion']}"
        try:
            return str(Decision.from_json(obj))
        except DecisionError:
            return None
    return None
