"""Rig: roles, axes, scale and floor, and what is said when a role map is wrong."""

from dataclasses import replace

import numpy as np
import pytest

from hephaestus.errors import RigError
from hephaestus.rig import make_rig, read_rig
from tests.hephaestus.sample_rigs import A_POSE, ROLES, beast, humanoid


def test_places_the_soles_on_the_floor_and_measures():
    rig = humanoid()
    assert rig.surface[0][:, 1].min() == pytest.approx(0.0, abs=1e-6)
    assert rig.leg_length == pytest.approx(0.82, abs=1e-3)
    assert rig.rest_points[rig.node("hips"), 1] == pytest.approx(0.97, abs=1e-4)
    assert rig.radius_m >= 0.25


def test_sees_any_file_in_the_motion_frame():
    turn = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], float)  # a z-up file that faces +x
    plain, odd = humanoid(A_POSE), humanoid(A_POSE, axes_seed=3, unit=0.01, turn=turn)
    assert odd.scale == pytest.approx(0.01, rel=1e-5)
    offset = odd.rest_points[odd.node("hips")] - plain.rest_points[plain.node("hips")]
    np.testing.assert_allclose(odd.rest_points[1:] - offset, plain.rest_points[1:], atol=1e-4)
    np.testing.assert_allclose(odd.rest_local[0], odd.placement @ odd.asset.rest[0], atol=1e-6)


def test_knows_what_is_above_and_under():
    rig = humanoid()
    hand, hips = rig.node("L_hand"), rig.node("hips")
    assert rig.ancestors[hand, hips]
    assert not rig.ancestors[hips, hand]
    assert not rig.ancestors[hand, hand]
    assert rig.under([rig.node("L_foot")]).sum() == 2


def test_a_file_in_unknown_units_is_brought_to_a_likely_size():
    rig = humanoid()
    big = make_rig(humanoid(unit=0.01).asset, ROLES)
    assert big.scale == pytest.approx(0.01, rel=0.15)
    assert rig.scale == 1.0


def test_beast_legs_are_listed_left_then_right_front_to_back():
    rig = beast()
    names = [[rig.asset.names[n] for n in leg] for leg in rig.legs]
    assert [leg[0] for leg in names] == ["L_f1", "L_h1", "R_f1", "R_h1"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"L_thigh": "L_hipp"}, "did you mean 'L_hip'"),
        ({"L_thihg": "L_hip"}, "did you mean L_thigh"),
        ({"L_thigh": None}, "no L_thigh"),
        ({"L_thigh": 999}, "nodes 0 to"),
        ({"L_thigh": 1.5}, "name or index"),
        ({"L_thigh": "R_hip"}, "to both"),
    ],
)
def test_says_which_role_is_wrong(change, words):
    asset = humanoid().asset
    with pytest.raises(RigError, match=words):
        make_rig(asset, {**ROLES, **change})


def test_shared_names_must_be_given_by_index():
    asset = humanoid().asset
    twice = replace(asset, names=tuple("twin" if "knee" in n else n for n in asset.names))
    with pytest.raises(RigError, match="by its index"):
        make_rig(twice, {**ROLES, "L_shin": "twin"})
    by_index = {"L_shin": asset.index("L_knee"), "R_shin": asset.index("R_knee")}
    assert make_rig(twice, {**ROLES, **by_index}).node("L_shin") == asset.index("L_knee")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "bird"}, "use one of"),
        ({"up": [0, 0]}, "three numbers"),
        ({"up": [0, float("nan"), 0]}, "three numbers"),
        ({"up": [0, 0, 1], "facing": [0, 0, 2]}, "along its own up"),
        ({"height_m": -1}, "between"),
        ({"height_m": "tall"}, "between"),
    ],
)
def test_says_which_figure_is_wrong(options, words):
    with pytest.raises(RigError, match=words):
        make_rig(humanoid().asset, ROLES, **options)


def test_legs_of_many_are_pairs_of_lists():
    asset = humanoid().asset
    chains = [["L_hip", "L_knee", "L_ankle"], ["L_shoulder", "L_elbow", "L_wrist"]]
    legs = chains + [[name.replace("L_", "R_") for name in chain] for chain in chains]
    rig = make_rig(asset, {"hips": "pelvis", "legs": legs}, kind="manylegs")
    assert [[asset.names[n] for n in leg] for leg in rig.legs] == legs
    for wrong in (legs[:3], ["L_hip", "R_hip"], [[], ["R_hip"]], legs * 40, "L_hip"):
        with pytest.raises(RigError):
            make_rig(asset, {"hips": "pelvis", "legs": wrong}, kind="manylegs")


def test_reads_a_role_map(tmp_path):
    path = tmp_path / "man.body.yaml"
    lines = ["kind: humanoid", "height_m: 1.9", "roles:"]
    lines += [f"  {role}: {nodes}" for role, nodes in ROLES.items()]
    path.write_text("\n".join(lines).replace("'", ""))
    rig = read_rig(path, humanoid().asset)
    assert rig.name == "man"
    assert rig.height_m == pytest.approx(1.9, abs=0.02)
    assert [rig.asset.names[n] for n in rig.roles["spine"]] == ["spine1", "spine2", "spine3"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("roles: [", "not YAML"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
        ("[1, 2]", "no mapping"),
        ("kind: humanoid", "no mapping"),
        ("roles: {hips: pelvis}\ncolour: red", "unknown line 'colour'"),
        ("roles: {}\n" + "#" * 70_000, "over 64 KB"),
        ("a: &a [x]\nb: &b [*a, *a]\nroles: {hips: *b}", "unknown line"),
    ],
)
def test_refuses_a_bad_role_map_in_one_sentence(tmp_path, text, words):
    path = tmp_path / "man.body.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(RigError, match=words) as caught:
        read_rig(path, humanoid().asset)
    assert "\n" not in str(caught.value)
