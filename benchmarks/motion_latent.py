"""A causal VAE's latents or the features themselves: what each is to a streaming denoiser, measured side by side.

Three things over one corpus. First, what a small causal convolutional VAE (two frames a token) leaves of clips kept
aside when it takes them apart and puts them together again: errors of joints and path, skating feet, jerk, and what
decoding costs a token. Second, what a small denoiser makes of each kind of token after the same number of steps.
Third, the figures of the clips themselves. The features are tokens of 2 x 71 numbers; they need no decoder.

Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hephaestus import humanml3d
from hephaestus.metrics import jerk
from hephaestus.motion import Motion
from prometheus.data import data_path
from prometheus.motion.encodings import rotary, sinusoid
from prometheus.motion.evaluate.evaluator import Evaluator
from prometheus.motion.evaluate.feet import ground
from prometheus.motion.evaluate.precision import frechet
from prometheus.motion.evaluate.reference import Reference
from prometheus.motion.features import COLUMNS, CONTACTS, FRAMES_PER_TOKEN, HEIGHT, TOKEN_WIDTH, WIDTH, place, unpack
from prometheus.motion.model import Block
from prometheus.motion.text import SLOTS, slots

TOKENS = 32
"""Of a piece: 3.2 s."""
PIECES = 192
"""Kept aside that everything is measured on."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of one split: normalised features [N, 2 TOKENS, 71] and what their captions say [N, SLOTS]."""

    features: Tensor
    told: Tensor


class Causal(nn.Conv1d):
    """A convolution [B, C, T] that sees no later frame."""

    def __init__(self, inside: int, outside: int, size: int = 3, stride: int = 1) -> None:
        super().__init__(inside, outside, size, stride)
        self._past = size - stride

    def forward(self, x: Tensor) -> Tensor:
        """Convolve; a strided one gives a number for every `stride` frames that are complete."""
        return super().forward(F.pad(x, (self._past, 0)))


class Residual(nn.Module):
    """Two causal convolutions beside a straight way."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.SiLU(), Causal(width, width), nn.SiLU(), Causal(width, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return x and what the convolutions add [B, C, T]."""
        return x + self.inner(x)


