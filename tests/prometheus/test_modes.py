"""Loop modes: what the clock did once is lived again exactly; and the pace of a world beside the clock."""

from __future__ import annotations

import time

import pytest

from aether import Mind
from prometheus.episode import read_episode
from prometheus.errors import ConfigError, EpisodeError
from prometheus.pace import Pace
from prometheus.replay import changes, recalls
from prometheus.run import play
from prometheus.think_time import Charged, Live, think_time
from tests.prometheus.legs import scenario_of, simulation_of
from tests.prometheus.test_loop import BEAST, WALK

# The beast notices nobody before the first thoughts are there.
TWO = (
    BEAST.replace("[9, 0.4]", "[12, 0.4]").replace("range: 20", "range: 10")
    + "agents:\n  - {id: bob, at: [0, 3], task: walk}\n"
)


def slow(scene):
    time.sleep(0.15)
    return WALK + "\nSAY: onward"


def lived(folder, text, minds, think_time, before=None, seconds=4.0):
    """Plays, records, and returns the bytes of the episode."""
    with simulation_of(scenario_of(text, folder), minds, think_time=think_time) as simulation:
        who = {"brain": "slow", "body": "humanoid", "latents_seed": 1}
        agents = [{"id": agent.id, **who} for agent in simulation.agents]
        head = {"world": "charge", "seed": 1, "brain": "slow", "body": "humanoid", "agents": agents}
        pace = Pace(8.0) if think_time is Live else None
        play(simulation, head, folder / "run", seconds=seconds, pace=pace, before=before)
    return (folder / "run" / "episode.jsonl").read_bytes()


@pytest.mark.parametrize("mode", [Live, lambda: Charged(None), lambda: Charged(0.7), None])
def test_every_mode_is_lived_again_byte_for_byte(tmp_path, mode):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = lived(tmp_path / "a", TWO, [Mind(slow), Mind(slow)], mode)
    episode = read_episode(tmp_path / "a" / "run")
    minds = recalls(episode)
    again = lived(tmp_path / "b", TWO, list(minds.values()), lambda: None)
    assert again == first
    late = [row for row in episode.decisions if row.get("asked", row["frame"]) < row["frame"]]
    assert bool(late) == (mode is not None)
    for row in episode.decisions:
        assert row["scene"]["scenario_id"] == f"charge_{row.get('asked', row['frame']) - 1:05d}"
    if mode is not Live:  # beside the clock nobody promises that a call comes before the next decision
        assert any("bob: " in message for row in episode.decisions for message in row["scene"].get("messages", ()))


def test_a_changed_body_is_changed_again(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    def swap(simulation):
        if simulation.world.frame == 30:
            simulation.agents[1].body = "tank"

    first = lived(tmp_path / "a", TWO, [Mind("reflex"), Mind("reflex")], None, swap, 2.5)
    episode = read_episode(tmp_path / "a" / "run")
    assert [(row["frame"], row["agent"], row["to"]) for row in episode.changes] == [(31, "bob", "tank")]
    again = lived(tmp_path / "b", TWO, list(recalls(episode).values()), lambda: None, changes(episode), 2.5)
    assert again == first


def test_a_world_that_is_not_the_recorded_one_is_noticed(tmp_path):
    lived(tmp_path, TWO, [Mind("reflex"), Mind("reflex")], None, seconds=1.0)
    minds = list(recalls(read_episode(tmp_path / "run")).values())
    with pytest.raises(EpisodeError, match="parts from the episode at frame 1"):
        lived(tmp_path, TWO.replace("at: [0, 3]", "at: [0, 2.5]"), minds, lambda: None, seconds=1.0)


def test_modes_by_name():
    assert isinstance(think_time("realtime", "zero"), Live)
    assert isinstance(think_time("lockstep", 0.4), Charged)
    for mode, spell in (("lockstep", "now"), ("lockstep", -1.0), ("lockstep", float("nan")), ("turbo", "zero")):
        with pytest.raises(ConfigError):
            think_time(mode, spell)


class Clock:
    """A clock that goes on when somebody sleeps."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.mark.parametrize("speed", [0.1, 1.0, 8.0])
def test_a_world_keeps_pace_with_the_clock(speed):
    clock = Clock()
    pace = Pace(speed, clock=clock, sleep=clock.sleep)
    for _ in range(41):
        pace.wait()
    assert clock.now - 100.0 == pytest.approx(40 * 0.05 / speed, rel=0.02)


def test_pause_single_steps_and_speed():
    clock = Clock()
    pace = Pace(clock=clock)
    assert pace.due()
    assert not pace.due()
    clock.now += 0.05
    pace.pause()
    assert not pace.due()
    pace.once()
    assert pace.rest == 0.0
    assert pace.due()
    assert not pace.due()
    clock.now += 9.0
    pace.resume()
    assert [pace.due(), pace.due()] == [True, False]
    pace.speed = 2.0
    clock.now += 0.051
    assert pace.due()
    clock.now += 0.026
    assert pace.due()
    for bad in (0.05, 9.0, float("nan")):
        with pytest.raises(ConfigError):
            pace.speed = bad


def test_after_a_stall_a_world_does_not_rush():
    clock = Clock()
    pace = Pace(clock=clock)
    pace.due()
    clock.now += 60.0
    assert sum(pace.due() for _ in range(100)) <= 7


def test_agents_that_wear_different_things_wear_them_again():
    from prometheus.config import load_config
    from prometheus.episode import Episode
    from prometheus.replay import recorded_config

    head = {"seed": 1, "seconds": 2.0, "brain": "reflex", "body": "humanoid", "judge": "enforce", "mode": "realtime"}
    head |= {"think_time": "zero", "clones": 0, "think_every_s": 0.5, "guidance": 3.0, "threads": 1}
    for bodies, worn in ((("humanoid", "tank"), None), (("tank", "tank"), "tank")):
        agents = [{"id": str(number), "body": body} for number, body in enumerate(bodies)]
        assert recorded_config(Episode(head | {"agents": agents}), load_config()).body == worn
