"""MotionPipeline: model, scheduler and text encoder together, loaded from one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline

from prometheus.errors import MotionError
from prometheus.motion.features import LocalFrames
from prometheus.motion.model import MotionDiT
from prometheus.motion.scheduler import TriangularScheduler
from prometheus.motion.stream import GUIDANCE, MotionStream, StreamBatch
from prometheus.motion.text import TextEncoder


class MotionPipeline(DiffusionPipeline):
    """Text to motion.

    Example:
        >>> pipeline = MotionPipeline.load(folder)
        >>> frames = pipeline("a person walks forward", seconds=6.0, seed=1)
    """

    def __init__(self, model: MotionDiT, scheduler: TriangularScheduler) -> None:
        super().__init__()
        self.register_modules(model=model, scheduler=scheduler)
        self._encoder: TextEncoder | None = None

    @classmethod
    def load(cls, folder: Path) -> MotionPipeline:
        """Load weights (safetensors only) from a folder.

        Raises:
            MotionError: the folder or a file in it is missing or broken.
        """
        for file in (folder / "model" / "config.json", folder / "scheduler" / "scheduler_config.json"):
            if not file.is_file():
                raise MotionError(f"no motion model in {folder}: {file} is missing; give a folder that training wrote")
        try:
            model = MotionDiT.from_pretrained(
                folder / "model", use_safetensors=True, local_files_only=True, low_cpu_mem_usage=False
            )
            scheduler = TriangularScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise MotionError(f"cannot load the motion model from {folder}: {str(error).splitlines()[0]}") from error
        model.float().eval().requires_grad_(False)
        return cls(model, scheduler)

    @property
    def encoder(self) -> TextEncoder:
        """The text encoder, loaded when first needed."""
        if self._encoder is None:
            self._encoder = TextEncoder()
        return self._encoder

    def stream(self, text: str, *, seed: int = 0, guidance: float = GUIDANCE) -> MotionStream:
        """Start an endless stream of motion."""
        return self.streams([text], [seed], guidance=guidance)[0]

    def streams(
        self, texts: Sequence[str], seeds: Sequence[int], *, guidance: float = GUIDANCE
    ) -> list[MotionStream]:
        """Start streams that share the network's calls: several bodies for little more than the price of one."""
        return StreamBatch(self, texts, seeds, guidance=guidance).streams

    def __call__(self, text: str, *, seconds: float = 6.0, seed: int = 0, guidance: float = GUIDANCE) -> LocalFrames:
        """Return `seconds` of motion of one sentence."""
        return self.stream(text, seed=seed, guidance=guidance).next(round(seconds * 20))
