"""How much a second worker, the pool and Ray cost or give: episodes a second, against one plain loop.

python benchmarks/batch.py --episodes 100 --seconds 10

The start of processes is left out: what counts begins with the first result of each worker. On a machine that does
other work too, the clock says little; the CPU seconds an episode say what the pool adds (Linux).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prometheus.batch.conduct import Plan, conduct
from prometheus.batch.job import Job, Limits
from prometheus.batch.perform import perform
from prometheus.batch.spec import Ceilings, Spec, spread
from prometheus.batch.tools import Tools


class Watch:
    """Notes when results come, and what CPU time their workers have taken by then."""

    def __init__(self, workers: int) -> None:
        self.workers, self.begun = workers, dict[int, float]()
        self.ends: list[float] = []
        self.cpu = self.counted = 0.0

    def __call__(self, event: dict[str, Any], _: object) -> None:
        """As `Told`."""
        if event["event"] != "done":
            return
        self.ends.append(time.perf_counter())
        pid = event["worker"]
        spent = _cpu(pid) if pid else 0.0
        if pid in self.begun:
            self.cpu += spent - self.begun[pid]
            self.counted += 1
        self.begun[pid] = spent

    @property
    def rate(self) -> float:
        """Episodes a second."""
        first = self.workers - 1
        return (len(self.ends) - self.workers) / (self.ends[-1] - self.ends[first])


def _cpu(pid: int) -> float:
    """CPU seconds that a process has taken, its threads' too."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plain(jobs: Sequence[Job]) -> tuple[float, float]:
    """Episodes a second and CPU seconds an episode of one loop in this process."""
    tools = Tools()
    with tools.caller.turn:
        perform(jobs[0], "warm", tools, limits=Limits())
        started, before = time.perf_counter(), time.process_time()
        for job in jobs:
            perform(job, "plain", tools, limits=Limits())
    return len(jobs) / (time.perf_counter() - started), (time.process_time() - before) / len(jobs)


def batch(jobs: Sequence[Job], plan: Plan) -> tuple[float, float]:
    """The same of a batch; no CPU seconds (0) where its workers are Ray's."""
    watch = Watch(plan.workers)
    with tempfile.TemporaryDirectory() as folder:
        conduct(jobs, Ceilings(), Path(folder) / "out", plan, watch)
    return watch.rate, watch.cpu / watch.counted if watch.counted else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", default="arena")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--engines", nargs="+", default=["plain", "local-1", "local-2", "ray-2"])
    args = parser.parse_args()
    jobs = spread(Spec(worlds=(args.world,), seeds=args.episodes, seconds=(args.seconds,)), None)
    base: tuple[float, float] | None = None
    for engine in args.engines:
        kind, _, workers = engine.partition("-")
        plan = Plan(int(workers or 1), "ray" if kind == "ray" else "local")
        rate, cpu = plain(jobs) if kind == "plain" else batch(jobs, plan)
        base = base or (rate, cpu)
        share = f", {base[1] / cpu:.2f} x {args.engines[0]}'s rate a CPU second" if cpu else ""
        print(f"{engine}: {rate:.3f} episodes/s ({rate / base[0]:.2f} x), {cpu:.2f} s of CPU each{share}", flush=True)


if __name__ == "__main__":
    main()
