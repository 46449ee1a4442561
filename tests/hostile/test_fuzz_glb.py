"""Spoiled files by the thousand, and files at the limits, in processes of bounded memory."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.hostile.fuzz_glb import MEGABYTES, check, fuzz
from tests.hostile.mutations import mutate
from tests.hostile.seeds import Builder, everything, pack, picture, seeds, triangle

pytest.importorskip("resource", reason="memory is bounded by POSIX limits")


def test_seeds_are_sound() -> None:
    for name, data in seeds().items():
        assert check(data)[:2] == ("read", ""), name


def test_a_case_is_the_same_every_time() -> None:
    files = seeds()
    assert mutate(random.Random("0 7"), files) == mutate(random.Random("0 7"), files)


@pytest.mark.parametrize(
    "image", [{"uri": "data:;base64,"}, {"bufferView": 7, "uri": "data:image/png;base64,iVBORw0KGgo="}]
)
def test_a_file_with_a_broken_picture_can_still_be_animated(image: dict[str, object]) -> None:
    document, blob = triangle()
    document["images"] = [image]
    assert check(pack(document, blob))[:2] == ("read", "")


def test_primitives_of_one_mesh_may_have_morph_targets_of_another_number() -> None:
    document, blob = everything()
    document["meshes"][0]["primitives"][1]["targets"].pop()
    document["meshes"][0]["weights"] = [0.5, 0.25]
    document["nodes"][2].pop("weights")
    assert check(pack(document, blob))[:2] == ("read", "")


def test_some_spoiled_files() -> None:
    report = fuzz(200, seed=11, bodies=0)
    assert not report.failures
    assert sum(report.outcomes.values()) == 200


@pytest.mark.slow
def test_a_minute_of_spoiled_files() -> None:
    report = fuzz(3000, seed=12, bodies=10, seconds=60)
    assert not report.failures
    assert report.outcomes["read"] > 5
    assert report.outcomes["refused"] > 50
    assert report.peak < MEGABYTES


def claims(**accessors: tuple[str, int, int]) -> Builder:
    """Return a builder whose accessors are zeros without bytes: name to type, component type and count."""
    b = Builder()
    for shape, kind, count in accessors.values():
        b.document["accessors"].append({"componentType": kind, "count": count, "type": shape})
    b.document["nodes"] = [{"mesh": 0, "skin": 0}, {}]
    b.document["skins"] = [{"joints": [1]}]
    b.document["meshes"] = [{"primitives": [{"attributes": {name: i for i, name in enumerate(accessors)}}]}]
    return b


def most_vertices() -> bytes:
    """Two million skinned vertices in two million triangles, all over each other, without normals."""
    count = 2_000_000
    b = claims(POSITION=("VEC3", 5126, count), JOINTS_0=("VEC4", 5121, count), WEIGHTS_0=("VEC4", 5126, count))
    line = np.random.default_rng(0).integers(0, count, 6_000_000)
    b.document["meshes"][0]["primitives"][0]["indices"] = b.array(line, "u4")
    return pack(*b.finish())


def most_morphs() -> bytes:
    b = claims(POSITION=("VEC3", 5126, 5_000))
    b.document["meshes"][0]["primitives"][0]["targets"] = [{"POSITION": 0}] * 512
    return pack(*b.finish())


def most_pictures(kind: str) -> bytes:
    b = Builder()
    view = b.view(picture(kind, (4096, 4096)))
    b.document |= {
        "nodes": [{}],
        "images": [{"bufferView": view}] * 64,
        "textures": [{"source": i} for i in range(64)],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": i}}} for i in range(64)],
    }
    return pack(*b.finish())


def most_keys() -> bytes:
    b = Builder()
    b.document["accessors"] = [
        {"componentType": 5126, "count": 1 << 20, "type": shape} for shape in ("SCALAR", "VEC4", "VEC3")
    ]
    tracks = [("rotation", 1)] * 3 + [("translation", 2)] * 4
    b.document["nodes"] = [{}]
    b.document["animations"] = [
        {
            "samplers": [{"input": 0, "output": output} for _, output in tracks],
            "channels": [{"sampler": i, "target": {"node": 0, "path": path}} for i, (path, _) in enumerate(tracks)],
        }
    ]
    return pack(*b.finish())


def most_json(unit: bytes, head: bytes = b"") -> bytes:
    count = (8 << 20) // len(unit) - 40
    text = b'{"asset":{"version":"2.0"' + head + b'},"nodes":[{}],"x":[' + unit * count + b"0]}"
    return pack(text, bytes(50 << 20))


MONSTERS: dict[str, Callable[[], bytes]] = {
    "vertices": most_vertices,
    "morph targets": most_morphs,
    "PNGs": lambda: most_pictures("PNG"),
    "JPEGs": lambda: most_pictures("JPEG"),
    "WebPs": lambda: most_pictures("WEBP"),
    "keys": most_keys,
    "objects": lambda: most_json(b'{"":0},'),
    "strings": lambda: most_json(b'"\\\\",'),
    "wide letters": lambda: most_json(b'"ab",', b',"generator":"\xf0\x9f\x98\x80"'),
}
_READ = """
import sys
from hephaestus.errors import AssetError
from hephaestus.glb import read
from tests.hostile.memory import peak_megabytes
data = open(sys.argv[1], "rb").read()
try:
    print("read", len(read(data)))
except AssetError as error:
    print("refused", error)
print(peak_megabytes())
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", MONSTERS)
def test_a_file_at_the_limits_is_read_in_bounded_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "monster.glb"
    path.write_bytes(MONSTERS[name]())
    run = subprocess.run(
        [sys.executable, "-c", _READ, str(path)],
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2],
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    outcome, megabytes = run.stdout.splitlines()
    assert outcome.split()[0] in ("read", "refused")
    assert float(megabytes) < MEGABYTES, outcome
