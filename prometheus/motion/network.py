"""Network: MotionDiT's weights as streams use them, packed once and shared by all streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
        mask: [B, 1, R, S], added to the attention's scores.
        words: [depth, 2, B, heads, M, d], keys and values of the prompts' words.
        words_mask: [B, 1, T, M], added to the scores of the rows that are told.
    """

    past: Tensor
    mask: Tensor
    words: Tensor
    words_mask: Tensor


@dataclass(frozen=True, slots=True)
class Modulation:
    """What noise levels and conditions do to the rows of a call.

    Attributes:
        blocks: of each block, shift, scale and gate of attention and of feed-forward, each [B x R, width].
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
        """Rotary turns of every row [B, R, 1, 1, d / 2] as complex numbers."""
        angle = position[..., None] * self._frequency
        turn = torch.polar(torch.ones_like(angle), angle).to(torch.complex64)
        return torch.cat([turn, turn[:, 1:]], 1)[:, :, None, None]

    def _norm(self, name: str) -> tuple[Tensor, Tensor]:
        return self._weights[f"{name}.weight"].clone(), self._weights[f"{name}.bias"].clone()

    @torch.inference_mode()
    def project(self, states: Tensor) -> Tensor:
        """Turn token states [M, 384] into every block's keys and values [depth, 2, 1 + M, heads, d].

        The first of them is the learned "no words".
        """
        words = torch.cat([self._no_words, F.layer_norm(self._words(states), (self.width,), *self._words_norm)])
        pairs = [block.key_value(words).view(len(words), 2, self.heads, -1) for block in self._blocks]
        return torch.stack([torch.stack([_normal(pair[:, 0]), pair[:, 1]]) for pair in pairs])

    def modulate(self, age: Tensor, condition: Tensor) -> Modulation:
        """Say what noise levels and conditions do to the rows of a call.

        Args:
            age: long [B, T], ticks that each token has seen.
            condition: [B, T, SLOTS + CONTROLS].
        """
        level, told = self._levels[age], _perceptron(self._condition, condition.view(-1, condition.shape[-1]))
        signal = torch.cat([level + told.view(level.shape), level[:, 1:] + self._untold], 1)
        shared = self._modulation(F.silu(signal)).view(-1, 8, self.width)
        blocks = tuple((shared[:, :6] + own).unbind(1) for own in self._own)
        shift, scale = shared[:, 6:].unbind(1)
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
        turn, shape = self._turn(position), hidden.shape[:2]
        hidden = hidden.view(-1, self.width)
        for block, changes, past, words in zip(self._blocks, modulation.blocks, sight.past, sight.words, strict=True):
            hidden = block(hidden, changes, turn, past, sight.mask, words, sight.words_mask)
        shift, scale = modulation.leave
        normal = _normal(hidden)
        return self._leave(torch.addcmul(normal + shift, normal, scale)).view(*shape, -1)


class _Block:
    """`model.Block` on rows [B x R, width]."""

    def __init__(self, network: Network, name: str) -> None:
        linear = network._linear
        self.heads = network.heads
        self.qkv, self.out = network._qkv(f"{name}.attention.qkv"), linear(f"{name}.attention.out")
        self.query, self.cross_out = linear(f"{name}.cross.query"), linear(f"{name}.cross.out")
        self.key_value = linear(f"{name}.cross.key_value")
        self.rise, self.fall = linear(f"{name}.feed_forward.0"), linear(f"{name}.feed_forward.2")
        self.norm = network._norm(f"{name}.norms.1")
        # Rows without a prompt see one word, "no words", and so all get the same from it, whatever they ask.
        self.no_words = self.cross_out(self.key_value(network._no_words)[:, network.width :])

    def __call__(
        self,
        hidden: Tensor,
        modulation: tuple[Tensor, ...],
        turn: Tensor,
        past: Tensor,
        mask: Tensor,
        words: Tensor,
        words_mask: Tensor,
    ) -> Tensor:
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = modulation
        (streams, _, rows, places), told, width = mask.shape, words_mask.shape[2], hidden.shape[1]
        qkv = self.qkv(torch.addcmul(shift_a, _normal(hidden), scale_a)).view(streams, rows, 3, self.heads, -1)
        pairs = torch.view_as_complex(_normal(qkv).view(streams, rows, 3, self.heads, -1, 2))
        # Query and key go back where they came from, turned, so that key and value are remembered in one copy.
        torch.mul(pairs[:, :, :2], turn, out=torch.view_as_complex(qkv.view(*pairs.shape, 2))[:, :, :2])
        query, key_value = qkv[:, :, 0], qkv[:, :, 1:]
        past[:, :, :, places - rows :] = key_value.permute(2, 0, 3, 1, 4)
        hidden = torch.addcmul(hidden, gate_a, self.out(_attend(query, past, mask)))
        seeing = hidden.view(streams, rows, width)[:, :told]
        query = self.query(torch.layer_norm(seeing, (width,), *self.norm).view(-1, width))
        query = _normal(query.view(streams, told, self.heads, -1))
        seeing += self.cross_out(_attend(query, words, words_mask)).view(streams, told, width)
        hidden.view(streams, rows, width)[:, told:] += self.no_words
        fed = self.rise(torch.addcmul(shift_f, _normal(hidden), scale_f))
        return torch.addcmul(hidden, gate_f, self.fall(F.gelu(fed, approximate="tanh")))


def _attend(query: Tensor, key_value: Tensor, mask: Tensor) -> Tensor:
    """Attention of queries [B, R, heads, d] to [2, B, heads, S, d]; returns [B x R, width]."""
    key, value = key_value.unbind()
    out = F.scaled_dot_product_attention(query.transpose(1, 2), key, value, attn_mask=mask)
    return out.transpose(1, 2).reshape(-1, query.shape[2] * query.shape[3])


def _perceptron(layers: tuple[Linear, Linear], x: Tensor) -> Tensor:
    return layers[1](F.silu(layers[0](x)))


def _normal(x: Tensor) -> Tensor:
    return torch.layer_norm(x, x.shape[-1:])
