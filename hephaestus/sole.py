"""Sole: the lowest point of a foot for any turn of foot and toes, skin that belongs to both included."""

from __future__ import annotations

import numpy as np

from hephaestus.glb.outline import outline
from hephaestus.rig import Rig
from hephaestus.vector import about

_WAYS = 64
_BENDS = (0.0, -0.7)
"""rad: toes in line with the foot, and turned up against it as in pushing off."""


class Sole:
    """Support points of both feet.

    A point of the skin that shin, foot and toes move together lies where linear blend skinning puts it: at the mean of
    the places that each of the three gives it, by their weights.

    Args:
        rig: a humanoid rig.
        ratio: its leg length over the human's, for rigs without skin.
        toes: whether it has toes.
    """

    def __init__(self, rig: Rig, ratio: float, toes: bool) -> None:
        parts: list[np.ndarray] = []
        offsets = []
        for side in "LR":
            ankle = rig.rest_points[rig.node(f"{side}_foot")]
            ball = rig.rest_points[rig.node(f"{side}_toe")] if toes else ankle
            nodes = [rig.node(f"{side}_{part}") for part in (("foot", "toe") if toes else ("foot",))]
            points, shares = _skin(rig, nodes)
            if not len(points):
                points = np.array([ankle * [1.0, 0.0, 1.0], ball * [1.0, 0.0, 1.0] + [0.0, 0.0, 0.06 * ratio]])
                shares = np.array([[0.0, 1.0, 0.0], [0.0, 1.0 - toes, toes]])
            shin, foot, toe = shares.T[..., None]
            offset = points - ankle
            part = np.concatenate([shin * offset, foot * offset + toe * (ball - ankle), toe * (points - ball)], 1)
            parts.append(part[_outer(part)])
            offsets.append(ball - ankle)
        self.ball = np.array(offsets, np.float32)
        """[2, 3] m: from ankle to toe joint at rest."""
        most = max(map(len, parts))
        self._points = np.stack([np.resize(part, (most, 9)).T for part in parts]).astype(np.float32)

    def low(self, shin: np.ndarray, foot: np.ndarray, toe: np.ndarray) -> np.ndarray:
        """Return the height [T, 2] m of the lowest point relative to the ankle.

        Args:
            shin: [T, 2, 3, 3] turn of each shin from its rest.
            foot: the same of the feet.
            toe: the same of the toes.
        """
        rows = np.concatenate([shin[..., 1, :], foot[..., 1, :], toe[..., 1, :]], -1)
        return np.asarray(np.minimum.reduce((rows[..., None, :] @ self._points)[..., 0, :], -1))


def _skin(rig: Rig, nodes: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Points [n, 3] m of a foot's skin at rest in the motion frame, and the shares [n, 3] of shin, foot and toes."""
    on_foot = rig.under(nodes[:1])
    on_toe = rig.under(nodes[1:]) if len(nodes) > 1 else np.zeros_like(on_foot)
    placement, points, shares = rig.placement, [np.zeros((0, 3))], [np.zeros((0, 3))]
    for primitive in outline(rig.asset):
        if primitive.skin is None or primitive.joints is None or primitive.weights is None:
            on = np.full(len(primitive.positions), float(on_foot[primitive.node]))
            toe = on * float(on_toe[primitive.node])
        else:
            moved_by = rig.asset.skins[primitive.skin].joints[primitive.joints]
            on = (primitive.weights * on_foot[moved_by]).sum(1)
            toe = (primitive.weights * on_toe[moved_by]).sum(1)
        chosen = on > 0.3
        at = rig.asset.vertices(primitive, rig.asset.rest_world)[chosen].astype(float)
        points.append(at @ placement[:3, :3].T + placement[:3, 3])
        shares.append(np.stack([1.0 - on, on - toe, toe], 1)[chosen])
    found = np.concatenate(points)
    finite = np.isfinite(found).all(1)
    return found[finite], np.concatenate(shares)[finite]


def _outer(part: np.ndarray) -> np.ndarray:
    """Indices [n] of the points [V, 9] that lie furthest down, for a foot turned in any way, toes bent or not."""
    turn = np.arange(_WAYS) * 2.399963  # the golden angle spreads directions evenly
    # Half of the ways lie within a third of a right angle of straight down: a foot is seldom upside down.
    down = np.concatenate([np.linspace(-1.0, -0.86, _WAYS // 2), np.linspace(-0.86, 1.0, _WAYS - _WAYS // 2)])
    level = np.sqrt(1.0 - down * down)
    ways = np.stack([level * np.cos(turn), down, level * np.sin(turn)], -1)
    found = []
    for bend in _BENDS:
        whole = part[:, :3] + part[:, 3:6] + part[:, 6:] @ about(0, np.array(bend)).T.astype(float)
        found.append((whole @ ways.T).argmax(0))
    return np.unique(np.concatenate(found))
