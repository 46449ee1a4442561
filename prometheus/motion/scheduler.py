"""TriangularScheduler: the schedule as diffusers saves and loads it."""

from __future__ import annotations

from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.schedulers.scheduling_utils import SchedulerMixin

from prometheus.motion.schedule import Schedule


class TriangularScheduler(Schedule, SchedulerMixin, ConfigMixin):
    """`Schedule` with `save_pretrained` and `from_pretrained`."""

    @register_to_config
    def __init__(self, chunk: int = 5, steps_per_token: int = 1) -> None:
        super().__init__(chunk, steps_per_token)
