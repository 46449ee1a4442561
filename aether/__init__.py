"""AETHER, the mind: reads a scene, says what will happen and what to do.

```python
from aether import Mind, Scene, load

with Mind(load("reflex")) as mind:
    thought = mind.think(Scene.from_json({"walls": {"forward": 8.5}, "npc_type": "beast", "npc_distance": 3.2}))
    print(thought.decision)
```
"""

from aether.brain import Brain, FunctionBrain, Reply
from aether.brains import load, names
from aether.decision import Decision, Outlook, Refusal
from aether.emotion import Emotion, called_pace
from aether.errors import (
    AetherError,
    BrainError,
    BrainKeyError,
    BrainRefusal,
    BrainTimeout,
    DecisionError,
    SceneError,
)
from aether.memory import Memory
from aether.mind import Mind, Thought
from aether.parse import parse
from aether.prompt import Prompt, compose
from aether.scene import Entity, Own, Scene, Walls

__all__ = [
    "AetherError",
    "Brain",
    "BrainError",
    "BrainKeyError",
    "BrainRefusal",
    "BrainTimeout",
    "Decision",
    "DecisionError",
    "Emotion",
    "Entity",
    "FunctionBrain",
    "Memory",
    "Mind",
    "Outlook",
    "Own",
    "Prompt",
    "Refusal",
    "Reply",
    "Scene",
    "SceneError",
    "Thought",
    "Walls",
    "called_pace",
    "compose",
    "load",
    "names",
    "parse",
]
