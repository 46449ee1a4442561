"""Anatomy on rigs as tools and packs write them, on animals and on vehicles: kinds, axes and roles by geometry."""

from __future__ import annotations

import numpy as np
import pytest

from hephaestus.anatomy import examine
from hephaestus.anatomy.examine import rig_of
from hephaestus.bodies import make_body
from hephaestus.metrics import lowest_vertex
from tests.hephaestus import figures, menagerie
from tests.hephaestus.creatures import stop_and_go
from tests.hephaestus.figures import ROLES, fleshed
from tests.hephaestus.sample_rigs import walk

TURNS = {
    "as glTF has it": {},
    "centimetres, z up, facing x": {"turn": menagerie.Z_UP @ menagerie.FACING_X, "scale": 100.0},
    "facing back, armature of 0.01": {"turn": menagerie.FACING_BACK, "armature": 0.01},
}
every_way = pytest.mark.parametrize("options", TURNS.values(), ids=TURNS.keys())


def stands(finding, kind, options):
    turn = options.get("turn", np.eye(3))
    assert finding.kind == kind
    np.testing.assert_allclose([*finding.up, *finding.facing], [*turn[:, 1], *turn[:, 2]], atol=1e-3)


@every_way
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("tool", menagerie.PEOPLE)
def test_people_of_many_tools_among_props(tool, named, options):
    figure, words = menagerie.PEOPLE[tool]()
    asset, index = fleshed(figure, menagerie.renamed(figure, words) if named else dict.fromkeys(figure, ""), **options)
    finding = examine(menagerie.dressed(asset, options.get("scale", 1.0)))
    stands(finding, "humanoid", options)
    truth = {
        r: tuple(index[n] for n in (ns if isinstance(ns, list) else [ns]) if n in index) for r, ns in ROLES.items()
    }
    if "chest2" in index:
        truth["spine"] = (*truth["spine"], index["chest2"])
    found = {role: part.nodes for role, part in finding.parts.items()}
    assert {r: found.get(r) for r, n in truth.items() if n} == {r: n for r, n in truth.items() if n}


@every_way
@pytest.mark.parametrize("rigid", [False, True])
@pytest.mark.parametrize(("animal", "kind"), [("horse", "quadruped"), ("dog", "quadruped"), ("bird", "humanoid")])
def test_animals_without_names(animal, kind, rigid, options):
    figure, truth = getattr(menagerie, animal)()
    asset, index = fleshed(figure, dict.fromkeys(figure, ""), rigid=rigid, **options)
    finding = examine(asset)
    stands(finding, kind, options)
    for role, (must, may) in truth.items():
        found = set(finding.parts[role].nodes)
        assert {index[n] for n in must} <= found <= {index[n] for n in (*must, *may)}, role


@every_way
@pytest.mark.parametrize("pairs", [3, 4])
def test_crawlers_whose_legs_are_in_any_order(pairs, options):
    figure, legs = menagerie.insect(pairs, seed=1)
    asset, index = fleshed(figure, dict.fromkeys(figure, ""), **options)
    finding = examine(asset)
    stands(finding, "manylegs", options)
    found = [list(finding.parts[f"{side}_leg{k + 1}"].nodes) for side in "LR" for k in range(pairs)]
    assert found == [[index[n] for n in leg] for leg in legs]


def test_a_tank_on_wheels_and_a_lorry_and_a_crate():
    asset, index = menagerie.tank()
    finding = examine(asset)
    stands(finding, "tank", {})
    assert [finding.parts[r].nodes for r in ("hull", "turret", "gun")] == [
        (index[n],) for n in ("Hull", "Turret", "Barrel")
    ]
    wheels = [index[f"Wheel_{side}_{k}"] for side in "LR" for k in range(5)]
    assert list(finding.parts["wheels"].nodes) == wheels
    assert examine(menagerie.truck()[0]).kind == "other"
    assert examine(menagerie.crate()[0]).kind == "other"


@pytest.mark.parametrize("aside", [1.5, -2.0])
def test_of_two_people_in_one_file_one_walks_and_the_other_keeps_out_of_his_body(aside):
    asset, index = fleshed(figures.man())
    both = menagerie.together(asset, fleshed(figures.man(toe_end=None))[0], aside)
    finding = examine(both)
    stands(finding, "humanoid", {})
    assert {n for part in finding.parts.values() for n in part.nodes} <= set(index.values())
    assert "several figures" in " ".join(finding.warnings)
    assert "another figure" in finding.ignored[len(asset) + index["head"]]
    body = make_body(rig_of(finding))
    world = body.asset.world(body.poses(walk(1.3, 40)))
    gap = world[:, len(asset) + index["head"], :3, 3] - world[:, index["hips"], :3, 3]
    assert np.ptp(gap, axis=0).max() < 0.35  # it does not swing along with an arm


def test_hair_on_a_skeleton_of_its_own_is_no_second_figure():
    lock = {f"hair{k}": (f"hair{k - 1}" if k else "", (0.0, 1.75 - 0.12 * k, -0.12)) for k in range(5)}
    asset, index = fleshed(figures.man())
    finding = examine(menagerie.together(asset, fleshed(lock)[0], 0.0))
    stands(finding, "humanoid", {})
    assert finding.parts["L_hand"].nodes == (index["L_hand"],)
    assert "several figures" not in " ".join(finding.warnings)


def test_one_who_crouches_is_no_beast_on_its_back():
    figure = menagerie.crouching()
    asset, index = fleshed(figure, menagerie.renamed(figure, menagerie.mixamo()[1], "mixamorig:{}"))
    finding = examine(asset)
    stands(finding, "humanoid", {})
    assert finding.parts["R_hand"].nodes == (index["R_hand"],)


def test_a_car_in_parts_and_a_snake_lie_as_the_file_has_them():
    for asset, tall in ((menagerie.car()[0], 1.05), (fleshed(menagerie.snake())[0], 0.1)):
        rig = rig_of(examine(asset))
        assert (rig.kind, rig.up, rig.facing) == ("other", (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
        assert rig.height_m == pytest.approx(tall, abs=0.03)
        body = make_body(rig)
        world = body.asset.world(body.poses(stop_and_go(80, 1)))
        lowest = lowest_vertex(rig, world)
        assert lowest.min() > -0.01


@pytest.mark.parametrize("gone", ["toe_end", "head_end"])
def test_clothes_on_a_copy_of_the_skeleton_move_with_the_body(gone):
    asset, index = fleshed(figures.man())
    figure = figures.man(**{gone: None})
    coat, copies = fleshed(figure, {name: f"{name}.001" for name in figure})
    finding = examine(menagerie.together(asset, coat, 0.0))
    stands(finding, "humanoid", {})
    assert finding.parts["L_hand"].nodes == (index["L_hand"],)
    body = make_body(rig_of(finding))
    points = body.asset.world(body.poses(walk(1.3, 40)))[..., :3, 3]
    for name in ("L_hand", "R_shin", "head", "L_index"):
        np.testing.assert_allclose(points[:, len(asset) + copies[name]], points[:, index[name]], atol=1e-4)
