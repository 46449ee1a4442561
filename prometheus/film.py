"""Film: a recorded episode drawn from its states, whoever recorded it and on whatever machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.config import VideoConfig
from prometheus.episode import Episode

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from hephaestus.glb.asset import Asset
    from hephaestus.motion import Motion
    from hephaestus.render.camera import Camera
    from hephaestus.render.follow import Blocked
    from prometheus.world.scenario import Scenario

FPS = 20


def film(episode: Episode, path: Path, video: VideoConfig, progress: Callable[[int, int], None] | None = None) -> str:
    """Draw an episode into an MP4.

    Args:
        episode: what is shown.
        path: of the film; written whole or not at all.
        video: size, shadows, renderer.
        progress: called with (frames done, frames in all).

    Returns:
        The renderer's name, and why it is not the better one where it is TinyRenderer.

    Raises:
        RenderError: nothing here can draw, or the film cannot be written.
    """
    from prometheus.renderer import open_renderer
    from prometheus.replay import recorded_scenario
    from prometheus.stage import build_stage
    from prometheus.video import write_video

    path.parent.mkdir(parents=True, exist_ok=True)
    scenario = recorded_scenario(episode)
    bodies = wear(episode, scenario)
    stage = build_stage(scenario, {actor: body.asset for actor, body in bodies.items()})
    renderer = open_renderer(video.size, shadows=video.shadows, samples=video.samples, kind=video.renderer)
    try:
        renderer.load(stage)
        places = placements(episode, bodies)
        cameras = shots(episode, stage.clear, video.camera)
        assets = stage.bodies if video.marks else None
        write_video(path, _frames(episode, scenario, renderer, places, cameras, progress, assets), FPS, video.size)
        reason = getattr(renderer, "reason", "")
        return f"{renderer.name} ({reason})" if reason else renderer.name
    finally:
        renderer.close()


def wear(episode: Episode, scenario: Scenario) -> dict[str, Body]:
    """Load each actor's body, by the actor's id."""
    from hephaestus.bodies import load_body

    agents = episode.header.get("agents") or [{"id": "agent", "body": episode.header["body"]}]
    names = {entity.id: entity.body for entity in scenario.entities}
    names |= {str(agent["id"]): str(agent["body"]) for agent in agents}
    loaded = {name: load_body(name) for name in sorted(set(names.values()))}
    return {actor: loaded[name] for actor, name in names.items()}


def placements(episode: Episode, bodies: dict[str, Body]) -> dict[str, np.ndarray]:
    """Return every actor's nodes in the motion frame, by id: float32 [T, J, 4, 4]."""
    lifts = {
        actor: np.array([row["position"][2] for row in rows], np.float32) for actor, rows in _actors(episode).items()
    }
    return {
        actor: bodies[actor].asset.world(posed(bodies[actor], motion, lifts[actor]))
        for actor, motion in motions(episode).items()
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


def posed(body: Body, motion: Motion, lift: np.ndarray) -> np.ndarray:
    """Return a body's local transforms [T, J, 4, 4]; posed on level ground, it is lifted [T] m to where it stands."""
    from hephaestus.motion import Motion

    joints = motion.joints.copy()
    joints[..., 1] -= lift[:, None]
    local = body.poses(Motion(joints, motion.rotations, motion.contacts, motion.fps))
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
    from hephaestus.render.follow import FollowCamera

    camera = FollowCamera(blocked=blocked)
    actors = _actors(episode)
    beasts = [rows for name, rows in actors.items() if rows[0]["kind"] == "beast"]
    cameras = []
    for i, agent in enumerate(actors[episode.first]):
        place = np.array(agent["position"])
        near = min(
            (np.array(rows[i]["position"]) for rows in beasts), key=lambda p: np.linalg.norm(p - place), default=None
        )
        cameras.append(
            camera.update(to_motion(place), agent["heading"], None if near is None else to_motion(near), 1 / FPS)
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
    places: dict[str, np.ndarray],
    cameras: list[Camera],
    progress: Callable[[int, int], None] | None,
    assets: Mapping[str, Asset] | None,
) -> Iterator[np.ndarray]:
    from hephaestus.render.labels import write
    from prometheus.hud import Hud
    from prometheus.marks import mark
    from prometheus.stage import prop_places

    hud = Hud(renderer.size, scenario)
    decisions = iter([*episode.of(episode.decisions), None])
    following, decision = next(decisions), None
    for i, (frame, camera) in enumerate(zip(episode.frames, cameras, strict=True)):
        if following is not None and following["frame"] <= frame["frame"]:
            decision, following = following, next(decisions)
        things = [*frame["props"], *frame.get("movers", ())]
        nodes = {actor: world[i] for actor, world in places.items()} | prop_places(things)
        if assets is None:
            picture = renderer.draw(camera, nodes, time=i / FPS)
        else:
            lines, labels = mark(frame, nodes, assets, decision)
            overlay = write(labels, camera, renderer.size)
            picture = renderer.draw(camera, nodes, overlay, lines=lines, time=i / FPS)
        yield hud.over(picture, frame, decision)
        if progress is not None:
            progress(i + 1, len(episode.frames))
