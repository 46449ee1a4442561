"""Sample: sentences in time to motion, and motion to a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hephaestus.motion import Motion
from hephaestus.skeleton import FPS
from prometheus.errors import MotionError, shorten
from prometheus.motion.prompts import Script

if TYPE_CHECKING:
    from prometheus.config import Config
    from prometheus.motion.motor import Motor
    from prometheus.motion.stream import MotionStream

ENDINGS = (".npy", ".bvh", ".glb", ".mp4")
Progress = Callable[[int, int], None]
"""Called with (done, in all)."""
TOGETHER, MOST_SECONDS = 16, 4800.0
"""Motions of a file that are made side by side, and s of motion that are held in memory at once."""


def sample(
    motor: Motor,
    script: Script,
    seconds: float,
    *,
    seed: int = 0,
    guidance: float | None = None,
    progress: Progress | None = None,
) -> Motion:
    """Return the motion of sentences in time, starting over the origin and facing +z.

    Args:
        motor: the model; a `MotionPipeline` will do as well.
        script: what is said, and when.
        seconds: length; the motion has 20 frames a second.
        seed: what is not said is drawn from it; the same seed and script give the same motion.
        guidance: how strictly the words are followed; the stream's default where None.
        progress: called with (frames done, frames in all).
    """
    return sample_together(motor, [script], seconds, seed=seed, guidance=guidance, progress=progress)[0]


def sample_together(
    motor: Motor,
    scripts: Sequence[Script],
    seconds: float,
    *,
    seed: int = 0,
    guidance: float | None = None,
    progress: Progress | None = None,
) -> list[Motion]:
    """Return the motion of several scripts, as `sample` gives it of each, for less than the price of each.

    They share the calls of the network; there no row's sum depends on the others, so that where FBGEMM is at hand (x86)
    the numbers are the same to the last bit, and elsewhere to rounding.
    """
    from prometheus.motion.stream import GUIDANCE

    texts, strictness = [script.text for script in scripts], GUIDANCE if guidance is None else guidance
    streams = motor.streams(texts, [seed] * len(scripts), guidance=strictness)
    changes = [[Change(round(at * FPS), text, script.urgent) for at, text in script.then] for script in scripts]
    return play(streams, changes, [max(1, round(seconds * FPS))] * len(scripts), progress)


@dataclass(frozen=True, slots=True)
class Change:
    """A new sentence: the frame that is the first to come after it, the text, and whether it is urgent."""

    frame: int
    text: str
    urgent: bool = False


def play(
    streams: Sequence[MotionStream],
    changes: Sequence[Sequence[Change]],
    lengths: Sequence[int],
    progress: Progress | None = None,
) -> list[Motion]:
    """Let streams go on side by side, token by token, so that they share the calls of the network.

    Args:
        streams: from their first frame on.
        changes: what is said to each, in order.
        lengths: frames of each motion.
        progress: called with (frames done, frames in all) of the longest.

    Returns:
        A motion of each, over the origin and facing +z at the start.
    """
    from prometheus.motion.features import FRAMES_PER_TOKEN, LocalFrames, join, place

    total = max(lengths)
    said = {change.frame for each in changes for change in each if 0 < change.frame < total}
    stops = sorted({*range(0, total, FRAMES_PER_TOKEN), *said, total})
    parts: list[list[LocalFrames]] = [[] for _ in streams]
    for start, end in pairwise(stops):
        # First everything is said: whoever asks first has tokens made for all.
        for stream, due in zip(streams, changes, strict=True):
            for change in due:
                if change.frame == start:
                    stream.push(change.text, urgent=change.urgent)
        for stream, made in zip(streams, parts, strict=True):
            made.append(stream.next(end - start))
        if progress is not None:
            progress(end, total)
    return [place(join(made)[:length]) for made, length in zip(parts, lengths, strict=True)]


def sample_folder(
    scripts: Sequence[Script],
    seconds: float,
    out: Path,
    config: Config,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the joints of every script as `out`/ID.npy, float32 [T, 22, 3] m, each from the same seed.

    Args:
        scripts: as `read_prompts` gives them.
        seconds: length of each.
        out: a folder, made where it is missing.
        config: weights, guidance and threads.
        seed: of each; what a script gives does not depend on the others.
        progress: called with (seconds of motion done, in all).

    Returns:
        The files, in order.

    Raises:
        MotionError: the weights are missing or broken, or a file cannot be written.
    """
    from prometheus.motion.arrays import write_array
    from prometheus.run import load_motion

    motor = load_motion(config)
    paths: list[Path] = []
    size = max(1, min(TOGETHER, int(MOST_SECONDS / seconds)))
    for first in range(0, len(scripts), size):
        group = scripts[first : first + size]

        def advance(done: int, total: int, before: int = first, count: int = len(group)) -> None:
            if progress is not None:
                progress(round(seconds * (before + count * done / total)), round(seconds * len(scripts)))

        motions = sample_together(motor, group, seconds, seed=seed, guidance=config.motion.guidance, progress=advance)
        for script, motion in zip(group, motions, strict=True):
            paths.append(out / f"{script.id}.npy")
            write_array(paths[-1], motion.joints.astype(np.float32))
    return paths


def check_name(path: Path, body: str | None = None) -> None:
    """Find out whether `write` knows an ending, and whether there is the body that it needs for it.

    Raises:
        MotionError: it does not know it.
        BodyError: there is no such body.
    """
    if path.suffix not in ENDINGS:
        raise MotionError(f"cannot write '{shorten(path.name)}': choose a name that ends in {', '.join(ENDINGS)}")
    if body is not None and path.suffix in (".glb", ".mp4"):
        from hephaestus.bodies import load_body

        load_body(body)


def write(motion: Motion, path: Path, config: Config | None = None, script: Script | None = None) -> None:
    """Write a motion by the ending of a name; the file appears when it is complete.

    `.npy`: joints, float32 [T, 22, 3] m. `.bvh`: rotations on the 22-joint skeleton, cm. `.glb`: a body that plays it.
    `.mp4`: a film of that body.

    Args:
        motion: what is written.
        path: where to.
        config: which body wears it and how it is drawn; the defaults where None.
        script: what is shown under the film.

    Raises:
        MotionError: the ending is another, or the file cannot be written there.
        RenderError: nothing here can draw the film.
    """
    check_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(motion, path, config, script)
    except OSError as error:
        raise MotionError(f"cannot write {shorten(str(path), 120)}: {error.strerror}; choose another place") from error


def _write(motion: Motion, path: Path, config: Config | None, script: Script | None) -> None:
    if path.suffix == ".npy":
        from prometheus.motion.arrays import write_array

        write_array(path, motion.joints.astype(np.float32))
    elif path.suffix == ".bvh":
        from hephaestus import bvh

        bvh.write(path, motion.rotations, motion.joints[:, 0], motion.fps)
    else:
        from hephaestus.bodies import load_body
        from prometheus.config import load_config

        config = config or load_config()
        body = load_body(config.body or "humanoid")
        if path.suffix == ".glb":
            from hephaestus.glb import write_animated

            write_animated(body.asset, body.poses(body.fit(motion)), motion.fps, path)
        else:
            from prometheus.motion.portrait import film_motion

            film_motion(motion, path, body, config.video, [(0.0, script.text), *script.then] if script else ())
