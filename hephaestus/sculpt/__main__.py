"""Rebuild the shipped bodies: `python -m hephaestus.sculpt --out assets/bodies`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hephaestus.errors import BodyError
from hephaestus.sculpt.bodies import SCULPTURES
from hephaestus.sculpt.build import save


def main(arguments: list[str] | None = None) -> int:
    """Build the bodies that are asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m hephaestus.sculpt", description="Build the shipped bodies.")
    parser.add_argument("--out", type=Path, required=True, help="directory for <name>.glb and <name>.body.yaml")
    parser.add_argument("names", nargs="*", help=f"which bodies, all by default: {', '.join(SCULPTURES)}")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in SCULPTURES]
    try:
        if unknown:
            raise BodyError(f"There is no sculpture called {unknown[0]!r}; there are {', '.join(SCULPTURES)}.")
        options.out.mkdir(parents=True, exist_ok=True)
        for name in options.names or SCULPTURES:
            for path in save(SCULPTURES[name](), options.out):
                print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")
    except (BodyError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
