"""Feet that stand where they were put, whatever the root does."""

import numpy as np
import pytest

from hephaestus.footing import Footing, Gait

HOME = np.array([0.3 + 0.5j, -0.3 + 0.5j, 0.3 - 0.5j, -0.3 - 0.5j])


def walked(path, pieces=(), turn=None, jumped=None):
    """Feet of a body on a path (complex [T] m, 20 a second) whose legs step as in a trot."""
    heading = np.zeros(len(path)) if turn is None else np.asarray(turn)
    velocity, spin = np.gradient(path) * 20.0, np.gradient(heading) * 20.0
    arm = np.exp(-1j * heading)[:, None] * HOME
    drift = velocity[:, None] - 1j * spin[:, None] * arm
    speed = np.abs(drift).max(1)
    gait = Gait(speed / 1.4, np.full(len(path), 0.6), np.tile([0.0, 0.5, 0.5, 0.0], (len(path), 1)))
    placed = np.zeros(len(path), bool) if jumped is None else jumped
    placed[0] = True
    feet, out = Footing(np.full(4, 0.5), 1.0, 0.06), []
    for a, b in zip([0, *pieces], [*pieces, len(path)], strict=True):
        part = Gait(gait.rate[a:b], gait.duty[a:b], gait.offsets[a:b])
        out.append(feet.walk((path[:, None] + arm)[a:b], drift[a:b], part, placed[a:b], 20.0))
    return [np.concatenate([getattr(f, name) for f in out]) for name in ("spots", "swing", "stance", "phase")]


def straight(speed, frames=120):
    return 1j * speed * np.arange(frames) / 20.0


@pytest.mark.parametrize("speed", [0.3, 1.0, 2.5])
def test_a_standing_foot_does_not_move_at_all(speed):
    spots, swing, _, _ = walked(straight(speed))
    both = (swing[1:] == 0) & (swing[:-1] == 0)
    assert np.abs(np.diff(spots, axis=0))[both].max() == 0.0
    assert 0.4 < (swing == 0).mean() < 0.9


def test_feet_stay_near_their_homes_and_land_ahead():
    path = straight(1.2)
    spots, swing, _, _ = walked(path)
    off = spots - (path[:, None] + HOME)
    assert np.abs(off).max() < 0.6
    landed = (swing[1:] == 0) & (swing[:-1] > 0)
    assert off[1:][landed].imag.min() > 0.1


def test_pieces_give_the_same_as_the_whole():
    path = straight(1.2) + 0.2 * np.sin(np.arange(120) / 9.0)
    for a, b in zip(walked(path), walked(path, (1, 2, 30, 31, 90)), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_a_body_that_stops_brings_its_feet_home_and_stands():
    path = np.concatenate([straight(2.0, 60), np.full(80, straight(2.0, 60)[-1])])
    spots, swing, _, phase = walked(path)
    assert (swing[-20:] == 0).all()
    assert np.abs(spots[-1] - (path[-1] + HOME)).max() < 0.07
    assert phase[-1] == phase[-20]


def test_a_body_that_turns_on_the_spot_steps_round():
    spots, swing, _, _ = walked(np.zeros(100, complex), turn=np.linspace(0.0, 4.0, 100))
    assert (swing > 0).any(0).all()
    assert np.abs(spots[-1] - np.exp(-4.0j) * HOME).max() < 0.5


def test_a_push_to_the_side_makes_stretched_legs_step():
    path = np.concatenate([np.zeros(20, complex), np.linspace(0.0, 1.5, 15), np.full(60, 1.5)])
    spots, _, _, _ = walked(path)
    assert np.abs(spots[-1] - (1.5 + HOME)).max() < 0.07


def test_a_body_put_elsewhere_stands_there_at_once():
    path, jumped = np.zeros(30, complex), np.zeros(30, bool)
    path[15:], jumped[15] = 40.0 + 7.0j, True
    velocity_free = walked(path[:15])[0][-1]
    np.testing.assert_allclose(velocity_free, HOME, atol=1e-9)
    feet = Footing(np.full(4, 0.5), 1.0, 0.06)
    gait = Gait(np.zeros(30), np.full(30, 0.6), np.zeros((30, 4)))
    jumped[0] = True
    spots = feet.walk(path[:, None] + HOME, np.zeros((30, 4), complex), gait, jumped, 20.0).spots
    np.testing.assert_allclose(spots[16], 40.0 + 7.0j + HOME)
