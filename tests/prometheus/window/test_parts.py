"""The window's parts, without a window."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from hephaestus.render.camera import to_motion, to_world
from prometheus.judge import command_of
from prometheus.window.controls import BINDINGS, WALK
from prometheus.window.detail import SLOW, STEPS, Detail
from prometheus.window.dropped import sort_out
from prometheus.window.settings import Kept
from prometheus.window.snapshot import Blend, Snapshot
from prometheus.window.stats import Stats
from prometheus.window.viewpoint import Viewpoint
from prometheus.window.walking import AGAIN, STAND, Walker, sentence


def test_every_combination_of_held_keys_is_a_sentence_that_goes_where_the_keys_say() -> None:
    ways = [name for name in WALK if name not in ("run", "creep")]
    for count in range(len(WALK) + 1):
        for held in itertools.combinations(WALK, count):
            said = sentence(set(held))
            ahead = ("forward" in held) - ("backward" in held)
            aside = ("left" in held or "step left" in held) - ("right" in held or "step right" in held)
            if said is None:
                assert not ahead or not set(held) & set(ways)
                continue
            command = command_of(said)
            if ahead:
                assert command.direction is not None
                assert math.copysign(1, math.cos(command.direction)) == ahead, said
            if ahead and aside and not {"left", "right"} <= set(held) and not {"step left", "step right"} <= set(held):
                assert math.copysign(1, math.sin(command.direction or 0.0)) == aside or ahead < 0, said
    paces = [command_of(sentence({"forward", *more}) or "").pace for more in (["creep"], [], ["run"])]
    assert paces[0] < paces[1] < paces[2]
    assert command_of(sentence({"left"}) or "").turn > 0 > command_of(sentence({"right"}) or "").turn


def test_a_walker_says_a_change_at_once_the_same_again_later_and_standing_once() -> None:
    walker = Walker()
    assert walker.due(0.0) is None
    walker.held.add("forward")
    assert walker.due(0.0) == "a person walks forward"
    assert walker.due(AGAIN / 2) is None
    walker.held.add("left")
    assert walker.due(AGAIN / 2) == "a person walks forward and to the left"
    assert walker.due(AGAIN * 1.6) == "a person walks forward and to the left"
    walker.held.clear()
    assert [walker.due(9.0), walker.due(9.5)] == [STAND, None]
    walker.held.add("backward")
    walker.due(10.0)
    walker.release()
    assert walker.due(10.1) is None


def test_no_key_is_bound_twice_and_every_one_exists() -> None:
    keys = [name for binding in BINDINGS for name in binding.keys]
    assert len(keys) == len(set(keys))
    import pyglet

    pyglet.options.headless = True
    from pyglet.window import key

    assert all(hasattr(key, name.removeprefix("CTRL+")) for name in keys)


def moment(frame: int, **places: np.ndarray) -> Snapshot:
    return Snapshot(frame, {"actors": [], "props": []}, places)


def test_between_two_moments_bodies_move_evenly_turn_without_shrinking_and_never_fly_across_the_world() -> None:
    start, end = np.eye(4, dtype=np.float32)[None].copy(), np.eye(4, dtype=np.float32)[None].copy()
    c, s = math.cos(1.0), math.sin(1.0)
    end[0, :3, :3] = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) * 2.0
    start[0, :3, :3] *= 2.0
    end[0, :3, 3] = [0.2, 0.0, 0.4]
    far = end.copy()
    far[0, 0, 3] = 9.0
    two = np.concatenate([end, end])
    mixed = Blend(moment(1, a=start, far=start, shape=start), moment(2, a=end, far=far, shape=two, new=end)).at(0.5)
    assert np.allclose(mixed["a"][0, :3, 3], [0.1, 0.0, 0.2])
    assert np.allclose(np.linalg.norm(mixed["a"][0, :3, :3], axis=0), 2.0, atol=1e-5)
    assert np.isclose(math.atan2(mixed["a"][0, 0, 2], mixed["a"][0, 2, 2]), 0.5, atol=1e-5)
    assert mixed["far"] is far
    assert mixed["shape"] is two
    assert mixed["new"] is end


@pytest.mark.parametrize("view", ["follow", "orbit", "eyes", "above"])
@pytest.mark.parametrize("aside", [0.0, -0.4])
def test_a_ray_through_a_pixel_meets_what_is_seen_there(view: str, aside: float) -> None:
    viewpoint = Viewpoint(view)  # type: ignore[arg-type]
    viewpoint.aside = aside
    actor = {"position": [2.0, -1.0, 0.0], "heading": 0.7}
    camera = viewpoint.look(actor, 1.75, None, 0.05)
    size = (800, 500)
    for pixel in ((400.0, 250.0), (120.0, 410.0), (700.0, 30.0)):
        start, way = viewpoint.ray(*pixel, size)
        seen = camera.project(to_motion(start + 7.0 * way)[None], size)[0]
        assert np.allclose(seen[:2], pixel, atol=0.2)
        assert np.allclose(start, to_world(np.asarray(camera.eye, float)))


def test_dragging_leaves_following_for_an_orbit_from_where_the_camera_was() -> None:
    viewpoint = Viewpoint("follow")
    actor = {"position": [0.0, 0.0, 0.0], "heading": 0.0}
    before = viewpoint.look(actor, 1.75, None, 0.05)
    viewpoint.drag(1.0, 0.0)
    after = viewpoint.look(actor, 1.75, None, 0.05)
    assert viewpoint.view == "orbit"
    assert np.linalg.norm(np.asarray(after.eye) - np.asarray(before.eye)) < 0.8
    for _ in range(50):
        viewpoint.zoom(20)
        viewpoint.drag(400, 400)
    assert np.isfinite(viewpoint.look(actor, 1.75, None, 0.05).matrix(1.5)).all()


def test_detail_falls_on_a_slow_driver_and_comes_back_on_a_quick_one() -> None:
    detail = Detail()
    for _ in range(200):
        detail.note(SLOW * 3)
    assert detail.share == STEPS[-1]
    for _ in range(2000):
        detail.note(0.004)
    assert detail.share == 1.0
    assert 0.4 < detail.mean < 1.0
    assert Detail(0.61).share == 0.6


def test_settings_are_kept_and_nonsense_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "window.json"
    Kept(size=(900, 700), level="short", marks=("rays", "names"), seen_hints=True, detail=0.72).write(file)
    assert Kept.load(file) == Kept((900, 700), "short", False, ("rays", "names"), "follow", True, 0.72)
    nonsense = {"size": [1e9, "a"], "level": 3, "marks": ["rays", {}], "tools": "yes", "detail": 99.0, "view": None}
    for text in (json.dumps(nonsense), "[" * 5000, "[]", "\x00", ""):
        file.write_text(text)
        loaded = Kept.load(file)
        assert (loaded.size, loaded.level, loaded.tools, loaded.detail) == ((1120, 680), "all", False, 1.0)
    assert Kept.load(tmp_path / "nowhere") == Kept()
    Kept().write(Path("/proc/nowhere/window.json"))


def test_what_is_dropped_is_told_apart_without_being_read(tmp_path: Path) -> None:
    body, world = tmp_path / "a.GLB", tmp_path / "b.yml"
    body.write_bytes(b"")
    world.write_bytes(b"")
    (tmp_path / "episode.jsonl").write_bytes(b"")
    assert [sort_out(str(path))[0] for path in (body, world, tmp_path, tmp_path / "episode.jsonl")] == [
        "body", "world", "episode", "episode",
    ]  # fmt: skip
    for odd in ("", "\0", "x" * 9000, str(tmp_path / "not there.glb"), "/dev/null", str(tmp_path / "..")):
        found, told = sort_out(odd)
        assert found == ""
        assert "\n" not in told


def test_stats_say_what_was_measured(tmp_path: Path) -> None:
    stats = Stats()
    for k in range(100):
        stats.frame(0.02 if k < 98 else 0.08)
    stats.answer(0.03)
    stats.write(tmp_path / "stats.json", detail=1.0)
    told = json.loads((tmp_path / "stats.json").read_text())
    assert (told["fps_median"], told["frame_ms_p50"], told["frame_ms_max"]) == (50.0, 20.0, 80.0)
    assert (told["frames"], told["input_ms_p95"], told["detail"]) == (100, 30.0, 1.0)
