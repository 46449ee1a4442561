"""MotionPipeline: model, scheduler and text encoder as diffusers saves, loads and composes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diffusers.pipelines.pipeline_utils import DiffusionPipeline

from prometheus.errors import MotionError
from prometheus.motion.features import LocalFrames
from prometheus.motion.model import MotionDiT
from prometheus.motion.motor import Motor
from prometheus.motion.scheduler import TriangularScheduler
from prometheus.motion.stream import GUIDANCE, MotionStream
from prometheus.motion.text import TextEncoder


class MotionPipeline(DiffusionPipeline):
    """Text to motion with the module that is trained at hand; `Motor` is the same for running alone.

    Example:
        >>> pipeline = MotionPipeline.from_pretrained(folder)
        >>> frames = pipeline("a person walks forward", seconds=6.0, seed=1)
    """

    def __init__(self, model: MotionDiT, scheduler: TriangularScheduler) -> None:
        super().__init__()
        self.register_modules(model=model, scheduler=scheduler)
        self._encoder: TextEncoder | None = None
        self._motor: Motor | None = None

    @classmethod
    def from_pretrained(cls, folder: str | Path, **_: Any) -> MotionPipeline:
        """Load weights (safetensors only) from a local folder.

        Raises:
            MotionError: the folder or a file in it is missing or broken.
        """
        return cls.load(Path(folder))

    @classmethod
    def load(cls, folder: Path) -> MotionPipeline:
        """Do as `from_pretrained` does.

        Raises:
            MotionError: the folder or a file in it is missing or broken.
        """
        Motor.load(folder)
        try:
            model = MotionDiT.from_pretrained(
                folder / "model", use_safetensors=True, local_files_only=True, low_cpu_mem_usage=False
            )
            scheduler = TriangularScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise MotionError(f"cannot load the motion model from {folder}: {str(error).splitlines()[0]}") from error
        model.float().eval().requires_grad_(False)
        return cls(model, scheduler)

    def save_pretrained(self, folder: str | Path, **options: Any) -> None:
        """Write `model/` and `scheduler/` as `from_pretrained` reads them."""
        self.model.save_pretrained(Path(folder) / "model", **options)
        self.scheduler.save_pretrained(Path(folder) / "scheduler")

    @property
    def encoder(self) -> TextEncoder:
        """The text encoder, loaded when first needed."""
        if self._encoder is None:
            self._encoder = TextEncoder()
        return self._encoder

    @property
    def motor(self) -> Motor:
        """The same weights, packed for running; packed when first needed."""
        if self._motor is None:
            self._motor = Motor(self.model.state_dict(), self.model.config, self.scheduler, self.encoder)
        return self._motor

    def stream(self, text: str, *, seed: int = 0, guidance: float = GUIDANCE) -> MotionStream:
        """Start an endless stream of motion."""
        return self.motor.stream(text, seed=seed, guidance=guidance)

    def streams(self, texts: Sequence[str], seeds: Sequence[int], *, guidance: float = GUIDANCE) -> list[MotionStream]:
        """Start streams that share the network's calls: several bodies for little more than the price of one."""
        return self.motor.streams(texts, seeds, guidance=guidance)

    def __call__(self, text: str, *, seconds: float = 6.0, seed: int = 0, guidance: float = GUIDANCE) -> LocalFrames:
        """Return `seconds` of motion of one sentence."""
        return self.motor(text, seconds=seconds, seed=seed, guidance=guidance)
