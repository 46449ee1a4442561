"""Pages: everything of an episode is in them, nothing in an episode gets out of its place, and bad ones are refused."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prometheus.episode import read_episode
from prometheus.errors import ConfigError, EpisodeError
from prometheus.webreplay import pack, write_page
from prometheus.webreplay.contents import contents
from prometheus.webreplay.mind import minds
from prometheus.webreplay.tracks import pack_pose
from tests.prometheus import sample_episode
from tests.prometheus.pwm import pwm

HOSTILE = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)> \u2028 {{data}} &lt; ]]>"


def lines(frames: int = 3) -> list[dict[str, Any]]:
    """An episode of the castle in which agent and beast stand on their feet."""
    rows = sample_episode.rows(frames)
    from hephaestus.skeleton import rest_joints

    joints = rest_joints()
    for row in rows:
        if row["type"] == "frame":
            x, y, _ = row["actors"][0]["position"]
            row["joints_0.1mm"] = np.rint((joints + np.array([y, 0.0, x])) * 1e4).astype(int).ravel().tolist()
            row["actors"] = [actor | {"contacts": []} for actor in row["actors"]]
    return rows


def page_of(rows: list[dict[str, Any]], folder: Path) -> str:
    path = folder / "page.html"
    write_page(read_episode(sample_episode.write(folder / "episode", rows)), path)
    return path.read_text("utf-8")


def told_in(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="told">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    told: dict[str, Any] = json.loads(found.group(1))
    return told


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return page_of(lines(), tmp_path_factory.mktemp("clean"))


def test_a_page_holds_all_and_asks_for_nothing(page):
    told = told_in(page)
    assert [actor["id"] for actor in told["actors"]] == ["agent", "beast"]
    assert told["frames"] == 3
    (decision,) = told["minds"]["agent"]["decisions"]
    assert decision["motion"] == "a person walks forward"
    assert {entry["key"]: entry["agreement"] for entry in decision["predict"]}["backward"] == "false_alarm"
    assert decision["predict"][0]["cites"][0]["type"] == "beast"
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"(?!data:)", page)
    assert len(page) < 5_000_000
    assert "three.js authors" in page
    block = re.search(r'<script type="application/octet-stream" id="pack">([A-Za-z0-9+/=]+)</script>', page)
    assert block is not None
    assert len(gzip.decompress(base64.b64decode(block.group(1)))) > 1_000_000


def test_the_same_episode_gives_the_same_bytes(page, tmp_path):
    assert page_of(lines(), tmp_path) == page


def test_nothing_an_episode_says_gets_out_of_its_place(page, tmp_path):
    rows = lines()
    rows[0]["brain"] = HOSTILE
    decision = next(row for row in rows if row["type"] == "decision")
    decision["thought"]["text"] = decision["thought"]["decision"]["motion"] = HOSTILE
    decision["prompt"]["user"] = decision["scene"]["sound"] = decision["verdict"]["command"]["text"] = HOSTILE
    decision["scene"]["npc_id"] = HOSTILE
    hostile = page_of(rows, tmp_path)
    for mark in ("<script", "</script", "<!--", "<img", "onerror=alert(2)>"):
        assert hostile.count(mark) == page.count(mark), mark
    assert told_in(hostile)["minds"]["agent"]["decisions"][0]["text"] == HOSTILE
    title = re.search(r"<title>(.*?)</title>", hostile)
    assert title is not None
    assert "<" not in title.group(1)


def test_texts_and_numbers_are_bounded(tmp_path):
    rows = lines()
    decision = next(row for row in rows if row["type"] == "decision")
    decision["thought"]["text"] = "x" * 99_000
    decision["scene"]["unheard_of"] = {"deep": [[[[[[1]]]]]], "many": list(range(1000)), "huge": 10**400}
    path = sample_episode.write(tmp_path, rows) / "episode.jsonl"
    path.write_text(path.read_text().replace('"many": [0,', '"endless": 1e999, "many": [0,'))
    shown = minds(read_episode(path))["agent"]["decisions"][0]
    assert len(shown["text"]) == 4000
    assert shown["scene"]["unheard_of"]["endless"] is None
    assert len(json.dumps(shown["scene"], allow_nan=False)) < 3000


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda row: row["actors"][1].update(position=[1e8, 0.0, 0.0]), "no page can show"),
        (lambda row: row["actors"][1].pop("phase"), "says nothing of how"),
        (lambda row: row["actors"][1].update(id="nobody"), "knows nobody called 'nobody'"),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path, change, says):
    rows = lines()
    for row in rows:
        if row["type"] == "frame":
            change(row)
    with pytest.raises(EpisodeError, match=says):
        page_of(rows, tmp_path)
    assert not (tmp_path / "page.html").exists()


def test_too_much_for_a_page_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pack, "MOST_BYTES", 100_000)
    with pytest.raises(EpisodeError, match="too much for one page"):
        page_of(lines(), tmp_path)


def test_a_swapped_body_is_worn_from_its_frame_on(tmp_path):
    rows = lines(5)
    at = next(k for k, row in enumerate(rows) if row["type"] == "frame" and row["frame"] == 4)
    rows.insert(at, {"type": "change", "frame": 4, "what": "body", "to": "tank"})
    told, _ = contents(read_episode(sample_episode.write(tmp_path, rows)))
    poses = told["actors"][0]["poses"]
    assert [pose["from"] for pose in poses] == [0, 3]
    assert poses[0]["body"] != poses[1]["body"]
    assert len(told["bodies"]) == 3


def unpacked(block: bytes, entry: dict[str, Any]) -> np.ndarray:
    """What `web/data.js` makes of an array, in numpy."""
    data, kind = gzip.decompress(block), np.dtype("<" + entry["kind"])
    count = int(np.prod(entry["shape"]))
    raw = np.frombuffer(data, np.uint8, count * kind.itemsize, entry["at"])
    if not entry["track"]:
        return raw.view(kind).reshape(entry["shape"])
    steps = raw.reshape(kind.itemsize, -1).T.copy().view(f"<u{kind.itemsize}").reshape(-1, entry["shape"][0])
    summed = np.cumsum(steps, axis=1, dtype=steps.dtype)
    return np.ascontiguousarray(summed.T).view(kind).reshape(entry["shape"])


def test_tracks_come_back_bit_by_bit():
    rng = np.random.default_rng(5)
    held = pack.Pack()
    floats = rng.normal(size=(7, 3, 4)).astype(np.float32)
    shorts = rng.integers(-32768, 32767, (9, 5)).astype(np.int16)
    numbers = [held.add_track(floats), held.add_track(shorts, "i2"), held.add(floats, "f4")]
    block = held.data()
    for number, values in zip(numbers, (floats, shorts, floats), strict=True):
        assert np.array_equal(unpacked(block, held.table[number]), values)


def test_rounded_turns_keep_a_long_arm_to_a_millimetre():
    """A chain of forty joints, 1 m each: rounded to 16 bits its end would be centimetres off."""
    from hephaestus.glb.asset import Asset, compose

    nodes, frames = 40, 6
    rng = np.random.default_rng(3)
    turns = rng.normal(size=(frames, nodes, 4)).astype(np.float32)
    turns /= np.linalg.norm(turns, axis=-1, keepdims=True)
    moves = np.tile(np.float32([0, 1, 0]), (nodes, 1))
    ones = np.ones((nodes, 3), np.float32)
    rest = np.tile(np.float32([0, 0, 0, 1]), (nodes, 1))
    parents = np.arange(-1, nodes - 1, dtype=np.int32)
    asset = Asset(("",) * nodes, parents, moves, rest, ones, compose(moves, rest, ones))
    local = compose(np.broadcast_to(moves, (frames, nodes, 3)), turns, np.ones((frames, nodes, 3), np.float32))
    held = pack.Pack()
    packed = pack_pose(held, asset, local.astype(np.float32), "arm")
    back = unpacked(held.data(), held.table[packed["turns"]["values"]]).astype(float)
    back /= np.linalg.norm(back, axis=-1, keepdims=True)
    whole = np.tile(rest, (frames, 1, 1)).astype(float)
    whole[:, packed["turns"]["nodes"]] = back
    again = asset.world(compose(np.broadcast_to(moves, (frames, nodes, 3)), whole, np.ones((frames, nodes, 3))))
    assert np.abs(again - asset.world(local))[..., :3, 3].max() < 1e-3


@pytest.mark.slow
def test_an_unwritable_place_is_one_sentence(tmp_path):
    episode = read_episode(sample_episode.write(tmp_path / "episode", lines()))
    with pytest.raises(ConfigError, match="choose another place with --html"):
        write_page(episode, tmp_path / "missing" / "page.html")


@pytest.mark.slow
def test_the_command_line_writes_a_page_or_says_why_not(tmp_path):
    folder = sample_episode.write(tmp_path / "episode", lines())
    done = pwm("replay", folder, "--html", tmp_path / "new" / "page.html", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["html"]["bytes"] == (tmp_path / "new" / "page.html").stat().st_size
    bad = pwm("replay", folder, "--html", tmp_path)
    assert (bad.returncode, bad.stderr.count("\n")) == (2, 1)
    assert "is a folder" in bad.stderr
