"""The Parquet dataset: LeRobot v3's files, columns and figures, read with pyarrow alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hephaestus.skeleton import JOINT_NAMES
from prometheus.errors import EpisodeError
from prometheus.lerobot import export
from tests.prometheus.sample_episode import rows, write


@pytest.fixture
def dataset(tmp_path):
    runs = [write(tmp_path / "one"), write(tmp_path / "two", rows(30, ("agent", "second")))]
    export(runs, tmp_path / "out")
    return tmp_path / "out"


def test_the_files_are_where_lerobot_looks(dataset):
    files = {str(path.relative_to(dataset)) for path in dataset.rglob("*") if path.is_file()}
    assert files == {
        "meta/info.json", "meta/stats.json", "meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet",
        "data/chunk-000/file-000.parquet",
    }  # fmt: skip


def test_info_describes_the_columns(dataset):
    import pyarrow as pa
    import pyarrow.parquet as pq

    info = json.loads((dataset / "meta/info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    assert (info["total_episodes"], info["total_frames"], info["fps"]) == (3, 45 + 30 + 30, 20)
    assert info["splits"] == {"train": "0:3"}
    path = info["data_path"].format(chunk_index=0, file_index=0)
    table = pq.read_table(dataset / path)
    assert table.num_rows == info["total_frames"]
    assert set(table.column_names) == set(info["features"])
    for name, feature in info["features"].items():
        kind = table.schema.field(name).type
        if feature["shape"] == [1]:
            assert str(kind) == feature["dtype"].replace("float32", "float")
        else:
            assert kind == pa.list_(pa.float32(), feature["shape"][0])
            assert len(feature["names"]) == feature["shape"][0]
    assert pq.ParquetFile(dataset / path).num_row_groups == 3


def test_frames_hold_what_the_episode_held(dataset):
    import pyarrow.parquet as pq

    table = pq.read_table(dataset / "data/chunk-000/file-000.parquet")
    index = np.array(table["index"])
    assert (index == np.arange(len(index))).all()
    assert np.bincount(np.array(table["episode_index"])).tolist() == [45, 30, 30]
    assert np.array(table["timestamp"])[:3].tolist() == pytest.approx([0, 0.05, 0.1])
    joints = np.stack(table["observation.joints"].to_pylist())
    assert joints.shape == (105, 3 * len(JOINT_NAMES))
    assert joints[0, 5] == pytest.approx(15e-4)
    state = np.stack(table["observation.state"].to_pylist())
    assert state[44] == pytest.approx([45 * 0.05, 0, 0, 0.1, 1, 0])
    assert state[75, 1] == 1.0, "the second agent's own place"
    action = np.stack(table["action"].to_pylist())
    assert action[0] == pytest.approx([np.cos(1.5708), np.sin(1.5708), 1.4, 0.0, 0.4], abs=1e-6)


def test_tasks_are_sentences_and_episodes_point_at_rows(dataset):
    import pyarrow.parquet as pq

    tasks = pq.read_table(dataset / "meta/tasks.parquet")
    assert tasks.to_pylist() == [{"task_index": 0, "task": "a person walks to the left"}]
    assert json.loads(tasks.schema.metadata[b"pandas"])["index_columns"] == ["task"]
    episodes = pq.read_table(dataset / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    assert [(e["dataset_from_index"], e["dataset_to_index"], e["length"]) for e in episodes] == [
        (0, 45, 45), (45, 75, 30), (75, 105, 30),
    ]  # fmt: skip
    assert episodes[1]["tasks"] == ["a person walks to the left"]
    assert episodes[2]["source/agent"] == "second"
    assert episodes[0]["stats/observation.state/max"][0] == pytest.approx(2.25)
    stats = json.loads((dataset / "meta/stats.json").read_text())
    assert stats["observation.state"]["count"] == [105]
    assert stats["action"]["std"][2] == pytest.approx(0.0)


def test_nothing_half_written_is_left(tmp_path):
    good, empty = write(tmp_path / "good"), write(tmp_path / "empty", rows()[:2])
    with pytest.raises(EpisodeError, match="no frame to export"):
        export([good, empty], tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "good"]
    (tmp_path / "out").mkdir()
    with pytest.raises(EpisodeError, match="is there already"):
        export([good], tmp_path / "out")
