"""Scenarios lived through: equal to the byte, whoever lives them, and taken up again after an end."""

from __future__ import annotations

import json

import numpy as np
import pytest

from prometheus.bench.case import read_cases
from prometheus.bench.generate import SHIPPED_SEED
from prometheus.bench.layout import Layout
from prometheus.bench.live import Take
from prometheus.bench.lived import digest, film, live_through
from prometheus.bench.speed import measure_speed
from prometheus.bench.stage import Stage
from prometheus.bench.strip import strip
from prometheus.config import load_config
from prometheus.data import data_path
from prometheus.errors import BenchError
from prometheus.run import load_motion


def still(count: int = 30) -> Take:
    joints = np.zeros((count, 22, 3))
    joints[..., 1] = np.linspace(0, 1.7, 22)
    away = np.full((count, 2), [3.0, 1.0])
    away[:10] = np.nan
    none = np.zeros(count, bool)
    return Take(np.zeros((count, 2)), np.zeros(count), joints, none, none, {"npc": away}, (), ())


def test_a_take_is_kept_as_a_few_moments():
    shots = film(still())
    assert [shot["time"] for shot in shots] == [0.0, 0.3, 0.6, 0.85, 1.15, 1.45]
    assert [len(shot["others"]) for shot in shots] == [0, 0, 1, 1, 1, 1]
    json.dumps(shots)


def test_a_strip_is_a_picture_in_the_page():
    picture = strip(film(still()), Layout({"left": 2.0}))
    assert picture.startswith("data:image/png;base64,")
    assert len(picture) < 12_000


def test_digests_differ_where_takes_do():
    one, other = still(), still()
    assert digest([one]) == digest([other])
    other.place[7, 0] += 1e-6
    assert digest([one]) != digest([other])


@pytest.mark.slow
def test_outcomes_are_equal_and_are_not_lived_twice(tmp_path):
    _, cases = read_cases(data_path("worlds", "wmbench", f"seed-{SHIPPED_SEED}.json"))
    chosen = [case for case in cases if case.category == "C03"][:2]
    config = load_config(None, None)
    alone = live_through(chosen, config)
    (tmp_path / "kept").mkdir()
    beside = live_through(chosen, config, out=tmp_path / "kept", workers=2)
    assert alone == beside
    lived = []
    assert live_through(chosen, config, out=tmp_path / "kept", progress=lambda *n: lived.append(n)) == beside
    assert lived == []
    with pytest.raises(BenchError, match="another exam"):
        live_through(chosen, load_config(None, ["brain.model=chaos:reflex"]), out=tmp_path / "kept")
    path = tmp_path / "kept" / "cases" / f"{chosen[0].id}.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BenchError, match="no result"):
        live_through(chosen, config, out=tmp_path / "kept")


@pytest.mark.slow
def test_a_body_may_be_a_file_of_the_users_own(tmp_path):
    path = tmp_path / "my body.glb"
    path.write_bytes(data_path("assets", "bodies", "robot.glb").read_bytes())
    config = load_config(None, None)
    stage = Stage(config, load_motion(config), body=str(path))
    take = stage.take([(0.0, Layout())], 1.0, 3)
    assert len(take.decisions) == 2
    assert np.isfinite(take.place).all()


@pytest.mark.slow
def test_speed_is_measured_with_everything_on():
    marks, found = measure_speed(load_config(None, None), 3, seconds=1.5)
    assert [mark.most for mark in marks.marks] == [50, 30, 20]
    assert found["frames"] > 0
    assert 0 < found["draw_fps"] <= 60.5
    assert 0 < found["latency_p50_s"] <= found["latency_p95_s"]
    assert 0 <= found["late_share"] <= 1
