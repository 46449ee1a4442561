"""Page: a recorded episode written as one HTML file that plays in any browser with WebGL, without a network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus.atomic import write_bytes
from prometheus.episode import Episode
from prometheus.errors import ConfigError, shorten
from prometheus.webreplay.contents import FPS, contents

if TYPE_CHECKING:
    from prometheus.attire import Attire

LIBRARY = ("web", "three-0.187.0.min.js")
"""Under assets/: three.js, as its licence beside it allows."""
SCRIPTS = ("data.js", "stage.js", "actors.js", "marks.js", "compass.js", "panel.js", "timeline.js", "player.js")
"""Under web/, in the order in which they run."""
_WEB = Path(__file__).with_name("web")


def write_page(
    episode: Episode,
    path: Path,
    progress: Callable[[int, int], None] | None = None,
    folder: Path | None = None,
    attire: Attire | None = None,
) -> dict[str, Any]:
    """Write an episode as one self-contained page.

    Args:
        episode: with its frames.
        path: of the page; written whole or not at all.
        progress: called with (actors done, actors in all).
        folder: of the episode, or its file, beside which lies what the clock measured; None where that is not wanted.
        attire: bodies that the episode may name; None for those that ship.

    Returns:
        "path", "bytes", "frames", "seconds", "entities".

    Raises:
        EpisodeError: it cannot be shown, or is too much for a page.
        ConfigError: the page cannot be written there.
    """
    told, data = contents(episode, folder, progress, attire)
    page = render(told, data)
    try:
        write_bytes(path, page)
    except OSError as error:
        raise ConfigError(
            f"cannot write {shorten(str(path), 120)}: {error.strerror}; choose another place with --html PAGE.html"
        ) from error
    entities = len(told["actors"]) + len(told["things"])
    return {
        "path": str(path), "bytes": len(page), "frames": told["frames"], "seconds": told["frames"] / FPS,
        "entities": entities,
    }  # fmt: skip


def render(told: Mapping[str, Any], data: bytes) -> bytes:
    """Return the page of what `told` says and of the arrays in `data`.

    Whatever an episode says reaches the page as JSON that cannot end its element, and from there the screen as text,
    never as markup. Should that fail one day, the policy in the page's head lets no other script run and nothing be
    fetched: scripts carry a number that follows from all of the page and so cannot be known by what is in it.
    """
    from prometheus.data import data_path

    library = data_path("assets", *LIBRARY).read_text(encoding="utf-8")
    scripts = [library, *((_WEB / name).read_text(encoding="utf-8") for name in SCRIPTS)]
    text = json.dumps(told, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    nonce = hashlib.sha256(b"\0".join([*(s.encode() for s in scripts), text.encode(), data])).hexdigest()[:32]
    parts = {
        "nonce": nonce,
        "title": _markup(f"{told['title']} - {told['brain']}"),
        "style": (_WEB / "page.css").read_text(encoding="utf-8"),
        "told": escape_json(text),
        "data": base64.b64encode(data).decode("ascii"),
        "scripts": "\n".join(f'<script nonce="{nonce}">{_script(source)}</script>' for source in scripts),
    }
    page = (_WEB / "page.html").read_text(encoding="utf-8")
    # In one pass: what is put in is not searched again.
    pieces = page.split("{{")
    out = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        out += [parts[name], rest]
    return "".join(out).encode("utf-8")


def escape_json(text: str) -> str:
    """Return JSON in which nothing can end, or begin, an element of HTML."""
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _markup(text: str) -> str:
    import html

    return html.escape("".join(c if c.isprintable() else " " for c in text[:200]), quote=True)


def _script(source: str) -> str:
    # None of ours holds it; a later version of the library might.
    return source.replace("</script", "<\\/script").replace("<!--", "<\\!--")
