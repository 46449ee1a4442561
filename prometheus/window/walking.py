"""Walking: held keys become sentences, the same that a brain would say."""

from __future__ import annotations

from collections.abc import Set

AGAIN = 0.4
"""s of the clock after which a sentence is said again while its keys are held, so that the judge looks again and a
body that turns goes on turning."""
STAND = "a person stands still"


def sentence(held: Set[str]) -> str | None:
    """Return what the keys that are held say, or None where none of them moves a body.

    Args:
        held: actions of `prometheus.window.controls.WALK`.
    """
    ahead = ("forward" in held) - ("backward" in held)
    turn = ("left" in held) - ("right" in held)
    aside = ("step left" in held) - ("step right" in held)
    if not (ahead or turn or aside):
        return None
    verb = "runs" if "run" in held else "creeps" if "creep" in held else "walks"
    side = {1: "to the left", -1: "to the right"}
    if ahead > 0 and (turn or aside):
        return f"a person {verb} forward and {side[turn or aside]}"
    if ahead > 0:
        return f"a person {verb} forward"
    if ahead < 0:
        return f"a person {'walks' if verb == 'runs' else verb} backward" + (f" and {side[turn]}" if turn else "")
    if aside:
        return f"a person {verb} {side[aside]}"
    return f"a person turns {side[turn]}"


class Walker:
    """Says when a sentence is due."""

    def __init__(self) -> None:
        """Nothing is held."""
        self.held: set[str] = set()
        self._said: str | None = None
        self._at = 0.0

    @property
    def walks(self) -> bool:
        """Whether a key moves a body now."""
        return sentence(self.held) is not None

    def due(self, now: float) -> str | None:
        """Return the sentence to be said now (s of any clock), or None.

        When all keys have been let go, standing is said once.
        """
        wanted = sentence(self.held)
        if wanted is None:
            if self._said is None:
                return None
            self._said = None
            return STAND
        if wanted == self._said and now - self._at < AGAIN:
            return None
        self._said, self._at = wanted, now
        return wanted

    def release(self) -> None:
        """Forget what is held, and do not say that the body is to stand."""
        self.held.clear()
        self._said = None
