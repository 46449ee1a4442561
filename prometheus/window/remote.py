"""Remote: a world in a process of its own as the window sees it; the other side of `host`.

A thread reads what the world says and unpacks it, and does nothing else; it takes effect in `advance`, which the window
calls before each picture.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hephaestus import child
from prometheus.errors import PrometheusError
from prometheus.window.show import Clock, Setting, Worn
from prometheus.window.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np

    from prometheus.config import Config

_ENDS_S = 5.0
"""s that a world has to end by itself."""
_NOTHING = Snapshot(0, {"actors": (), "props": ()}, {})


class Remote:
    """A running world; see `Show` for what it offers. It begins to load when it is made.

    Args:
        world: name or file.
        config: its settings.
    """

    def __init__(self, world: str, config: Config) -> None:
        self.setting: Setting | None = None
        self.generation = 0
        self.latest: tuple[Snapshot, Snapshot, float] = (_NOTHING, _NOTHING, time.perf_counter())
        self.notices: deque[str] = deque(maxlen=32)
        self.dressed: deque[Worn] = deque()
        self.heights: dict[str, float] = {}
        self.failure: BaseException | None = None
        self.chosen = ""
        self.pace = Clock()
        self._came: deque[tuple[float, tuple[Any, ...]]] = deque()
        self._leaves: deque[bytes] = deque(maxlen=512)
        self._closed, self._number = False, 0
        self._calls: dict[str, Callable[..., None]] = {
            "setting": self._set, "moment": self._show, "state": self._keep, "notice": self.notices.append,
            "worn": self._wear, "bar": self._bar, "chosen": self._choose, "failed": self._fail, "gone": self._lose,
        }  # fmt: skip
        # The world has one processor for itself at the most: the window and its driver need the others.
        threads = {name: os.environ.get(name, "1") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        self._process, self._line = child.start("prometheus.window.host", environment=threads, heard=True)
        self._send((world, config))
        self._reader = threading.Thread(target=self._read, name="world", daemon=True)
        self._reader.start()

    @property
    def processes(self) -> tuple[int, ...]:
        """Ids of the processes in which it runs."""
        return () if self.setting is None else self.setting.processes

    def start(self) -> None:
        """Let time run in the world that was loaded last."""
        self.do("begin", self._number)

    def behaviours(self) -> list[str]:
        """Return how a passer-by may behave, by name."""
        from prometheus.window.steered import Steered
        from prometheus.world.behaviour import behaviours

        return [name for name in behaviours() if name != Steered.name]

    def do(self, order: str, *given: Any) -> None:
        """Have an order of `prometheus.window.orders` carried out between two frames."""
        self._send((order, *given))

    def advance(self) -> None:
        """Take over what has come from the world, and send what could not be sent."""
        self._flush()
        while self._came:
            self._at, (kind, *what) = self._came.popleft()
            self._calls[kind](*what)

    def close(self) -> None:
        """End the world, and wait for it."""
        if self._closed:
            return
        self._closed = True
        if self.failure is None:
            self._send(("close",))
        # Whoever sends something large would wait for a reader for ever: the thread reads on until the line is cut.
        # A world that is being put together does not listen, and has nothing yet that would be lost.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDS_S if self.setting is not None else 0.2)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join(_ENDS_S)
        self._line.close()

    def _send(self, message: tuple[Any, ...]) -> None:
        self._leaves.append(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        self._flush()

    def _flush(self) -> None:
        """Send as much as the world takes without anybody waiting: while it loads it does not listen."""
        try:
            while self._leaves and select.select((), (self._line,), (), 0)[1]:
                self._line.send_bytes(self._leaves.popleft())
        except OSError:
            self._leaves.clear()

    def _read(self) -> None:
        try:
            while True:
                message = pickle.loads(self._line.recv_bytes())
                self._came.append((time.perf_counter(), message))
        except (EOFError, OSError, pickle.UnpicklingError):
            self._came.append((time.perf_counter(), ("gone",)))

    def _set(self, setting: Setting, snapshot: Snapshot, number: int) -> None:
        self.setting, self.generation, self._number = setting, self.generation + 1, number
        self.latest = snapshot, snapshot, self._at
        self.dressed.clear()

    def _show(self, snapshot: Snapshot, still: bool) -> None:
        self.latest = (snapshot if still else self.latest[1], snapshot, self._at)

    def _keep(self, paused: bool, speed: float, heights: dict[str, float]) -> None:
        self.pace.paused, self.pace.speed, self.heights = paused, speed, heights

    def _wear(self, key: str, shape: Any) -> None:
        self.dressed.append((key, shape.asset, shape))

    def _bar(self, centre: np.ndarray, size: np.ndarray, heading: float) -> None:
        if self.setting is not None:
            # What is drawn is a body of its own; the stage only has to know what is in the way of a camera.
            self.setting.stage.add_box(centre, size, heading)

    def _choose(self, name: str) -> None:
        self.chosen = name

    def _fail(self, error: BaseException) -> None:
        self.failure = error

    def _lose(self) -> None:
        """The world's process is gone; unless it said why, the way in which it went is all that is known."""
        if self.failure is not None or self._closed:
            return
        self.failure = PrometheusError(f"the process of the world {child.fate(self._process)}; begin the world anew")
