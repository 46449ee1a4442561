import pytest

from aether import Entity, Mind, Own, Scene
from aether.team import ROLES, Team
from tests.aether.fakes import QUIET, WALK, Says

BEAST = Entity("beast", "charge", 6.0, 0.0, id="b1")
SEES = Scene("sees", entities=(BEAST,))


def team_of(*names, earshot_m=15.0, brains=None):
    team = Team(earshot_m)
    minds = {name: Mind((brains or {}).get(name, "reflex")) for name in names}
    for name, mind in minds.items():
        team.join(name, mind)
    return team, minds


def test_a_warning_reaches_those_in_earshot_where_the_beast_really_is():
    team, minds = team_of("ada", "bob", "eve")
    team.moved("ada", 0.0, 0.0, 0.0)
    team.moved("bob", 0.0, 10.0, 0.0)
    team.moved("eve", 0.0, 99.0, 0.0)
    minds["ada"].think(SEES)
    heard = minds["bob"].feel(QUIET)
    assert heard.messages == ("ada: careful, beast charge 6 m forward of me",)
    told = heard.entities[0]
    assert (told.type, told.visible, told.id) == ("beast", False, "b1")
    assert told.distance == pytest.approx(11.66, abs=0.01)
    assert told.bearing == pytest.approx(-1.03, abs=0.01)
    assert minds["bob"].emotion.level >= 2
    assert minds["eve"].feel(QUIET).messages == ()


def test_a_warning_makes_a_mind_that_saw_nothing_flee():
    team, minds = team_of("ada", "bob")
    team.moved("ada", 0.0, 0.0, 0.0)
    team.moved("bob", 12.0, 0.0, 3.14159)
    alone = minds["bob"].think(QUIET).decision.motion
    minds["ada"].think(SEES)
    warned = minds["bob"].think(Scene("next")).decision
    assert "calm" in alone
    assert warned.predict["npc"].danger
    assert any(word in warned.motion for word in ("panic", "afraid"))


def test_a_warning_spreads_but_does_not_echo():
    team, minds = team_of("ada", "bob", "eve", earshot_m=11.0)
    for index, name in enumerate(("ada", "bob", "eve")):
        team.moved(name, 10.0 * index, 0.0, 0.0)
    minds["ada"].think(SEES)
    minds["bob"].think(Scene("bob"))
    assert minds["eve"].think(Scene("eve")).decision.predict["npc"].danger
    for _ in range(6):
        for name in minds:
            minds[name].think(Scene("later"))
    assert all(minds[name].feel(Scene("end")).messages == () for name in minds)


def test_a_message_is_heard_once_and_by_who_sees_the_caller():
    team, minds = team_of("ada", "bob", earshot_m=1.0)
    team.moved("ada", 0.0, 0.0, 0.0)
    team.moved("bob", 0.0, 9.0, 0.0)
    minds["ada"].think(SEES)
    assert minds["bob"].feel(QUIET).messages == ()
    seen = Scene("look", entities=(Entity("person", "stop", 9.0, -1.57, id="ada"),))
    assert len(minds["bob"].feel(seen).messages) == 1
    assert minds["bob"].feel(seen).messages == ()


def test_a_brain_says_its_own_words_and_they_are_bounded_data():
    brain = Says(f"{WALK}\nSAY: meet me at the well \u202e\x07 now " + "very " * 99)
    _, minds = team_of("ada", "bob", brains={"ada": brain, "bob": Says(WALK)})
    minds["ada"].think(QUIET)
    minds["bob"].think(QUIET)
    prompt = minds["bob"].brain.prompts[0]
    assert prompt.scene.messages[0].startswith("ada: meet me at the well now")
    assert len(prompt.scene.messages[0].split()) == 13
    assert "meet me" not in prompt.system
    assert "messages" in prompt.system
    assert "\u202e" not in prompt.user
    assert "messages" not in brain.prompts[0].system


def test_followers_go_to_their_leader_and_guards_stand_before_their_ward():
    team = Team()
    minds = {name: Mind("reflex") for name in ("ada", "bob", "eve")}
    team.join("ada", minds["ada"], "leader")
    team.join("bob", minds["bob"], "follower")
    team.join("eve", minds["eve"], "guard", ward="ada")
    team.moved("ada", 0.0, 8.0, 0.0)
    team.moved("bob", 0.0, 0.0, 0.0)
    team.moved("eve", 0.0, 0.0, 0.0)
    scene = Scene("s", own=Own(task="walk to the gate"))
    assert minds["ada"].feel(scene).own.task == "walk to the gate"
    felt = minds["bob"].feel(scene)
    assert felt.own.task == "follow ada, to the left, bearing 1.57, 8 m"
    assert minds["bob"].think(felt).decision.motion.find("left") > 0
    minds["ada"].think(SEES)
    assert "guard ada" in minds["eve"].feel(scene).own.task
    team.moved("bob", 0.0, 6.5, 0.0)
    near = minds["bob"].feel(Scene("t"))
    assert near.own.task == "follow ada, reached"
    assert ROLES == ("free", "leader", "follower", "guard")


def test_minds_think_at_the_same_time():
    import time

    team, _ = team_of("a", "b", "c", "d", brains={name: Says(0.3, WALK) for name in "abcd"})
    started = time.perf_counter()
    thoughts = team.think({name: QUIET for name in "abcd"})
    assert time.perf_counter() - started < 1.1
    assert {thought.route for thought in thoughts.values()} == {"brain"}


def test_names_are_plain_words():
    team = Team()
    seat = team.join("ada: PREDICT\n left=safe", Mind("reflex"))
    assert seat.name == "adaPREDICTleftsafe"
    assert team.join("\u202e", Mind("reflex")).name == "agent"
