from __future__ import annotations

import shutil
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from prometheus.env.ids import env_ids
from prometheus.errors import PrometheusError
from tests.prometheus.pwm import ROOT

gymnasium = pytest.importorskip("gymnasium")
pettingzoo = pytest.importorskip("pettingzoo")


def conforms(name: str, world: str) -> None:
    from gymnasium.utils.env_checker import check_env
    from pettingzoo.test import parallel_api_test, parallel_seed_test

    from prometheus.env import ParallelWorld

    env = gymnasium.make(name, motion="stride", seconds=1.0)
    check_env(env.unwrapped, skip_render_check=True)
    env.close()

    def parallel() -> Any:
        return ParallelWorld(world, motion="stride", seconds=1.0)

    parallel_api_test(parallel(), 8)
    parallel_seed_test(parallel, 6)


def test_one_world_conforms() -> None:
    conforms("prometheus/Arena-v0", "arena")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "world"), [pair for pair in env_ids().items() if pair[1] != "arena"])
def test_every_world_conforms(name: str, world: str) -> None:
    conforms(name, world)


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", [{"action": "text", "text": True}, {"image": (64, 48), "body": "tank", "motion": "stride"}]
)
def test_words_pictures_and_the_motion_model_conform(more: dict[str, Any]) -> None:
    from gymnasium.utils.env_checker import check_env

    env = gymnasium.make("prometheus/Castle-v0", seconds=1.0, render_mode="rgb_array", **more)
    check_env(env.unwrapped)
    env.close()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="needs xvfb-run")
def test_a_window_shows_each_frame_and_one_that_is_closed_stops_nothing() -> None:
    code = (
        "import gymnasium, prometheus, numpy as np\n"
        "env = gymnasium.make('prometheus/Arena-v0', motion='stride', seconds=9, render_mode='human')\n"
        "still = np.zeros(4, np.float32)\n"
        "env.reset(seed=1); env.step(still)\n"
        "picture = env.unwrapped._picture\n"
        "import pyglet\n"
        "picture._window.switch_to(); picture._renderer.present()\n"
        "shown = pyglet.image.get_buffer_manager().get_color_buffer().get_image_data()\n"
        "pixels = np.frombuffer(shown.get_bytes('RGB', 3 * shown.width), np.uint8)\n"
        "assert pixels.size == 3 * 720 * 480 and pixels.std() > 20, pixels.std()\n"
        "assert env.render() is None and 'human' in env.unwrapped.metadata['render_modes']\n"
        "picture._window.has_exit = True\n"
        "env.step(still); env.close()\n"
    )
    subprocess.run(["xvfb-run", "-a", sys.executable, "-c", code], check=True, cwd=ROOT, timeout=100)


def test_without_a_display_there_is_no_window_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    env = gymnasium.make("prometheus/Arena-v0", motion="stride", render_mode="human")
    assert env.unwrapped.metadata["render_modes"] == ["rgb_array"]
    with pytest.raises(PrometheusError, match="DISPLAY"):
        env.reset(seed=1)
    env.close()


@pytest.mark.parametrize("order", ["import prometheus, gymnasium", "import gymnasium, prometheus"])
def test_importing_prometheus_registers_whichever_comes_first(order: str) -> None:
    code = f"{order}\nassert 'prometheus/Castle-v0' in gymnasium.registry"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)


def test_importing_prometheus_imports_no_gymnasium() -> None:
    code = "import prometheus, sys\nassert not {'gymnasium', 'pettingzoo', 'numpy', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)


def make(**more: Any) -> Any:
    return gymnasium.make("prometheus/Arena-v0", motion="stride", **more).unwrapped


def test_going_to_the_goal_is_rewarded_and_time_truncates() -> None:
    env = make(seconds=1.5)
    env.reset(seed=3)
    total, before = 0.0, env.field.to_goal("agent")
    for _ in range(6):
        seen = env._observe()["proprioception"]
        way = np.arctan2(seen[3], seen[4]) / np.pi
        _, reward, terminated, truncated, info = env.step(np.array([way, 0.0, 0.0, 0.0]))
        total += reward
    assert (terminated, truncated) == (False, True)
    assert total == pytest.approx(before - info["goal_m"] - 0.05 * 1.5, abs=1e-6)
    assert before - info["goal_m"] > 1.0
    env.close()


