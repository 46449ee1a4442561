"""The loop with real minds, worlds and bodies, and legs that obey."""

from __future__ import annotations

import time

import pytest

from aether import BrainError, Mind, Reply
from prometheus.company import add_walkers, clone_agents
from prometheus.think_time import Charged, Live, frames_of
from prometheus.world.scenario import load_scenario
from tests.prometheus.legs import scenario_of, simulation_of

WALK = "PREDICT: forward=safe, left=safe, right=safe, backward=safe\nMOTION: a person walks forward calmly"
BEAST = """
name: charge
licence: Apache-2.0
agent: {at: [0, 0], heading: 0.0, task: explore}
entities:
  - {id: beast, kind: beast, body: beast, at: [9, 0.4], heading: 3.1416, behaviour: stop, on_notice: charge,
     radius: 0.45, height: 1.2, senses: {range: 20, view: 6.2, hearing: 9}, speeds: {walk: 1.2, run: 5.0},
     interest: 30, calm: 1}
"""
FIELD = """
name: field
licence: Apache-2.0
agent: {at: [0, 0], task: walk, goal: [30, 0]}
"""


def walks(scene):
    return WALK


def hurried(simulation, seconds):
    """Plays; returns the acts of the first agent, and how near the beast came (m between the hulls)."""
    beast, agent = simulation.world.npcs[0], simulation.world.agent
    acts, gaps = [], []
    for _ in range(round(seconds * 20)):
        acts.append(simulation.step().acts[0])
        gaps.append(agent.distance_to(beast.position) - agent.radius - beast.radius)
    return acts, min(gaps)


def test_a_decision_that_costs_time_takes_effect_that_much_later(tmp_path):
    with simulation_of(scenario_of(FIELD, tmp_path), [Mind(walks)], think_time=lambda: Charged(0.7)) as simulation:
        acts = [simulation.step().acts[0] for _ in range(60)]
        made = [(act.asked, number) for number, act in enumerate(acts, 1) if act.thought]
    assert made == [(1, 15), (21, 35), (41, 55)]
    assert acts[14].scene.scenario_id == "field_00000"
    assert acts[14].thought.latency_s < 0.7


def test_without_cost_it_takes_effect_at_once(tmp_path):
    with simulation_of(scenario_of(FIELD, tmp_path), [Mind(walks)]) as simulation:
        acts = [simulation.step().acts[0] for _ in range(21)]
        assert [(act.asked, n) for n, act in enumerate(acts, 1) if act.thought] == [(1, 1), (11, 11), (21, 21)]
        assert simulation.world.agent.position[0] > 0.8


def test_measured_time_is_charged(tmp_path):
    def slow(scene):
        time.sleep(0.12)
        return WALK

    with simulation_of(scenario_of(FIELD, tmp_path), [Mind(slow)], think_time=lambda: Charged(None)) as simulation:
        acts = [simulation.step().acts[0] for _ in range(60)]
        made = [(act.asked, n, act.thought.latency_s) for n, act in enumerate(acts, 1) if act.thought]
    assert made
    assert all(frame == asked + frames_of(latency) for asked, frame, latency in made)
    assert all(frame >= asked + 3 for asked, frame, _ in made)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.0500001, 0.3, 3.0])
def test_frames_of_a_span(seconds):
    assert frames_of(seconds) == {0.0: 0, 0.05: 1, 0.0500001: 2, 0.3: 6, 3.0: 60}[seconds]


def test_a_slow_brain_leaves_a_charging_beast_to_the_reflex(tmp_path):
    """The brain takes three seconds of the world's time for "walk on", straight into the beast."""
    routes = {}
    for name, think_time in (("slow", lambda: Charged(3.0)), ("quick", None)):
        scenario = scenario_of(BEAST, tmp_path)
        with simulation_of(scenario, [Mind(walks)], think_time=think_time, judge_mode="off") as simulation:
            acts, gap = hurried(simulation, 7.0)
            routes[name] = [act.thought.route for act in acts if act.thought]
            if name == "slow":
                assert gap > 0.05
                assert not any(c.other == "beast" for c in simulation.world.agent.contacts)
    assert set(routes["quick"]) == {"brain"}
    stepped = [route for route in routes["slow"] if route.startswith("reflex: ")]
    assert len(stepped) >= 2
    assert any(route == "reflex: walks still thinks" for route in stepped)


def test_a_world_in_real_time_never_waits_for_a_brain(tmp_path):
    class Never:
        name = "never"

        async def think(self, prompt, *, deadline_s):
            import asyncio

            await asyncio.sleep(3600)

    mind = Mind(Never(), deadline_s=3600.0)
    with simulation_of(scenario_of(BEAST, tmp_path), [mind], think_time=Live) as simulation:
        acts, gap = hurried(simulation, 7.0)
    assert gap > 0.05
    assert {act.thought.route for act in acts if act.thought} == {"reflex: never still thinks"}
    assert all(act.asked == frame for frame, act in enumerate(acts, 1) if act.thought)


def test_the_brain_is_swapped_in_the_middle_of_a_run(tmp_path):
    with simulation_of(scenario_of(FIELD, tmp_path), [Mind("reflex")]) as simulation:
        simulation.step()
        simulation.mind.brain = walks
        acts = [simulation.step().acts[0] for _ in range(12)]
        assert {act.thought.brain for act in acts if act.thought} == {"walks"}
        with pytest.raises(BrainError):
            simulation.mind.brain = "no such brain"
        assert simulation.step().frame == 14


