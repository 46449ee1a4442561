"""How numbers are written as waves for the network: noise levels as sinusoids, places as rotations."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def sinusoid(level: Tensor, width: int) -> Tensor:
    """Return the level [...] as cosines and sines [..., width]."""
    frequency = torch.exp(-math.log(1e4) * torch.arange(width // 2, device=level.device) / (width // 2))
    angle = 1000.0 * level[..., None] * frequency
    return torch.cat([angle.cos(), angle.sin()], -1)


def rotary(position: Tensor, head: int) -> tuple[Tensor, Tensor]:
    """Return cosines and sines [..., head / 2], float32, of positions [...] (Su et al. 2021).

    Positions in float64 let a stream grow old.
    """
    angle = position[..., None] * frequencies(head, position.device)
    return angle.cos().float(), angle.sin().float()


def frequencies(head: int, device: torch.device | None = None) -> Tensor:
    """Return how far rad each pair of channels [head / 2] turns from one position to the next."""
    return 1e3 ** (-torch.arange(0, head, 2, device=device) / head)
