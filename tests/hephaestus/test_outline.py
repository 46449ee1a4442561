"""The part of a skin by which a body is measured."""

import numpy as np

from hephaestus.anatomy import find_rig
from hephaestus.bodies import load_body
from hephaestus.glb import outline as module
from hephaestus.glb.outline import outline


def test_a_file_of_usual_size_is_measured_whole():
    asset = load_body("beast").asset
    assert outline(asset) is asset.primitives


def test_a_large_one_is_measured_by_a_part_that_tells_the_same(monkeypatch):
    body = load_body("beast")
    whole = find_rig(body.asset)
    monkeypatch.setattr(module, "MOST", 4000)
    thin = outline(body.asset)
    assert sum(len(p.positions) for p in thin) < 0.6 * sum(len(p.positions) for p in body.asset.primitives)
    for part, full in zip(thin, body.asset.primitives, strict=True):
        assert (part.node, part.skin, part.material) == (full.node, full.skin, full.material)
        assert part.indices.max() < len(part.positions) == len(part.weights)
        assert set(map(tuple, part.positions.tolist())) <= set(map(tuple, full.positions.tolist()))
    found = find_rig(body.asset)
    assert found.kind == whole.kind
    assert found.roles.keys() == whole.roles.keys()
    assert abs(found.height_m - whole.height_m) < 0.02 * whole.height_m
    assert np.ptp(found.surface[0], axis=0)[2] > 0.97 * np.ptp(whole.surface[0], axis=0)[2]
