"""Perform: run one job and say how it ended. The same job gives the same row, wherever it runs."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aether.brain import Quote
from aether.errors import AetherError, BudgetError
from aether.ledger import Ledger
from aether.wrap.budget import Purse
from hephaestus.errors import BodyError
from prometheus.batch.job import Job, Limits
from prometheus.batch.tools import Tools
from prometheus.errors import PrometheusError, shorten

if TYPE_CHECKING:
    from prometheus.bench.case import Case
    from prometheus.config import Config
    from prometheus.loop import Simulation

LONGEST_ERROR = 400


class LimitReached(Exception):
    """A job has taken what it may."""


def perform(
    job: Job,
    key: str,
    tools: Tools,
    *,
    limits: Limits,
    attempts: int = 1,
    folder: Path | None = None,
    began: Callable[[], None] | None = None,
) -> tuple[dict[str, Any], str]:
    """Run a job.

    Args:
        job: what is run.
        key: its name in the batch.
        tools: of this process.
        limits: at which it ends.
        attempts: how often it was begun.
        folder: where the episode is recorded, or None.
        began: called when everything is loaded.

    Returns:
        The row of the table, with further figures under "more", and the traceback of a failure ("" for none).
    """
    row: dict[str, Any] = {
        "job": key, "status": "ok", "attempts": attempts, "world": job.world, "brain": job.brain, "body": job.body,
        "seed": job.seed, "score": None, "survived": None, "predictions_hit_rate": None, "decisions": 0,
        "sim_seconds": 0.0, "wall_seconds": 0.0, "cost_usd": 0.0, "error": None,
    }  # fmt: skip
    ledger, trace, started = Ledger(), "", time.perf_counter()
    try:
        _live(job, tools, row, ledger, limits, folder, began or (lambda: None))
    except LimitReached as reached:
        row |= {"status": "limit", "error": str(reached)}
    except (PrometheusError, AetherError, BodyError) as error:
        row |= {"status": "failed", "error": shorten(str(error), LONGEST_ERROR)}
    except MemoryError:
        row |= {"status": "limit", "error": "memory: there is no more of it"}
    except OSError:
        # The disk is full, or the folder is gone: that is the batch's trouble, and not how this job ends.
        raise
    except Exception as error:  # a fault of the program costs one job and is told, never the batch
        row |= {"status": "failed", "error": shorten(f"{type(error).__name__}: {error}", LONGEST_ERROR)}
        trace = traceback.format_exc()
    totals = ledger.totals()
    row |= {"wall_seconds": round(time.perf_counter() - started, 3), "cost_usd": totals["cost_usd"]}
    return {"row": row, "ledger": totals, "latency": ledger.latency()}, trace


class _Guard:
    """Ends a job at its limits, between two frames."""

    def __init__(self, limits: Limits, ledger: Ledger, row: dict[str, Any]) -> None:
        self.limits, self.ledger, self.row = limits, ledger, row
        self.purse = _Purse(limits.usd, limits.tokens) if limits.usd is not None or limits.tokens is not None else None
        self._until: float | None = None

    def __call__(self, *_: object) -> None:
        now = time.monotonic()
        if self._until is None and self.limits.seconds is not None:
            self._until = now + self.limits.seconds
        if self._until is not None and now > self._until:
            raise LimitReached(f"seconds: over {self.limits.seconds:g} s of the clock")
        if self.purse is not None:
            if self.purse.refused:
                raise LimitReached(self.purse.refused)
            totals = self.ledger.totals()
            tokens = totals["tokens_in"] + totals["tokens_out"]
            if self.limits.tokens is not None and tokens > self.limits.tokens:
                raise LimitReached(f"tokens: {tokens} of {self.limits.tokens}")
            if self.limits.usd is not None and totals["cost_usd"] > self.limits.usd:
                raise LimitReached(f"usd: {totals['cost_usd']:g} of {self.limits.usd:g}")


class _Purse(Purse):
    """A purse that remembers that it was too small."""

    refused = ""

    def take(self, quote: Quote) -> None:
        """As `Purse.take`."""
        try:
            super().take(quote)
        except BudgetError:
            self.refused = (
                f"tokens and usd: the next call could pass the limit; {self.spent_tokens} tokens and "
                f"{self.spent_usd:.4f} USD spent"
            )
            raise


def _live(
    job: Job, tools: Tools, row: dict[str, Any], ledger: Ledger, limits: Limits, folder: Path | None,
    began: Callable[[], None],
) -> None:  # fmt: skip
    from prometheus.config import Config

    config = Config(**{**job.config, "seed": job.seed, "seconds": job.seconds, "body": job.body})
    if job.scenarios is not None:
        _live_case(job, config, tools, row, ledger, limits, began)
        return
    from prometheus.run import simulate
    from prometheus.world.scenario import load_scenario

    scenario = load_scenario(job.world)
    from prometheus.company import clone_agents

    scenario = clone_agents(scenario, config.agents)
    guard = _Guard(limits, ledger, row)
    minds = tools.minds(config, scenario, ledger, guard.purse)
    simulation, head = simulate(job.world, config, minds=minds, scenario=scenario, motor=tools.motor(config))
    row["body"] = head["body"]
    began()
    with simulation:
        report = _play(simulation, head, folder, config.seconds, guard, row)
    figures = report.to_json()
    row |= rated(figures, _progress(simulation, scenario.agent.at))
    row["decisions"], row["sim_seconds"] = figures["decisions"], round(figures["frames"] / 20, 2)
    if folder is not None:
        report.write(folder / "report.json")


def _play(
    simulation: Simulation,
    head: dict[str, Any],
    folder: Path | None,
    seconds: float,
    guard: _Guard,
    row: dict[str, Any],
) -> Any:
    """Run to the end; the row follows, so that a limit leaves what there was until then."""
    from prometheus.run import play

    def before(now: Simulation) -> None:
        row["sim_seconds"] = round(now.world.frame / 20, 2)
        guard()

    return play(simulation, head, folder, seconds=seconds, before=before).report


def rated(figures: dict[str, Any], progress: float | None) -> dict[str, Any]:
    """Return score, survival and hit rate of a run.

    The score, 0-100, is the mean of what a run has of: survival (1 or 0), the share of the way to the goal, and the
    share of dangers that were foretold.
    """
    calls = figures["predictions"]
    dangers = calls["hit"] + calls["miss"]
    survived = not figures["caught"]
    rate = calls["hit"] / dangers if dangers else None
    parts = [part for part in (float(survived), progress, rate) if part is not None]
    return {
        "score": round(100 * sum(parts) / len(parts), 3),
        "survived": survived,
        "predictions_hit_rate": None if rate is None else round(rate, 4),
    }


def _progress(simulation: Simulation, start: tuple[float, float]) -> float | None:
    """Share of the way from start to goal that the first agent has behind it, 0-1; None where there is no goal."""
    import math

    actor = simulation.world.agent
    if actor.goal is None:
        return None
    whole = math.dist(start, actor.goal)
    left = math.dist(actor.position[:2].tolist(), actor.goal)
    return min(max(1.0 - left / whole, 0.0), 1.0) if whole > 0 else 1.0


def _live_case(
    job: Job, config: Config, tools: Tools, row: dict[str, Any], ledger: Ledger, limits: Limits,
    began: Callable[[], None],
) -> None:  # fmt: skip
    """Live through a scenario of the bench; its score is the bench's."""
    from dataclasses import replace

    from prometheus.bench.case import read_cases
    from prometheus.bench.categories import CATEGORIES
    from prometheus.bench.stage import Stage

    assert job.scenarios is not None
    _, cases = read_cases(Path(job.scenarios))
    found: Case = next(case for case in cases if case.id == job.world)
    case = replace(found, seed=job.seed, body=job.body or found.body)
    guard = _Guard(limits, ledger, row)

    def minds(chosen: Config, scenario: Any) -> Any:
        guard()
        return tools.minds(chosen, scenario, ledger, guard.purse)

    stage = Stage(config, tools.motor(config), case.body, minds=minds, before=guard)
    row["body"] = case.body
    began()
    category = CATEGORIES[case.category]
    takes = category.play(case, stage)
    calls = [call for take in takes for decided in take.decisions for call in decided.verdict.agreement.values()]
    dangers = [call for call in calls if call in ("hit", "miss")]
    row |= {
        "score": round(category.score_takes(case, takes).score, 3),
        "survived": not any(bool(take.caught.any()) for take in takes),
        "predictions_hit_rate": round(dangers.count("hit") / len(dangers), 4) if dangers else None,
        "decisions": sum(len(take.decisions) for take in takes),
        "sim_seconds": round(sum(len(take.place) for take in takes) / 20, 2),
    }
