"""What is free goes back to the system, though small things that stay lie between."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hephaestus.thrift import be_thrifty, tidy

ROOT = Path(__file__).resolve().parents[2]
HOLES = """
import sys
from pathlib import Path
if sys.argv[1] == "thrifty":
    from hephaestus.thrift import be_thrifty
    be_thrifty()
def memory():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith("VmRSS")) // 1024
first = bytearray(24 << 20)
del first
before = memory()
pairs = [(bytearray(1 << 20), bytearray(3000)) for _ in range(200)]
small = [pair[1] for pair in pairs]
del pairs
print(memory() - before)
"""


def held(how: str) -> int:
    """MB that a process keeps of 200 MB that it has given back."""
    done = subprocess.run([sys.executable, "-c", HOLES, how], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have another C library")
def test_holes_are_given_back() -> None:
    if held("as ever") < 100:
        pytest.skip("this C library keeps no holes")
    assert held("thrifty") < 20


def test_it_is_harmless_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    tidy()
    monkeypatch.setattr(sys, "platform", "win32")
    be_thrifty()
    tidy()
