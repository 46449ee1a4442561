"""Training of the denoiser: `pwm motion train --corpus DIR --out DIR`, resumable after a kill."""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from prometheus.motion.dataset import Batch, Corpus
from prometheus.motion.features import CONTACTS, FRAMES_PER_TOKEN, HEIGHT, JOINTS, VELOCITY, WIDTH, YAW
from prometheus.motion.model import MotionDiT
from prometheus.motion.scheduler import TriangularScheduler
from prometheus.motion.text import MAX_TOKENS, TextEncoder

FEET = [6, 9, 7, 10]
"""Rows of the 21 local joints that the four contacts speak of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every number of a training run."""

    steps: int = 12000
    batch: int = 24
    length: int = 40
    groups: int = 6
    rate: float = 6e-4
    warmup: int = 400
    ema: float = 0.999
    history_noise: float = 0.1
    history_drop: float = 0.3
    """Share of windows that see no history, as at the start of a stream; as many again see only a little of it."""
    ramp: float = 0.25
    drop_all: float = 0.1
    drop_text: float = 0.2
    drop_slots: float = 0.3
    drop_control: float = 0.4
    width: int = 256
    depth: int = 6
    heads: int = 4
    seed: int = 0


class Trainer:
    """Holds the model, its average, the optimiser and the data; `run` trains until the plan's steps are done."""

    def __init__(self, plan: Plan, corpus: Path, out: Path) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.out = plan, out
        encoder = TextEncoder()
        self.train, self.val = (Corpus(corpus, split, encoder) for split in ("train", "val"))
        self.scheduler = TriangularScheduler()
        self.model = MotionDiT(width=plan.width, depth=plan.depth, heads=plan.heads)
        mean, std = self.train.moments()
        self.model.mean.copy_(torch.from_numpy(np.tile(mean, FRAMES_PER_TOKEN)))
        self.model.std.copy_(torch.from_numpy(np.tile(std, FRAMES_PER_TOKEN)))
        self.average = MotionDiT(width=plan.width, depth=plan.depth, heads=plan.heads)
        self.average.load_state_dict(self.model.state_dict())
        decay = [p for p in self.model.parameters() if p.dim() > 1]
        rest = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decay, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}],
            plan.rate,
            (0.9, 0.98),
            fused=True,
        )
        self.step = 0
        self.seconds = 0.0
        self._resume()

    def run(self) -> None:
        """Train, evaluate every 500 steps and save."""
        started = time.monotonic() - self.seconds
        running = {}
        while self.step < self.plan.steps:
            for group in self.optimiser.param_groups:
                group["lr"] = self.plan.rate * self._schedule()
            self.model.train()
            rng = np.random.default_rng((self.plan.seed, self.step))
            batch = self.train.batch(rng, self.plan.batch, self.plan.length, self.plan.groups, self.scheduler.chunk)
            losses = self._losses(self.model, batch, torch.Generator().manual_seed(self.step + 1))
            self.optimiser.zero_grad(set_to_none=True)
            losses["total"].backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimiser.step()
            self._follow()
            self.step += 1
            for name, value in losses.items():
                running[name] = running.get(name, 0.0) + float(value.detach())
            if self.step % 100 == 0:
                self.seconds = time.monotonic() - started
                self._log(
                    {"step": self.step, "seconds": round(self.seconds), **{k: v / 100 for k, v in running.items()}}
                )
                running = {}
            if self.step % 500 == 0 or self.step == self.plan.steps:
                self._log({"step": self.step, "val": self._validate()})
                self._save()

    def _schedule(self) -> float:
        if self.step < self.plan.warmup:
            return (self.step + 1) / self.plan.warmup
        done = (self.step - self.plan.warmup) / max(self.plan.steps - self.plan.warmup, 1)
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))

    def _follow(self) -> None:
        keep = min(self.plan.ema, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - keep)

    @torch.no_grad()
    def _validate(self) -> dict[str, float]:
        self.average.eval()
        total: dict[str, float] = {}
        for i in range(8):
            batch = self.val.batch(
                np.random.default_rng(i), self.plan.batch, self.plan.length, self.plan.groups, self.scheduler.chunk
            )
            for name, value in self._losses(self.average, batch, torch.Generator().manual_seed(i)).items():
                total[name] = total.get(name, 0.0) + float(value) / 8
        return {name: round(value, 5) for name, value in total.items()}

    def _losses(self, model: MotionDiT, batch: Batch, random: torch.Generator) -> dict[str, Tensor]:
        """Weighted x-prediction error of the active tokens, and geometric errors in metres."""
        plan, chunk = self.plan, self.scheduler.chunk
        size, length = batch.tokens.shape[:2]
        clean = (batch.tokens - model.mean) / model.std
        index = batch.start[..., None] + torch.arange(chunk)
        flat = index.flatten(1)
        target = _take(clean, flat)
        time_ = torch.rand(size, plan.groups, generator=random)
        starting = torch.rand(size, plan.groups, generator=random) < plan.ramp
        time_ = torch.where(starting, time_ * (1 - 1 / chunk), 1 - 1 / chunk + time_ / chunk)
        active = (torch.arange(chunk) <= time_[..., None] * chunk).flatten(1)
        level = self.scheduler.training_levels(time_).flatten(1)
        noise = torch.randn(target.shape, generator=random)
        noisy = self.scheduler.add_noise(target, noise, level)
        seen = _history_seen(size, plan, model.config.history, random)
        blur = plan.history_noise * torch.rand(size, 1, 1, generator=random)
        history = clean + blur * torch.randn(clean.shape, generator=random)

        condition, words_mask = self._conditions(batch, flat, random)
        with torch.autocast("cpu", torch.bfloat16):
            words = model.project_words(batch.words)
            predicted = model(
                torch.cat([history, noisy], 1),
                torch.cat([torch.zeros(size, length), level], 1),
                condition,
                words,
                words_mask,
                torch.cat([torch.arange(length).expand(size, -1), flat], 1),
                _mask(batch.start, active, length, chunk, model.config.history, seen),
            )
        predicted = predicted[:, length:].float()
        weight = active / (level.square() + 0.05)
        scale = torch.ones(WIDTH)
        scale[: HEIGHT + 1] = 4.0
        scale[CONTACTS] = 0.5
        error = ((predicted - target).square() * scale.repeat(FRAMES_PER_TOKEN)).mean(-1)
        diffusion = (error * weight).sum() / weight.sum()
        before = _take(clean, (batch.start - 1).clamp(min=0))
        known = ((batch.start > 0) & (seen > 0)).float()
        speed, slip = self._geometry(model, predicted, target, before, known, active, size)
        return {"total": diffusion + 3.0 * speed + 6.0 * slip, "diffusion": diffusion, "speed": speed, "slip": slip}

    def _geometry(
        self,
        model: MotionDiT,
        predicted: Tensor,
        target: Tensor,
        before: Tensor,
        known: Tensor,
        active: Tensor,
        size: int,
    ) -> tuple[Tensor, Tensor]:
        """Errors (in units of 1 cm a frame, squared) of joint velocities, and of the slip of feet in contact."""

        def frames(tokens: Tensor) -> Tensor:
            whole = torch.cat([before[:, :, None], tokens.unflatten(1, (self.plan.groups, -1))], 2)
            return (whole * model.std + model.mean).unflatten(-1, (FRAMES_PER_TOKEN, WIDTH)).flatten(2, 3)

        made, real = frames(predicted), frames(target)
        valid = torch.cat([known[..., None], active.unflatten(1, (self.plan.groups, -1)).float()], 2)
        valid = valid.repeat_interleave(FRAMES_PER_TOKEN, 2)
        valid = valid[..., 1:] * valid[..., :-1]
        count = valid.sum().clamp(min=1.0)
        motion = (made.diff(dim=2) - real.diff(dim=2))[..., JOINTS]
        speed = (motion.square().mean(-1) * valid).sum() / count * 1e4 / 4
        touching = real[..., :-1, CONTACTS] * real[..., 1:, CONTACTS]
        apart = (_slip(made) - _slip(real)).square().sum(-1)
        slip = ((apart * touching).sum(-1) * valid).sum() / count * 1e4 / 16
        return speed / 10, slip / 10

    def _conditions(self, batch: Batch, flat: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
        plan = self.plan
        size, length = batch.prompt.shape

        def chance(share: float) -> Tensor:
            return torch.rand(size, generator=random) < share

        nothing = chance(plan.drop_all)
        no_text, no_slots = nothing | chance(plan.drop_text), nothing | chance(plan.drop_slots)
        steered, felt = ~chance(plan.drop_control), ~chance(plan.drop_control)
        wanted = batch.control + 0.08 * torch.randn(batch.control.shape, generator=random)
        control = torch.cat(
            [
                wanted[..., :3] * steered[:, None, None],
                wanted[..., 3:] * felt[:, None, None],
                steered[:, None, None].expand(-1, length, 1),
                felt[:, None, None].expand(-1, length, 1),
            ],
            -1,
        )
        condition = torch.cat([batch.slots * ~no_slots[:, None, None], control], -1)
        condition = torch.cat([condition, _take(condition, flat)], 1)
        prompt = torch.cat([batch.prompt, torch.gather(batch.prompt, 1, flat)], 1)
        owner = torch.arange(batch.words.shape[1]) // MAX_TOKENS
        place = torch.arange(batch.words.shape[1]) % MAX_TOKENS
        real = place < batch.words_length[:, owner]
        seen = (prompt[..., None] == owner) & real[:, None] & ~no_text[:, None, None]
        mask = torch.cat([torch.ones(*prompt.shape, 1, dtype=torch.bool), seen], -1)
        return condition, mask[:, None]

    def _log(self, row: dict[str, object]) -> None:
        print(json.dumps(row), flush=True)
        with (self.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")

    def _save(self) -> None:
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        torch.save(state, self.out / "last.pt.part")
        os.replace(self.out / "last.pt.part", self.out / "last.pt")
        export(self.average, self.scheduler, self.out / "ema")

    def _resume(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "plan.json").write_text(json.dumps(asdict(self.plan), indent=1))
        if (self.out / "last.pt").exists():
            state = torch.load(self.out / "last.pt", weights_only=True)
            self.step, self.seconds = state["step"], state["seconds"]
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            for group in self.optimiser.param_groups:
                group["fused"] = True


def export(model: MotionDiT, scheduler: TriangularScheduler, folder: Path) -> None:
    """Write weights (fp16 safetensors) and configs as `MotionPipeline.load` reads them."""
    half = MotionDiT.from_config(model.config)
    half.load_state_dict(model.state_dict())
    half.half().save_pretrained(folder / "model")
    scheduler.save_pretrained(folder / "scheduler")


def _take(tokens: Tensor, index: Tensor) -> Tensor:
    return torch.gather(tokens, 1, index[..., None].expand(-1, -1, tokens.shape[-1]))


def _history_seen(size: int, plan: Plan, history: int, random: torch.Generator) -> Tensor:
    """How many tokens of history each group [B, K] may see: none, one to four, or all."""
    kind = torch.rand(size, plan.groups, generator=random)
    few = torch.randint(1, 5, (size, plan.groups), generator=random)
    seen = torch.where(kind < 2 * plan.history_drop, few, history)
    return torch.where(kind < plan.history_drop, 0, seen)


def _mask(start: Tensor, active: Tensor, length: int, chunk: int, history: int, seen: Tensor) -> Tensor:
    """Who sees whom, bool [B, 1, S, S].

    Clean tokens see older clean ones; groups see `seen` [B, K] clean ones before them, and themselves.
    """
    size, groups = start.shape
    row = torch.arange(length)
    older = row[:, None] - row
    clean = (older >= 0) & (older <= history)
    begin = start.repeat_interleave(chunk, 1)
    back = begin[..., None] - row
    sees_clean = (back > 0) & (back <= seen.repeat_interleave(chunk, 1)[..., None])
    group = torch.arange(groups).repeat_interleave(chunk)
    sees_group = (group[:, None] == group) & active[:, None]
    sees_group = sees_group | torch.eye(groups * chunk, dtype=torch.bool)
    top = torch.cat([clean.expand(size, -1, -1), torch.zeros(size, length, groups * chunk, dtype=torch.bool)], 2)
    return torch.cat([top, torch.cat([sees_clean, sees_group], 2)], 1)[:, None]


def _slip(frames: Tensor) -> Tensor:
    """How far each foot moves over the ground from one frame to the next [..., T-1, 4, 2], m, in the next heading."""
    feet = frames[..., JOINTS].unflatten(-1, (21, 3))[..., FEET, :][..., [0, 2]]
    turn = -2.0 * frames[..., :-1, None, YAW]
    x, z = feet[..., :-1, :, 0], feet[..., :-1, :, 1]
    cos, sin = turn.cos(), turn.sin()
    turned = torch.stack([cos * x - sin * z, sin * x + cos * z], -1)
    return feet[..., 1:, :, :] - turned + frames[..., :-1, None, VELOCITY]


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="pwm motion train", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = vars(parser.parse_args(arguments))
    corpus, out, threads = options.pop("corpus"), options.pop("out"), options.pop("threads")
    torch.set_num_threads(threads)
    Trainer(Plan(**options), corpus, out).run()


if __name__ == "__main__":
    main()
