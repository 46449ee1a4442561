"""Whether a batch loses anything when its workers and itself are killed, again and again (Linux).

python benchmarks/kills.py --kills 20 --out out/kills

The grid is run once undisturbed, and once while a random one of its processes gets SIGKILL, a moment after another job
was done since the last one (or half a minute was lost); whenever the batch itself was hit, the same command is given
again. The two tables have to be equal, timings and attempts aside.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

CLOCK = ("attempts", "wall_seconds")
PATIENCE_S = 30.0
GRID = "worlds: [arena, castle]\nbodies: [humanoid, tank]\nseeds: {seeds}\nseconds: 1\n"


def begin(spec: Path, out: Path) -> subprocess.Popen[bytes]:
    """Give the command."""
    command = [sys.executable, "-m", "prometheus", "batch", str(spec), "--out", str(out), "--workers", "2"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def workers(pid: int) -> list[int]:
    """The worker processes of a batch."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            line = path.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == pid and b"spawn_main" in line:
            found.append(int(path.parent.name))
    return found


def finished(out: Path) -> int:
    """Jobs that are done."""
    return len(list((out / "jobs").glob("*/row.json")))


def table(folder: Path) -> list[dict[str, str]]:
    """The rows, without what the clock had a say in."""
    with (folder / "results.csv").open(newline="") as file:
        return [{name: value for name, value in row.items() if name not in CLOCK} for row in csv.DictReader(file)]


def storm(spec: Path, out: Path, kills: int, dice: random.Random, gap_s: tuple[float, float]) -> Counter[str]:
    """Run a batch and kill; return how often whom."""
    hit: Counter[str] = Counter()
    batch, done = begin(spec, out), 0
    while hit.total() < kills:
        until = time.monotonic() + PATIENCE_S
        while finished(out) <= done and time.monotonic() < until and batch.poll() is None:
            time.sleep(0.05)
        time.sleep(dice.uniform(*gap_s))
        if batch.poll() is not None:
            break
        victim = dice.choice([batch.pid, *workers(batch.pid)])
        os.kill(victim, signal.SIGKILL)
        hit["batch" if victim == batch.pid else "worker"] += 1
        done = finished(out)
        print(f"{hit.total()}: {'the batch' if victim == batch.pid else 'a worker'}, {done} done", flush=True)
        if victim == batch.pid:
            batch.wait()
            batch = begin(spec, out)
    code = batch.wait()
    if code:
        raise SystemExit(f"the batch ended with code {code}")
    return hit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--gap", type=float, nargs=2, default=(0.0, 3.0), metavar="S")
    parser.add_argument("--dice", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out") / "kills")
    args = parser.parse_args()
    shutil.rmtree(args.out / "stormy", ignore_errors=True)
    args.out.mkdir(parents=True, exist_ok=True)
    spec = args.out / "grid.yaml"
    spec.write_text(GRID.format(seeds=args.seeds), "utf-8")
    if begin(spec, args.out / "calm").wait():
        raise SystemExit("the undisturbed batch failed")
    hit = storm(spec, args.out / "stormy", args.kills, random.Random(args.dice), tuple(args.gap))
    calm, stormy = table(args.out / "calm"), table(args.out / "stormy")
    differ = sum(a != b for a, b in zip(calm, stormy, strict=False)) + abs(len(calm) - len(stormy))
    print(f"{hit.total()} kills ({dict(hit)}); {len(calm)} rows undisturbed, {len(stormy)} rows, {differ} differ")
    raise SystemExit(1 if differ else 0)


if __name__ == "__main__":
    main()
