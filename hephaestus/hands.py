"""Hands of a retargeted humanoid: they lie flat on the floor instead of reaching through it.

The motion does not tell how a hand is turned: it goes on as the forearm does, which on all fours is into the ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hephaestus import rotation
from hephaestus.vector import apply, flat, length, swing

if TYPE_CHECKING:
    from hephaestus.lock import Past
    from hephaestus.retarget import Retargeter

_THICK = 0.02
"""m a palm's middle lies above the floor."""
_FASTEST = np.radians(30.0)
"""rad a frame: a hand that would be laid the other way round turns there."""

_EYE = np.eye(3, dtype=np.float32)


class Hands:
    """Both hands, as far as the rig has them.

    Args:
        retargeter: whose puppet they belong to.
    """

    def __init__(self, retargeter: Retargeter) -> None:
        rig, names = retargeter.rig, retargeter.names
        self._at = np.array([names.index(f"{s}_hand") for s in "LR" if f"{s}_hand" in names], int)
        points, nodes = rig.surface
        tips = []
        for at in self._at:
            node = retargeter.puppet.nodes[at]
            skin = points[rig.under([int(node)])[nodes]]
            off = (skin if len(skin) else rig.rest_points[rig.under([int(node)])]) - rig.rest_points[node]
            tips.append(off[np.argmax((off**2).sum(1))])
        self._tips = np.array(tips, np.float32).reshape(-1, 3)
        self._lengths = np.maximum(length(self._tips), 1e-6)
        self._near = float(self._lengths.max(initial=0.0)) + _THICK

    def lay(self, turns: np.ndarray, positions: np.ndarray, past: Past) -> None:
        """Turn the hands whose fingers are below the floor until they are not.

        Args:
            turns: [T, N, 3, 3] of the steered nodes; those of the hands are changed in place.
            positions: [T, N, 3] m.
            past: of the frames before.
        """
        if not len(self._at):
            return
        wrist = positions[..., 1].take(self._at, 1)
        if "laid" not in past.turned and (wrist > self._near).all():
            return
        hand = turns[:, self._at]
        fingers = apply(hand, self._tips) / self._lengths[:, None]
        lowest = np.minimum((_THICK - wrist) / self._lengths, 0.9)
        rise = np.maximum(fingers[..., 1], lowest)
        # Fingers that point straight down have no way along the floor of their own: they go to the front of the hand.
        ahead = 1e-3 + 0.7 * (rise - fingers[..., 1])[..., None]
        laid = flat(fingers + ahead * hand[..., :, 2]) * np.sqrt(np.maximum(1.0 - rise * rise, 0.0))[..., None]
        laid[..., 1] = rise
        below = (fingers[..., 1] < lowest)[..., None, None]
        wanted = np.where(below, swing(fingers, laid), _EYE)
        turns[:, self._at] = _steady(wanted, past) @ hand


def _steady(wanted: np.ndarray, past: Past) -> np.ndarray:
    """Turns [T, H, 3, 3] that go to the wanted ones, at most so fast, from those of the frame before."""
    out = wanted.copy()
    last = past.turned.pop("laid", np.broadcast_to(_EYE, wanted.shape[1:]))
    for now in out:
        step = rotation.from_matrix(now @ np.swapaxes(last, -1, -2))
        angle = 2.0 * np.arccos(np.minimum(np.abs(step[:, 3]), 1.0))
        if (fast := angle > _FASTEST).any():
            part = rotation.slerp(rotation.identity(int(fast.sum())), step[fast], _FASTEST / angle[fast])
            now[fast] = rotation.to_matrix(part) @ last[fast]
        last = now
    if np.abs(last - _EYE).max() > 1e-6:
        past.turned["laid"] = last.copy()
    return out
