"""Shelf: the folder of a batch, in which every finished job has a folder of its own, whole or not there at all."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus.atomic import write_bytes
from prometheus.errors import BatchError

MANIFEST, JOURNAL, JOBS, ROW = "batch.json", "journal.jsonl", "jobs", "row.json"
_PART = ".part-"
_MAX_ROW = 4_000_000


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where results are kept.

    Attributes:
        folder: `batch.json` says what is run, `jobs/KEY/row.json` how each job ended, `journal.jsonl` who began what.
    """

    folder: Path

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep any other batch out of the folder; what one that was killed left half done is cleared away.

        Raises:
            BatchError: it cannot be made or written, or another batch runs in it.
        """
        try:
            (self.folder / JOBS).mkdir(parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("a+")
        except OSError as error:
            raise self._unwritable(error) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BatchError(f"another batch runs in {self.folder}; wait for it, or choose another --out") from None
            for part in (self.folder / JOBS).glob(_PART + "*"):
                shutil.rmtree(part, ignore_errors=True)
            yield

    def open_part(self, key: str) -> Path:
        """Make the folder in which a job may leave files until it is kept.

        Raises:
            BatchError: it cannot be made.
        """
        part = self.folder / JOBS / f"{_PART}{key}-{uuid.uuid4().hex[:8]}"
        try:
            part.mkdir()
        except OSError as error:
            raise self._unwritable(error) from None
        return part

    def keep(self, key: str, part: Path, row: dict[str, Any], more: dict[str, str] | None = None) -> None:
        """Write a job's row and give its folder its name, in one step that nothing can interrupt half-way.

        Raises:
            BatchError: there is no room, or the folder cannot be written; what was kept before is still there.
        """
        try:
            for name, text in (more or {}).items():
                (part / name).write_text(text, encoding="utf-8")
            (part / ROW).write_text(json.dumps(row) + "\n", encoding="utf-8")
            for file in (*part.iterdir(), part):
                _sync(file)
            self._name(part, self.folder / JOBS / key)
            _sync(self.folder / JOBS)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise self._unwritable(error) from None

    def forget(self, key: str) -> None:
        """Take a finished job away, so that it is run again."""
        place = self.folder / JOBS / key
        aside = self.folder / JOBS / f"{_PART}{key}-old-{uuid.uuid4().hex[:6]}"
        with contextlib.suppress(FileNotFoundError):
            os.rename(place, aside)
            shutil.rmtree(aside, ignore_errors=True)

    def rows(self) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """Return what is finished, by key, and the keys whose row cannot be read."""
        found: dict[str, dict[str, Any]] = {}
        broken: list[str] = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self.folder / JOBS) as places:
            for place in places:
                if place.name.startswith("."):
                    continue
                row = _read(f"{place.path}/{ROW}")
                if row is None or row["row"].get("job") != place.name:
                    broken.append(place.name)
                else:
                    found[place.name] = row
        return found, sorted(broken)

    def row(self, key: str) -> dict[str, Any] | None:
        """Return what is kept of a job, or None."""
        return _read(f"{self.folder}/{JOBS}/{key}/{ROW}")

    def manifest(self) -> dict[str, Any] | None:
        """Return what `batch.json` says, or None where there is none.

        Raises:
            BatchError: it cannot be read.
        """
        path = self.folder / MANIFEST
        try:
            value = json.loads(path.read_text("utf-8"))
            if not isinstance(value, dict) or not isinstance(value.get("jobs"), list):
                raise ValueError
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError):
            raise BatchError(f"{path} cannot be read as what `pwm batch` writes; choose another --out DIR") from None
        return value

    def write_manifest(self, value: dict[str, Any]) -> None:
        """Write `batch.json`.

        Raises:
            BatchError: it cannot be written.
        """
        self.write(MANIFEST, json.dumps(value) + "\n")

    def write(self, name: str, text: str) -> None:
        """`write_bytes` of UTF-8 text."""
        self.write_bytes(name, text.encode("utf-8"))

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a file of the folder whole.

        Raises:
            BatchError: it cannot be written.
        """
        try:
            write_bytes(self.folder / name, data)
        except OSError as error:
            raise self._unwritable(error) from None

    def note(self, **event: Any) -> None:
        """Add a line to the journal; one that cannot be written costs nothing but the line."""
        line = json.dumps({"at": round(time.time(), 3), **event}) + "\n"
        with contextlib.suppress(OSError), (self.folder / JOURNAL).open("a", encoding="utf-8") as file:
            file.write(line)

    def journal(self) -> Iterator[dict[str, Any]]:
        """Yield the journal's lines; torn ones are passed over."""
        with contextlib.suppress(OSError), (self.folder / JOURNAL).open(encoding="utf-8", errors="replace") as file:
            for line in file:
                with contextlib.suppress(ValueError, RecursionError):
                    event = json.loads(line)
                    if isinstance(event, dict):
                        yield event

    def running(self) -> bool:
        """Whether a batch holds the folder now."""
        try:
            with (self.folder / ".lock").open("a+") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _name(self, part: Path, place: Path) -> None:
        try:
            os.rename(part, place)
        except OSError:
            if _read(f"{place}/{ROW}") is None:
                raise
            # A worker of a batch that was killed finished the same job meanwhile, with the same result.
            shutil.rmtree(part, ignore_errors=True)

    def _unwritable(self, error: OSError) -> BatchError:
        return BatchError(
            f"cannot write to {self.folder}: {error.strerror or error}; make room, or choose another --out DIR, and "
            "run the same command again: finished jobs are kept"
        )


def _read(path: str) -> dict[str, Any] | None:
    # Thousands are read to say how far a batch is: a text for a path, and no buffer, halve what that takes.
    try:
        with open(path, "rb", buffering=0) as file:
            value = json.loads(file.read(_MAX_ROW))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("row"), dict) else None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
