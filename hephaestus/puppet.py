"""Puppet: turns world-space wishes for some nodes of a rig into local transforms of all its nodes.

A driver thinks in the motion frame: how far each node it steers has turned from its rest, and where it is. The file's
tree may be arranged otherwise (feet as separate roots, thighs beside the pelvis, armature nodes of scale 100); nodes
that nobody steers keep their rest transform relative to their parent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from hephaestus.bearer import Bearer
from hephaestus.errors import RigError
from hephaestus.rig import Rig
from hephaestus.twins import twins
from hephaestus.vector import apply

_EYE = np.eye(3, dtype=np.float32)
_FAR = 0.4
"""Heights of a body beyond which what stands beside it does not swing along with an arm or a leg."""


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
        steps = apply(turns.take(self._above, 1), self._offsets)
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
        back = turns.take(self._file_above, 1).mT
        back[:, self._roots] = _EYE
        loose = self._loose
        start = positions.take(loose.above, 1) * loose.hung
        if bearer is not None and floor is not None:
            borne = self._free & bearer.below[self.nodes]
            back[:, borne] = np.swapaxes(floor.turn, -1, -2)[:, None]
            start += floor.shift[:, None] * borne[loose.at][:, None]
            out[:, bearer.node] = bearer.local(floor)
        out[:, self.nodes, :3, :3] = self._parent_inverse @ (back @ turns) @ self._rest_linear
        step = apply(back[:, loose.at], positions.take(loose.at, 1) - start) - loose.offset
        out[..., :3, 3][:, loose.nodes] = apply(loose.inverse, step)
        if len(self._strays.nodes):
            turn, shift = turns[:, self._strays.leaders], positions[:, self._strays.leaders]
            shift = shift - apply(turn, self._rest[self._strays.leaders])
            if bearer is not None and floor is not None:
                mine = bearer.below[self._strays.nodes]
                shift[:, mine] = floor.under(shift[:, mine])
                turn[:, mine] = np.swapaxes(floor.turn, -1, -2)[:, None] @ turn[:, mine]
            out[:, self._strays.nodes] = self._strays.local(turn, shift)
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
        self._roots = np.flatnonzero(self._free)
        self._file_above = np.maximum(above, 0)
        self._parent_inverse = inverse.astype(np.float32)
        # A node keeps its rest translation where the file hangs it from the same node as the body does.
        loose = np.flatnonzero((above != self.parents) | self._free | free)
        self._loose = _Loose(
            at=loose,
            nodes=self.nodes[loose],
            above=self._file_above[loose],
            hung=(above[loose, None] >= 0).astype(np.float32),
            inverse=self._parent_inverse[loose],
            offset=offset[loose].astype(np.float32),
        )
        self._rest_linear = rig.rest_world[self.nodes, :3, :3].astype(np.float32)
        self._rest_local = rig.rest_local.astype(np.float32)


class _Loose(NamedTuple):
    """The steered nodes whose place is keyed as well as their turn.

    Attributes:
        at: [L], indices into the steered nodes.
        nodes: [L], node indices.
        above: [L], index into the steered nodes of what each hangs from in the file (0 where from none).
        hung: [L, 1], 1 where it hangs from one.
        inverse: [L, 3, 3], from the motion frame into the parent's own.
        offset: [L, 3] m, of the parent from what it hangs from.
    """

    at: np.ndarray
    nodes: np.ndarray
    above: np.ndarray
    hung: np.ndarray
    inverse: np.ndarray
    offset: np.ndarray


class _Strays(NamedTuple):
    """Skin that no steered node moves, such as a hat that is a root of its own, and what it follows.

    Attributes:
        nodes: [S], the topmost node of each, and those in it that are copies of what is steered.
        leaders: [S], index into the steered nodes of the one whose skin is nearest.
        inside: [S], index into `nodes` of what each hangs from, -1 for the topmost.
        above, below: [S, 4, 4] before and after that one's movement in its local transform.
    """

    nodes: np.ndarray
    leaders: np.ndarray
    inside: np.ndarray
    above: np.ndarray
    below: np.ndarray

    def local(self, turns: np.ndarray, shifts: np.ndarray) -> np.ndarray:
        """Return local transforms [T, S, 4, 4] of what follows x -> turn x + shift."""
        if len(inner := np.flatnonzero(self.inside >= 0)):
            back, start = turns[:, self.inside[inner]].mT, shifts[:, self.inside[inner]]
            turns, shifts = turns.copy(), shifts.copy()
            shifts[:, inner] = apply(back, shifts[:, inner] - start)
            turns[:, inner] = back @ turns[:, inner]
        moved = np.zeros((*shifts.shape[:2], 4, 4), np.float32)
        moved[..., :3, :3], moved[..., :3, 3], moved[..., 3, 3] = turns, shifts, 1.0
        return np.asarray(self.above @ moved @ self.below)


def _strays(rig: Rig, nodes: np.ndarray, anchors: Sequence[int]) -> _Strays:
    points, owner = rig.surface
    count, parents = len(rig.asset), rig.asset.parents
    steered = np.zeros(count, bool)
    steered[nodes] = True
    held = rig.ancestors[nodes].any(0) | steered
    lost = ~held & ~rig.ancestors[:, nodes].any(1)
    # The topmost lost node that each lost one hangs from.
    top = np.where(lost, np.arange(count), -1)
    for level in rig.asset.levels[1:]:
        below = level[lost[level] & lost[parents[level]]]
        top[below] = top[parents[below]]
    mine = top[owner] >= 0
    whose = top[owner[mine]]
    amount = np.bincount(whose, minlength=count)
    tops = np.flatnonzero(amount)
    sums = np.stack([np.bincount(whose, points[mine, k], count) for k in range(3)], 1)
    leader_of = _leaders(rig, nodes, anchors) if len(tops) else None
    leaders = {int(n): leader_of(sums[n] / amount[n]) for n in tops} if leader_of is not None else {}
    # Copies go with what they are copies of, and come after the topmost nodes.
    leaders |= _copied(rig, nodes, np.flatnonzero(np.isin(top, tops)).tolist())
    found = np.array(list(leaders), int)
    inside = np.full(len(found), -1)
    for k in range(len(tops), len(found)):
        holders = np.flatnonzero(rig.ancestors[found[k], found])
        inside[k] = holders[np.argmax(rig.ancestors[found[holders]].sum(1))]
    above = np.tile(np.eye(4), (len(found), 1, 1))
    hung = parents[found] >= 0
    above[hung] = np.linalg.pinv(rig.rest_world[parents[found[hung]]])
    below = rig.rest_world[found].astype(np.float32)
    return _Strays(found, np.array(list(leaders.values()), int), inside, above.astype(np.float32), below)


def _copied(rig: Rig, nodes: np.ndarray, lost: list[int]) -> dict[int, int]:
    """Of lost nodes those that are copies of a steered one, or of one that moves with it, and its index."""
    twin, index = twins(rig.asset), {int(node): k for k, node in enumerate(nodes)}
    found = {}
    for node in lost:
        at = int(twin[node])
        while at >= 0 and at not in index:
            at = int(rig.asset.parents[at])
        if twin[node] != node and at >= 0:
            found[node] = index[at]
    return found


def _leaders(rig: Rig, nodes: np.ndarray, anchors: Sequence[int]) -> Callable[[np.ndarray], int]:
    """Return what tells, for a point [3], the anchor whose skin or origin is nearest; far off, the first anchor."""
    points, owner = rig.surface
    places, whose = [rig.rest_points[nodes[list(anchors)]]], [np.array(list(anchors))]
    for k in anchors:
        skin = points[owner == nodes[k]]
        places.append(skin[:: 1 + len(skin) // 200])
        whose.append(np.full(len(places[-1]), k))
    cloud, names = np.concatenate(places), np.concatenate(whose)
    far = (_FAR * rig.height_m) ** 2

    def leader(point: np.ndarray) -> int:
        gaps = ((cloud - point) ** 2).sum(1)
        nearest = int(gaps.argmin())
        return int(names[nearest if gaps[nearest] < far else 0])

    return leader
