"""Pack: arrays in one compressed block of bytes, and a table that says where each of them is."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np

from prometheus.errors import EpisodeError

MOST_BYTES = 192 << 20
"""Of all arrays together, before they are compressed: what a browser's tab takes without complaint."""
KINDS = ("i1", "u1", "i2", "u2", "i4", "u4", "f4")


class Pack:
    """Collects arrays; `table` and `data` are what the page's reader (`web/data.js`) takes."""

    def __init__(self) -> None:
        self._table: list[dict[str, Any]] = []
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, values: np.ndarray, kind: str) -> int:
        """Add an array as it is.

        Args:
            values: of any shape, cast to the kind.
            kind: one of `KINDS`, little-endian.

        Returns:
            Its number in the table.

        Raises:
            EpisodeError: all arrays together are more than a page should hold.
        """
        return self._put(np.ascontiguousarray(values, f"<{kind}").tobytes(), kind, values.shape)

    def add_track(self, values: np.ndarray, kind: str = "f4") -> int:
        """Add something [T, ...] that changes over time, as differences from frame to frame, which compress better.

        The differences are of the numbers' bits as whole numbers, so that nothing is lost.
        """
        exact = np.ascontiguousarray(values, f"<{kind}")
        bits = exact.view(f"<u{exact.dtype.itemsize}").reshape(len(exact), -1)
        steps = np.diff(bits, axis=0, prepend=np.zeros((1, bits.shape[1]), bits.dtype))
        # One channel after the other, and low bytes apart from high ones: like stands beside like.
        planes = np.ascontiguousarray(steps.T).view(np.uint8).reshape(-1, exact.dtype.itemsize)
        return self._put(planes.T.tobytes(), kind, values.shape, track=True)

    def add_bytes(self, data: bytes) -> int:
        """Add a file."""
        return self._put(data, "u1", (len(data),))

    def check_room(self, size: int) -> None:
        """Find out whether so many bytes more would fit.

        Raises:
            EpisodeError: they would not.
        """
        if self._size + size > MOST_BYTES:
            raise EpisodeError(
                f"the episode is too much for one page: its world, bodies and motion are over {MOST_BYTES >> 20} MB; "
                "draw it with --video FILE.mp4"
            )

    @property
    def table(self) -> list[dict[str, Any]]:
        """For each array: kind, shape, first byte, and whether it is a track."""
        return self._table

    @property
    def size(self) -> int:
        """Bytes so far, not compressed."""
        return self._size

    def data(self) -> bytes:
        """Return all arrays, compressed with gzip; the same bytes for the same arrays."""
        return gzip.compress(b"".join(self._parts), 6, mtime=0)

    def _put(self, data: bytes, kind: str, shape: tuple[int, ...], track: bool = False) -> int:
        # Arrays of four-byte numbers begin at whole fours, as typed arrays want it.
        data += b"\0" * (-len(data) % 4)
        self.check_room(len(data))
        self._table.append({"kind": kind, "shape": list(shape), "at": self._size, "track": track})
        self._parts.append(data)
        self._size += len(data)
        return len(self._table) - 1
