"""Film: a recorded episode drawn from its states, whoever recorded it and on whatever machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.config import VideoConfig
from prometheus.episode import Episode
from prometheus.errors import EpisodeError, shorten

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.glb.asset import Asset
    from hephaestus.motion import Motion
    from hephaestus.render.camera import Camera
    from hephaestus.render.follow import Blocked
    from hephaestus.render.scene import Shot
    from prometheus.attire import Attire
    from prometheus.world.scenario import Scenario

FPS = 20
Piece = tuple[int, "Asset", np.ndarray]
"""Index of the first frame, body, and nodes [T, J, 4, 4] from there on."""


def film(
    episode: Episode,
    path: Path,
    video: VideoConfig,
    progress: Callable[[int, int], None] | None = None,
    attire: Attire | None = None,
) -> str:
    """Draw an episode into an MP4.

    Args:
        episode: what is shown.
        path: of the film; written whole or not at all.
        video: size, shadows, renderer.
        progress: called with (frames done, frames in all).
        attire: bodies that it may name; None for those that ship.

    Returns:
        The renderer's name, and why it is not the better one where it is TinyRenderer.

    Raises:
        EpisodeError: it names a body that is none of its business.
        RenderError: nothing here can draw, or the film cannot be written.
    """
    from prometheus.drawing.renderer import open_renderer
    from prometheus.drawing.stage import build_stage
    from prometheus.replay import recorded_scenario
    from prometheus.video import write_video

    path.parent.mkdir(parents=True, exist_ok=True)
    scenario = recorded_scenario(episode)
    worn = suits(episode, scenario, attire)
    stage = build_stage(scenario, {actor: bodies[0][1].asset for actor, bodies in worn.items()})
    renderer = open_renderer(video.size, shadows=video.shadows, samples=video.samples, kind=video.renderer, many=True)
    try:
        renderer.load(stage)
        worn_where = pieces(episode, worn)
        cameras = shots(episode, stage.clear, video.camera)
        assets = dict(stage.bodies) if video.marks else None
        write_video(path, _frames(episode, scenario, renderer, worn_where, cameras, progress, assets), FPS, video.size)
        reason = getattr(renderer, "reason", "")
        return f"{renderer.name} ({reason})" if reason else renderer.name
    finally:
        renderer.close()


def suits(episode: Episode, scenario: Scenario, attire: Attire | None = None) -> dict[str, list[tuple[int, Body]]]:
    """Load what everybody wears in turn: (index of the first frame in it, body), by the actor's id.

    Arguments and errors as of `film`.
    """
    from prometheus.attire import Attire
    from prometheus.webreplay.tracks import swaps

    attire = attire or Attire()
    attire.check(episode, scenario)
    first, found = _first(episode, scenario, attire), {}
    for actor in episode.frames[0]["actors"]:
        name = actor["id"]
        if name not in first:
            raise EpisodeError(f"the episode's world knows nobody called '{shorten(name, 40)}'; record it again")
        later = {at: attire.load(body) for at, body in swaps(episode, name)}
        found[name] = sorted(({0: first[name]} | later).items(), key=lambda worn: worn[0])
    return found


def _first(episode: Episode, scenario: Scenario, attire: Attire) -> dict[str, Body]:
    """The body that each actor wears at first, by the actor's id."""
    agents = episode.header.get("agents") or [{"id": "agent", "body": episode.header["body"]}]
    names = {entity.id: entity.body for entity in scenario.entities}
    names |= {str(agent["id"]): str(agent["body"]) for agent in agents}
    return {actor: attire.load(name) for actor, name in names.items()}


def pieces(episode: Episode, worn: Mapping[str, list[tuple[int, Body]]]) -> dict[str, list[Piece]]:
    """Return where everybody's nodes are in the motion frame, by id: a piece for each body that they wore in turn.

    Args:
        episode: what is shown.
        worn: as of `suits`.
    """
    from prometheus.webreplay.tracks import poses

    lifts, found = _lifts(episode), {}
    for actor, motion in motions(episode).items():
        each = poses(worn[actor], motion, lifts[actor])
        found[actor] = [(start, body.asset, body.asset.world(local)) for start, body, local in each]
    return found


def _lifts(episode: Episode) -> dict[str, np.ndarray]:
    return {
        actor: np.array([row["position"][2] for row in rows], np.float32) for actor, rows in _actors(episode).items()
    }


def motions(episode: Episode) -> dict[str, Motion]:
    """Return every actor's motion, by id, one frame for each of the episode's."""
    from hephaestus.ik import rotations_from_joints
    from hephaestus.motion import Motion
    from prometheus.world.fall import patch
    from prometheus.world.gait import gait_motion

    found = {}
    for actor, rows in _actors(episode).items():
        if rows[0]["kind"] == "agent":
            joints = episode.joints(actor)
            found[actor] = Motion(joints, rotations_from_joints(joints), episode.contacts(actor))
        else:
            gait = gait_motion(
                np.array([row["phase"] for row in rows]),
                np.array([np.hypot(*row["velocity"]) for row in rows]),
                np.array([row["position"] for row in rows]),
                np.array([row["heading"] for row in rows]),
                np.array([row["arousal"] for row in rows]),
            )
            found[actor] = patch(gait, rows)
    return found


