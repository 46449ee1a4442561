"""MiniLM-L6: the text encoder's arithmetic, without the four seconds that importing a model library takes.

The network is BERT (Devlin et al. 2019) with six layers of 384 channels (Wang et al. 2020, "MiniLM"); a test compares
it with the `transformers` implementation.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from prometheus.motion.linear import Linear, pack

HEADS = 12
EPSILON = 1e-12
Norm = tuple[Tensor, Tensor]


class MiniLM:
    """Sentences to token states.

    Args:
        folder: holds `model.safetensors` and `tokenizer.json`.
        max_tokens: longer sentences are cut, the two marks at their ends included.
    """

    def __init__(self, folder: Path, max_tokens: int) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.enable_padding()
        weights = load_file(folder / "model.safetensors")
        self._words = weights["embeddings.word_embeddings.weight"]
        # Only sentences of one part come here, so that the part's embedding is a constant of the position.
        self._places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _norm(weights, "embeddings.LayerNorm")
        self._layers = []
        while (prefix := f"encoder.layer.{len(self._layers)}.") + "output.dense.weight" in weights:
            self._layers.append(_Layer({k[len(prefix) :]: v for k, v in weights.items() if k.startswith(prefix)}))

    @torch.inference_mode()
    def __call__(self, texts: list[str]) -> list[Tensor]:
        """Return each text's last hidden states, float32 [tokens, 384]."""
        encoded = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([row.ids for row in encoded])
        seen = torch.tensor([row.attention_mask for row in encoded], dtype=torch.bool)
        hidden = _normalise(self._words[ids] + self._places[: ids.shape[1]], self._norm)
        mask = None if bool(seen.all()) else seen[:, None, None]
        for layer in self._layers:
            hidden = layer(hidden, mask)
        return [row[: int(mark.sum())].clone() for row, mark in zip(hidden, seen, strict=True)]


class _Layer:
    """Attention and feed-forward, each added to its input and normalised after."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        def linear(*names: str) -> Linear:
            parts = [[weights[f"{name}.{part}"] for name in names] for part in ("weight", "bias")]
            return pack(torch.cat(parts[0]), torch.cat(parts[1]))

        self._qkv = linear("attention.self.query", "attention.self.key", "attention.self.value")
        self._out, self._rise, self._fall = (
            linear(name) for name in ("attention.output.dense", "intermediate.dense", "output.dense")
        )
        self._norms = _norm(weights, "attention.output.LayerNorm"), _norm(weights, "output.LayerNorm")

    def __call__(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = self._qkv(hidden).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        hidden = _normalise(hidden + self._out(attended.transpose(1, 2).flatten(2)), self._norms[0])
        return _normalise(hidden + self._fall(F.gelu(self._rise(hidden))), self._norms[1])


def _norm(weights: dict[str, Tensor], name: str) -> Norm:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _normalise(x: Tensor, norm: Norm) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], *norm, EPSILON)