class CausalVae(nn.Module):
    """A causal convolutional VAE: two frames of features to one latent (Kingma and Welling 2014).

    Args:
        latent: numbers of a latent.
        width: channels inside.
    """

    def __init__(self, latent: int, width: int = 160) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            Causal(WIDTH, width), Residual(width), Causal(width, width, 2, 2), Residual(width), Residual(width),
            Causal(width, 2 * latent, 1),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            Causal(latent, width), Residual(width), Residual(width), Causal(width, FRAMES_PER_TOKEN * width, 1)
        )
        self.leave = nn.Sequential(Residual(width), Residual(width), nn.SiLU(), Causal(width, WIDTH, 1))

    def encode(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance [B, T / 2, latent] of features [B, T, 71]."""
        mean, log_variance = self.encoder(features.transpose(1, 2)).transpose(1, 2).chunk(2, -1)
        return mean, log_variance.clamp(-20, 5)

    def decode(self, latents: Tensor) -> Tensor:
        """Return features [B, T, 71] of latents [B, T / 2, latent]."""
        hidden = self.decoder(latents.transpose(1, 2))
        frames = hidden.unflatten(1, (-1, FRAMES_PER_TOKEN)).permute(0, 1, 3, 2).flatten(2)
        return self.leave(frames).transpose(1, 2)


class SmallDenoiser(nn.Module):
    """Predicts clean tokens [B, S, tokens] from noisy ones, all of one level, by what is told [B, SLOTS]."""

    def __init__(self, tokens: int, width: int = 128, depth: int = 4, heads: int = 4) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.enter, self.leave = nn.Linear(tokens, width), nn.Linear(width, tokens)
        self.level, self.told = nn.Linear(width, width), nn.Linear(SLOTS, width)
        self.modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))
        self.blocks = nn.ModuleList(Block(width, heads, 0.0) for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, noisy: Tensor, level: Tensor, told: Tensor) -> Tensor:
        """Predict."""
        hidden = self.enter(noisy)
        signal = self.level(sinusoid(level, self.width)) + self.told(told)
        shared = self.modulation(signal)[:, None].unflatten(-1, (6, -1))
        turn = rotary(torch.arange(noisy.shape[1], dtype=torch.float64), self.width // self.heads)
        nothing = torch.zeros(len(noisy), 1, self.width)
        for block in self.blocks:
            hidden = block(hidden, shared, turn, block.cross.project(nothing), None, None)
        return self.leave(self.norm(hidden))


def load(reference: Reference, split: str, most: int, moments: tuple[Tensor, Tensor] | None, seed: int) -> Pieces:
    """Cut pieces out of clips of a split, each under a caption."""
    rng = np.random.default_rng(seed)
    frames = FRAMES_PER_TOKEN * TOKENS
    found, told = [], []
    stretches = [s for s in reference.stretches(split) if s.end - s.start > frames]
    for i in rng.permutation(len(stretches))[:most]:
        stretch = stretches[i]
        first = int(rng.integers(stretch.start, stretch.end - frames))
        rows = slice(first, first + frames + 1)
        found.append(humanml3d.encode(reference.joints[rows], reference.contacts[rows])[:, COLUMNS])
        told.append(slots(stretch.texts[0]))
    features = torch.from_numpy(np.stack(found).astype(np.float32))
    mean, std = moments or (torch.zeros(WIDTH), torch.ones(WIDTH))
    return Pieces((features - mean) / std, torch.from_numpy(np.stack(told)))


def fit(model: nn.Module, loss: Callable[[Tensor], Tensor], count: int, steps: int, batch: int, rate: float) -> float:
    """Train by a loss of indices [batch]; return the CPU seconds that it took."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.05)
    random = torch.Generator().manual_seed(0)
    started = time.process_time()
    for _ in range(steps):
        optimiser.zero_grad()
        loss(torch.randint(count, (batch,), generator=random)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    model.eval()
    return time.process_time() - started


def vae_loss(vae: CausalVae, features: Tensor, weight: float) -> Tensor:
    """Error of features and of their change from frame to frame, and the distance from a normal distribution."""
    mean, log_variance = vae.encode(features)
    told = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
    made = vae.decode(told)
    scale = torch.ones(WIDTH)
    scale[: HEIGHT + 1], scale[CONTACTS] = 4.0, 0.5
    error = ((made - features).square() * scale).mean() + 2.0 * (
        made.diff(dim=1) - features.diff(dim=1)
    ).square().mean()
    apart = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).mean()
    return error + weight * apart


def denoiser_loss(model: SmallDenoiser, clean: Tensor, told: Tensor) -> Tensor:
    """The error of the clean prediction, weighted as in the training of the shipped model."""
    level = torch.rand(len(clean))
    noisy = torch.lerp(clean, torch.randn_like(clean), level[:, None, None])
    error = (model(noisy, level, told * (torch.rand(len(told), 1) > 0.1)) - clean).square().mean((1, 2))
    weight = 1.0 / (level.square() + 0.05)
    return (error * weight).sum() / weight.sum()


@torch.inference_mode()
def draw(model: SmallDenoiser, width: int, told: Tensor, steps: int = 10, guidance: float = 2.0) -> Tensor:
    """Sample tokens [N, TOKENS, width] by Euler steps with guidance."""
    random = torch.Generator().manual_seed(1)
    tokens = torch.randn(len(told), TOKENS, width, generator=random)
    for i in range(steps):
        level = torch.full((len(told),), 1.0 - i / steps)
        clean = torch.lerp(model(tokens, level, told * 0), model(tokens, level, told), guidance)
        tokens = torch.lerp(clean, tokens, (1.0 - (i + 1) / steps) / (1.0 - i / steps))
    return tokens


def motions(features: Tensor, moments: tuple[Tensor, Tensor]) -> list[Motion]:
    """Place normalised features [N, T, 71] over the floor."""
    mean, std = moments
    return [place(unpack(each)) for each in (features * std + mean).numpy()]


def quality(made: list[Motion]) -> dict[str, float]:
    """Figures of motion by itself."""
    feet = ground(made)
    return {
        "feet lower than 5 cm, m/s": feet.skate,
        "peak jerk, m/s^3": float(np.mean([jerk(m.joints, m.fps).max() for m in made])),
        "mean jerk, m/s^3": float(np.mean([jerk(m.joints, m.fps).mean() for m in made])),
    }


@torch.inference_mode()
def rebuilt(vae: CausalVae, pieces: Pieces, moments: tuple[Tensor, Tensor]) -> tuple[dict[str, float], list[Motion]]:
    """Figures of what the VAE leaves of pieces, and the motions."""
    made = motions(vae.decode(vae.encode(pieces.features)[0]), moments)
    real = motions(pieces.features, moments)
    body = [
        np.linalg.norm((a.joints - a.joints[:, :1]) - (b.joints - b.joints[:, :1]), axis=-1)
        for a, b in zip(made, real, strict=True)
    ]
    path = [np.linalg.norm(a.joints[-1, 0] - b.joints[-1, 0]) for a, b in zip(made, real, strict=True)]
    latent = vae.encode(pieces.features[:1])[0]
    window = latent[:, -8:]
    times = []
    for _ in range(200):
        started = time.process_time()
        vae.decode(window)
        times.append(time.process_time() - started)
    return {
        **quality(made),
        "joints beside the pelvis, mean error, mm": 1000.0 * float(np.mean(np.concatenate([b.ravel() for b in body]))),
        f"path after {TOKENS * FRAMES_PER_TOKEN / 20:g} s, error, mm": 1000.0 * float(np.mean(path)),
        "decoding, ms a token": 1000.0 * float(np.median(times)),
        "weights, M": sum(p.numel() for p in vae.parameters()) / 1e6,
    }, made


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--latents", type=int, nargs="*", default=[32, 64])
    parser.add_argument("--vae-steps", type=int, default=2500)
    parser.add_argument("--denoiser-steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=16, help="pieces a step")
    parser.add_argument("--pieces", type=int, default=4000, help="of the training split")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    reference = Reference(options.corpus)
    raw = load(reference, "train", options.pieces, None, 0)
    flat = raw.features.flatten(0, 1)
    std = flat.std(0)
    std[4:67], std[CONTACTS] = std[4:67].clamp(min=0.03), 0.5
    moments = flat.mean(0), std
    train = Pieces((raw.features - moments[0]) / std, raw.told)
    kept = load(reference, "val", PIECES, moments, 1)
    evaluator = Evaluator.load(data_path("assets", "motion", "evaluator"))
    real = motions(kept.features, moments)
    seen = evaluator.see(real)
    other = evaluator.see(motions(load(reference, "val", PIECES, moments, 2).features, moments))
    columns: dict[str, dict[str, float]] = {"clips kept aside": {**quality(real), "FID": frechet(seen, other)}}
    ways: dict[str, tuple[Tensor, Callable[[Tensor], Tensor]]] = {
        "features": (train.features.reshape(len(train.features), TOKENS, TOKEN_WIDTH),
                     lambda tokens: tokens.reshape(len(tokens), -1, WIDTH)),
    }  # fmt: skip
    columns["features"] = {}  # nothing is lost and nothing is to be decoded
    for size in options.latents:
        vae = CausalVae(size)
        spent = fit(vae, lambda at, vae=vae: vae_loss(vae, train.features[at], 1e-4), len(train.features),
                    options.vae_steps, options.batch, 1e-3)  # fmt: skip
        figures, made = rebuilt(vae, kept, moments)
        name = f"latents of {size}"
        columns[name] = {**figures, "FID": frechet(evaluator.see(made), seen), "training of the VAE, CPU s": spent}
        with torch.inference_mode():
            codes = torch.cat([vae.encode(part)[0] for part in train.features.split(256)])
        middle, spread = codes.mean((0, 1)), codes.std((0, 1)).clamp(min=1e-3)
        ways[name] = (
            ((codes - middle) / spread).clone(),
            lambda tokens, vae=vae, middle=middle, spread=spread: vae.decode(tokens * spread + middle),
        )
    for name, (tokens, back) in ways.items():
        torch.manual_seed(0)
        model = SmallDenoiser(tokens.shape[-1])
        spent = fit(model, lambda at, m=model, t=tokens: denoiser_loss(m, t[at], train.told[at]), len(tokens),
                    options.denoiser_steps, options.batch, 1e-3)  # fmt: skip
        with torch.inference_mode():
            made = motions(back(draw(model, tokens.shape[-1], kept.told)), moments)
        columns[name] |= {f"generated: {key}": value for key, value in quality(made).items()}
        columns[name] |= {"generated: FID": frechet(evaluator.see(made), seen), "denoiser, CPU s": spent}
    keys = list(dict.fromkeys(key for figures in columns.values() for key in figures))
    print(f"| | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for key in keys:
        cells = [f"{figures[key]:.3g}" if key in figures else "" for figures in columns.values()]
        print(f"| {key} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
