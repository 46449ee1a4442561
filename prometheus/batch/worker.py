"""Worker: a process that runs one job after the other, or several side by side while they wait for brains."""

from __future__ import annotations

import os
import queue
import signal
import threading
from dataclasses import dataclass, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from prometheus.batch.job import Job, Limits


@dataclass(frozen=True, slots=True)
class Order:
    """A job as it is handed to a worker; `attempts` counts this one, `deaths` the workers that died of it."""

    job: Job
    key: str
    attempts: int = 1
    deaths: int = 0

    def again(self) -> Order:
        """Return the order for the next attempt."""
        return replace(self, attempts=self.attempts + 1, deaths=self.deaths + 1)


@dataclass(frozen=True, slots=True)
class Setting:
    """What all jobs of a batch have in common.

    Attributes:
        folder: of the results. code: version of the code. limits: of each job. record: whether episodes are kept.
    """

    folder: Path
    code: str
    limits: Limits
    record: bool = False


def work(line: Connection, setting: Setting, slots: int) -> None:
    """Take orders from `line` until it ends; what is said back is ("began" | "done" | "unwritable", key, value)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    from prometheus.batch.tools import Tools

    tools, orders, lock = Tools(), queue.Queue[Order | None](), threading.Lock()

    def say(*words: Any) -> None:
        with lock:
            line.send(words)

    hands = [threading.Thread(target=_serve, args=(orders, say, tools, setting)) for _ in range(slots)]
    for hand in hands:
        hand.start()
    try:
        while (order := line.recv()) is not None:
            orders.put(order)
    except (EOFError, OSError):
        os._exit(3)  # nobody is there to hear
    for _ in hands:
        orders.put(None)
    for hand in hands:
        hand.join()
    tools.close()


def _serve(orders: queue.Queue[Order | None], say: Any, tools: Any, setting: Setting) -> None:
    while (order := orders.get()) is not None:
        with tools.caller.turn:
            _do(order, say, tools, setting)


def _do(order: Order, say: Any, tools: Any, setting: Setting) -> None:
    from prometheus.batch.perform import perform
    from prometheus.batch.shelf import Shelf
    from prometheus.errors import BatchError

    shelf, key = Shelf(setting.folder), order.key
    try:
        part = shelf.open_part(key)
        shelf.note(event="begin", job=key, worker=os.getpid(), attempt=order.attempts)
        result, trace = perform(
            order.job, key, tools, limits=setting.limits, attempts=order.attempts,
            folder=part if setting.record else None, began=lambda: say("began", key, None),
        )  # fmt: skip
        shelf.keep(key, part, entry(order, setting, result), remains(order, result, trace))
    except BatchError as error:
        say("unwritable", key, str(error))
    except OSError as error:
        say("unwritable", key, f"cannot write to {setting.folder}: {error.strerror or error}; make room and run again")
    except Exception as error:  # whatever it is, it must be said, or the batch would wait for ever
        say("unwritable", key, f"the result of job {key} cannot be kept: {type(error).__name__}: {error}")
    else:
        say("done", key, result)


def entry(order: Order, setting: Setting, result: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a job: its row, its spec, and how it is run again."""
    return {
        **result, "code": setting.code, "spec": order.job.spec, "of": order.job.to_json(),
        "again": order.job.command(order.key),
    }  # fmt: skip


def remains(order: Order, result: dict[str, Any], trace: str) -> dict[str, str]:
    """Return the files that a job which did not end well leaves beside its row."""
    import json

    if result["row"]["status"] == "ok":
        return {}
    # JSON is YAML: this file is a SPEC of the one job.
    again = {f"again-{order.key}.yaml": json.dumps(order.job.again(), indent=1) + "\n"}
    return again | ({"error.txt": trace} if trace else {})


def end_with_parent() -> None:
    """End when the process does that began this one, however it ended: nobody waits for the work any more."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(3)
