"""Lives through worlds, one after the other in one process, and prints the hash of each episode.

Run as `python -m tests.prometheus.live_worlds SECONDS FOLDER WORLD:SEED...`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from prometheus import run
from prometheus.config import load_config


def live(world: str, seed: int, seconds: float, folder: Path) -> str:
    """Run a world with the motion model on, and return its episode's hash."""
    config = load_config(seed=seed, seconds=seconds)
    simulation, head = run.simulate(world, config)
    with simulation:
        run.play(simulation, head, folder, seconds=seconds)
    return hashlib.sha256((folder / "episode.jsonl").read_bytes()).hexdigest()


def main() -> None:
    """Do what the module says."""
    seconds, folder, *wanted = sys.argv[1:]
    # The weights are the same for all; loading them anew for each world would be most of the work.
    motor = run.load_motion(load_config())
    run.load_motion = lambda config: motor  # type: ignore[assignment]
    found = {}
    for spec in wanted:
        world, seed = spec.split(":")
        found[spec] = live(world, int(seed), float(seconds), Path(folder) / spec.replace(":", "-"))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
