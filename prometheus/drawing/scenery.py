"""Scenery: trees, signs, water, pits and hills as triangles for a stage."""

from __future__ import annotations

import math
import zlib

import numpy as np

from hephaestus.render import shapes as solids
from hephaestus.render.scene import Stage
from hephaestus.render.shapes import Triangles
from prometheus.world.ground import Patch, patches
from prometheus.world.primitives import Pit, Sign, Tree, Water
from prometheus.world.scenario import Scenario
from prometheus.world.shapes import Shape, board_size, sign_lines

SURFACE = 0.05
"""m that water stands below the level ground."""
_INK = 13
"""Pixels of a sign's letters from top to bottom."""


def add_scenery(stage: Stage, scenario: Scenario) -> None:
    """Add what is neither a box nor round: hills, basins, water, pits, words of signs, branches of bare trees."""
    for patch in patches(scenario):
        stage.add(_patch(patch), patch.material)
    for solid in scenario.solids:
        if isinstance(solid, Water):
            _add_water(stage, solid)
        elif isinstance(solid, Pit):
            _add_pit(stage, solid, scenario.ground.material)
        elif isinstance(solid, Sign):
            _add_words(stage, solid)
        elif isinstance(solid, Tree) and solid.species == "dead":
            _add_branches(stage, solid)


def ball(shape: Shape) -> Triangles:
    """Make a bumpy ball, as the crown of a tree is, in the box of a shape."""
    turns, rows = 14, 8
    up = np.linspace(-math.pi / 2, math.pi / 2, rows + 1)[:, None]
    round_ = np.linspace(0, 2 * math.pi, turns + 1)[None]
    rough = 1.0 + 0.09 * np.cos(3 * round_ + shape.heading * 5) * np.cos(up) + 0.07 * np.sin(5 * round_ + 4 * up)
    rough[:, -1] = rough[:, 0]
    unit = np.stack([np.cos(up) * np.cos(round_), np.cos(up) * np.sin(round_), np.sin(up) + 0 * round_], -1)
    points = (unit * rough[..., None] * np.array(shape.size) / 2).reshape(-1, 3) + shape.centre
    i = (np.arange(rows)[:, None] * (turns + 1) + np.arange(turns)).ravel()
    indices = np.stack([i, i + 1, i + turns + 2, i, i + turns + 2, i + turns + 1], -1).ravel().astype(np.uint32)
    normals = unit.reshape(-1, 3) / np.array(shape.size)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    uvs = np.stack([(round_ + 0 * up) * shape.size[0] / 2, (up + 0 * round_) * shape.size[2] / 2], -1).reshape(-1, 2)
    # The lower half lies in the crown's own shade.
    shades = np.clip(0.72 + 0.36 * unit[..., 2], 0.42, 1.0).ravel()
    return Triangles(points, normals, uvs, shades, indices)


def _patch(patch: Patch) -> Triangles:
    """Make a patch of ground with smooth normals; its skirts, which hang below it, get flat ones."""
    points, faces = patch.vertices, patch.triangles
    cross = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    if patch.kind == "water":
        corners = points[faces].reshape(-1, 3)
        unit = cross / np.maximum(np.linalg.norm(cross, axis=-1, keepdims=True), 1e-9)
        shades = np.where(corners[:, 2] < -1e-6, 0.6, 0.95)
        return Triangles(
            corners, np.repeat(unit, 3, 0), corners[:, :2], shades, np.arange(len(corners), dtype=np.uint32)
        )
    level = faces[cross[:, 2] > 1e-9]
    steep = 1.0 - np.clip(cross[:, 2] / np.maximum(np.linalg.norm(cross, axis=-1), 1e-9), 0, 1)
    shades = np.ones(len(points))
    # Slopes a little darker and heights a little lighter: from above, a hill would else not be seen.
    np.minimum.at(shades, level.ravel(), np.repeat(1.0 - 1.2 * steep[cross[:, 2] > 1e-9], 3))
    normals = np.zeros_like(points)
    np.add.at(normals, level.ravel(), np.repeat(cross[cross[:, 2] > 1e-9], 3, 0))
    # Beyond its edge the ground is level, so that there the light does not break.
    x0, y0, x1, y1 = patch.outline
    edge = (np.abs(points[:, 0] - x0) < 1e-6) | (np.abs(points[:, 0] - x1) < 1e-6)
    edge |= (np.abs(points[:, 1] - y0) < 1e-6) | (np.abs(points[:, 1] - y1) < 1e-6)
    normals[edge & (np.abs(points[:, 2]) < 1e-6)] = [0, 0, 1]
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)
    return Triangles(points, normals, points[:, :2], np.clip(shades, 0.5, 1.0), faces.ravel().astype(np.uint32))


def _face(corners: np.ndarray, shades: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)) -> Triangles:
    return solids.quad(np.asarray(corners, float), np.array(shades))