def posed(
    body: Body, motion: Motion, lift: np.ndarray, pose: Callable[[Motion], np.ndarray] | None = None
) -> np.ndarray:
    """Return a body's local transforms [T, J, 4, 4]; posed on level ground, it is lifted [T] m to where it stands.

    Args:
        body: see above.
        motion: of its actor.
        lift: see above.
        pose: what poses it where the motion goes on from frames before (`Body.stream`); None: it begins here.
    """
    from hephaestus.motion import Motion

    joints = motion.joints.copy()
    joints[..., 1] -= lift[:, None]
    local = (pose or body.poses)(Motion(joints, motion.rotations, motion.contacts, motion.fps))
    local[:, body.asset.parents < 0, 1, 3] += lift[:, None]
    return local


def shots(episode: Episode, blocked: Blocked, kind: str = "follow") -> list[Camera]:
    """Return a camera for each frame.

    Args:
        episode: what is shown.
        blocked: what is in the way of a camera, such as `Stage.clear`.
        kind: "follow" (behind the agent, with the nearest beast in the picture), or as of `view`.
    """
    if kind != "follow":
        return [view(kind, agent, i / FPS) for i, agent in enumerate(_actors(episode)[episode.first])]
    from hephaestus.render.camera import to_motion
    from hephaestus.render.follow import TALL, FollowCamera

    camera = FollowCamera(blocked=blocked)
    actors = _actors(episode)
    beasts = [rows for name, rows in actors.items() if rows[0]["kind"] == "beast"]
    tall = {actor["id"]: actor["height"] for actor in episode.header.get("actors", ())}.get(episode.first, TALL)
    cameras = []
    for i, agent in enumerate(actors[episode.first]):
        place = np.array(agent["position"])
        near = min(
            (np.array(rows[i]["position"]) for rows in beasts), key=lambda p: np.linalg.norm(p - place), default=None
        )
        cameras.append(
            camera.update(to_motion(place), agent["heading"], None if near is None else to_motion(near), 1 / FPS, tall)
        )
    return cameras


def view(kind: str, agent: Mapping[str, Any], time: float) -> Camera:
    """Return a camera that needs no memory.

    Args:
        kind: "eyes", "above" or "orbit".
        agent: `position` (world, m) and `heading` (rad) of the agent.
        time: s; the orbit goes round in 30.
    """
    from hephaestus.render.camera import Camera, to_motion

    place = to_motion(np.array(agent["position"], float))
    if kind == "eyes":
        return Camera.eyes(place, agent["heading"])
    if kind == "above":
        return Camera.above(place)
    return Camera.orbit(place + np.array([0.0, 0.95, 0.0]), time * 2 * np.pi / 30)


def _actors(episode: Episode) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for frame in episode.frames:
        for actor in frame["actors"]:
            rows.setdefault(actor["id"], []).append(actor)
    return rows


def _frames(
    episode: Episode,
    scenario: Scenario,
    renderer: Any,
    worn: dict[str, list[Piece]],
    cameras: list[Camera],
    progress: Callable[[int, int], None] | None,
    assets: dict[str, Asset] | None,
) -> Iterator[np.ndarray]:
    from prometheus.drawing.hud import Hud

    hud = Hud(renderer.size, scenario)
    told = list(_told(episode))
    pictures = renderer.draw_all(_shots(episode, renderer, worn, cameras, told, assets))
    for i, (picture, frame, decision) in enumerate(zip(pictures, episode.frames, told, strict=True)):
        yield hud.over(picture, frame, decision)
        if progress is not None:
            progress(i + 1, len(episode.frames))


def _told(episode: Episode) -> Iterator[dict[str, Any] | None]:
    """Give the decision that stands at each frame."""
    decisions = iter([*episode.of(episode.decisions), None])
    following, decision = next(decisions), None
    for frame in episode.frames:
        if following is not None and following["frame"] <= frame["frame"]:
            decision, following = following, next(decisions)
        yield decision


def _shots(
    episode: Episode,
    renderer: Any,
    worn: dict[str, list[Piece]],
    cameras: list[Camera],
    told: list[dict[str, Any] | None],
    assets: dict[str, Asset] | None,
) -> Iterator[Shot]:
    """Give what each frame shows; bodies are changed on the way."""
    from hephaestus.render.labels import write
    from hephaestus.render.scene import Shot
    from prometheus.drawing.marks import mark
    from prometheus.drawing.stage import prop_places

    for i, (frame, camera, decision) in enumerate(zip(episode.frames, cameras, told, strict=True)):
        nodes = prop_places([*frame["props"], *frame.get("movers", ())])
        for actor, each in worn.items():
            start, asset, world = next(piece for piece in reversed(each) if piece[0] <= i)
            nodes[actor] = world[i - start]
            if i == start > 0:
                renderer.set_body(actor, asset)
                if assets is not None:
                    assets[actor] = asset
        if assets is None:
            yield Shot(camera, nodes, time=i / FPS)
        else:
            lines, labels = mark(frame, nodes, assets, decision)
            yield Shot(camera, nodes, write(labels, camera, renderer.size), lines, i / FPS)
