"""Building the corpus: import, clean, edit, generate, caption, mirror. The same seed gives the same clips.

Without a folder of captures and without imports only the DeepMimic clips of the pybullet wheel are used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from prometheus.errors import MotionError
from prometheus.motion.corpus import edit, mocap
from prometheus.motion.corpus.bank import bank_of
from prometheus.motion.corpus.caption import captioned
from prometheus.motion.corpus.clip import Clip
from prometheus.motion.corpus.generate import generated
from prometheus.motion.corpus.heldout import held_out_patterns, is_aside

_KEPT_SHARE = 0.25
"""Generated clips of the bodies kept aside, relative to those of the others."""


def edits_of(clips: list[Clip]) -> list[Clip]:
    """Return captures at other tempos and walks reversed in time."""
    out = []
    for clip in clips:
        back = edit.reversed_gait(clip)
        out += [back] if back is not None else []
        if clip.kind == "walk" and len(clip) >= 50:
            out += [edit.at_tempo(clip, 0.78), edit.at_tempo(clip, 1.25)]
        if clip.kind in ("crawl", "fall_getup"):
            out += [edit.at_tempo(clip, factor, on_feet=False) for factor in (0.75, 0.88, 1.14, 1.3)]
    return out


def captured_clips(folder: Path | None, imported: Sequence[Clip] = ()) -> list[Clip]:
    """Return the sound captures: of a folder with manifest.csv, of the pybullet wheel, and imported ones.

    Raises:
        MotionError: there is nothing at all, or the folder has no manifest.
    """
    read = list(mocap.read_folder(folder)) if folder is not None else []
    known = {clip.id for clip in read}
    read += [clip for clip in mocap.read_pybullet() if clip.id not in (known | set(mocap.SKIP_CLIPS) if known else ())]
    read = [clip for clip in read if mocap.sound(clip) is None]
    known = {clip.id for clip in read}
    read += [clip if clip.id not in known else replace(clip, id=f"{clip.id}-import") for clip in imported]
    if not read:
        raise MotionError("there is no capture to build from; install pybullet, or give --mocap or --imported")
    return read


def assemble(
    mocap_folder: Path | None,
    seed: int = 0,
    amount: float = 1.0,
    imported: Sequence[Clip] = (),
    advance: Callable[[int, int], None] | None = None,
) -> list[Clip]:
    """Return all clips of the corpus, captioned, mirrored.

    Args:
        mocap_folder: captures with a manifest.csv, or None.
        seed: of everything drawn.
        amount: scale of the edited, procedural and physics part; 0 leaves it out.
        imported: clips with captions, from `pwm motion import`.
        advance: called with (done, total) steps.

    Raises:
        MotionError: there is nothing to build from.
    """
    patterns = held_out_patterns()
    captured = captured_clips(mocap_folder, imported)
    clips = captured + edits_of(captured)
    parts = [[c for c in captured if is_aside(c, patterns) == aside] for aside in (False, True)]
    for part, number, name, share in zip(parts, (1, 2), ("gen", "kept"), (1.0, _KEPT_SHARE), strict=True):
        bank = bank_of(part)
        if bank.walks and bank.runs and amount > 0:
            made = generated(bank, seed + number, amount * share, name, advance)
            clips += [replace(clip, aside=name == "kept") for clip in made]
    sound = [clip for clip in clips if mocap.sound(clip) is None]
    told = [clip if clip.spans else captioned(clip) for clip in sound]
    told = [clip for clip in told if clip.spans]
    return told + [edit.mirrored(clip) for clip in told]
