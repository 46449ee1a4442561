"""Losses of the denoiser: how far its clean tokens are off, and how wrongly the body that they show moves."""

from __future__ import annotations

import torch
from torch import Tensor

from prometheus.motion.dataset import Batch
from prometheus.motion.features import CONTACTS, FRAMES_PER_TOKEN, HEIGHT, JOINTS, VELOCITY, WIDTH, YAW
from prometheus.motion.model import MotionDiT
from prometheus.motion.plan import Plan
from prometheus.motion.scheduler import TriangularScheduler
from prometheus.motion.text import MAX_TOKENS

FEET = [6, 9, 7, 10]
"""Rows of the 21 local joints that the four contacts speak of."""


class Losses:
    """Losses of a batch.

    Everything random is drawn on the CPU, so that it is the same on every device.

    Args:
        plan: shares of what is dropped and noised.
        scheduler: for noise levels.
        precision: of the network's products, such as torch.bfloat16; None for full.
    """

    def __init__(self, plan: Plan, scheduler: TriangularScheduler, precision: torch.dtype | None) -> None:
        self.plan, self.scheduler, self.precision = plan, scheduler, precision

    def __call__(self, model: MotionDiT, batch: Batch, random: torch.Generator) -> dict[str, Tensor]:
        """Weighted x-prediction error of the active tokens, and geometric errors in metres.

        Args:
            model: on the batch's device.
            batch: see `dataset.Batch`.
            random: on the CPU.

        Returns:
            Scalars: "total", to be minimised, and its parts "diffusion", "speed" and "slip".
        """
        plan, chunk, device = self.plan, self.scheduler.chunk, batch.tokens.device
        size, length = batch.tokens.shape[:2]
        clean = (batch.tokens - model.mean) / model.std
        index = batch.start[..., None] + torch.arange(chunk, device=device)
        flat = index.flatten(1)
        target = _take(clean, flat)
        time = torch.rand(size, plan.groups, generator=random)
        starting = torch.rand(size, plan.groups, generator=random) < plan.ramp
        time = torch.where(starting, time * (1 - 1 / chunk), 1 - 1 / chunk + time / chunk).to(device)
        active = (torch.arange(chunk, device=device) <= time[..., None] * chunk).flatten(1)
        level = self.scheduler.training_levels(time).flatten(1)
        noise = torch.randn(target.shape, generator=random).to(device)
        noisy = self.scheduler.add_noise(target, noise, level)
        seen = _history_seen(size, plan, model.config["history"], random).to(device)
        blur = plan.history_noise * torch.rand(size, 1, 1, generator=random)
        history = clean + (blur * torch.randn(clean.shape, generator=random)).to(device)

        condition, words_mask = self._conditions(batch, flat, random)
        half = self.precision is not None
        with torch.autocast(device.type, self.precision or torch.bfloat16, enabled=half):
            predicted = model(
                torch.cat([history, noisy], 1),
                torch.cat([torch.zeros(size, length, device=device), level], 1),
                condition,
                model.project_words(batch.words),
                words_mask,
                torch.cat([torch.arange(length, device=device).expand(size, -1), flat], 1),
                _mask(batch.start, active, length, chunk, model.config["history"], seen),
            )
        predicted = predicted[:, length:].float()
        weight = active / (level.square() + 0.05)
        scale = torch.ones(WIDTH, device=device)
        scale[: HEIGHT + 1] = 4.0
        scale[CONTACTS] = 0.5
        error = ((predicted - target).square() * scale.repeat(FRAMES_PER_TOKEN)).mean(-1)
        diffusion = (error * weight).sum() / weight.sum()
        before = _take(clean, (batch.start - 1).clamp(min=0))
        known = ((batch.start > 0) & (seen > 0)).float()
        speed, slip = self._geometry(model, predicted, target, before, known, active)
        return {"total": diffusion + 3.0 * speed + 6.0 * slip, "diffusion": diffusion, "speed": speed, "slip": slip}

    def _geometry(
        self, model: MotionDiT, predicted: Tensor, target: Tensor, before: Tensor, known: Tensor, active: Tensor
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
        """Slots and control [B, S, ...] with some left out, and which words each token sees, bool [B, 1, S, 1 + M]."""
        plan, device = self.plan, batch.tokens.device
        size, length = batch.prompt.shape

        def chance(share: float) -> Tensor:
            return (torch.rand(size, generator=random) < share).to(device)

        nothing = chance(plan.drop_all)
        no_text, no_slots = nothing | chance(plan.drop_text), nothing | chance(plan.drop_slots)
        steered, felt = ~chance(plan.drop_control), ~chance(plan.drop_control)
        wanted = batch.control + 0.08 * torch.randn(batch.control.shape, generator=random).to(device)
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
        owner = torch.arange(batch.words.shape[1], device=device) // MAX_TOKENS
        place = torch.arange(batch.words.shape[1], device=device) % MAX_TOKENS
        real = place < batch.words_length[:, owner]
        seen = (prompt[..., None] == owner) & real[:, None] & ~no_text[:, None, None]
        mask = torch.cat([torch.ones(*prompt.shape, 1, dtype=torch.bool, device=device), seen], -1)
        return condition, mask[:, None]


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
    device = start.device
    row = torch.arange(length, device=device)
    older = row[:, None] - row
    clean = (older >= 0) & (older <= history)
    begin = start.repeat_interleave(chunk, 1)
    back = begin[..., None] - row
    sees_clean = (back > 0) & (back <= seen.repeat_interleave(chunk, 1)[..., None])
    group = torch.arange(groups, device=device).repeat_interleave(chunk)
    sees_group = (group[:, None] == group) & active[:, None]
    sees_group = sees_group | torch.eye(groups * chunk, dtype=torch.bool, device=device)
    blind = torch.zeros(size, length, groups * chunk, dtype=torch.bool, device=device)
    top = torch.cat([clean.expand(size, -1, -1), blind], 2)
    return torch.cat([top, torch.cat([sees_clean, sees_group], 2)], 1)[:, None]


def _slip(frames: Tensor) -> Tensor:
    """How far each foot moves over the ground from one frame to the next [..., T-1, 4, 2], m, in the next heading."""
    feet = frames[..., JOINTS].unflatten(-1, (21, 3))[..., FEET, :][..., [0, 2]]
    turn = -2.0 * frames[..., :-1, None, YAW]
    x, z = feet[..., :-1, :, 0], feet[..., :-1, :, 1]
    cos, sin = turn.cos(), turn.sin()
    turned = torch.stack([cos * x - sin * z, sin * x + cos * z], -1)
    return feet[..., 1:, :, :] - turned + frames[..., :-1, None, VELOCITY]
