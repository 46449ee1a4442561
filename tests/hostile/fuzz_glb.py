"""Reads spoiled GLBs by the thousand: each has to become a sound asset or an `AssetError`, soon and in little memory.

python -m tests.hostile.fuzz_glb --cases 20000 [--seed 0] [--start 0] [--bodies 10]

The files are read in a child process whose address space is bounded; a case that kills it, hangs it, takes too long,
raises anything else or gives an asset that is not sound is printed with its number, and the exit code is 1. A case
depends on the seed and its number alone: `--start N --cases 1` repeats it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import selectors
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
SECONDS = 2.0
"""CPU time that one file may take."""
MEGABYTES = 512
CPU_LIMIT = 10
"""s: a case that takes more ends the child."""
_MEMORY = "more memory"
"""What the refusal of a file says for which there was none."""
HANG = 120.0
"""Wall-clock seconds without a word from the child until it counts as hanging; long, as the machine may be busy."""


@dataclass
class Report:
    """What came of the cases; `short` are those that found no memory in a child that others had used before them."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    slowest: float = 0.0
    peak: float = 0.0


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Read spoiled GLBs by the thousand.")
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bodies", type=int, default=10, help="load every n-th case as a body too (0: none)")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.start, options.cases, options.seed, options.bodies)
        return 0
    report = fuzz(options.cases, options.start, options.seed, options.bodies)
    print(json.dumps(dict(sorted(report.outcomes.items()))))
    print(f"{options.cases} cases, slowest {report.slowest:.2f} s of CPU, peak {report.peak:.0f} MB of memory")
    for failure in report.failures:
        print(failure)
    return 1 if report.failures else 0


def fuzz(cases: int, start: int = 0, seed: int = 0, bodies: int = 10, seconds: float = 1e9) -> Report:
    """Run cases in child processes, a new one after each that dies.

    Args:
        cases: how many.
        start: number of the first.
        seed: of the random numbers.
        bodies: load every n-th case as a body too; 0 for none.
        seconds: no case is begun later than this.
    """
    report, at, end, deadline = Report(), start, start + cases, time.monotonic() + seconds
    while at < end and time.monotonic() < deadline:
        at = _child(report, at, end, seed, bodies, deadline)
    for case in report.short:
        alone = Report()
        _child(alone, case, case + 1, seed, bodies, deadline)
        report.failures += [*alone.failures, *(f"case {k} of seed {seed}: needs too much memory" for k in alone.short)]
    return report


def _child(report: Report, at: int, end: int, seed: int, bodies: int, deadline: float) -> int:
    """Run one child until it is through or gone; return the number of the next case."""
    command = [sys.executable, "-m", "tests.hostile.fuzz_glb", "--worker", "--start", str(at), "--cases", str(end - at),
               "--seed", str(seed), "--bodies", str(bodies)]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, bufsize=0) as child,
        selectors.DefaultSelector() as wait,
    ):
        assert child.stdout is not None
        wait.register(child.stdout, selectors.EVENT_READ)
        heard, hangs = b"", True
        while wait.select(HANG):
            part = os.read(child.stdout.fileno(), 1 << 16)
            *lines, heard = (heard + part).split(b"\n")
            for line in lines:
                at = _heard(report, json.loads(line), seed)
            if not part or time.monotonic() > deadline:
                hangs = False
                break
        late = bool(time.monotonic() > deadline)
        if hangs or late:
            child.kill()
        code = child.wait()
        if at < end and not late:
            errors.seek(0)
            last = (errors.read().strip().splitlines() or [""])[-1]
            what = "hangs" if hangs else f"ends the process ({code})"
            report.failures.append(f"case {at} of seed {seed}: {what} {last}")
            return at + 1
    return at


def _heard(report: Report, said: dict, seed: int) -> int:
    report.outcomes[said["outcome"]] += 1
    report.slowest, report.peak = max(report.slowest, said["seconds"]), max(report.peak, said["peak"])
    if said["seconds"] > SECONDS:
        said["failure"] = f"takes {said['seconds']:.2f} s"
    if _MEMORY in said["failure"]:
        report.short.append(said["case"])
    elif said["failure"]:
        report.failures.append(f"case {said['case']} of seed {seed}: {said['failure']}")
    return said["case"] + 1


def work(start: int, cases: int, seed: int, bodies: int) -> None:
    """Run cases in this process and print a line of JSON for each."""
    import resource

    from tests.hostile.memory import peak_megabytes
    from tests.hostile.mutations import mutate
    from tests.hostile.seeds import seeds

    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20,) * 2)
    files = seeds()
    with tempfile.TemporaryDirectory() as folder:
        for case in range(start, start + cases):
            try:
                data = mutate(random.Random(f"{seed} {case}"), files)
            except MemoryError:  # the file itself is too large to be made here
                print(json.dumps({"case": case, "outcome": "not made", "failure": "", "seconds": 0.0, "peak": 0.0}))
                continue
            used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            resource.setrlimit(resource.RLIMIT_CPU, (int(used) + CPU_LIMIT, resource.RLIM_INFINITY))
            outcome, failure, taken = check(data)
            if bodies and case % bodies == 0 and outcome == "read" and not failure:
                outcome, failure = check_body(data, Path(folder))
            said = {"case": case, "outcome": outcome, "failure": failure, "seconds": taken, "peak": peak_megabytes()}
            print(json.dumps(said), flush=True)


