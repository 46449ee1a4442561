"""Pictures drawn side by side by other processes are those that one renderer draws, in the same order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from hephaestus.bodies import load_body
from hephaestus.render import relay
from hephaestus.render.camera import Camera
from hephaestus.render.gl import GlRenderer
from hephaestus.render.relay import LARGEST, Relay
from hephaestus.render.scene import RenderError, Shot, Stage

SIZE = (96, 64)


@pytest.fixture(scope="module")
def stage() -> Stage:
    stage = Stage(bodies={"agent": load_body("robot").asset})
    stage.add_box(np.array([0.0, 0.0, -0.1]), np.array([9.0, 9.0, 0.2]))
    stage.add_box(np.array([2.0, 1.0, 1.0]), np.array([1.0, 2.0, 2.0]))
    return stage


@pytest.fixture(scope="module")
def relayed(stage: Stage) -> Iterator[Relay]:
    renderer = Relay(SIZE, samples=0, lanes=2)
    renderer.load(replace(stage, bodies=dict(stage.bodies)))
    yield renderer
    renderer.close()


def shot(stage: Stage, i: int) -> Shot:
    eye = np.array([-3.0 + 0.4 * i, 0.3 * i, 1.6])
    return Shot(Camera.in_world(eye, np.array([0.0, 0.0, 1.0])), {"agent": stage.bodies["agent"].rest_world}, time=i)


def alone(stage: Stage, shots: list[Shot]) -> list[np.ndarray]:
    renderer = GlRenderer(SIZE, samples=0)
    try:
        renderer.load(stage)
        return list(renderer.draw_all(shots))
    finally:
        renderer.close()


def test_pictures_are_those_of_one_renderer_in_the_same_order(stage: Stage, relayed: Relay) -> None:
    shots = [shot(stage, i) for i in range(7)]
    assert not np.array_equal(*(np.asarray(p) for p in alone(stage, shots[:2])))
    for one, other in zip(alone(stage, shots), relayed.draw_all(iter(shots)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_body_changes_with_the_shot_before_which_it_was_changed(stage: Stage, relayed: Relay) -> None:
    tank = load_body("tank").asset
    camera = shot(stage, 0).camera
    worn = [stage.bodies["agent"]] * 3 + [tank] * 3

    def shots() -> Iterator[Shot]:
        for i, asset in enumerate(worn):
            if i == 3:
                relayed.set_body("agent", tank)
            yield Shot(camera, {"agent": asset.rest_world})

    pictures = list(relayed.draw_all(shots()))
    robot, driven = alone(stage, [shot(stage, 0)])[0], relayed.draw(Shot(camera, {"agent": tank.rest_world}))
    assert not np.array_equal(robot, driven)
    assert [np.array_equal(p, robot) for p in pictures] == [True] * 3 + [False] * 3
    assert [np.array_equal(p, driven) for p in pictures] == [False] * 3 + [True] * 3
    relayed.set_body("agent", stage.bodies["agent"])


def test_pictures_have_the_size_that_held_when_they_were_asked_for(stage: Stage, relayed: Relay) -> None:
    def shots() -> Iterator[Shot]:
        for i in range(4):
            if i == 2:
                relayed.resize((48, 32))
            yield shot(stage, i)

    assert [p.shape for p in relayed.draw_all(shots())] == [(64, 96, 3)] * 2 + [(32, 48, 3)] * 2
    relayed.resize(SIZE)


def test_a_picture_that_is_refused_spoils_no_other(stage: Stage, relayed: Relay) -> None:
    good, bad = shot(stage, 1), Shot(shot(stage, 0).camera, {"nobody": np.eye(4)[None]})
    with pytest.raises(RenderError, match="nobody"):
        list(relayed.draw_all([good, bad, good, good]))
    given_up = relayed.draw_all([shot(stage, i) for i in range(5)])
    next(given_up)
    np.testing.assert_array_equal(relayed.draw(Shot(good.camera, good.placements, time=1)), alone(stage, [good])[0])


def test_a_lane_that_is_killed_is_told(stage: Stage) -> None:
    renderer = Relay(SIZE, samples=0, lanes=2)
    processes = [lane.process for lane in renderer._lanes]
    os.kill(processes[1].pid, signal.SIGKILL)
    with pytest.raises(RenderError, match="was ended by SIGKILL"):
        list(renderer.draw_all([Shot(shot(stage, i).camera, {}) for i in range(3)]))
    renderer.close()
    renderer.close()
    assert all(process.poll() is not None for process in processes)


def test_too_large_a_picture_is_refused(relayed: Relay) -> None:
    with pytest.raises(RenderError, match="too large"):
        relayed.resize((LARGEST + 1, 10))
    assert relayed.size == SIZE


def test_only_drivers_that_draw_with_the_processor_are_relayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert relay.wanted("gl: llvmpipe (LLVM 15.0.6, 256 bits)") == 3
    assert relay.wanted("gl: NVIDIA GeForce RTX 3060/PCIe/SSE2") == 1
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert relay.wanted("gl: llvmpipe (LLVM 15.0.6, 256 bits)") == 1
