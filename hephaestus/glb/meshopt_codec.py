"""The three codecs and three filters of EXT_meshopt_compression, version 0 of the attributes' stream.

All streams and filters are as in the extension's specification, appendices A and B (Khronos glTF registry, 2021). Each
function takes the stream and gives rows of bytes, uint8 [count, stride], or raises ValueError.
"""

from __future__ import annotations

import numpy as np

_GROUP, _BLOCK = 16, 256
_MOST_TRIANGLES = 400_000
"""The triangle stream cannot be read in parallel; a larger one would take seconds."""


def attributes(data: np.ndarray, count: int, stride: int) -> np.ndarray:
    """Decode mode ATTRIBUTES: per block and byte of the stride, groups of 16 zigzag deltas of 0, 2, 4 or 8 bits."""
    if stride % 4 or data[0] != 0xA0:
        raise ValueError("an attribute stream of another version")
    tail = max(stride, 32)
    if len(data) < 1 + tail:
        raise ValueError("a stream that is too short")
    size = min(8192 // stride // _GROUP * _GROUP, _BLOCK)
    lengths = [min(size, count - start) for start in range(0, count, size)]
    groups = np.repeat([-(-n // _GROUP) for n in lengths], stride)  # of each byte of each block
    modes, places, end = _groups(data[: len(data) - tail].tobytes(), groups.tolist())
    if end != len(data) - tail:
        raise ValueError("a stream of another length")
    deltas = _deltas(np.concatenate([data, np.zeros(32, np.uint8)]), modes, places)
    deltas = (deltas >> 1) ^ (0 - (deltas & 1)).astype(np.uint8)
    out, at = np.empty((count, stride), np.uint8), 0
    last = data[len(data) - stride :]
    for block, n in enumerate(lengths):
        each = int(groups[block * stride])
        rows = deltas[at : at + each * stride].reshape(stride, each * _GROUP)[:, :n].T
        at += each * stride
        first = block * size
        out[first : first + n] = np.cumsum(rows, 0, dtype=np.uint8) + last
        last = out[first + n - 1]
    return out


def _groups(data: bytes, counts: list[int]) -> tuple[np.ndarray, np.ndarray, int]:
    """Find the mode and the place of every group; each is as long as its bits and its escapes say."""
    escapes2 = [sum((b >> s & 3) == 3 for s in (0, 2, 4, 6)) for b in range(256)]
    escapes4 = [(b >> 4 == 15) + (b & 15 == 15) for b in range(256)]
    modes, places, at = bytearray(), [], 0
    at = 1
    for count in counts:
        header, at = at, at + -(-count // 4)
        for i in range(count):
            mode = data[header + (i >> 2)] >> (i & 3) * 2 & 3
            modes.append(mode)
            places.append(at)
            if mode == 1:
                a, b, c, d = data[at : at + 4]
                at += 4 + escapes2[a] + escapes2[b] + escapes2[c] + escapes2[d]
            elif mode == 2:
                for b in data[at : at + 8]:
                    at += escapes4[b]
                at += 8
            elif mode == 3:
                at += _GROUP
        if at > len(data):
            raise ValueError("a stream that ends early")
    return np.frombuffer(bytes(modes), np.uint8), np.array(places, np.int64), at


def _deltas(data: np.ndarray, modes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return uint8 [groups, 16]: the deltas of all groups, those of one mode together."""
    out = np.zeros((len(modes), _GROUP), np.uint8)
    for mode, bits in ((1, 2), (2, 4)):
        at = places[modes == mode]
        each = 8 // bits
        packed = data[at[:, None] + np.arange(_GROUP // each)]
        shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
        codes = (packed[..., None] >> shifts & (1 << bits) - 1).reshape(-1, _GROUP)
        escaped = codes == (1 << bits) - 1
        after = at[:, None] + _GROUP // each + np.cumsum(escaped, 1) - 1
        codes[escaped] = data[after[escaped]]
        out[modes == mode] = codes
    out[modes == 3] = data[places[modes == 3][:, None] + np.arange(_GROUP)]
    return out


def triangles(data: np.ndarray, count: int, stride: int) -> np.ndarray:
    """Decode mode TRIANGLES: each triangle shares an edge or vertices with one of the last sixteen."""
    if data[0] != 0xE1 or count % 3 or stride not in (2, 4) or len(data) < 17 + count // 3:
        raise ValueError("a triangle stream of another version")
    if count > 3 * _MOST_TRIANGLES:
        raise ValueError("a mesh of too many triangles")
    stream = data.tobytes()
    codes, auxiliary = stream[1 : 1 + count // 3], stream[-16:]
    reader = _Varints(stream, 1 + count // 3, len(stream) - 16)
    out: list[int] = []
    edges, vertices = [(0, 0)] * 16, [0] * 16  # the newest is last
    fresh = 0

    for code in codes:
        if code < 0xF0:
            a, b = edges[-1 - (code >> 4)]
            way = code & 15
            if way == 0:
                c, fresh = fresh, fresh + 1
            elif way < 13:
                c = vertices[-1 - way]
            else:
                c = reader.step(way - (way ^ 3)) if way < 15 else reader.index()
            if way == 0 or way >= 13:
                vertices.append(c)
            edges += ((c, b), (a, c))
        else:
            extra = auxiliary[code & 15] if code < 0xFE else reader.byte()
            ways = (0 if code < 0xFF else 15, extra >> 4, extra & 15)
            if code >= 0xFE and extra == 0:
                fresh = 0
            corners, newest = [], len(vertices)
            for way in ways:
                if way == 0:
                    corners.append(fresh)
                    fresh += 1
                elif way == 15 and code >= 0xFE:
                    corners.append(0)
                else:
                    corners.append(vertices[newest - way])
            if code >= 0xFE:
                corners = [reader.index() if way == 15 else c for way, c in zip(ways, corners, strict=True)]
            a, b, c = corners
            known = 15 if code >= 0xFE else 16
            vertices += [v for i, (way, v) in enumerate(zip(ways, corners, strict=True)) if way in (0, known) or i == 0]
            edges += ((b, a), (c, b), (a, c))
        out += (a, b, c)
        if len(edges) > 4096:
            del edges[:-16], vertices[:-16]
    reader.finish()
    return _as_rows(np.array(out, np.int64), stride)


class _Varints:
    """Reads variable-length integers, most of them differences to the one before."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end, self.last = data, at, end, 0

    def byte(self) -> int:
        if self.at >= self.end:
            raise ValueError("a stream that ends early")
        self.at += 1
        return self.data[self.at - 1]

    def step(self, delta: int) -> int:
        self.last = (self.last + delta) & 0xFFFFFFFF
        return self.last

    def index(self) -> int:
        value = shift = 0
        for _ in range(5):
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        return self.step((value >> 1) ^ -(value & 1))

    def finish(self) -> None:
        if self.at != self.end:
            raise ValueError("a stream of another length")


def indices(data: np.ndarray, count: int, stride: int) -> np.ndarray:
    """Decode mode INDICES: variable-length differences to one of two running values."""
    if data[0] != 0xD1 or stride not in (2, 4) or len(data) < 5 + count:
        raise ValueError("an index stream of another version")
    body = data[1:-4].astype(np.int64)
    ends = np.flatnonzero(body < 128)
    if len(ends) != count or ends[-1] != len(body) - 1:
        raise ValueError("a stream of another length")
    starts = np.concatenate([[0], ends[:-1] + 1])
    if int((ends - starts).max()) > 4:
        raise ValueError("a number that is too long")
    shift = 7 * (np.arange(len(body)) - np.repeat(starts, ends - starts + 1))
    values = np.add.reduceat((body & 127) << shift, starts)
    line, deltas = values & 1, values >> 1
    deltas = (deltas >> 1) ^ -(deltas & 1)
    out = np.zeros(count, np.int64)
    for which in (0, 1):
        out[line == which] = np.cumsum(deltas[line == which])
    return _as_rows(out, stride)


def _as_rows(values: np.ndarray, stride: int) -> np.ndarray:
    return (values & 0xFFFFFFFF).astype("<u4").astype("<u2" if stride == 2 else "<u4")[:, None].view(np.uint8)


def octahedral(rows: np.ndarray) -> np.ndarray:
    """Undo filter OCTAHEDRAL: x, y of an unfolded octahedron and its size become a unit vector; the fourth stays."""
    kind = {4: "<i1", 8: "<i2"}[rows.shape[1]]
    v = rows.view(kind).astype(np.float64)
    x, y = v[:, 0], v[:, 1]
    z = v[:, 2] - np.abs(x) - np.abs(y)
    fold = np.minimum(z, 0.0)
    out = np.stack([x + np.where(x >= 0, fold, -fold), y + np.where(y >= 0, fold, -fold), z], 1)
    length = np.sqrt((out * out).sum(1, keepdims=True))
    out *= np.iinfo(kind).max / np.where(length > 0, length, 1)
    return _rounded(np.concatenate([out, v[:, 3:]], 1), kind)


def quaternion(rows: np.ndarray) -> np.ndarray:
    """Undo filter QUATERNION: the largest component is left out and found from the others."""
    if rows.shape[1] != 8:
        raise ValueError("a quaternion of another size")
    v = rows.view("<i2").astype(np.int64)
    which, size = v[:, 3] & 3, v[:, 3] | 3
    small = v[:, :3] / (size[:, None] * np.sqrt(2.0))
    large = np.sqrt(np.maximum(1 - (small * small).sum(1), 0))
    out = np.empty((len(v), 4))
    for k, part in enumerate((large, *small.T)):
        out[np.arange(len(v)), (which + k) & 3] = part
    return _rounded(out * 32767, "<i2")


def exponential(rows: np.ndarray) -> np.ndarray:
    """Undo filter EXPONENTIAL: 24 bits of mantissa and 8 of exponent become a float32."""
    v = rows.view("<i4")
    with np.errstate(over="ignore"):
        return np.ldexp(((v << 8) >> 8).astype(np.float64), v >> 24).astype("<f4").view(np.uint8)


def _rounded(values: np.ndarray, kind: str) -> np.ndarray:
    most = np.iinfo(kind).max
    whole = np.trunc(values + np.where(values >= 0, 0.5, -0.5))
    return np.clip(whole, -most - 1, most).astype(kind).view(np.uint8)
