"""Sound files of shapes that nobody models: as bodies they must be examined, refused or moved, and that soon."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.hostile.seeds import Builder, pack

pytest.importorskip("resource", reason="memory is bounded by POSIX limits")
ROOT = Path(__file__).parents[2]
MEGABYTES = 512
_WEAR = """
import resource, sys
import numpy as np
resource.setrlimit(resource.RLIMIT_AS, (1 << 30,) * 2)
from hephaestus.bodies import load_body
from hephaestus.errors import BodyError
from tests.hephaestus.sample_rigs import walk
from tests.hostile.memory import peak_megabytes
try:
    body = load_body(sys.argv[1])
    print(body.kind, np.isfinite(body.asset.world(body.poses(walk(1.3, 4)))).all())
except BodyError as error:
    print("refused", error)
print(peak_megabytes())
"""


def pieces(count: int, vertices: int) -> bytes:
    """One mesh, drawn by each of many nodes that lie anywhere."""
    random, b = np.random.default_rng(0), Builder()
    at = {"POSITION": b.array(random.normal(size=(vertices, 3)))}
    b.document["nodes"] = [{"mesh": 0, "translation": random.normal(size=3).tolist()} for _ in range(count)]
    indices = b.array(random.integers(0, vertices, 3 * vertices), "u4")
    b.document["meshes"] = [{"primitives": [{"attributes": at, "indices": indices}]}]
    return pack(*b.finish())


def star(count: int, apart: float) -> bytes:
    """A skin over many joints that hang from one, all about it or all in its place."""
    random, b = np.random.default_rng(0), Builder()
    b.document["nodes"] = [{"children": list(range(1, count))}]
    b.document["nodes"] += [{"translation": (apart * random.normal(size=3)).tolist()} for _ in range(count - 1)]
    b.document["nodes"].append({"mesh": 0, "skin": 0})
    b.document["skins"] = [{"joints": list(range(min(count, 512)))}]
    bound = np.zeros((5000, 4), int)
    bound[:, 0] = random.integers(0, min(count, 512), 5000)
    attributes = {
        "POSITION": b.array(random.normal(size=(5000, 3))),
        "JOINTS_0": b.array(bound, "u2"),
        "WEIGHTS_0": b.array(np.tile([1.0, 0, 0, 0], (5000, 1))),
    }
    indices = b.array(random.integers(0, 5000, 15_000), "u4")
    b.document["meshes"] = [{"primitives": [{"attributes": attributes, "indices": indices}]}]
    return pack(*b.finish())


def dense() -> bytes:
    """Two million vertices in two million triangles."""
    random, b, count = np.random.default_rng(0), Builder(), 2_000_000
    at = {"POSITION": b.array(random.normal(size=(count, 3)).astype(np.float32))}
    indices = b.array(random.integers(0, count, 3 * count), "u4")
    b.document |= {"nodes": [{"mesh": 0}], "meshes": [{"primitives": [{"attributes": at, "indices": indices}]}]}
    return pack(*b.finish())


BODIES: dict[str, Callable[[], bytes]] = {
    "many pieces": lambda: pieces(4096, 480),
    "loose pairs": lambda: pieces(300, 50),
    "a star": lambda: star(4095, 1.0),
    "all in one place": lambda: star(2000, 0.0),
    "two million vertices": dense,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_any_shape_is_bounded(name: str, tmp_path: Path) -> None:
    path = tmp_path / "shape.glb"
    path.write_bytes(BODIES[name]())
    run = subprocess.run(
        [sys.executable, "-c", _WEAR, str(path)],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    outcome, megabytes = run.stdout.splitlines()
    assert outcome.startswith("refused") or outcome.endswith("True")
    assert float(megabytes) < MEGABYTES
