"""AETHER, the mind: reads a scene, says what will happen and what to do.

```python
from aether import Mind, Scene, load

with Mind(load("reflex")) as mind:
    thought = mind.think(Scene.from_json({"walls": {"forward": 8.5}, "npc_type": "beast", "npc_distance": 3.2}))
    print(thought.decision)
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aether.brain import Brain, FunctionBrain, Reply
    from aether.brains import load, names
    from aether.calibration import Calibration
    from aether.decision import Decision, Outlook, Refusal
    from aether.emotion import Emotion, called_pace
    from aether.errors import (
        AetherError,
        BrainError,
        BrainKeyError,
        BrainRefusal,
        BrainTimeout,
        BudgetError,
        DecisionError,
        SceneError,
        TranscriptError,
    )
    from aether.ledger import Ledger
    from aether.memory import Memory
    from aether.mind import Mind
    from aether.parsing import parse
    from aether.prompt import Prompt, compose
    from aether.scene import Entity, Own, Scene, Walls
    from aether.team import Team
    from aether.thought import Thought

_HOMES = {
    "aether.brain": "Brain FunctionBrain Reply",
    "aether.brains": "load names",
    "aether.calibration": "Calibration",
    "aether.decision": "Decision Outlook Refusal",
    "aether.emotion": "Emotion called_pace",
    "aether.errors": "AetherError BrainError BrainKeyError BrainRefusal BrainTimeout BudgetError DecisionError "
    "SceneError TranscriptError",
    "aether.ledger": "Ledger",
    "aether.memory": "Memory",
    "aether.mind": "Mind",
    "aether.parsing": "parse",
    "aether.prompt": "Prompt compose",
    "aether.scene": "Entity Own Scene Walls",
    "aether.team": "Team",
    "aether.thought": "Thought",
}
_HOME_OF = {name: home for home, held in _HOMES.items() for name in held.split()}

__all__ = [
    "AetherError",
    "Brain",
    "BrainError",
    "BrainKeyError",
    "BrainRefusal",
    "BrainTimeout",
    "BudgetError",
    "Calibration",
    "Decision",
    "DecisionError",
    "Emotion",
    "Entity",
    "FunctionBrain",
    "Ledger",
    "Memory",
    "Mind",
    "Outlook",
    "Own",
    "Prompt",
    "Refusal",
    "Reply",
    "Scene",
    "SceneError",
    "Team",
    "Thought",
    "TranscriptError",
    "Walls",
    "called_pace",
    "compose",
    "load",
    "names",
    "parse",
]


def __getattr__(name: str) -> Any:
    """Loads a name with its first use: importing the package costs next to nothing (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'aether' has no attribute '{name}'")
    import importlib

    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
