"""Shapes: bodies made ready for the GPU once, and kept as long as somebody may want them again."""

from __future__ import annotations

import hashlib
import pickle
import threading
import weakref
from collections import OrderedDict
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from hephaestus.render.bodyshape import BodyShape, shadow_cell, shape_body

if TYPE_CHECKING:
    from hephaestus.glb.asset import Asset

MOST = 12
"""Bodies that are kept."""


class Shapes:
    """Works bodies out by what is in them, so that one that is read from its file again is known.

    Args:
        samples: a pixel of the picture that they are drawn in.
    """

    def __init__(self, samples: int = 0) -> None:
        self._cell = shadow_cell(samples)
        self._known: OrderedDict[bytes, BodyShape] = OrderedDict()
        self._named: OrderedDict[int, tuple[weakref.ref[Asset], bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, asset: Asset) -> BodyShape:
        """Return the shape of a body; any thread may ask."""
        with self._lock:
            key = self._key(asset)
            if key not in self._known:
                # The GPU takes its vertices from the shape: whoever draws needs the rig and the pictures besides.
                rig = replace(asset, primitives=(), animations=())
                self._known[key] = replace(shape_body(asset, self._cell), asset=rig)
            self._known.move_to_end(key)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
            return self._known[key]

    def _key(self, asset: Asset) -> bytes:
        named = self._named.get(id(asset))
        if named is not None and named[0]() is asset:
            return named[1]
        parts = asset.source or pickle.dumps([getattr(asset, part.name) for part in fields(asset)], 5)
        key = hashlib.blake2b(parts, digest_size=16).digest()
        self._named[id(asset)] = weakref.ref(asset), key
        while len(self._named) > 4 * MOST:
            self._named.popitem(last=False)
        return key
