"""Contents: all that a page is told of an episode: the world, everybody's bodies and motion, and what was thought."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.episode import Episode
from prometheus.errors import shorten

if TYPE_CHECKING:
    from prometheus.attire import Attire

FPS = 20
LONG = 12_000
"""Frames up to which the follow camera is that of the films, which keeps threats in the picture and out of walls."""


def contents(
    episode: Episode,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    attire: Attire | None = None,
) -> tuple[dict[str, Any], bytes]:
    """Return what a page is told of an episode, and its arrays; arguments and errors as of `write_page`."""
    from prometheus.drawing.film import suits
    from prometheus.drawing.stage import build_stage, prop_key
    from prometheus.replay import check_states, recorded_scenario
    from prometheus.webreplay.mind import latencies_of, minds, prompts
    from prometheus.webreplay.pack import Pack
    from prometheus.webreplay.solids import pack_materials, pack_piece, pack_stage
    from prometheus.webreplay.tracks import pack_things

    check_states(episode)
    pack = Pack()
    scenario = recorded_scenario(episode)
    worn = suits(episode, scenario, attire)
    ids = list(worn)
    # Each node costs eight bytes a frame, about; what cannot fit is refused before it is worked out.
    largest = (max(len(body.asset) for _, body in worn[name]) for name in ids)
    pack.check_room(len(episode.frames) * sum(8 * nodes + 64 for nodes in largest))
    actors, files = _actors(pack, episode, ids, worn, progress)
    stage = build_stage(scenario)
    world = pack_stage(pack, stage)
    known = {name.removeprefix(prop_key("")): asset for name, asset in stage.bodies.items()}
    tracks = pack_things(pack, episode, set(known))
    pieces = {name: pack_piece(pack, stage, known[name]) for name in tracks}
    things = [{"name": name, "track": track, "meshes": pieces[name]} for name, track in tracks.items()]
    used = [mesh["material"] for mesh in (*world["meshes"], *itertools.chain(*pieces.values()))]
    materials, pictures = pack_materials(pack, stage, used)
    clocked = {} if folder is None else latencies_of(folder)
    measured = {(name or episode.first, frame): s for (name, frame), s in clocked.items()}
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
        "shot": episode.first,
        "shots": _shots(pack, episode, stage),
        "pack": pack.table,
    }
    return told, pack.data()


def _actors(
    pack: Any,
    episode: Episode,
    ids: list[str],
    worn: dict[str, list[tuple[int, Any]]],
    progress: Callable[[int, int], None] | None,
) -> tuple[list[dict[str, Any]], list[int]]:
    """Pack everybody's motion and bodies: rows of actors, and the number of each GLB in the pack."""
    from prometheus.drawing.film import motions
    from prometheus.webreplay.bodies import body_bytes
    from prometheus.webreplay.tracks import pack_joints, pack_places, pack_pose, poses

    sizes = {actor["id"]: actor for actor in episode.header.get("actors", ())}
    rows = {name: [frame["actors"][k] for frame in episode.frames] for k, name in enumerate(ids)}
    numbers: dict[int, int] = {}
    files: list[int] = []

    def number(body: Any) -> int:
        if id(body) not in numbers:
            numbers[id(body)] = len(files)
            files.append(pack.add_bytes(body_bytes(body.asset, body.name)))
        return numbers[id(body)]

    found = []
    for done, (name, motion) in enumerate(motions(episode).items(), 1):
        mine, kind = rows[name], rows[name][0]["kind"]
        lift = np.array([row["position"][2] for row in mine], np.float32)
        found.append(
            {
                "id": name,
                "kind": kind,
                "radius": float(sizes.get(name, {}).get("radius", 0.3)),
                "height": float(sizes.get(name, {}).get("height", 1.75)),
                "places": pack_places(pack, mine, name),
                "poses": [
                    {"from": start, "body": number(body), **pack_pose(pack, body.asset, local, name)}
                    for start, body, local in poses(worn[name], motion, lift)
                ],
                "joints": pack_joints(pack, motion) if name in episode.agents else None,
                "behaviors": _runs([row.get("behavior") for row in mine]),
                "touches": [k for k, row in enumerate(mine) if row["contacts"]] if name in episode.agents else [],
            }
        )
        if progress is not None:
            progress(done, len(ids))
    return found, files


def _shots(pack: Any, episode: Episode, stage: Any) -> int | None:
    """Pack the film's camera, eye and aim [T, 6] m (motion frame); none for long runs, whose page has its own."""
    from prometheus.drawing.film import shots

    if len(episode.frames) > LONG:
        return None
    cameras = shots(episode, stage.clear)
    number: int = pack.add_track(np.array([[*camera.eye, *camera.target] for camera in cameras]))
    return number


def _runs(values: list[Any]) -> list[list[Any]]:
    """Return what changes as (index of the first frame, value)."""
    texts = [shorten(value, 40) if isinstance(value, str) else "" for value in values]
    return [[k, text] for k, text in enumerate(texts) if k == 0 or text != texts[k - 1]]
