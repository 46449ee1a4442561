"""What all tests share."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

# Set before numpy or torch is imported: threads of several libraries on few cores get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The one place that keeps every test, and every process that a test starts, from a model that costs money: only
# servers on this machine can be asked, and whatever keys the machine has are gone.
os.environ["AETHER_ALLOW_MODEL_REQUESTS"] = "0"
for _name in list(os.environ):
    if _name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL", "_SECRET_ACCESS_KEY", "_ACCESS_KEY_ID")):
        del os.environ[_name]

Rules = list[dict[str, Any]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def fakellm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Rules], str]]:
    """Starts servers that speak OpenAI's and Anthropic's protocols: give rules, get the URL."""
    pytest.importorskip("fakellm")
    processes: list[subprocess.Popen[bytes]] = []

    def serve(rules: Rules) -> str:
        config = tmp_path_factory.mktemp("fakellm") / "fakellm.yaml"
        config.write_text(json.dumps({"version": 1, "rules": rules}), "utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-c", "from fakellm.cli import main; main()", "serve", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--config", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=config.parent,
            env=os.environ | {"FAKELLM_CONFIG": str(config)},
        )
        processes.append(process)
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url + "/_fakellm/stats", timeout=1).close()
                return url
            assert process.poll() is None, "fakellm did not start"
            time.sleep(0.1)
        raise AssertionError("fakellm did not answer in a minute")

    yield serve
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(10)


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The URL of a server that takes calls and never answers."""
    import threading

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        taken: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(listener.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        for connection in taken:
            connection.close()
