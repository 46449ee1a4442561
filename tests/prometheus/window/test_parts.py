"""The window's parts, without a window."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from hephaestus.render.camera import to_motion, to_world
from hephaestus.render.scene import Stage
from prometheus.judge import command_of
from prometheus.window.controls import BINDINGS, WALK
from prometheus.window.detail import STEPS, Detail
from prometheus.window.dropped import sort_out
from prometheus.window.pacing import Pacer
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


def drawn(detail: Detail, pictures: int, fixed: float, pixels: float = 0.0, least: float = 0.0) -> list[float]:
    """Draw on a driver of which a picture takes so many seconds, and so many more for all of its pixels."""
    shares = []
    for _ in range(pictures):
        detail.note(max(fixed + pixels * detail.share**2, least))
        shares.append(detail.share)
    return shares


def test_detail_falls_on_a_slow_driver_and_comes_back_on_a_quick_one() -> None:
    detail = Detail()
    drawn(detail, 600, 0.005, 0.080)
    assert detail.share == STEPS[-1]
    # It does not waver between two steps for ever.
    shares = drawn(detail, 4000, 0.005, 0.030)
    assert len({shares[k] for k in range(2000, 4000)}) <= 2
    assert sum(a != b for a, b in itertools.pairwise(shares[2000:])) <= 4
    drawn(detail, 2600, 0.004)
    assert detail.share == 1.0
    assert 0.4 < detail.mean < 1.0
    assert Detail(0.61).share == 0.6


def test_detail_is_left_alone_by_loading_by_hitches_and_by_a_screen_that_is_slow_itself() -> None:
    detail = Detail()
    drawn(detail, 10, 0.2)
    drawn(detail, 2000, 0.010)
    for _ in range(30):
        drawn(detail, 25, 0.060)
        drawn(detail, 40, 0.012)
    assert detail.least == 1.0
    detail.settle()
    drawn(detail, 8, 0.3)
    drawn(detail, 60, 0.012)
    assert detail.least == 1.0
    # Thirty pictures a second, whatever is drawn: it tries, and goes back.
    shares = drawn(detail, 6000, 0.004, 0.004, least=1 / 30)
    assert np.mean(shares) > 0.9
    assert np.mean(shares[-2000:]) > 0.95
    # A screen of sixty does not keep it coarse.
    coarse = Detail(0.42)
    drawn(coarse, 1500, 0.004, 0.006, least=1 / 60)
    assert coarse.share == 1.0
    # What is fixed stays.
    still = Detail(0.5, fixed=True)
    assert set(drawn(still, 2000, 0.1)) == {0.5}


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
    assert told["cores_stolen"] >= 0


def test_pictures_come_evenly_and_what_was_missed_is_not_made_up_by_a_rush() -> None:
    pacer, now, begun = Pacer(), 100.0, []
    work = [0.004] * 50 + [0.012, 0.030, 0.004] * 10 + [0.200] + [0.004] * 50
    for spent in work:
        begun.append(now)
        now += spent
        now += pacer.rest(now, 50.0)
    gaps = np.diff(begun)
    assert np.allclose(gaps[2:50], 0.02)
    # A picture that is late by less than half a period is made up for by the next.
    assert begun[79] - begun[49] == pytest.approx(30 * 0.02, abs=0.011)
    assert gaps.min() >= 0.004
    assert (gaps[81:] < 0.0195).sum() <= 1


class FineWindow:
    """A window of 640x480 points with twice as many pixels each way, as on a fine screen."""

    dpi, fullscreen = 96, False

    def get_size(self) -> tuple[int, int]:
        return 640, 480

    def get_framebuffer_size(self) -> tuple[int, int]:
        return 1280, 960

    def push_handlers(self, *_: object) -> None:
        """Nothing happens by itself."""


def test_on_a_fine_screen_the_mouse_points_at_pixels_and_letters_are_larger() -> None:
    pytest.importorskip("imgui_bundle")
    import pyglet

    pyglet.options.headless = True
    from prometheus.window.desk import letter_scale
    from prometheus.window.inputs import Inputs

    window, dragged, clicks = FineWindow(), [], []
    desk = SimpleNamespace(
        covers=lambda x, y: x > 1000, point=lambda x, y: None, touch=lambda: None, press=clicks.append
    )
    view = SimpleNamespace(drag=lambda dx, dy: dragged.append((dx, dy)))
    actions = SimpleNamespace(placing="", grab=lambda: False, click=lambda: clicks.append(inputs.mouse))
    panels = SimpleNamespace(stop_typing=lambda: None)
    inputs = Inputs(SimpleNamespace(window=window, desk=desk, viewpoint=view, actions=actions, panels=panels))  # type: ignore[arg-type]
    inputs.on_mouse_press(320, 360, 1, 0)
    inputs.on_mouse_release(321, 360, 1, 0)
    assert clicks == [(642.0, 240.0)]
    inputs.on_mouse_press(100, 100, 4, 0)
    inputs.on_mouse_drag(130, 90, 30, -10, 4, 0)
    # The same way of the hand turns the camera as far as on any other screen.
    assert dragged == [(30, -10)]
    assert letter_scale(window) == 2.0
    # What is under that pixel is what is drawn there.
    viewpoint = Viewpoint("orbit")
    camera = viewpoint.look({"position": [0.0, 0.0, 0.0], "heading": 0.0}, 1.75, None, 0.05)
    start, way = viewpoint.ray(*clicks[0], window.get_framebuffer_size())
    seen = camera.project(to_motion(start + 3.0 * way)[None], window.get_framebuffer_size())[0]
    assert np.allclose(seen[:2], clicks[0], atol=0.2)


@pytest.mark.parametrize(
    ("rate", "vsync", "most"), [(60, True, 60), (75, True, 93.75), (144, False, 60), (None, True, 60)]
)
def test_a_quick_screen_is_never_waited_past(rate: float | None, vsync: bool, most: float) -> None:
    pytest.importorskip("imgui_bundle")
    from prometheus.window.opening import most_fps

    mode = SimpleNamespace(rate=rate)
    assert most_fps(SimpleNamespace(vsync=vsync, screen=SimpleNamespace(get_mode=lambda: mode))) == most
    assert most_fps(SimpleNamespace(vsync=True, screen=None)) == 60


def test_an_orbit_finds_room_before_a_wall_and_comes_back() -> None:
    stage = Stage()
    stage.add_box([-1.0, 0, 2], [0.4, 20, 4.0])
    viewpoint = Viewpoint("orbit")
    viewpoint.blocked = stage.clear
    # The camera stands behind who looks along x, that is beyond the wall, and they stand with their back to it.
    for gap in (0.5, 0.05):
        for k in range(120):
            actor = {"position": [-0.8 + gap + (k > 60) * 12.0, 0.0, 0.0], "heading": 0.0}
            camera = viewpoint.look(actor, 1.75, None, 1 / 30)
            away = np.asarray(camera.eye, float) - np.asarray(camera.target, float)
            assert stage.clear(np.asarray(camera.target, float), np.asarray(camera.eye, float)) > 0.99
            assert np.linalg.norm(away) > 1.1, k
        assert math.asin(away[1] / np.linalg.norm(away)) < 0.5
        assert abs(math.atan2(away[0], -away[2])) < 0.05
        assert np.linalg.norm(away) > 5.0
