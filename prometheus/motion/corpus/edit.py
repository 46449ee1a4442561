"""Edits of captured clips: mirror image, time reversal, tempo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hephaestus import ik
from hephaestus.humanml3d import canonical
from prometheus.motion.corpus.caption import swap_words
from prometheus.motion.corpus.clean import lock_feet, resample
from prometheus.motion.corpus.clip import Clip, Span, mirror
from prometheus.motion.corpus.measure import measure


def mirrored(clip: Clip) -> Clip:
    """Return the clip with left and right exchanged, in its words too."""
    spans = tuple(Span(s.start, s.end, tuple(swap_words(t) for t in s.texts)) for s in clip.spans)
    return replace(
        clip, id=f"{clip.id}~m", joints=canonical(mirror(clip.joints)), spans=spans, label=swap_words(clip.label),
        captions=tuple(swap_words(c) for c in clip.captions),
    )  # fmt: skip


def reversed_gait(clip: Clip) -> Clip | None:
    """Return a walk played backward, so that it walks backward; None for clips that do not walk throughout."""
    facts = measure(clip.joints)
    if clip.kind != "walk" or facts.direction is None or facts.pace not in ("creep", "walk"):
        return None
    bare = replace(clip, origin="edited", captions=(), label="", spans=())
    return bare.with_joints(canonical(clip.joints[::-1]), f"{clip.id}~r")


def at_tempo(clip: Clip, factor: float, on_feet: bool = True) -> Clip:
    """Return a clip played at another tempo (over 1 is faster), its feet locked again where it goes on feet."""
    joints = ik.fit_bones(resample(clip.joints, 20.0 * factor, 20.0))
    joints = lock_feet(joints) if on_feet else joints
    bare = replace(clip, origin="edited", captions=(), spans=())
    return bare.with_joints(canonical(joints), f"{clip.id}~t{round(100 * factor)}")


def joined(clips: list[Clip]) -> tuple[np.ndarray, list[int]]:
    """Return all joints [N, 22, 3] one after another and the first frame of each clip."""
    starts = np.concatenate([[0], np.cumsum([len(c) for c in clips])[:-1]]).astype(int)
    return np.concatenate([c.joints for c in clips]), [int(s) for s in starts]
