"""Fit: training of the evaluator on the training split, `python -m prometheus.motion.evaluate.fit`.

Symmetric InfoNCE (Oord et al. 2018; Radford et al. 2021) over batches of stretches and one caption each. It is resumed
after a kill from the last state in the output folder.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from prometheus.errors import MotionError
from prometheus.motion.evaluate.evaluator import COLUMNS, LONGEST, Evaluator, features, padded
from prometheus.motion.evaluate.precision import precision
from prometheus.motion.evaluate.reference import Reference, Stretch
from prometheus.motion.text import TextEncoder
from prometheus.motion.train import find_device

SHORTEST = 16
"""Frames of the shortest stretch that is trained on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every number of a training run."""

    steps: int = 1000
    batch: int = 128
    rate: float = 8e-4
    warmup: int = 100
    decay: float = 0.05
    noise: float = 0.05
    """Standard deviations of noise on the features."""
    crop: float = 0.3
    """Largest share of a stretch that is cut off."""
    seed: int = 0


class Fit:
    """Holds evaluator, optimiser and data; `run` trains until the plan's steps are done."""

    def __init__(self, plan: Plan, reference: Reference, out: Path, device: str = "cpu") -> None:
        """Encode the corpus and take up what the output folder holds.

        Raises:
            MotionError: too few captioned stretches to train on.
            ConfigError: there is no such device.
        """
        self.device = find_device(device)
        torch.manual_seed(plan.seed)
        self.plan, self.reference, self.out = plan, reference, out
        self.encoder = TextEncoder()
        self.stretches = [s for s in reference.stretches("train") if s.end - s.start >= SHORTEST]
        if len(self.stretches) < plan.batch:
            raise MotionError(f"a corpus of {len(self.stretches)} stretches cannot train an evaluator: it needs more")
        share = np.array([s.weight * (s.end - s.start) for s in self.stretches])
        self._share = share / share.sum()
        self._frames = [features(reference.joints[s.start : s.end]) for s in self.stretches]
        self._texts = _Texts({text for s in self.stretches for text in s.texts}, self.encoder)
        self.model = Evaluator()
        self._set_moments()
        self.model.to(self.device)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), plan.rate, (0.9, 0.98), weight_decay=plan.decay)
        self.step, self.seconds = 0, 0.0
        self._resume()

    def run(self, progress: Callable[[int, int], None] | None = None) -> dict[str, float]:
        """Train, report every 250 steps, save; return the precision on stretches kept aside."""
        started = time.monotonic() - self.seconds
        self.model.train()
        while self.step < self.plan.steps:
            for group in self.optimiser.param_groups:
                group["lr"] = self.plan.rate * self._schedule()
            loss = self._loss(np.random.default_rng((self.plan.seed, self.step)))
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimiser.step()
            self.step += 1
            if progress is not None:
                progress(self.step, self.plan.steps)
            if self.step % 250 == 0 or self.step == self.plan.steps:
                self.seconds = time.monotonic() - started
                self._log(
                    {"step": self.step, "seconds": round(self.seconds), "loss": float(loss.detach()), **self.validate()}
                )
                self._save()
        return self.validate()

    def validate(self) -> dict[str, float]:
        """Return R-precision and distance of real motion kept aside."""
        pieces = self.reference.captions(512)
        if len(pieces) < 32:
            return {}
        self.model.eval()
        texts = self.model.read([p.wish.text for p in pieces], self.encoder)
        found = precision(texts, self.model.see([self.reference.motion(p) for p in pieces]))
        self.model.train()
        return {"top1": found.top[0], "top3": found.top[2], "distance": found.distance}

    def _loss(self, rng: np.random.Generator) -> Tensor:
        plan = self.plan
        picks = rng.choice(len(self.stretches), plan.batch, replace=False, p=self._share)
        frames, lengths = padded([self._cropped(rng, self._frames[i]) for i in picks])
        random = torch.Generator().manual_seed(int(rng.integers(2**31)))
        noise = plan.noise * torch.randn(frames.shape, generator=random)
        chosen = [_pick(rng, self.stretches[i]) for i in picks]
        words, counts = self._texts(chosen)
        same = torch.tensor([[a == b for b in chosen] for a in chosen])
        return contrast(self.model, *(part.to(self.device) for part in (frames, noise, lengths, words, counts, same)))

    def _cropped(self, rng: np.random.Generator, frames: np.ndarray) -> np.ndarray:
        keep = max(SHORTEST - 1, round(len(frames) * (1.0 - self.plan.crop * rng.random())))
        first = int(rng.integers(max(len(frames) - keep, 0) + 1))
        return frames[first : first + min(keep, LONGEST)]

    def _schedule(self) -> float:
        if self.step < self.plan.warmup:
            return (self.step + 1) / self.plan.warmup
        done = (self.step - self.plan.warmup) / max(self.plan.steps - self.plan.warmup, 1)
        return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))

    def _set_moments(self) -> None:
        every = np.concatenate(self._frames)
        std = every.std(0)
        # A column that hardly moves must not be blown up.
        floor = np.r_[np.full(3, 1e-3), np.full(64, 0.03), np.full(66, 0.005)]
        self.model.mean.copy_(torch.from_numpy(every.mean(0)))
        self.model.std.copy_(torch.from_numpy(np.maximum(std, floor).astype(np.float32)))
        assert len(std) == len(COLUMNS)

    def _log(self, row: dict[str, float]) -> None:
        with (self.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")

    def _save(self) -> None:
        state = {"step": self.step, "seconds": self.seconds, "model": self.model.state_dict(),
                 "optimiser": self.optimiser.state_dict()}  # fmt: skip
        torch.save(state, self.out / "last.pt.part")
        os.replace(self.out / "last.pt.part", self.out / "last.pt")
        half = Evaluator.from_config(self.model.config)
        half.load_state_dict(self.model.state_dict())
        half.half().save_pretrained(self.out / "evaluator")

    def _resume(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "plan.json").write_text(json.dumps(asdict(self.plan), indent=1))
        if (self.out / "last.pt").exists():
            state = torch.load(self.out / "last.pt", weights_only=True, map_location="cpu")
            self.step, self.seconds = state["step"], state["seconds"]
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])


