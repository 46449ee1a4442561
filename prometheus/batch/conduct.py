"""Conduct: a batch from its first job to its table, as often as it takes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from prometheus.batch.job import Job, code_version
from prometheus.batch.pool import Event, Pool
from prometheus.batch.shelf import JOBS, Shelf
from prometheus.batch.spec import Ceilings
from prometheus.batch.standing import Standing
from prometheus.batch.table import Row, write_tables
from prometheus.batch.worker import Order, Setting, entry, remains
from prometheus.errors import BatchError

Told = Callable[[dict[str, Any], Standing], None]
"""Called with an event (plain JSON values) and how far the batch is."""
LEDGER = "ledger.json"


class Engine(Protocol):
    """What runs orders; `Pool` and `Cluster` are such."""

    def run(self, orders: Sequence[Order], halted: Callable[[], bool]) -> Iterator[Event]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Plan:
    """How a batch is run.

    Attributes:
        workers: processes. engine: where they are. address: of a Ray cluster; None starts one here.
        together: episodes that wait for a model side by side. record: whether episodes are kept.
        amend: whether results of another code or SPEC stay beside new ones. retry: whether jobs that failed or met a
            limit are run again.
    """

    workers: int = 2
    engine: Literal["local", "ray"] = "local"
    address: str | None = None
    together: int = 8
    record: bool = False
    amend: bool = False
    retry: bool = False


def conduct(
    jobs: Sequence[Job], ceilings: Ceilings, out: Path, plan: Plan | None = None, told: Told | None = None
) -> tuple[Standing, list[Row], str]:
    """Run what is missing of a batch, and write its table.

    Args:
        jobs: of the grid.
        ceilings: limits.
        out: folder of the results.
        plan: how it is run.
        told: hears what happens.

    Returns:
        How far it is, all rows, and why it stopped early ("" where it did not).

    Raises:
        BatchError: the folder cannot be written, holds another batch or another code's, or is in use.
    """
    plan, told, shelf = plan or Plan(), told or (lambda _event, _standing: None), Shelf(out)
    with shelf.held():
        code = code_version()
        orders, kept, standing = _prepare(shelf, jobs, code, plan)
        told({"event": "start", "out": str(out), "code": code}, standing)
        shelf.note(event="start", done=standing.done, jobs=standing.total)
        setting = Setting(out.absolute(), code, ceilings.of_job(), plan.record)
        halt = _Halt(ceilings, standing)
        by_key = {order.key: order for order in orders}
        try:
            if orders:
                for event in _engine(plan, setting).run(orders, halt):
                    _take(event, shelf, setting, by_key, kept, standing, told)
        finally:
            rows = [*kept.values(), *_unbegun(orders, kept, halt.reason)]
            write_tables(shelf, rows)
            shelf.write(LEDGER, json.dumps(_ledger(shelf), indent=1) + "\n")
        shelf.note(event="end", done=standing.done)
        told({"event": "end", "reason": halt.reason}, standing)
    return standing, rows, halt.reason


def _prepare(shelf: Shelf, jobs: Sequence[Job], code: str, plan: Plan) -> tuple[list[Order], dict[str, Row], Standing]:
    """What is to be run, what is kept, and the count of both."""
    finished, broken = shelf.rows()
    for key in broken:
        shelf.forget(key)
    if plan.retry:
        for key in [key for key, result in finished.items() if result["row"]["status"] != "ok"]:
            shelf.forget(key)
            del finished[key]
    keys = _keys(shelf, jobs, code, plan, finished)
    begun = Counter(event["job"] for event in shelf.journal() if event.get("event") == "begin" and "job" in event)
    orders = [Order(job, key, begun[key] + 1) for key, job in keys.items() if key not in finished]
    whole = {**{key: result["row"] for key, result in finished.items()}, **dict.fromkeys(keys)}
    standing = Standing(len(whole))
    for result in finished.values():
        standing.add(result)
    standing.before = standing.done
    named = [
        {"job": key, "world": job.world, "brain": job.brain, "body": job.body, "seed": job.seed}
        for key, job in keys.items()
    ]
    named += [{name: result["row"][name] for name in ("job", "world", "brain", "body", "seed")}
              for key, result in finished.items() if key not in keys]  # fmt: skip
    shelf.write_manifest({"code": code, "jobs": named})
    return orders, {key: result["row"] for key, result in finished.items()}, standing


def _keys(
    shelf: Shelf, jobs: Sequence[Job], code: str, plan: Plan, finished: dict[str, dict[str, Any]]
) -> dict[str, Job]:
    """The key of each job; with --amend, that of the result which another code has left of it."""
    mine = {job.key(code): job for job in jobs}
    if not plan.amend:
        foreign = next((result for result in finished.values() if result.get("code") != code), None)
        if foreign is not None:
            raise BatchError(
                f"{shelf.folder} holds results of another version of the code ({foreign.get('code')}, this is {code}); "
                "choose another --out DIR, or keep both with --amend"
            )
        manifest = shelf.manifest()
        if manifest is not None and finished and {job["job"] for job in manifest["jobs"]} != mine.keys():
            raise BatchError(
                f"{shelf.folder} holds the results of another SPEC; choose another --out DIR, or keep both with --amend"
            )
        return mine
    done = {result["spec"]: key for key, result in finished.items()}
    return {done.get(job.spec, key): job for key, job in mine.items()}


def _take(
    event: Event, shelf: Shelf, setting: Setting, orders: dict[str, Order], kept: dict[str, Row], standing: Standing,
    told: Told,
) -> None:  # fmt: skip
    said: dict[str, Any] = {"event": event.kind, "job": event.key, "attempt": event.attempts, "worker": event.worker}
    if event.kind == "begin":
        standing.running[event.key] = event.worker
        if not event.worker:
            # On this machine the worker itself says so, once it has really begun.
            shelf.note(event="begin", job=event.key, attempt=event.attempts)
    elif event.kind == "lost":
        standing.running.pop(event.key, None)
        standing.lost += 1
        shelf.note(event="lost", job=event.key, worker=event.worker)
    elif event.kind == "done" and event.result is not None:
        if not event.kept:
            order = orders[event.key]
            part = shelf.open_part(event.key)
            for name, data in event.result.pop("files", {}).items():
                shelf.write_bytes(f"{JOBS}/{part.name}/{Path(name).name}", data)
            more = remains(order, event.result, str(event.result.pop("trace", "")))
            shelf.keep(event.key, part, entry(order, setting, event.result), more)
        standing.running.pop(event.key, None)
        standing.add(event.result)
        kept[event.key] = event.result["row"]
        said |= {"row": event.result["row"]}
    if event.kind != "tick":
        said |= {"done": standing.done, "jobs": standing.total}
    told(said, standing)


def _engine(plan: Plan, setting: Setting) -> Engine:
    if plan.engine == "ray":
        from prometheus.batch.cluster import Cluster

        return Cluster(setting, plan.workers, plan.address)
    return Pool(setting, plan.workers, plan.together, waits)


def waits(job: Job) -> bool:
    """Whether a job's time goes mostly into waiting for a model that others serve."""
    from aether.brains import names

    brain = job.brain.partition(":")[0]
    return brain not in names() and "." not in brain and ":" not in job.brain


