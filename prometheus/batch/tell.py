"""Tell: who hears of a batch: a person at a terminal, a dashboard that reads lines, and Prometheus."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus.errors import BatchError

if TYPE_CHECKING:
    from prometheus.batch.conduct import Told
    from prometheus.batch.standing import Standing

_EVERY_S = 15.0
_METRICS_EVERY_S = 1.0


@contextmanager
def bar() -> Iterator[Told]:
    """Show a bar with rate and time left on a terminal, and plain lines otherwise, on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if console.is_terminal:
        with Progress(TextColumn("batch"), BarColumn(), TextColumn("{task.description}"), console=console) as shown:
            task = shown.add_task("", total=None)
            yield lambda _, standing: shown.update(
                task, completed=standing.done, total=standing.total, description=standing.line()
            )
        return
    last = (-1, 0.0)

    def line(_: dict[str, Any], standing: Standing) -> None:
        nonlocal last
        tenth, now = 10 * standing.done // max(standing.total, 1), time.monotonic()
        if tenth != last[0] or now - last[1] >= _EVERY_S:
            last = (tenth, now)
            print(standing.line(), file=sys.stderr, flush=True)

    yield line


@contextmanager
def event_lines(where: str) -> Iterator[Told]:
    """Write each event as a line of JSON to a file, or to stdout for "-".

    Raises:
        BatchError: the file cannot be written.
    """
    try:
        file = sys.stdout if where == "-" else Path(where).open("a", encoding="utf-8")
    except OSError as error:
        raise BatchError(f"cannot write events to {where}: {error.strerror}; choose another file") from None

    def line(event: dict[str, Any], standing: Standing) -> None:
        if event["event"] == "tick":
            return
        counts = standing.to_json() if event["event"] in ("start", "end", "done") else {}
        print(json.dumps({"at": round(time.time(), 3), **event, **counts}), file=file, flush=True)

    try:
        yield line
    finally:
        if file is not sys.stdout:
            file.close()


@contextmanager
def metrics_at(where: str) -> Iterator[Told]:
    """Serve metrics at `http://127.0.0.1:PORT/metrics`, or keep them in a file for a node's text collector.

    Raises:
        BatchError: the port is taken, or the file cannot be written.
    """
    if where.isdecimal():
        with _served(int(where)) as told:
            yield told
        return
    from prometheus.atomic import write_text

    path, last = Path(where), 0.0

    def keep(event: dict[str, Any], standing: Standing) -> None:
        nonlocal last
        now = time.monotonic()
        if event["event"] == "tick" and now - last < _METRICS_EVERY_S:
            return
        last = now
        try:
            write_text(path, standing.metrics())
        except OSError as error:
            raise BatchError(f"cannot write metrics to {where}: {error.strerror}; choose another file") from None

    yield keep


@contextmanager
def mirrored(folder: Path, url: str) -> Iterator[Told]:
    """Copy each result, when it is there, and the table at the end to any place that fsspec knows (s3, gcs, file).

    Raises:
        BatchError: there is no such place, or it cannot be written.
    """
    import fsspec

    try:
        place, root = fsspec.core.url_to_fs(url)
        place.makedirs(root, exist_ok=True)
    except (OSError, ValueError, ImportError) as error:
        raise BatchError(f"cannot write to {url}: {str(error)[:160]}; choose another --copy-to URL") from None
    root = root.rstrip("/")

    def copy(event: dict[str, Any], _: Standing) -> None:
        try:
            if event["event"] == "start" and (folder / "jobs").is_dir():
                # What an earlier run finished, but had no time to copy.
                there = {str(name).rstrip("/").rpartition("/")[2] for name in _listed(place, f"{root}/jobs")}
                for job in (folder / "jobs").iterdir():
                    if job.name not in there and not job.name.startswith("."):
                        _put(place, job, f"{root}/jobs/{job.name}")
            elif event["event"] == "done":
                _put(place, folder / "jobs" / event["job"], f"{root}/jobs/{event['job']}")
            elif event["event"] == "end":
                _put(place, folder, root)
        except OSError as error:
            raise BatchError(f"cannot write to {url}: {str(error)[:160]}; {folder} has all results") from None

    yield copy


def _listed(place: Any, folder: str) -> list[str]:
    names: list[str] = place.ls(folder, detail=False) if place.exists(folder) else []
    return names


def _put(place: Any, folder: Path, target: str) -> None:
    """Copy the files of a folder, those of folders in it not."""
    place.makedirs(target, exist_ok=True)
    for file in sorted(folder.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            place.pipe_file(f"{target}/{file.name}", file.read_bytes())


@contextmanager
def _served(port: int) -> Iterator[Told]:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    now: list[Standing] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = now[0].metrics().encode() if now else b""
            self.send_response(200 if self.path in ("/", "/metrics") else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Page)
    except (OSError, OverflowError) as error:
        raise BatchError(f"cannot serve metrics at port {port}: {error}; choose another --metrics PORT") from None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield lambda _, standing: now.__setitem__(slice(None), [standing])
    finally:
        server.shutdown()
        server.server_close()
