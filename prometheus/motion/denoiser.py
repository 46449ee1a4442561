"""Denoiser: the network with what it remembers of several streams, which share its calls."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from prometheus.motion.network import Modulation, Network, Sight

_ROOM = 16
"""Words are kept in multiples of this many places: sums then run in the same order whoever shares the call."""


class Denoiser:
    """The denoiser of several streams.

    A call sees, of each stream, `1 + chunk` tokens: the one committed last, whose keys and values join the history in
    this call, and the active ones. Rows of the network are those tokens as told by the prompt, then the active ones
    again with no prompt at all. Keys and values of the history lie in a ring that is never copied.

    Args:
        network: packed weights.
        chunk: active tokens.
        streams: how many.
    """

    def __init__(self, network: Network, chunk: int, streams: int) -> None:
        self.network, self.streams, self.history = network, streams, network.history
        self._shown = 1 + chunk
        self._rows = self._shown + chunk
        places = self.history + self._rows
        head = network.width // network.heads
        self._past = torch.zeros(network.depth, 2, streams, network.heads, places, head)
        self._mask = torch.full((streams, network.heads, self._rows, places), -torch.inf)
        self._keys = torch.zeros(network.depth, streams, network.width, _ROOM * network.heads)
        self._added = torch.zeros(network.depth, streams, _ROOM * network.heads, network.width)
        self._words_mask = torch.full((streams, self._rows, _ROOM * network.heads), -torch.inf)
        self._words_mask[..., : network.heads] = 0.0
        self._modulated: tuple[Tensor, Tensor, Modulation] | None = None

    def see(self, stream: int, *, filled: int, held: bool, active: int) -> None:
        """Say what there is to attend to: tokens of history, whether one is about to join it, active tokens."""
        mask = self._mask[stream]
        mask.fill_(-torch.inf)
        mask[:, :, : min(filled, self.history)] = 0.0
        told, untold = self.history + 1, self.history + self._shown
        # A row without a token of its own sees itself, lest the softmax be empty; nobody reads it.
        mask[:, :, self.history :].diagonal(dim1=1, dim2=2).fill_(0.0)
        if held:
            mask[:, :, self.history] = 0.0
        mask[:, 1 : self._shown, told : told + active] = 0.0
        mask[:, self._shown :, untold : untold + active] = 0.0

    def tell(self, stream: int, words: Tensor, mask: Tensor) -> None:
        """Give a stream the words of its prompts.

        Args:
            stream: which.
            words: [depth, M, heads, d + width] as `Network.project` gives them, the first "no words".
            mask: bool [1 + chunk, M], which words each token may see.
        """
        count, heads = words.shape[1:3]
        head = self.network.width // heads
        spare = heads * _ROOM * math.ceil(count / _ROOM) - self._keys.shape[3]
        if spare > 0 or self.streams == 1:
            # A negative pad cuts: one stream alone need not carry the longest prompt it ever had.
            self._keys = F.pad(self._keys, (0, spare))
            self._added = F.pad(self._added, (0, 0, 0, spare))
            self._words_mask = F.pad(self._words_mask, (0, spare), value=-torch.inf)
        own = self._keys[:, stream].view(len(words), heads, head, -1, heads).diagonal(dim1=1, dim2=4)
        own[:, :, :count] = words[..., :head].permute(0, 3, 1, 2)
        self._added[:, stream, : count * heads] = words[..., head:].flatten(1, 2)
        seen = self._words_mask[stream, : self._shown].view(self._shown, -1, heads)
        seen.fill_(-torch.inf)
        seen[:, :count].masked_fill_(mask[..., None], 0.0)
        seen[:, 0] = 0.0

    def remember(self, stream: int, place: int) -> None:
        """Write keys and values of the token that was held in the last call into the history."""
        past = self._past[:, :, stream]
        past[:, :, :, place % self.history] = past[:, :, :, self.history]

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
        sight = Sight(
            self._past[:, :, which], self._mask[which], self._keys[:, which], self._added[:, which],
            self._words_mask[which],
        )  # fmt: skip
        out = self.network(tokens, self._modulate(age, condition), position, sight)
        return out[:, 1 : self._shown], out[:, self._shown :]

    def _modulate(self, age: Tensor, condition: Tensor) -> Modulation:
        """Return what levels and conditions do; while they stay as they were it is not computed again."""
        if self._modulated is not None:
            last_age, last_condition, modulation = self._modulated
            if torch.equal(age, last_age) and torch.equal(condition, last_condition):
                return modulation
        modulation = self.network.modulate(age, condition)
        self._modulated = age.clone(), condition.clone(), modulation
        return modulation
