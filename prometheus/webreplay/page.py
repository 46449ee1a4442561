"""Page: a recorded episode written as one HTML file that plays in any browser with WebGL, without a network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from prometheus.atomic import write_bytes
from prometheus.episode import Episode, read_episode
from prometheus.errors import ConfigError, EpisodeError, shorten

FPS = 20
LIBRARY = ("web", "three-0.187.0.min.js")
"""Under assets/: three.js, as its licence beside it allows."""
SCRIPTS = ("data.js", "stage.js", "marks.js", "compass.js", "panel.js", "timeline.js", "player.js")
"""Under web/, in the order in which they run."""
_WEB = Path(__file__).with_name("web")


def write_page(folder: Path, path: Path, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Write an episode as one self-contained page.

    Args:
        folder: of the episode, or its file.
        path: of the page; written whole or not at all.
        progress: called with (actors done, actors in all).

    Returns:
        "path", "bytes", "frames", "seconds", "entities".

    Raises:
        EpisodeError: it cannot be read or shown, or is too much for a page.
        ConfigError: the page cannot be written there.
    """
    episode = read_episode(folder)
    told, data = _contents(episode, folder, progress)
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


def _contents(
    episode: Episode, folder: Path, progress: Callable[[int, int], None] | None
) -> tuple[dict[str, Any], bytes]:
    from prometheus.film import wear
    from prometheus.replay import check_states, recorded_scenario
    from prometheus.stage import build_stage, prop_key
    from prometheus.webreplay.mind import latencies_of, minds, prompts
    from prometheus.webreplay.pack import Pack
    from prometheus.webreplay.solids import pack_materials, pack_piece, pack_stage
    from prometheus.webreplay.tracks import pack_things

    check_states(episode)
    scenario = recorded_scenario(episode)
    bodies = wear(episode, scenario)
    ids = [actor["id"] for actor in episode.frames[0]["actors"]]
    for name in ids:
        if name not in bodies:
            raise EpisodeError(f"the episode's world knows nobody called '{shorten(name, 40)}'; record it again")
    pack = Pack()
    stage = build_stage(scenario)
    world = pack_stage(pack, stage)
    known = {name.removeprefix(prop_key("")): asset for name, asset in stage.bodies.items()}
    tracks = pack_things(pack, episode, set(known))
    things = [{"name": name, "track": at, "meshes": pack_piece(pack, stage, known[name])} for name, at in tracks.items()]
    used = [mesh["material"] for mesh in (*world["meshes"], *(m for thing in things for m in thing["meshes"]))]
    materials, pictures = pack_materials(pack, stage, used)
    actors, files = _actors(pack, episode, ids, bodies, progress)
    measured = {(name or episode.first, frame): s for (name, frame), s in latencies_of(folder).items()}
    head = episode.header
    told = {
        "title": shorten(scenario.title or scenario.name, 120),
        "world": shorten(str(head["world"]), 80),
        "seed": str(head["seed"]),
        "brain": shorten(str(head["brain"]), 80),
        "fps": FPS,
        "frames": len(episode.frames),
        "first": episode.frames[0]["frame"],
        "complete": episode.end is not None,
        "stage": world,
        "materials": materials,
        "pictures": pictures,
        "things": things,
        "actors": actors,
        "bodies": files,
        "minds": minds(episode, measured),
        "prompts": prompts(episode),
        "figures": _figures(episode.end),
        "pack": pack.table,
    }
    return told, pack.data()


def _actors(
    pack: Any,
    episode: Episode,
    ids: list[str],
    bodies: dict[str, Any],
    progress: Callable[[int, int], None] | None,
) -> tuple[list[dict[str, Any]], list[int]]:
    """Pack everybody's motion and bodies: rows of actors, and the number of each GLB in the pack."""
    from hephaestus.bodies import load_body
    from prometheus.film import motions
    from prometheus.webreplay.bodies import body_bytes
    from prometheus.webreplay.tracks import pack_joints, pack_places, pack_pose, poses, swaps

    sizes = {actor["id"]: actor for actor in episode.header.get("actors", ())}
    rows = {name: [frame["actors"][k] for frame in episode.frames] for k, name in enumerate(ids)}
    loaded: dict[str, Any] = {}
    numbers: dict[int, int] = {}
    files: list[int] = []

    def number(body: Any) -> int:
        if id(body) not in numbers:
            numbers[id(body)] = len(files)
            files.append(pack.add_bytes(body_bytes(body.asset, body.name)))
        return numbers[id(body)]

    def load(name: str) -> Any:
        if name not in loaded:
            loaded[name] = load_body(name)
        return loaded[name]

    found = []
    for done, (name, motion) in enumerate(motions(episode).items(), 1):
        mine, kind = rows[name], rows[name][0]["kind"]
        wears = sorted(({0: bodies[name]} | {at: load(body) for at, body in swaps(episode, name)}).items())
        lift = np.float32([row["position"][2] for row in mine])
        found.append(
            {
                "id": name,
                "kind": kind,
                "radius": float(sizes.get(name, {}).get("radius", 0.3)),
                "height": float(sizes.get(name, {}).get("height", 1.75)),
                "places": pack_places(pack, mine, name),
                "poses": [
                    {"from": start, "body": number(body), **pack_pose(pack, body.asset, local, name)}
                    for start, body, local in poses(wears, motion, lift)
                ],
                "joints": pack_joints(pack, motion) if name in episode.agents else None,
                "behaviors": _runs([row.get("behavior") for row in mine]),
                "touches": [k for k, row in enumerate(mine) if row["contacts"]] if name in episode.agents else [],
            }
        )
        if progress is not None:
            progress(done, len(ids))
    return found, files


def _runs(values: list[Any]) -> list[list[Any]]:
    """Return what changes as (index of the first frame, value)."""
    texts = [shorten(value, 40) if isinstance(value, str) else "" for value in values]
    return [[k, text] for k, text in enumerate(texts) if k == 0 or text != texts[k - 1]]


def _figures(end: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the last line's plain figures."""
    keys = ("decisions", "contacts", "caught", "closest_threat_m", "commands_replaced", "fallbacks", "accuracy", "brier")
    found = {key: end.get(key) for key in keys} if end else {}
    return {key: value for key, value in found.items() if isinstance(value, bool | int | float)}
