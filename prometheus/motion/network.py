"""Network: MotionDiT's weights as streams use them, packed once and shared by all streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from prometheus.motion.control import CONTROLS
from prometheus.motion.encodings import rotary, sinusoid
from prometheus.motion.linear import Linear, pack
from prometheus.motion.schedule import Schedule
from prometheus.motion.text import SLOTS


@dataclass(frozen=True, slots=True)
class Sight:
    """What the rows of a call may attend to.

    Attributes:
        past: [depth, 2, B, S, heads, d], keys and values; the last R places of S are written by the call.
        mask: [B, 1, R, S], added to the attention's scores.
        words: [depth, 2, B, M, heads, d], keys and values of the prompts' words.
        words_mask: [B, 1, R, M], added to the scores.
    """

    past: Tensor
    mask: Tensor
    words: Tensor
    words_mask: Tensor


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
        self._condition = (self._linear("condition.0"), self._linear("condition.2"))
        level = (self._linear("level.0"), self._linear("level.2"))
        ages = torch.arange(schedule.ticks + 1)
        self._levels = _perceptron(level, sinusoid(schedule.level(ages), self.width))
        self._untold = _perceptron(self._condition, torch.zeros(1, SLOTS + CONTROLS))[0]
        self._modulation = self._linear("modulation.1", "leave_modulation")
        self.depth = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
        own = torch.stack([weights[f"blocks.{i}.own_modulation"] for i in range(self.depth)])
        # Scales are used as 1 + scale.
        own[:, [1, 4]] += 1.0
        self._own = own[:, None]
        self._blocks = [_Block(self, f"blocks.{i}") for i in range(self.depth)]
        del self._weights

    def _linear(self, *names: str) -> Linear:
        return pack(*(torch.cat([self._weights[f"{name}.{part}"] for name in names]) for part in ("weight", "bias")))

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

    def __call__(self, tokens: Tensor, age: Tensor, condition: Tensor, position: Tensor, sight: Sight) -> Tensor:
        """Predict tokens clean, twice: as told, and all but the first of each stream again with no prompt at all.

        Args:
            tokens: [B, T, TOKEN_WIDTH], normalised.
            age: long [B, T], ticks that each has seen.
            condition: [B, T, SLOTS + CONTROLS].
            position: float64 [B, T], place of each token in its stream.
            sight: for R = 2 T - 1 rows.

        Returns:
            [B, R, TOKEN_WIDTH].
        """
        entered = self._enter(tokens)
        hidden = torch.cat([entered, entered[:, 1:]], 1)
        level, told = self._levels[age], _perceptron(self._condition, condition)
        signal = torch.cat([level + told, level[:, 1:] + self._untold], 1)
        shared = self._modulation(F.silu(signal))
        shape = hidden.shape[:2]
        modulation = shared[..., : 6 * self.width].reshape(-1, 6, self.width) + self._own
        turn = _turn(torch.cat([position, position[:, 1:]], 1), self.width // self.heads)
        hidden = hidden.reshape(-1, self.width)
        for index, block in enumerate(self._blocks):
            hidden = block(hidden, modulation[index].unbind(1), turn, index, sight)
        shift, scale = shared[..., 6 * self.width :].reshape(-1, 2, self.width).unbind(1)
        normal = _normal(hidden)
        return self._leave(torch.addcmul(normal + shift, normal, scale)).unflatten(0, shape)


class _Block:
    """`model.Block` on rows [B x R, width]."""

    def __init__(self, network: Network, name: str) -> None:
        linear = network._linear
        self.heads = network.heads
        self.qkv, self.out = linear(f"{name}.attention.qkv"), linear(f"{name}.attention.out")
        self.query, self.cross_out = linear(f"{name}.cross.query"), linear(f"{name}.cross.out")
        self.key_value = linear(f"{name}.cross.key_value")
        self.rise, self.fall = linear(f"{name}.feed_forward.0"), linear(f"{name}.feed_forward.2")
        self.norm = network._norm(f"{name}.norms.1")

    def __call__(
        self,
        hidden: Tensor,
        modulation: tuple[Tensor, ...],
        turn: tuple[Tensor, Tensor],
        index: int,
        sight: Sight,
    ) -> Tensor:
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = modulation
        past, (streams, _, rows, places) = sight.past[index], sight.mask.shape
        qkv = self.qkv(torch.addcmul(shift_a, _normal(hidden), scale_a)).view(streams, rows, 3, self.heads, -1)
        both = _normal(qkv[:, :, :2])
        both = torch.addcmul(both * turn[0], both.roll(both.shape[-1] // 2, -1), turn[1])
        past[0, :, places - rows :] = both[:, :, 1]
        past[1, :, places - rows :] = qkv[:, :, 2]
        hidden = torch.addcmul(hidden, gate_a, self.out(_attend(both[:, :, 0], past, sight.mask)))
        query = self.query(F.layer_norm(hidden, hidden.shape[-1:], *self.norm))
        query = _normal(query.view(streams, rows, self.heads, -1))
        hidden = hidden + self.cross_out(_attend(query, sight.words[index], sight.words_mask))
        fed = self.rise(torch.addcmul(shift_f, _normal(hidden), scale_f))
        return torch.addcmul(hidden, gate_f, self.fall(F.gelu(fed, approximate="tanh")))


def _attend(query: Tensor, key_value: Tensor, mask: Tensor) -> Tensor:
    """Attention of queries [B, R, heads, d] to [2, B, S, heads, d]; returns [B x R, width]."""
    key, value = key_value
    out = F.scaled_dot_product_attention(
        query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), attn_mask=mask
    )
    return out.transpose(1, 2).reshape(-1, query.shape[2] * query.shape[3])


def _perceptron(layers: tuple[Linear, Linear], x: Tensor) -> Tensor:
    return layers[1](F.silu(layers[0](x)))


def _normal(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:])


def _turn(position: Tensor, head: int) -> tuple[Tensor, Tensor]:
    """Cosines, and sines signed for a rolled vector, [B, R, 1, 1, d]."""
    cos, sin = rotary(position, head)
    cos, sin = torch.cat([cos, cos], -1), torch.cat([-sin, sin], -1)
    return cos[:, :, None, None], sin[:, :, None, None]
