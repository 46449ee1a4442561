"""Puppet: turns world-space wishes for some nodes of a rig into local transforms of all its nodes.

A driver thinks in the motion frame: how far each node it steers has turned from its rest, and where it is. The file's
tree may be arranged otherwise (feet as separate roots, thighs beside the pelvis, armature nodes of scale 100); nodes
that nobody steers keep their rest transform relative to their parent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hephaestus.errors import RigError
from hephaestus.rig import Rig
from hephaestus.vector import apply


class Puppet:
    """The steered nodes of a rig and how they hang together.

    Args:
        rig: the rig.
        nodes: N node indices; a node comes after the one it hangs from.
        parents: for each, the index into `nodes` of what it hangs from in the body (not in the file), -1 for the first.

    Raises:
        RigError: the rig has a node of scale zero above a steered one.

    Attributes:
        nodes: int [N].
        parents: int [N].
        rest: [N, 3] m, rest positions in the motion frame.
        offsets: [N, 3] m, rest position relative to the body parent; zero for the first.
    """

    def __init__(self, rig: Rig, nodes: Sequence[int], parents: Sequence[int]) -> None:
        self.rig = rig
        self.nodes, self.parents = np.asarray(nodes, int), np.asarray(parents, int)
        self.rest = rig.rest_points[self.nodes]
        self.offsets = np.where(self.parents[:, None] >= 0, self.rest - self.rest[self.parents], 0.0)
        count = len(self.nodes)
        chain = np.eye(count)
        for n in range(1, count):
            chain[n] += chain[self.parents[n]]
        self._chain = chain.astype(np.float32)
        self._above = np.maximum(self.parents, 0)
        self._offsets = self.offsets.astype(np.float32)
        self._offsets[0] = 0.0
        self._wire()

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

    def local(self, turns: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return local transforms float32 [T, J, 4, 4] of all nodes.

        Args:
            turns: [T, N, 3, 3] as for `positions`.
            positions: [T, N, 3] m.
        """
        out = np.empty((len(turns), *self._rest_local.shape), np.float32)
        out[:] = self._rest_local
        back = np.swapaxes(turns[:, self._file_above], -1, -2)
        back[:, self._free] = np.eye(3, dtype=np.float32)
        out[:, self.nodes, :3, :3] = self._parent_inverse @ (back @ turns) @ self._rest_linear
        loose = self._loose
        start = positions[:, self._file_above[loose]] * ~self._free[loose][:, None]
        step = apply(back[:, loose], positions[:, loose] - start) - self._parent_offset[loose]
        out[..., :3, 3][:, self.nodes[loose]] = apply(self._parent_inverse[loose], step)
        return out

    def _wire(self) -> None:
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
        self._loose = np.flatnonzero((above != self.parents) | self._free)
        self._parent_inverse = inverse.astype(np.float32)
        self._parent_offset = offset.astype(np.float32)
        self._rest_linear = rig.rest_world[self.nodes, :3, :3].astype(np.float32)
        self._rest_local = rig.rest_local.astype(np.float32)
