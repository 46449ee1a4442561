"""A brain that lives in a process of its own, so that nothing it does takes time from this one.

A client library shares this process's interpreter lock: while it prepares a request or reads an answer, the world's
loop waits for it, a frame late now and then. In a child process it costs this one a line of JSON each way.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aether.brain import Quote, Reply
from aether.errors import BrainError
from aether.prompt import Prompt
from aether.wire import error_from_json, prompt_to_json, reply_from_json

if TYPE_CHECKING:
    import asyncio

_START_S = 120.0
_BYTES_PER_TOKEN = 2.0
_IMAGE_TOKENS = 1_600


class Hosted:
    """The brain `name` in a child process.

    Args:
        name: As for `aether.load`.
        options: As for `aether.load`; what goes around a brain had better stay in this process.

    Attributes:
        name: The brain's own name.
        settings: What an answer depends on beside the prompt.

    Raises:
        BrainError: The brain does not load there; the message is its own.
    """

    instant = False

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        """Starts the process and waits until the brain is loaded."""
        self._process = _start()
        atexit.register(self.close)
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[asyncio.AbstractEventLoop, asyncio.Future[Reply]]] = {}
        self._count = 0
        self._hello: dict[str, Any] = {}
        self._greeted = threading.Event()
        self._failure: BrainError | None = None
        threading.Thread(target=self._read, name="aether-hosted", daemon=True).start()
        plain = {key: str(value) if isinstance(value, Path) else value for key, value in options.items()}
        self._send({"name": name, "options": plain})
        if not self._greeted.wait(_START_S):
            self._failure = BrainError(f"the process of {name} did not start in {_START_S:.0f} s")
        if self._failure is not None:
            self.close()
            raise self._failure
        self.name: str = self._hello["name"]
        self.settings: Mapping[str, Any] = self._hello["settings"]

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Asks the brain over there.

        Raises:
            BrainError: What the brain raised there, or its process is gone.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Reply] = loop.create_future()
        with self._lock:
            self._count += 1
            number = self._count
            self._waiting[number] = (loop, answer)
        try:
            self._send({"id": number, "prompt": prompt_to_json(prompt), "deadline_s": deadline_s})
            return await answer
        finally:
            with self._lock:
                unanswered = self._waiting.pop(number, None)
            if unanswered is not None:
                with contextlib.suppress(BrainError):
                    self._send({"cancel": number})

    def quote(self, prompt: Prompt) -> Quote:
        """The most that one answer can take."""
        tokens_in = math.ceil(len((prompt.system + prompt.user).encode()) / _BYTES_PER_TOKEN) + 16
        tokens_in += _IMAGE_TOKENS if prompt.image else 0
        longest, rates = int(self._hello["longest"]), self._hello["rates"]
        if rates is None:
            return Quote(tokens_in, longest, 0.0, priced=False)
        return Quote(tokens_in, longest, tokens_in * rates[0] + longest * rates[1])

    def close(self) -> None:
        """Ends the process."""
        atexit.unregister(self.close)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, value: dict[str, Any]) -> None:
        line = json.dumps(value).encode() + b"\n"
        stream = self._process.stdin
        try:
            with self._lock:
                if stream is None or stream.closed:
                    raise BrokenPipeError
                stream.write(line)
                stream.flush()
        except (OSError, ValueError):
            raise BrainError("the brain's process is gone; start the run again") from None

    def _read(self) -> None:
        """Takes answers to those who wait for them; runs in a thread of its own."""
        stream = self._process.stdout
        for line in iter(stream.readline, b"") if stream is not None else ():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                self._take(json.loads(line))
        gone = BrainError("the brain's process is gone; start the run again")
        if not self._greeted.is_set():
            self._failure = self._failure or gone
            self._greeted.set()
        with self._lock:
            numbers = list(self._waiting)
        for number in numbers:
            self._settle(number, gone)

    def _take(self, value: dict[str, Any]) -> None:
        if "hello" in value:
            self._hello = value["hello"]
            self._greeted.set()
        elif "id" not in value:
            self._failure = error_from_json(value["error"])
            self._greeted.set()
        else:
            outcome = reply_from_json(value["reply"]) if "reply" in value else error_from_json(value["error"])
            self._settle(value["id"], outcome)

    def _settle(self, number: int, outcome: Reply | BrainError) -> None:
        with self._lock:
            waiting = self._waiting.pop(number, None)
        if waiting is None:
            return
        loop, answer = waiting

        def settle() -> None:
            if answer.done():
                return
            if isinstance(outcome, Reply):
                answer.set_result(outcome)
            else:
                answer.set_exception(outcome)

        with contextlib.suppress(RuntimeError):  # the loop that asked is closed: nobody waits any more
            loop.call_soon_threadsafe(settle)


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", "aether.brains.host"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )
