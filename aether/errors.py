"""What can go wrong with a mind: one sentence that says what, and how to mend it.

```
AetherError
├── SceneError        a scene cannot be read (also a ValueError)
├── DecisionError     a decision cannot be written as the two lines (also a ValueError)
└── BrainError        a brain is unknown, misconfigured, out of reach, or failed
    ├── BrainKeyError      no key, or one that the provider refuses
    ├── BrainRefusal       the brain answered, but not with the two lines
    ├── BrainTimeout       no answer inside the deadline (also a TimeoutError)
    ├── BudgetError        the next call could pass the budget in money or tokens
    └── TranscriptError    a transcript has no answer to this scene; it ends a run instead of costing one decision
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
    """A brain is unknown, misconfigured, out of reach, or failed; the message says what to change.

    Attributes:
        transient: Whether the same call may succeed a moment later (408, 409, 429, 5xx, a lost connection).
        retry_after_s: Seconds that the server asked to wait, or None.
        fatal: Whether it ends a run; any other costs one decision.
    """

    fatal = False

    def __init__(self, message: str = "", *, transient: bool = False, retry_after_s: float | None = None) -> None:
        """Keeps what a retry has to know."""
        super().__init__(message)
        self.transient = transient
        self.retry_after_s = retry_after_s


class BrainKeyError(BrainError):
    """A key is missing or refused; the message names the environment variable to set."""


class BrainRefusal(BrainError):
    """A brain's text holds no PREDICT and MOTION pair; ask again or choose another model."""


class BrainTimeout(BrainError, TimeoutError):
    """A brain did not answer inside its deadline; raise `deadline_s` or choose a faster model."""


class BudgetError(BrainError):
    """The next call could pass the budget, so it is not made; raise the budget or choose a cheaper model."""


class TranscriptError(BrainError):
    """A transcript is over, or the scene is not the recorded one; the message names the first difference."""

    fatal = True
