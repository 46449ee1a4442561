"""PROMETHEUS: a mind predicts, physics judges, a generated motion moves a body, and time passes.

```
world --perceive--> Scene --think--> Thought(Decision) --judge--> Verdict --steer--> Motion --retarget--> Pose --> world
```

`aether` is the mind, `hephaestus` the body; this package holds the world, the judge, the motion model, the loop and
the command line. Frames: world x forward, y left, z up; motion x left, y up, z forward; metres, radians, seconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from prometheus.env.ids import register_later as _register_later

if TYPE_CHECKING:
    from prometheus.agent import Agent as Agent
    from prometheus.data import data_path as data_path
    from prometheus.errors import PrometheusError as PrometheusError
    from prometheus.intent import read_intent as read_intent
    from prometheus.judge import Verdict as Verdict
    from prometheus.loop import Simulation as Simulation
    from prometheus.making import make as make
    from prometheus.pace import Pace as Pace
    from prometheus.run import simulate as simulate
    from prometheus.world.forecast import forecast as forecast
    from prometheus.world.perception import perceive as perceive
    from prometheus.world.physics import World as World
    from prometheus.world.scenario import list_worlds as list_worlds
    from prometheus.world.scenario import load_scenario as load_scenario

__version__ = "0.1.0"

# Name -> module, so that `import prometheus` loads none of them (`pwm --help` takes under 0.3 s).
_PUBLIC = {
    "Agent": "prometheus.agent",
    "Pace": "prometheus.pace",
    "PrometheusError": "prometheus.errors",
    "Simulation": "prometheus.loop",
    "Verdict": "prometheus.judge",
    "World": "prometheus.world.physics",
    "data_path": "prometheus.data",
    "forecast": "prometheus.world.forecast",
    "list_worlds": "prometheus.world.scenario",
    "load_scenario": "prometheus.world.scenario",
    "make": "prometheus.making",
    "perceive": "prometheus.world.perception",
    "read_intent": "prometheus.intent",
    "simulate": "prometheus.run",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'prometheus' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


# `gymnasium.make("prometheus/Castle-v0")` works after `import prometheus`; Gymnasium itself is not imported by this.
_register_later()
