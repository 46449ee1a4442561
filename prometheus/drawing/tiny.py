"""TinyRenderer: pictures without OpenGL, by PyBullet's own software renderer, of rigid pieces a bone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hephaestus.glb.asset import Asset, decompose
from hephaestus.render import shapes
from hephaestus.render.camera import Camera, to_motion
from hephaestus.render.ground import PLAN, detail, plan, squares
from hephaestus.render.overlay import lay_over
from hephaestus.render.scene import Lines, Material, Mesh, Shot, Stage
from hephaestus.render.sky import HEIGHT, LOWEST, WIDTH, panorama
from hephaestus.render.texture import texture
from prometheus.drawing.pieces import cut
from prometheus.errors import RenderError
from prometheus.world.bullet import load_bullet

GROUND_PIXELS = 2048
"""Edge of the ground's picture: what is told apart from a man's height."""
FAR = 160.0
"""m: the ground's end; TinyRenderer's depth is too coarse for more."""
MOST_PIXELS = 200_000
"""Larger pictures are drawn at that size and enlarged: a frame takes its time by its pixels."""
_MOST = 100_000
"""Vertices that PyBullet takes in one shape, with some to spare."""


@dataclass(slots=True)
class _Puppet:
    """A body as rigid pieces: what it is, how wide its shadow's discs are, and what PyBullet knows of it."""

    asset: Asset
    radius: float
    handles: list[int] = field(default_factory=list)
    nodes: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    scales: np.ndarray | None = None
    hidden: bool = True


