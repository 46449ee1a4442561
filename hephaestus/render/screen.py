"""Screen: shows pictures that were drawn elsewhere in a window."""

from __future__ import annotations

from typing import Any

import numpy as np


class Screen:
    """A window's picture."""

    def __init__(self, window: Any) -> None:
        """Take over a pyglet window; it stays whose it is."""
        from hephaestus.render.context import open_context

        self.window = open_context(window)
        from hephaestus.render.sheet import Sheet

        self._sheet = Sheet()

    def show(self, pixels: np.ndarray | None, width: int | None = None) -> None:
        """Put a picture on the window.

        Args:
            pixels: uint8 [h, w, 4], row 0 at the top; None: the one before.
            width: pixels of the window from its left that it is stretched to; None: all of them.
        """
        self.window.switch_to()
        if pixels is not None:
            self._sheet.fill(pixels)
        whole, height = self.window.get_framebuffer_size()
        self._sheet.lay((whole if width is None else width, height), (whole, height))

    def close(self) -> None:
        """Give the driver's memory back."""
        self.window.switch_to()
        self._sheet.close()
