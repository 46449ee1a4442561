"""Level: how much a situation is to be feared under rubric pwm-1, and the pace that it calls for."""

from __future__ import annotations

from prometheus.bench.layout import Being, Layout

LADDER = ("calm", "curious", "alert", "afraid", "panic")
PACE = (1.4, 1.4, 2.5, 4.5, 4.5)
"""m/s that each step of the ladder calls for: calm 1.4, alert 2.5, threatened 4.5."""
NEAR = {"charge": 8.0, "approach": 6.0, "wander": 6.0, "stop": 6.0}
"""m within which a beast's behaviour weighs its full step."""
_BEAST = {"charge": 4, "approach": 3, "wander": 2, "stop": 2}
_PERSON = {"charge": 3, "approach": 1, "wander": 0, "stop": 0}
CLEAR = 1.2
"""m that a generated distance keeps from the borders of `NEAR`."""


def due(layout: Layout) -> int:
    """Return the step of `LADDER` that a layout calls for: that of its worst being."""
    return max((due_of(being) for being in layout.beings), default=0)


def due_of(being: Being) -> int:
    """Return the step that one being calls for: a beast's falls by one beyond `NEAR`, so does a person's charge."""
    table = _BEAST if being.kind == "beast" else _PERSON
    step = table[being.behaviour]
    far = being.distance > NEAR[being.behaviour]
    return max(0, step - 1) if far and (being.kind == "beast" or being.behaviour == "charge") else step


def is_clear(being: Being) -> bool:
    """Whether the being's distance is well on one side of the border that its step hangs on."""
    return abs(being.distance - NEAR[being.behaviour]) >= CLEAR
