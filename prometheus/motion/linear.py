"""Linear layers for few rows, where reading the weights is what costs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Linear = Callable[[Tensor], Tensor]
_LARGE = 32768
"""Weights; below it packing gains nothing."""


def pack(weight: Tensor, bias: Tensor) -> Linear:
    """Return x -> x weight^T + bias, [..., in] -> [..., out].

    Large weights are kept in half precision by FBGEMM where it is at hand (x86), which halves what is read and still
    multiplies and adds in float32; weights that ship in half precision lose nothing.
    """
    if weight.numel() > _LARGE and "fbgemm" in torch.backends.quantized.supported_engines:
        half = torch.ops.quantized.linear_prepack_fp16(weight.float().contiguous(), bias.float())
        multiply = torch.ops.quantized.linear_dynamic_fp16.default
        return lambda x: multiply(x, half)
    across, offset = weight.t().contiguous(), bias.clone()
    return lambda x: torch.addmm(offset, x, across) if x.dim() == 2 else torch.matmul(x, across) + offset
