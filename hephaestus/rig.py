"""Rig: an asset whose nodes have roles, seen in the motion frame (x left, y up, z forward, metres, soles on y = 0).

The roles come from `<name>.body.yaml` beside the GLB, which a person can read and correct:

    kind: humanoid            # humanoid | quadruped | manylegs | tank | other
    up: [0, 1, 0]             # in the file's own frame; these two are the defaults
    facing: [0, 0, 1]
    height_m: 1.75            # scales the file; without it the file's own size counts
    radius_m: 0.3             # of the controller that the body walks in
    roles:
      hips: pelvis            # a node's name, or its index where names are missing or shared
      spine: [spine1, spine2] # a list runs from root to tip
      legs: [[coxa_l1, femur_l1, tip_l1], ...]  # manylegs: left ones front to back, then right ones
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from hephaestus.errors import RigError
from hephaestus.glb.asset import Asset
from hephaestus.glb.outline import outline
from hephaestus.roles import KINDS, TYPICAL_HEIGHT, check_roles, leg_roles

_Axis = tuple[float, float, float]
_MAX_YAML_BYTES = 64 * 1024
_KEYS = {"kind", "up", "facing", "height_m", "radius_m", "roles", "confidence", "name", "ignored", "notes", "label"}

_FLAT = 0.3
"""Share of its length as whose height a flat body counts where its size is judged: a snake is no giant."""


@dataclass(frozen=True)
class Rig:
    """What a driver needs to know about a skeleton.

    Attributes:
        asset: the rig as the file holds it; never edited.
        kind: one of `KINDS`, which names the driver.
        roles: role -> node indices from root to tip (one index for a single joint); the legs of a many-legged body are
            under L_leg1, L_leg2, ... and R_leg1, ... from front to back.
        name: of the body.
        up: unit vector in the file's frame.
        facing: unit vector in the file's frame, square to `up`.
        height: wanted height in m, or None for the file's own.
        radius: of the controller in m, or None to measure it.
    """

    asset: Asset
    kind: str
    roles: Mapping[str, tuple[int, ...]]
    name: str = "body"
    up: tuple[float, float, float] = (0.0, 1.0, 0.0)
    facing: tuple[float, float, float] = (0.0, 0.0, 1.0)
    height: float | None = None
    radius: float | None = None

    def __contains__(self, role: str) -> bool:
        return bool(self.roles.get(role))

    def node(self, role: str) -> int:
        """Return the first node of a role.

        Raises:
            RigError: the body has no such role.
        """
        try:
            return self.roles[role][0]
        except (KeyError, IndexError):
            raise RigError(f"{self.name} has no {role}; name its node under `roles` in {self.name}.body.yaml") from None

    @cached_property
    def basis(self) -> np.ndarray:
        """[3, 3] rotation from the file's frame to the motion frame: rows are left, up and forward."""
        up, forward = np.asarray(self.up, float), np.asarray(self.facing, float)
        return np.stack([np.cross(up, forward), up, forward])

    @cached_property
    def scale(self) -> float:
        """Metres per unit of the file."""
        extents = np.ptp(self._file_points @ self.basis.T, axis=0)
        height = float(extents[1])
        if height <= 0:
            raise RigError(f"{self.name} has no height along its up axis; correct `up` in {self.name}.body.yaml")
        if self.height is not None:
            return self.height / height
        # glTF counts in metres; a figure far outside what lives was exported in other units. What is flat is long.
        size = max(height, _FLAT * float(extents.max()))
        return 1.0 if 0.3 <= size <= 8.0 else TYPICAL_HEIGHT[self.kind] / size

    @cached_property
    def placement(self) -> np.ndarray:
        """[4, 4] similarity from the file's frame to the motion frame; the lowest foot vertex comes to y = 0."""
        m = np.eye(4)
        m[:3, :3] = self.basis * self.scale
        m[1, 3] = -float((self._floor_points @ m[1, :3]).min())
        return m

    @cached_property
    def rest_world(self) -> np.ndarray:
        """float64 [J, 4, 4]: every node at rest in the motion frame, scale included."""
        return self.placement @ self.asset.rest_world.astype(float)

    @cached_property
    def rest_local(self) -> np.ndarray:
        """float64 [J, 4, 4] relative to the parent at rest; the roots carry `placement`."""
        local = self.asset.rest.astype(float).copy()
        roots = np.flatnonzero(self.asset.parents < 0)
        local[roots] = self.placement @ local[roots]
        return local

    @cached_property
    def rest_points(self) -> np.ndarray:
        """[J, 3] m: origins of the nodes at rest in the motion frame."""
        return self.rest_world[:, :3, 3]

    @cached_property
    def ancestors(self) -> np.ndarray:
        """Bool [J, J]: entry [i, j] tells whether j is above i in the tree (not i itself)."""
        above = np.zeros((len(self.asset),) * 2, bool)
        for level in self.asset.levels[1:]:
            parents = self.asset.parents[level]
            above[level] = above[parents]
            above[level, parents] = True
        return above

    @cached_property
    def surface(self) -> tuple[np.ndarray, np.ndarray]:
        """Vertices [V, 3] m at rest in the motion frame, and for each [V] the node that moves it most."""
        points, nodes = self._file_surface
        return points @ self.placement[:3, :3].T + self.placement[:3, 3], nodes

    @cached_property
    def height_m(self) -> float:
        """Metres from the soles to the top at rest."""
        return float((self._file_points @ self.placement[1, :3]).max() + self.placement[1, 3])

    @cached_property
    def radius_m(self) -> float:
        """Metres: half the width and depth of the trunk at rest, arms and tail left out, at least 0.25."""
        if self.radius is not None:
            return self.radius
        return max(0.25, 0.17 * self.height_m) if self.kind == "humanoid" else max(0.25, 0.35 * self.height_m)

    @cached_property
    def leg_length(self) -> float:
        """Metres from hip to ankle along the bones at rest, mean of all legs."""
        points = self.rest_points
        return float(np.mean([np.linalg.norm(np.diff(points[leg], axis=0), axis=1).sum() for leg in self.legs]))

    @property
    def legs(self) -> list[list[int]]:
        """Node chains of the legs from hip to ankle or paw: left ones front to back, then right ones."""
        if self.kind == "humanoid":
            return [[self.node(f"{s}_{part}") for part in ("thigh", "shin", "foot")] for s in "LR"]
        if self.kind == "manylegs":
            return [list(self.roles[key]) for key in leg_roles(self.roles)]
        return [list(self.roles[f"{s}_{end}"]) for s in "LR" for end in ("front", "hind") if f"{s}_{end}" in self]

    def under(self, nodes: Sequence[int]) -> np.ndarray:
        """Return bool [J]: whether a node is one of the given ones or hangs below one."""
        mask = np.asarray(self.ancestors[:, list(nodes)].any(1))
        mask[list(nodes)] = True
        return mask

    @cached_property
    def _file_surface(self) -> tuple[np.ndarray, np.ndarray]:
        asset, points, nodes = self.asset, [np.zeros((0, 3))], [np.zeros(0, int)]
        for primitive in outline(asset):
            points.append(asset.vertices(primitive, asset.rest_world))
            if primitive.skin is None or primitive.joints is None or primitive.weights is None:
                nodes.append(np.full(len(primitive.positions), primitive.node))
            else:
                strongest = np.take_along_axis(primitive.joints, primitive.weights.argmax(1)[:, None], 1)[:, 0]
                nodes.append(asset.skins[primitive.skin].joints[strongest])
        stacked = np.concatenate(points).astype(float)
        finite = np.isfinite(stacked).all(1)
        return stacked[finite], np.concatenate(nodes).astype(int)[finite]

    @property
    def _file_points(self) -> np.ndarray:
        """Vertices and the nodes that have roles; controls and other things in the file may lie anywhere."""
        points, nodes = self._file_surface
        mapped = self._mapped
        own = (self.under(mapped) | self.ancestors[mapped].any(0))[nodes]
        points = points[own] if own.any() and self.kind != "other" else points
        return np.concatenate([points, self.asset.rest_world[mapped, :3, 3].astype(float)])

    @property
    def _mapped(self) -> list[int]:
        return [node for nodes in self.roles.values() for node in nodes] or list(range(len(self.asset)))

    @property
    def _floor_points(self) -> np.ndarray:
        """Points of the file's frame that stand on the floor: the vertices of the feet, or what else there is."""
        points, nodes = self._file_surface
        feet = [leg[-1] for leg in self.legs]
        on_feet = self.under(feet)
        if len(points) and on_feet[nodes].any():
            return points[on_feet[nodes]]
        return self.asset.rest_world[on_feet, :3, 3].astype(float) if feet else self._file_points


