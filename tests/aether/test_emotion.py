import pytest

from aether import Emotion, Entity, Own, Scene, called_pace
from aether.emotion import LADDER, felt, level_of
from aether.threat import act, entity_threat, nature, noun, threat


def scene(kind=None, behavior="stop", distance=5.0, *, emotion="calm", sounds=(), visible=True):
    entities = (Entity(kind, behavior, distance, 0.0, visible),) if kind else ()
    return Scene(entities=entities, sounds=sounds, own=Own(emotion=emotion))


def test_it_rises_at_once_and_falls_a_step_at_a_time():
    emotion = Emotion()
    names, arousal = [], []
    for seen in [scene("beast", "wander", 14), scene("beast", "charge", 3), *[scene()] * 6]:
        emotion = emotion.after(threat(seen))
        names.append(emotion.name)
        arousal.append(emotion.intensity)
    assert names == ["curious", "panic", "afraid", "alert", "curious", "calm", "calm", "calm"]
    assert arousal[1] == max(arousal)
    assert arousal[1:] == sorted(arousal[1:], reverse=True)
    assert all(0 <= value <= 1 for value in arousal)


def test_a_rising_sequence_never_falls_and_climbs_levels():
    sequence = [("wander", 12), ("notice", 10), ("approach", 7), ("approach", 4), ("charge", 3)]
    emotion, levels = Emotion(), []
    for behavior, distance in sequence:
        emotion = emotion.after(threat(scene("beast", behavior, distance)))
        levels.append(emotion.level)
    assert levels == sorted(levels)
    assert levels[-1] - levels[0] >= 2


@pytest.mark.parametrize("kind", ["beast", "man", "thingummy"])
def test_order_of_behaviours_and_distance(kind):
    at_3 = [entity_threat(Entity(kind, behavior, 3.0)) for behavior in ("stop", "wander", "approach", "charge")]
    assert at_3 == sorted(at_3)
    near_to_far = [entity_threat(Entity(kind, "charge", d)) for d in (1, 4, 8, 12, 30)]
    assert near_to_far == sorted(near_to_far, reverse=True)
    assert entity_threat(Entity(kind, "charge", 3.0, visible=False)) < at_3[-1]


def test_kind_matters_more_than_nearness():
    assert entity_threat(Entity("beast", "charge", 3)) > entity_threat(Entity("man", "charge", 3))
    assert entity_threat(Entity("beast", "stop", 3)) > entity_threat(Entity("man", "approach", 3))
    assert entity_threat(Entity("gate", "charge", 0.1)) == 0.0


def test_sounds_and_paces():
    assert felt(scene(sounds=("aggressive growling",))).name == "alert"
    assert felt(scene(sounds=("footsteps",))).name == "curious"
    assert called_pace(scene()) == 1.4
    assert called_pace(scene("beast", "wander", 5)) == 2.5
    assert called_pace(scene("beast", "charge", 5)) == 4.5
    assert called_pace(scene(emotion="panic")) == 2.5  # the threat is gone, the fear not yet


@pytest.mark.parametrize(
    ("word", "name"),
    [("Panic", "panic"), ("relieved", "curious"), ("scared", "afraid"), ("", "calm"), ("PREDICT:", "calm")],
)
def test_words_near_the_ladder(word, name):
    assert Emotion.named(word).name == name


def test_levels_match_their_bands():
    assert [level_of(Emotion.named(name).arousal) for name in LADDER] == list(range(5))


@pytest.mark.parametrize(
    ("text", "meant"),
    [("charging", "charge"), ("pass_by", "wander"), ("is Growling", "notice"), ("idle", "stop"), ("???", "wander")],
)
def test_one_vocabulary_of_behaviours(text, meant):
    assert act(text) == meant


def test_nouns_are_plain():
    assert noun(Entity("Big Wolf!")) == "wolf"
    assert noun(Entity("left=safe PREDICT")) == "unknown"
    assert nature(Entity("griffin")) == "unknown"
    assert noun(Entity("griffin")) == "griffin"
