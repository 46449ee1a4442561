from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from prometheus.batch.conduct import Plan, conduct
from prometheus.batch.job import Job
from prometheus.batch.shelf import Shelf
from prometheus.batch.spec import Ceilings, Spec, spread
from prometheus.batch.table import COLUMNS
from prometheus.errors import BatchError
from tests.prometheus.pwm import ROOT, pwm

CLOCK = ("attempts", "wall_seconds")


def grid(**keys: Any) -> list[Job]:
    return spread(Spec.model_validate({"worlds": ["arena"], "seeds": 2, "seconds": 0.2} | keys), None)


def table(folder: Path) -> list[dict[str, Any]]:
    rows = pq.read_table(folder / "results.parquet")
    assert rows.column_names == list(COLUMNS)
    return [{name: value for name, value in row.items() if name not in CLOCK} for row in rows.to_pylist()]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small batch, run once."""
    folder = tmp_path_factory.mktemp("batch") / "out"
    events: list[dict[str, Any]] = []
    standing, rows, reason = conduct(grid(), Ceilings(), folder, Plan(1), lambda event, _: events.append(event))
    assert (standing.done, len(rows), reason) == (2, 2, "")
    kinds = [event["event"] for event in events if event["event"] != "tick"]
    assert kinds == ["start", "begin", "done", "begin", "done", "end"]
    return folder


def test_the_table_has_a_row_a_job(done: Path) -> None:
    rows = table(done)
    assert [row["seed"] for row in rows] == [0, 1]
    assert {row["status"] for row in rows} == {"ok"}
    assert all(0 <= row["score"] <= 100 and row["sim_seconds"] == 0.2 and row["error"] is None for row in rows)
    with (done / "results.csv").open(newline="") as file:
        assert [row["job"] for row in csv.DictReader(file)] == [row["job"] for row in rows]


def test_the_same_command_again_repeats_nothing_and_another_is_refused(done: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (done / "jobs").rglob("row.json")}
    events: list[str] = []
    conduct(grid(), Ceilings(), done, Plan(1), lambda event, _: events.append(event["event"]))
    assert events == ["start", "end"]
    assert before == {path: path.stat().st_mtime_ns for path in (done / "jobs").rglob("row.json")}
    with pytest.raises(BatchError, match="--amend"):
        conduct(grid(seeds=[5]), Ceilings(), done, Plan(1))


def test_results_of_other_code_stay_only_when_asked(done: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "old"
    shutil.copytree(done, folder)
    for path in (folder / "jobs").glob("*/row.json"):
        path.write_text(path.read_text("utf-8").replace('"code": "', '"code": "old'), "utf-8")
    with pytest.raises(BatchError, match="another version"):
        conduct(grid(), Ceilings(), folder, Plan(1))
    standing, _, _ = conduct(grid(), Ceilings(), folder, Plan(1, amend=True))
    assert (standing.before, standing.done, standing.total) == (2, 2, 2)


def test_status_and_report_tell_of_it(done: Path) -> None:
    status = json.loads(pwm("batch", "status", done, "--json").stdout)
    assert (status["jobs"], status["ok"], status["running"], status["active"]) == (2, 2, 0, False)
    assert pwm("batch", "report", done).returncode == 0
    page = (done / "report.html").read_text("utf-8")
    assert "<svg" in page
    assert not any(outside in page for outside in ("src=", "<link", "<script", "url(http"))
    nothing = pwm("batch", "status", done / "jobs")
    assert nothing.returncode == 2
    assert "holds no batch" in nothing.stderr


def test_who_listens_hears_lines_metrics_and_gets_a_copy(done: Path, tmp_path: Path) -> None:
    from prometheus.batch.tell import event_lines, metrics_at, mirrored

    lines, numbers, far = tmp_path / "events.jsonl", tmp_path / "metrics.prom", tmp_path / "far"
    with event_lines(str(lines)) as one, metrics_at(str(numbers)) as two, mirrored(done, f"file://{far}") as three:
        conduct(grid(), Ceilings(), done, Plan(1), lambda event, now: [hear(event, now) for hear in (one, two, three)])
    assert [json.loads(line)["event"] for line in lines.read_text("utf-8").splitlines()] == ["start", "end"]
    assert 'pwm_batch_jobs{state="ok"} 2' in numbers.read_text("utf-8").splitlines()
    assert table(far) == table(done)
    assert {path.name for path in (far / "jobs").iterdir()} == {path.name for path in (done / "jobs").iterdir()}


@pytest.mark.slow
def test_a_row_that_cannot_be_read_is_run_again(done: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "torn"
    shutil.copytree(done, folder)
    broken = sorted((folder / "jobs").iterdir())[0]
    (broken / "row.json").write_text('{"row": {"job"', "utf-8")
    assert Shelf(folder).rows()[1] == [broken.name]
    conduct(grid(), Ceilings(), folder, Plan(1))
    assert table(folder) == table(done)


@pytest.mark.slow
def test_limits_end_a_job_with_a_reason_and_what_failed_can_be_repeated(tmp_path: Path) -> None:
    bad = tmp_path / "bad.glb"
    bad.write_bytes(b"glTF")
    jobs = [*grid(seeds=[0], seconds=300), *grid(seeds=[1], bodies=[str(bad)])]
    conduct(jobs, Ceilings(seconds=0.5), tmp_path / "out", Plan(1))
    by_seed = {row["seed"]: row for row in table(tmp_path / "out")}
    assert by_seed[0]["status"] == "limit"
    assert by_seed[0]["error"].startswith("seconds")
    assert 0 < by_seed[0]["sim_seconds"] < 300
    assert by_seed[1]["status"] == "failed"
    kept = Shelf(tmp_path / "out").row(by_seed[1]["job"])
    assert kept is not None
    assert kept["again"].startswith(f"pwm run arena --brain reflex --body {bad} --seed 1")


def test_a_limit_of_the_batch_keeps_what_was_not_begun_in_the_table(tmp_path: Path) -> None:
    standing, rows, reason = conduct(grid(seeds=3), Ceilings(batch_seconds=1e-9), tmp_path, Plan(1))
    assert "limit" in reason
    assert standing.done == 0
    assert [row["status"] for row in rows] == ["limit"] * 3
    assert all("not begun" in str(row["error"]) for row in rows)


def test_a_folder_in_use_or_unwritable_is_said(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "out")
    with shelf.held(), pytest.raises(BatchError, match="another batch"), Shelf(tmp_path / "out").held():
        pass
    file = tmp_path / "file"
    file.write_text("", "utf-8")
    with pytest.raises(BatchError, match="cannot write"):
        conduct(grid(), Ceilings(), file / "out", Plan(1))


def test_a_full_disk_ends_the_batch_and_keeps_what_is_done(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    (tmp_path / "jobs").mkdir()
    part = shelf.open_part("a")
    shelf.keep("a", part, {"row": {"job": "a"}})
    second = shelf.open_part("b")
    # /dev/full refuses every byte, as a full disk does.
    (second / "error.txt").symlink_to("/dev/full")
    with pytest.raises(BatchError, match="No space left"):
        shelf.keep("b", second, {"row": {"job": "b"}}, {"error.txt": "x" * 100_000})
    assert list(shelf.rows()[0]) == ["a"]
    assert not second.exists()


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            line = path.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == pid and b"spawn_main" in line:
            found.append(int(path.parent.name))
    return found


def _begin(spec: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "prometheus", "batch", str(spec), "--out", str(out), "--workers", "2"]
    return subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.mark.long
@pytest.mark.slow
def test_killing_workers_and_the_batch_itself_loses_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "grid.yaml"
    spec.write_text("worlds: [arena]\nbodies: [humanoid, tank]\nseeds: 14\nseconds: 0.5\n", "utf-8")
    calm = spread(
        Spec.model_validate({"worlds": ["arena"], "bodies": ["humanoid", "tank"], "seeds": 14, "seconds": 0.5}), None
    )
    conduct(calm, Ceilings(), tmp_path / "calm", Plan(2))
    dice, kills, out = random.Random(5), 0, tmp_path / "stormy"
    batch, done = _begin(spec, out), 0
    until = time.monotonic() + 240
    while kills < 20 and time.monotonic() < until:
        # However fast the machine is, somebody is hit before many more jobs are done.
        soon = time.monotonic() + 20
        while len(list((out / "jobs").glob("*/row.json"))) <= done and time.monotonic() < soon and batch.poll() is None:
            time.sleep(0.01)
        time.sleep(dice.uniform(0.0, 0.15))
        done = len(list((out / "jobs").glob("*/row.json")))
        if batch.poll() is not None:
            if batch.returncode == 0:
                break
            batch = _begin(spec, out)
            continue
        workers = _children(batch.pid)
        victim = batch.pid if kills % 4 == 3 or not workers else dice.choice(workers)
        if victim == batch.pid and kills % 4 != 3:
            continue
        os.kill(victim, signal.SIGKILL)
        if victim == batch.pid:
            batch.wait()
        kills += 1
    batch.wait(200)
    for _ in range(3):
        if batch.returncode:
            batch = _begin(spec, out)
            batch.wait(200)
    assert batch.returncode == 0
    assert kills >= 5
    assert table(out) == table(tmp_path / "calm")
