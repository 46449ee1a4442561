"""What the shipped motion model does with plain prompts: mean speed, turn, foot skate.

Prints one line of JSON a prompt: speeds m/s and turn deg over 3 s after the first second, averaged over seeds, from
words alone (no steering). Slip: mean speed of the slower foot over the root's, the lower the better.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from prometheus.data import data_path
from prometheus.motion.features import place
from prometheus.motion.pipeline import MotionPipeline

PROMPTS = (
    "stand still", "walk forward", "run", "sprint forward", "creep forward", "turn left", "turn right", "step back",
    "walk to the left", "walk to the right", "a person runs to the left", "a person runs to the right",
    "a person launching sideways to the right, legs driving hard, arms thrown wide in blind panic",
    "a person walks forward toward the gate easily, shoulders relaxed, calm",
)  # fmt: skip


def measure(pipeline: MotionPipeline, text: str, seeds: int) -> dict[str, object]:
    rows = []
    for seed in range(seeds):
        frames = pipeline(text, seconds=4.0, seed=seed)
        joints = place(frames).joints[20:]
        moved = np.linalg.norm(np.diff(joints[:, [7, 8]][..., [0, 2]], axis=0), axis=-1).min(1).mean() * 20
        left, forward = frames.step[20:].mean(0) * 20
        rows.append([forward, left, np.degrees(frames.turn[20:].sum()), moved])
    forward, left, turn, slower = np.mean(rows, 0)
    speed = float(np.mean([np.hypot(r[0], r[1]) for r in rows]))
    return {
        "text": text,
        "forward_m_s": round(float(forward), 2),
        "left_m_s": round(float(left), 2),
        "turn_deg": round(float(turn)),
        "slower_foot_over_root": round(float(slower) / speed, 2) if speed > 0.3 else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=None)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    pipeline = MotionPipeline.load(options.weights or data_path("assets", "motion"))
    for text in PROMPTS:
        print(json.dumps(measure(pipeline, text, options.seeds)), flush=True)


if __name__ == "__main__":
    main()
