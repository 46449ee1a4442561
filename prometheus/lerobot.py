"""LeRobot: episodes as one Parquet dataset in the layout of LeRobotDataset v3.0.

`meta/info.json`, `meta/stats.json`, `meta/tasks.parquet`, `meta/episodes/chunk-000/file-000.parquet` and
`data/chunk-000/file-000.parquet`, without video. An episode of the dataset is one agent of one run; the task of a frame
is the sentence that moved the body then; the action is the command behind it.
"""

from __future__ import annotations

import json
import math
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hephaestus.skeleton import JOINT_NAMES
from prometheus.episode import Episode, read_episode
from prometheus.errors import EpisodeError

FPS = 20
VERSION = "v3.0"
DATA = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
EPISODES = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
_FILE_MB, _CHUNK = 100, 1000
_STATE = ("x", "y", "z", "heading", "velocity_x", "velocity_y")
_ACTION = ("direction_cos", "direction_sin", "pace", "turn", "intensity")
_FEET = ("left_ankle", "left_foot", "right_ankle", "right_foot")
_VECTORS = {
    "observation.state": _STATE,
    "observation.joints": tuple(f"{joint}.{axis}" for joint in JOINT_NAMES for axis in "xyz"),
    "observation.contacts": _FEET,
    "action": _ACTION,
}
_SCALARS = {"timestamp": "float32"} | dict.fromkeys(("frame_index", "episode_index", "index", "task_index"), "int64")
_QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}
_BEFORE = "a person stands still"
"""What a body is told before its first decision."""


@dataclass(slots=True)
class _Track:
    """One agent of one run: vectors by feature [T, D], and the sentence of each frame."""

    columns: dict[str, np.ndarray]
    sentences: list[str]
    source: dict[str, Any]


