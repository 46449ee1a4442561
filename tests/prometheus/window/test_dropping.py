"""Files that another program drops on the window: a good one is worn, a bad one is named and refused."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from prometheus.data import data_path
from prometheus.window.dropped import paths_of, sort_out
from tests.prometheus.window.desktop import Desktop, missing, parted
from tests.prometheus.window.dragging import URIS, Dragging

WORLD, NOTICES = (0, 60, 320, 330), (0, 330, 320, 480)
MANY = ("application/x-one", "text/plain", "UTF8_STRING", "x-special/icon", URIS)


@pytest.mark.parametrize(
    ("listed", "paths"),
    [
        (b"file:///a%20b%C3%A4.glb\r\n", ["/a b\u00e4.glb"]),
        (b"# from elsewhere\r\nfile://localhost/x\r\nfile:/y\r\n\r\n/z", ["/x", "/y", "/z"]),
        (b"file:///odd?name#here.glb", ["/odd?name#here.glb"]),
        (b"file://[\nhttp://far/away.glb\nfile://far/away.glb", ["file://[", "http://far/away.glb", "file://far/away.glb"]),
        (b"\xff\xfe", ["\udcff\udcfe"]),
        (b"\r\n \0", []),
        (b"/x\n" * 10_000, ["/x"] * 8),
    ],
)  # fmt: skip
def test_addresses_become_paths(listed: bytes, paths: list[str]) -> None:
    assert paths_of(listed) == paths


def test_what_is_no_file_or_no_text_is_refused(tmp_path: Path) -> None:
    body = tmp_path / "b\udcff.glb"
    body.write_bytes(b"")
    for path in (*paths_of(b"file://[\nhttp://far/away.glb\n%00\n/\xff"), str(body)):
        found, told = sort_out(path)
        assert found == ""
        assert told.isprintable()


@pytest.mark.slow
@pytest.mark.external
@pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")
def test_bodies_are_dropped_by_another_program(tmp_path: Path) -> None:
    pytest.importorskip("imgui_bundle")
    body, bad, kept = tmp_path / "Gro\u00dfer Panzer.glb", tmp_path / "bad.glb", tmp_path / "kept"
    shutil.copyfile(data_path("assets", "bodies", "tank.glb"), body)
    bad.write_bytes(b"glTF\x02\x00\x00\x00\xff\xff\xff\xff and nothing")
    with Desktop(
        tmp_path, "play", "arena", "--seed", 7, "--size", "640x480", "--out", kept, "--detail", 0.5, "--set",
        "judge=off",
    ) as desk:  # fmt: skip
        desk.wait(lambda: desk.titled("PROMETHEUS: ") and desk.see(WORLD).std() > 20, 150, "world")
        target = int(desk.do("search", "--onlyvisible", "--name", "PROMETHEUS").split()[0])
        time.sleep(2.0)
        desk.do("mousemove", 150, 200)
        desk.key("2", "Escape", "space")
        time.sleep(1.5)

        def drop(data: bytes, *kinds: str) -> bool:
            with Dragging(desk.display, target, data, kinds or (URIS,)) as drag:
                assert drag.aware == 5
                drag.enter()
                would = drag.move(100, 420)
                return drag.drop() and would

        def told(data: bytes) -> bool:
            """Drop it, and see that the person is told something; whether it was taken."""
            before = desk.see(NOTICES)
            taken = drop(data)
            desk.wait(lambda: parted(before, desk.see(NOTICES), 60) > 0.003, 15, "notice")
            return taken

        naked = desk.see(WORLD)
        with Dragging(desk.display, target, b"") as odd:  # out of turn
            odd.say("XdndDrop", 0, 0)
            odd.say("XdndPosition", 0, 5 << 16 | 5, 0, 0)
        with Dragging(desk.display, target, b"hello", ("text/plain",)) as text:
            text.enter()
            assert not text.move(100, 100)
            assert not text.drop()
        assert not told(b"\r\n")
        for hostile in (b"file://[\r\n", b"\xff\xfe\r\nfile:///etc/passwd", f"file://{bad}".encode()):
            assert told(hostile)
        assert parted(naked, desk.see(WORLD)) < 0.01, "something was done with a bad file"
        assert drop(f"file://{quote(str(body))}\r\n".encode(), *MANY)
        desk.key("space")
        desk.wait(lambda: parted(naked, desk.see(WORLD)) > 0.02, 30, "other body")
        time.sleep(1.0)

        def worn() -> list[str]:
            desk.key("ctrl+s")
            time.sleep(0.5)
            files = [path.read_text("utf-8") for path in kept.glob("episode-*/episode.jsonl")]
            rows = [json.loads(line) for line in max(files, key=len, default="").splitlines()]
            return [row["to"] for row in rows if row["type"] == "change"]

        desk.wait(lambda: bool(worn()), 60, "change of the body in an episode that is kept")
        assert [Path(to).name for to in worn()] == [body.name]
        desk.key("ctrl+q")
        assert desk.program.wait(30) == 0, desk.log.read_text()
