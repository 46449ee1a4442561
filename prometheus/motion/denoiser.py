"""Denoiser: MotionDiT's numbers as streams need them, many times faster on a CPU than the module itself.

A stream feeds a few tokens a call, so that small operations and the reading of weights are all that costs. Here the
weights are packed once (half precision, as they ship, with float32 arithmetic), modulations of all blocks are made
together, and keys and values of the history lie in a ring that is never copied. Several streams share one call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from prometheus.motion.model import CONTROLS, rotary, sinusoid
from prometheus.motion.text import SLOTS

if TYPE_CHECKING:
    from prometheus.motion.model import MotionDiT
    from prometheus.motion.scheduler import TriangularScheduler

Linear = Callable[[Tensor], Tensor]


class Denoiser:
    """The denoiser of several streams, with guidance.

    A call sees, of each stream, `1 + chunk` tokens: the one committed last, whose keys and values join the history in
    this call, and the active ones. Rows of the network are those tokens as told by the prompt, then the active ones
    again with no prompt at all.

    Args:
        model: in evaluation mode.
        scheduler: for the levels that tokens pass.
        streams: how many.
    """

    def __init__(self, model: MotionDiT, scheduler: TriangularScheduler, streams: int) -> None:
        config = model.config
        self.streams, self.chunk, self.history = streams, scheduler.chunk, config.history
        self.heads, self.width = config.heads, config.width
        self._shown = 1 + self.chunk
        self._rows = self._shown + self.chunk
        self._slots = self.history + self._rows
        head = self.width // self.heads
        self._past = torch.zeros(config.depth, 2, streams, self._slots, self.heads, head)
        self._mask = torch.full((streams, 1, self._rows, self._slots), -torch.inf)
        self._words: Tensor = torch.zeros(config.depth, 2, streams, 1, self.heads, head)
        self._words_mask = torch.zeros(streams, 1, self._rows, 1)
        with torch.inference_mode():
            self._weigh(model, scheduler)

    def _weigh(self, model: MotionDiT, scheduler: TriangularScheduler) -> None:
        levels = scheduler.level(torch.arange(scheduler.ticks + 1))
        self._levels = model.level(sinusoid(levels, self.width))
        self._untold = model.condition(torch.zeros(SLOTS + CONTROLS))
        self._enter = packed(model.enter)
        self._condition = (packed(model.condition[0]), packed(model.condition[2]))
        modulation, leave = model.modulation[1], model.leave_modulation
        self._modulation = pack(
            torch.cat([modulation.weight, leave.weight]), torch.cat([modulation.bias, leave.bias])
        )
        own = torch.stack([block.own_modulation for block in model.blocks])
        # Scales are used as 1 + scale.
        own[:, [1, 4]] += 1.0
        self._own = own[:, None]
        self._blocks = [_Block(block) for block in model.blocks]
        self._leave = packed(model.leave)

    def see(self, stream: int, *, filled: int, held: bool, active: int) -> None:
        """Say what there is to attend to: tokens of history, whether one is about to join it, active tokens."""
        mask = self._mask[stream, 0]
        mask.fill_(-torch.inf)
        mask[:, : min(filled, self.history)] = 0.0
        told, untold = self.history + 1, self.history + self._shown
        # A row without a token of its own sees itself, lest the softmax be empty; nobody reads it.
        mask[:, self.history :].fill_diagonal_(0.0)
        if held:
            mask[:, self.history] = 0.0
        mask[1 : self._shown, told : told + active] = 0.0
        mask[self._shown :, untold : untold + active] = 0.0

    def tell(self, stream: int, words: Tensor, mask: Tensor) -> None:
        """Give a stream the words of its prompts.

        Args:
            stream: which.
            words: keys and values [depth, 2, M, heads, d], as `MotionDiT.project_words` gives them, the first of them
                "no words".
            mask: bool [1 + chunk, M], which words each token may see.
        """
        spare = words.shape[2] - self._words.shape[3]
        if spare > 0:
            self._words = F.pad(self._words, (0, 0, 0, 0, 0, spare))
            self._words_mask = F.pad(self._words_mask, (0, spare), value=-torch.inf)
        elif spare < 0 and self.streams == 1:
            self._words = self._words[:, :, :, : words.shape[2]]
            self._words_mask = self._words_mask[..., : words.shape[2]]
        self._words[:, :, stream, : words.shape[2]] = words
        seen = self._words_mask[stream, 0]
        seen.fill_(-torch.inf)
        seen[: self._shown, : words.shape[2]].masked_fill_(mask, 0.0)
        seen[:, 0] = 0.0

    def remember(self, stream: int, place: int) -> None:
        """Write keys and values of the token that was held in the last call into the history."""
        self._past[:, :, stream, place % self.history] = self._past[:, :, stream, self.history]

    def clean(
        self, tokens: Tensor, age: Tensor, condition: Tensor, position: Tensor, which: slice = slice(None)
    ) -> tuple[Tensor, Tensor]:
        """Predict the active tokens clean, as told and untold: each [B, chunk, TOKEN_WIDTH].

        Args:
            tokens: [B, 1 + chunk, TOKEN_WIDTH], normalised; rows that hold no token may hold anything finite.
            age: long [B, 1 + chunk], ticks that each has seen.
            condition: [B, 1 + chunk, SLOTS + CONTROLS].
            position: float64 [B, 1 + chunk], place of each token in its stream.
            which: streams of this call, B of them.
        """
        past, words = self._past[:, :, which], self._words[:, :, which]
        mask, words_mask = self._mask[which], self._words_mask[which]
        entered = self._enter(tokens)
        hidden = torch.cat([entered, entered[:, 1:]], 1)
        told = self._condition[1](F.silu(self._condition[0](condition)))
        level = self._levels[age]
        signal = torch.cat([level + told, level[:, 1:] + self._untold], 1)
        shared = self._modulation(F.silu(signal))
        shape = hidden.shape[:2]
        modulation = shared[..., : 6 * self.width].reshape(-1, 6, self.width) + self._own
        place = torch.cat([position, position[:, 1:]], 1)
        turn = _turn(place, self.width // self.heads)
        hidden = hidden.reshape(-1, self.width)
        for index, block in enumerate(self._blocks):
            hidden = block(
                hidden, modulation[index].unbind(1), turn, past[index], mask, words[index], words_mask, self.heads
            )
        shift, scale = shared[..., 6 * self.width :].reshape(-1, 2, self.width).unbind(1)
        out = torch.addcmul(_norm(hidden) + shift, _norm(hidden), scale)
        out = self._leave(out).unflatten(0, shape)
        return out[:, 1 : self._shown], out[:, self._shown :]


class _Block:
    """`model.Block` on rows [B x R, width]."""

    def __init__(self, block: nn.Module) -> None:
        self.qkv, self.out = packed(block.attention.qkv), packed(block.attention.out)
        self.query, self.cross_out = packed(block.cross.query), packed(block.cross.out)
        self.norm = block.norms[1]
        self.rise, self.fall = packed(block.feed_forward[0]), packed(block.feed_forward[2])

    def __call__(
        self,
        hidden: Tensor,
        modulation: tuple[Tensor, ...],
        turn: tuple[Tensor, Tensor],
        past: Tensor,
        mask: Tensor,
        words: Tensor,
        words_mask: Tensor,
        heads: int,
    ) -> Tensor:
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = modulation
        streams, rows = mask.shape[0], mask.shape[2]
        own = past.shape[2] - rows
        qkv = self.qkv(torch.addcmul(shift_a, _norm(hidden), scale_a)).view(streams, rows, 3, heads, -1)
        both = _norm(qkv[:, :, :2])
        both = torch.addcmul(both * turn[0], both.roll(both.shape[-1] // 2, -1), turn[1])
        past[0, :, own:] = both[:, :, 1]
        past[1, :, own:] = qkv[:, :, 2]
        hidden = torch.addcmul(hidden, gate_a, self.out(_attend(both[:, :, 0], past, mask)))
        query = self.query(F.layer_norm(hidden, hidden.shape[-1:], self.norm.weight, self.norm.bias))
        query = _norm(query.view(streams, rows, heads, -1))
        hidden = hidden + self.cross_out(_attend(query, words, words_mask))
        fed = self.rise(torch.addcmul(shift_f, _norm(hidden), scale_f))
        return torch.addcmul(hidden, gate_f, self.fall(F.gelu(fed, approximate="tanh")))


def _attend(query: Tensor, key_value: Tensor, mask: Tensor) -> Tensor:
    """Attention of queries [B, R, heads, d] to [2, B, S, heads, d]; returns [B x R, width]."""
    key, value = key_value
    out = F.scaled_dot_product_attention(
        query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), attn_mask=mask
    )
    return out.transpose(1, 2).reshape(-1, query.shape[2] * query.shape[3])


def _norm(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:])


def _turn(position: Tensor, head: int) -> tuple[Tensor, Tensor]:
    """Cosines, and sines signed for a rolled vector, [B, R, 1, 1, d]."""
    cos, sin = rotary(position, head)
    cos, sin = torch.cat([cos, cos], -1), torch.cat([-sin, sin], -1)
    return cos[:, :, None, None], sin[:, :, None, None]


def packed(linear: nn.Module) -> Linear:
    """Return a linear layer as `pack` makes it."""
    return pack(linear.weight, linear.bias)


def pack(weight: Tensor, bias: Tensor) -> Linear:
    """Return x -> x weight^T + bias for few rows, [..., in] -> [..., out].

    Large weights are kept in half precision by FBGEMM where it is at hand (x86), which halves what is read and still
    multiplies and adds in float32; weights that ship in half precision lose nothing.
    """
    if weight.numel() > 65536 and "fbgemm" in torch.backends.quantized.supported_engines:
        half = torch.ops.quantized.linear_prepack_fp16(weight.float().contiguous(), bias.float())
        multiply = torch.ops.quantized.linear_dynamic_fp16.default
        return lambda x: multiply(x, half)
    across, bias = weight.t().contiguous(), bias.clone()
    return lambda x: torch.addmm(bias, x, across) if x.dim() == 2 else torch.matmul(x, across) + bias


