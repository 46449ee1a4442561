"""Marks: what a developer wants to see of a frame: skeletons, rays, contacts, a ground grid, and who is who."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.drawing.minimap import RANGE, WAYS

if TYPE_CHECKING:
    from hephaestus.glb.asset import Asset
    from hephaestus.render.labels import Label
    from hephaestus.render.scene import Lines

EYE = 1.2
"""m above the feet: where the agent's rays begin in the picture."""
TOP = 0.25
"""m above its highest node: where an actor's name stands."""


def mark(
    frame: Mapping[str, Any],
    nodes: Mapping[str, np.ndarray],
    assets: Mapping[str, Asset],
    decision: Mapping[str, Any] | None = None,
) -> tuple[Lines, list[Label]]:
    """Return what is drawn over a frame.

    Args:
        frame: a `frame` line of an episode.
        nodes: each actor's nodes [J, 4, 4] in the motion frame, by id.
        assets: what each actor wears, by id.
        decision: the `decision` line in force, whose free ways are drawn as rays, or None.
    """
    from hephaestus.render import marks
    from hephaestus.render.camera import to_motion
    from hephaestus.render.labels import Label

    lines, labels = [], []
    for actor in frame["actors"]:
        key = actor["id"]
        place = to_motion(np.array(actor["position"], float))
        if key in nodes and key in assets:
            lines.append(marks.skeleton(marks.bones(assets[key]), nodes[key]))
            place[1] = float(nodes[key][:, 1, 3].max()) + TOP
        labels.append(Label(f"{key} {actor.get('behavior', '')}".strip(), place))
        touched = actor["contacts"]
        if touched:
            points, normals = (to_motion(np.array([c[name] for c in touched])) for name in ("point", "normal"))
            lines.append(marks.contacts(points, normals))
    agent = next((a for a in frame["actors"] if a["kind"] == "agent"), None)
    if agent is not None:
        lines.append(marks.grid(16.0, 1.0, to_motion(np.array(agent["position"], float))))
        walls = (decision or {}).get("scene", {}).get("walls")
        if walls:
            lines.append(_rays(agent, walls))
    return marks.join(lines), labels


def _rays(agent: Mapping[str, Any], walls: Mapping[str, float | None]) -> Lines:
    from hephaestus.render import marks
    from hephaestus.render.camera import to_motion

    x, y, z = agent["position"]
    ends, hits = [], []
    for way, turn in WAYS.items():
        free = walls.get(way)
        reach = RANGE if free is None else min(float(free), RANGE)
        angle = agent["heading"] + turn
        ends.append([x + reach * math.cos(angle), y + reach * math.sin(angle), z + EYE])
        hits.append(free is not None)
    return marks.rays(to_motion(np.array([x, y, z + EYE])), to_motion(np.array(ends)), np.array(hits))
