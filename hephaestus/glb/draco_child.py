"""The child process of `draco`: reads compressed primitives from standard input, writes their arrays to output.

It imports nothing of this project, so that it starts fast. Input: eight bytes with the size of a JSON list, the list
(for each primitive its size and the unique ids of the wanted attributes, -1 for the triangles), then the primitives.
Output: the same with a list of [kind, count, width] for each attribute, then four-byte numbers.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Decode everything; any failure ends the process with an error code."""
    most = int(sys.argv[1])
    _bound(most)
    import DracoPy
    import numpy as np

    stream = sys.stdin.buffer
    jobs = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    shapes, blobs = [], []
    for job in jobs:
        mesh = DracoPy.decode(stream.read(job["size"]))
        found = {a["unique_id"]: a["data"] for a in mesh.attributes}
        found[-1] = np.asarray(getattr(mesh, "faces", ())).reshape(-1, 1)
        shape = []
        for unique in job["attributes"]:
            values = np.atleast_2d(found[unique])
            kind = values.dtype.kind if values.dtype.kind in "fi" else "u"
            values = np.ascontiguousarray(values, {"f": "<f4", "i": "<i4", "u": "<u4"}[kind])
            shape.append([kind, len(values), values.shape[1]])
            blobs.append(values.tobytes())
        shapes.append(shape)
        if sum(map(len, blobs)) > most:
            raise SystemExit("too large")
    head = json.dumps(shapes).encode()
    for part in (len(head).to_bytes(8, "little"), head, *blobs):
        sys.stdout.buffer.write(part)


def _bound(most: int) -> None:
    try:
        import resource
    except ImportError:  # not a POSIX system: the parent's deadline remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (most + (224 << 20),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))


if __name__ == "__main__":
    main()
