"""Emotion: a ladder that threat climbs as fast as its kind makes it, and that calm descends a step at a time."""

from __future__ import annotations

from dataclasses import dataclass

from aether.scene import Scene
from aether.threat import swiftness, threat

LADDER = ("calm", "curious", "alert", "afraid", "panic")
_FLOORS = (0.0, 0.15, 0.3, 0.55, 0.8)
_RESTING = (0.05, 0.22, 0.42, 0.65, 0.85)  # arousal on which a falling emotion settles, a level
_NEAR = {
    "relieved": 1, "relief": 1, "interested": 1, "surprised": 1, "happy": 0, "relaxed": 0, "neutral": 0, "bored": 0,
    "wary": 2, "tense": 2, "nervous": 2, "cautious": 2, "anxious": 2, "vigilant": 2, "guarded": 2, "worried": 2,
    "fear": 3, "fearful": 3, "scared": 3, "frightened": 3, "angry": 3,
    "panicked": 4, "panicking": 4, "terror": 4, "terrified": 4, "horrified": 4,
}  # fmt: skip
CALM_PACE, ALERT_PACE, THREATENED_PACE = 1.4, 2.5, 4.5  # m/s, rubric pwm-1


def level_of(arousal: float) -> int:
    """The step of `LADDER` that an arousal of 0-1 stands on."""
    return max(step for step, floor in enumerate(_FLOORS) if arousal >= floor or step == 0)


@dataclass(frozen=True)
class Emotion:
    """How the agent feels.

    Attributes:
        level: Step of `LADDER`, 0 (calm) to 4 (panic).
        arousal: 0-1, inside the band of its level.
        fading: Whether it is on its way down from something worse.
    """

    level: int = 0
    arousal: float = _RESTING[0]
    fading: bool = False

    @property
    def name(self) -> str:
        """The word of `LADDER`."""
        return LADDER[self.level]

    @property
    def kind(self) -> str:
        """The feeling by its kind: as `name`, but "relieved" where the curiosity is what is left of a fright."""
        return "relieved" if self.fading and self.level == LADDER.index("curious") else self.name

    @property
    def intensity(self) -> float:
        """How much of it shows in the motion, 0-1."""
        return self.arousal

    @classmethod
    def named(cls, word: str) -> Emotion:
        """The emotion that `word` stands for, at rest in its level; an unknown word is calm."""
        word = word.strip().lower()
        level = LADDER.index(word) if word in LADDER else _NEAR.get(word, 0)
        return cls(level, _RESTING[level])

    def after(self, danger: float, swiftness: float = 1.0) -> Emotion:
        """The emotion one decision later: up toward the threat, down at most one level.

        Args:
            danger: The threat, 0-1.
            swiftness: Share of the way up that one decision takes, 0-1; `aether.threat.swiftness` knows it by kind.
        """
        target = level_of(danger)
        if target > self.level:
            risen = self.arousal + swiftness * (danger - self.arousal)
            return Emotion(max(self.level, level_of(risen)), min(1.0, max(risen, self.arousal)))
        if target == self.level:
            return Emotion(target, min(1.0, max(danger, _RESTING[target])), self.fading)
        fallen = self.level - 1
        return Emotion(fallen, max(danger, _RESTING[fallen]), fading=True)


def felt(scene: Scene) -> Emotion:
    """What an agent feels on seeing `scene`: its emotion before, moved by the threat it sees."""
    return Emotion.named(scene.own.emotion).after(threat(scene), swiftness(scene))


def called_pace(scene: Scene) -> float:
    """The pace that the situation calls for, m/s: 1.4 calm, 2.5 alert, 4.5 threatened (rubric pwm-1).

    Threatened means a threat that frightens by itself now; fear that only lingers calls for the alert pace.
    """
    if level_of(threat(scene)) >= LADDER.index("afraid"):
        return THREATENED_PACE
    return ALERT_PACE if felt(scene).level >= LADDER.index("alert") else CALM_PACE
