"""Pool: worker processes that may die. One that does costs the jobs that it ran, which are begun again; no other.

The pools of the standard library and loky break as a whole when one worker is killed, so this one is watched here.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from pathlib import Path
from typing import Any, Literal

from prometheus.batch.job import Job
from prometheus.batch.shelf import Shelf
from prometheus.batch.worker import Order, Setting, work
from prometheus.errors import BatchError

TICK_S = 0.25
GRACE_S = 10.0
"""s past a job's limit at which its process is killed, since it did not end by itself."""
ATTEMPTS = 5
"""Deaths of its worker after which a job counts as failed."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened to a job: it was begun, its worker died, or it is done and on disk (or has to be put there).

    Attributes:
        result: of a job that is done; `kept` says whether it is on disk.
    """

    kind: Literal["begin", "lost", "done", "tick"]
    key: str = ""
    attempts: int = 0
    result: dict[str, Any] | None = None
    kept: bool = True
    worker: int = 0


@dataclass(eq=False)
class _Hand:
    """A worker process, the jobs that it runs, and since when."""

    process: Any
    line: connection.Connection
    waits: bool
    slots: int
    orders: dict[str, Order] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)
    verdict: str = ""


class Pool:
    """Runs jobs in processes of this machine.

    Args:
        setting: of all jobs. workers: processes. together: episodes that wait for brains side by side in one process.
        waits: whether a job's brain keeps the process waiting.
    """

    def __init__(self, setting: Setting, workers: int, together: int, waits: Callable[[Job], bool]) -> None:
        self.setting, self.workers, self.together, self.waits = setting, workers, together, waits
        self.hands: list[_Hand] = []
        self._shelf = Shelf(setting.folder)
        self._context = get_context("spawn")

    def run(self, orders: Sequence[Order], halted: Callable[[], bool]) -> Iterator[Event]:
        """Yield what happens until all is done, or `halted` says so and the jobs that run are done.

        Raises:
            BatchError: results cannot be written.
        """
        busy, idle = deque[Order](), deque[Order]()
        for order in orders:
            (idle if self.waits(order.job) else busy).append(order)
        try:
            self._engage(busy, idle)
            while True:
                if halted():
                    busy.clear()
                    idle.clear()
                yield from self._hand_out(busy, idle)
                if not any(hand.orders for hand in self.hands):
                    return
                yield from self._listen(busy, idle)
                yield Event("tick")
        finally:
            self._dismiss()

    def _engage(self, busy: deque[Order], idle: deque[Order]) -> None:
        # All that wait share one process, so that one event loop and one rate limit serve them.
        if idle:
            one = 1 if self.setting.limits.memory_mb is not None else self.together
            self._hire(True, min(one, len(idle)))
        for _ in range(min(max(1, self.workers - bool(idle)), len(busy))):
            self._hire(False, 1)

    def _hire(self, waits: bool, slots: int) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs, self.setting, slots), name="pwm-batch")
        process.start()
        theirs.close()
        self.hands.append(_Hand(process, ours, waits, slots))

    def _hand_out(self, busy: deque[Order], idle: deque[Order]) -> Iterator[Event]:
        for hand in self.hands:
            queue = idle if hand.waits else busy
            while queue and len(hand.orders) < hand.slots:
                order = queue[0]
                try:
                    hand.line.send(order)
                except OSError:
                    break  # it died meanwhile; `_listen` sees to it
                queue.popleft()
                hand.orders[order.key] = order
                yield Event("begin", order.key, order.attempts, worker=hand.process.pid)

    def _listen(self, busy: deque[Order], idle: deque[Order]) -> Iterator[Event]:
        ready = connection.wait([wait for hand in self.hands for wait in (hand.line, hand.process.sentinel)], TICK_S)
        for hand in list(self.hands):
            if hand.line in ready or hand.process.sentinel in ready:
                yield from self._hear(hand)
            if hand.process.sentinel in ready:
                yield from self._bury(hand, idle if hand.waits else busy)
        for hand in self.hands:
            self._watch(hand)

    def _hear(self, hand: _Hand) -> Iterator[Event]:
        try:
            while hand.line.poll():
                word, key, value = hand.line.recv()
                if word == "unwritable":
                    raise BatchError(value)
                if word == "began":
                    hand.since[key] = time.monotonic()
                    continue
                order = hand.orders.pop(key)
                hand.since.pop(key, None)
                yield Event("done", key, order.attempts, value, worker=hand.process.pid)
        except (EOFError, OSError):
            pass  # a killed worker may leave half a word; the job counts as lost

    def _bury(self, hand: _Hand, queue: deque[Order]) -> Iterator[Event]:
        """Take up what a dead worker left, and hire another."""
        hand.process.join()
        hand.line.close()
        self.hands.remove(hand)
        for order in hand.orders.values():
            kept = self._shelf.row(order.key)
            if kept is not None:
                yield Event("done", order.key, order.attempts, kept, worker=hand.process.pid)
                continue
            yield Event("lost", order.key, order.attempts, worker=hand.process.pid)
            if hand.verdict:
                yield Event("done", order.key, order.attempts, ended(order, "limit", hand.verdict), kept=False)
            elif order.deaths + 1 >= ATTEMPTS:
                cause = f"its process died {ATTEMPTS} times, at last with code {hand.process.exitcode}"
                yield Event("done", order.key, order.attempts, ended(order, "failed", cause), kept=False)
            else:
                queue.appendleft(order.again())
        if queue or hand.orders:
            self._hire(hand.waits, hand.slots)

    def _watch(self, hand: _Hand) -> None:
        """Kill a worker whose job takes more than it may and does not end by itself."""
        limits = self.setting.limits
        if limits.seconds is not None:
            late = time.monotonic() - limits.seconds - GRACE_S
            if any(since < late for since in hand.since.values()):
                hand.verdict = f"seconds: over {limits.seconds:g} s of the clock, and it did not end by itself"
                hand.process.kill()
        if limits.memory_mb is not None and hand.orders and not hand.verdict:
            used = resident_mb(hand.process.pid)
            if used > limits.memory_mb:
                hand.verdict = f"memory: {used:.0f} MB, over {limits.memory_mb:g} MB"
                hand.process.kill()

    def _dismiss(self) -> None:
        for hand in self.hands:
            if hand.orders:
                hand.process.kill()
                continue
            try:
                hand.line.send(None)
            except OSError:
                pass
        until = time.monotonic() + 5.0
        for hand in self.hands:
            hand.process.join(max(0.1, until - time.monotonic()))
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
        self.hands.clear()


def ended(order: Order, status: str, error: str) -> dict[str, Any]:
    """Return the result of a job that could not say how it ended."""
    job = order.job
    row = {
        "job": order.key, "status": status, "attempts": order.attempts, "world": job.world, "brain": job.brain,
        "body": job.body, "seed": job.seed, "score": None, "survived": None, "predictions_hit_rate": None,
        "decisions": 0, "sim_seconds": 0.0, "wall_seconds": 0.0, "cost_usd": 0.0, "error": error,
    }  # fmt: skip
    return {"row": row, "ledger": {}, "latency": {}}


def resident_mb(pid: int) -> float:
    """Return the memory that a process holds, MB; 0 where that cannot be told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