def test_the_body_is_swapped_in_the_middle_of_a_run(tmp_path):
    with simulation_of(scenario_of(FIELD, tmp_path), [Mind("reflex")]) as simulation:
        before = simulation.step()
        radius = simulation.world.agent.radius
        simulation.agent.body = "tank"
        after = simulation.step()
        assert after.acts[0].changes == (("body", "tank"),)
        assert simulation.step().acts[0].changes == ()
        assert after.local.shape != before.local.shape
        assert simulation.world.agent.body == "tank"
        assert simulation.world.agent.radius > radius
        scenes = [simulation.step().acts[0].scene for _ in range(12)]
        assert {scene.own.body for scene in scenes if scene} == {"tank"}


FOUR = """
name: four
licence: Apache-2.0
agent: {id: ada, at: [0, 0], task: walk, goal: [30, 0], role: leader}
agents:
  - {id: bob, at: [0, 4], task: walk, role: follower}
  - {id: eve, at: [-3, 0], heading: 3.1, task: walk, role: guard, ward: ada, body: beast}
  - {id: zoe, at: [0, -60], task: walk}
entities:
  - {id: beast, kind: beast, body: beast, at: [9, 0.4], heading: 3.1416, behaviour: stop, on_notice: charge,
     senses: {range: 20, view: 6.2, hearing: 9}, speeds: {walk: 1.2, run: 5.0}}
"""


def test_agents_have_minds_of_their_own_and_hear_one_another(tmp_path):
    minds = [Mind("reflex") for _ in range(4)]
    with simulation_of(scenario_of(FOUR, tmp_path), minds) as simulation:
        moments = [simulation.step() for _ in range(31)]
        ids = [agent.id for agent in simulation.agents]
        scenes = {name: [] for name in ids}
        for moment in moments:
            assert [act.agent for act in moment.acts] == ids == ["ada", "bob", "eve", "zoe"]
            for act in moment.acts:
                if act.scene:
                    scenes[act.agent].append(act.scene)
    assert any("ada: careful, beast" in message for scene in scenes["eve"] for message in scene.messages)
    assert not any(scene.messages for scene in scenes["zoe"])
    assert any(entity.type == "person" and entity.id == "bob" for entity in scenes["ada"][0].entities)
    assert scenes["bob"][1].own.task.startswith("follow ada")
    assert "guard ada" in scenes["eve"][1].own.task


def test_many_agents_are_the_same_the_next_time(tmp_path):
    runs = []
    for _ in range(2):
        minds = [Mind("reflex") for _ in range(4)]
        with simulation_of(scenario_of(FOUR, tmp_path), minds) as simulation:
            runs.append([[act.motion.joints.tobytes() for act in simulation.step().acts] for _ in range(30)])
    assert runs[0] == runs[1]


@pytest.mark.parametrize("world", ["castle", "arena"])
def test_copies_of_the_agent_stand_in_free_places(world):
    scenario = clone_agents(load_scenario(world), 10)
    assert len(scenario.minds) == 10
    assert len({agent.id for agent in scenario.minds}) == 10
    more = add_walkers(scenario, 30)
    assert len(more.minds) + len(more.entities) == 30
    assert clone_agents(scenario, 3) is scenario
    with simulation_of(more, [Mind("reflex") for _ in range(10)]) as simulation:
        for _ in range(3):
            simulation.step()
        assert simulation.world.penetrations().max() < 0.02


def test_who_is_knocked_over_neither_thinks_nor_walks_until_it_stands(tmp_path):
    with simulation_of(scenario_of(FIELD, tmp_path), [Mind("reflex")]) as simulation:
        for _ in range(25):
            simulation.step()
        simulation.world.knock(simulation.world.agent, (0.0, 4.0, 1.0))
        phases, lowest, acts = [], [], []
        for _ in range(200):
            act = simulation.step().acts[0]
            acts.append(act)
            fall = simulation.world.agent.fall
            phases.append("" if fall is None else fall.phase)
            lowest.append(float(act.motion.joints[0, 15, 1]))
            if phases[-1] == "" and "rising" in phases and act.thought:
                break
        down = [n for n, phase in enumerate(phases) if phase]
        assert phases[down[0]] == "falling"
        assert phases[down[-1]] == "rising"
        assert not any(acts[n].thought for n in down[1:])
        assert min(lowest) < 0.7
        assert lowest[-1] > 1.3
        assert acts[-1].thought is not None
        assert sum(text == "a person gets up from the ground" for text, _ in simulation.stream.said) == 1


def test_a_brain_with_vision_gets_a_picture_with_each_question(tmp_path):
    class Eye:
        drawn = 0
        closed = False

        def __call__(self, world, actor):
            self.drawn += 1
            return b"\x89PNG %d" % world.frame

        def close(self):
            self.closed = True

    class Sees:
        name = "sees"
        instant = True

        def __init__(self):
            self.images = []

        async def think(self, prompt, *, deadline_s):
            self.images.append(prompt.image)
            return Reply(WALK)

    brain, eye = Sees(), Eye()
    with simulation_of(scenario_of(FIELD, tmp_path), [Mind(brain)], eye=eye) as simulation:
        for _ in range(21):
            simulation.step()
    assert brain.images == [b"\x89PNG 0", b"\x89PNG 10", b"\x89PNG 20"]
    assert eye.drawn == 3
    assert eye.closed


def test_bones_are_felt_when_the_hull_strikes_and_whenever_somebody_asks(tmp_path):
    wall = FIELD + "solids:\n  - {kind: wall, name: wall, start: [-3, 1.2], end: [3, 1.2]}\n"
    aside = Mind(lambda scene: WALK.replace("forward calmly", "to the left"))
    with simulation_of(scenario_of(wall, tmp_path), [aside], judge_mode="off") as simulation:
        agent, struck = simulation.agent, []
        assert agent.feel() == ()
        for _ in range(60):
            simulation.step()
            struck.append(bool(agent.actor.touches))
        assert {touch.other for touch in agent.feel()} == {"wall"}
        assert sum(struck) == 1
