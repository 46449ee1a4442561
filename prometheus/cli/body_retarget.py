"""`pwm body retarget`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from prometheus.cli.options import Json


def retarget(
    joints: Annotated[
        Path, typer.Argument(metavar="JOINTS.npy", help="float32 [T, 22, 3] m, y up, 20 frames a second.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE.glb", help="A humanoid GLB or VRM file.")],
    out: Annotated[Path, typer.Option("--out", metavar="X.glb", help="The same rig, animated.")],
    json: Json = False,
) -> None:
    """Put a motion of 22 joints on a humanoid rig, write it as an animated GLB, and tell how well it follows.

    Example: pwm body retarget walk.npy knight.glb --out knight_walks.glb
    """
    from hephaestus.captured import motion_of
    from hephaestus.glb import write_animated
    from hephaestus.metrics import measure
    from prometheus.cli.show import show_json
    from prometheus.errors import MotionError, shorten
    from prometheus.motion.arrays import JOINTS, read_array
    from prometheus.wardrobe import checked

    if out.suffix.lower() != ".glb":
        raise MotionError(f"cannot write {shorten(out.name)}: choose a name that ends in .glb")
    source = read_array(joints, JOINTS, least=4)
    body = checked(file)
    try:
        motion = motion_of(source)
    except ValueError as error:
        raise MotionError(f"{shorten(joints.name)} is no figure: it has {error}; give joints in metres") from None
    report = measure(body.driver.retargeter, motion)  # type: ignore[attr-defined]
    write_animated(body.asset, body.poses(body.fit(motion)), motion.fps, out)
    figures = report.to_dict()
    if json:
        show_json(figures | {"frames": len(motion), "out": str(out)})
        return
    for name, value in figures.items():
        print(f"  {name:20} {value if not isinstance(value, float) else round(value, 3)}")
    print(out)
