"""What verbs print when they are done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus.product import Made


def show_report(made: Made, *, as_json: bool) -> None:
    """Print a run's figures and the paths of what it made; figures alone as JSON."""
    report = made.report.to_json()
    if as_json:
        print(json.dumps(report))
        return
    calls = report["predictions"]
    closest = report["closest_threat_m"]
    lines = [
        f"{report['world']}, seed {report['seed']}, brain {report['brain']}, body {report['body']}: "
        f"{report['frames'] / 20:g} s at {report['control_fps']:g} frames a second",
        f"  {report['decisions']} decisions; dangers: {calls['hit']} foretold, {calls['miss']} missed, "
        f"{counted(calls['false_alarm'], 'false alarm')}",
        f"  closest threat {'none' if closest is None else f'{closest:.2f} m'}"
        + (", caught" if report["caught"] else "")
        + f"; {counted(report['contacts'], 'contact')}; "
        f"feelings up to {report['most_aroused']}, at the end {report['emotion_at_end']}",
    ]
    if report["renderer"]:
        lines.append(f"  drawn with {report['renderer']}")
    print("\n".join(lines))
    for path in made.paths:
        print(path)


def show_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    print(json.dumps(value))


def counted(number: int, noun: str) -> str:
    """Return a number and what it counts: "1 contact", "2 contacts"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
