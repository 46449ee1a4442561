"""Triangular noise schedule: in a stream, older tokens are nearly clean while newer ones are still noise.

Token i of the active window has the noise level clamp(1 + i / n - t, 0, 1) at time t (FloodDiffusion, CVPR 2026, after
Diffusion Forcing, Chen et al. 2024). Levels advance together by 1 / (n x steps) a tick; the oldest token reaches 0 and
is committed every `steps` ticks.
"""

from __future__ import annotations

import torch
from torch import Tensor


class Schedule:
    """Rectified-flow Euler steps with a noise level per token.

    Args:
        chunk: n, tokens denoised at once.
        steps_per_token: ticks from one commit to the next. With clean-token prediction one is enough: two move no
            better and cost twice.

    Attributes:
        ticks: that a token takes from pure noise to committed.
    """

    def __init__(self, chunk: int = 5, steps_per_token: int = 1) -> None:
        self.chunk, self.steps_per_token = chunk, steps_per_token
        self.ticks = chunk * steps_per_token

    def level(self, age: Tensor) -> Tensor:
        """Noise level in [0, 1] of tokens that have seen `age` ticks."""
        return 1.0 - age.float() / self.ticks

    def shrinks(self) -> Tensor:
        """What an Euler step leaves of a token's noise, [1 + steps_per_token, ticks]: row s is for steps of s ticks."""
        age = torch.arange(self.ticks)
        return torch.stack(
            [self.level((age + s).clamp(max=self.ticks)) / self.level(age) for s in range(1 + self.steps_per_token)]
        )

    def training_levels(self, time: Tensor) -> Tensor:
        """Noise levels [..., n] at times t [...] in [0, 1): before 1 - 1/n the stream is starting, then it runs.

        Token i is active, that is fed to the network, once t >= i / n.
        """
        index = torch.arange(self.chunk, device=time.device) / self.chunk
        return (1.0 + index - time[..., None]).clamp(0.0, 1.0)

    def add_noise(self, clean: Tensor, noise: Tensor, level: Tensor) -> Tensor:
        """X = (1 - level) clean + level noise; level broadcasts over the last axis."""
        return torch.lerp(clean, noise, level[..., None])

    def step(self, clean: Tensor, sample: Tensor, level: Tensor, to: Tensor) -> Tensor:
        """One Euler step of dx/dlevel = (x - clean) / level from `level` to the lower level `to`."""
        return torch.lerp(clean, sample, (to / level)[..., None])
