"""Tools: what the episodes of one process share: the motion model, the event loop, the rate limits, the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prometheus.batch.turns import TurnCaller

if TYPE_CHECKING:
    from aether.ledger import Ledger
    from aether.wrap.budget import Purse
    from aether.wrap.throttle import Throttle
    from prometheus.agent import Mind
    from prometheus.config import Config
    from prometheus.motion.motor import Motor
    from prometheus.world.scenario import Scenario


@dataclass
class Tools:
    """Kept by a worker from job to job.

    Attributes:
        caller: the loop on which all brains are asked.
    """

    caller: TurnCaller = field(default_factory=TurnCaller)
    _motors: dict[tuple[str, int], Motor] = field(default_factory=dict)
    _throttles: dict[tuple[str, float], Throttle] = field(default_factory=dict)

    def motor(self, config: Config) -> Motor:
        """Return the motion model, loaded when it is first wanted."""
        from prometheus.run import load_motion

        name = (str(config.motion.weights or ""), config.motion.threads)
        if name not in self._motors:
            self._motors[name] = load_motion(config)
        return self._motors[name]

    def minds(self, config: Config, scenario: Scenario, ledger: Ledger, purse: Purse | None) -> Mapping[str, Mind]:
        """Return a mind for each agent; all of them book in `ledger` and pay from `purse`.

        Raises:
            aether.errors.BrainError: a brain is unknown, or lacks its key or file.
        """
        from aether.brains import deadline_of, load_all
        from aether.mind import Mind as RealMind

        brain = config.brain
        names = [agent.brain or brain.model for agent in scenario.minds]
        options = brain.options() | ({} if purse is None else {"purse": purse})
        throttle = self._throttle(brain.model, brain.per_minute)
        if throttle is not None:
            options["throttle"] = throttle
        return {
            agent.id: RealMind(
                loaded, deadline_s=brain.deadline_s or deadline_of(name), caller=self.caller, ledger=ledger
            )
            for agent, name, loaded in zip(scenario.minds, names, load_all(names, **options), strict=True)
        }

    def close(self) -> None:
        """Stop the event loop."""
        self.caller.close()

    def _throttle(self, model: str, per_minute: float | None) -> Any:
        """The rate limit of a provider, one however many episodes ask it."""
        if per_minute is None:
            return None
        from aether.wrap.throttle import Throttle

        return self._throttles.setdefault((model.partition("/")[0], per_minute), Throttle(per_minute))