def test_being_caught_terminates_and_is_not_truncation() -> None:
    env = make(task="survive", seconds=60)
    env.reset(seed=1)
    beast = next(npc for npc in env.field.world.npcs if npc.kind == "beast")
    for _ in range(240):
        actor = env.field.world.agent
        aim = np.arctan2(beast.position[1] - actor.position[1], beast.position[0] - actor.position[0]) - actor.heading
        aim = np.arctan2(np.sin(aim), np.cos(aim)) / np.pi
        _, reward, terminated, truncated, info = env.step(np.array([aim, 1.0, 0.0, 1.0]))
        if terminated:
            break
    assert (terminated, truncated, info["caught"], reward) == (True, False, True, -10.0)
    env.close()


def test_a_sentence_moves_the_body_as_numbers_do() -> None:
    places = []
    for action, value in (
        ("text", "a person runs forward"),
        ("continuous", np.array([0.0, 2.8 / 4.5 * 2 - 1, 0.0, 0.0])),
    ):
        env = make(action=action, seconds=5)
        env.reset(seed=4)
        start = env.field.world.agent.position.copy()
        for _ in range(4):
            env.step(value)
        places.append(env.field.world.agent.position - start)
        env.close()
    assert np.linalg.norm(places[0]) > 1.5
    assert np.allclose(places[0], places[1], atol=0.15)


def test_who_arrives_leaves_and_the_others_go_on() -> None:
    from prometheus.env import ParallelWorld

    env = ParallelWorld("arena", agents=2, motion="stride", seconds=3)
    env.reset(seed=2)
    first, second = env.agents
    goal = env.field.world.actor(first).goal
    env.field.world.move(env.field.world.actor(first), (goal[0] - 0.5, goal[1], 0.0))
    still = np.array([0.0, -1.0, 0.0, 0.0], np.float32)
    _, rewards, ends, cuts, _ = env.step({first: still, second: still})
    assert ends == {first: True, second: False}
    assert rewards[first] > 10
    assert env.agents == [second]
    assert not any(cuts.values())
    seen, *_ = env.step({second: still})
    assert list(seen) == [second]
    env.close()


@pytest.mark.parametrize(
    "wrong",
    [{"task": "fly"}, {"action": "dance"}, {"motion": "magic"}, {"world": "castel"}, {"step_s": 0}, {"body": "x"}],
)
def test_a_wrong_argument_is_said(wrong: dict[str, Any]) -> None:
    from hephaestus.errors import BodyError
    from prometheus.env import WorldEnv

    with pytest.raises((PrometheusError, BodyError)):
        WorldEnv(**({"world": "arena"} | wrong))


def test_two_at_once_are_vectorised() -> None:
    envs = gymnasium.make_vec("prometheus/Arena-v0", num_envs=2, vectorization_mode="sync", motion="stride", seconds=1)
    seen, _ = envs.reset(seed=1)
    assert seen["rays"].shape == (2, 16)
    assert not np.array_equal(seen["rays"][0], seen["rays"][1])
    envs.close()


@pytest.mark.slow
def test_ppo_trains_on_continuous_actions() -> None:
    pytest.importorskip("stable_baselines3")
    from stable_baselines3 import PPO

    env = gymnasium.make("prometheus/Arena-v0", motion="stride", seconds=10)
    model = PPO("MultiInputPolicy", env, n_steps=256, batch_size=64, n_epochs=4, seed=1, device="cpu")
    before = {name: value.clone() for name, value in model.policy.state_dict().items()}
    model.learn(512)
    assert model.num_timesteps == 512
    assert any(not value.equal(before[name]) for name, value in model.policy.state_dict().items())
    assert len(model.ep_info_buffer) > 0
    env.close()