class TinyRenderer:
    """Draws a stage with PyBullet's TinyRenderer, in a physics client of its own.

    Attributes:
        name: "tinyrenderer".
        size: width and height in pixels.
        reason: why OpenGL is not used, "" where it was not tried.
    """

    name = "tinyrenderer"

    def __init__(self, size: tuple[int, int] = (640, 480), shadows: bool = True, reason: str = ""):
        """Open a client.

        Args:
            size: width and height in pixels.
            shadows: whether bodies darken the ground under them.
            reason: why OpenGL is not used.
        """
        self.shadows, self.reason = shadows, reason
        self.resize(size)
        self._bullet = load_bullet()
        self._client = self._bullet.connect(self._bullet.DIRECT)
        if self._client < 0:
            raise RenderError("PyBullet gives no physics client to draw with; close some worlds")
        self._clear()

    def _clear(self) -> None:
        self.stage = Stage()
        self._bodies: dict[str, _Puppet] = {}
        self._ground = -1
        self._sky = panorama(self.stage.sky)

    def load(self, stage: Stage) -> None:
        """Take over a stage; replaces what was loaded before."""
        self._bullet.resetSimulation(physicsClientId=self._client)
        self._clear()
        self.stage, self._sky = stage, panorama(stage.sky)
        with tempfile.TemporaryDirectory(prefix="pwm-") as folder:
            self._load_meshes(Path(folder))
            if stage.ground is not None:
                self._load_ground(Path(folder))
        for torch in stage.torches:
            flame = shapes.cone(np.zeros(3), 0.07, 0.35, segments=8)
            body = self._shape(to_motion(flame.positions), to_motion(flame.normals), flame.indices, (1.0, 0.72, 0.25))
            self._place(body, torch.position - [0, 0.17, 0], np.array([0, 0, 0, 1]))
        for key, asset in stage.bodies.items():
            self.set_body(key, asset)

    def set_body(self, key: str, asset: Asset) -> None:
        """Give a key a body; it is cut into rigid pieces when it is first drawn, for only then its scale is known."""
        self._remove(key)
        points = asset.rest_world[:, :3, 3]
        wide = 0.06 * float(np.ptp(points[:, 1])) if len(points) > 1 else 0.3
        self._bodies[key] = _Puppet(asset, max(wide, 0.1))

    def resize(self, size: tuple[int, int]) -> None:
        """Draw pictures of another size (pixels) from now on."""
        self.size = (max(1, int(size[0])), max(1, int(size[1])))
        smaller = min(1.0, (MOST_PIXELS / (self.size[0] * self.size[1])) ** 0.5)
        self._inner = (max(1, round(self.size[0] * smaller)), max(1, round(self.size[1] * smaller)))

    def _remove(self, key: str) -> None:
        puppet = self._bodies.pop(key, None)
        for handle in puppet.handles if puppet else ():
            self._bullet.removeBody(handle, physicsClientId=self._client)

    def draw_all(self, shots: Iterable[Shot]) -> Iterator[np.ndarray]:
        """Draw many pictures, one after the other; see `hephaestus.render.scene.Renderer.draw_all`."""
        for shot in shots:
            yield self.draw(shot)

    def draw(self, shot: Shot) -> np.ndarray:
        """Draw one picture; see `hephaestus.render.scene.Renderer.draw`. Flames stand still.

        Raises:
            RenderError: a placement's key is unknown, or PyBullet draws nothing.
        """
        camera, placements = shot.camera, shot.placements
        for key in placements:
            if key not in self._bodies:
                raise RenderError(f"no body is loaded for '{key}'; loaded are: {', '.join(self._bodies) or 'none'}")
        for key, puppet in self._bodies.items():
            self._move(puppet, placements.get(key))
        picture, ids, depth = self._take(camera)
        rays = _rays(camera, self._inner)
        if self.shadows and self._ground >= 0:
            self._shade(picture, ids, rays, camera, placements)
        self._paint_sky(picture, depth, rays)
        if self._inner != self.size:
            picture = _enlarge(picture, self.size)
        if shot.lines is not None:
            _draw_lines(picture, camera, shot.lines)
        return picture if shot.overlay is None else lay_over(picture, shot.overlay)

    def close(self) -> None:
        """Close the client; closing twice is allowed."""
        if self._client >= 0:
            self._bullet.disconnect(physicsClientId=self._client)
            self._client = -1

    def _shape(
        self,
        positions: np.ndarray,
        normals: np.ndarray,
        indices: np.ndarray,
        color: tuple[float, ...],
        uvs: np.ndarray | None = None,
    ) -> int:
        extra = {} if uvs is None else {"uvs": uvs.tolist()}
        bullet = self._bullet
        visual = bullet.createVisualShape(
            bullet.GEOM_MESH, vertices=positions.tolist(), indices=indices.tolist(), normals=normals.tolist(),
            rgbaColor=[*(float(c) for c in color), 1.0], physicsClientId=self._client, **extra,
        )  # fmt: skip
        return int(bullet.createMultiBody(0, baseVisualShapeIndex=visual, physicsClientId=self._client))

    def _place(self, handle: int, position: np.ndarray, rotation: np.ndarray) -> None:
        self._bullet.resetBasePositionAndOrientation(
            handle, [float(v) for v in position], [float(v) for v in rotation], physicsClientId=self._client
        )

    def _move(self, puppet: _Puppet, world: np.ndarray | None) -> None:
        if world is None:
            if not puppet.hidden:
                for handle in puppet.handles:
                    self._place(handle, np.array([0, -1000.0, 0]), np.array([0, 0, 0, 1]))
            puppet.hidden = True
            return
        positions, rotations, scales = decompose(np.asarray(world, np.float32))
        if puppet.scales is None or not np.allclose(scales, puppet.scales, rtol=0.02):
            for handle in puppet.handles:
                self._bullet.removeBody(handle, physicsClientId=self._client)
            pieces = cut(puppet.asset, scales)
            puppet.handles = [self._shape(p.positions, p.normals, p.indices, p.color) for p in pieces]
            puppet.nodes, puppet.scales = np.array([p.node for p in pieces], int), scales
        for handle, node in zip(puppet.handles, puppet.nodes, strict=True):
            self._place(handle, positions[node], rotations[node])
        puppet.hidden = False

    def _wear(self, handle: int, picture: np.ndarray, folder: Path, name: str) -> None:
        from PIL import Image

        path = folder / f"{name}.bmp"  # fast to write; PNG took seconds
        Image.fromarray(picture[::-1]).save(path)
        number = self._bullet.loadTexture(str(path), physicsClientId=self._client)
        self._bullet.changeVisualShape(handle, -1, textureUniqueId=number, physicsClientId=self._client)

    def _load_meshes(self, folder: Path) -> None:
        groups: dict[str, list[Mesh]] = {}
        for mesh in self.stage.meshes:
            groups.setdefault(mesh.material, []).append(mesh)
        for name, meshes in groups.items():
            material = self.stage.materials[name]
            for batch in _batches(meshes):
                self._load_batch(batch, material, folder)

    def _load_batch(self, meshes: list[Mesh], material: Material, folder: Path) -> None:
        starts = np.cumsum([0, *(len(m.positions) for m in meshes)])
        handle = self._shape(
            np.concatenate([m.positions for m in meshes]),
            np.concatenate([m.normals for m in meshes]),
            np.concatenate([m.indices + s for m, s in zip(meshes, starts, strict=False)]),
            tuple(min(1.0, c) ** 0.5 for c in material.color),
            np.concatenate([m.uvs for m in meshes]) / material.span,
        )
        if material.texture != "plain":
            self._wear(handle, texture(material.texture), folder, material.texture)

    def _load_ground(self, folder: Path) -> None:
        ground = self.stage.ground
        assert ground is not None
        far = plan(ground, self.stage.footprints).astype(np.float32) / 255
        grain = detail(ground).astype(np.float32)[::4, ::4, :2] / 255
        times = GROUND_PIXELS // PLAN
        big = np.repeat(np.repeat(far, times, 0), times, 1)
        pixels = np.arange(GROUND_PIXELS) * ground.extent / GROUND_PIXELS / ground.span * len(grain)
        rows = pixels.astype(int) % len(grain)
        near = grain[rows[:, None], rows[None, :]]
        share = np.clip((big[..., 3] - 0.5) * 2.2 + 0.5, 0, 1)
        light = 2 * (near[..., 0] * (1 - share) + near[..., 1] * share)
        picture = (np.clip(big[..., :3] * light[..., None], 0, 1) * 255).astype(np.uint8)
        half, color = ground.extent / 2, picture.reshape(-1, 3).mean(0) / 255
        self._ground = self._square(half, 0.0, np.ones(3))
        self._wear(self._ground, picture, folder, "ground")
        self._square(FAR, -0.05, color)

    def _square(self, half: float, height: float, color: np.ndarray) -> int:
        """Lay a level square of many small ones: TinyRenderer's depth and texture bend over large triangles."""
        assert self.stage.ground is not None
        cells = squares(self.stage.ground, np.linspace(-half, half, 25))
        x, z = cells[:, [0, 2, 0, 2]].ravel(), cells[:, [1, 1, 3, 3]].ravel()  # x: left, world y; z: forward, world x
        positions = np.stack([x, np.full(x.size, height), z], -1)
        uvs = np.stack([np.clip(z + half, 0, 2 * half), np.clip(x + half, 0, 2 * half)], -1)
        uvs = uvs / (2 * half) * 0.9998 + 0.0001
        i = 4 * np.arange(len(cells))
        indices = np.stack([i, i + 2, i + 1, i + 1, i + 2, i + 3], -1).ravel()
        normals = np.tile([0.0, 1.0, 0.0], (len(positions), 1))
        return self._shape(positions, normals, indices, tuple(color), uvs)

    def _take(self, camera: Camera) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        bullet, sky = self._bullet, self.stage.sky
        width, height = self._inner
        near = max(camera.near, 0.1)
        got = bullet.getCameraImage(
            width, height, camera.view().T.ravel().tolist(),
            bullet.computeProjectionMatrixFOV(float(np.degrees(camera.fov)), width / height, near, 2 * FAR),
            lightDirection=[float(v) * 40 for v in sky.to_sun],
            lightColor=[float(c) ** 0.5 for c in np.array(sky.sun_color) / max(sky.sun_color)],
            lightAmbientCoeff=0.62, lightDiffuseCoeff=0.66, lightSpecularCoeff=0.02, shadow=0,
            renderer=bullet.ER_TINY_RENDERER, physicsClientId=self._client,
        )  # fmt: skip
        if len(got) < 5 or np.size(got[2]) != width * height * 4:
            raise RenderError("PyBullet's TinyRenderer gave no picture; ask for a smaller size")
        pixels = np.asarray(got[2], np.uint8).reshape(height, width, 4)
        depth = np.asarray(got[3], np.float32).reshape(height, width)
        return np.ascontiguousarray(pixels[..., :3]), np.asarray(got[4]).reshape(height, width), depth

    def _shade(
        self,
        picture: np.ndarray,
        ids: np.ndarray,
        rays: np.ndarray,
        camera: Camera,
        placements: Mapping[str, np.ndarray],
    ) -> None:
        """Darken the ground where the sun meets a bone on its way: discs, thrown along the sunlight."""
        sun = self.stage.sky.to_sun
        pixels = np.flatnonzero(ids.reshape(-1) == self._ground)
        if len(pixels) == 0 or sun[1] < 0.05:
            return
        ray = rays.reshape(-1, 3)[pixels]
        eye = np.asarray(camera.eye, np.float32)
        down = eye[1] / np.maximum(-ray[:, 1], 1e-4)
        x, z = eye[0] + ray[:, 0] * down, eye[2] + ray[:, 2] * down
        flat = picture.reshape(-1, 3)
        for key, world in placements.items():
            puppet = self._bodies[key]
            nodes = np.unique(puppet.nodes)
            if len(nodes) == 0:
                continue
            above = np.maximum(puppet.asset.parents[nodes], 0)
            joints, parents = world[nodes, :3, 3], world[np.where(np.isin(above, nodes), above, nodes), :3, 3]
            places = np.concatenate([joints, (joints + parents) / 2])
            thrown = places[:, [0, 2]] - sun[[0, 2]] / sun[1] * places[:, 1:2]
            low, high = thrown.min(0) - 2 * puppet.radius, thrown.max(0) + 2 * puppet.radius
            near = np.flatnonzero((x > low[0]) & (x < high[0]) & (z > low[1]) & (z < high[1]))
            dark = _discs(thrown, puppet.radius, low, high)
            n = len(dark)
            column = np.clip((x[near] - low[0]) / (high[0] - low[0]) * n, 0, n - 1).astype(int)
            row = np.clip((z[near] - low[1]) / (high[1] - low[1]) * n, 0, n - 1).astype(int)
            flat[pixels[near]] = (flat[pixels[near]] * dark[row, column][:, None]).astype(np.uint8)

    def _paint_sky(self, picture: np.ndarray, depth: np.ndarray, rays: np.ndarray) -> None:
        """Put the panorama where nothing was drawn."""
        free = depth >= 0.99999
        ray = rays[free]
        height = np.arctan2(ray[:, 1], np.hypot(ray[:, 0], ray[:, 2]))
        column = (np.arctan2(ray[:, 0], ray[:, 2]) / (2 * np.pi) % 1.0 * WIDTH).astype(int) % WIDTH
        row = np.clip((height - LOWEST) / (np.pi / 2 - LOWEST) * HEIGHT, 0, HEIGHT - 1).astype(int)
        picture[free] = self._sky[row, column]


