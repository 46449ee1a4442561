"""Streams of EXT_meshopt_compression, made with the reference encoder, unpack to what went in."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import numpy as np
import pytest

from hephaestus.errors import AssetError
from hephaestus.glb import meshopt_codec, read, write_animated
from tests.hephaestus.test_glb import frames
from tests.hostile.seeds import ROWS, TRIANGLES, compressed, pack

INDICES = (
    "0QAEDBQcJCw0PERMVFxkbHSBCIACkQKgArECggrzCeAC8QKAA5EDoAOxA4IJ8wjgA/EDgASRBKIIkwjABNEE4AQAAAAA"
)
OCTAHEDRAL4 = (
    "oAE//8AAj2FndwworSwBP//AAD4qITOPXSpoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAfwB/fw=="
)
OCTAHEDRAL8 = (
    "oAE//8AA8imfhriOwdICB1VwL0AAAAAWAT//wAAdpC3M9gqklgICQTdSYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD/BwAA/wf/"
    "fw=="
)
QUATERNION8 = (
    "oAE//MAAi4553e9EhQE//MAAIgdDIiQ3DAE//8AAu94VKpOkqfsBP//AAC4nOywwEz8aAQ8PwAAhHtorqQEPD8AAGE1OBREBDwzAAAQDBAMA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEN/B8="
)
EXPONENTIAL16 = (
    "oAE//8AA5fhQW8bCoPABP//AACFPVSsUTFg2AQECAAAAAT//wAAkwyPZbSS4ogE//8AAMhYPLTUbCCoBABAAAAABP//AANz6encYMF3WAT//"
    "wABCHhM/RSUKOgEAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAATT0A8gAAAPIAAADyZBIA8g=="
)


def stream(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8)


def rows() -> np.ndarray:
    """Return the uint8 [300, 4] behind ROWS."""
    n = np.arange(300)
    return np.stack([n % 7, (n * n) % 5 * (n % 3 == 0) + n // 4, n * 37, 0 * n], 1).astype(np.uint8)


def grid() -> np.ndarray:
    """Return the triangles [52, 3] behind TRIANGLES: a grid of 6 by 6 vertices and two strangers."""
    at = np.arange(25)
    a = at // 5 * 6 + at % 5
    squares = np.stack([a, a + 1, a + 6, a + 1, a + 7, a + 6], 1).reshape(-1, 3)
    return np.concatenate([squares, [[35, 3, 17], [2, 30, 9]]])


def turned(triangles: np.ndarray) -> np.ndarray:
    """Return triangles that begin at their smallest corner, as the encoder may turn them."""
    first = triangles.argmin(1)[:, None]
    return np.take_along_axis(triangles, (first + np.arange(3)) % 3, 1)


def test_attributes() -> None:
    np.testing.assert_array_equal(meshopt_codec.attributes(stream(ROWS), 300, 4), rows())


def test_triangles() -> None:
    decoded = meshopt_codec.triangles(stream(TRIANGLES), 156, 2).view("<u2").reshape(-1, 3)
    np.testing.assert_array_equal(turned(decoded), turned(grid()))


def test_indices() -> None:
    n = np.arange(40)
    np.testing.assert_array_equal(meshopt_codec.indices(stream(INDICES), 40, 4).view("<u4")[:, 0], n * n % 401)


def test_filters() -> None:
    angle = np.linspace(0, 6, 9)
    q = np.stack([np.cos(angle), np.sin(angle) * 0.6, np.sin(angle) * 0.8, 0 * angle + 0.3], 1)
    unit, q = q[:, :3], q / np.linalg.norm(q, axis=1, keepdims=True)
    decoded = {
        name: meshopt_codec.attributes(stream(text), 9, size)
        for name, text, size in (
            ("o4", OCTAHEDRAL4, 4), ("o8", OCTAHEDRAL8, 8), ("q", QUATERNION8, 8), ("e", EXPONENTIAL16, 16),
        )
    }  # fmt: skip
    np.testing.assert_allclose(meshopt_codec.octahedral(decoded["o4"]).view("i1")[:, :3] / 127, unit, atol=0.02)
    np.testing.assert_allclose(meshopt_codec.octahedral(decoded["o8"]).view("<i2")[:, :3] / 32767, unit, atol=1e-3)
    turns = meshopt_codec.quaternion(decoded["q"]).view("<i2") / 32767
    np.testing.assert_allclose(np.abs((turns * q).sum(1)), 1, atol=1e-4)
    np.testing.assert_allclose(meshopt_codec.exponential(decoded["e"]).view("<f4"), q, atol=1e-3)


def test_a_compressed_file_is_read_and_exported_as_it_is(tmp_path: Path) -> None:
    asset = read(pack(*compressed()))
    (p,) = asset.primitives
    corners = p.positions[p.indices].reshape(-1, 3, 3)
    expected = rows()[turned(grid())][..., :3]
    first = [next(k for k in range(3) if (c[k] == e[0]).all()) for c, e in zip(corners, expected, strict=True)]
    np.testing.assert_array_equal(corners[np.arange(52), first], expected[:, 0])
    write_animated(asset, frames(asset, 4), 20, tmp_path / "a.glb")
    back = read(tmp_path / "a.glb")
    np.testing.assert_array_equal(back.primitives[0].positions, p.positions)
    assert len(back.animations) == 1
    assert b"EXT_meshopt_compression" in (tmp_path / "a.glb").read_bytes()


def test_spoiled_streams_are_refused_or_read() -> None:
    rng, (document, data) = random.Random(0), compressed()
    refused = 0
    for _ in range(300):
        spoiled = bytearray(data)
        for _ in range(rng.choice((1, 3, 30))):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        try:
            assert np.isfinite(read(pack(document, bytes(spoiled))).primitives[0].positions).all()
        except AssetError:
            refused += 1
    assert 50 < refused < 300


@pytest.mark.parametrize(
    "change", [{"mode": "SORCERY"}, {"mode": []}, {"filter": "COLOR"}, {"count": 600}, {"count": 5_000_000}]
)
def test_a_kind_that_is_not_read_is_refused_by_name(change: dict) -> None:
    document, data = compressed()
    document["bufferViews"][0]["extensions"]["EXT_meshopt_compression"] |= change
    with pytest.raises(AssetError, match=r"EXT_meshopt_compression|too much"):
        read(pack(document, data))
