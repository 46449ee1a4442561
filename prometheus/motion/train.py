"""Training of the denoiser: `pwm motion train`, resumable after a kill, stopped by the loss on clips kept aside."""

from __future__ import annotations

import math
import time
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prometheus.errors import ConfigError, MotionError
from prometheus.motion import checkpoint
from prometheus.motion.curves import curves_of, draw_curves
from prometheus.motion.dataset import Batch, Corpus
from prometheus.motion.features import FRAMES_PER_TOKEN
from prometheus.motion.losses import Losses
from prometheus.motion.model import MotionDiT
from prometheus.motion.plan import Plan, write_plan
from prometheus.motion.scheduler import TriangularScheduler
from prometheus.motion.text import TextEncoder

Report = Callable[[dict[str, Any], int], None]
"""Called with a row of the log and the number of steps in all."""
_LOG_EVERY, _LOOKS = 100, 8


class Trainer:
    """Holds the model, its average, the optimiser and the data; `run` trains until the plan's steps are done.

    `out` then holds `ema/` (weights as `MotionPipeline.load` reads them), `log.jsonl`, `loss.png`, `plan.json` and
    `last.pt`. Killed at any moment and started again on the same folder, it goes on from the state saved last; on a
    CPU the numbers are then the same as without the kill.

    Args:
        plan: every number.
        corpus: folder with `corpus.npz` and `clips.json`.
        out: folder for what it makes.
        device: "cpu" or "cuda".
        encoder: of texts; MiniLM where None.

    Raises:
        MotionError: the corpus or a state in `out` is broken, or belongs to another plan.
        ConfigError: there is no such device.
    """

    def __init__(
        self, plan: Plan, corpus: Path, out: Path, device: str = "cpu", encoder: TextEncoder | None = None
    ) -> None:
        self.plan, self.out, self.device = plan, out, find_device(device)
        state = checkpoint.load(out)
        encoder = encoder or TextEncoder()
        self.train, self.val = (open_split(corpus, split, encoder) for split in ("train", "val"))
        torch.manual_seed(plan.seed)
        self.scheduler = TriangularScheduler()
        self.losses = Losses(plan, self.scheduler, half_precision(self.device))
        self.model = MotionDiT(width=plan.width, depth=plan.depth, heads=plan.heads)
        mean, std = self.train.moments()
        self.model.mean.copy_(torch.from_numpy(np.tile(mean, FRAMES_PER_TOKEN)))
        self.model.std.copy_(torch.from_numpy(np.tile(std, FRAMES_PER_TOKEN)))
        self.average = MotionDiT(width=plan.width, depth=plan.depth, heads=plan.heads)
        self.average.load_state_dict(self.model.state_dict())
        for model in (self.model, self.average):
            model.to(self.device)
        decay = [p for p in self.model.parameters() if p.dim() > 1]
        rest = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decay, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}],
            plan.rate,
            (0.9, 0.98),
            fused=True,
        )
        self.step, self.seconds = 0, 0.0
        self.best, self.stale = math.inf, 0
        self._begin(state)

    def run(self, report: Report | None = None) -> dict[str, float]:
        """Train to the end, or until clips kept aside have shown nothing better for the plan's patience.

        Args:
            report: called with every row of the log.

        Returns:
            The losses on clips kept aside, of the last look.
        """
        plan, started = self.plan, time.monotonic() - self.seconds
        running: dict[str, float] = {}
        counted, seen = 0, self._last_look()
        while self.step < plan.steps and not self._is_stale():
            for name, value in self._advance().items():
                running[name] = running.get(name, 0.0) + value
            counted += 1
            look = self.step % plan.every == 0 or self.step == plan.steps
            if self.step % _LOG_EVERY == 0 or look:
                self.seconds = time.monotonic() - started
                row = {name: round(total / counted, 6) for name, total in running.items()}
                self._log({"step": self.step, "seconds": round(self.seconds), **row}, report)
                running, counted = {}, 0
            if look:
                seen = self._look(report)
        return seen

    def _advance(self) -> dict[str, float]:
        """One step of the optimiser; everything drawn follows from the seed and the step's number."""
        plan = self.plan
        for group in self.optimiser.param_groups:
            group["lr"] = plan.rate * self._schedule()
        self.model.train()
        batch = self._draw(self.train, np.random.default_rng((plan.seed, self.step)))
        losses = self.losses(self.model, batch, torch.Generator().manual_seed(self.step + 1))
        self.optimiser.zero_grad(set_to_none=True)
        losses["total"].backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self._follow()
        self.step += 1
        values = {name: float(value.detach()) for name, value in losses.items()}
        if not math.isfinite(values["total"]):
            raise MotionError(f"the loss is no number after step {self.step}: lower --rate, or look at the corpus")
        return values

    def _draw(self, corpus: Corpus, rng: np.random.Generator) -> Batch:
        plan = self.plan
        batch = corpus.batch(rng, plan.batch, plan.length, plan.groups, self.scheduler.chunk)
        return replace(batch, **{field.name: getattr(batch, field.name).to(self.device) for field in fields(batch)})

    def _schedule(self) -> float:
        if self.step < self.plan.warmup:
            return (self.step + 1) / self.plan.warmup
        done = (self.step - self.plan.warmup) / max(self.plan.steps - self.plan.warmup, 1)
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))

    def _follow(self) -> None:
        keep = min(self.plan.ema, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - keep)

    def _look(self, report: Report | None) -> dict[str, float]:
        """Look at the clips kept aside, and save: state always, weights if they are better or every one counts."""
        seen = self._validate()
        self._log({"step": self.step, "val": seen}, report)
        better = seen["total"] < self.best
        self.best, self.stale = (seen["total"], 0) if better else (self.best, self.stale + 1)
        # Weights first: whoever is killed between the two makes the same weights again from the state before.
        if better or not self.plan.patience:
            checkpoint.export(self.average, self.scheduler, self.out / checkpoint.WEIGHTS)
        checkpoint.save(
            {
                "step": self.step,
                "seconds": self.seconds,
                "model": self.model.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "random": torch.get_rng_state(),
                "best": self.best,
                "stale": self.stale,
            },
            self.out,
        )
        draw_curves(curves_of(checkpoint.rows(self.out)), self.out / "loss.png", "denoiser: loss")
        return seen

    @torch.no_grad()
    def _validate(self) -> dict[str, float]:
        self.average.eval()
        total: dict[str, Tensor] = {}
        for i in range(_LOOKS):
            batch = self._draw(self.val, np.random.default_rng(i))
            for name, value in self.losses(self.average, batch, torch.Generator().manual_seed(i)).items():
                total[name] = total.get(name, torch.zeros(())) + value.cpu() / _LOOKS
        return {name: round(float(value), 5) for name, value in total.items()}

    def _is_stale(self) -> bool:
        return bool(self.plan.patience) and self.stale >= self.plan.patience

    def _last_look(self) -> dict[str, float]:
        looks = [row["val"] for row in checkpoint.rows(self.out) if isinstance(row.get("val"), dict)]
        return looks[-1] if looks else {}

    def _log(self, row: dict[str, Any], report: Report | None) -> None:
        checkpoint.append(row, self.out)
        if report is not None:
            report(row, self.plan.steps)

    def _begin(self, state: dict[str, Any] | None) -> None:
        """Make the folder, and take up a state that is there."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            if state is not None:
                self._resume(state)
            write_plan(self.plan, self.out / "plan.json")
            checkpoint.rewind(self.step, self.out)
        except OSError as error:
            raise MotionError(f"cannot write to {self.out}: {error.strerror}; choose another --out") from error

    def _resume(self, state: dict[str, Any]) -> None:
        try:
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            raise MotionError(
                f"{self.out} holds a training of another size than width {self.plan.width}, depth {self.plan.depth}: "
                "give its numbers, or another --out"
            ) from error
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.best, self.stale = float(state.get("best", math.inf)), int(state.get("stale", 0))
        for group in self.optimiser.param_groups:
            group["fused"] = True
        if "random" in state:
            torch.set_rng_state(state["random"])


def find_device(name: str) -> torch.device:
    """Return a device by name.

    Raises:
        ConfigError: it is neither "cpu" nor "cuda", or not there.
    """
    if name not in ("cpu", "cuda"):
        raise ConfigError(f"--device is cpu or cuda, not '{name[:20]}'")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: PyTorch finds no CUDA device here; train with --device cpu")
    return torch.device(name)


def half_precision(device: torch.device) -> torch.dtype | None:
    """Return bfloat16 where the device multiplies it faster than float32, else None."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else None
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return torch.bfloat16 if known.get("avx512_bf16") or known.get("amx_bf16") else None


def open_split(folder: Path, split: str, encoder: TextEncoder) -> Corpus:
    """Return the clips of a split.

    Raises:
        MotionError: the folder is no corpus, is broken, or has no clip of that split.
    """
    try:
        corpus = Corpus(folder, split, encoder)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OSError, zipfile.BadZipFile) as error:
        raise MotionError(
            f"{folder} is a broken corpus or has no clip for '{split}' ({type(error).__name__}: {str(error)[:80]}): "
            "build it again with `pwm motion corpus build`"
        ) from error
    if not corpus.clips:
        raise MotionError(f"{folder} has no clip for '{split}'; a corpus needs clips to train on and clips kept aside")
    return corpus
