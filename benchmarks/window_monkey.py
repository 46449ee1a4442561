"""A monkey at the window: random keys, mouse, wheel, sizes and dropped files, good and hostile, for some minutes.

xvfb-run -s "-screen 0 1280x800x24" python benchmarks/window_monkey.py --minutes 30 --out monkey.json

It must not crash, the memory of all its processes may grow by less than 50 MB after the first minutes, and no frame may
take over 500 ms but those in which a world is loaded. Files are dropped by the event that the window gets from the
desktop; all else goes through the window's own events as well.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from prometheus.config import load_config
from prometheus.data import data_path
from prometheus.window.app import App, Wanted
from prometheus.window.controls import BINDINGS

SETTLED_S = 120.0
"""s after which memory is looked at first: each body, texture and font has been loaded once by then."""
LOADING_S = 2.0
"""s after a world was loaded in which pictures may take longer: shaders are compiled when they are first used."""
WORDS = ("walk", "run", "backwards", "left", "wave", "hop", "%s%n", "\u202e", "{0}", "0" * 40, "\U0001f43b", "turn")


class Monkey:
    """Sends random events to a window before each of its pictures.

    Args:
        app: whose window it is.
        files: what it drops.
        seed: of its whims.
    """

    def __init__(self, app: App, files: list[Path], seed: int) -> None:
        from pyglet.window import key

        self._app, self._files, self._rng = app, files, random.Random(seed)
        names = [name for b in BINDINGS if b.action != "quit" for name in b.keys]
        self._keys = [(getattr(key, name.removeprefix("CTRL+")), key.MOD_CTRL if "+" in name else 0) for name in names]
        self._keys += [(self._rng.randrange(32, 127), 0) for _ in range(20)]
        self._keys = [pair for pair in self._keys if pair != (key.Q, key.MOD_CTRL)]
        self._down: set[int] = set()
        self._buttons = 0
        self.events = 0

    def act(self) -> None:
        """Send a few events."""
        for _ in range(self._rng.randrange(4)):
            self._send()
            self.events += 1

    def _send(self) -> None:
        rng, window = self._rng, self._app.window
        width, height = window.get_size()
        x, y = rng.randrange(-5, width + 5), rng.randrange(-5, height + 5)
        whim = rng.random()
        if whim < 0.35:
            symbol, modifiers = rng.choice(self._keys)
            window.dispatch_event("on_key_press", symbol, modifiers)
            self._down.add(symbol)
        elif whim < 0.6 and self._down:
            symbol = rng.choice(sorted(self._down))
            self._down.discard(symbol)
            window.dispatch_event("on_key_release", symbol, 0)
        elif whim < 0.66:
            window.dispatch_event("on_text", " ".join(rng.sample(WORDS, 3)))
        elif whim < 0.76:
            window.dispatch_event("on_mouse_motion", x, y, 3, 3)
        elif whim < 0.84:
            self._buttons = rng.choice((1, 2, 4))
            window.dispatch_event("on_mouse_press", x, y, self._buttons, 0)
        elif whim < 0.9 and self._buttons:
            dx, dy = rng.randrange(-40, 40), rng.randrange(-40, 40)
            window.dispatch_event("on_mouse_drag", x, y, dx, dy, self._buttons, 0)
        elif whim < 0.96:
            window.dispatch_event("on_mouse_release", x, y, self._buttons or 1, 0)
            self._buttons = 0
        elif whim < 0.985:
            window.dispatch_event("on_mouse_scroll", x, y, 0, rng.choice((-3, -1, 1, 3)))
        elif whim < 0.993 and not window.fullscreen:
            window.set_size(rng.randrange(320, 1200), rng.randrange(240, 760))
        else:
            window.dispatch_event("on_file_drop", x, y, [str(rng.choice(self._files))])


def hostile(folder: Path) -> list[Path]:
    """Return files to be dropped: what ships, and what nobody should be able to hurt with."""
    made = [data_path("assets", "bodies", f"{name}.glb") for name in ("tank", "woman", "spider", "robot")]
    made += [data_path("worlds", f"{name}.yaml") for name in ("arena", "corridors")]
    whole = made[0].read_bytes()
    contents: dict[str, bytes] = {
        "empty.glb": b"", "short.glb": whole[: len(whole) // 3], "noise.glb": random.Random(1).randbytes(200_000),
        "claims.glb": b"glTF\x02\x00\x00\x00\xff\xff\xff\xff" + whole[12:4000], "text.vrm": b"not a body at all",
        "broken.yaml": b"name: [", "bomb.yaml": b"a: &a [x,x,x,x,x,x,x,x]\n" + b"".join(
            f"{chr(98 + k)}: &{chr(98 + k)} [{','.join(['*' + chr(97 + k)] * 8)}]\n".encode() for k in range(12)
        ), "picture.png": b"\x89PNG\r\n", "name\u202ewith\u0007odd.txt": b"?",
    }  # fmt: skip
    for name, data in contents.items():
        path = folder / name
        path.write_bytes(data)
        made.append(path)
    return [*made, folder, folder / "not there.glb"]


def main() -> int:
    """Let it play, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    figures: dict[str, Any] = {"minutes": given.minutes, "seed": given.seed}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = load_config(mode="realtime", motion__worker=True, seed=7)
        app = App("castle", config, Wanted(size=(640, 480), exit_after=given.minutes * 60, out=folder / "out"))
        monkey = Monkey(app, hostile(folder), given.seed)
        poll, load, note = app.inputs.poll, app._load, app.stats.frame
        loaded, begun, worlds, lost = [0.0], [0.0], [0], [""]
        slow: list[float] = []
        memory: list[dict[str, float]] = []

        def polled() -> None:
            poll()
            if app.playground is not None:
                monkey.act()

        def loading(playground: Any) -> None:
            load(playground)
            loaded[0] = time.perf_counter()
            worlds[0] += 1

        def noted(seconds: float) -> None:
            now = time.perf_counter()
            begun[0] = begun[0] or now
            if now - begun[0] > SETTLED_S * (1 + len(memory)):
                memory.append(app.stats.memory())
            if seconds > 0.2 and now - loaded[0] > LOADING_S:
                slow.append(round(seconds, 3))
            lost[0] = lost[0] or app.lost
            note(seconds)

        def closing() -> None:
            # Only now all processes are still there to be looked at.
            if app.window is not None:
                figures["stats"] = app.stats.to_json()
            close()

        close, app.close = app.close, closing  # type: ignore[method-assign]
        app.inputs.poll, app._load, app.stats.frame = polled, loading, noted  # type: ignore[method-assign]
        app.run()
    stats = figures.pop("stats")
    settled = sum(memory[0].values()) if memory else stats["rss_mb_start"]
    grown = stats["rss_mb_end"] - settled
    figures |= {
        "events": monkey.events, "worlds": worlds[0], "grown_mb": round(grown, 1), "slow_s": sorted(slow)[-10:],
        "memory_mb": [{name: round(mb, 1) for name, mb in each.items()} for each in memory], "lost": lost[0], **stats,
    }  # fmt: skip
    figures["holds"] = grown < 50 and not any(seconds > 0.5 for seconds in slow) and not lost[0]
    text = json.dumps(figures, indent=2)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")
    return 0 if figures["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
