"""A monkey at the window: random keys, mouse, wheel, sizes and dropped files, good and hostile, for some minutes.

xvfb-run -s "-screen 0 1280x800x24" python benchmarks/window_monkey.py --minutes 30 --out monkey.json

It must not crash, the memory of all its processes may grow by less than 50 MB after the first minutes, and no frame may
take over 500 ms but those in which a world is loaded. Before memory is looked at the monkey rests for some seconds,
with the reflex, no video and no full screen, so that like is compared with like; the most that there was meanwhile is
told as well. Files are dropped by the event that the window gets from the desktop; all else goes through the window's
own events as well. What a slow picture was about is told: what came before it, where the time went, and how much of it
the window's thread had the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from pathlib import Path
from types import FrameType
from typing import Any

from prometheus.config import load_config
from prometheus.data import data_path
from prometheus.window.app import App, Wanted
from prometheus.window.controls import BINDINGS, table
from prometheus.window.stats import rss_mb

SETTLED_S = 120.0
"""s after which memory is looked at first: each body, texture and font has been loaded once by then."""
LOADING_S = 2.0
"""s after a world was loaded in which pictures may take longer: shaders are compiled when they are first used."""
REST_S = 20.0
"""s for which it rests before memory is looked at."""
SLOW_S = 0.2
"""s from which on a picture is told of."""
LOOK_S = 0.01
"""s between two looks at what the window's thread does."""
_ROOT = str(Path(__file__).resolve().parents[1])
WORDS = ("walk", "run", "backwards", "left", "wave", "hop", "%s%n", "\u202e", "{0}", "0" * 40, "\U0001f43b", "turn")


class Watch:
    """Looks now and then at what the thread does that made it."""

    def __init__(self) -> None:
        """Begin to look."""
        self._thread = threading.get_ident()
        self._places: list[str] = []
        self._used = time.thread_time()
        threading.Thread(target=self._look, name="watch", daemon=True).start()

    def turn(self) -> tuple[float, Counter[str]]:
        """Return the processor time (s) that the thread took since the last turn, and how often it was seen where."""
        before, self._used = self._used, time.thread_time()
        places, self._places = self._places, []
        return self._used - before, Counter(places)

    def _look(self) -> None:
        while True:
            frame = sys._current_frames().get(self._thread)
            if frame is not None:
                self._places.append(_place(frame))
            time.sleep(LOOK_S)


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
        self._rests = 0.0
        self.events = 0
        self._actions = table()
        self.recent: deque[tuple[float, str]] = deque(maxlen=40)

    def act(self) -> None:
        """Send a few events."""
        for _ in range(self._rng.randrange(4)):
            self._send()
            self.events += 1

    def rest(self) -> None:
        """End what takes memory for a while: a video, a full screen, a brain in a process of its own."""
        app, now = self._app, time.perf_counter()
        if now < self._rests + 1.0:
            return
        # What was asked for before may come about only now: it is looked at again each second.
        self._rests = now
        for goes_on, action in ((app.camcorder.films, "video"), (app.window.fullscreen, "full screen")):
            if goes_on:
                app.actions.do(action)
        for name, mind in {} if app.snapshot is None else app.snapshot.minds.items():
            if mind.brain != "reflex":
                app.playground.do("think_with", name, "reflex")  # type: ignore[union-attr]

    def _send(self) -> None:
        rng, window = self._rng, self._app.window
        width, height = window.get_size()
        x, y = rng.randrange(-5, width + 5), rng.randrange(-5, height + 5)
        whim = rng.random()
        if whim < 0.35:
            symbol, modifiers = rng.choice(self._keys)
            self._tell(self._actions.get((symbol, bool(modifiers)), "a key"))
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
            self._tell("press")
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
            size = rng.randrange(320, 1200), rng.randrange(240, 760)
            self._tell(f"size {size[0]}x{size[1]}")
            window.set_size(*size)
        else:
            path = rng.choice(self._files)
            self._tell(f"drop {path.name}")
            window.dispatch_event("on_file_drop", x, y, [str(path)])

    def _tell(self, what: str) -> None:
        self.recent.append((time.perf_counter(), what))


