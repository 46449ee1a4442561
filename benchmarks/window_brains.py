"""Whether a brain that takes three seconds makes the window slower: interleaved pairs against one that takes none.

xvfb-run -s "-screen 0 1280x800x24" python benchmarks/window_brains.py --pairs 5 --out brains.json

The castle is begun anew for each half of a pair, the brain is swapped as a person would, and pictures are counted for
some seconds. A camera's key goes down once a second; what it waits is part of the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from prometheus.config import load_config
from prometheus.window.app import App, Wanted

BAR = 1.25
_SETTLES, _LASTS = 1.2, 3.0
"""s that a swap is given, and that pictures are counted."""
SLOW = """import time

def think(scene):
    time.sleep(3.0)
    return "PREDICT: forward=safe\\nMOTION: a person walks forward"
"""


class Pairs:
    """Swaps brains, picture by picture, and keeps what each picture took.

    Args:
        app: whose window it is.
        brains: the two, by name.
        count: pairs.
    """

    def __init__(self, app: App, brains: tuple[str, str], count: int) -> None:
        self._app, self._brains, self._count = app, brains, count
        self.rows: dict[str, list[dict[str, float]]] = {brain: [] for brain in brains}
        self._frames: list[float] = []
        self._waits: list[float] = []
        self._turns = self._all()
        answer = app.stats.answer

        def answered(seconds: float) -> None:
            answer(seconds)
            self._waits.append(seconds)

        app.stats.answer = answered  # type: ignore[method-assign]

    def shown(self, seconds: float) -> None:
        """A picture is on the screen."""
        self._frames.append(seconds)
        if next(self._turns, None) is None:
            self._app.is_open = False

    def _all(self) -> Iterator[bool]:
        for _ in range(self._count):
            for brain in self._brains:
                yield from self._half(brain)

    def _half(self, brain: str) -> Iterator[bool]:
        app = self._app
        assert app.playground is not None
        generation = app.playground.generation
        app.actions.do("reset")
        while app.playground.generation == generation:
            yield True
        app.actions.think_with(brain)
        yield from self._wait(_SETTLES)
        self._frames.clear()
        self._waits.clear()
        for view in ("orbit", "follow", "orbit", "follow"):
            app.window.dispatch_event("on_key_press", ord({"orbit": "2", "follow": "1"}[view]), 0)
            yield from self._wait(_LASTS / 4)
        frames = np.array(self._frames) * 1000
        mind = app.playground.latest[1].minds[app.chosen]
        self.rows[brain].append(
            {
                "ms_p50": float(np.median(frames)), "ms_p99": float(np.quantile(frames, 0.99)),
                "input_ms": float(np.median(self._waits or [0.0])) * 1000, "decisions": mind.decisions,
            }
        )  # fmt: skip

    def _wait(self, seconds: float) -> Iterator[bool]:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            yield True


def main() -> int:
    """Play, and say what holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CONFIG_HOME"] = name  # the window begins as it first does, and changes nobody's settings
        (Path(name) / "three_seconds.py").write_text(SLOW, encoding="utf-8")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (name, os.environ.get("PYTHONPATH"))))
        config = load_config(mode="realtime", motion__worker=True, seed=7, brain__deadline_s=6.0)
        app = App("castle", config, Wanted(size=(640, 480), out=Path(name)))
        pairs = Pairs(app, ("reflex", "three_seconds:think"), given.pairs)
        note = app.stats.frame

        def noted(seconds: float) -> None:
            note(seconds)
            pairs.shown(seconds)

        app.stats.frame = noted  # type: ignore[method-assign]
        app.run()
    quick, slow = (rows for rows in pairs.rows.values())
    figures: dict[str, Any] = {"pairs": given.pairs, "bar": BAR}
    for what in ("ms_p50", "ms_p99", "input_ms"):
        ratios = [b[what] / max(a[what], 1e-6) for a, b in zip(quick, slow, strict=True)]
        figures[what] = {
            "quick": [round(row[what], 1) for row in quick], "slow": [round(row[what], 1) for row in slow],
            "ratio": round(float(np.median(ratios)), 3),
        }  # fmt: skip
    figures["decisions"] = {"quick": [r["decisions"] for r in quick], "slow": [r["decisions"] for r in slow]}
    figures["holds"] = figures["ms_p50"]["ratio"] <= BAR and figures["input_ms"]["ratio"] <= BAR
    text = json.dumps(figures, indent=2)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")
    return 0 if figures["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
