"""What a mind costs: a decision of the reflex, reading an answer, importing, and the frames of a world in real time.

Usage: python benchmarks/mind.py [--pairs 5] [--seconds 20]

The last figure compares the 99th percentile of the loop's frame time with a brain that takes three seconds an answer
and with the reflex, in runs that take turns, as the median over the pairs; 1.0 means that nobody waits for the brain.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from aether import Mind, parse
from aether.testing import SCENES
from prometheus.config import load_config
from prometheus.product import make

ANSWER = (
    "PREDICT: npc=danger(beast,3.2m,charging), forward=danger(wall,8.5m), left=danger(wall,prev), right=safe, "
    "backward=safe\nMOTION: a person launching sideways to the right, legs driving hard, arms wide in blind panic"
)
SLOW = (
    "import time\n\n\ndef decide(scene):\n    time.sleep(3.0)\n"
    "    return 'PREDICT: forward=safe\\nMOTION: a person walks forward calmly, arms swinging loosely'\n"
)


def decision_ms(rounds: int = 200) -> dict[str, float]:
    mind, times = Mind("reflex"), []
    for _ in range(rounds):
        for scene in SCENES:
            started = time.process_time()
            mind.think(scene, heading=0.1, place=(0.0, 0.0))
            times.append(1e3 * (time.process_time() - started))
    return {"p50": round(statistics.median(times), 3), "p95": round(float(np.percentile(times, 95)), 3)}


def parse_us(rounds: int = 3000) -> float:
    started = time.process_time()
    for _ in range(rounds):
        parse(ANSWER)
    return round(1e6 * (time.process_time() - started) / rounds, 1)


def import_s(rounds: int = 5) -> float:
    code = "import time; a = time.process_time(); import aether; print(time.process_time() - a)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in range(rounds)]
    return round(min(float(run.stdout) for run in runs), 4)


def p99_ms(folder: Path, brain: str, seconds: float) -> float:
    config = load_config(None, ["mode=realtime", f"brain.model={brain}", f"seconds={seconds}"])
    make("castle", config, folder)
    rows = [json.loads(line) for line in (folder / "timings.jsonl").read_text().splitlines()]
    # The first frames pay for everything that is made once.
    return float(np.percentile([sum(row["ms"].values()) for row in rows[20:]], 99))


def waiting(pairs: int, seconds: float) -> dict[str, object]:
    with TemporaryDirectory() as place:
        (Path(place) / "slow_brain.py").write_text(SLOW)
        sys.path.insert(0, place)
        runs = [
            (
                p99_ms(Path(place) / f"slow{i}", "slow_brain:decide", seconds),
                p99_ms(Path(place) / f"quick{i}", "reflex", seconds),
            )
            for i in range(pairs)
        ]
    return {
        "p99_slow_ms": [round(slow, 1) for slow, _ in runs],
        "p99_reflex_ms": [round(quick, 1) for _, quick in runs],
        "ratio": round(statistics.median(slow / quick for slow, quick in runs), 3),
    }


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--pairs", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=20.0)
    given = arguments.parse_args()
    print(json.dumps({"decision_ms": decision_ms(), "parse_us": parse_us(), "import_s": import_s()}))
    if given.pairs:
        print(json.dumps(waiting(given.pairs, given.seconds)))


if __name__ == "__main__":
    main()
