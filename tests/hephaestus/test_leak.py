"""Memory that fades: the same in one piece and in many, and the recursion that it says it is."""

import numpy as np
import pytest

from hephaestus.leak import Leak, Memory, Swing


def test_a_leak_is_its_recursion():
    x = np.random.default_rng(0).normal(size=(57, 3))
    y, keep = np.empty_like(x), np.exp(-1.0 / (0.3 * 20.0))
    last = x[0]
    for t in range(len(x)):
        last = y[t] = keep * last + (1.0 - keep) * x[t]
    np.testing.assert_allclose(Leak(0.3, 20.0)(x), y, atol=1e-12)


@pytest.mark.parametrize(
    "make", [lambda: Leak(0.4, 20.0), lambda: Leak(0.4, 20.0, start=0.0), lambda: Swing(0.4, 1.3, 20)]
)
def test_pieces_give_the_same_as_the_whole(make):
    x = np.random.default_rng(1).normal(size=100)
    filtered, whole = make(), make()(x)
    parts = [filtered(x[a:b]) for a, b in ((0, 1), (1, 2), (2, 40), (40, 40), (40, 100))]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-12)


def test_a_swing_overshoots_and_comes_to_rest():
    y = Swing(0.4, 1.2, 20.0)(np.ones(200))
    assert y.max() > 1.1
    assert y[-1] == pytest.approx(1.0, abs=1e-3)


def test_memory_carries_sums_turns_and_what_was_before():
    angle = np.linspace(0.0, 20.0, 90)
    wrapped = (angle + np.pi) % (2 * np.pi) - np.pi
    memory, out = Memory(), {"turn": [], "sum": [], "before": []}
    for part in np.split(wrapped, [1, 7, 50]):
        out["turn"].append(memory.unwrap("a", part))
        out["sum"].append(memory.total("b", part, 2.0))
        out["before"].append(memory.before("c", part))
    joined = {name: np.concatenate(parts) for name, parts in out.items()}
    np.testing.assert_allclose(joined["turn"], angle, atol=1e-9)
    np.testing.assert_allclose(joined["sum"], 2.0 + np.cumsum(wrapped))
    np.testing.assert_allclose(joined["before"], np.append(wrapped[0], wrapped[:-1]))
