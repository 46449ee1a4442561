"""MotionDiT: a diffusion transformer over two-frame tokens with a frozen, cached history.

A sequence has clean history tokens, which see only older history (so that their keys and values never change and a
stream can keep them), and active tokens, each with a noise level of its own, which see the history and one another in
both directions. Every token cross-attends to the words of its own prompt. The network predicts the clean token
(x-prediction: Li and He 2025, "Back to Basics"); conditioning enters by one shared adaptive layer norm (Peebles and
Xie 2023; Chen et al. 2023).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn

from prometheus.motion import text
from prometheus.motion.control import CONTROLS
from prometheus.motion.encodings import rotary, sinusoid
from prometheus.motion.features import TOKEN_WIDTH

KeyValue = tuple[Tensor, Tensor]


class MotionDiT(ModelMixin, ConfigMixin):
    """The denoiser.

    Args:
        width: channels of a token.
        depth: transformer blocks.
        heads: attention heads.
        history: committed tokens that an active token can see.
        dropout: probability, in training.
    """

    @register_to_config
    def __init__(
        self, width: int = 256, depth: int = 6, heads: int = 4, history: int = 24, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(TOKEN_WIDTH))
        self.register_buffer("std", torch.ones(TOKEN_WIDTH))
        self.enter = nn.Linear(TOKEN_WIDTH, width)
        self.level = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.condition = nn.Sequential(nn.Linear(text.SLOTS + CONTROLS, width), nn.SiLU(), nn.Linear(width, width))
        self.modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))
        self.words = nn.Sequential(nn.Linear(text.WIDTH, width), nn.LayerNorm(width))
        self.no_words = nn.Parameter(torch.randn(width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(depth))
        self.leave_norm = nn.LayerNorm(width, elementwise_affine=False)
        self.leave_modulation = nn.Linear(width, 2 * width)
        self.leave = nn.Linear(width, TOKEN_WIDTH)
        for layer in (self.modulation[1], self.leave_modulation, self.leave):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def project_words(self, states: Tensor) -> list[KeyValue]:
        """Turn token states [B, M, 384] into each block's cross-attention keys and values [B, heads, 1 + M, d].

        The first of them is the learned "no words".
        """
        words = torch.cat([self.no_words.expand(len(states), 1, -1), self.words(states)], 1)
        return [block.cross.project(words) for block in self.blocks]

    def forward(
        self,
        tokens: Tensor,
        level: Tensor,
        condition: Tensor,
        words: list[KeyValue],
        words_mask: Tensor | None,
        position: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Predict the clean tokens.

        Args:
            tokens: [B, S, TOKEN_WIDTH], normalised.
            level: [B, S] noise level, 0 for history.
            condition: [B, S, SLOTS + CONTROLS].
            words: from `project_words`.
            words_mask: bool [B, 1, S, 1 + M], which words a token may see; None for all.
            position: [S] or [B, S], place of each token in the stream.
            mask: bool [..., S, S], which tokens a token may see; None for all.

        Returns:
            Clean tokens [B, S, TOKEN_WIDTH].
        """
        hidden = self.enter(tokens)
        signal = self.level(sinusoid(level, hidden.shape[-1])) + self.condition(condition)
        shared = self.modulation(signal).unflatten(-1, (6, -1))
        cos, sin = rotary(position, hidden.shape[-1] // self.config.heads)
        turn = (cos[:, None], sin[:, None]) if position.dim() == 2 else (cos, sin)
        for block, pair in zip(self.blocks, words, strict=True):
            hidden = block(hidden, shared, turn, pair, words_mask, mask)
        shift, scale = self.leave_modulation(F.silu(signal)).chunk(2, -1)
        return self.leave(self.leave_norm(hidden) * (1 + scale) + shift)


class Block(nn.Module):
    """Self-attention, cross-attention to the words, feed-forward; the first and last modulated by the condition."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.own_modulation = nn.Parameter(torch.randn(6, width) * 0.02)
        self.norms = nn.ModuleList(nn.LayerNorm(width, elementwise_affine=i == 1) for i in range(3))
        self.attention = SelfAttention(width, heads)
        self.cross = CrossAttention(width, heads)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        hidden: Tensor,
        shared: Tensor,
        turn: KeyValue,
        words: KeyValue,
        words_mask: Tensor | None,
        mask: Tensor | None,
    ) -> Tensor:
        """Return the new hidden state [B, S, width]."""
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = (shared + self.own_modulation).unbind(-2)
        hidden = hidden + gate_a * self.attention(self.norms[0](hidden) * (1 + scale_a) + shift_a, turn, mask)
        hidden = hidden + self.cross(self.norms[1](hidden), words, words_mask)
        fed = self.feed_forward(self.norms[2](hidden) * (1 + scale_f) + shift_f)
        return hidden + gate_f * self.dropout(fed)


class SelfAttention(nn.Module):
    """Multi-head attention with rotary positions (Su et al. 2021) and normalised queries and keys."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.query_norm = nn.LayerNorm(width // heads, elementwise_affine=False)
        self.key_norm = nn.LayerNorm(width // heads, elementwise_affine=False)
        self.out = nn.Linear(width, width)

    def forward(self, hidden: Tensor, turn: KeyValue, mask: Tensor | None) -> Tensor:
        """Return the attended state [B, S, width]."""
        query, key, value = self.qkv(hidden).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key = _rotate(self.query_norm(query), turn), _rotate(self.key_norm(key), turn)
        attended = _attend(query, key, value, mask)
        return self.out(attended.transpose(1, 2).flatten(2))


class CrossAttention(nn.Module):
    """Attention from tokens to the words of their prompt."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.query_norm = nn.LayerNorm(width // heads, elementwise_affine=False)
        self.key_norm = nn.LayerNorm(width // heads, elementwise_affine=False)
        self.out = nn.Linear(width, width)

    def project(self, words: Tensor) -> KeyValue:
        """Return the keys and values [B, heads, M, d] of words [B, M, width]."""
        key, value = self.key_value(words).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.key_norm(key), value

    def forward(self, hidden: Tensor, words: KeyValue, mask: Tensor | None) -> Tensor:
        """Return the attended state [B, S, width]."""
        query = self.query_norm(self.query(hidden).unflatten(-1, (self.heads, -1)).transpose(1, 2))
        attended = _attend(query, *words, mask)
        return self.out(attended.transpose(1, 2).flatten(2))


def _attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Scaled dot-product attention in float32: on a CPU its bfloat16 backward pass is four times slower."""
    with torch.autocast(query.device.type, enabled=False):
        return F.scaled_dot_product_attention(query.float(), key.float(), value.float(), attn_mask=mask)


def _rotate(x: Tensor, turn: KeyValue) -> Tensor:
    cos, sin = turn
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)
