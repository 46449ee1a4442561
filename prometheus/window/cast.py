"""Cast: who is in the world, what they wear, and how they stand in each frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from hephaestus.motion import Motion
from prometheus.drawing.film import posed
from prometheus.world.fall import patch
from prometheus.world.gait import gait_motion

if TYPE_CHECKING:
    from hephaestus.bodies.body import Body
    from prometheus.agent import Act, Agent
    from prometheus.loop import Moment, Simulation
    from prometheus.world.entity import Actor
    from prometheus.world.npc import Npc
    from prometheus.world.physics import World


MOST = 8
"""Bodies that are kept though nobody wears them."""
_AROUND = 4.0
"""m round an actor that count as it: its body, and its shadow."""


class Cast:
    """Poses everybody, frame by frame; agents as they were posed in the loop, the others by rule.

    Args:
        simulation: whose actors they are.

    Attributes:
        built: where what was built since is drawn, by its key.
        planes: [6, 4], those that bound the picture (`hephaestus.render.camera.planes`), or None: who is outside of it
            keeps the pose that they had, for it costs as much as a step of physics.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._bodies: dict[str, Body] = {}
        self.built: dict[str, np.ndarray] = {}
        self.planes: np.ndarray | None = None
        self._last: dict[str, tuple[Body, np.ndarray, np.ndarray]] = {}
        self._streams: dict[str, tuple[Body, Callable[[Motion], np.ndarray]]] = {}

    @property
    def world(self) -> World:
        """Where they are."""
        return self._simulation.world

    @property
    def wears(self) -> dict[str, str]:
        """Each actor's body by the name or path under which it was loaded."""
        return {agent.id: agent.wears for agent in self._simulation.agents} | {
            npc.id: npc.body for npc in self.world.npcs
        }

    def body(self, actor: str) -> Body:
        """Return what an actor wears; a body that several wear is loaded once."""
        for agent in self._simulation.agents:
            if agent.id == actor:
                return agent.body
        return self.load(self.world.actor(actor).body)

    def load(self, name: str) -> Body:
        """Return a body by name or path.

        Raises:
            hephaestus.errors.BodyError: there is none, or it is refused.
        """
        if name not in self._bodies:
            from hephaestus.bodies import load_body

            self.keep(name, load_body(name))
        return self._bodies[name]

    def keep(self, name: str, body: Body) -> None:
        """Know a body that was loaded elsewhere; of those that nobody wears, only the last few are known for long."""
        self._bodies[name] = body
        worn = {name, *self.wears.values()}
        for old in [each for each in self._bodies if each not in worn][:-MOST]:
            del self._bodies[old]

    def places(self, moment: Moment | None) -> dict[str, np.ndarray]:
        """Return everybody's nodes [J, 4, 4] in the motion frame, by id.

        Args:
            moment: what the loop's last step gave; before the first, agents stand as others do.
        """
        if moment is None:
            return self.built | self._by_rule([*self.world.actors])
        agents = {
            act.agent: agent.body.asset.world(self._worn(agent, act))[0]
            for agent, act in zip(self._simulation.agents, moment.acts, strict=True)
        }
        return self.built | agents | self._by_rule(self.world.npcs)

    def _worn(self, agent: Agent, act: Act) -> np.ndarray:
        """Return an agent's pose [1, J, 4, 4] on the body that it wears now, which may be newer than the pose."""
        if act.local.shape[0] == len(agent.body.asset.parents):
            return act.local[None]
        return posed(agent.body, act.motion, agent.actor.position[2:3].astype(np.float32))

    def _by_rule(self, actors: Iterable[object]) -> dict[str, np.ndarray]:
        every: list[Npc] = list(actors)  # type: ignore[arg-type]
        places: dict[str, np.ndarray] = {}
        shown = [actor for actor in every if not self._keeps(actor, places)]
        if not shown:
            return places
        positions = np.array([actor.position for actor in shown])
        level = positions * [1.0, 1.0, 0.0]
        motion = gait_motion(
            np.array([getattr(actor, "phase", 0.0) for actor in shown]), np.array([actor.speed for actor in shown]),
            level, np.array([actor.heading for actor in shown]),
            np.array([getattr(actor, "arousal", 0.0) for actor in shown]),
        )  # fmt: skip
        groups: dict[int, list[int]] = {}
        bodies = [self.body(actor.id) for actor in shown]
        for index, body in enumerate(bodies):
            # A body that remembers where its feet are is posed for itself alone.
            alone = hasattr(body.driver, "stream") or shown[index].fall is not None
            groups.setdefault(-1 - index if alone else id(body), []).append(index)
        for rows in groups.values():
            body = bodies[rows[0]]
            part = _pick(motion, rows)
            if shown[rows[0]].fall is not None:
                part = _lying(part, shown[rows[0]])
            local = self._pose(shown[rows[0]].id, body, part)
            local[:, body.asset.parents < 0, 1, 3] += positions[rows, 2, None].astype(np.float32)
            for row, nodes in zip(rows, body.asset.world(local), strict=True):
                places[shown[row].id] = nodes
                self._last[shown[row].id] = (body, nodes, positions[row].copy())
        return places

    def _keeps(self, actor: Actor, places: dict[str, np.ndarray]) -> bool:
        """Whether nobody sees an actor; it is then put where it is now, in the pose that it had."""
        known, planes = self._last.get(actor.id), self.planes
        if known is None or planes is None or known[0] is not self.body(actor.id) or actor.fall is not None:
            return False
        x, y, z = actor.position
        away = planes[:, :3] @ np.array([y, z + 0.5 * actor.height, x]) + planes[:, 3]
        if (away > -_AROUND * np.linalg.norm(planes[:, :3], axis=1)).all():
            return False
        nodes = known[1].copy()
        nodes[:, :3, 3] += (actor.position - known[2])[[1, 2, 0]].astype(np.float32)
        places[actor.id] = nodes
        return True

    def _pose(self, actor: str, body: Body, motion: Motion) -> np.ndarray:
        if not hasattr(body.driver, "stream"):
            return body.poses(motion)
        known = self._streams.get(actor)
        if known is None or known[0] is not body:
            known = self._streams[actor] = (body, body.stream())
        return known[1](motion)


def _pick(motion: Motion, rows: list[int]) -> Motion:
    return Motion(motion.joints[rows], motion.rotations[rows], motion.contacts[rows], motion.fps)


def _lying(motion: Motion, actor: Npc) -> Motion:
    """Return one frame as physics has it, its heights over the ground under the actor."""
    patched = patch(motion, [actor.to_json()])
    joints = patched.joints.copy()
    joints[..., 1] -= np.float32(actor.position[2])
    return Motion(joints, patched.rotations, patched.contacts, motion.fps)