def memory_of(app: App) -> dict[str, float]:
    """Return the memory, MB, of the window's processes, and of those besides that they have started."""
    known = app.stats.memory()
    return known | {"others": max(sum(rss_mb(each) for each in _kin(os.getpid())) - sum(known.values()), 0.0)}


def _kin(process: int) -> list[int]:
    """Return a process and all that come from it."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:
        text = ""
    return [process, *(each for child in text.split() for each in _kin(int(child)))]


def _place(frame: FrameType) -> str:
    """Name the function that runs, and where in this project it was called from."""
    at: FrameType | None = frame
    while at is not None and not at.f_code.co_filename.startswith(_ROOT):
        at = at.f_back
    own = "" if at is None else f"{Path(at.f_code.co_filename).stem}.{at.f_code.co_name}:{at.f_lineno}"
    return own if at is frame else f"{frame.f_code.co_name} from {own}"


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
    parser.add_argument(
        "--settled", type=float, default=SETTLED_S, help="s after which, and how often, memory is noted"
    )
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    figures: dict[str, Any] = {"minutes": given.minutes, "seed": given.seed}
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CONFIG_HOME"] = name  # the window begins as it first does, and changes nobody's settings
        folder = Path(name)
        config = load_config(mode="realtime", motion__worker=True, seed=7)
        app = App("castle", config, Wanted(size=(640, 480), exit_after=given.minutes * 60, out=folder / "out"))
        monkey = Monkey(app, hostile(folder), given.seed)
        poll, load, note = app.inputs.poll, app._load, app.stats.frame
        loaded, begun, looked, worlds, lost = [0.0], [0.0], [0.0], [0], [""]
        slow: list[dict[str, Any]] = []
        watch = Watch()
        memory: list[dict[str, float]] = []
        most: list[float] = [0.0]

        def passed() -> float:
            return time.perf_counter() - begun[0] if begun[0] else 0.0

        def polled() -> None:
            poll()
            if app.playground is None:
                return
            until = min(given.settled * (1 + len(memory)), given.minutes * 60)
            if passed() > until - REST_S:
                monkey.rest()
            else:
                monkey.act()

        def loading(playground: Any) -> None:
            load(playground)
            loaded[0] = time.perf_counter()
            worlds[0] += 1

        def noted(seconds: float) -> None:
            now = time.perf_counter()
            begun[0] = begun[0] or now
            if passed() > given.settled * (1 + len(memory)):
                memory.append(memory_of(app))
            if memory and passed() > looked[0]:
                looked[0] = passed() + 1.0
                most[0] = max(most[0], sum(memory_of(app).values()))
            used, places = watch.turn()
            if seconds > SLOW_S and now - loaded[0] > LOADING_S:
                slow.append({
                    "s": round(seconds, 3), "at_s": round(now - begun[0], 1), "processor_s": round(used, 3),
                    "after": [what for at, what in monkey.recent if now - at < seconds + 0.5],
                    "where": dict(places.most_common(3)), "size": list(app.window.get_size()),
                })  # fmt: skip
            lost[0] = lost[0] or app.lost
            note(seconds)

        def closing() -> None:
            # Only now all processes are still there to be looked at.
            if app.window is not None:
                memory.append(memory_of(app))
                figures["stats"] = app.stats.to_json()
            close()

        close, app.close = app.close, closing  # type: ignore[method-assign]
        app.inputs.poll, app._load, app.stats.frame = polled, loading, noted  # type: ignore[method-assign]
        app.run()
    stats = figures.pop("stats")
    settled, end = sum(memory[0].values()), sum(memory[-1].values())
    grown = end - settled
    figures |= {
        "events": monkey.events, "worlds": worlds[0], "grown_mb": round(grown, 1),
        "most_mb": round(max(most[0] - settled, grown), 1),
        "slow": slow[-200:],
        "memory_mb": [{name: round(mb, 1) for name, mb in each.items()} for each in memory], "lost": lost[0], **stats,
    }  # fmt: skip
    figures["holds"] = grown < 50 and not any(each["s"] > 0.5 for each in slow) and not lost[0]
    text = json.dumps(figures, indent=2)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")
    return 0 if figures["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
