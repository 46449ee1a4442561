"""Puppet: turns world-space wishes for some nodes of a rig into local transforms of all its nodes.

A driver thinks in the motion frame: how far each node it steers has turned from its rest, and where it is. The file's
tree may be arranged otherwise (feet as separate roots, thighs beside the pelvis, armature nodes of scale 100); nodes
that nobody steers keep their rest transform relative to their parent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hephaestus.bearer import Bearer
from hephaestus.errors import RigError
from hephaestus.rig import Rig
from hephaestus.vector import apply


class Puppet:
    """The steered nodes of a rig and how they hang together.

    Args:
        rig: the rig.
        nodes: N node indices; a node comes after the one it hangs from.
        parents: for each, the index into `nodes` of what it hangs from in the body (not in the file), -1 for the first.
        free: indices into `nodes` of those that are moved about as well as turned.
        anchors: indices into `nodes` of those that skin which hangs from no steered node may follow (default: all).
        centre: [3] m, the point at rest that follows the path; with one, the file's root goes along below it.

    Raises:
        RigError: the rig has a node of scale zero above a steered one.

    Attributes:
        nodes: int [N].
        parents: int [N].
        rest: [N, 3] m, rest positions in the motion frame.
        offsets: [N, 3] m, rest position relative to the body parent; zero for the first.
    """

    def __init__(
        self,
        rig: Rig,
        nodes: Sequence[int],
        parents: Sequence[int],
        free: Sequence[int] = (),
        anchors: Sequence[int] | None = None,
        centre: np.ndarray | None = None,
    ) -> None:
        self.rig = rig
        self.nodes, self.parents = np.asarray(nodes, int), np.asarray(parents, int)
        self.rest = rig.rest_points[self.nodes]
        self._rest = self.rest.astype(np.float32)
        self.offsets = np.where(self.parents[:, None] >= 0, self.rest - self.rest[self.parents], 0.0)
        count = len(self.nodes)
        chain = np.eye(count)
        for n in range(1, count):
            chain[n] += chain[self.parents[n]]
        self._chain = chain.astype(np.float32)
        self._above = np.maximum(self.parents, 0)
        self._offsets = self.offsets.astype(np.float32)
        self._offsets[0] = 0.0
        self._wire(np.isin(np.arange(count), list(free)))
        self._bearer = Bearer(rig, [int(n) for n in self.nodes], centre) if centre is not None else None
        self._strays = _strays(rig, self.nodes, range(count) if anchors is None else anchors)

    @property
    def root(self) -> int:
        """The node below which the whole body hangs: the file's root that goes along, else the first node."""
        return self._bearer.node if self._bearer is not None and self._bearer.node >= 0 else int(self.nodes[0])

    def positions(self, turns: np.ndarray, root: np.ndarray) -> np.ndarray:
        """Return where the steered nodes are.

        Args:
            turns: [T, N, 3, 3] how far each node has turned from its rest, in the motion frame.
            root: [T, 3] m, where the first node is.

        Returns:
            [T, N, 3] m in the motion frame.
        """
        steps = apply(turns[:, self._above], self._offsets)
        steps[:, 0] = root
        return self._chain @ steps

    def local(
        self, turns: np.ndarray, positions: np.ndarray, way: tuple[np.ndarray, np.ndarray] | None = None
    ) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes.

        Args:
            turns: [T, N, 3, 3] as for `positions`.
            positions: [T, N, 3] m.
            way: heading [T] rad and path [T, 3] m of the body, for a root above it.
        """
        bearer = self._bearer if way is not None and self._bearer is not None and self._bearer.node >= 0 else None
        floor = bearer.floor(*way) if bearer is not None and way is not None else None
        out = np.empty((len(turns), *self._rest_local.shape), np.float32)
        out[:] = self._rest_local
        back = np.swapaxes(turns[:, self._file_above], -1, -2)
        back[:, self._free] = np.eye(3, dtype=np.float32)
        loose = self._loose
        start = positions[:, self._file_above[loose]] * ~self._free[loose][:, None]
        if bearer is not None and floor is not None:
            borne = self._free & bearer.below[self.nodes]
            back[:, borne] = np.swapaxes(floor.turn, -1, -2)[:, None]
            start += floor.shift[:, None] * borne[loose][:, None]
            out[:, bearer.node] = bearer.local(floor)
        out[:, self.nodes, :3, :3] = self._parent_inverse @ (back @ turns) @ self._rest_linear
        step = apply(back[:, loose], positions[:, loose] - start) - self._parent_offset[loose]
        out[..., :3, 3][:, self.nodes[loose]] = apply(self._parent_inverse[loose], step)
        for node, leader, above, below in self._strays:
            turn, at = turns[:, leader], positions[:, leader]
            moved = np.tile(np.eye(4, dtype=np.float32), (len(turns), 1, 1))
            moved[:, :3, :3] = turn
            moved[:, :3, 3] = at - turn @ self._rest[leader]
            if bearer is not None and floor is not None and bearer.below[node]:
                moved[:, :3, 3] = floor.under(moved[:, :3, 3])
                moved[:, :3, :3] = np.swapaxes(floor.turn, -1, -2) @ turn
            out[:, node] = above @ moved @ below
        return out

    def _wire(self, free: np.ndarray) -> None:
        """Precompute, for each steered node, its nearest steered ancestor in the file and the fixed part between."""
        rig, index = self.rig, {int(node): n for n, node in enumerate(self.nodes)}
        count = len(self.nodes)
        above, inverse, offset = np.full(count, -1), np.zeros((count, 3, 3)), np.zeros((count, 3))
        for n, node in enumerate(self.nodes):
            parent = at = int(rig.asset.parents[node])
            while at >= 0 and at not in index:
                at = int(rig.asset.parents[at])
            above[n] = index.get(at, -1)
            linear = rig.rest_world[parent, :3, :3] if parent >= 0 else np.eye(3)
            try:
                inverse[n] = np.linalg.inv(linear)
            except np.linalg.LinAlgError:
                raise RigError(
                    f"{rig.name} has scale zero above node {rig.asset.names[node]!r}; mend the file"
                ) from None
            if parent >= 0:
                offset[n] = rig.rest_points[parent] - (rig.rest_points[at] if at >= 0 else 0.0)
        self._free = above < 0
        self._file_above = np.maximum(above, 0)
        # A node keeps its rest translation where the file hangs it from the same node as the body does.
        self._loose = np.flatnonzero((above != self.parents) | self._free | free)
        self._parent_inverse = inverse.astype(np.float32)
        self._parent_offset = offset.astype(np.float32)
        self._rest_linear = rig.rest_world[self.nodes, :3, :3].astype(np.float32)
        self._rest_local = rig.rest_local.astype(np.float32)


def _strays(rig: Rig, nodes: np.ndarray, anchors: Sequence[int]) -> list[tuple[int, int, np.ndarray, np.ndarray]]:
    """Find skin that no steered node moves, such as a hat that is a root of its own, and what it should follow.

    Returns:
        For each topmost such node: itself, the index into `nodes` of the one whose skin is nearest, and the matrices
        [4, 4] before and after that one's movement in its local transform.
    """
    points, owner = rig.surface
    steered = np.zeros(len(rig.asset), bool)
    steered[nodes] = True
    held = rig.ancestors[nodes].any(0) | steered
    lost = ~held & ~rig.ancestors[:, nodes].any(1)
    skinned = lost & np.isin(np.arange(len(lost)), owner)
    tops = [n for n in np.flatnonzero(lost) if _is_top(rig, int(n), lost) and skinned[rig.under([int(n)])].any()]
    if not tops:
        return []
    leader_of = _leaders(rig, nodes, anchors)
    out = []
    for node in tops:
        skin = points[rig.under([int(node)])[owner]]
        leader = leader_of(skin.mean(0))
        parent = int(rig.asset.parents[node])
        above = np.linalg.pinv(rig.rest_world[parent]) if parent >= 0 else np.eye(4)
        out.append((int(node), leader, above.astype(np.float32), rig.rest_world[node].astype(np.float32)))
    return out


def _is_top(rig: Rig, node: int, lost: np.ndarray) -> bool:
    parent = int(rig.asset.parents[node])
    return parent < 0 or not lost[parent]


def _leaders(rig: Rig, nodes: np.ndarray, anchors: Sequence[int]) -> Callable[[np.ndarray], int]:
    """Return what tells, for a point [3], the anchor whose skin or origin is nearest."""
    points, owner = rig.surface
    places, whose = [rig.rest_points[nodes[list(anchors)]]], [np.array(list(anchors))]
    for k in anchors:
        skin = points[owner == nodes[k]]
        places.append(skin[:: 1 + len(skin) // 200])
        whose.append(np.full(len(places[-1]), k))
    cloud, names = np.concatenate(places), np.concatenate(whose)
    return lambda p: int(names[((cloud - p) ** 2).sum(1).argmin()])
