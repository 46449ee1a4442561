"""Which renderer draws here: OpenGL where it works, else PyBullet's TinyRenderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus.errors import RenderError, shorten

if TYPE_CHECKING:
    from hephaestus.render.gl import GlRenderer
    from hephaestus.render.scene import Renderer

KINDS = ("auto", "gl", "tiny")


def open_renderer(
    size: tuple[int, int] = (640, 480),
    shadows: bool = True,
    samples: int = 4,
    kind: str = "auto",
    window: Any = None,
    many: bool = False,
) -> Renderer:
    """Open the best renderer that works on this machine.

    Args:
        size: width and height in pixels.
        shadows: whether the sun throws shadows.
        samples: samples a pixel for smooth edges; 0 is fastest. TinyRenderer has none.
        kind: "gl", "tiny", or "auto": gl, and tiny where gl fails.
        window: a pyglet window to draw into (OpenGL only), or None for pictures in memory.
        many: many pictures will be wanted one after the other: a driver that draws with the processor then draws
            several side by side, in processes of their own.

    Returns:
        A renderer; its `name` says which, such as "gl: llvmpipe (LLVM 15.0.6, 256 bits)" or "tinyrenderer".

    Raises:
        RenderError: the one asked for does not work here, or there is no such kind.
    """
    if kind not in KINDS:
        raise RenderError(f"no renderer is called '{shorten(kind, 40)}'; use one of: {', '.join(KINDS)}")
    from hephaestus.render.scene import RenderError as Refused

    reason = ""
    if kind in ("auto", "gl"):
        from hephaestus.render.gl import GlRenderer

        try:
            drawing = GlRenderer(size, shadows=shadows, samples=samples, window=window)
            return _side_by_side(drawing, shadows, samples, window) if many else drawing
        except Refused as refused:
            if kind == "gl" or window is not None:
                raise RenderError(str(refused)) from refused
            reason = str(refused)
    from prometheus.drawing.tiny import TinyRenderer

    return TinyRenderer(size, shadows=shadows, reason=reason)


def _side_by_side(drawing: GlRenderer, shadows: bool, samples: int, window: Any) -> Renderer:
    """Return a relay in place of a renderer, where one is worth having."""
    from hephaestus.render import relay

    lanes = relay.wanted(drawing.name)
    if lanes < 2:
        return drawing
    drawing.close()
    return relay.Relay(drawing.size, lanes=lanes, window=window, shadows=shadows, samples=samples)
