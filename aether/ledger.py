"""The ledger: what thinking took, per decision and in all."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from aether.brain import Stage

_KEPT = 10_000


@dataclass(frozen=True)
class Entry:
    """One decision's bill.

    Attributes:
        decision: Its number, 1 for the first.
        brain: Who was asked.
        route: "brain", or who answered instead and why.
        tokens_in: Tokens of all prompts.
        tokens_out: Tokens of all answers.
        cost_usd: US dollars.
        latency_s: Seconds from question to decision.
        stages: What a policy did.
    """

    decision: int
    brain: str
    route: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    latency_s: float
    stages: tuple[Stage, ...] = ()


class Ledger:
    """Adds up; several minds may write to one. The last 10 000 entries are kept, the totals are of all."""

    def __init__(self) -> None:
        """Empty."""
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self._decisions = self._tokens_in = self._tokens_out = self._fallbacks = 0
        self._cost_usd = 0.0
        self._brains: Counter[str] = Counter()
        self._stages: dict[str, Stage] = {}
        self._runs: Counter[str] = Counter()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The last entries, oldest first."""
        with self._lock:
            return tuple(self._entries)

    def add(self, entry: Entry) -> None:
        """Books a decision."""
        with self._lock:
            self._entries.append(entry)
            self._decisions += 1
            self._tokens_in += entry.tokens_in
            self._tokens_out += entry.tokens_out
            self._cost_usd += entry.cost_usd
            self._fallbacks += entry.route != "brain"
            self._brains[entry.brain] += 1
            for stage in entry.stages:
                self._runs[stage.name] += 1
                self._stages[stage.name] = _sum(self._stages.get(stage.name), stage)

    def totals(self) -> dict[str, Any]:
        """What it took in all, without anything that a clock measured: JSON-able, the same for the same run."""
        with self._lock:
            return {
                "decisions": self._decisions,
                "fallbacks": self._fallbacks,
                "tokens_in": self._tokens_in,
                "tokens_out": self._tokens_out,
                "cost_usd": round(self._cost_usd, 6),
                "brains": dict(sorted(self._brains.items())),
                "stages": {name: self._stage(name) for name in sorted(self._stages)},
            }

    def latency(self) -> dict[str, float]:
        """Seconds from question to decision over the kept entries: p50, p95 and max; empty where there are none."""
        times = sorted(entry.latency_s for entry in self.entries)
        if not times:
            return {}
        return {"p50_s": _quantile(times, 0.5), "p95_s": _quantile(times, 0.95), "max_s": times[-1]}

    def _stage(self, name: str) -> dict[str, Any]:
        stage = self._stages[name]
        return {
            "runs": self._runs[name],
            "calls": stage.calls,
            "tokens_in": stage.tokens_in,
            "tokens_out": stage.tokens_out,
            "cost_usd": round(stage.cost_usd, 6),
        }


def _sum(so_far: Stage | None, stage: Stage) -> Stage:
    if so_far is None:
        return stage
    return Stage(
        stage.name,
        so_far.calls + stage.calls,
        so_far.tokens_in + stage.tokens_in,
        so_far.tokens_out + stage.tokens_out,
        so_far.cost_usd + stage.cost_usd,
    )


def _quantile(ordered: list[float], share: float) -> float:
    """The smallest value that at least `share` of all do not pass (nearest rank)."""
    return ordered[max(0, -(-int(share * 1000 * len(ordered)) // 1000) - 1)]
