"""How threatening the things of a scene are: by kind, behaviour and distance."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from aether.clean import first_clause, latin
from aether.scene import Entity, Scene

Nature = Literal["predator", "person", "thing", "unknown"]
Act = Literal["stop", "wander", "notice", "approach", "charge", "flee"]

PREDATORS = frozenset(
    "beast wolf bear lion tiger panther leopard boar bull dog hound monster creature predator dragon troll ogre orc "
    "zombie crocodile snake raptor dinosaur animal".split()
)
PEOPLE = frozenset(
    "man woman person human child boy girl guard villager traveler traveller merchant soldier stranger people "
    "humanoid agent passerby pedestrian npc".split()
)
THINGS = frozenset(
    "gate door tower wall tree rock stone crate box barrel chair table bench cart sign fountain well torch lamp stairs "
    "bridge house castle flag statue column pillar bush fence chest ball prop".split()
)
_ACTS: dict[str, Act] = {}
for _act, _words in (
    ("charge", "charge charging charged attack attacking rush rushing chase chasing lunge lunging pounce sprint run"),
    ("approach", "approach approaching stalk stalking follow following advance advancing near nearing come coming"),
    ("notice", "notice noticing noticed alert alerted watch watching growl growling stare staring aware threaten"),
    ("wander", "wander wandering roam roaming patrol patrolling graze grazing walk walking pass passing pace pacing"),
    ("stop", "stop stopped stand standing idle idling sleep sleeping sit sitting rest resting still wait waiting"),
    ("flee", "flee fleeing retreat retreating leave leaving hide hiding calm return returning"),
):
    _ACTS |= dict.fromkeys(_words.split(), _act)  # type: ignore[arg-type]

# Base threat 0-1 at arm's length.
_BASE: dict[Nature, dict[Act, float]] = {
    "predator": {"charge": 1.0, "approach": 0.82, "notice": 0.65, "wander": 0.45, "stop": 0.36, "flee": 0.25},
    "person": {"charge": 0.76, "approach": 0.28, "notice": 0.14, "wander": 0.12, "stop": 0.1, "flee": 0.1},
    "unknown": {"charge": 0.9, "approach": 0.6, "notice": 0.4, "wander": 0.3, "stop": 0.2, "flee": 0.15},
    "thing": dict.fromkeys(("charge", "approach", "notice", "wander", "stop", "flee"), 0.0),
}
# Metres a second at which each behaviour closes in, for those who mean it.
CLOSING_SPEED: dict[Act, float] = {
    "charge": 4.5, "approach": 1.6, "notice": 0.0, "wander": 0.6, "stop": 0.0, "flee": 0.0,
}  # fmt: skip
_UNSEEN = {"charge": 0.85, "approach": 0.85, "notice": 0.85, "wander": 0.5, "stop": 0.5, "flee": 0.5}
_UNKNOWN_DISTANCE = 5.0
_FIERCE = frozenset("growl growling growls roar roaring snarl snarling howl howling hiss hissing bark barking".split())
_UNEASY = frozenset("scream screaming crash crashing shout shouting bang explosion breathing".split())
_SPEECH = frozenset("voice says say said shouts shouting yells yelling calls calling whispers whispering sign".split())
_FAINT = frozenset("footsteps footstep steps rustle rustling voice voices creak creaking knock whisper".split())


def is_speech(sound: str) -> bool:
    """Whether `sound` repeats what somebody says, instead of telling what is heard."""
    return first_clause(sound) != sound and bool(_SPEECH & set(words(first_clause(sound))) or ":" in sound)


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[str, ...]:
    """The lower-case words of `text`; every character that is no letter or digit separates."""
    return tuple("".join(char if char.isalnum() else " " for char in latin(text)).split())


def noun(entity: Entity) -> str:
    """What `entity` is, as one plain lower-case word that is safe to print in an answer; else "unknown"."""
    return _noun(entity.type)


@lru_cache(maxsize=1024)
def _noun(kind: str) -> str:
    found = words(first_clause(kind))
    for word in found:
        if word in PREDATORS or word in PEOPLE or word in THINGS:
            return word
    whole = words(kind)
    return whole[0][:16] if len(whole) == 1 and whole[0].isascii() and whole[0].isalpha() else "unknown"


def nature(entity: Entity) -> Nature:
    """Which sort of thing `entity` is."""
    word = noun(entity)
    if word in PREDATORS:
        return "predator"
    if word in PEOPLE:
        return "person"
    return "thing" if word in THINGS else "unknown"


@lru_cache(maxsize=1024)
def act(behavior: str) -> Act:
    """The behaviour that `behavior` means, in the one vocabulary; "wander" where it says nothing known."""
    return next((_ACTS[word] for word in words(first_clause(behavior)) if word in _ACTS), "wander")


def entity_threat(entity: Entity) -> float:
    """Threat of one entity, 0-1: base of its kind and behaviour, times a fall with distance.

    Most threats fade linearly from 2 m to about 16 m and keep 20 %; a charge keeps at least 68 % at any distance,
    so that it frightens from wherever it comes.
    """
    behaviour = act(entity.behavior)
    distance = _UNKNOWN_DISTANCE if entity.distance is None else entity.distance
    if behaviour == "charge":
        fade = max(0.68, 1.0 - max(0.0, distance - 3.0) / 25.0)
    else:
        fade = max(0.2, 1.0 - max(0.0, distance - 2.0) / 18.0)
    return _BASE[nature(entity)][behaviour] * min(1.0, fade) * (1.0 if entity.visible else _UNSEEN[behaviour])


def sound_threat(sounds: Iterable[str]) -> float:
    """Threat of what is heard, 0-1: growling 0.4, a scream or crash 0.32, footsteps 0.18; speech is none."""
    heard = {word for sound in sounds if not is_speech(sound) for word in words(first_clause(sound))}
    if heard & _FIERCE:
        return 0.4
    if heard & _UNEASY:
        return 0.32
    return 0.18 if heard & _FAINT else 0.0


def threat(scene: Scene) -> float:
    """Threat of the whole scene, 0-1: the worst entity, raised a little by each further one, or the sounds."""
    levels = sorted((entity_threat(entity) for entity in scene.entities), reverse=True)
    crowd = min(0.1, 0.1 * sum(levels[1:])) if levels else 0.0
    worst = levels[0] + crowd if levels else 0.0
    return min(1.0, max(worst, sound_threat(scene.sounds)))


# Share of the way up to the threat that a feeling takes in one decision: a beast frightens at once, a person has to be
# understood first, a sound leaves doubt.
_SWIFT: dict[Nature, float] = {"predator": 1.0, "unknown": 0.9, "person": 0.8, "thing": 1.0}
_SWIFT_SOUND = 0.85


def swiftness(scene: Scene) -> float:
    """How fast feeling rises at this scene, 0-1: the share of the way that one decision takes, by what threatens."""
    worst = max(scene.entities, key=entity_threat, default=None)
    if worst is None or entity_threat(worst) < sound_threat(scene.sounds):
        return _SWIFT_SOUND
    return _SWIFT[nature(worst)]