def make_rig(
    asset: Asset,
    roles: Mapping[str, str | int | Sequence[str | int]],
    *,
    kind: str = "humanoid",
    name: str = "body",
    up: Sequence[float] = (0.0, 1.0, 0.0),
    facing: Sequence[float] = (0.0, 0.0, 1.0),
    height_m: float | None = None,
    radius_m: float | None = None,
) -> Rig:
    """Check a role map against an asset and return the rig.

    Args:
        asset: the rig as read from its file.
        roles: role -> node name or index, or a list of them from root to tip.
        kind: one of `KINDS`.
        name: of the body, for messages.
        up: direction in the file's frame, any length.
        facing: direction in the file's frame; made square to `up`.
        height_m: wanted height, or None for the file's own.
        radius_m: of the controller, or None.

    Raises:
        RigError: one sentence that says which line is wrong and how to mend it.
    """
    if kind not in KINDS:
        raise RigError(f"{name} has kind {kind!r}; use one of {', '.join(KINDS)}")
    nodes = check_roles(asset, roles, kind=kind, name=name)
    up_axis, facing_axis = _axes(up, facing, name)
    for label, value in (("height_m", height_m), ("radius_m", radius_m)):
        if value is not None and not (_is_number(value) and 0.05 <= value <= 100.0):
            raise RigError(f"{name} has {label} {value!r}; give metres between 0.05 and 100")
    return Rig(asset, kind, nodes, name, up_axis, facing_axis, height_m, radius_m)


