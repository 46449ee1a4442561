"""Evaluator: a frozen judge that puts sentences and motions into one space (contrastive, as in Guo et al. 2022).

It sees motion through joints alone, encoded again here, so that generated and real motion are read in the same way; and
text through MiniLM's token states, without the slots that the motion model gets.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn

from hephaestus import humanml3d
from hephaestus.motion import Motion
from prometheus.errors import MotionError
from prometheus.motion.text import WIDTH as TEXT_WIDTH
from prometheus.motion.text import TextEncoder
from prometheus.motion.weights import check_model

COLUMNS = np.r_[0:67, 193:259]
"""Of the 263: root, joint positions and joint velocities."""
STRIDE = 4
"""Frames that one token of motion covers."""
LONGEST = 120
"""Frames that are looked at."""


def features(joints: np.ndarray) -> np.ndarray:
    """Return what the evaluator sees of joints [T >= 2, 22, 3] m: float32 [T - 1, 133]."""
    return humanml3d.encode(joints[: LONGEST + 1])[:, COLUMNS]


class Evaluator(ModelMixin, ConfigMixin):
    """Two small transformers with a common space of unit vectors.

    Args:
        width: channels.
        heads: attention heads.
        motion_depth: blocks over motion.
        text_depth: blocks over words.
        space: dimensions of the common space.
        dropout: probability, in training.
    """

    @register_to_config
    def __init__(
        self,
        width: int = 128,
        heads: int = 4,
        motion_depth: int = 3,
        text_depth: int = 2,
        space: int = 128,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(len(COLUMNS)))
        self.register_buffer("std", torch.ones(len(COLUMNS)))
        self.enter_motion = nn.Conv1d(len(COLUMNS), width, STRIDE, STRIDE)
        self.enter_text = nn.Linear(TEXT_WIDTH, width)
        self.motion_place = nn.Parameter(torch.randn(LONGEST // STRIDE, width) * 0.02)
        self.motion_body = _body(width, heads, motion_depth, dropout)
        self.text_body = _body(width, heads, text_depth, dropout)
        self.leave_motion = nn.Linear(width, space)
        self.leave_text = nn.Linear(width, space)
        self.scale = nn.Parameter(torch.tensor(2.7))

    def embed_motion(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Return unit vectors [B, space] of features [B, T, 133], raw, of which `lengths` [B] frames count."""
        steps = (lengths // STRIDE).clamp(min=1)
        whole = int(steps.max()) * STRIDE
        normal = (frames[:, :whole] - self.mean) / self.std
        tokens = self.enter_motion(F.pad(normal, (0, 0, 0, whole - normal.shape[1])).transpose(1, 2)).transpose(1, 2)
        tokens = tokens + self.motion_place[: tokens.shape[1]]
        return _unit(self.leave_motion(_pooled(self.motion_body, tokens, steps)))

    def embed_text(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Return unit vectors [B, space] of token states [B, M, 384], of which `lengths` [B] count."""
        return _unit(self.leave_text(_pooled(self.text_body, self.enter_text(states), lengths.clamp(min=1))))

    @classmethod
    def load(cls, folder: Path) -> Evaluator:
        """Load a frozen evaluator (safetensors only).

        Raises:
            MotionError: a file is missing or broken.
        """
        if not (folder / "config.json").is_file():
            raise MotionError(f"no evaluator in {folder}: train one with python -m prometheus.motion.evaluate.fit")
        check_model(folder, cls)
        try:
            model = cls.from_pretrained(folder, use_safetensors=True, local_files_only=True, low_cpu_mem_usage=False)
        except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
            raise MotionError(f"cannot load the evaluator from {folder}: {str(error).splitlines()[0]}") from error
        model.float().eval().requires_grad_(False)
        return model

    @torch.inference_mode()
    def see(self, motions: list[Motion]) -> np.ndarray:
        """Return vectors float32 [N, space] of motions of at least two frames."""
        seen = [features(motion.joints) for motion in motions]
        return self._batched(self.embed_motion, seen)

    @torch.inference_mode()
    def read(self, texts: list[str], encoder: TextEncoder) -> np.ndarray:
        """Return vectors float32 [N, space] of sentences."""
        states = [encoder.states([text])[0].numpy() for text in texts]
        return self._batched(self.embed_text, states)

    def _batched(self, embed: object, parts: list[np.ndarray]) -> np.ndarray:
        assert callable(embed)
        out = []
        for first in range(0, len(parts), 64):
            frames, lengths = padded(parts[first : first + 64])
            out.append(embed(frames.to(self.device), lengths.to(self.device)).cpu().numpy())
        return np.concatenate(out)


def padded(parts: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Return parts [T_i, C] as one tensor [B, max T, C] with zeros behind, and their lengths [B]."""
    lengths = torch.tensor([len(part) for part in parts])
    out = torch.zeros(len(parts), int(lengths.max()), parts[0].shape[1])
    for row, part in zip(out, parts, strict=True):
        row[: len(part)] = torch.from_numpy(np.asarray(part, np.float32))
    return out, lengths


def _body(width: int, heads: int, depth: int, dropout: float) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(width, heads, 4 * width, dropout, "gelu", batch_first=True, norm_first=True)
    return nn.TransformerEncoder(layer, depth, nn.LayerNorm(width), enable_nested_tensor=False)


def _pooled(body: nn.TransformerEncoder, tokens: Tensor, lengths: Tensor) -> Tensor:
    """Mean over the tokens that count."""
    beyond = torch.arange(tokens.shape[1], device=tokens.device) >= lengths[:, None]
    seen = body(tokens, src_key_padding_mask=beyond)
    counted = (~beyond)[..., None].to(seen.dtype)
    return (seen * counted).sum(1) / counted.sum(1)


def _unit(x: Tensor) -> Tensor:
    return F.normalize(x, dim=-1)
