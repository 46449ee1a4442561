"""Thrift: memory that is free goes back to the system, so that an evening of other worlds and bodies takes no more."""

from __future__ import annotations

import ctypes
import gc
import sys

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
"""As `man 3 mallopt` numbers them."""
LARGE = 512 * 1024
"""Bytes from which on a block has pages of its own, which go back as soon as it is free."""
PICTURE = 8 * LARGE
"""The same where pictures are drawn: to get pages anew for each of them takes time."""


def be_thrifty(large: int = LARGE) -> None:
    """Keep large blocks out of the heap, for good; where the C library is another one, nothing is done.

    Otherwise the GNU library lets that size grow to 32 MB with each large block that is freed, and blocks of other
    sizes then lie scattered between what stays: after some dozen worlds half of the heap is holes.

    Args:
        large: bytes of a block from which on it has pages of its own.
    """
    library = _gnu()
    if library is not None:
        for what, value in ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, large), (_TRIM_THRESHOLD, 4 * large)):
            library.mallopt(what, value)


def tidy() -> None:
    """Give back what is free now, after something large was loaded in the place of something else.

    What was loaded stays: from now on the garbage collector passes over it, for to look through all of a world would
    hold up a picture now and then.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    library = _gnu()
    if library is not None:
        library.malloc_trim(0)


def _gnu() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
