"""How fast GLBs are read: one of 8 800 accessors, and files given on the command line.

Usage: python benchmarks/glb_reader.py [FILE.glb ...]

The first file is a rig of 200 joints with 22 clips, each rotation track with times of its own, as exporters write them
that share nothing. Printed is the best and the middle of several reads, from the bytes in memory, and the CPU time of
the best, which a busy machine changes less.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np

from hephaestus.glb import Animation, Asset, Channel, compose, read, to_bytes
from hephaestus.rotation import normalize

JOINTS, CLIPS, KEYS, RUNS = 200, 22, 30, 7


def many_accessors() -> bytes:
    rng = np.random.default_rng(0)
    moves = rng.normal(size=(JOINTS, 3)).astype(np.float32)
    turns = normalize(rng.normal(size=(JOINTS, 4)).astype(np.float32))
    scales = np.ones((JOINTS, 3), np.float32)
    parents = np.array([-1, *(rng.integers(0, i) for i in range(1, JOINTS))], np.int32)
    names = tuple(f"joint {i}" for i in range(JOINTS))
    clips = tuple(Animation(f"clip {k}", tuple(track(rng, j, k) for j in range(JOINTS))) for k in range(CLIPS))
    rig = Asset(names, parents, moves, turns, scales, compose(moves, turns, scales), animations=clips)
    return to_bytes(rig)


def track(rng: np.random.Generator, joint: int, clip: int) -> Channel:
    times = (np.arange(KEYS) + 1e-3 * joint + clip).astype(np.float32)
    return Channel(joint, "rotation", times, normalize(rng.normal(size=(KEYS, 4)).astype(np.float32)))


def measure(name: str, data: bytes) -> None:
    taken, used = [], []
    for _ in range(RUNS):
        start, begun = time.perf_counter(), time.process_time()
        asset = read(data)
        taken.append(time.perf_counter() - start)
        used.append(time.process_time() - begun)
    accessors = data.count(b'"componentType"')
    vertices = sum(len(p.positions) for p in asset.primitives)
    print(
        f"{name:28} {len(data) / 1e6:7.2f} MB {accessors:6d} accessors {vertices:7d} vertices "
        f"best {min(taken):.3f} s, middle {statistics.median(taken):.3f} s, CPU {min(used):.3f} s"
    )


def main() -> None:
    measure("8800 accessors", many_accessors())
    for path in map(Path, sys.argv[1:]):
        measure(path.name, path.read_bytes())


if __name__ == "__main__":
    main()
