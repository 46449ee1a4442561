"""The figures of the evaluation, each on motion of which the answer is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hephaestus import rotation
from hephaestus.motion import Motion
from hephaestus.skeleton import rest_joints
from prometheus.motion.evaluate import direction, endless, feet, limbs, novelty, path, reaction, sentences, switch
from prometheus.motion.evaluate.precision import frechet, precision
from prometheus.motion.evaluate.row import Row
from prometheus.motion.evaluate.table import Table


def statue(velocity=(0.0, 0.0), frames=60, turn=0.0) -> Motion:
    """A T-pose that glides (left, forward) m/s and turns, rad/s."""
    time = np.arange(frames, dtype=np.float32)[:, None] / 20
    joints = np.repeat(rest_joints()[None], frames, 0)
    joints = rotation.rotate(rotation.yaw(turn * time[:, 0])[:, None], joints)
    joints[..., 0] += velocity[0] * time
    joints[..., 2] += velocity[1] * time
    return Motion(joints.astype(np.float32), np.zeros((frames, 22, 4), np.float32), np.ones((frames, 4), np.float32))


def test_a_bar_is_held_from_the_right_side():
    assert Row("a", 0.9, bar=0.8).holds is True
    assert Row("a", 0.9, bar=0.8, better="less").holds is False
    assert Row("a", None, bar=0.8).holds is None
    assert Row("a", 0.9).holds is None
    assert Row("a", float("nan")).to_json()["value"] is None


def test_the_table_says_everything_in_three_forms(tmp_path):
    rows = (
        Row("reached", 0.95, 1.0, 0.25, 0.5, 0.9),
        Row("missed", 2.0, bar=1.5, better="less"),
        Row("empty", note="w"),
    )
    table = Table(rows, {"seeds": 3})
    assert [set(row) >= {"metric", "value", "ceiling", "floor", "baseline", "bar"} for row in table.to_json()] == [
        True
    ] * 3
    assert "NO" in table.to_text().splitlines()[2]
    assert table.to_text().endswith("Empty rows: w")
    table.write(tmp_path)
    assert json.loads((tmp_path / "table.json").read_text())["rows"] == table.to_json()
    assert "| empty [1] |" in (tmp_path / "table.md").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["table.json", "table.md"]


def test_directions_are_told_from_where_a_body_goes():
    moves = path.displacements([statue((0, 1)), statue((1, 0.1)), statue((0.01, 0)), statue((-1, -1))])
    np.testing.assert_allclose(moves[1], [2.95, 0.295], atol=1e-3)
    forward, left, back_right = 0.0, np.pi / 2, -3 * np.pi / 4
    assert path.within(moves, np.array([forward, left, left, back_right])).tolist() == [True, True, False, True]
    assert not path.within(moves, np.full(4, left))[[0, 2, 3]].any()
    turned = statue((0, 0), turn=-0.8)
    assert path.turned(turned) == pytest.approx(-0.8 * 2.95, abs=1e-3)
    # The way is told in the facing of the first frame, wherever that is.
    joints = rotation.rotate(rotation.yaw(np.float32(2.0)), statue((1, 0)).joints)
    np.testing.assert_allclose(
        path.displacement(Motion(joints, turned.rotations, turned.contacts)), [2.95, 0], atol=1e-3
    )


class Sided:
    """A source that goes left for "left", right for "right"; or always left."""

    def __init__(self, obeys: bool):
        self.obeys = obeys

    def sample(self, wishes):
        return [statue((-1.0 if self.obeys and "right" in w.text else 1.0, 0.0)) for w in wishes]


@pytest.mark.parametrize(("obeys", "accuracy", "parted"), [(True, 1.0, 1.0), (False, 0.5, 0.0)])
def test_pairs_need_both_sides(obeys, accuracy, parted):
    asked = [(a, 0) for text in ("run to the left", "walk left") for a in
             (sentences.Asked(text, "left"), sentences.Asked(text, "left").mirrored())]  # fmt: skip
    score = direction.ask(Sided(obeys), asked, 3.0)
    assert (score.accuracy, score.parted) == (accuracy, parted)
    assert score.worst == (1.0 if obeys else 0.0)


def test_every_listed_sentence_of_a_side_has_its_twin():
    for asked in (*sentences.UNSEEN_WORDS, *sentences.UNSEEN_COMBINATIONS, *sentences.MOTION_SENTENCES):
        assert ("left" in asked.direction) == ("left" in asked.text.replace("left-hand", "left"))
        assert asked.mirrored().mirrored() == asked
    assert len({name for name, _ in sentences.STRIPS}) == 20
    asked = {sentences.travel(p, d, i) for p in sentences.LADDER for d in sentences.WHERE for i in range(20)}
    assert len(asked) > 200


def test_a_gliding_statue_skates_and_a_standing_one_does_not():
    glides, stands = feet.ground([statue((0, 1))]), feet.ground([statue()])
    assert glides.skate == pytest.approx(1.0, abs=1e-3)
    assert (glides.slides, stands.slides, stands.skate) == (1.0, 0.0, 0.0)
    assert feet.slip(statue((0, 1)), feet.BALLS) == pytest.approx(1.0, abs=1e-3)
    planted = statue((0, 1))
    planted.joints[:, 10] = planted.joints[0, 10]
    assert feet.slip(planted, feet.BALLS) == pytest.approx(0.0, abs=1e-6)
    sunk, floating = statue(), statue()
    sunk.joints[..., 1] -= 0.04
    floating.joints[..., 1] += 0.1
    assert feet.ground([sunk]).sunk == 1.0
    assert feet.ground([sunk]).deepest == pytest.approx(0.04, abs=0.01)
    assert feet.ground([floating]).floats == pytest.approx(0.1, abs=0.01)


def test_bones_speed_and_dead_limbs_are_found():
    motion = statue((0, 2))
    assert limbs.bone_drift(motion) < 1e-5
    assert limbs.fastest(motion) == pytest.approx(2.0, abs=1e-3)
    assert limbs.least_moved(motion) < 1e-3
    motion.joints[30:, 20, 0] += 0.05
    assert limbs.bone_drift(motion) == pytest.approx(0.2, abs=0.05)


def test_the_first_sign_counts_frames_after_the_sentence():
    calm, told = statue((0, 1)), statue((0, 1))
    told.joints[44:, :, 0] += 0.02 * np.arange(1, 17)[:, None]  # 0.4 m/s aside from frame 44 on
    assert reaction.first_sign(told, calm, 40) == pytest.approx(0.25)
    assert reaction.first_sign(calm, calm, 40) == reaction.WATCH


def test_a_jump_in_the_motion_shows_as_jerk():
    smooth = [statue((0, 1)).joints[:30]]
    jumps = [smooth[0].copy()]
    jumps[0][15:, :, 0] += 0.1
    quiet, loud = switch.jolt(smooth, 20.0), switch.jolt(jumps, 20.0, 0.0)
    assert quiet.peak < 1.0
    assert loud.peak == pytest.approx(0.2 * 20**3, rel=1e-3)
    assert loud.area > 10 * quiet.area


def test_a_frozen_stretch_and_a_drift_are_found():
    _, visits = endless.wish(30.0)
    assert [v.text for v in visits] == [*sentences.ENDLESS[:2], *sentences.ENDLESS[:2], sentences.ENDLESS[0]]
    assert visits[-1].end == 600
    moves = statue((0, 1), frames=600)
    assert endless.longest_freeze(moves, visits) == 0.0
    moves.joints[100:240] = moves.joints[100]
    assert endless.longest_freeze(moves, visits) == pytest.approx(7.0, abs=0.06)
    still = [endless.Visit("a person stands still", 0, 600)]
    assert endless.longest_freeze(moves, still) == 0.0
    assert endless.drift(np.linspace(0.9, 1.0, 600), visits) == pytest.approx(0.1 * 480 / 600, abs=0.01)


def test_precision_is_one_for_twins_and_chance_for_strangers():
    rng = np.random.default_rng(0)
    texts = rng.standard_normal((320, 16))
    same, other = precision(texts, texts + 0.01), precision(texts, rng.standard_normal((320, 16)))
    assert same.top == (1.0, 1.0, 1.0)
    assert other.top[2] == pytest.approx(3 / 32, abs=0.05)
    assert other.distance > 10 * same.distance


def test_the_frechet_distance_of_two_normals():
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((4000, 3)), 2.0 * rng.standard_normal((4000, 3)) + [1.0, 0, 0]
    assert frechet(a, a) == pytest.approx(0.0, abs=1e-6)
    assert frechet(a, b) == pytest.approx(1.0 + 3 * 1.0, rel=0.1)  # |mean|^2 + trace of (1 - 2)^2


def test_spread_leaves_out_path_and_heading():
    assert novelty.spread([statue().joints, statue((1, 2), turn=1.0).joints]) < 1e-3
    bent = statue().joints
    bent[:, 20, 1] -= 0.5
    assert novelty.spread([statue().joints, bent]) > 0.05
