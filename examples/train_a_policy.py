"""Train a policy that crosses the arena, or, without Stable-Baselines3, see how far a plain rule gets.

pip install stable-baselines3; python examples/train_a_policy.py --steps 50000
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import gymnasium
import numpy as np

import prometheus  # noqa: F401  registers prometheus/Arena-v0 and the other worlds

Policy = Callable[[dict[str, Any]], Any]


def to_the_goal(seen: dict[str, Any]) -> np.ndarray:
    """Run towards the goal, whatever is in the way."""
    sine, cosine = seen["proprioception"][3:5]
    return np.array([math.atan2(sine, cosine) / math.pi, 0.3, 0.0, 0.0], np.float32)


def returns(env: gymnasium.Env[Any, Any], policy: Policy, episodes: int) -> list[float]:
    """What a policy earns in each of some episodes, seeds 1000 onwards."""
    earned = []
    for episode in range(episodes):
        seen, _ = env.reset(seed=1000 + episode)
        total, over = 0.0, False
        while not over:
            seen, reward, terminated, truncated, _ = env.step(policy(seen))
            total, over = total + float(reward), terminated or truncated
        earned.append(total)
    return earned


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="Arena")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--episodes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0)
    args = parser.parse_args()
    # Strides instead of the motion model: coarse legs, and three times as many steps an hour.
    env = gymnasium.make(f"prometheus/{args.world}-v0", motion="stride", seconds=args.seconds)
    env.action_space.seed(0)
    policies: dict[str, Policy] = {"random": lambda _: env.action_space.sample(), "rule": to_the_goal}
    if args.steps and find_spec("stable_baselines3"):
        from stable_baselines3 import PPO

        # Steps are dear here: more and smaller updates, and a direction that is not any direction from the start.
        model = PPO(
            "MultiInputPolicy", env, n_steps=1024, batch_size=64, gamma=0.97, learning_rate=1e-3, seed=0, device="cpu",
            policy_kwargs={"log_std_init": -0.7},
        )  # fmt: skip
        model.learn(args.steps)
        policies["PPO"] = lambda seen: model.predict(seen, deterministic=True)[0]
    for name, policy in policies.items():
        earned = returns(env, policy, args.episodes)
        print(f"{name}: {np.mean(earned):.2f} on average over {len(earned)} episodes")
    env.close()


if __name__ == "__main__":
    main()
