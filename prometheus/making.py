"""Making: a simulation from Python, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aether.brain import Brain
    from aether.scene import Scene
    from prometheus.loop import Simulation
    from prometheus.world.scenario import Scenario


def make(
    world: str | Path | Scenario,
    *,
    brain: str | Brain | Callable[[Scene], str] | None = None,
    body: str | None = None,
    seed: int | None = None,
    config: Path | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Simulation:
    """Put a simulation together; close it, or use it in a `with` statement.

    Example:
        >>> with prometheus.make("castle", brain="reflex", body="tank", seed=7) as sim:
        ...     for frame in sim.run(seconds=10):
        ...         print(frame.frame, sim.world.agent.position)

    Args:
        world: a shipped name, a world file, or a scenario.
        brain: a name such as "reflex" or "openai/gpt-5-mini", a brain, or any function from a Scene to two lines.
        body: a shipped name or a GLB; None for what the world says.
        seed: of everything; None for the world's own.
        config: a TOML file, as `pwm run --config` takes it.
        settings: any other, by dotted names such as {"judge": "off", "brain.deadline_s": 4}.

    Raises:
        PrometheusError: a name, a setting or a file is wrong.
        aether.errors.AetherError: the brain is unknown, or lacks its key or file.
    """
    from prometheus.company import clone_agents
    from prometheus.config import load_config
    from prometheus.run import simulate
    from prometheus.world.scenario import Scenario, load_scenario

    given = {name.replace(".", "__"): value for name, value in (settings or {}).items()}
    named = brain if isinstance(brain, str) else None
    flags = {**given, "brain__model": named, "body": body, "seed": seed}
    chosen = load_config(config, **{name: value for name, value in flags.items() if value is not None})
    scenario = world if isinstance(world, Scenario) else load_scenario(world)
    minds = None
    if brain is not None and named is None:
        from aether.mind import Mind

        deadline = chosen.brain.deadline_s or 10.0
        whole = clone_agents(scenario, chosen.agents)
        minds = {agent.id: Mind(brain, deadline_s=deadline) for agent in whole.minds}
    simulation, _ = simulate(scenario.name, chosen, minds=minds, scenario=scenario)
    return simulation
