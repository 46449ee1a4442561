"""Network: MotionDiT's weights as streams use them, packed once and shared by all streams."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from prometheus.motion.control import CONTROLS
from prometheus.motion.encodings import frequencies, sinusoid
from prometheus.motion.linear import Linear, pack
from prometheus.motion.schedule import Schedule
from prometheus.motion.text import SLOTS


@dataclass(frozen=True, slots=True)
class Sight:
    """What the rows of a call may attend to.

    Attributes:
        past: [depth, 2, B, heads, S, d], keys and values; the last R places of S are written by the call.
        mask: [B, heads, R, S], added to the attention's scores.
        keys: [depth, B, width, M x heads], the prompts' words; column (word, head) is zero beside that head's rows, so
            that one product gives the scores of all heads.
        added: [depth, B, M x heads, width], what each word adds to a row that looks at nothing else.
        words_mask: [B, R, M x heads], added to the words' scores.
    """

    past: Tensor
    mask: Tensor
    keys: Tensor
    added: Tensor
    words_mask: Tensor


@dataclass(frozen=True, slots=True)
class Modulation:
    """What noise levels and conditions do to the rows of a call.

    Attributes:
        blocks: of each block, shift, scale and gate of attention and of feed-forward, each [B, R, width].
        leave: shift and scale at the end.
    """

    blocks: tuple[tuple[Tensor, ...], ...]
    leave: tuple[Tensor, Tensor]


class Network:
    """`MotionDiT` without training: the same numbers for a third of the time on a CPU.

    A stream feeds a few tokens a call, so that small operations and the reading of weights are all that costs: weights
    are packed (`linear`), and the modulations of all blocks are made together.

    Args:
        weights: MotionDiT's state.
        heads: attention heads.
        history: committed tokens that an active token can see.
        schedule: for the levels that tokens pass.
    """

    @torch.inference_mode()
    def __init__(self, weights: Mapping[str, Tensor], heads: int, history: int, schedule: Schedule) -> None:
        weights = {name: value.detach().float() for name, value in weights.items()}
        self.heads, self.history = heads, history
        self.mean, self.std = weights["mean"].clone(), weights["std"].clone()
        self.width = len(weights["no_words"])
        self._weights = weights
        self._enter, self._leave = self._linear("enter"), self._linear("leave")
        self._words, self._words_norm = self._linear("words.0"), self._norm("words.1")
        self._no_words = weights["no_words"][None].clone()
        self._frequency = frequencies(self.width // heads).double()
        self._condition = (self._linear("condition.0"), self._linear("condition.2"))
        level = (self._linear("level.0"), self._linear("level.2"))
        ages = torch.arange(schedule.ticks + 1)
        self._levels = _perceptron(level, sinusoid(schedule.level(ages), self.width))
        self._untold = _perceptron(self._condition, torch.zeros(1, SLOTS + CONTROLS))[0]
        self._modulation = self._linear("modulation.1", "leave_modulation")
        self.depth = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
        self._own = [weights[f"blocks.{i}.own_modulation"].clone() for i in range(self.depth)]
        for own in self._own:
            own[[1, 4]] += 1.0  # scales are used as 1 + scale
        self._blocks = [_Block(self, f"blocks.{i}") for i in range(self.depth)]
        del self._weights

    def _linear(self, *names: str) -> Linear:
        return pack(*(torch.cat([self._weights[f"{name}.{part}"] for name in names]) for part in ("weight", "bias")))

    def _qkv(self, name: str) -> Linear:
        """Queries and keys with the two channels of a rotary pair side by side, to be turned as complex numbers."""
        weight, bias = (self._weights[f"{name}.{part}"] for part in ("weight", "bias"))
        head = self.width // self.heads
        pairs = torch.arange(head).view(2, -1).t().flatten()
        both = (head * torch.arange(2 * self.heads)[:, None] + pairs).flatten()
        order = torch.cat([both, torch.arange(2 * self.width, 3 * self.width)])
        return pack(weight[order], bias[order])

    def _turn(self, position: Tensor) -> Tensor:
        """Rotary turns of every row [B, R, 1, d / 2] as complex numbers."""
        angle = position[..., None] * self._frequency
        turn = torch.polar(torch.ones_like(angle), angle).to(torch.complex64)
        return torch.cat([turn, turn[:, 1:]], 1)[:, :, None]

    def _norm(self, name: str) -> tuple[Tensor, Tensor]:
        return self._weights[f"{name}.weight"].clone(), self._weights[f"{name}.bias"].clone()

    @torch.inference_mode()
    def project(self, states: Tensor) -> Tensor:
        """Turn token states [M, 384] into what every block needs of them, [depth, 1 + M, heads, d + width].

        That is a word's key in each head, and what the word adds to a row that looks at nothing else in that head. The
        first of the words is the learned "no words".
        """
        words = torch.cat([self._no_words, F.layer_norm(self._words(states), (self.width,), *self._words_norm)])
        return torch.stack([block.project(words) for block in self._blocks])

    def modulate(self, age: Tensor, condition: Tensor) -> Modulation:
        """Say what noise levels and conditions do to the rows of a call.

        Args:
            age: long [B, T], ticks that each token has seen.
            condition: [B, T, SLOTS + CONTROLS].
        """
        level, told = self._levels[age], _perceptron(self._condition, condition.view(-1, condition.shape[-1]))
        signal = torch.cat([level + told.view(level.shape), level[:, 1:] + self._untold], 1)
        shared = self._modulation(F.silu(signal)).view(*signal.shape[:2], 8, self.width)
        blocks = tuple((shared[:, :, :6] + own).unbind(2) for own in self._own)
        shift, scale = shared[:, :, 6:].unbind(2)
        return Modulation(blocks, (shift, scale))

    def __call__(self, tokens: Tensor, modulation: Modulation, position: Tensor, sight: Sight) -> Tensor:
        """Predict tokens clean, twice: as told, and all but the first of each stream again with no prompt at all.

        Args:
            tokens: [B, T, TOKEN_WIDTH], normalised.
            modulation: of these tokens.
            position: float64 [B, T], place of each token in its stream.
            sight: for R = 2 T - 1 rows.

        Returns:
            [B, R, TOKEN_WIDTH].
        """
        entered = self._enter(tokens)
        hidden = torch.cat([entered, entered[:, 1:]], 1)
        turn, (streams, rows, _) = self._turn(position), hidden.shape
        pairs, head = (streams, self.heads, rows, -1, 2), self.width // self.heads
        query = torch.empty(streams * self.heads, rows, head)
        looks = (query, torch.view_as_complex(query.view(pairs)).transpose(1, 2))
        turns = (turn / math.sqrt(head), turn)
        mask = sight.mask.flatten(0, 1)
        for block, changes, past, words in zip(
            self._blocks, modulation.blocks, _places(sight.past, rows), zip(sight.keys, sight.added, strict=True),
            strict=True,
        ):  # fmt: skip
            hidden = block.attend(hidden, changes, turns, looks, past, mask)
            hidden = block.listen(hidden, *words, sight.words_mask)
            hidden = block.think(hidden, changes)
        shift, scale = modulation.leave
        normal = _normal(hidden)
        return self._leave(torch.addcmul(normal + shift, normal, scale))


class _Block:
    """`model.Block` on rows [B, R, width].

    On so few rows the number of calls counts for as much as their work: what can be multiplied out beforehand is.
    """

    def __init__(self, network: Network, name: str) -> None:
        linear = network._linear
        self.heads = network.heads
        self.qkv, self.out = network._qkv(f"{name}.attention.qkv"), linear(f"{name}.attention.out")
        self.query, self.key_value = linear(f"{name}.cross.query"), linear(f"{name}.cross.key_value")
        weights = network._weights
        self._cross_out = weights[f"{name}.cross.out.weight"].t().reshape(self.heads, -1, network.width)
        self._cross_bias = weights[f"{name}.cross.out.bias"] / self.heads
        self.rise, self.fall = linear(f"{name}.feed_forward.0"), linear(f"{name}.feed_forward.2")
        self.norm = network._norm(f"{name}.norms.1")

    def project(self, words: Tensor) -> Tensor:
        """Keys and additions [M, heads, d + width] of words [M, width]."""
        key, value = self.key_value(words).view(len(words), 2, self.heads, -1).unbind(1)
        # A row's weights over the words sum to one in each head: so does its share of the bias.
        added = torch.matmul(value.transpose(0, 1), self._cross_out) + self._cross_bias
        return torch.cat([_normal(key) / math.sqrt(key.shape[2]), added.transpose(0, 1)], 2)

    def attend(
        self,
        hidden: Tensor,
        modulation: tuple[Tensor, ...],
        turns: tuple[Tensor, Tensor],
        looks: tuple[Tensor, Tensor],
        past: _Places,
        mask: Tensor,
    ) -> Tensor:
        """Self-attention with rotary positions; writes the rows' keys and values into the past."""
        shift, scale, gate = modulation[:3]
        streams, rows, _ = hidden.shape
        qkv = self.qkv(torch.addcmul(shift, _normal(hidden), scale)).view(streams, rows, 3, self.heads, -1)
        pairs = torch.view_as_complex(_normal(qkv).view(streams, rows, 3, self.heads, -1, 2))
        query, turned = looks
        torch.mul(pairs[:, :, 0], turns[0], out=turned)
        torch.mul(pairs[:, :, 1], turns[1], out=past.new_keys)
        past.new_values.copy_(qkv[:, :, 2])
        weights = torch.baddbmm(mask, query, past.keys).softmax(2)
        seen = torch.bmm(weights, past.values).view(streams, self.heads, rows, -1)
        return torch.addcmul(hidden, gate, self.out(seen.transpose(1, 2).flatten(2)))

    def listen(self, hidden: Tensor, keys: Tensor, added: Tensor, mask: Tensor) -> Tensor:
        """Attention to the words; rows without a prompt see one of them, "no words"."""
        query = self.query(torch.layer_norm(hidden, hidden.shape[2:], *self.norm))
        streams, rows, _ = hidden.shape
        query = _normal(query.view(streams, rows, self.heads, -1)).view(hidden.shape)
        weights = torch.baddbmm(mask, query, keys).view(streams, rows, -1, self.heads).softmax(2)
        return hidden.baddbmm_(weights.view(mask.shape), added)

    def think(self, hidden: Tensor, modulation: tuple[Tensor, ...]) -> Tensor:
        """Feed-forward."""
        shift, scale, gate = modulation[3:]
        fed = self.rise(torch.addcmul(shift, _normal(hidden), scale))
        return torch.addcmul(hidden, gate, self.fall(F.gelu(fed, approximate="tanh")))


class _Places(NamedTuple):
    """Views of one block's past: keys [B x heads, d, S], values [B x heads, S, d], and where the call writes its own.

    New keys [B, R, heads, d / 2] are complex, new values [B, R, heads, d].
    """

    keys: Tensor
    values: Tensor
    new_keys: Tensor
    new_values: Tensor


def _places(past: Tensor, rows: int) -> Iterator[_Places]:
    """Views of the past [depth, 2, B, heads, S, d] of every block."""
    keys, values = past.unbind(1)
    new = keys[:, :, :, -rows:]
    pairs = torch.view_as_complex(new.view(*new.shape[:-1], -1, 2))
    return map(
        _Places,
        keys.flatten(1, 2).transpose(2, 3), values.flatten(1, 2), pairs.transpose(2, 3),
        values[:, :, :, -rows:].transpose(2, 3),
    )  # fmt: skip


def _perceptron(layers: tuple[Linear, Linear], x: Tensor) -> Tensor:
    return layers[1](F.silu(layers[0](x)))


def _normal(x: Tensor) -> Tensor:
    return torch.layer_norm(x, x.shape[-1:])
