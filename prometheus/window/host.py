"""Host: a world in a process of its own, run as `python -m prometheus.window.host FD`; the other side of `remote`.

Python runs one thread of a process at a time, so that a world in the window's own process would make it wait. Orders
come over a socket, by their names (`orders`); moments, notices and bodies that are ready for the GPU go back. The
process ends when the socket is closed, as it is when the window dies.
"""

from __future__ import annotations

import pickle
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from hephaestus.thrift import be_thrifty, tidy
from prometheus.errors import PrometheusError, shorten
from prometheus.window.errands import EXPECTED
from prometheus.window.orders import wish
from prometheus.window.playground import Playground

if TYPE_CHECKING:
    from prometheus.window.snapshot import Snapshot

_NAP = 0.05
"""s waited for an order at most, so that what was read beside the loop is shown soon."""


class Host:
    """Runs a playground and says what happens in it.

    Args:
        playground: closed by whoever made it.
        line: to the window.
    """

    def __init__(self, playground: Playground, line: Connection) -> None:
        self._playground, self._line = playground, line
        self._generation = 0
        self._told: Snapshot | None = None
        self._state: tuple[Any, ...] = ()

    def run(self) -> None:
        """Let time run until the window closes the line."""
        playground = self._playground
        self.tell()
        while self._hear(min(playground.pace.rest, _NAP) if playground.begun else _NAP):
            changed = playground.grant()
            if playground.begun and playground.pace.due():
                playground.advance()
            elif changed and playground.pace.paused:
                playground.show()
            self.tell()

    def tell(self) -> None:
        """Say what is new."""
        playground = self._playground
        if playground.generation != self._generation:
            self._generation, self._told = playground.generation, playground.latest[1]
            self._say("setting", playground.setting(), self._told, self._generation)
            tidy()
        while playground.bars:
            self._say("bar", *playground.bars.popleft())
        while playground.dressed:
            key, asset = playground.dressed.popleft()
            self._say("worn", key, playground.shapes.of(asset))
        before, after, _ = playground.latest
        state = (playground.pace.paused, playground.pace.speed, playground.heights)
        if state != self._state:
            self._state = state
            self._say("state", *state)
        if after is not self._told:
            self._told = after
            self._say("moment", after, before is after)
        while playground.notices:
            self._say("notice", playground.notices.popleft())
        if playground.pointed:
            self._say("chosen", playground.pointed)
            playground.pointed = ""

    def _hear(self, wait: float) -> bool:
        """Take over all orders that have come; whether the window is still there."""
        while self._line.poll(wait):
            order, *given = pickle.loads(self._line.recv_bytes())
            if order == "close":
                return False
            self._playground.do(wish(order, *given))
            wait = 0.0
        return True

    def _say(self, kind: str, *what: Any) -> None:
        say(self._line, kind, *what)


def say(line: Connection, kind: str, *what: Any) -> None:
    """Send a message over; arrays go as they are."""
    line.send_bytes(pickle.dumps((kind, *what), pickle.HIGHEST_PROTOCOL))


def main(descriptor: int) -> None:
    """Put a world together and run it; what goes wrong is said over the line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells both processes; the window decides
    be_thrifty()
    line = Connection(descriptor)
    playground: Playground | None = None
    try:
        world, config = pickle.loads(line.recv_bytes())
        playground = Playground.open(world, config)
        Host(playground, line).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except EXPECTED as error:
        _fail(line, error)
    except Exception as error:
        traceback.print_exc()
        reason = f"{type(error).__name__}: {shorten(str(error), 200)}"
        _fail(line, PrometheusError(f"the world failed inside: {reason}; begin it anew"))
    finally:
        if playground is not None:
            playground.close()


def _fail(line: Connection, error: Exception) -> None:
    try:
        say(line, "failed", error)
    except (OSError, pickle.PicklingError, TypeError):
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
