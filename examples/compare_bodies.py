"""Compare bodies over seeds: a batch from Python, and its table.

python examples/compare_bodies.py --seeds 4 --seconds 5 --out out/bodies
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import fmean

from prometheus.batch.conduct import Plan, conduct
from prometheus.batch.spec import Spec, spread


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", nargs="+", default=["humanoid", "tank"])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("out") / "bodies")
    args = parser.parse_args()
    grid = {"worlds": ["arena"], "bodies": args.bodies, "seeds": args.seeds, "seconds": args.seconds}
    spec = Spec.model_validate(grid)
    _, rows, _ = conduct(spread(spec, None), spec.limits, args.out, Plan(args.workers))
    for body in args.bodies:
        scores = [row["score"] for row in rows if row["body"] == body and row["status"] == "ok"]
        print(f"{body}: {len(scores)} episodes, score {fmean(scores):.1f}")
    print(args.out / "results.parquet")


# Worker processes import this file: without the guard each of them would begin a batch of its own.
if __name__ == "__main__":
    main()
