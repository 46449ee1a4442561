"""What all tests share."""

from __future__ import annotations

import os

# Set before numpy or torch is imported: threads of several libraries on few cores get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
