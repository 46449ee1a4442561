"""The corpus from the clips of the pybullet wheel: gaits do what they are told, words say what is measured."""

import json
from collections import Counter

import numpy as np
import pytest

from hephaestus.skeleton import PARENTS, REST_OFFSETS
from prometheus.intent import read_intent
from prometheus.motion.corpus import (
    bank,
    beats,
    build,
    clean,
    edit,
    falls,
    gait,
    generate,
    heldout,
    mocap,
    script,
    stored,
)
from prometheus.motion.corpus.caption import captioned, swap_words
from prometheus.motion.corpus.measure import DIRECTIONS, PACES, measure, velocity
from prometheus.motion.corpus.segments import segments
from prometheus.motion.corpus.words import MOVES, VERBS, WHERE

pytest.importorskip("pybullet_data", reason="needs the clips of the pybullet wheel")

_FAMILIES = {"gait", "react", "idle", "crouch", "limp", "hop", "gesturing", "fall"}


@pytest.fixture(scope="module")
def captured():
    return [clip for clip in mocap.read_pybullet() if mocap.sound(clip) is None]


@pytest.fixture(scope="module")
def people(captured) -> bank.Bank:
    return bank.bank_of(captured)


@pytest.fixture(scope="module")
def body(people) -> gait.Body:
    return people.body(np.random.default_rng(0))


def few_orders(amount: float) -> list:
    """One or two of each family, and one of every direction."""
    orders = generate_orders(0.01)
    return orders[::9] + orders[80:]


generate_orders = generate.orders


@pytest.fixture(scope="module")
def clips():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "orders", few_orders)
        return build.assemble(None, seed=3)


def played(body, *beats, ease=0.12):
    return script.play("x", list(beats), body, np.random.default_rng(1), ease, "gait")


def slower_foot(joints) -> float:
    """Mean speed of the slower foot, m/s."""
    balls = np.linalg.norm(np.diff(joints[:, [10, 11]][..., [0, 2]], axis=0), axis=-1) * 20
    return float(balls.min(1).mean())


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
    assert facts.pace == PACES[pace]
    assert facts.speed == pytest.approx(speed, rel=0.15)
    assert slower_foot(clip.joints) < 0.4 * facts.speed
    knees = clip.joints[:, [4, 5]] - 0.5 * (clip.joints[:, [1, 2]] + clip.joints[:, [7, 8]])
    assert knees[..., 2].min() > -0.12  # knees bend forward; the clip faces +z throughout


def test_a_change_of_words_comes_just_before_the_change_of_motion(body):
    for octant, pace in ((0, 1), (2, 2), (6, 3), (4, 2)):
        clip = played(body, script.Beat(3.0), script.Beat(2.0, 45.0 * octant, script.speed_of(octant, pace)), ease=0.1)
        start = clip.hints[1][0]
        speed = np.linalg.norm(velocity(clip.joints), axis=-1)
        changed = int(np.argmax(speed > 0.3))
        assert 0 <= changed - start <= 4  # 0.2 s


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
    running = played(body, script.Beat(3.0, 0, 3.0)).joints
    lifted = running[:, [18, 19, 20, 21], 1] - running[:, [16, 17, 16, 17], 1]
    assert lifted.mean(0).max() < -0.05  # arms of a plain run stay down
    waving = played(body, script.Beat(3.0, style={"wave": -1.0})).joints
    assert np.median(waving[:, 21, 1]) > np.median(waving[:, 17, 1]) + 0.2 > np.median(waving[:, 20, 1])


def test_jumps_leave_the_floor_and_limps_are_lame_on_their_side(body):
    hop = played(body, script.Beat(3.0, 0, 1.0, style={"hop": 1.0})).joints
    assert measure(hop).airborne > 0.15
    assert np.abs(hop[:, 10, 1] - hop[:, 11, 1]).max() < 0.08
    heights = []
    for side in (1.0, -1.0):
        lame = played(body, script.Beat(4.0, 0, 0.8, style={"limp": side})).joints
        left = clean.contacts(lame)[:, :2].max(1) > clean.contacts(lame)[:, 2:].max(1)
        heights.append(lame[left, 0, 1].mean())
    assert heights[0] < heights[1] - 0.02  # the pelvis is lower over the lame leg


