"""How much a second worker, the pool and Ray cost or give: episodes a second, against one plain loop.

python benchmarks/batch.py --episodes 100 --seconds 10
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from prometheus.batch.conduct import Plan, conduct
from prometheus.batch.job import Limits
from prometheus.batch.perform import perform
from prometheus.batch.spec import Ceilings, Spec, spread
from prometheus.batch.tools import Tools


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="arena")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--engines", nargs="+", default=["plain", "local-1", "local-2", "ray-2"])
    args = parser.parse_args()
    jobs = spread(Spec(worlds=(args.world,), seeds=args.episodes, seconds=(args.seconds,)), None)
    for engine in args.engines:
        kind, _, workers = engine.partition("-")
        if kind == "plain":
            tools = Tools()
            with tools.caller.turn:
                perform(jobs[0], "warm", tools, limits=Limits())
                started = time.perf_counter()
                for job in jobs:
                    perform(job, "plain", tools, limits=Limits())
            spent = time.perf_counter() - started
        else:
            ends: list[float] = []
            with tempfile.TemporaryDirectory() as folder:
                plan = Plan(int(workers), "ray" if kind == "ray" else "local")
                conduct(
                    jobs, Ceilings(), Path(folder) / "out", plan,
                    lambda event, _, ends=ends: ends.append(time.perf_counter()) if event["event"] == "done" else None,
                )  # fmt: skip
            # From the first batch of results on: the start of processes is not what is compared.
            first = int(workers)
            spent = (ends[-1] - ends[first - 1]) * len(jobs) / max(len(jobs) - first, 1)
        print(f"{engine}: {len(jobs) / spent:.3f} episodes/s, {spent:.1f} s for {len(jobs)}", flush=True)


if __name__ == "__main__":
    main()
