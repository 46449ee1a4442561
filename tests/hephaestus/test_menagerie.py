"""Anatomy on rigs as tools and packs write them, on animals and on vehicles: kinds, axes and roles by geometry."""

from __future__ import annotations

import numpy as np
import pytest

from hephaestus.anatomy import examine
from tests.hephaestus import menagerie
from tests.hephaestus.figures import ROLES, fleshed

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
