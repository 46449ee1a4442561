"""Screenshots and videos of a window, written by another process; the window's picture is made up."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from prometheus.errors import RenderError
from prometheus.window import camcorder
from prometheus.window.camcorder import LINGER_S, SLOTS, Camcorder
from prometheus.window.darkroom import Darkroom

SIZE = (96, 64)


@pytest.fixture
def shade(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the window's picture be of one grey, its lowest row white."""
    grey = [40]

    def read(pixels: np.ndarray) -> None:
        pixels[:] = grey[0]
        pixels[0] = 255

    monkeypatch.setattr(camcorder, "read_window", read)
    return grey


def until(true: Callable[[], bool], see: Callable[[], None]) -> None:
    """Look again and again, for some seconds, until something is true."""
    end = time.monotonic() + 20.0
    while not true():
        assert time.monotonic() < end
        see()
        time.sleep(0.01)


def frames(path: Path) -> list[tuple[float, np.ndarray]]:
    """Return when each picture of a video is seen (s), and the picture."""
    import av

    with av.open(str(path)) as film:
        return [(float(each.time or 0.0), each.to_ndarray(format="rgb24")) for each in film.decode(video=0)]


def test_a_video_keeps_to_the_clock_and_to_its_first_size_however_few_pictures_there_are(
    tmp_path: Path, shade: list[int]
) -> None:
    cam = Camcorder(tmp_path / "out")
    said = cam.toggle()
    for at, grey, size in ((100.0, 40, SIZE), (100.001, 99, SIZE), (101.0, 120, (200, 32)), (103.0, 200, SIZE)):
        shade[0] = grey
        cam.see(size, at)
    assert cam.films
    path = Path(said.removeprefix("recording ").partition(";")[0])
    assert str(path) in cam.toggle()
    assert not cam.films
    until(path.is_file, lambda: cam.see(SIZE, 103.1))
    film = frames(path)
    assert [round(at, 2) for at, _ in film] == [0.0, 1.0, 3.0]
    assert [abs(int(picture[8, 8, 0]) - grey) < 8 for (_, picture), grey in zip(film, (40, 120, 200), strict=True)]
    assert film[0][1].shape == (64, 96, 3)
    assert film[0][1][-1].mean() > 200, "row 0 is at the top"
    assert film[1][1][40:].max() < 20, "what the window did not show then is black"
    # Nothing is to be done any more: the process goes by itself.
    process = cam._room.process if cam._room is not None else None
    assert process is not None
    until(lambda: cam._room is None, lambda: cam.see(SIZE, 103.1 + 2 * LINGER_S))
    assert process.wait(10.0) == 0
    assert not cam.notices
    cam.close()


def test_pictures_that_nobody_has_time_for_are_left_out_and_a_screenshot_waits_for_its_turn(
    tmp_path: Path, shade: list[int]
) -> None:
    cam = Camcorder(tmp_path)
    cam.snap()
    cam.see(SIZE, 0.0)
    assert cam._room is not None
    os.kill(cam._room.process.pid, signal.SIGSTOP)
    for _ in range(3 * SLOTS):
        cam.shoot(SIZE, tmp_path / "every")
    shade[0] = 180
    cam.snap()
    cam.see(SIZE, 0.1)
    os.kill(cam._room.process.pid, signal.SIGCONT)
    until(lambda: len(list(tmp_path.glob("shot-*.png"))) == 2, lambda: cam.see(SIZE, 0.2))
    assert len(list((tmp_path / "every").glob("shot-*.png"))) == SLOTS - 1
    cam.close()
    from PIL import Image

    greys = {int(np.asarray(Image.open(path))[0, 0, 0]) for path in tmp_path.glob("shot-*.png")}
    assert greys == {40, 180}


def test_a_video_is_complete_when_the_window_is_closed_meanwhile(tmp_path: Path, shade: list[int]) -> None:
    cam = Camcorder(tmp_path)
    cam.toggle()
    cam.see(SIZE, 0.0)
    cam.close()
    (path,) = tmp_path.glob("*")
    assert len(frames(path)) == 1


def test_a_video_that_cannot_be_completed_is_told_of_though_the_window_is_gone(
    tmp_path: Path, shade: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    cam = Camcorder(tmp_path / "out")
    cam.toggle()
    cam.see(SIZE, 1.0)
    until(lambda: any((tmp_path / "out").glob("*")), lambda: None)
    shutil.rmtree(tmp_path / "out")
    cam.close()
    assert "could not be completed" in capsys.readouterr().err


def test_nothing_is_left_of_a_video_on_a_disk_that_is_full(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    room, random = Darkroom(), np.random.default_rng(1)
    noise = partial(random.integers, 0, 255, (240, 320, 3), np.uint8)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(RenderError, match=r"film\.mp4: File too large"):
            deque(room.film(np.asarray(noise()), tmp_path / "film.mp4", step) for step in range(60))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())


def test_what_goes_wrong_is_said_and_the_next_picture_is_taken_all_the_same(tmp_path: Path, shade: list[int]) -> None:
    (tmp_path / "file").write_text("in the way")
    cam = Camcorder(tmp_path / "file")
    cam.toggle()
    for k in range(3):
        cam.see(SIZE, float(k))
    until(lambda: not cam.films, lambda: cam.see(SIZE, 3.0))
    assert "file" in cam.notices.popleft()
    cam.snap()
    until(lambda: bool(cam.notices), lambda: cam.see(SIZE, 4.0))
    assert "cannot write into" in cam.notices.popleft()
    cam.out = tmp_path
    cam.toggle()
    cam.see(SIZE, 5.0)
    assert cam._room is not None
    cam._room.process.kill()
    until(lambda: not cam.films, lambda: cam.see(SIZE, 6.0))
    assert "SIGKILL" in cam.notices.popleft()
    cam.snap()
    until(lambda: bool(list(tmp_path.glob("shot-*.png"))), lambda: cam.see(SIZE, 7.0))
    cam.close()
