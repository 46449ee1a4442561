"""The command line: `pwm`, and `python -m prometheus`. One file a verb; heavy imports happen inside the verbs."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; bad input ends in one sentence on stderr and exit code 2."""
    from aether.errors import AetherError
    from hephaestus.errors import BodyError
    from prometheus.cli.app import app
    from prometheus.errors import PrometheusError

    try:
        app()
    except (PrometheusError, AetherError, BodyError) as error:
        print(f"pwm: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("pwm: stopped", file=sys.stderr)
        sys.exit(130)
