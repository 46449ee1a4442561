"""Training sequences drawn from a corpus: clean tokens, groups of noisy tokens over them, prompts and controls.

One sequence holds a clean clip once (causal history) and several active windows that each see the history before them,
so that a step trains many windows for the price of one (as in block diffusion, Arriola et al. 2025).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hephaestus import humanml3d
from prometheus.errors import MotionError
from prometheus.intent import read_intent
from prometheus.motion.features import COLUMNS, FRAMES_PER_TOKEN, VELOCITY, YAW
from prometheus.motion.text import MAX_TOKENS, TextEncoder, slots

FPS = 20
MANNERS = {
    "slow": ("calm", "shoulders relaxed", "easily, shoulders relaxed, calm", "head up, arms swinging loosely", "wary",
             "toward the gate", "toward the goal, calm", "breathing evenly", "eyes on the way", "tense", "afraid",
             "eyes on the creature", "steps light and careful", "watching the beast, alert", "heart pounding",
             "head up, eyes searching, curious", "with light steps", "shoulders tense, alert", "softly",
             "politely", "arms swinging loosely", "eyes fixed on the wolf, afraid", "relieved", "breathing hard"),
    "fast": ("legs driving hard", "arms pumping", "in blind panic", "afraid", "heart pounding", "eyes wide with fear",
             "head down", "breath short", "feet pounding the ground", "in terror", "toward the gate", "chest heaving",
             "away from the beast", "shoulders tense", "without a look back", "arms pumping hard, shoulders tight",
             "hands clenched, afraid", "head down, fists clenched", "chest heaving in panic", "watching the creature",
             "knees bent, eyes fixed on the beast, afraid", "legs driving hard in sheer panic", "breathing hard"),
    "still": ("calm", "shoulders relaxed", "breathing evenly", "wary", "watching", "afraid", "heart pounding",
              "shoulders tense, alert", "listening", "arms hanging loosely", "relieved", "eyes on the creature",
              "shoulders sinking", "breathing out"),
}  # fmt: skip
"""What people add to a movement without changing where it goes; half of the captions get one, so that the model learns
to tell the movement from its trimmings."""
_KIND_OF_PACE = {"creep": "slow", "walk": "slow", "run": "fast", "sprint": "fast", "stand": "still"}
WRISTS_AND_ELBOWS = [17, 18, 19, 20]
"""Rows of the 21 local joints whose speed tells intensity: elbows and wrists."""
FULL_INTENSITY = 2.5
"""m/s, mean speed of elbows and wrists against the pelvis that counts as intensity 1."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip ready for training.

    Attributes:
        features: float32 [T, 71].
        control: float32 [T, 4]: smoothed velocity left and forward (m/s), turn (rad/s), intensity.
        spans: (start frame, end frame, indices of texts).
        weight: how often it is drawn, relative to its length.
    """

    features: np.ndarray
    control: np.ndarray
    spans: list[tuple[int, int, list[int]]]
    weight: float


@dataclass(frozen=True, slots=True)
class Batch:
    """B sequences of L clean tokens followed by K groups of n noisy ones; S = L + K n.

    Attributes:
        tokens: [B, L, TOKEN_WIDTH] clean, raw features.
        start: [B, K] first token of each group.
        words: [B, P x MAX_TOKENS, 384]; words_length [B, P].
        prompt: [B, L] which of the P prompts a token has, -1 for none.
        slots: [B, L, SLOTS]; control [B, L, 4].
    """

    tokens: Tensor
    start: Tensor
    words: Tensor
    words_length: Tensor
    prompt: Tensor
    slots: Tensor
    control: Tensor


class Corpus:
    """Clips of one split, and their texts encoded.

    Raises:
        MotionError: the folder is no corpus.
    """

    def __init__(self, folder: Path, split: str, encoder: TextEncoder) -> None:
        try:
            arrays = np.load(folder / "corpus.npz")
            index = json.loads((folder / "clips.json").read_text())
        except (OSError, ValueError) as error:
            raise MotionError(
                f"{folder} is no corpus: build one with `pwm motion corpus build --out {folder}`"
            ) from error
        joints, contacts = arrays["joints"], arrays["contacts"]
        clips = [clip for clip in index if clip["split"] == split and clip["length"] > 12]
        texts = sorted({text for clip in clips for span in clip["spans"] for text in span["texts"]})
        number = {text: i for i, text in enumerate(texts)}
        texts = [_with_manner(text, i) for i, text in enumerate(texts)]
        self.clips = []
        for clip in clips:
            rows = slice(clip["start"], clip["start"] + clip["length"])
            features = humanml3d.encode(joints[rows], contacts[rows])[:, COLUMNS].astype(np.float32)
            spans = [(s["start"], s["end"], [number[t] for t in s["texts"]]) for s in clip["spans"]]
            self.clips.append(Clip(features, measure_control(features), spans, clip["weight"]))
        self.slots = torch.from_numpy(np.stack([slots(text) for text in texts]))
        self.words, self.words_length = _encode(texts, encoder)
        share = np.array([clip.weight * len(clip.features) for clip in self.clips])
        self.share = share / share.sum()

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation [71] of the features, by group so that no column is blown up."""
        rows = np.concatenate([clip.features for clip in self.clips])
        mean, std = rows.mean(0), rows.std(0)
        std[VELOCITY] = std[VELOCITY].mean()
        positions = std[4:67].reshape(21, 3)
        std[4:67] = np.maximum(positions, 0.03).ravel()
        std[67:71] = 0.5
        return mean.astype(np.float32), std.astype(np.float32)

    def batch(
        self, rng: np.random.Generator, size: int, length: int, groups: int, chunk: int, prompts: int = 3
    ) -> Batch:
        """Draw a batch."""
        picks = rng.choice(len(self.clips), size, p=self.share)
        rows = [self._sequence(rng, self.clips[i], length, groups, chunk, prompts) for i in picks]
        tokens, start, texts, prompt, control = (np.stack(parts) for parts in zip(*rows, strict=True))
        chosen = torch.from_numpy(texts)
        prompt_of = torch.from_numpy(prompt)
        slot = torch.gather(chosen, 1, prompt_of.clamp(min=0))
        return Batch(
            tokens=torch.from_numpy(tokens),
            start=torch.from_numpy(start),
            words=self.words[chosen.clamp(min=0)].flatten(1, 2).float(),
            words_length=torch.where(chosen >= 0, self.words_length[chosen.clamp(min=0)], 0),
            prompt=prompt_of,
            slots=self.slots[slot.clamp(min=0)] * ((prompt_of >= 0) & (slot >= 0))[..., None],
            control=torch.from_numpy(control),
        )

    def _sequence(
        self, rng: np.random.Generator, clip: Clip, length: int, groups: int, chunk: int, prompts: int
    ) -> tuple[np.ndarray, ...]:
        frames = len(clip.features)
        offset = int(rng.integers(0, max(frames - length * FRAMES_PER_TOKEN, 1) + 1))
        offset = min(offset, frames - chunk * FRAMES_PER_TOKEN - 1)
        offset = max(offset, 0)
        usable = min((frames - offset) // FRAMES_PER_TOKEN, length)
        window = slice(offset, offset + usable * FRAMES_PER_TOKEN)
        tokens = np.zeros((length, FRAMES_PER_TOKEN * clip.features.shape[1]), np.float32)
        tokens[:usable] = clip.features[window].reshape(usable, -1)
        control = np.zeros((length, 4), np.float32)
        control[:usable] = clip.control[window].reshape(usable, FRAMES_PER_TOKEN, 4).mean(1)
        texts, prompt = _assign(rng, clip.spans, offset, usable, length, prompts)
        start = _starts(rng, prompt, groups, usable - chunk)
        return tokens, start, texts, prompt, control


def _with_manner(text: str, number: int) -> str:
    """Add a manner to every other text that names a pace."""
    pace = read_intent(text).pace
    if number % 2 or pace is None:
        return text
    manners = MANNERS[_KIND_OF_PACE[pace]]
    manner = manners[(number // 2) % len(manners)]
    return f"{text}{' ' if manner.startswith('toward') else ', '}{manner}"


def _starts(rng: np.random.Generator, prompt: np.ndarray, groups: int, last: int) -> np.ndarray:
    """First tokens of the groups: every other one is near a change of prompt, for that is what must be learnt best."""
    start = rng.integers(0, last + 1, groups)
    changes = np.flatnonzero(np.diff(prompt)) + 1
    if len(changes):
        near = rng.choice(changes, (groups + 1) // 2) + rng.integers(-4, 4, (groups + 1) // 2)
        start[::2] = np.clip(near, 0, last)
    return start


def _assign(
    rng: np.random.Generator,
    spans: list[tuple[int, int, list[int]]],
    offset: int,
    usable: int,
    length: int,
    prompts: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Give each token a prompt: a random text of a span that covers it, kept until that span ends."""
    texts = np.full(prompts, -1, np.int64)
    prompt = np.full(length, -1, np.int64)
    token, used = 0, 0
    while token < usable and used < prompts:
        frame = offset + token * FRAMES_PER_TOKEN
        over = [span for span in spans if span[0] <= frame < span[1] - 2 and span[2]]
        if not over:
            token += 1
            continue
        _, end, choices = over[int(rng.integers(len(over)))]
        texts[used] = choices[int(rng.integers(len(choices)))]
        until = usable if used == prompts - 1 else min((end - offset) // FRAMES_PER_TOKEN, usable)
        until = max(until, token + 1)
        prompt[token:until] = used
        token, used = until, used + 1
    return texts, prompt


def measure_control(features: np.ndarray) -> np.ndarray:
    """Measure what a Control would have asked for: float32 [T, 4], velocity left, forward, turn, intensity."""
    local = features[:, 4:67].reshape(-1, 21, 3)
    arms = local[:, WRISTS_AND_ELBOWS]
    speed = np.linalg.norm(np.diff(arms, axis=0, append=arms[-1:]), axis=-1).mean(1) * FPS
    raw = np.concatenate([features[:, VELOCITY] * FPS, -2.0 * FPS * features[:, YAW : YAW + 1], speed[:, None]], 1)
    smooth = _smooth(raw, 5.0)
    smooth[:, 3] = np.clip(_smooth(speed[:, None], 10.0)[:, 0] / FULL_INTENSITY, 0.0, 1.0)
    return smooth.astype(np.float32)


def _smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    reach = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel / kernel.sum(), "valid") for column in padded.T], 1)


def _encode(texts: list[str], encoder: TextEncoder) -> tuple[Tensor, Tensor]:
    words = torch.zeros(len(texts), MAX_TOKENS, 384, dtype=torch.float16)
    lengths = torch.zeros(len(texts), dtype=torch.long)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for first in range(0, len(order), 64):
        part = order[first : first + 64]
        for i, states in zip(part, encoder.states([texts[i] for i in part]), strict=True):
            words[i, : len(states)] = states.half()
            lengths[i] = len(states)
    return words, lengths
