"""Pictures laid over pictures."""

from __future__ import annotations

import numpy as np


def lay_over(picture: np.ndarray, overlay: np.ndarray) -> np.ndarray:
    """Lay a picture with opacity, uint8 [h, w, 4], over another, uint8 [h, w, 3]; returns the latter, changed."""
    alpha = overlay[..., 3:].astype(np.uint16)
    mixed = picture.astype(np.uint16) * (255 - alpha) + overlay[..., :3].astype(np.uint16) * alpha
    picture[...] = ((mixed + 127) // 255).astype(np.uint8)
    return picture
