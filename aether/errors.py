"""What can go wrong with a mind: one sentence that says what, and how to mend it.

```
AetherError
├── SceneError        a scene cannot be read (also a ValueError)
├── DecisionError     a decision cannot be written as the two lines (also a ValueError)
└── BrainError        a brain is unknown, misconfigured, out of reach, or failed
    ├── BrainKeyError      no key, or one that the provider refuses
    ├── BrainRefusal       the brain answered, but not with the two lines
    └── BrainTimeout       no answer inside the deadline (also a TimeoutError)
```
"""

from __future__ import annotations


class AetherError(Exception):
    """Base of the errors of this package."""


class SceneError(AetherError, ValueError):
    """A scene is not an object of either dialect; the message names the key and what it must hold."""


class DecisionError(AetherError, ValueError):
    """A decision has no prediction or no motion sentence; give it at least one of each."""


class BrainError(AetherError):
    """A brain is unknown, misconfigured, out of reach, or failed; the message says what to change."""


class BrainKeyError(BrainError):
    """A key is missing or refused; the message names the environment variable to set."""


class BrainRefusal(BrainError):
    """A brain's text holds no PREDICT and MOTION pair; ask again or choose another model."""


class BrainTimeout(BrainError, TimeoutError):
    """A brain did not answer inside its deadline; raise `deadline_s` or choose a faster model."""
