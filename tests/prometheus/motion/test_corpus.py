"""The corpus from the clips of the pybullet wheel: gaits do what they are told, words say what is measured."""

import json

import numpy as np
import pytest

from hephaestus.skeleton import PARENTS, REST_OFFSETS
from prometheus.motion.corpus import build, clean, edit, gait, mocap, script
from prometheus.motion.corpus.caption import captioned, swap_words
from prometheus.motion.corpus.measure import DIRECTIONS, measure

pytest.importorskip("pybullet_data", reason="needs the clips of the pybullet wheel")


@pytest.fixture(scope="module")
def captured():
    return [clip for clip in mocap.read_pybullet() if mocap.sound(clip) is None]


@pytest.fixture(scope="module")
def body(captured) -> gait.Body:
    return build.bank_of(captured).body(np.random.default_rng(0))


@pytest.fixture(scope="module")
def clips():
    return build.assemble(None, seed=3, amount=0.04)


def played(body, *beats, ease=0.12):
    return script.play("x", list(beats), body, np.random.default_rng(1), ease, "gait")


def test_captures_stand_on_the_floor_with_our_bones(captured):
    assert {"dm-run", "dm-walk", "dm-getup_faceup"} <= {clip.id for clip in captured}
    for clip in captured:
        lengths = np.linalg.norm(clip.joints[:, 1:] - clip.joints[:, PARENTS[1:]], axis=-1)
        np.testing.assert_allclose(
            lengths, np.broadcast_to(np.linalg.norm(REST_OFFSETS[1:], axis=-1), lengths.shape), atol=1e-3
        )
        assert clip.joints[:, [10, 11], 1].min() > -0.02
    walk = next(clip for clip in captured if clip.id == "dm-walk")
    facts = measure(walk.joints)
    assert (facts.direction, facts.pace) == ("forward", "walk")


@pytest.mark.parametrize("octant", range(8))
@pytest.mark.parametrize("pace", range(4))
def test_gaits_go_where_and_as_fast_as_told(body, octant, pace):
    speed = script.speed_of(octant, pace)
    clip = played(body, script.Beat(3.0, 45.0 * octant, speed))
    facts = measure(clip.joints)
    assert facts.direction == DIRECTIONS[octant]
    assert facts.pace == ("creep", "walk", "run", "sprint")[pace]
    assert facts.speed == pytest.approx(speed, rel=0.15)
    balls = np.linalg.norm(np.diff(clip.joints[:, [10, 11]][..., [0, 2]], axis=0), axis=-1) * 20
    assert balls.min(1).mean() < 0.4 * facts.speed
    knees = clip.joints[:, [4, 5]] - 0.5 * (clip.joints[:, [1, 2]] + clip.joints[:, [7, 8]])
    assert knees[..., 2].min() > -0.12  # knees bend forward; the clip faces +z throughout


def test_standing_feet_do_not_move_and_turns_turn(body):
    still = played(body, script.Beat(3.0))
    assert measure(still.joints).pace == "stand"
    assert np.abs(still.joints[:, [10, 11]] - still.joints[0, [10, 11]]).max() < 0.01
    turn = measure(played(body, script.Beat(2.0, turn=60.0)).joints)
    assert turn.turned == pytest.approx(np.deg2rad(120), abs=0.5)
    assert measure(played(body, script.Beat(2.0, turn=-60.0)).joints).turned < -1.5


def test_styles_are_visible(body):
    assert measure(played(body, script.Beat(3.0, 0, 3.0, style={"wide": 1.0})).joints).arms == "wide"
    assert measure(played(body, script.Beat(3.0, 0, 1.0, style={"up": 1.0})).joints).arms == "up"
    low = measure(played(body, script.Beat(3.0, 0, 1.0, style={"crouch": 0.25})).joints)
    assert low.height < measure(played(body, script.Beat(3.0, 0, 1.0)).joints).height - 0.15


def test_contacts_need_low_and_slow():
    joints = np.tile(np.zeros((1, 22, 3), np.float32), (20, 1, 1))
    joints[:, [7, 8], 1], joints[:, [10, 11], 1] = 0.08, 0.025
    joints[:, 10, 2] = np.arange(20) * 0.1
    joints[:, 11, 1] = 0.2
    flags = clean.contacts(joints)
    assert flags[:, [0, 2]].min() == 1.0
    assert flags[:, [1, 3]].max() == 0.0


def test_words_say_what_was_measured(body):
    clip = captioned(played(body, script.Beat(2.0), script.Beat(2.5, 90, 3.7, hint={"mood": "panic"})))
    first, second = clip.spans
    assert all(any(w in t for w in ("stand", "still", "wait", "stay")) for t in first.texts)
    assert all("left" in t and "right" not in t for t in second.texts)
    assert any("panic" in t or "terr" in t or "frantic" in t for t in second.texts)
    assert 4 <= len(second.texts) <= 8


def test_mirror_swaps_sides_and_words(body):
    clip = captioned(played(body, script.Beat(3.0, 90, 1.2)))
    image = edit.mirrored(clip)
    assert measure(image.joints).direction == "right"
    assert all("right" in t for span in image.spans for t in span.texts)
    assert swap_words("Left, then right-handed; leftward clockwise") == (
        "right, then left-handed; rightward counterclockwise"
    )


def test_corpus_is_complete_reproducible_and_keeps_clips_aside(clips, tmp_path):
    build.write(clips, tmp_path)
    rows = json.loads((tmp_path / "clips.json").read_text())
    arrays = np.load(tmp_path / "corpus.npz")
    assert arrays["joints"].shape == (sum(r["length"] for r in rows), 22, 3)
    assert arrays["contacts"].shape == (len(arrays["joints"]), 4)
    assert np.isfinite(arrays["joints"]).all()
    patterns = build.held_out_patterns()
    for row in rows:
        assert (row["split"] == "val") == build.is_held_out(row["source"], patterns)
        assert row["weight"] > 0
        assert row["spans"]
        assert all(0 <= s["start"] < s["end"] <= row["length"] and s["texts"] for s in row["spans"])
    assert {r["origin"] for r in rows} == {"mocap", "edited"}
    again = build.assemble(None, seed=3, amount=0.04)
    np.testing.assert_array_equal(edit.joined(again)[0], edit.joined(clips)[0])
    assert [c.spans for c in again] == [c.spans for c in clips]
