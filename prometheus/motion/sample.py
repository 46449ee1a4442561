"""Sample: sentences in time to motion, and motion to a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

ENDINGS = (".npy", ".bvh", ".glb", ".mp4")
Progress = Callable[[int, int], None]
"""Called with (done, in all)."""


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
    from prometheus.motion.features import join, place
    from prometheus.motion.stream import GUIDANCE

    stream = motor.stream(script.text, seed=seed, guidance=GUIDANCE if guidance is None else guidance)
    total = max(1, round(seconds * FPS))
    changes = [(round(at * FPS), text) for at, text in script.then]
    parts, done = [], 0
    while done < total:
        while changes and changes[0][0] <= done:
            stream.push(changes.pop(0)[1], urgent=script.urgent)
        until = min([done + FPS, total, *(at for at, _ in changes[:1])])
        parts.append(stream.next(until - done))
        done = until
        if progress is not None:
            progress(done, total)
    return place(join(parts))


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
        progress: called with (files done, files in all).

    Returns:
        The files, in order.

    Raises:
        MotionError: the weights are missing or broken, or a file cannot be written.
    """
    from prometheus.motion.arrays import write_array
    from prometheus.run import load_motion

    motor = load_motion(config)
    paths = []
    for script in scripts:
        motion = sample(motor, script, seconds, seed=seed, guidance=config.motion.guidance)
        paths.append(out / f"{script.id}.npy")
        write_array(paths[-1], motion.joints.astype(np.float32))
        if progress is not None:
            progress(len(paths), len(scripts))
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