def _batches(meshes: list[Mesh]) -> list[list[Mesh]]:
    batches: list[list[Mesh]] = [[]]
    count = 0
    for mesh in meshes:
        if count + len(mesh.positions) > _MOST and batches[-1]:
            batches.append([])
            count = 0
        batches[-1].append(mesh)
        count += len(mesh.positions)
    return batches


def _rays(camera: Camera, size: tuple[int, int]) -> np.ndarray:
    """Return the direction [h, w, 3] that each pixel looks in, motion frame, not of unit length."""
    width, height = size
    tall = np.tan(camera.fov / 2)
    x = (((np.arange(width) + 0.5) / width * 2 - 1) * tall * width / height).astype(np.float32)
    y = ((1 - (np.arange(height) + 0.5) / height * 2) * tall).astype(np.float32)
    view = camera.view()[:3, :3]
    return x[None, :, None] * view[0] + y[:, None, None] * view[1] - view[2]


def _enlarge(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    from PIL import Image

    return np.array(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))


def _discs(middles: np.ndarray, radius: float, low: np.ndarray, high: np.ndarray, n: int = 96) -> np.ndarray:
    """Return the light [n, n] that discs round middles [K, 2] leave in a rectangle: rows along its second axis."""
    share = (np.arange(n) + 0.5) / n
    x, z = low[0] + share * (high[0] - low[0]), low[1] + share * (high[1] - low[1])
    gap = (x[None, :, None] - middles[:, 0]) ** 2 + (z[:, None, None] - middles[:, 1]) ** 2
    return 1 - 0.5 * np.clip(1.6 - np.sqrt(gap.min(-1)) / radius, 0, 1).astype(np.float32)


def _draw_lines(picture: np.ndarray, camera: Camera, lines: Lines) -> None:
    from PIL import Image, ImageDraw

    height, width = picture.shape[:2]
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    ends = camera.project(np.asarray(lines.points).reshape(-1, 3), (width, height)).reshape(-1, 2, 3)
    for (a, b), color in zip(ends, np.asarray(lines.colors), strict=True):
        if a[2] > camera.near and b[2] > camera.near:
            pen.line([*a[:2], *b[:2]], fill=tuple(int(255 * c) for c in color[:3]), width=2)
    picture[...] = np.asarray(image)
