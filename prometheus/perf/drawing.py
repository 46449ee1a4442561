"""Perf of drawing: pictures a second of the castle with the agent and the beast in it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from hephaestus.render.scene import Shot

WARM_UP = 12
"""Pictures drawn before the clock starts: shaders are compiled when first used."""
AFTER = 4
"""Pictures drawn after it has stopped, so that the last that count have company as the others had."""
BODIES = {"agent": "humanoid", "beast": "beast"}


def measure_drawing(
    size: tuple[int, int] = (640, 480),
    *,
    shadows: bool = True,
    samples: int = 0,
    frames: int = 120,
    window: bool = False,
    kind: str = "auto",
) -> dict[str, Any]:
    """Draw a camera's flight round two bodies in the castle's yard and take the time from picture to picture.

    Args:
        size: width and height in pixels.
        shadows: whether the sun throws shadows.
        samples: samples a pixel.
        frames: pictures that count.
        window: draw into a window instead of reading the pictures back.
        kind: "auto", "gl" or "tiny".

    Returns:
        `draw_fps`, `p99_ms`, `size`, `vertices` of the bodies, `shadows`, `window`, `renderer`.

    Raises:
        RenderError: that renderer does not work here.
    """
    from hephaestus.bodies import load_body
    from prometheus.drawing.renderer import open_renderer
    from prometheus.drawing.stage import build_stage
    from prometheus.world.scenario import load_scenario

    assets = {key: load_body(name).asset for key, name in BODIES.items()}
    stage = build_stage(load_scenario("castle"), assets)
    screen = _open_window(size) if window else None
    renderer: Any = open_renderer(size, shadows=shadows, samples=samples, kind=kind, window=screen, many=True)
    try:
        renderer.load(stage)
        places = {key: _stand(asset, 1.5 * k, 1.2 * k) for k, (key, asset) in enumerate(assets.items())}
        shots = [_shot(i, frames, places) for i in range(WARM_UP + frames + AFTER)]
        pictures = renderer.draw_all(shots) if screen is None else _show(screen, renderer, shots)
        moments = [time.perf_counter() for _ in pictures]
        name = renderer.name
    finally:
        renderer.close()
        if screen is not None:
            screen.close()
    counted = np.diff(moments[WARM_UP - 1 : WARM_UP + frames])
    return {
        "draw_fps": round(len(counted) / float(counted.sum()), 1),
        "p99_ms": round(float(np.quantile(counted, 0.99)) * 1000, 1),
        "size": list(size),
        "vertices": sum(len(p.positions) for asset in assets.values() for p in asset.primitives),
        "shadows": shadows,
        "window": window,
        "renderer": name,
    }


def _shot(i: int, frames: int, places: Mapping[str, np.ndarray]) -> Shot:
    """Return one of the pictures of a flight that takes so many frames."""
    from hephaestus.render.camera import Camera
    from hephaestus.render.scene import Shot

    turn = 2 * math.pi * i / frames
    eye = np.array([0.7 - 4.5 * math.cos(turn), 0.6 - 4.5 * math.sin(turn), 2.2])
    return Shot(Camera.in_world(eye, np.array([0.7, 0.6, 0.9])), places, time=i / 20)


def _show(screen: Any, renderer: Any, shots: Iterable[Shot]) -> Iterator[None]:
    """Show pictures in a window, as the one that people play in does."""
    for shot in shots:
        screen.dispatch_events()
        renderer.render(shot)
        renderer.present()
        screen.flip()
        yield


def _stand(asset: Any, x: float, y: float) -> np.ndarray:
    """Move a body at rest to a place on the ground (world x, y)."""
    world = asset.rest_world.copy()
    world[:, 0, 3] += y
    world[:, 2, 3] += x
    return world


def _open_window(size: tuple[int, int]) -> Any:
    from prometheus.errors import RenderError

    try:
        import pyglet

        pyglet.options.debug_gl = False
        from pyglet.window import Window

        return Window(*size, caption="pwm perf render", vsync=False)
    except Exception as reason:  # pyglet and drivers fail in many ways
        raise RenderError(f"no window can be opened here ({reason}); measure without --window") from reason
