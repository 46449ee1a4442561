"""Exact geometry against brute force."""

import numpy as np
import pytest

from prometheus.world.geometry import Outline, distance, gaps, penetration, sweep
from prometheus.world.scenario import load_scenario
from prometheus.world.shapes import Shape, build_shapes, build_solids


@pytest.fixture(scope="module")
def solids():
    return build_solids(build_shapes(load_scenario("castle")))


def test_gaps_distance_and_outline_agree(solids):
    rng = np.random.default_rng(0)
    points = rng.uniform(-15, 15, (300, 2))
    gap, normal = distance(points, solids)
    assert np.allclose(gap, gaps(points, solids))
    assert np.allclose(np.linalg.norm(normal, axis=-1), 1.0)
    for index in range(len(solids)):
        outline = Outline(solids, index)
        for k in range(0, 300, 17):
            depth, ux, uy = outline.depth(*points[k], 0.3)
            assert depth == pytest.approx(0.3 - gap[k, index])
            assert (ux, uy) == pytest.approx(tuple(normal[k, index]), abs=1e-6)


def test_normals_lead_out(solids):
    rng = np.random.default_rng(1)
    points = rng.uniform(-15, 15, (400, 2))
    gap, normal = distance(points, solids)
    moved = points[:, None] + normal * (0.01 - np.minimum(gap, 0.0))[..., None]
    for s in range(len(solids)):
        assert (gaps(moved[:, s], solids)[:, s] > np.minimum(gap[:, s], 0)).all()
        assert (gaps(moved[:, s], solids)[:, s] >= 0.0099).all()


def test_sweep_matches_small_steps(solids):
    rng = np.random.default_rng(2)
    blocking = solids.blocking(1.75)
    origins = rng.uniform(-12, 12, (400, 2))
    origins = origins[gaps(origins, blocking).min(1) > 0.35]
    moves = rng.normal(size=origins.shape) * 4
    share, index = sweep(origins, moves, 0.3, blocking)
    steps = np.linspace(0, 1, 2001)
    marched = gaps((origins[:, None] + steps[:, None] * moves[:, None]).reshape(-1, 2), blocking).min(1)
    inside = marched.reshape(len(origins), -1) < 0.3
    first = np.where(inside.any(1), steps[inside.argmax(1)], np.inf)
    grazing = np.isinf(first) != np.isinf(share)
    assert grazing.mean() < 0.02
    assert np.allclose(first[~grazing], share[~grazing], atol=2e-3)
    assert ((index >= 0) == np.isfinite(share)).all()


def test_sweep_from_contact_is_free_outward_and_blocked_inward():
    box = build_solids((Shape("b", "box", (0, 0, 1), (2, 2, 2), 0.3, "stone"),))
    gap, normal = distance(np.array([[1.6, 0.2]]), box)
    origin = np.array([[1.6, 0.2]]) - normal[0] * (gap[0] - 0.3)
    inward, outward = -normal[0], normal[0]
    assert sweep(origin, inward, 0.3, box)[0][0] == 0.0
    assert np.isinf(sweep(origin, outward, 0.3, box)[0][0])


def test_penetration_depths():
    solids = build_solids(
        (
            Shape("b", "box", (0, 0, 1), (2, 2, 2), 0.0, "stone"),
            Shape("c", "cylinder", (5, 0, 0.5), (2, 2, 1), 0.0, "stone"),
            Shape("lintel", "box", (0, 5, 3), (2, 2, 1), 0.0, "stone"),
        )
    )
    feet = np.array([[1.25, 0, 0], [1.35, 0, 0], [3.8, 0, 0], [0, 5, 0], [0, 0, 1.99], [0, 0, 2.5]])
    assert penetration(feet, 0.3, solids, 1.75) == pytest.approx([0.05, 0.0, 0.1, 0.0, 0.01, 0.0])
    bones = np.array([[0.9, 0, 1.0], [0, 0, 1.95], [1.05, 0, 1.0], [0, 5, 2.45], [0, 5, 2.55]])
    assert penetration(bones, 0.1, solids) == pytest.approx([0.2, 0.15, 0.05, 0.05, 0.15])
    assert penetration(np.zeros((0, 3)), 0.3, solids).shape == (0,)
