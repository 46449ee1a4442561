"""Whether PPO learns to cross a world: its last 20 episodes of training against a random policy on the same seeds.

python benchmarks/ppo.py --steps 50000 --out out/ppo   # the same command again goes on where it stopped
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback

import prometheus  # noqa: F401  registers the worlds
from prometheus.atomic import write_bytes, write_text

LAST = 20
FIRST_SEED = 10_000
LEARNING: dict[str, Any] = {
    "n_steps": 1024, "batch_size": 64, "gamma": 0.97, "learning_rate": 1e-3, "policy_kwargs": {"log_std_init": -0.7},
}  # fmt: skip
"""Of PPO: steps are dear here, so that each is used for more and smaller updates than by Stable-Baselines3's defaults,
and a direction drawn with its deviation of 1 would be any direction."""


class Diary(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Gives each episode the next seed, and notes what it earned."""

    def __init__(self, env: gymnasium.Env[Any, Any], earned: list[float]) -> None:
        super().__init__(env)
        self.earned, self._total = earned, 0.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin the episode whose turn it is."""
        self._total = 0.0
        return self.env.reset(seed=FIRST_SEED + len(self.earned), options=options)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """As the environment does it."""
        seen, reward, terminated, truncated, info = self.env.step(action)
        self._total += float(reward)
        if terminated or truncated:
            self.earned.append(self._total)
        return seen, reward, terminated, truncated, info


class Keeper(BaseCallback):
    """Writes policy and diary after each rollout."""

    def __init__(self, folder: Path, earned: list[float]) -> None:
        super().__init__()
        self.folder, self.earned = folder, earned

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        keep(self.model, self.folder, self.earned)
        told = np.mean(self.earned[-LAST:]) if self.earned else float("nan")
        print(f"{self.num_timesteps} steps, {len(self.earned)} episodes, last {LAST}: {told:.2f}", flush=True)


def keep(model: Any, folder: Path, earned: list[float]) -> None:
    data = io.BytesIO()
    model.save(data)
    write_bytes(folder / "policy.zip", data.getvalue())
    write_text(folder / "earned.json", json.dumps({"steps": model.num_timesteps, "earned": earned}))


def play(env: gymnasium.Env[Any, Any], policy: Callable[[Any], Any], seeds: range) -> float:
    """Mean of what a policy earns on some seeds."""
    totals = []
    for seed in seeds:
        seen, _ = env.reset(seed=seed)
        total, over = 0.0, False
        while not over:
            seen, reward, terminated, truncated, _ = env.step(policy(seen))
            total, over = total + float(reward), terminated or truncated
        totals.append(total)
    return float(np.mean(totals))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--id", default="prometheus/Arena-v0")
    parser.add_argument("--steps", type=int, default=50_000)
    parser.add_argument("--motion", choices=["stride", "model"], default="stride")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--out", type=Path, default=Path("out") / "ppo")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    policy, diary = args.out / "policy.zip", args.out / "earned.json"
    earned: list[float] = json.loads(diary.read_text("utf-8"))["earned"] if diary.exists() else []
    plain = gymnasium.make(args.id, motion=args.motion, seconds=args.seconds)
    env, started = Diary(plain, earned), time.process_time()
    if policy.exists():
        model = PPO.load(policy, env=env, device="cpu")
    else:
        model = PPO("MultiInputPolicy", env, seed=0, device="cpu", **LEARNING)
    left = args.steps - model.num_timesteps
    if left > 0:
        model.learn(left, Keeper(args.out, earned), reset_num_timesteps=False)
        keep(model, args.out, earned)
        print(f"{1000 * (time.process_time() - started) / left:.1f} ms of CPU a step")
    last = range(FIRST_SEED + max(len(earned) - LAST, 0), FIRST_SEED + len(earned))
    plain.action_space.seed(0)
    print(f"PPO, its last {len(last)} episodes of training: {np.mean(earned[-LAST:]):.2f}")
    print(f"random policy, the same seeds: {play(plain, lambda _: plain.action_space.sample(), last):.2f}")
    trained = play(plain, lambda seen: model.predict(seen, deterministic=True)[0], last)
    print(f"trained policy without noise, the same seeds: {trained:.2f}")
    plain.close()


if __name__ == "__main__":
    main()
