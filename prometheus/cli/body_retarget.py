"""`pwm body retarget`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prometheus.cli.options import Json

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.motion import Motion


def retarget(
    joints: Annotated[
        Path, typer.Argument(metavar="JOINTS.npy", help="float32 [T, 22, 3] m, y up, 20 frames a second.")
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE.glb", help="A GLB or VRM file of any kind of body, or a shipped name.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="X.glb", help="The same rig, animated; X.mp4: a film; X.png: a strip.")
    ],
    quantize: Annotated[
        bool, typer.Option("--quantize", help="Store rotations in 16 bits: the clip is about half as large.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep-clips", help="Keep the file's own animations behind the new one.")
    ] = False,
    bvh: Annotated[
        Path | None, typer.Option("--bvh", metavar="X.bvh", help="Write the motion of the 22 joints, too.")
    ] = None,
    strip: Annotated[Path | None, typer.Option("--strip", metavar="X.png", help="Draw the rig moving, too.")] = None,
    json: Json = False,
) -> None:
    """Put a motion of 22 joints on a rig, write it as an animated GLB or film, and tell how well it follows.

    A quadruped, a spider or a tank goes where the human goes, as fast, and looks where the human looks.

    Example: pwm body retarget walk.npy knight.glb --out knight_walks.glb
    """
    from hephaestus.captured import motion_of
    from hephaestus.glb import write_animated
    from prometheus.cli.show import show_json
    from prometheus.drawing.reel import film
    from prometheus.errors import MotionError, shorten
    from prometheus.motion.arrays import JOINTS, read_array
    from prometheus.wardrobe import checked
    from prometheus.wardrobe import strip as draw

    kind = out.suffix.lower()
    if kind not in (".glb", ".mp4", ".png"):
        raise MotionError(f"cannot write {shorten(out.name)}: choose a name that ends in .glb, .mp4 or .png")
    if bvh is not None and bvh.suffix.lower() != ".bvh":
        raise MotionError(f"cannot write {shorten(bvh.name)}: choose a name that ends in .bvh")
    if strip is not None and strip.suffix.lower() != ".png":
        raise MotionError(f"cannot draw into {shorten(strip.name)}: choose a name that ends in .png")
    source = read_array(joints, JOINTS, least=4)
    body = checked(file)
    try:
        motion = motion_of(source)
    except ValueError as error:
        raise MotionError(f"{shorten(joints.name)} is no figure: it has {error}; give joints in metres") from None
    figures = _measured(body, motion)
    if kind == ".glb":
        write_animated(body.asset, body.poses(body.fit(motion)), motion.fps, out, quantize=quantize, keep=keep)
    elif kind == ".mp4":
        film(body, motion, out)
    else:
        draw(body, out, {joints.stem: motion})
    written = [out]
    if bvh is not None:
        written.append(_bvh(motion, bvh))
    if strip is not None:
        written.append(draw(body, strip, {joints.stem: motion}))
    if json:
        show_json(figures | {"frames": len(motion), "out": str(out)})
        return
    for name, value in figures.items():
        print(f"  {name:20} {value if not isinstance(value, float) else round(value, 3)}")
    for path in written:
        print(path)


def _measured(body: Body, motion: Motion) -> dict[str, object]:
    from hephaestus.following import follow
    from hephaestus.metrics import measure

    if body.kind == "humanoid":
        return measure(body.driver.retargeter, motion).to_dict()  # type: ignore[attr-defined]
    return follow(body, motion).to_dict()


def _bvh(motion: Motion, path: Path) -> Path:
    from hephaestus.bvh import write
    from prometheus.errors import MotionError, shorten

    try:
        write(path, motion.rotations, motion.joints[:, 0], motion.fps)
    except OSError as error:
        raise MotionError(f"cannot write {shorten(str(path), 120)}: {error.strerror}; choose another place") from error
    return path