def contrast(
    model: Evaluator, frames: Tensor, noise: Tensor, lengths: Tensor, words: Tensor, counts: Tensor, same: Tensor
) -> Tensor:
    """Return the symmetric InfoNCE loss of B motions and their sentences.

    Args:
        model: on the device of all the others.
        frames: [B, T, features].
        noise: as many, to be added in units of the features' spread.
        lengths: [B], frames that count.
        words: [B, M, 384], token states.
        counts: [B], token states that count.
        same: bool [B, B], whether two sentences are one and the same, and so no contrast.
    """
    with torch.autocast(frames.device.type, torch.bfloat16):
        motion = model.embed_motion(frames + model.std * noise, lengths)
        text = model.embed_text(words, counts)
    logits = model.scale.clamp(max=4.0).exp() * text.float() @ motion.float().T
    own = torch.arange(len(frames), device=frames.device)
    logits = logits.masked_fill(same & (own[:, None] != own), -1e4)
    return 0.5 * (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own))


class _Texts:
    """Token states of many sentences, in half precision."""

    def __init__(self, texts: set[str], encoder: TextEncoder) -> None:
        order = sorted(texts, key=lambda text: (len(text), text))
        self._states: dict[str, np.ndarray] = {}
        for first in range(0, len(order), 64):
            part = order[first : first + 64]
            states = (each.numpy().astype(np.float16) for each in encoder.states(part))
            self._states.update(zip(part, states, strict=True))

    def __call__(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        return padded([self._states[text] for text in texts])


def _pick(rng: np.random.Generator, stretch: Stretch) -> str:
    return stretch.texts[int(rng.integers(len(stretch.texts)))]


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and train."""
    from prometheus.cli.progress import progress

    parser = argparse.ArgumentParser(prog="python -m prometheus.motion.evaluate.fit", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of a corpus")
    parser.add_argument("--out", type=Path, required=True, help="folder for state, log and evaluator/")
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    options = vars(parser.parse_args(arguments))
    reference, out = Reference(options.pop("corpus")), options.pop("out")
    torch.set_num_threads(1)
    with progress("evaluator") as advance:
        print(json.dumps(Fit(Plan(**options), reference, out).run(advance)))


if __name__ == "__main__":
    main()
