"""Motor: the motion model ready to run, loaded in a moment and without the libraries that training needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from prometheus.errors import MotionError
from prometheus.motion.control import CONTROLS
from prometheus.motion.denoiser import Denoiser
from prometheus.motion.features import TOKEN_WIDTH, LocalFrames
from prometheus.motion.network import Network
from prometheus.motion.schedule import Schedule
from prometheus.motion.stream import GUIDANCE, MotionStream, StreamBatch
from prometheus.motion.text import SLOTS, TextEncoder
from prometheus.motion.weights import check_denoiser

MAX_WEIGHTS = 400_000_000
"""Bytes; no motion model of ours comes near."""


class Motor:
    """Text to motion.

    Example:
        >>> motor = Motor.load(data_path("assets", "motion"))
        >>> frames = motor("a person walks forward", seconds=6.0, seed=1)

    Args:
        weights: MotionDiT's state.
        config: its numbers: `heads` and `history`.
        schedule: of the noise.
        encoder: of the sentences; loaded when first needed if None.
    """

    def __init__(
        self, weights: Mapping[str, Tensor], config: Mapping[str, Any], schedule: Schedule, encoder: Any = None
    ) -> None:
        self.schedule = schedule
        self.network = Network(weights, int(config["heads"]), int(config["history"]), schedule)
        if encoder is not None:
            self.encoder = encoder

    @classmethod
    def load(cls, folder: Path) -> Motor:
        """Load weights (safetensors only) from a folder that training wrote.

        Raises:
            MotionError: the folder or a file in it is missing, broken or not a motion model.
        """
        model, scheduler = folder / "model" / "config.json", folder / "scheduler" / "scheduler_config.json"
        config, steps = _numbers(model, ("heads", "history")), _numbers(scheduler, ("chunk", "steps_per_token"))
        check_denoiser(folder / "model")
        weights = _weights(folder / "model" / "diffusion_pytorch_model.safetensors")
        schedule = Schedule(steps["chunk"], steps["steps_per_token"])
        try:
            motor = cls(weights, config, schedule)
            motor._try()
        except (KeyError, ValueError, IndexError, TypeError, RuntimeError, ZeroDivisionError) as error:
            raise MotionError(
                f"the weights in {folder / 'model'} do not fit their config.json ({str(error).splitlines()[0][:120]}); "
                "give a folder that training wrote"
            ) from error
        return motor

    @cached_property
    def encoder(self) -> TextEncoder:
        """The text encoder, loaded when first needed."""
        return TextEncoder()

    def stream(self, text: str, *, seed: int = 0, guidance: float = GUIDANCE) -> MotionStream:
        """Start an endless stream of motion."""
        return self.streams([text], [seed], guidance=guidance)[0]

    def streams(self, texts: Sequence[str], seeds: Sequence[int], *, guidance: float = GUIDANCE) -> list[MotionStream]:
        """Start streams that share the network's calls: several bodies for little more than the price of one."""
        return StreamBatch(self, texts, seeds, guidance=guidance).streams

    def __call__(self, text: str, *, seconds: float = 6.0, seed: int = 0, guidance: float = GUIDANCE) -> LocalFrames:
        """Return `seconds` of motion of one sentence."""
        return self.stream(text, seed=seed, guidance=guidance).next(round(seconds * 20))

    @torch.inference_mode()
    def _try(self) -> None:
        """Run the network once: what does not fit together shows here, not in the middle of a run."""
        chunk = self.schedule.chunk
        denoiser = Denoiser(self.network, chunk, 1)
        denoiser.see(0, filled=0, held=False, active=chunk)
        rows = 1 + chunk
        told, _ = denoiser.clean(
            torch.zeros(1, rows, TOKEN_WIDTH),
            torch.zeros(1, rows, dtype=torch.long),
            torch.zeros(1, rows, SLOTS + CONTROLS),
            torch.zeros(1, rows, dtype=torch.float64),
        )
        if told.shape[-1] != TOKEN_WIDTH or not bool(torch.isfinite(told).all()):
            raise ValueError("it does not give finite motion")


def _numbers(file: Path, names: tuple[str, ...]) -> dict[str, int]:
    """Read whole numbers from a JSON file."""
    if not file.is_file():
        raise MotionError(
            f"no motion model in {file.parent.parent}: {file} is missing; give a folder that training wrote"
        )
    try:
        with file.open(encoding="utf-8") as opened:
            values = json.loads(opened.read(100_000))
    except (OSError, ValueError, RecursionError) as error:
        raise MotionError(f"cannot load the motion model: {file} is no JSON ({str(error)[:80]})") from error
    found = values if isinstance(values, dict) else {}
    for name in names:
        if type(found.get(name)) is not int or not 1 <= found[name] <= 256:
            raise MotionError(f"cannot load the motion model: {name!r} in {file} must be a whole number of 1 to 256")
    return {name: found[name] for name in names}


def _weights(file: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not file.is_file():
        raise MotionError(
            f"cannot load the motion model: {file} is missing (weights are read from safetensors only); "
            "give a folder that training wrote"
        )
    if file.stat().st_size > MAX_WEIGHTS:
        raise MotionError(f"cannot load the motion model: {file} is larger than {MAX_WEIGHTS // 1_000_000} MB")
    try:
        weights = load_file(file)
    except (OSError, ValueError, SafetensorError) as error:
        raise MotionError(f"cannot load the motion model: {file} is broken ({str(error)[:80]})") from error
    for name, value in weights.items():
        if not value.is_floating_point() or not bool(torch.isfinite(value).all()):
            raise MotionError(f"cannot load the motion model: {name[:60]!r} in {file} holds what is no finite number")
    return weights
