from __future__ import annotations

from pathlib import Path

import pytest

from prometheus.batch.spec import TERMS, Spec, read_spec, spread
from prometheus.batch.where import Where
from prometheus.errors import BatchError, PrometheusError


def jobs(**keys: object) -> list[tuple[str, str | None, int, float]]:
    found = spread(Spec.model_validate(keys), None)
    return [(job.world, job.body, job.seed, job.seconds) for job in found]


def test_a_grid_is_every_combination() -> None:
    found = jobs(worlds=["castle", "arena"], bodies=["humanoid", "tank"], seeds="3-5", seconds=[1, 2])
    assert len(found) == len(set(found)) == 2 * 2 * 3 * 2
    assert ("arena", "tank", 4, 2.0) in found


def test_a_world_has_its_own_seed_and_a_number_of_seeds_starts_at_zero() -> None:
    assert jobs(worlds="arena", seconds=1) == [("arena", None, 1, 1.0)]
    assert [seed for _, _, seed, _ in jobs(worlds=["arena"], seeds=3)] == [0, 1, 2]
    assert [seed for _, _, seed, _ in jobs(worlds=["arena"], seeds=[7, "9-10"])] == [7, 9, 10]


def test_where_leaves_only_what_it_means() -> None:
    where = ["world != 'castle' or body == 'tank'", "seed % 2 == 0 and seed in [0, 2, 3]"]
    found = jobs(worlds=["castle", "arena"], bodies=["humanoid", "tank"], seeds=4, where=where)
    assert {job[:3] for job in found} == {
        (world, body, seed)
        for world, body in (("castle", "tank"), ("arena", "humanoid"), ("arena", "tank"))
        for seed in (0, 2)
    }


def test_overrides_are_an_axis_and_change_the_key() -> None:
    spec = Spec.model_validate({"worlds": ["arena"], "overrides": [{}, {"judge": "off"}, {"brain": {"every_s": 1}}]})
    found = spread(spec, None)
    assert len({job.spec for job in found}) == 3
    assert [job.config["judge"] for job in found] == ["enforce", "off", "enforce"]
    assert found[2].config["brain"]["every_s"] == 1.0
    assert found[0].key("a") != found[0].key("b")


def test_scenarios_of_the_bench_by_id_and_category() -> None:
    assert [job[0] for job in jobs(scenarios=["C04_003", "C01_001"])] == ["C04_003", "C01_001"]
    assert len(jobs(scenarios="C02")) == 10


def test_a_changed_world_file_is_another_job(tmp_path: Path) -> None:
    from prometheus.data import data_path

    world = tmp_path / "mine.yaml"
    world.write_text(data_path("worlds", "arena.yaml").read_text("utf-8"), "utf-8")
    first = spread(Spec.model_validate({"worlds": [str(world)]}), None)[0]
    world.write_text(world.read_text("utf-8").replace("at: [5, -1]", "at: [5, -2]"), "utf-8")
    assert first.spec != spread(Spec.model_validate({"worlds": [str(world)]}), None)[0].spec


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "start it with"),
        ("seeds: 3", "worlds"),
        ("worlds: [castle]\nwrolds: [arena]", "wrolds"),
        ("worlds: [castle]\nseeds: 9-3", "range"),
        ("worlds: [castle]\nseeds: -1", "seeds"),
        ("worlds: [castle]\nseconds: 0", "seconds"),
        ("worlds: [castle]\nlimits: {memory_mb: none}", "memory_mb"),
        ("worlds: &a [castle]\nbodies: *a", "aliases"),
        ("worlds: [castel]", "castle"),
        ("worlds: [castle]\nbodies: [tnak]", "tank"),
        ("worlds: [castle]\nbrains: [nobody]", "nobody"),
        ("worlds: [castle]\nbrains: [openai/gpt-5-mini]", "key"),
        ("worlds: [castle]\noverrides: {judge: perhaps}", "judge"),
        ("worlds: [castle]\noverrides: {seed: 3}", "seed"),
        ("worlds: [castle]\noverrides: {mode: realtime}", "lockstep"),
        ("scenarios: [C99]", "C99"),
        ("worlds: [castle]\nwhere: world == 'arena'", "loosen"),
        ("scenarios: [/dev/zero]", "no file"),
        ("worlds: [castle]\nseconds: .nan", "seconds"),
        ("worlds: [castle]\nwhere: __import__('os').system('true')", "where"),
        ("worlds: [castle]\nwhere: moon == 1", "moon"),
        ("worlds: [castle]\nwhere: world < 3", "where"),
        ("worlds: [castle]\nseeds: 100000\nseconds: [1, 2]", "split"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "grid.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(PrometheusError, match=says):
        spread(read_spec(file), None)


def test_where_never_runs_anything() -> None:
    for text in (
        "[x for x in world]",
        "world.upper()",
        "(lambda: 1)()",
        "9 ** 9 ** 9",
        "'a' * 9",
        "f'{world}'",
        "'%99999999d' % 1",
    ):
        with pytest.raises(BatchError):
            Where(text, TERMS)({"world": "castle", "brain": "", "body": None, "seed": 0, "seconds": 1, "overrides": {}})
