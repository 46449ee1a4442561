"""A headless Chromium that a test talks to over its own pipe: no library, no port."""

from __future__ import annotations

import base64
import json
import os
import selectors
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

GL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_GL = ("--disable-gpu", "--disable-3d-apis")


def find_chromium() -> str | None:
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page:
    """One page in one browser; `errors` holds what its console complained of and what it tried to fetch."""

    def __init__(self, folder: Path, size: tuple[int, int] = (1280, 720), flags: tuple[str, ...] = GL) -> None:
        program = find_chromium()
        assert program is not None
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        command = [
            program, "--headless=new", "--no-sandbox", "--no-first-run", "--disable-dev-shm-usage", "--mute-audio",
            "--remote-debugging-pipe", f"--user-data-dir={folder}", f"--window-size={size[0]},{size[1]}",
            "--disable-background-networking", "--disable-component-update", *flags, "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{to_write}', "chromium", *command],
            pass_fds=(to_read, to_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self._buffer, self._count = b"", 0
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._read, selectors.EVENT_READ)
        self.errors: list[str] = []
        self.fetched: list[str] = []
        target = next(t for t in self._call("Target.getTargets", {})["targetInfos"] if t["type"] == "page")
        attached = self._call("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        self._session: str | None = attached["sessionId"]
        for domain in ("Runtime", "Log", "Network", "Page"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False
        )

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file and wait until its player is there."""
        self.call("Page.navigate", url=path.resolve().as_uri() + fragment)
        for _ in range(600):
            if self.ask("typeof window.pwm") == "object":
                break
            time.sleep(0.05)
        self.ask("window.pwm.then(() => true, () => false)")

    def ask(self, expression: str) -> Any:
        """The value of an expression; a promise is waited for."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def picture(self, path: Path) -> Path:
        """Write what is seen as a PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
        return path

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol."""
        return self._call(method, parameters, self._session)

    def _call(
        self, method: str, parameters: dict[str, Any], session: str | None = None, timeout: float = 120.0
    ) -> dict[str, Any]:
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + timeout
        while True:
            got = self._next(until)
            if got.get("id") == self._count:
                assert "error" not in got, got["error"]
                result: dict[str, Any] = got["result"]
                return result
            self._hear(got)

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            assert self._ready.select(max(0.0, until - time.monotonic())), "the browser did not answer"
            data = os.read(self._read, 1 << 20)
            assert data, "the browser is gone"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def _hear(self, message: dict[str, Any]) -> None:
        said, what = message.get("params", {}), message.get("method")
        if what == "Runtime.exceptionThrown":
            self.errors.append(str(said["exceptionDetails"].get("exception", said["exceptionDetails"])))
        elif what == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.errors.append(str([a.get("value", a.get("description")) for a in said["args"]]))
        elif what == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.errors.append(said["entry"]["text"])
        elif what == "Network.requestWillBeSent":
            self.fetched.append(said["request"]["url"][:200])

    def close(self) -> None:
        """Stop the browser that was started here."""
        self._process.kill()
        self._process.wait()
        self._ready.close()
        os.close(self._read)
        os.close(self._write)

    def __enter__(self) -> Page:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
