"""A brain in a process of its own: `python -m aether.brains.host`, spoken to in JSON lines over its standard streams.

It reads {"name", "options"} and says {"hello": ...} or {"error": ...}; then it takes {"id", "prompt", "deadline_s"} and
{"cancel"} as they come. It ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any, BinaryIO

from aether.brain import Brain
from aether.brains import load
from aether.clean import clean, redact
from aether.errors import BrainError
from aether.wire import error_to_json, prompt_from_json, reply_to_json
from aether.wrap.wrapper import close, innermost


def main() -> None:
    """Loads the brain and serves it until standard input closes."""
    # Whatever a library prints must not get between the answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = sys.stdin.buffer
    try:
        order = json.loads(source.readline() or b"{}")
        brain = load(order["name"], **order["options"])
    except BrainError as error:
        _say(out, {"error": error_to_json(error)})
        return
    except Exception as error:
        failure = BrainError(clean(redact(f"the brain does not start: {type(error).__name__}: {error}"), 300))
        _say(out, {"error": error_to_json(failure)})
        return
    _say(out, {"hello": _hello(brain)})
    try:
        asyncio.run(_serve(brain, source, out))
    finally:
        close(brain)


def _hello(brain: Brain) -> dict[str, Any]:
    inner = innermost(brain)
    return {
        "name": brain.name,
        "settings": json.loads(json.dumps(getattr(inner, "settings", {}), default=str)),
        "rates": inner.rates() if hasattr(inner, "rates") else (0.0, 0.0),
        "longest": getattr(inner, "longest", 0),
    }


async def _serve(brain: Brain, source: BinaryIO, out: BinaryIO) -> None:
    loop = asyncio.get_running_loop()
    tasks: dict[int, asyncio.Task[None]] = {}
    while line := await loop.run_in_executor(None, source.readline):
        order = json.loads(line)
        if "cancel" in order:
            task = tasks.pop(order["cancel"], None)
            if task is not None:
                task.cancel()
            continue
        task = asyncio.create_task(_answer(brain, order, out))
        tasks[order["id"]] = task
        task.add_done_callback(lambda _, number=order["id"]: tasks.pop(number, None))  # type: ignore[misc]
    for task in tasks.values():
        task.cancel()


async def _answer(brain: Brain, order: dict[str, Any], out: BinaryIO) -> None:
    try:
        reply = await brain.think(prompt_from_json(order["prompt"]), deadline_s=order["deadline_s"])
        answer = {"reply": reply_to_json(reply)}
    except BrainError as error:
        answer = {"error": error_to_json(error)}
    except Exception as error:
        failure = BrainError(clean(redact(f"{type(error).__name__}: {error}"), 200))
        answer = {"error": error_to_json(failure)}
    _say(out, {"id": order["id"], **answer})


def _say(out: BinaryIO, value: dict[str, Any]) -> None:
    out.write(json.dumps(value).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