def check(data: bytes) -> tuple[str, str, float]:
    """Read a file; return "read" or "refused", what is wrong with that ("" if nothing), and the CPU time it took."""
    from hephaestus.errors import AssetError
    from hephaestus.glb import read

    began = time.process_time()
    try:
        asset = read(data)
        taken = time.process_time() - began
    except AssetError as error:
        taken = time.process_time() - began
        text = str(error)
        plain = len(text) < 300 and text.endswith(".") and text.isprintable() and _MEMORY not in text
        return "refused", "" if plain else f"is refused with {text[:300]!r}", taken
    except BaseException as error:  # whatever else leaves the reader is what this looks for
        return "refused", f"raises {type(error).__name__}: {str(error)[:200]}", 0.0
    try:
        sound(asset)
        again(asset)
    except BaseException as error:
        return "read", f"is read, but {type(error).__name__}: {str(error)[:200]}", taken
    return "read", "", taken


def check_body(data: bytes, folder: Path) -> tuple[str, str]:
    """Load a file as a body, as a user would; find its limbs even where no role map lies beside it."""
    from hephaestus.anatomy import find_rig
    from hephaestus.bodies import load_body
    from hephaestus.bodies.body import make_body
    from hephaestus.errors import BodyError, RigError
    from hephaestus.glb import read

    path = folder / "spoiled.glb"
    path.write_bytes(data)
    for rest in folder.glob("*.yaml"):
        rest.unlink()
    began = time.process_time()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            try:
                load_body(path)
            except RigError:
                make_body(find_rig(read(path)))
        outcome, failure = "body", ""
    except BodyError:
        outcome, failure = "body refused", ""
    except BaseException as error:
        outcome, failure = "body refused", f"as a body raises {type(error).__name__}: {str(error)[:200]}"
    taken = time.process_time() - began
    return outcome, failure or (f"as a body takes {taken:.2f} s" if taken > SECONDS else "")


def sound(asset: object) -> None:
    """Assert everything that users of an asset rely on."""
    from hephaestus.glb import Asset

    assert isinstance(asset, Asset)
    count = len(asset)
    assert count > 0
    assert ((asset.parents >= -1) & (asset.parents < count)).all()
    assert sorted(np.concatenate(asset.levels).tolist()) == list(range(count))
    for part in (asset.translations, asset.rotations, asset.scales, asset.rest, asset.rest_world):
        assert np.isfinite(part).all()
    np.testing.assert_allclose(np.linalg.norm(asset.rotations, axis=1), 1, atol=1e-3)
    "".join(asset.names).encode()
    for skin in asset.skins:
        assert ((skin.joints >= 0) & (skin.joints < count)).all()
        assert skin.inverse_binds.shape == (len(skin.joints), 4, 4)
        assert np.isfinite(skin.inverse_binds).all()
    for p in asset.primitives:
        _sound_primitive(asset, p)
    for m in asset.materials:
        assert m.texture is None or 0 <= m.texture < len(asset.textures)
    assert all(t.dtype == np.uint8 and t.ndim == 3 and t.shape[2] == 4 and t.size for t in asset.textures)
    for animation in asset.animations:
        for c in animation.channels:
            assert 0 <= c.node < count
            assert len(c.times) == len(c.values) > 0
            assert np.isfinite(c.times).all()
            assert np.isfinite(c.values).all()
            assert (np.diff(c.times) > 0).all()


def _sound_primitive(asset: object, p: object) -> None:
    from hephaestus.glb import Asset, Primitive

    assert isinstance(asset, Asset)
    assert isinstance(p, Primitive)
    count = len(p.positions)
    assert 0 <= p.node < len(asset)
    assert p.positions.shape == p.normals.shape == (count, 3)
    assert np.isfinite(p.positions).all()
    np.testing.assert_allclose(np.linalg.norm(p.normals, axis=1), 1, atol=1e-3)
    assert len(p.indices) % 3 == 0
    assert int(p.indices.max(initial=0)) < count
    assert p.material is None or 0 <= p.material < len(asset.materials)
    for extra, width in ((p.uvs, 2), (p.colors, 4), (p.weights, 4), (p.joints, 4)):
        assert extra is None or (extra.shape == (count, width) and np.isfinite(extra).all())
    if p.weights is not None and p.joints is not None and p.skin is not None:
        np.testing.assert_allclose(p.weights.sum(1), 1, atol=1e-4)
        assert ((p.joints >= 0) & (p.joints < len(asset.skins[p.skin].joints))).all()
    assert p.targets is None or p.targets.shape == (len(p.morph), count, 3)


def again(asset: object) -> None:
    """Write a small asset and put a clip into its file; both must be readable, or be refused as files are."""
    from hephaestus.errors import AssetError
    from hephaestus.glb import Asset, clip, read, to_bytes
    from hephaestus.glb.graft import graft

    assert isinstance(asset, Asset)
    if len(asset) > 200 or sum(len(p.positions) for p in asset.primitives) > 100_000:
        return
    assert len(read(to_bytes(asset))) == len(asset)
    try:
        grafted = graft(asset, clip(asset, np.repeat(asset.rest[None], 3, 0), 20))
    except AssetError:
        return
    back = read(grafted)
    assert back.names == asset.names
    assert back.animations


if __name__ == "__main__":
    sys.exit(main())
