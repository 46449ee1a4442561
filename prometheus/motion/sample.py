"""Sample: one sentence to one file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hephaestus.motion import Motion
from prometheus.config import Config
from prometheus.errors import MotionError, shorten


def sample(
    text: str, seconds: float, seed: int, config: Config, progress: Callable[[int, int], None] | None = None
) -> Motion:
    """Return the motion of a sentence, starting over the origin and facing +z."""
    from prometheus.motion.features import join, place
    from prometheus.run import load_motion

    stream = load_motion(config).stream(text, seed=seed, guidance=config.motion.guidance)
    total = max(1, round(seconds * 20))
    parts = []
    for frame in range(total):
        parts.append(stream.next(1))
        if progress is not None:
            progress(frame + 1, total)
    return place(join(parts))


def check_name(path: Path) -> None:
    """Find out whether `write` knows an ending.

    Raises:
        MotionError: it does not.
    """
    if path.suffix not in (".npy", ".glb"):
        raise MotionError(f"cannot write '{shorten(path.name)}': choose a name that ends in .glb or .npy")


def write(motion: Motion, path: Path, body: str = "humanoid") -> None:
    """Write a motion as .npy (joints, float32 [T, 22, 3] m) or as an animated .glb of a body.

    Raises:
        MotionError: the ending is another.
    """
    check_name(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            np.save(file, motion.joints.astype(np.float32))
        os.replace(part, path)
    else:
        from hephaestus.bodies import load_body
        from hephaestus.glb import write_animated

        worn = load_body(body)
        write_animated(worn.asset, worn.poses(worn.fit(motion)), motion.fps, path)