@dataclass(slots=True)
class _Dataset:
    root: Path
    tasks: dict[str, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    frames: int = 0
    chunk: int = 0
    file: int = 0
    columns: dict[str, list[np.ndarray]] = field(default_factory=dict)
    writer: Any = None

    @property
    def path(self) -> Path:
        """The file that frames go to now."""
        return self.root / DATA.format(chunk_index=self.chunk, file_index=self.file)

    def close(self) -> None:
        """End that file."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def export(folders: Sequence[Path], out: Path) -> dict[str, Any]:
    """Write a dataset, whole or not at all.

    Args:
        folders: of the episodes.
        out: of the dataset; not there yet.

    Returns:
        What `meta/info.json` holds.

    Raises:
        EpisodeError: an episode cannot be read or has no frame, or the dataset cannot be written.
    """
    if out.exists():
        raise EpisodeError(f"{out} is there already; choose a new folder with --out DIR")
    part = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.part")
    dataset = _Dataset(part)
    try:
        part.mkdir(parents=True)
        for folder in folders:
            for track in _tracks(read_episode(folder), folder):
                _add(dataset, track)
        info = _finish(dataset)
        part.replace(out)
    except OSError as error:
        raise EpisodeError(f"cannot write {out}: {error.strerror}; choose another with --out DIR") from error
    finally:
        dataset.close()
        shutil.rmtree(part, ignore_errors=True)
    return info


def _tracks(episode: Episode, folder: Path) -> Iterator[_Track]:
    if not episode.frames:
        raise EpisodeError(f"{folder} has no frame to export; leave it out")
    for agent in episode.agents:
        states = [next((a for a in row["actors"] if a["id"] == agent), None) for row in episode.frames]
        if not all(states):
            raise EpisodeError(f"{folder} has frames without '{agent[:40]}'; leave it out")
        state = [[*a["position"], a["heading"], *a["velocity"]] for a in states if a is not None]
        actions, sentences = _actions(episode, agent)
        columns = {
            "observation.state": np.array(state, np.float32),
            "observation.joints": episode.joints(agent).reshape(len(state), -1),
            "observation.contacts": episode.contacts(agent),
            "action": actions,
        }
        head = episode.header
        source = {key: head.get(key) for key in ("world", "seed", "brain", "body")} | {"agent": agent}
        yield _Track(columns, sentences, source)


def _actions(episode: Episode, agent: str) -> tuple[np.ndarray, list[str]]:
    """The command in force in each frame, [T, 5], and its sentence."""
    decisions = iter([*episode.of(episode.decisions, agent), None])
    following = next(decisions)
    action, sentence = [0.0] * len(_ACTION), _BEFORE
    actions, sentences = [], []
    for row in episode.frames:
        while following is not None and following["frame"] <= row["frame"]:
            command = following["verdict"]["command"]
            way = command["direction"]
            heading = [0.0, 0.0] if way is None else [math.cos(way), math.sin(way)]
            action = [*heading, command["pace"], command["turn"], command["intensity"]]
            sentence = following["motion"]["text"] or _BEFORE
            following = next(decisions)
        actions.append(action)
        sentences.append(sentence)
    return np.array(actions, np.float32), sentences


def _add(dataset: _Dataset, track: _Track) -> None:
    count = len(track.sentences)
    for sentence in track.sentences:
        dataset.tasks.setdefault(sentence, len(dataset.tasks))
    columns = dict(track.columns)
    columns["timestamp"] = (np.arange(count) / FPS).astype(np.float32)
    columns["frame_index"] = np.arange(count)
    columns["episode_index"] = np.full(count, len(dataset.rows))
    columns["index"] = dataset.frames + np.arange(count)
    columns["task_index"] = np.array([dataset.tasks[sentence] for sentence in track.sentences])
    _append(dataset, columns)
    row = {
        "episode_index": len(dataset.rows),
        "tasks": list(dict.fromkeys(track.sentences)),
        "length": count,
        "data/chunk_index": dataset.chunk,
        "data/file_index": dataset.file,
        "dataset_from_index": dataset.frames,
        "dataset_to_index": dataset.frames + count,
        **{f"source/{key}": None if value is None else str(value) for key, value in track.source.items()},
        **{
            f"stats/{name}/{key}": value
            for name, values in columns.items()
            for key, value in _statistics(values).items()
        },
        "meta/episodes/chunk_index": 0,
        "meta/episodes/file_index": 0,
    }
    dataset.rows.append(row)
    dataset.frames += count
    for name, values in columns.items():
        dataset.columns.setdefault(name, []).append(values)


def _append(dataset: _Dataset, columns: Mapping[str, np.ndarray]) -> None:
    """Add an episode's frames, as a row group; to another file where the last one is large."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if dataset.writer is not None and dataset.path.stat().st_size >= _FILE_MB << 20:
        dataset.close()
        dataset.file += 1
        if dataset.file == _CHUNK:
            dataset.chunk, dataset.file = dataset.chunk + 1, 0
    arrays, fields = [], []
    for name, values in columns.items():
        kind = pa.from_numpy_dtype(values.dtype)
        array = pa.array(values.ravel())
        if values.ndim == 2:
            kind = pa.list_(kind, values.shape[1])
            array = pa.FixedSizeListArray.from_arrays(array, values.shape[1])
        arrays.append(array)
        fields.append(pa.field(name, kind))
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    if dataset.writer is None:
        dataset.path.parent.mkdir(parents=True, exist_ok=True)
        dataset.writer = pq.ParquetWriter(dataset.path, table.schema, compression="snappy")
    dataset.writer.write_table(table)


def _statistics(values: np.ndarray) -> dict[str, list[float]]:
    columns = values.reshape(len(values), -1).astype(np.float64)
    found = {
        "min": columns.min(0), "max": columns.max(0), "mean": columns.mean(0), "std": columns.std(0),
        "count": np.array([len(columns)]),
    } | {name: np.quantile(columns, share, axis=0) for name, share in _QUANTILES.items()}  # fmt: skip
    return {name: row.tolist() for name, row in found.items()}


def _finish(dataset: _Dataset) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    dataset.close()
    meta = dataset.root / "meta"
    path = dataset.root / EPISODES.format(chunk_index=0, file_index=0)
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(dataset.rows), path, compression="snappy")
    pq.write_table(_task_table(dataset.tasks), meta / "tasks.parquet", compression="snappy")
    stats = {name: _statistics(np.concatenate(parts)) for name, parts in dataset.columns.items()}
    (meta / "stats.json").write_text(json.dumps(stats, indent=4), encoding="utf-8")
    vectors = {name: {"dtype": "float32", "shape": [len(n)], "names": list(n)} for name, n in _VECTORS.items()}
    scalars = {name: {"dtype": kind, "shape": [1], "names": None} for name, kind in _SCALARS.items()}
    info = {
        "codebase_version": VERSION,
        "robot_type": "prometheus",
        "total_episodes": len(dataset.rows),
        "total_frames": dataset.frames,
        "total_tasks": len(dataset.tasks),
        "chunks_size": _CHUNK,
        "data_files_size_in_mb": _FILE_MB,
        "video_files_size_in_mb": 200,
        "fps": FPS,
        "splits": {"train": f"0:{len(dataset.rows)}"},
        "data_path": DATA,
        "video_path": None,
        "features": vectors | scalars,
    }
    (meta / "info.json").write_text(json.dumps(info, indent=4), encoding="utf-8")
    return info


def _task_table(tasks: Mapping[str, int]) -> Any:
    """Sentences and their numbers; pandas finds the sentences as the index, as LeRobot looks them up."""
    import pyarrow as pa

    table = pa.table({"task_index": pa.array(tasks.values(), pa.int64()), "task": pa.array(tasks.keys(), pa.string())})
    text = {"pandas_type": "unicode", "numpy_type": "object"}
    columns = [
        {"name": "task_index", "field_name": "task_index", "pandas_type": "int64", "numpy_type": "int64"},
        {"name": "task", "field_name": "task", **text},
    ]
    names = {"name": None, "field_name": None, **text, "metadata": {"encoding": "UTF-8"}}
    frame = {
        "index_columns": ["task"],
        "column_indexes": [names],
        "columns": [{**column, "metadata": None} for column in columns],
        "pandas_version": "2.0.0",
    }
    return table.replace_schema_metadata({b"pandas": json.dumps(frame).encode()})
