"""Anatomy: kind, axes and roles from geometry, whatever names, order, axes, unit and helpers a file has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hephaestus.anatomy import examine, find_rig, write_sheet
from hephaestus.anatomy.names import hint
from hephaestus.bodies import make_body, shipped
from hephaestus.bodies.body import _find
from hephaestus.errors import BodyError
from hephaestus.glb.reader import read
from hephaestus.rig import read_rig
from tests.hephaestus.figures import CONVENTIONS, ROLES, arms_down, called, fleshed, joints, man
from tests.hephaestus.rig_variants import vary
from tests.hephaestus.sample_rigs import SHARED, needs_shared, walk

Z_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
FACING_X = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], float)


def wrong(finding, truth) -> dict[str, object]:
    found = {role: part.nodes for role, part in finding.parts.items()}
    return {role: found.get(role) for role, nodes in truth.items() if found.get(role) != tuple(nodes)}


def truth_of(index: dict[str, int], **without) -> dict[str, tuple[int, ...]]:
    roles = {role: (names if isinstance(names, list) else [names]) for role, names in ROLES.items()}
    return {r: tuple(index[n] for n in names if n in index) for r, names in roles.items() if names[0] in index}


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("pose", [man, arms_down])
def test_a_man_by_any_names(convention, pose):
    figure = pose()
    asset, index = fleshed(figure, called(figure, convention))
    finding = examine(asset)
    assert finding.kind == "humanoid"
    assert wrong(finding, truth_of(index)) == {}
    np.testing.assert_allclose([*finding.up, *finding.facing], [0, 1, 0, 0, 0, 1], atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"turn": Z_UP},
        {"turn": FACING_X},
        {"turn": np.diag([-1.0, 1.0, -1.0])},
        {"scale": 100.0},
        {"scale": 0.01, "armature": 0.01},
        {"armature": 100.0},
        {"rigid": True},
        {"turn": Z_UP @ FACING_X, "scale": 39.37, "rigid": True},
    ],
)
def test_axes_units_and_rigid_parts_do_not_matter(options):
    asset, index = fleshed(man(), called(man(), "nothing"), **options)
    finding = examine(asset)
    turn = options.get("turn", np.eye(3))
    assert finding.kind == "humanoid"
    assert wrong(finding, truth_of(index)) == {}
    np.testing.assert_allclose(finding.up, turn[:, 1], atol=1e-6)
    np.testing.assert_allclose(finding.facing, turn[:, 2], atol=1e-6)


@pytest.mark.parametrize("gone", ["toe", "clavicle", "neck", "spine"])
def test_joints_that_are_missing_are_left_out(gone):
    figure = {k: v for k, v in man(**{gone: None}).items() if not (gone == "toe" and k.endswith("toe_end"))}
    asset, index = fleshed(figure)
    finding = examine(asset)
    truth = {r: n for r, n in truth_of(index).items() if gone not in r}
    if gone == "spine":
        truth["spine"] = (index["chest"],)
    assert wrong(finding, truth) == {}
    assert not any(role.endswith(gone) for role in finding.parts if gone != "spine")


def test_left_and_right_come_from_the_feet_and_not_from_lying_names():
    asset, index = fleshed(man())
    lying = {n: {"L": "R", "R": "L"}[n[0]] + n[1:] if n[:2] in ("L_", "R_") else n for n in index}
    mirrored = replace(asset, names=tuple(lying.get(name, name) for name in asset.names))
    finding = examine(mirrored)
    assert finding.facing[2] == pytest.approx(1.0)
    assert finding.parts["L_foot"].nodes == (index["L_foot"],)


def test_names_that_are_shuffled_are_not_believed():
    asset, index = fleshed(man())
    order = np.random.default_rng(3).permutation(len(asset))
    finding = examine(replace(asset, names=tuple(asset.names[i] for i in order)))
    assert wrong(finding, truth_of(index)) == {}


def test_chibi_and_long_legs():
    heads = {"neck": (0, 1.25, -0.02), "head": (0, 1.32, 0), "head_end": (0, 2.2, 0)}
    short = man(shin=(0.09, 0.72, 0.02), foot=(0.09, 0.52, -0.03), toe=(0.09, 0.46, 0.08), toe_end=(0.09, 0.46, 0.15))
    for figure in (short | {k: (short[k][0], v) for k, v in heads.items()}, man(shin=(0.09, 0.45, 0.03))):
        asset, index = fleshed(figure)
        truth = {r: n for r, n in truth_of(index).items() if r[2:] in ("thigh", "shin", "upperarm", "forearm")}
        assert wrong(examine(asset), truth) == {}


def test_skirt_and_hair_are_not_limbs():
    figure = man()
    for k, (x, z) in enumerate([(0.12, 0.1), (0.16, 0.0), (0.12, -0.1)]):
        for side, sign in (("L", 1), ("R", -1)):
            figure[f"{side}_Skirt{k}"] = ("hips", (sign * x, 0.85, z))
            figure[f"{side}_Skirt{k}b"] = (f"{side}_Skirt{k}", (sign * 1.3 * x, 0.35, 1.3 * z))
    asset, index = fleshed(figure)
    finding = examine(asset)
    assert finding.kind == "humanoid"
    assert wrong(finding, truth_of(index)) == {}


def test_a_tail_makes_no_leg_and_is_named():
    figure = man()
    for k in range(4):
        figure[f"tail{k}"] = (f"tail{k - 1}" if k else "hips", (0, 0.9 - 0.05 * k, -0.15 - 0.25 * k))
    asset, index = fleshed(figure, dict.fromkeys(figure, ""))
    finding = examine(asset)
    assert finding.kind == "humanoid"
    assert finding.parts["tail"].nodes == tuple(index[f"tail{k}"] for k in range(4))


def test_a_pose_in_mid_animation_is_read_from_the_bind_pose():
    asset, index = fleshed(man())
    local = asset.rest.copy()
    angles = {"L_thigh": 1.2, "L_shin": -1.4, "R_upperarm": 1.3, "spine": 0.5, "L_upperarm": -0.9}
    for name, angle in angles.items():
        c, s = np.cos(angle), np.sin(angle)
        local[index[name], :3, :3] = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    finding = examine(replace(asset, rest=local))
    assert finding.kind == "humanoid"
    assert wrong(finding, truth_of(index)) == {}


BEAST = {
    "pelvis": ("", (0, 1.0, -0.5)), "spine_a": ("pelvis", (0, 1.02, -0.15)), "chest": ("spine_a", (0, 1.0, 0.25)),
    "neck": ("chest", (0, 1.15, 0.6)), "head": ("neck", (0, 1.35, 0.85)), "tail_a": ("pelvis", (0, 1.0, -0.75)),
    "tail_b": ("tail_a", (0, 0.9, -1.0)), "tail_c": ("tail_b", (0, 0.85, -1.2)),
}  # fmt: skip
PAWS = {
    "h1": ("pelvis", (0.2, 0.92, -0.5)), "h2": ("h1", (0.2, 0.55, -0.35)), "h3": ("h2", (0.2, 0.3, -0.6)),
    "h4": ("h3", (0.2, 0.06, -0.5)), "h4_end": ("h4", (0.2, 0.04, -0.38)), "f1": ("chest", (0.2, 0.9, 0.45)),
    "f2": ("f1", (0.2, 0.5, 0.33)), "f3": ("f2", (0.2, 0.2, 0.42)), "f4": ("f3", (0.2, 0.05, 0.45)),
    "f4_end": ("f4", (0.2, 0.03, 0.56)), "ear": ("head", (0.06, 1.45, 0.85)),
}  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"turn": Z_UP, "scale": 100.0}, {"turn": FACING_X}])
def test_a_beast_without_names(options):
    figure = joints(PAWS, BEAST)
    asset, index = fleshed(figure, dict.fromkeys(figure, ""), **options)
    finding = examine(asset)
    assert finding.kind == "quadruped"
    truth = {f"{s}_{end}": [f"{s}_{end[0]}{k}" for k in (1, 2, 3, 4)] for s in "LR" for end in ("front", "hind")}
    truth |= {"spine": ["spine_a", "chest"], "neck": ["neck"], "head": ["head"], "tail": ["tail_a", "tail_b", "tail_c"]}
    assert wrong(finding, {r: tuple(index[n] for n in names) for r, names in truth.items()}) == {}


def test_a_spider_without_names_lists_legs_left_first_and_front_to_back():
    centre = {"thorax": ("", (0, 0.4, 0)), "head": ("thorax", (0, 0.4, 0.25)), "abdomen": ("thorax", (0, 0.45, -0.3)),
              "abdomen_b": ("abdomen", (0, 0.45, -0.7))}  # fmt: skip
    legs = {"fang": ("head", (0.05, 0.33, 0.4))}
    for k, ahead in enumerate((0.7, 0.25, -0.25, -0.7)):
        legs[f"a{k}"] = ("thorax", (0.12, 0.4, 0.15 * (1.5 - k)))
        legs[f"b{k}"] = (f"a{k}", (0.45, 0.75, 0.5 * ahead))
        legs[f"c{k}"] = (f"b{k}", (0.8, 0.35, 0.9 * ahead))
        legs[f"d{k}"] = (f"c{k}", (0.95, 0.0, 1.1 * ahead))
    figure = joints(legs, centre)
    asset, index = fleshed(figure, dict.fromkeys(figure, ""))
    finding = examine(asset)
    assert finding.kind == "manylegs"
    roles = finding.to_dict()["roles"]
    expected = [[index[f"{s}_{j}{k}"] for j in "abcd"] for s in "LR" for k in range(4)]
    assert [[part["node"] for part in leg] for leg in roles["legs"]] == expected
    assert roles["head"]["node"] == index["head"]
    assert make_body(find_rig(asset)).kind == "manylegs"


def test_nothing_known_is_other_and_still_moves():
    asset, _ = fleshed({"a": ("", (0, 0.2, 0)), "b": ("a", (0, 0.5, 0)), "c": ("b", (0, 0.9, 0))})
    finding = examine(asset)
    assert finding.kind == "other"
    assert finding.warnings
    assert np.isfinite(make_body(find_rig(asset)).poses(walk(frames=5))).all()


def test_a_vrm_block_goes_before_all():
    asset, index = fleshed(man(), called(man(), "nothing"), turn=np.diag([-1.0, 1.0, -1.0]))
    bones = {"hips": "hips", "spine": "spine", "chest": "chest", "neck": "neck", "head": "head"}
    for side, word in (("L", "left"), ("R", "right")):
        for part, bone in (("upperarm", "UpperArm"), ("forearm", "LowerArm"), ("hand", "Hand"), ("thigh", "UpperLeg"),
                           ("shin", "LowerLeg"), ("foot", "Foot"), ("toe", "Toes"),
                           ("clavicle", "Shoulder")):  # fmt: skip
            bones[word + bone] = f"{side}_{part}"
    finding = examine(replace(asset, humanoid={bone: index[j] for bone, j in bones.items()}, vrm=0))
    assert wrong(finding, truth_of(index)) == {}
    assert finding.confidence == 1.0
    np.testing.assert_allclose(finding.facing, [0, 0, -1], atol=1e-6)


def test_a_map_is_written_corrected_and_read_back(tmp_path):
    asset, index = fleshed(man(), called(man(), "nothing"), turn=Z_UP)
    path = write_sheet(examine(asset), tmp_path / "man.body.yaml")
    rig = read_rig(path, asset)
    assert rig.kind == "humanoid"
    assert dict(rig.roles) == {role: part.nodes for role, part in examine(asset).parts.items()}
    assert rig.up == pytest.approx((0, 0, 1))
    path.write_text(path.read_text().replace(f"L_hand: {index['L_hand']}", f"L_hand: {index['L_index']}"))
    assert read_rig(path, asset).node("L_hand") == index["L_index"]


def test_json_has_the_promised_keys():
    asset, _ = fleshed(man())
    facts = examine(asset).to_dict()
    assert set(facts) == {"kind", "up", "facing", "height_m", "roles", "confidence", "ignored", "warnings", "refused"}
    assert isinstance(facts["roles"]["spine"], list)
    assert set(facts["roles"]["L_hand"]) == {"node", "name", "confidence"}
    assert all(0.0 <= facts["roles"][r]["confidence"] <= 1.0 for r in ("hips", "head", "L_foot"))


@pytest.mark.parametrize(
    ("name", "role", "side"),
    [
        ("mixamorig:LeftUpLeg", "thigh", 1), ("Bip01 R Forearm", "forearm", -1), ("J_Bip_L_UpperArm", "upperarm", 1),
        ("DEF-shin.R.001", "shin", -1), ("lShldr", "upperarm", 1), ("CC_Base_R_ToeBase", "toe", -1),
        ("左足首", "foot", 1), ("右ひじ", "forearm", -1), ("Back_Leg_Upper_L", "thigh", 1), ("leftupleg", "thigh", 1),
    ],
)  # fmt: skip
def test_names_in_many_spellings(name, role, side):
    said = hint(name)
    assert max(said.roles, key=said.roles.get) == role
    assert said.side == side


@pytest.mark.parametrize("name", ["upperarm_twist_01_l", "ik_foot_l", "LeftThumb1", "左腕捩", "Skirt_L", "head_end"])
def test_helpers_have_no_role(name):
    assert hint(name).helper
    assert not hint(name).roles


@pytest.mark.parametrize("name", ["", "\x00\ud800" * 50, "L" * 5000, "éàü漢字" * 400, "upperarm" * 300])
def test_strange_names_do_no_harm(name):
    asset, index = fleshed(man())
    finding = examine(replace(asset, names=(name,) * len(asset)))
    assert wrong(finding, truth_of(index)) == {}


SIX = {
    "m2m_human_male": ("humanoid", {
        "hips": ["pelvis"], "spine": ["spine_01", "spine_02", "spine_03"], "neck": ["neck_01"], "head": ["head"],
        **{f"{s}_{r}": [f"{n}_{s.lower()}"] for s in "LR" for r, n in {
            "clavicle": "clavicle", "upperarm": "upperarm", "forearm": "lowerarm", "hand": "hand", "thigh": "thigh",
            "shin": "calf", "foot": "foot", "toe": "ball"}.items()}}),
    "m2m_kaiju_animated": ("humanoid", {
        "hips": ["Hips"], "spine": ["Spine_1", "Spine_2", "Spine_2.001"], "neck": ["Spine_3", "Spine_4"],
        "head": ["Head"], **{f"{s}_{r}": [f"{n}_{s}"] for s in "LR" for r, n in {
            "clavicle": "Front_Leg_Shoulder", "upperarm": "Front_Leg_Upper", "forearm": "Front_Leg_Lower",
            "hand": "Hand", "thigh": "Back_Leg_Upper", "shin": "Back_Leg_Lower", "foot": "Back_Leg_Foot"}.items()}}),
    "robot_expressive": ("humanoid", {
        "hips": ["Body"], "spine": ["Hips", "Abdomen", "Torso"], "neck": ["Neck"], "head": ["Head"],
        **{f"{s}_{r}": [f"{n}.{s}"] for s in "LR" for r, n in {
            "clavicle": "Shoulder", "upperarm": "UpperArm", "forearm": "LowerArm", "hand": "Palm2",
            "thigh": "UpperLeg", "shin": "LowerLeg", "foot": "Foot"}.items()}}),
    "khr_rigged_figure": ("humanoid", {
        "hips": [2], "spine": [11, 12], "neck": [19], "head": [20], "R_upperarm": [13], "R_forearm": [14],
        "R_hand": [15], "L_upperarm": [16], "L_forearm": [17], "L_hand": [18], "R_thigh": [3], "R_shin": [4],
        "R_foot": [5], "R_toe": [6], "L_thigh": [7], "L_shin": [8], "L_foot": [9], "L_toe": [10]}),
    "m2m_fox_animated": ("quadruped", {
        "spine": ["Spine_1", "Spine_2", "Spine_2.001"], "neck": ["Spine_3", "Spine_4"], "head": ["Head"],
        "tail": ["Tail_Base", "Tail_Mid", "Tail_Mid.001", "Tail_End", "Tail_Tip"],
        **{f"{s}_front": [f"Front_Leg_{n}_{s}" for n in ("Shoulder", "Upper", "Lower", "Ankle", "Foot")]
           for s in "LR"},
        **{f"{s}_hind": [f"Back_Leg_{n}_{s}" for n in ("Pelvis", "Upper", "Lower", "Ankle", "Foot", "Foot_1")]
           for s in "LR"}}),
    "m2m_spider_animated": ("manylegs", {
        "hips": ["hips"], "head": ["head"], **{f"{s}_leg{k + 1}": [
            f"leg_{'abcd'[k]}_{n}_{s.lower()}" for n in ("1", "2", "3", "tip")] for s in "LR" for k in range(4)}}),
}  # fmt: skip
"""Made by hand from drawings of the six rigs: joints and skin from the front, the side and above."""


@needs_shared
@pytest.mark.parametrize("name", SIX)
def test_the_six_rigs(name):
    asset = read(SHARED / "glb" / f"{name}.glb")
    kind, roles = SIX[name]
    skinned = {int(j) for skin in asset.skins for j in skin.joints}
    node = {asset.names[n]: n for n in range(len(asset)) if n in skinned}
    finding = examine(asset)
    assert finding.kind == kind
    assert wrong(finding, {r: tuple(n if isinstance(n, int) else node[n] for n in ns) for r, ns in roles.items()}) == {}
    np.testing.assert_allclose([*finding.up, *finding.facing], [0, 1, 0, 0, 0, 1], atol=1e-6)


def _score(names, count, start=0):
    right = total = 0
    lost = []
    for k in range(start, start + count):
        path = _find(names[k % len(names)], None)
        asset = read(path)
        rig = read_rig(path.with_suffix(".body.yaml"), asset)
        varied, truth, turn = vary(asset, dict(rig.roles), k)
        finding = examine(varied)
        missed = {r for r, nodes in truth.items() if not _same(r, finding.parts.get(r), nodes)}
        right, total = right + len(truth) - len(missed), total + len(truth)
        axes = min(float(finding.up @ turn @ rig.up), float(finding.facing @ turn @ rig.facing))
        if missed or finding.kind != rig.kind or axes < 0.97:
            lost.append((path.stem, k, finding.kind, round(axes, 2), sorted(missed)))
    return right / total, lost


def _same(role, part, nodes):
    if part is None:
        return False
    if role == "wheels" or role.endswith("_track"):
        return set(part.nodes) == set(nodes)
    # A shoulder blade may be counted as the root of a front leg.
    return part.nodes == nodes or ("front" in role and part.nodes[1:] == nodes)


def test_variants_of_the_shipped_bodies():
    share, lost = _score(shipped(), 14)
    assert share >= 0.98, lost
    assert len(lost) <= 1, lost


@pytest.mark.slow
def test_two_hundred_variants_of_the_shipped_bodies():
    share, lost = _score(shipped(), 200, start=1000)
    assert share >= 0.98, lost
    assert len(lost) <= 4, lost


def _broken(seed: int):
    """A man whose file was written by something that is not well."""
    rng = np.random.default_rng(seed)
    asset, _ = fleshed(man())
    rest, parents, primitives = asset.rest.copy(), asset.parents.copy(), asset.primitives
    count = len(asset)
    match seed % 7:
        case 0:
            rest[rng.integers(count, size=5), :3, 3] += rng.normal(size=(5, 3)) * rng.choice([0.1, 1, 1e3])
        case 1:
            rest[rng.integers(count), :3, :3] = 0
        case 2:
            rest[:, :3, 3] = 0
        case 3:
            parents[2:] = [rng.integers(-1, i) for i in range(2, count)]
        case 4:
            primitives = ()
        case 5:
            size = rng.choice([0, 1e-8, 1e8])
            primitives = tuple(replace(p, positions=(p.positions * size).astype(np.float32)) for p in primitives)
        case _:
            any_joint = rng.integers(0, count - 3, size=(len(primitives[0].positions), 4)).astype(np.int32)
            primitives = (replace(primitives[0], joints=any_joint),)
    return replace(asset, rest=rest, parents=parents, primitives=primitives)


@pytest.mark.parametrize("seed", range(21))
def test_what_is_broken_is_refused_in_a_sentence_or_moves(seed):
    asset = _broken(seed)
    finding = examine(asset)
    assert abs(float(finding.up @ finding.facing)) < 1e-6
    assert np.isfinite([*finding.up, *finding.facing, finding.height]).all()
    said = ""
    try:
        poses = make_body(find_rig(asset)).poses(walk(frames=3))
    except BodyError as error:
        poses, said = np.zeros(1), str(error)
    assert np.isfinite(poses).all()
    assert "\n" not in said
