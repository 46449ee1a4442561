"""Speed (C09): one run beside the clock with physics, motion model and drawing on."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.bench.layout import Being, Layout
from prometheus.bench.marks import Marks, mark

if TYPE_CHECKING:
    from prometheus.config import Config

SIZE = (640, 480)
_FAST, _SLOW = 0.2, 5.0
"""s: decision latency that is full, and that is nothing."""
_LATE = 0.033
_SCREEN = 1 / 60
"""s between the pictures of a screen."""
_WARM, _FIRST = 20, 6
"""Frames and pictures before anything counts."""
_LAYOUT = Layout({}, (Being("beast", "approach", 7.0, 0.6),), 0.0, "explore")


def measure_speed(config: Config, seed: int, seconds: float = 10.0) -> tuple[Marks, dict[str, Any]]:
    """Run beside the clock and draw as often as there is time for; the motion model has a process of its own.

    Args:
        config: brain and motion.
        seed: of the world.
        seconds: that count.

    Returns:
        The marks, and `draw_fps`, `latency_p50_s`, `latency_p95_s`, `late_share`, `frames`, `renderer`, `size`.

    Raises:
        RenderError: nothing here can draw.
    """
    from hephaestus.bodies import load_body
    from hephaestus.render.camera import Camera
    from hephaestus.render.scene import Shot
    from prometheus.drawing.renderer import open_renderer
    from prometheus.drawing.stage import build_stage, places
    from prometheus.drawing.worldview import standing
    from prometheus.motion.worker import RemoteMotor
    from prometheus.pace import Pace
    from prometheus.run import open_motion, simulate
    from prometheus.world.scenario import Scenario

    motion = config.motion.model_copy(update={"worker": True})
    settings = {"seed": seed, "judge": "off", "mode": "realtime", "body": None, "agents": 1, "motion": motion}
    chosen = config.model_copy(update=settings)
    scenario = Scenario.model_validate(_LAYOUT.document("speed", seed))
    motor = open_motion(chosen)
    simulation, _ = simulate("speed", chosen, scenario=scenario, motor=motor)
    renderer = open_renderer(SIZE, shadows=True, samples=0, many=True)
    latencies: list[float] = []
    drawn: list[float] = []
    try:
        with simulation:
            world = simulation.world
            bodies = {actor.body: load_body(actor.body) for actor in world.actors}
            renderer.load(build_stage(scenario, {actor.id: bodies[actor.body].asset for actor in world.actors}))

            def shot() -> Shot:
                x, y, _ = simulation.agent.actor.position
                camera = Camera.in_world(np.array([x - 4.0, y - 1.0, 2.2]), np.array([x, y, 0.9]))
                return Shot(camera, places(world) | standing(world, bodies), time=world.time)

            newest, over = [shot()], Event()

            def live() -> None:
                pace = Pace()
                while not over.is_set():
                    pace.wait()
                    thought = simulation.step().thought
                    newest[0] = shot()
                    if thought is not None:
                        latencies.append(thought.latency_s)

            def shots(end: float) -> Iterator[Shot]:
                while time.perf_counter() < end:
                    yield newest[0]

            for _ in range(_WARM):
                simulation.step()
            for _ in renderer.draw_all([shot()] * _FIRST):
                pass  # the first pictures compile what draws
            # The world has a thread of its own: pictures are taken from those who draw them while it computes.
            with ThreadPoolExecutor(1) as pool:
                living = pool.submit(live)
                try:
                    last = time.perf_counter()
                    for _ in renderer.draw_all(shots(last + seconds)):
                        # As on a screen, which shows a picture that came early in the next of its own.
                        time.sleep(max(0.0, last + _SCREEN - time.perf_counter()))
                        now = time.perf_counter()
                        drawn.append(now - last)
                        last = now
                finally:
                    over.set()
                living.result()
        name = renderer.name
    finally:
        renderer.close()
        if isinstance(motor, RemoteMotor):
            motor.close()
    draw_fps = round(len(drawn) / sum(drawn), 1)
    found = {
        "draw_fps": draw_fps,
        "latency_p50_s": round(float(np.percentile(latencies, 50)), 6) if latencies else None,
        "latency_p95_s": round(float(np.percentile(latencies, 95)), 6) if latencies else None,
        "late_share": round(sum(each > _LATE for each in drawn) / len(drawn), 4),
        "frames": len(drawn),
        "renderer": name,
        "size": list(SIZE),
    }
    return score(draw_fps, latencies, drawn), found


def score(draw_fps: float, latencies: Sequence[float], frames: Sequence[float]) -> Marks:
    """50 x min(1, draw_fps / 60), 30 for the latency's p95 on a log scale, 20 x (1 - 10 x share of late frames)."""
    p95 = float(np.percentile(latencies, 95)) if latencies else math.inf
    late = sum(each > _LATE for each in frames) / len(frames) if frames else 1.0
    return Marks(
        "C09",
        (
            mark("drawn frames a second", 50, draw_fps / 60.0, ">= 60", draw_fps),
            mark("decision latency p95", 30, quickness(p95), "<= 0.2 s", f"{p95:.4g} s"),
            mark("frames in time", 20, 1.0 - 10.0 * late, "none over 33 ms", f"{100 * late:.3g} % late"),
        ),
    )


def quickness(p95: float) -> float:
    """1 at 0.2 s and less, 0 at 5 s and more, a straight line in the logarithm between."""
    if p95 <= _FAST:
        return 1.0
    return 0.0 if p95 >= _SLOW else 1.0 - math.log(p95 / _FAST) / math.log(_SLOW / _FAST)
