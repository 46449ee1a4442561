"""The thought: a decision and how it came about."""

from __future__ import annotations

from dataclasses import dataclass, field

from aether.brain import Stage
from aether.decision import Decision
from aether.scene import Scene


@dataclass(frozen=True)
class Thought:
    """A decision and how it came about.

    Attributes:
        decision: What to expect and what to do.
        text: The raw text of the brain that decided, keys masked, at most 8 000 characters.
        brain: The brain that was asked.
        latency_s: Seconds from the question to the decision, fallback included.
        tokens_in: Tokens of the prompt.
        tokens_out: Tokens of the answer.
        cost_usd: What it cost, US dollars.
        confidence: 0-1: the brain's own where it gives one, else the hit rate so far in this kind of scene.
        route: "brain", or who answered instead and why: "reflex: time-out after 4.0 s".
        stages: What a policy did to come to the decision.
        prompt: System and user message as they were sent to the brain that decided; of one that needs no text, as any
            other would have got them.
        scene: What it was decided from.
    """

    decision: Decision
    text: str
    brain: str
    latency_s: float
    tokens_in: int
    tokens_out: int
    cost_usd: float
    confidence: float | None
    route: str
    stages: tuple[Stage, ...] = ()
    prompt: tuple[str, str] = ("", "")
    scene: Scene | None = field(default=None, repr=False, compare=False)
