"""The renderer's programs: each is compiled when first wanted, and put to use only where another one is."""

from __future__ import annotations

from pyglet import gl

from hephaestus.render import body_shaders, shaders
from hephaestus.render.gpu import Program

KINDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "stage": (shaders.STAGE_VERTEX, shaders.STAGE_FRAGMENT, ()),
    "body": (body_shaders.BODY_VERTEX, body_shaders.BODY_FRAGMENT, ()),
    "depth": (body_shaders.DEPTH_VERTEX, body_shaders.DEPTH_FRAGMENT, ()),
    "skin": (body_shaders.SKIN_VERTEX, shaders.EMPTY_FRAGMENT, body_shaders.SKIN_OUTPUTS),
    "sky": (shaders.SKY_VERTEX, shaders.SKY_FRAGMENT, ()),
    "flame": (shaders.FLAME_VERTEX, shaders.FLAME_FRAGMENT, ()),
    "line": (shaders.LINE_VERTEX, shaders.LINE_FRAGMENT, ()),
    "layer": (shaders.LAYER_VERTEX, shaders.LAYER_FRAGMENT, ()),
}
"""Sources of the vertex and the fragment shader, and what transform feedback catches."""
UNITS = (("picture", 0), ("plan", 1), ("shadow", 2), ("layers", 3))
"""Which texture unit each sampler reads."""


class Programs:
    """All programs of one context."""

    def __init__(self) -> None:
        """Begin without any."""
        self._made: dict[tuple[str, frozenset[str]], Program] = {}
        self._current: Program | None = None

    def use(self, kind: str, defines: frozenset[str] = frozenset()) -> Program:
        """Put a program to use.

        Raises:
            RenderError: the driver refuses it.
        """
        program = self._made.get((kind, defines))
        if program is None:
            vertex, fragment, outputs = KINDS[kind]
            program = Program(shaders.source(vertex, defines), shaders.source(fragment, defines), outputs)
            self._made[kind, defines] = program
            program.use()
            for sampler, unit in UNITS:
                program.set(sampler, unit)
            self._current = program
        if self._current is not program:
            program.use()
            self._current = program
        return program

    def forget(self) -> None:
        """Others may have put programs to use since."""
        self._current = None

    def close(self) -> None:
        """Give the memory back."""
        for program in self._made.values():
            gl.glDeleteProgram(program.id)
        self._made.clear()
        self._current = None
