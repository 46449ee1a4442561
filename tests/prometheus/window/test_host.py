"""A world beside the window: orders go over, moments and bodies that are ready for the GPU come back."""

from __future__ import annotations

import pickle
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prometheus.config import load_config
from prometheus.errors import PrometheusError, WorldError
from prometheus.window.host import Host
from prometheus.window.orders import ORDERS, wish
from prometheus.window.remote import Remote
from tests.prometheus.window.ground import playground

WINDOW = Path(__file__).resolve().parents[3] / "prometheus" / "window"


class Window:
    """The other end of a host's line."""

    def __init__(self, line: Connection) -> None:
        self.line = line
        self.heard: list[tuple[Any, ...]] = []

    def do(self, *order: Any) -> None:
        """Send an order."""
        self.line.send_bytes(pickle.dumps(order))

    def wait(self, kind: str, wanted: Callable[..., bool] = lambda *_: True) -> tuple[Any, ...]:
        """Return the next message of a kind for which something holds."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            assert self.line.poll(20), f"no {kind}"
            message = pickle.loads(self.line.recv_bytes())
            self.heard.append(message)
            if message[0] == kind and wanted(*message[1:]):
                return tuple(message[1:])
        raise AssertionError(f"no such {kind}")


@pytest.fixture
def window() -> Iterator[Window]:
    ours, theirs = socket.socketpair()
    ground = playground("corridors")
    host = Host(ground, Connection(theirs.detach()))
    thread = threading.Thread(target=host.run, daemon=True)
    thread.start()
    window = Window(Connection(ours.detach()))
    yield window
    window.do("close")
    thread.join(20)
    assert not thread.is_alive()
    ground.close()


def test_a_window_loads_a_world_before_time_runs_and_is_told_what_happens(window: Window) -> None:
    setting, snapshot, number = window.wait("setting")
    assert (setting.world, setting.leader, snapshot.frame) == ("corridors", "agent", 0)
    assert set(setting.shapes) == set(setting.stage.bodies)
    assert setting.shapes["agent"].asset.primitives == ()
    assert len(snapshot.places["agent"]) == len(setting.stage.bodies["agent"].parents)
    assert {"sky", "layers"} <= set(setting.pictures)
    time.sleep(0.3)
    window.do("begin", number)
    after, still = window.wait("moment")
    assert (after.frame, still) == (1, False)

    window.do("tell", "agent", "a person walks backward")
    window.wait("moment", lambda snapshot, _: snapshot.minds["agent"].command == "a person walks backward")
    window.do("wear", "agent", "robot")
    key, shape = window.wait("worn")
    assert key == "agent"
    window.wait("moment", lambda snapshot, _: len(snapshot.places["agent"]) == len(shape.asset.parents))
    window.do("wear", "agent", "no such body")
    window.wait("notice", lambda text: "no such body" in text)

    window.do("pause")
    window.wait("state", lambda paused, *_: paused)
    window.do("place", "wall", np.array([0.0, 3.0, 30.0]), np.array([0.0, 0.0, -1.0]), 0.0)
    window.wait("notice")
    window.do("reset")
    again, snapshot, number = window.wait("setting")
    assert (again.world, snapshot.frame, number) == ("corridors", 0, 2)


def test_every_order_that_the_window_gives_is_known() -> None:
    given = {
        name for path in WINDOW.glob("*.py") for name in re.findall(r"\.(?:ask|do)\(\"(\w+)\"", path.read_text("utf-8"))
    }
    keys = {"help", "screenshot", "video", "drop"}
    assert {"tell", "wear", "place", "save", "look"} <= given
    assert given - keys <= set(ORDERS)
    with pytest.raises(ValueError, match="nobody knows"):
        wish("rm -rf")


@pytest.mark.slow
def test_a_world_that_cannot_be_had_or_that_dies_is_said(tmp_path: Path) -> None:
    def fails(remote: Remote) -> BaseException:
        end = time.monotonic() + 60
        while remote.failure is None:
            assert time.monotonic() < end
            remote.advance()
            time.sleep(0.02)
        remote.close()
        return remote.failure

    config = load_config(mode="realtime", motion__worker=True)
    error = fails(Remote("no such world", config))
    assert isinstance(error, WorldError)
    assert "no such world" in str(error)

    remote = Remote("corridors", config)
    end = time.monotonic() + 90
    while remote.setting is None and time.monotonic() < end:
        remote.advance()
        time.sleep(0.02)
    assert remote.setting is not None
    remote._process.kill()
    error = fails(remote)
    assert isinstance(error, PrometheusError)
    assert "SIGKILL" in str(error)
    assert "\n" not in str(error)
