"""Env: the worlds as Gymnasium and PettingZoo environments; `import prometheus` registers `prometheus/Castle-v0` etc.

```
core.py     bodies in a world, driven from outside       single.py    gymnasium.Env
actions.py  what they are told                           parallel.py  pettingzoo.ParallelEnv
senses.py   what they know, as arrays                    tasks.py     what is rewarded
```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from prometheus.env.ids import env_ids, register

if TYPE_CHECKING:
    from prometheus.env.parallel import ParallelWorld as ParallelWorld
    from prometheus.env.single import WorldEnv as WorldEnv

_LATER = {"ParallelWorld": "prometheus.env.parallel", "WorldEnv": "prometheus.env.single"}
__all__ = ["ParallelWorld", "WorldEnv", "env_ids", "register"]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'prometheus.env' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
