"""`pwm motion encode` and `pwm motion decode`: 22 joints to HumanML3D's 263 features and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[Path, typer.Argument(metavar="FILE", help="A .npy file.")]


def encode(
    file: Source,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .npy file: float32 [T-1, 263].")],
) -> None:
    """Turn joints [T, 22, 3] (m, 20 fps, y up, feet on y = 0) into HumanML3D's 263 features [T-1, 263].

    Example: pwm motion encode walk.npy --out walk_263.npy
    """
    from prometheus.motion.arrays import encode_file

    encode_file(file, out)
    print(out)


def decode(
    file: Source,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="A .npy (float32 [T, 22, 3] m), .bvh, .glb or .mp4 file.")
    ],
) -> None:
    """Turn HumanML3D's 263 features [T, 263] into joints [T, 22, 3], facing +z over the origin at the start.

    Example: pwm motion decode walk_263.npy --out walk.npy
    """
    from prometheus.motion.arrays import decode_file

    decode_file(file, out)
    print(out)