def test_falls_end_on_the_floor_and_are_got_up_from(people):
    rng = np.random.default_rng(5)
    first = script.play("x", [beats.calm(1.0)], people.body(rng), rng, 0.1, "gait")
    clip = falls.falling(first, people.ups, rng)
    assert clip.origin == "physics"
    assert mocap.sound(clip) is None
    kinds = {hint.get("move"): (a, b) for a, b, hint in clip.hints}
    lying = clip.joints[kinds["lie"][1] - 4]
    assert lying[:, 1].max() < 0.6
    assert clip.joints[-1, 15, 1] > 1.3
    lengths = np.linalg.norm(clip.joints[:, 1:] - clip.joints[:, PARENTS[1:]], axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(lengths[0], lengths.shape), rtol=0.03)


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
    assert all(read_intent(t).direction is None for t in first.texts)
    assert all(("left" in t or " port" in t) and "right" not in t for t in second.texts)
    assert 4 <= len(second.texts) <= 8


def test_words_never_contradict_what_a_reader_finds(clips):
    checked = Counter()
    for clip in clips:
        if clip.kind not in ("gait", "idle") or clip.origin != "edited":
            continue
        for (start, end, hint), span in zip([h for h in clip.hints if h[1] - h[0] >= 8], clip.spans, strict=False):
            if (start, end) != (span.start, span.end) or "turn" in hint or clip.id.endswith("~m"):
                continue
            facts = measure(clip.joints[start + min(8, (end - start) // 4) : end])
            for text in span.texts:
                read = read_intent(text)
                assert read.direction in (None, facts.direction), text
                checked[read.direction] += 1
    assert len(set(DIRECTIONS) & set(checked)) >= 4


def test_the_vocabulary_is_rich_and_even(clips):
    assert all(len({*VERBS[pace]}) >= 12 for pace in PACES)
    assert [len(WHERE[d]) for d in DIRECTIONS] == [len(WHERE[d.translate({})]) for d in map(swap_words, DIRECTIONS)]
    assert {"fall", "limp", "crawl", "wave", "look", "dodge", "cower", "recoil", "lunge"} <= set(MOVES)
    words = Counter(word for clip in clips for span in clip.spans for text in span.texts for word in text.split())
    assert words["left"] == words["right"] > 100


def test_stretches_are_cut_where_a_capture_starts_to_walk(body):
    clip = played(body, script.Beat(2.0), script.Beat(2.0, 0, 1.3))
    edges = {edge for pair in segments(clip.joints) for edge in pair}
    assert any(34 <= edge <= 42 for edge in edges)
    assert all(b - a >= 8 for a, b in segments(clip.joints))


def test_mirror_swaps_sides_and_words(body):
    clip = captioned(played(body, script.Beat(3.0, 90, 1.2)))
    image = edit.mirrored(clip)
    assert measure(image.joints).direction == "right"
    assert all("right" in t or "starboard" in t for span in image.spans for t in span.texts)
    assert swap_words("Left, then right-handed; leftward clockwise") == (
        "right, then left-handed; rightward counterclockwise"
    )


def test_corpus_is_complete_reproducible_and_keeps_clips_aside(clips, people, tmp_path, monkeypatch):
    stored.write(clips, tmp_path / "corpus")
    rows = json.loads((tmp_path / "corpus" / "clips.json").read_text())
    arrays = np.load(tmp_path / "corpus" / "corpus.npz")
    assert arrays["joints"].shape == (sum(r["length"] for r in rows), 22, 3)
    assert arrays["contacts"].shape == (len(arrays["joints"]), 4)
    assert np.isfinite(arrays["joints"]).all()
    patterns = heldout.held_out_patterns()
    for row in rows:
        assert (row["split"] == "val") == heldout.is_held_out(row["source"], patterns)
        assert row["weight"] > 0
        assert row["spans"]
        assert all(0 <= s["start"] < s["end"] <= row["length"] and s["texts"] for s in row["spans"])
    assert {r["origin"] for r in rows} == {"mocap", "edited", "procedural", "physics"}
    assert {r["kind"] for r in rows} >= _FAMILIES
    monkeypatch.setattr(generate, "orders", few_orders)
    made = {clip.id: clip for clip in clips}
    for clip in map(captioned, generate.generated(people, 3 + 1, 1.0, "gen")):
        if clip.id in made:
            np.testing.assert_array_equal(clip.joints, made[clip.id].joints)
            assert clip.spans == made[clip.id].spans
    read = stored.read(tmp_path / "corpus")
    assert [(c.id, c.kind, c.origin, c.spans) for c in read] == [(c.id, c.kind, c.origin, c.spans) for c in clips]
