"""Pages in a real Chromium: what is drawn stands where the episode says, to 1 mm, and nothing hostile comes to life."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from prometheus.drawing.film import pieces, suits
from prometheus.episode import Episode, read_episode
from prometheus.replay import recorded_scenario
from prometheus.webreplay import write_page
from tests.prometheus import sample_episode
from tests.prometheus.webreplay.browser import NO_GL, Page, find_chromium
from tests.prometheus.webreplay.test_page import HOSTILE, lines

pytestmark = [
    pytest.mark.external,
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium here: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> tuple[Episode, Path]:
    """A second and a half of the warehouse, with stacks, doors, a lift, and a change of body; and its page."""
    from prometheus.config import load_config
    from prometheus.product import make

    folder = tmp_path_factory.mktemp("lived")
    config = load_config(seed=3, seconds=1.5, agents=2)

    def change(simulation):
        if simulation.world.frame == 15:
            simulation.agents[1].body = "tank"

    make("warehouse", config, folder, before=change)
    episode = read_episode(folder)
    write_page(episode, folder / "page.html", folder=folder)
    return episode, folder / "page.html"


def test_everybody_stands_where_the_episode_says(lived, tmp_path):
    episode, path = lived
    worn = pieces(episode, suits(episode, recorded_scenario(episode)))
    assert len(worn[episode.changes[0].get("agent", episode.first)]) == 2
    with Page(tmp_path, (640, 400)) as page:
        page.open(path)
        assert page.errors == []
        assert page.fetched == [path.resolve().as_uri()]
        for row in episode.frames[::6]:
            got = page.ask(f"window.pwm.then((pwm) => pwm.positions({row['frame'] / 20}))")
            assert set(got) == {a["id"] for a in row["actors"]} | {
                f"prop {t['name']}" for t in (*row["props"], *row.get("movers", ()))
            }
            for actor in row["actors"]:
                shown = got[actor["id"]]
                assert np.abs(np.subtract(shown["position"], actor["position"])).max() < 1e-3
                assert abs(np.angle(np.exp(1j * (shown["heading"] - actor["heading"])))) < 1e-4
                start, _, nodes = [piece for piece in worn[actor["id"]] if piece[0] < row["frame"]][-1]
                wanted = nodes[row["frame"] - 1 - start][:, :3, 3][:, [2, 0, 1]]
                assert np.abs(np.array(shown["nodes"]) - wanted).max() < 1e-3
            for thing in (*row["props"], *row.get("movers", ())):
                assert np.abs(np.subtract(got[f"prop {thing['name']}"]["position"], thing["position"])).max() < 1e-3
        # Half-way between two frames everybody is between.
        one, two = episode.frames[10:12]
        got = page.ask(f"window.pwm.then((pwm) => pwm.positions({(one['frame'] + 0.5) / 20}))")
        for a, b in zip(one["actors"], two["actors"], strict=True):
            assert np.abs(np.subtract(got[a["id"]]["position"], np.add(a["position"], b["position"]) / 2)).max() < 1e-3
        assert page.errors == []


def test_a_person_plays_scrubs_and_switches(lived, tmp_path):
    episode, path = lived
    with Page(tmp_path, (900, 640)) as page:
        page.open(path, "#t=0.5")
        assert page.ask("window.pwm.then((pwm) => pwm.time())") == 0.5
        assert "decided at" in page.ask("document.getElementById('mind').textContent")
        said = episode.of(episode.decisions)[0]["thought"]["decision"]["motion"]
        assert said in page.ask("document.getElementById('mind').textContent")
        box = page.ask("document.getElementById('timeline').getBoundingClientRect().toJSON()")
        spot = {"x": box["x"] + box["width"] * 0.75, "y": box["y"] + 20, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            page.call("Input.dispatchMouseEvent", type=kind, **spot)
        end = page.ask("window.pwm.then((pwm) => pwm.duration)")
        assert page.ask("window.pwm.then((pwm) => pwm.time())") == pytest.approx(0.75 * end, abs=0.02)
        before = page.picture(tmp_path / "before.png").read_bytes()
        page.call("Input.dispatchKeyEvent", type="keyDown", key="c", text="c")
        page.call("Input.dispatchKeyEvent", type="keyDown", key="4", text="4")
        assert page.ask("document.querySelectorAll('#buttons [aria-pressed=true]').length") == 4
        assert page.picture(tmp_path / "after.png").read_bytes() != before
        page.call("Input.dispatchKeyEvent", type="keyDown", key=" ", text=" ")
        later = page.ask("new Promise((done) => setTimeout(async () => done((await window.pwm).time()), 3000))")
        assert later != pytest.approx(0.75 * end, abs=0.02)
        assert page.errors == []


def test_nothing_hostile_comes_to_life(tmp_path):
    rows = lines()
    decision = next(row for row in rows if row["type"] == "decision")
    rows[0]["brain"] = decision["thought"]["text"] = decision["thought"]["decision"]["motion"] = HOSTILE
    decision["scene"]["sound"] = decision["scene"]["npc_behavior"] = HOSTILE
    folder = sample_episode.write(tmp_path / "episode", rows)
    write_page(read_episode(folder), tmp_path / "page.html")
    with Page(tmp_path / "profile", (640, 400)) as page:
        page.call("Page.addScriptToEvaluateOnNewDocument", source="window.alert = () => { window.pwned = true; };")
        page.open(tmp_path / "page.html", "#t=0.1")
        assert "onerror" in page.ask("document.getElementById('mind').textContent")
        assert page.ask("document.querySelectorAll('img').length") == 0
        assert page.ask("window.pwned") is None
        assert page.errors == []


def test_without_webgl_it_says_so_and_shows_the_mind(lived, tmp_path):
    with Page(tmp_path, (900, 640), NO_GL) as page:
        page.open(lived[1], "#t=1")
        assert "WebGL" in page.ask("document.getElementById('note').textContent")
        assert "decided at" in page.ask("document.getElementById('mind').textContent")
        assert not [error for error in page.errors if "WebGL" not in error]
