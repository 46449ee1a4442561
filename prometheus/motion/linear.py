"""Linear layers for few rows, where reading the weights is what costs."""

from __future__ import annotations

import warnings
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
        return _half(weight.float().contiguous(), bias.float().contiguous())
    across, offset = weight.t().contiguous(), bias.clone()
    return lambda x: torch.addmm(offset, x, across) if x.dim() == 2 else torch.matmul(x, across) + offset


def _half(weight: Tensor, bias: Tensor) -> Linear:
    """Keep weights in half precision; of PyTorch's two doors to the same product the plainer one takes 30 us less."""
    if hasattr(torch, "fbgemm_linear_fp16_weight_fp32_activation"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that it may go one day: then the other door opens
            plain = torch.fbgemm_pack_gemm_matrix_fp16(weight)
            multiply = torch.fbgemm_linear_fp16_weight_fp32_activation
            multiply(weight[:1], plain, bias)
        return lambda x: multiply(x, plain, bias)
    half = torch.ops.quantized.linear_prepack_fp16(weight, bias)
    dynamic = torch.ops.quantized.linear_dynamic_fp16.default
    return lambda x: dynamic(x, half)
