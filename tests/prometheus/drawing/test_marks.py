"""What a developer sees over a frame: bones, rays, contacts and names stand where they belong; views look there."""

from __future__ import annotations

import numpy as np
import pytest

from hephaestus.render.camera import to_motion
from prometheus.drawing.film import view
from prometheus.drawing.marks import mark
from tests.hephaestus.test_render import pillar, placed

AGENT = {
    "id": "agent", "kind": "agent", "position": [2.0, 1.0, 0.0], "heading": 0.5, "velocity": [0, 0],
    "contacts": [{"other": "wall", "kind": "wall", "point": [2.3, 1.0, 0.9], "normal": [-1, 0, 0], "impulse": 3.0}],
}  # fmt: skip
BEAST = {**AGENT, "id": "beast", "kind": "beast", "position": [6.0, 1.0, 0.0], "contacts": [], "behavior": "charge"}


def test_marks_show_bones_contacts_rays_and_names():
    body = pillar()
    nodes = {"agent": placed(body, 2.0, 1.0)}
    decision = {"scene": {"walls": {"forward": 3.0, "left": None, "right": None, "backward": None}}}
    frame = {"frame": 1, "actors": [AGENT, BEAST]}
    lines, labels = mark(frame, nodes, {"agent": body}, decision)
    ends = np.asarray(lines.points)
    assert [label.text for label in labels] == ["agent", "beast charge"]
    assert np.allclose(labels[0].place, to_motion(np.array([2.0, 1.0, 1.25])))
    touched = to_motion(np.array([2.3, 1.0, 0.9]))
    assert (np.abs(ends[:, 0] - touched).max(1) < 1e-4).any()
    met = to_motion(np.array([2.0 + 3 * np.cos(0.5), 1.0 + 3 * np.sin(0.5), 1.2]))
    assert (np.abs(ends[:, 1] - met).max(1) < 1e-4).any()
    assert np.asarray(lines.through).any()
    assert not np.asarray(lines.through).all()
    fewer, _ = mark({"frame": 1, "actors": [BEAST]}, {}, {}, None)
    assert len(fewer.points) == 0


@pytest.mark.parametrize("kind", ["eyes", "above", "orbit"])
def test_views_look_at_the_agent_or_where_it_looks(kind):
    camera = view(kind, AGENT, 3.0)
    ahead = [2.0 + 4 * np.cos(0.5), 1.0 + 4 * np.sin(0.5), 1.5] if kind == "eyes" else [2.0, 1.0, 0.5]
    x, y, away = camera.project(to_motion(np.array([ahead])), (160, 120))[0]
    assert away > 0
    assert abs(x - 80) < 25
    assert abs(y - 60) < 25
