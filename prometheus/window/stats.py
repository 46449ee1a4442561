"""Stats: how smoothly the window ran."""

from __future__ import annotations

import json
import os
import time
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from prometheus.atomic import write_text


class Stats:
    """Takes the time of each frame and of each answer to a key or the mouse."""

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self._frames, self._inputs = array("d"), array("d")
        self.size = (0, 0)
        self.begin({})

    def begin(self, processes: Mapping[str, int]) -> None:
        """Note the memory at the beginning, of this process and of those that work for it, by their names."""
        self._processes = dict(processes)
        self._start = self.memory()
        self._began = time.monotonic(), stolen_s()

    def memory(self) -> dict[str, float]:
        """Return the memory that each of them has now, MB, by name."""
        return {"window": rss_mb()} | {name: rss_mb(pid) for name, pid in self._processes.items()}

    def frame(self, seconds: float) -> None:
        """Note how long a frame took, from one picture on the screen to the next."""
        self._frames.append(seconds)

    def answer(self, seconds: float) -> None:
        """Note how long an input waited until a picture showed what came of it, at the most."""
        self._inputs.append(seconds)

    def to_json(self) -> dict[str, Any]:
        """Return the figures: frames a second by the median frame, milliseconds, megabytes of memory.

        `cores_stolen` says how many processor cores a virtual machine's host took for others meanwhile, on average.
        """
        frames = np.frombuffer(self._frames, np.float64) * 1000 if self._frames else np.zeros(1)
        inputs = np.frombuffer(self._inputs, np.float64) * 1000 if self._inputs else np.zeros(1)
        middle = float(np.median(frames))
        start, end = self._start, self.memory()
        began, stolen = self._began
        return {
            "fps_median": round(1000 / middle, 1) if middle > 0 else 0.0,
            "frame_ms_p50": round(middle, 2),
            "frame_ms_p99": round(float(np.quantile(frames, 0.99)), 2),
            "frame_ms_max": round(float(frames.max()), 2),
            "input_ms_p95": round(float(np.quantile(inputs, 0.95)), 2),
            "inputs": len(self._inputs),
            "rss_mb_start": round(sum(start.values()), 1),
            "rss_mb_end": round(sum(end.values()), 1),
            "rss_mb_of": {name: [round(start[name], 1), round(end[name], 1)] for name in start},
            "frames": len(self._frames),
            "size": list(self.size),
            "cores_stolen": round((stolen_s() - stolen) / max(time.monotonic() - began, 1e-3), 2),
        }

    def write(self, path: Path, **more: Any) -> None:
        """Write them as JSON, whole or not at all."""
        write_text(path, json.dumps(self.to_json() | more, indent=2) + "\n")


def stolen_s() -> float:
    """Return the s that a virtual machine's host has kept its processors for others so far, 0 where nobody tells."""
    try:
        with open("/proc/stat", encoding="ascii") as text:
            return int(text.readline().split()[8]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


def rss_mb(process: int | str = "self") -> float:
    """Return the memory that a process has now, MB; 0 where /proc does not tell."""
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    line = next((line for line in text.splitlines() if line.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(line.split()[1]) / 1024
