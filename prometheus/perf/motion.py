"""Perf of the motion model: what a token costs, beside a published model of like size run on the same machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from prometheus.perf.loop import hardware

WARM_UP = 30
ROUND = 10
"""Tokens of one stream between two looks at the others: what else the machine does then weighs on all alike."""
SENTENCE = "a person launching sideways to the right, legs driving hard, arms thrown wide in blind panic"


def measure_motion(*, tokens: int = 200, streams: int = 4, threads: int = 1) -> dict[str, Any]:
    """Time tokens of one stream with guidance, of a batch of streams, and of the published shape, in turns.

    Args:
        tokens: that count.
        streams: in the batch.
        threads: of torch.

    Returns:
        `p50_ms` and `p95_ms` of a committed token from the call to the frames; `latent_ms`, the motion in it;
        `p95_over_latent`; `frames_per_s`, the median of rounds; `tiny_frames_per_s` of FloodDiffusion Tiny's shape
        (`Tiny`) and `speedup_vs_tiny`, the median of the rounds' ratios, also where each of its latents has a text of
        its own; `batch_realtime`, how many times faster than real time each of `streams` runs.
    """
    import torch

    from prometheus.data import data_path
    from prometheus.motion.features import FRAMES_PER_TOKEN
    from prometheus.motion.motor import Motor

    torch.set_num_threads(threads)
    motor = Motor.load(data_path("assets", "motion"))
    one = motor.stream(SENTENCE, seed=1)
    batch = motor.streams([SENTENCE] * streams, list(range(streams)))
    tiny, varied = Tiny(), Tiny(text_per_latent=True)

    def together() -> None:
        for stream in batch:
            stream.next(FRAMES_PER_TOKEN)

    for _ in range(WARM_UP):
        one.next(FRAMES_PER_TOKEN)
        together()
    tiny.latent()
    varied.latent()
    alone: list[float] = []
    four, other, most = [], [], []
    for i in range(max(1, tokens // ROUND)):
        alone += [_time(lambda: one.next(FRAMES_PER_TOKEN)) for _ in range(ROUND)]
        four += [_time(together), _time(together)]
        other += [_time(tiny.latent), _time(tiny.latent)]
        if i % 4 == 0:
            most.append(_time(varied.latent))
    latent = 1000.0 * FRAMES_PER_TOKEN / 20
    mine = np.array(alone).reshape(-1, ROUND).mean(1) / FRAMES_PER_TOKEN
    theirs = np.array(other).reshape(-1, 2).mean(1) / Tiny.FRAMES
    rate, varied_rate = 1.0 / float(np.median(mine)), Tiny.FRAMES / float(np.median(most))
    p95 = 1000.0 * float(np.quantile(alone, 0.95))
    return {
        "p50_ms": round(1000.0 * float(np.quantile(alone, 0.5)), 2),
        "p95_ms": round(p95, 2),
        "latent_ms": latent,
        "p95_over_latent": round(p95 / latent, 3),
        "frames_per_s": round(rate, 1),
        "tiny_frames_per_s": round(1.0 / float(np.median(theirs)), 1),
        "speedup_vs_tiny": round(float(np.median(theirs / mine)), 2),
        "speedup_vs_tiny_with_a_text_per_latent": round(rate / varied_rate, 2),
        "threads": threads,
        "streams": streams,
        "batch_realtime": round(latent / 1000.0 / float(np.mean(four)), 2),
        "hardware": hardware(),
    }


def _time(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class Tiny:
    """A transformer of FloodDiffusion Tiny's published shape with random weights, to be timed and nothing else.

    Width 256, 8 layers, about 9 M parameters, a window of 35 latents of 4 frames each, 2 steps a latent, guidance as a
    batch of 2, a text of 128 tokens (FloodDiffusion, CVPR 2026).

    Args:
        text_per_latent: give every latent a text of its own, as a stream of changing prompts has.
    """

    FRAMES, LATENTS, TEXT, STEPS, WIDTH, DEPTH, HEADS = 4, 35, 128, 2, 256, 8, 4

    def __init__(self, *, text_per_latent: bool = False) -> None:
        import torch
        from torch import nn

        width = self.WIDTH

        def attention() -> nn.Module:
            return nn.MultiheadAttention(width, self.HEADS, batch_first=True)

        def feed_forward() -> nn.Module:
            return nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

        self._layers = nn.ModuleList(
            nn.ModuleList([attention(), attention(), feed_forward(), nn.LayerNorm(width)]) for _ in range(self.DEPTH)
        ).eval()
        self._modulation = nn.Linear(width, 6 * width)
        self._latents = torch.randn(2, self.LATENTS, width)
        self._level = torch.randn(2, self.LATENTS, width)
        self._text = torch.randn(2 * self.LATENTS if text_per_latent else 2, self.TEXT, width)

    @property
    def parameters(self) -> int:
        """How many weights."""
        return sum(p.numel() for p in [*self._layers.parameters(), *self._modulation.parameters()])

    def latent(self) -> None:
        """Do the network's work for one latent."""
        import torch

        with torch.inference_mode():
            for _ in range(self.STEPS):
                hidden = self._latents
                shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = self._modulation(self._level).chunk(6, -1)
                for own, cross, feed_forward, norm in self._layers:
                    x = norm(hidden) * (1 + scale_a) + shift_a
                    hidden = hidden + gate_a * own(x, x, x, need_weights=False)[0]
                    x = norm(hidden).reshape(len(self._text), -1, self.WIDTH)
                    hidden = hidden + cross(x, self._text, self._text, need_weights=False)[0].reshape(hidden.shape)
                    hidden = hidden + gate_f * feed_forward(norm(hidden) * (1 + scale_f) + shift_f)
