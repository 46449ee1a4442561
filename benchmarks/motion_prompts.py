"""What the motion model does with plain sentences, one by one; `pwm motion eval` has the figures over many of them.

Prints one line of JSON a sentence: speeds m/s and turn deg after the first second, averaged over seeds, from words
alone (no steering). Slip: mean speed of the slower ankle over the pelvis', the lower the better.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from hephaestus.motion import Motion
from prometheus.data import data_path
from prometheus.motion.evaluate.feet import ANKLES, moving, slip
from prometheus.motion.evaluate.generator import Generator
from prometheus.motion.evaluate.path import displacement, turned
from prometheus.motion.evaluate.wish import Wish
from prometheus.motion.pipeline import MotionPipeline

PROMPTS = (
    "stand still", "walk forward", "run", "sprint forward", "creep forward", "turn left", "turn right", "step back",
    "walk to the left", "walk to the right", "a person runs to the left", "a person runs to the right",
    "a person launching sideways to the right, legs driving hard, arms thrown wide in blind panic",
    "a person walks forward toward the gate easily, shoulders relaxed, calm",
)  # fmt: skip
SECONDS, SETTLE = 4.0, 20


def measure(text: str, motions: list[Motion]) -> dict[str, object]:
    later = [motion[SETTLE:] for motion in motions]
    left, forward = np.mean([displacement(motion) for motion in later], 0) / (SECONDS - SETTLE / 20)
    slips = [slip(motion, ANKLES) for motion in moving(later)]
    return {
        "text": text,
        "forward_m_s": round(float(forward), 2),
        "left_m_s": round(float(left), 2),
        "turn_deg": round(float(np.degrees(np.mean([turned(motion) for motion in later])))),
        "slower_foot_over_root": round(float(np.mean(slips)), 2) if slips else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=None)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    generator = Generator(MotionPipeline.load(options.weights or data_path("assets", "motion")))
    wishes = {text: [Wish(text, SECONDS, seed) for seed in range(options.seeds)] for text in PROMPTS}
    generator.sample([wish for each in wishes.values() for wish in each])
    for text, each in wishes.items():
        print(json.dumps(measure(text, generator.sample(each))))


if __name__ == "__main__":
    main()
