"""Films: an MP4 that decodes to what was put in, whole or not at all; and what is laid over its pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aether.decision import Decision, Outlook
from prometheus.drawing.hud import Hud, Layer, scene_line
from prometheus.drawing.minimap import COLORS
from prometheus.errors import RenderError
from prometheus.video import VideoWriter, write_video
from prometheus.world.scenario import load_scenario

av = pytest.importorskip("av")

FRAME = {
    "frame": 41,
    "actors": [
        {"id": "agent", "kind": "agent", "position": [0, 0, 0], "heading": 0.3, "velocity": [1.2, 0.5], "contacts": []},
        {"id": "beast", "kind": "beast", "position": [5, 4, 0], "heading": 2.0, "velocity": [0, 0], "contacts": []},
    ],
}
SCENE = {
    "walls": {"forward": 8.1, "left": None, "right": 2.3, "backward": 4.0},
    "npc_type": "beast", "npc_distance": 3.24, "npc_behavior": "charge", "npc_bearing": 0.8, "emotion_state": "panic",
    "ground": "flat", "sound": "growling, near", "others": [],
}  # fmt: skip


def decision(danger: bool = True, motion: str = "a person sprints away") -> dict:
    said = Decision({"forward": Outlook(danger, "wall" if danger else None, 0.8 if danger else None)}, motion)
    thought = {"decision": said.to_json(), "route": "brain"}
    return {"frame": 40, "scene": SCENE, "thought": thought, "verdict": {"command": {"text": said.motion}}}


def pictures(count: int, size: tuple[int, int] = (96, 64)) -> list[np.ndarray]:
    frames = []
    for k in range(count):
        picture = np.full((size[1], size[0], 3), 20, np.uint8)
        picture[:, : size[0] // 2] = (200, 20 * k, 30)
        frames.append(picture)
    return frames


def decoded(path: Path) -> tuple[list[np.ndarray], float]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        return [f.to_ndarray(format="rgb24") for f in container.decode(stream)], float(stream.average_rate)


def test_a_film_has_size_rate_and_pictures(tmp_path):
    path = tmp_path / "film.mp4"
    assert write_video(path, iter(pictures(7)), 25, (96, 64)) == 7
    frames, rate = decoded(path)
    assert (len(frames), rate) == (7, 25)
    assert frames[0].shape == (64, 96, 3)
    assert np.abs(frames[3][32, 20].astype(int) - (200, 60, 30)).max() < 30
    assert list(tmp_path.iterdir()) == [path]
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_odd_sizes_lose_a_row_and_a_column(tmp_path):
    write_video(tmp_path / "odd.mp4", pictures(2, (97, 65)), 20, (97, 65))
    assert decoded(tmp_path / "odd.mp4")[0][0].shape == (64, 96, 3)


def test_a_failure_leaves_nothing_behind(tmp_path):
    def breaking():
        yield pictures(1)[0]
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_video(tmp_path / "film.mp4", breaking(), 20, (96, 64))
    with pytest.raises(RenderError, match="without a picture"):
        write_video(tmp_path / "film.mp4", [], 20, (96, 64))
    with pytest.raises(RenderError, match="does not fit"), VideoWriter(tmp_path / "film.mp4", 20, (96, 64)) as film:
        film.add(np.zeros((30, 30, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_one_sentence(tmp_path):
    with pytest.raises(RenderError, match="choose another place"):
        VideoWriter(tmp_path / "missing" / "film.mp4", 20, (96, 64))


def test_the_hud_changes_only_its_corners_and_the_band():
    hud = Hud((640, 360), load_scenario("castle"))
    blank = np.full((360, 640, 3), 128, np.uint8)
    picture = hud.over(blank.copy(), FRAME, decision())
    changed = (picture != blank).any(-1)
    assert changed[-60:].mean() > 0.9
    assert changed[:30, :150].mean() > 0.5
    assert not changed[150:270, 200:400].any()
    chart = picture[:140, 480:].reshape(-1, 3).astype(int)
    for kind in ("agent", "beast"):
        assert np.abs(chart - COLORS[kind]).sum(-1).min() < 60


def test_danger_is_red_and_safety_green():
    hud = Hud((640, 360), load_scenario("castle"))

    def band(danger: bool) -> np.ndarray:
        picture = hud.over(np.zeros((360, 640, 3), np.uint8), FRAME, decision(danger) | {"frame": int(danger)})
        return picture[-70:].astype(int)

    red, green = band(True), band(False)
    assert (red[..., 0] - red[..., 1]).max() > 100
    assert (green[..., 1] - green[..., 0]).max() > 60
    assert (green[..., 0] - green[..., 1]).max() < 60


def test_the_hud_stands_long_texts_and_no_decision():
    hud = Hud((320, 180), load_scenario("castle"))
    blank = np.zeros((180, 320, 3), np.uint8)
    hud.over(blank.copy(), FRAME, None)
    long = hud.over(blank.copy(), FRAME, decision(motion="a person " + "runs and runs " * 16))
    assert long.any()


def test_a_scene_reads_in_one_line():
    text = scene_line(SCENE)
    assert "beast charging 3.2 m ahead left" in text
    assert "forward 8.1" in text
    assert "left" not in text.split("walls")[1].split("|")[0]
    assert scene_line({"walls": {}}) == "open ground"


def test_a_layer_blends_by_its_opacity():
    picture = np.full((4, 4, 3), 100, np.uint8)
    layer = np.zeros((2, 2, 4), np.uint8)
    layer[0, 0], layer[0, 1] = (255, 255, 255, 255), (200, 0, 0, 128)
    Layer(layer).lay(picture, 1, 1)
    assert picture[1, 1].tolist() == [255, 255, 255]
    assert np.abs(picture[1, 2].astype(int) - (150, 50, 50)).max() <= 1
    assert (picture[2:] == 100).all()
    Layer(layer).lay(picture, 3, 3)
    assert picture[3, 3].tolist() == [255, 255, 255]
