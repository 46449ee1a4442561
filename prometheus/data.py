"""Where the worlds and assets are: inside the installed wheel, or at the root of a checkout."""

from __future__ import annotations

from pathlib import Path

from prometheus.errors import DataError

_PACKAGE = Path(__file__).resolve().parent


def data_path(*parts: str) -> Path:
    """Return the path of a shipped file or folder, such as `data_path("worlds", "castle.yaml")`.

    The wheel carries `worlds/` and `assets/` under `prometheus/_data`; a checkout has them beside the packages.
    With no parts, the folder that holds both. The path of a missing file is returned as well: the caller knows what
    to say about it.

    Raises:
        DataError: neither place has the first part.
    """
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        if (root / (parts[0] if parts else "worlds")).exists():
            return root.joinpath(*parts)
    wanted = parts[0] if parts else "worlds"
    raise DataError(f"{wanted}/ did not travel with this installation; install prometheus-world again from its wheel")
