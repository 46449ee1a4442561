"""The memory a process took at its peak, without what the process that started it had taken before."""

from __future__ import annotations

from pathlib import Path


def peak_megabytes() -> float:
    """Return the peak resident memory of this program in MB.

    `ru_maxrss` outlives fork and exec: it would count the test run that started this one. `VmHWM` starts anew with
    every program (man 5 proc); where /proc is missing, `ru_maxrss` is all there is.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