def read_rig(path: str | Path, asset: Asset) -> Rig:
    """Read the role map `path` (a `.body.yaml`) and fit it to an asset.

    Raises:
        RigError: the file is missing, too large, not YAML, or names what is not there.
    """
    import yaml

    path = Path(path)
    name = path.name.removesuffix(".yaml").removesuffix(".body")
    try:
        raw = path.open("rb").read(_MAX_YAML_BYTES + 1)
    except OSError:
        raise RigError(f"{path} cannot be read; write the role map of {name} there") from None
    if len(raw) > _MAX_YAML_BYTES:
        raise RigError(f"{path.name} is over {_MAX_YAML_BYTES // 1024} KB; a role map needs a few lines only")
    try:
        data = yaml.safe_load(raw)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        raise RigError(f"{path.name} is not YAML; see the example in hephaestus/rig.py") from None
    if not isinstance(data, dict) or not isinstance(data.get("roles"), dict):
        raise RigError(f"{path.name} has no mapping `roles`; see the example in hephaestus/rig.py")
    unknown = [str(key) for key in data if key not in _KEYS]
    if unknown:
        raise RigError(f"{path.name} has an unknown line {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    return make_rig(
        asset,
        data["roles"],
        kind=str(data.get("kind", "humanoid")),
        name=name,
        up=data.get("up", (0.0, 1.0, 0.0)),
        facing=data.get("facing", (0.0, 0.0, 1.0)),
        height_m=data.get("height_m"),
        radius_m=data.get("radius_m"),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _axes(
    up: Sequence[float], facing: Sequence[float], name: str
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    vectors = []
    for label, value in (("up", up), ("facing", facing)):
        good = isinstance(value, list | tuple | np.ndarray) and len(value) == 3 and all(map(_is_number, value))
        if not good or not np.linalg.norm(np.asarray(value, float)) > 1e-6:
            raise RigError(f"{name} has {label} {value!r}; give three numbers, such as [0, 1, 0]")
        vectors.append(np.asarray(value, float) / np.linalg.norm(np.asarray(value, float)))
    up_axis, forward = vectors
    forward = forward - up_axis * (forward @ up_axis)
    if np.linalg.norm(forward) < 0.1:
        raise RigError(f"{name} faces along its own up axis; correct `up` or `facing` in {name}.body.yaml")
    forward /= np.linalg.norm(forward)
    (ux, uy, uz), (fx, fy, fz) = up_axis.tolist(), forward.tolist()
    return (ux, uy, uz), (fx, fy, fz)