def _add_water(stage: Stage, water: Water) -> None:
    (x, y), (length, width) = water.at, water.size
    # The bank falls from the edge: the surface ends where it meets it.
    inset = SURFACE / water.bank
    dx, dy = length / 2 - inset, width / 2 - inset
    if dx > 0 and dy > 0:
        corners = [[x - dx, y - dy, -SURFACE], [x + dx, y - dy, -SURFACE], [x + dx, y + dy, -SURFACE]]
        stage.add(_face(np.array([*corners, [x - dx, y + dy, -SURFACE]])), "water")


def _add_pit(stage: Stage, pit: Pit, rim: str) -> None:
    (x, y), depth = pit.at, pit.depth
    dx, dy = pit.size[0] / 2, pit.size[1] / 2
    ring = np.array([[x - dx, y - dy], [x + dx, y - dy], [x + dx, y + dy], [x - dx, y + dy]])
    # Light falls in from above and does not reach the bottom.
    dark = max(0.16, 0.62 - 0.16 * depth)
    for k in range(4):
        a, b = ring[(k + 1) % 4], ring[k]
        corners = [[*a, -depth], [*b, -depth], [*b, 0.0], [*a, 0.0]]
        stage.add(_face(np.array(corners), (dark, dark, 0.85, 0.85)), pit.material)
    stage.add(_face(np.c_[ring, np.full(4, -depth)], (dark,) * 4), pit.material)
    lip = min(0.22, 0.2 * min(pit.size))
    edge = "rock" if pit.material in ("earth", "rock", rim) else pit.material
    for k in range(4):
        a, b = ring[k], ring[(k + 1) % 4]
        middle, along = (a + b) / 2, float(np.hypot(*(b - a)))
        yaw = math.atan2(b[1] - a[1], b[0] - a[0])
        out = np.array([math.sin(yaw), -math.cos(yaw)]) * lip / 2
        stage.add_box(np.array([*(middle + out), 0.0]), np.array([along + 2 * lip, lip, 0.06]), yaw, edge)


def _add_words(stage: Stage, sign: Sign) -> None:
    """Paint a sign's words on its board: each run of dark pixels becomes a small face, so every renderer shows them."""
    from PIL import Image, ImageDraw, ImageFont

    thick, width, height = board_size(sign)
    lines = sign_lines(sign.text)
    font = ImageFont.load_default(size=_INK)
    wide = max(1, *(math.ceil(font.getlength(line)) for line in lines))
    tall = round(_INK * 1.35)
    image = Image.new("L", (wide, tall * len(lines)), 0)
    pen = ImageDraw.Draw(image)
    for k, line in enumerate(lines):
        pen.text(((wide - font.getlength(line)) / 2, k * tall + 1), line, fill=255, font=font)
    ink = np.pad(np.asarray(image) > 110, ((0, 0), (1, 1)))
    start, end = (np.argwhere(np.diff(ink.astype(np.int8), axis=1) == sign_) for sign_ in (1, -1))
    if not len(start):
        return
    pixel = min((width - 0.12) / wide, (height - 0.08) / image.height)
    top = sign.height + 0.06 - (height - pixel * image.height) / 2
    rows, left, right = start[:, 0], start[:, 1], end[:, 1]
    # Who looks at a board's front has its own -y side on the left.
    u0, u1 = (pixel * (edge - wide / 2) for edge in (left, right))
    z1, z0 = top - pixel * rows, top - pixel * (rows + 1)
    front = 0.09 + thick / 2 + 0.004
    around = ((u0, z0), (u1, z0), (u1, z1), (u0, z1))
    corners = np.stack([np.stack([np.full(len(u), front), u, z], -1) for u, z in around], 1)
    turn = solids.turn_about_z(sign.heading)
    points = corners.reshape(-1, 3) @ turn.T + [*sign.at, 0.0]
    i = 4 * np.arange(len(rows))[:, None] + np.array([0, 1, 2, 0, 2, 3])
    normals = np.tile(turn[:, 0], (len(points), 1))
    words = Triangles(points, normals, points[:, :2], np.ones(len(points)), i.ravel().astype(np.uint32))
    stage.add(words, "soot")


def _add_branches(stage: Stage, tree: Tree) -> None:
    rng = np.random.default_rng(zlib.crc32(f"{tree.at[0]:.3f} {tree.at[1]:.3f}".encode()))
    for k in range(7):
        turn, up = 2.4 * k + rng.uniform(-0.4, 0.4), tree.height * (0.42 + 0.075 * k)
        length = tree.crown * (0.95 - 0.09 * k)
        lean = rng.uniform(0.35, 0.75)
        along = np.array([math.cos(turn) * math.cos(lean), math.sin(turn) * math.cos(lean), math.sin(lean)])
        side = np.array([-math.sin(turn), math.cos(turn), 0.0])
        axes = np.stack([along, side, np.cross(along, side)], 1)
        centre = np.array([*tree.at, up]) + along * length / 2
        wide = max(0.3 * tree.radius, 0.04)
        stage.add_box(centre, np.array([length, wide, wide]), material="bark", turn=axes)