class _Halt:
    """Says when the batch as a whole has taken what it may."""

    def __init__(self, ceilings: Ceilings, standing: Standing) -> None:
        self.ceilings, self.standing, self.reason = ceilings, standing, ""
        self._started = time.monotonic()

    def __call__(self) -> bool:
        limits, now = self.ceilings, self.standing
        if limits.batch_seconds is not None and time.monotonic() - self._started > limits.batch_seconds:
            self.reason = f"the batch's limit of {limits.batch_seconds:g} s"
        elif limits.batch_tokens is not None and now.tokens >= limits.batch_tokens > 0:
            self.reason = f"the batch's limit of {limits.batch_tokens} tokens ({now.tokens} taken)"
        elif limits.batch_usd is not None and now.cost_usd >= limits.batch_usd > 0:
            self.reason = f"the batch's limit of {limits.batch_usd:g} USD ({now.cost_usd:.4f} spent)"
        return bool(self.reason)


def _unbegun(orders: Sequence[Order], kept: dict[str, Row], reason: str) -> Iterator[Row]:
    """Rows of jobs that a limit of the batch kept from beginning: they are told, and run when it is raised."""
    from prometheus.batch.pool import ended

    for order in orders:
        if reason and order.key not in kept:
            yield ended(order, "limit", f"not begun: {reason}")["row"] | {"attempts": order.attempts - 1}


def _ledger(shelf: Shelf) -> dict[str, Any]:
    """What all brains took together, by brain too."""
    total: Counter[str] = Counter()
    by_brain: dict[str, Counter[str]] = {}
    for result in shelf.rows()[0].values():
        figures = {
            name: value for name, value in (result.get("ledger") or {}).items() if isinstance(value, int | float)
        }
        total.update(figures)
        by_brain.setdefault(result["row"]["brain"], Counter()).update(figures)
    return {"total": dict(total), "brains": {name: dict(figures) for name, figures in sorted(by_brain.items())}}
