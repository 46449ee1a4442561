"""Standing: how far a batch is, as numbers, as Prometheus metrics and as a line of text."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from prometheus.batch.shelf import Shelf

STATUSES = ("ok", "failed", "limit")


@dataclass
class Standing:
    """Counts of a batch.

    Attributes:
        total: jobs in all. before: jobs that were done when it began. counts: done jobs by status.
        running: jobs by their key that run now. lost: workers that died under a job.
    """

    total: int
    before: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    running: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    cost_usd: float = 0.0
    tokens: int = 0
    sim_seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def add(self, result: dict[str, Any]) -> None:
        """Count a job that is done."""
        row, ledger = result["row"], result.get("ledger") or {}
        self.counts[row["status"]] += 1
        self.cost_usd += row.get("cost_usd") or 0.0
        self.sim_seconds += row.get("sim_seconds") or 0.0
        self.tokens += ledger.get("tokens_in", 0) + ledger.get("tokens_out", 0)

    @property
    def done(self) -> int:
        """Jobs that are done."""
        return self.counts.total()

    @property
    def rate(self) -> float:
        """Jobs a second since this run of the batch began."""
        return (self.done - self.before) / max(time.monotonic() - self.started, 1e-6)

    @property
    def left_s(self) -> float | None:
        """Seconds until the end at this rate; None while there is none."""
        return (self.total - self.done) / self.rate if self.done > self.before else None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        left = self.left_s
        return {
            "jobs": self.total, "done": self.done, **{name: self.counts[name] for name in STATUSES},
            "running": len(self.running), "lost": self.lost, "jobs_per_second": round(self.rate, 4),
            "seconds_left": None if left is None else round(left, 1), "cost_usd": round(self.cost_usd, 6),
            "tokens": self.tokens, "sim_seconds": round(self.sim_seconds, 2),
        }  # fmt: skip

    def line(self) -> str:
        """Return one line for people."""
        told = ", ".join(f"{self.counts[name]} {name}" for name in STATUSES if self.counts[name] or name == "ok")
        left = self.left_s
        pace = (
            f"; {60 * self.rate:.1f} a minute, {_span(left)} left"
            if left is not None and self.done < self.total
            else ""
        )
        cost = f"; {self.cost_usd:.4f} USD" if self.cost_usd else ""
        return f"{self.done} of {self.total} jobs: {told}{cost}{pace}"

    def metrics(self) -> str:
        """Return the counts in Prometheus' text format."""
        rows: list[tuple[str, str, str, list[tuple[str, float]]]] = [
            ("pwm_batch_jobs", "gauge", "Jobs of the batch by state.", [
                *((f'{{state="{name}"}}', self.counts[name]) for name in STATUSES),
                ('{state="running"}', len(self.running)),
                ('{state="pending"}', max(self.total - self.done - len(self.running), 0)),
            ]),
            ("pwm_batch_workers_lost_total", "counter", "Workers that died under a job.", [("", self.lost)]),
            ("pwm_batch_cost_usd_total", "counter", "US dollars that brains took.", [("", round(self.cost_usd, 6))]),
            ("pwm_batch_tokens_total", "counter", "Tokens that brains took.", [("", self.tokens)]),
            ("pwm_batch_sim_seconds_total", "counter", "World time lived.", [("", round(self.sim_seconds, 2))]),
            ("pwm_batch_jobs_per_second", "gauge", "Jobs done a second.", [("", round(self.rate, 6))]),
        ]  # fmt: skip
        lines = []
        for name, kind, text, values in rows:
            lines += [
                f"# HELP {name} {text}",
                f"# TYPE {name} {kind}",
                *(f"{name}{mark} {value}" for mark, value in values),
            ]
        return "\n".join(lines) + "\n"


def standing_of(shelf: Shelf) -> tuple[Standing, list[str]]:
    """Return how far the batch in a folder is, and the keys of jobs whose row cannot be read.

    Raises:
        BatchError: the folder holds no batch.
    """
    from prometheus.errors import BatchError

    manifest = shelf.manifest()
    if manifest is None:
        raise BatchError(f"{shelf.folder} holds no batch; give a folder that `pwm batch SPEC --out DIR` wrote")
    kept, broken = shelf.rows()
    keys = {job["job"] for job in manifest["jobs"]}
    standing = Standing(len(keys))
    for key, result in kept.items():
        if key in keys:
            standing.add(result)
    first, last = None, 0.0
    for event in shelf.journal():
        name, kind, at = event.get("job"), event.get("event"), event.get("at")
        if kind == "start":
            first, standing.before = at, int(event.get("done", 0))
            standing.running.clear()
        elif kind == "begin" and isinstance(name, str):
            standing.running[name] = 1
        elif kind == "lost":
            standing.lost += 1
        last = at if isinstance(at, int | float) else last
    active = shelf.running()
    standing.running = {key: 1 for key in standing.running if key in keys and key not in kept} if active else {}
    if isinstance(first, int | float):
        standing.started = time.monotonic() - ((time.time() if active else last) - first)
    return standing, broken


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
