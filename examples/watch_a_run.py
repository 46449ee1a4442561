"""Run an agent with a brain of your own and watch what it decides, frame by frame.

python examples/watch_a_run.py --seconds 10
"""

from __future__ import annotations

import argparse

import prometheus
from aether import Scene


def cautious(scene: Scene) -> str:
    """A brain in five lines: it walks on while the way is free, and turns to the freer side where it is not."""
    ahead = scene.walls.forward is None or scene.walls.forward > 2.0
    left, right = (scene.walls.left or 99.0), (scene.walls.right or 99.0)
    way = "forward" if ahead else "to the left" if left >= right else "to the right"
    return f"PREDICT: forward={'safe' if ahead else 'danger(wall)'}\nMOTION: a person walks {way}"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="castle")
    parser.add_argument("--body", default="humanoid")
    parser.add_argument("--seconds", type=float, default=10.0)
    args = parser.parse_args()
    with prometheus.make(args.world, brain=cautious, body=args.body, seed=7) as sim:
        for frame in sim.run(seconds=args.seconds):
            if frame.thought is not None:
                x, y = sim.agent.place
                print(f"{frame.frame / 20:5.2f} s  ({x:6.2f}, {y:6.2f}) m  {frame.thought.decision.motion}")


if __name__ == "__main__":
    main()
