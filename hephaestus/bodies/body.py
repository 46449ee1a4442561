"""Body: what a mind is given to move, whatever its shape, and how one is loaded by name or path."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from hephaestus import rotation
from hephaestus.bones import Bones
from hephaestus.errors import AssetError, RigError
from hephaestus.glb.asset import Asset
from hephaestus.motion import Motion, Pose
from hephaestus.rig import Rig, read_rig

MODULES = {"other": "rigid"}
"""Kind -> module of its driver, where it is not called as the kind is."""
Stream = Callable[[Motion], np.ndarray]
"""Takes a motion piece by piece; returns local transforms float32 [T, J, 4, 4] of each piece."""


class Driver(Protocol):
    """What a kind of body adds: a module `hephaestus/bodies/<kind>.py` with a class `Driver` of these members.

    A driver whose poses depend on what was before (where a paw stands, how far a track has run) has a method `stream`
    besides, which returns a `Stream`; its `poses` then are those of a stream that begins with the motion.

    Attributes:
        stride: metres that the body steps for each metre of the human's step; 1 where it walks at the human's pace.
        segments: (start node, end node) pairs of its bones.
    """

    stride: float
    segments: list[tuple[int, int]]

    def poses(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4]; no frame depends on a later one."""
        ...


@dataclass(frozen=True)
class Body:
    """A body that any Motion moves.

    Attributes:
        name: shipped name, or the file's.
        rig: skeleton and roles; the file's own rig is never edited.
        driver: turns motions into poses.
    """

    name: str
    rig: Rig
    driver: Driver

    @property
    def kind(self) -> str:
        """Which driver moves it: "humanoid", "quadruped", and so on."""
        return self.rig.kind

    @property
    def asset(self) -> Asset:
        """What the GLB holds."""
        return self.rig.asset

    @property
    def height_m(self) -> float:
        """Metres from the soles to the top at rest."""
        return self.rig.height_m

    @property
    def radius_m(self) -> float:
        """Metres: radius of the upright controller in which it walks."""
        return self.rig.radius_m

    @property
    def stride(self) -> float:
        """Metres that this body steps for each metre of the human's step.

        `poses` keeps the place of the pelvis and scales the limbs, so feet do not slide only if the path is scaled by
        this: move the controller `stride` times as fast as the motion says, or pass recorded motions through `fit`.
        """
        return self.driver.stride

    @cached_property
    def bone_set(self) -> Bones:
        """The bones as segments with radii."""
        return Bones(self.rig, self.driver.segments)

    @property
    def bone_radii(self) -> np.ndarray:
        """[B] m: how thick the skin is round each bone."""
        return self.bone_set.radii

    def bones(self, world: np.ndarray) -> np.ndarray:
        """Return both ends of each bone, [..., B, 2, 3] m in the motion frame.

        Args:
            world: [..., J, 4, 4] from `asset.world(local)`.
        """
        return self.bone_set.ends(world)

    def fit(self, motion: Motion) -> Motion:
        """Return the motion with its path scaled by `stride` about the origin: what this body covers in those steps."""
        moved = motion.joints.copy()
        moved[..., [0, 2]] += (self.stride - 1.0) * motion.joints[:, :1, [0, 2]]
        return Motion(moved, motion.rotations, motion.contacts, motion.fps)

    def poses(self, motion: Motion) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes.

        Kinematics (`asset.world`) gives places in the motion frame, in metres: the root joint carries where the body
        is. No frame depends on a later one: a `stream` of the same frames, in pieces of any length, gives the same.
        """
        return self.driver.poses(motion)

    def stream(self) -> Stream:
        """Return a function that poses a motion given piece by piece, for one actor from its first frame on.

        A human's frames are independent of each other; what has more legs, wheels or tracks remembers where they are.
        """
        begin = getattr(self.driver, "stream", None)
        return begin() if begin is not None else self.driver.poses

    def pose(self, motion: Motion, frame: int = -1) -> Pose:
        """Return one frame, with the place and heading of the pelvis on the floor (`local` holds them already)."""
        frame %= len(motion)
        one = motion[frame : frame + 1]
        root = np.eye(4, dtype=np.float32)
        root[:3, :3] = rotation.to_matrix(rotation.yaw(rotation.yaw_of(one.rotations[0, 0])))
        root[[0, 2], 3] = one.joints[0, 0, [0, 2]]
        before = motion[: frame + 1] if hasattr(self.driver, "stream") else one
        return Pose(self.driver.poses(before)[-1], root)


def make_body(rig: Rig, name: str | None = None) -> Body:
    """Give a rig the driver of its kind.

    Raises:
        RigError: there is no driver for that kind.
    """
    module = f"hephaestus.bodies.{MODULES.get(rig.kind, rig.kind)}"
    if importlib.util.find_spec(module) is None:
        raise RigError(f"there is no driver for the kind {rig.kind!r}; add one as {module.replace('.', '/')}.py")
    return Body(name or rig.name, rig, importlib.import_module(module).Driver(rig))


def load_body(name_or_path: str | Path, directory: str | Path | None = None) -> Body:
    """Load a body by a shipped name, such as "humanoid", or by the path of any GLB.

    A `<name>.body.yaml` beside the file says which node plays which role; without one the rig is examined.

    Args:
        name_or_path: a name without ending, or a path that ends in .glb or .vrm.
        directory: where names are looked up (default: the shipped bodies).

    Raises:
        AssetError: there is no such file, or it is broken.
        RigError: the role map is wrong.
    """
    from hephaestus.anatomy import find_rig
    from hephaestus.glb.reader import read

    path = _find(name_or_path, directory)
    asset, sheet = read(path), path.with_suffix(".body.yaml")
    try:
        return make_body(read_rig(sheet, asset) if sheet.is_file() else find_rig(asset, path.stem), path.stem)
    except MemoryError:
        raise AssetError(f"{path.name} needs more memory than there is; simplify it first.") from None


def shipped(directory: str | Path | None = None) -> list[str]:
    """Return the names that `load_body` knows."""
    folder = _folder(directory)
    return sorted(p.stem for p in folder.glob("*.glb") if p.with_suffix(".body.yaml").exists()) if folder else []


def _find(name_or_path: str | Path, directory: str | Path | None) -> Path:
    text = str(name_or_path)
    if text.lower().endswith((".glb", ".vrm")):
        path = Path(text).expanduser()
        if not path.is_file():
            raise AssetError(
                f"there is no file {text}; give the path of a GLB or one of {', '.join(shipped(directory))}"
            )
        return path
    names = shipped(directory)
    if text not in names:
        known = ", ".join(names) or "none (the assets did not travel with this installation)"
        raise AssetError(f"there is no body called {text!r}; known are {known}, or give the path of a GLB")
    folder = _folder(directory)
    assert folder is not None
    return folder / f"{text}.glb"


def _folder(directory: str | Path | None) -> Path | None:
    """The folder of shipped bodies: in the wheel under `prometheus/_data`, in a checkout beside the packages."""
    if directory is not None:
        return Path(directory)
    checkout = Path(__file__).resolve().parents[2]
    places = [checkout / "prometheus" / "_data" / "assets" / "bodies", checkout / "assets" / "bodies"]
    return next((place for place in places if place.is_dir()), None)
