"""Cluster: the same jobs on Ray, here or on many machines; results come back to the driver's folder."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from prometheus.batch.pool import ATTEMPTS, TICK_S, Event, ended
from prometheus.batch.worker import Order, Setting
from prometheus.errors import BatchError

OBJECTS = 128 << 20
"""Bytes of Ray's object store on a machine that is started here: rows are small."""


class Cluster:
    """Runs jobs as Ray tasks.

    Args:
        setting: of all jobs. workers: tasks at once on a Ray that is started here. address: of a running cluster
            ("auto" finds one on this machine); None starts one.

    Raises:
        BatchError: Ray is not installed, or does not answer at the address.
    """

    def __init__(self, setting: Setting, workers: int, address: str | None) -> None:
        try:
            import ray
        except ImportError:
            fix = "pip install 'prometheus-world[ray]', or use --engine local"
            raise BatchError(f"Ray is not installed; {fix}") from None
        self.setting, self._ray = setting, ray
        self._ours = not ray.is_initialized()
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        if self._ours:
            self._connect(workers, address)

    def run(self, orders: Sequence[Order], halted: Callable[[], bool]) -> Iterator[Event]:
        """As `Pool.run`; a task whose worker or node dies is run again by Ray, at most `ATTEMPTS` times."""
        ray, limits = self._ray, self.setting.limits
        memory = {} if limits.memory_mb is None else {"memory": int(limits.memory_mb * 1e6)}
        task = ray.remote(num_cpus=1, max_retries=ATTEMPTS - 1, retry_exceptions=False, **memory)(run_remotely)
        waiting, open_ = list(reversed(orders)), dict[Any, Order]()
        try:
            while True:
                if halted():
                    waiting.clear()
                while waiting and len(open_) < self._room():
                    order = waiting.pop()
                    open_[task.remote(order, limits, self.setting.record)] = order
                    yield Event("begin", order.key, order.attempts)
                if not open_:
                    return
                done, _ = ray.wait(list(open_), num_returns=1, timeout=TICK_S)
                for reference in done:
                    yield self._result(reference, open_.pop(reference))
                yield Event("tick")
        finally:
            for reference in open_:
                ray.cancel(reference, force=True)
            if self._ours:
                ray.shutdown()

    def _result(self, reference: Any, order: Order) -> Event:
        errors = self._ray.exceptions
        try:
            result, files = self._ray.get(reference)
        except errors.OutOfMemoryError as error:
            result, files = ended(order, "limit", f"memory: {str(error).splitlines()[0][:200]}"), {}
        except errors.RayError as error:
            result, files = ended(order, "failed", f"{type(error).__name__}: {str(error).splitlines()[0][:300]}"), {}
        return Event("done", order.key, order.attempts, result | {"files": files}, kept=False)

    def _room(self) -> int:
        """Tasks that are worth having open: twice the cluster's cores, so that none of them waits for the driver."""
        return max(2, 2 * int(self._ray.cluster_resources().get("CPU", 1)))

    def _connect(self, workers: int, address: str | None) -> None:
        packages = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (packages, os.environ.get("PYTHONPATH"))))
        environment = {"env_vars": {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}}
        more: dict[str, Any] = {"address": address} if address is not None else {
            "num_cpus": workers, "object_store_memory": OBJECTS, "include_dashboard": False,
        }  # fmt: skip
        try:
            self._ray.init(runtime_env=environment, log_to_driver=False, logging_level=logging.ERROR, **more)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            where = f"at {address}" if address else "here"
            first = (str(error).splitlines() or [""])[0][:160]
            raise BatchError(f"Ray does not answer {where} ({first}); start it, or leave --address out") from None


def run_remotely(order: Order, limits: Any, record: bool) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Run one job in a Ray worker; returns its result and the files that it left, for the driver to keep."""
    import tempfile

    from prometheus.batch.perform import perform
    from prometheus.batch.tools import Tools

    # Kept from task to task: a Ray worker lives on, and the motion model is loaded once in it.
    tools: Tools = sys.modules[__name__].__dict__.setdefault("_TOOLS", Tools())
    with tempfile.TemporaryDirectory() as folder, tools.caller.turn:
        place = Path(folder) if record else None
        result, trace = perform(order.job, order.key, tools, limits=limits, attempts=order.attempts, folder=place)
        files = {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.is_file()}
    return result | {"trace": trace}, files
