"""Every registered brain keeps what the interface promises; and the suite finds those that do not."""

import asyncio
import time

import pytest

from aether import BrainError, Reply, load, names
from aether.testing import SCENES, check_brain
from tests.aether.fakes import WALK, Says
from tests.aether.test_more_brains import recorded, thoughts_of


@pytest.mark.parametrize("name", [name for name in names() if name not in ("local", "transcript")])
def test_every_registered_brain(name, tmp_path):
    file = tmp_path / "answers.txt"
    file.write_text(WALK)
    report = check_brain(load(name, file=file), answers=name != "chaos", deadline_s=0.5 if name == "chaos" else 30.0)
    assert report["scenes"] == 2 * len(SCENES)
    assert report["answered"] == report["scenes"] or name == "chaos"


def test_the_transcript(tmp_path):
    from aether import Mind

    folder = recorded(tmp_path / "run", thoughts_of(Mind("reflex"), SCENES))
    assert check_brain(load(f"transcript:{folder}"), answers=False, hurried=False)["answered"] >= 1


@pytest.mark.slow
def test_a_model_behind_http(fakellm):
    url = fakellm([{"name": "all", "when": {"model_matches": "*"}, "respond": {"content": WALK}}])
    pytest.importorskip("litellm")
    report = check_brain(load("openai/any", api_base=url + "/v1"))
    assert report["answered"] == report["scenes"]


@pytest.mark.parametrize("policy", ["greedy", "vote", "adaptive", "entropy"])
def test_every_policy(policy):
    assert check_brain(load("reflex", policy=policy, samples=2))["confidence"]


def test_a_plain_function():
    assert check_brain(lambda scene: WALK)["answered"] == 2 * len(SCENES)


class Renames(Says):
    async def think(self, prompt, *, deadline_s):
        self.name = self.name + "x"
        return Reply(WALK)


class NotAsync:
    name = "sync"

    def think(self, prompt, *, deadline_s):
        return Reply(WALK)


class Returns(Says):
    async def think(self, prompt, *, deadline_s):
        return self.answers[0]


class BlocksForLong:
    name = "blocks"
    calls = 0

    async def think(self, prompt, *, deadline_s):
        self.calls += 1
        if deadline_s < 1:
            time.sleep(1.6)
        return Reply(WALK)


@pytest.mark.parametrize(
    ("brain", "said"),
    [
        (Renames(WALK), "name must not change"),
        (NotAsync(), "must be an async function"),
        (Says(WALK, name="two\nlines"), "name must be one short line"),
        (Says("no idea"), "holds no decision"),
        (Says(ValueError("x")), "raises ValueError instead of a BrainError"),
        (Says(BrainError("down")), "does not answer"),
        (Returns(7), "must return a Reply"),
        (Returns(Reply(WALK, -1)), "tokens must not be negative"),
        (Returns(Reply(WALK, cost_usd=float("nan"))), "the cost"),
        (Returns(Reply(WALK, confidence=2.0)), "confidence must be"),
    ],
)
def test_what_breaks_the_interface_is_named(brain, said):
    with pytest.raises(AssertionError, match=said):
        check_brain(brain)


def test_a_mind_is_not_held_up_by_a_brain_that_blocks():
    # The mind leaves the blocked loop behind: the check passes, because the mind kept its deadline.
    assert check_brain(BlocksForLong())["answered"] == 2 * len(SCENES)
    assert asyncio.run(BlocksForLong().think(None, deadline_s=5)).text == WALK
