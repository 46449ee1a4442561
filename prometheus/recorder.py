"""Recorder: writes an episode while it happens, one JSON object a line, the same bytes for the same run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from prometheus.episode import EPISODE, SCHEMA, TIMINGS, first_agent, thought_to_json
from prometheus.shorthand import Shorthand, encode
from prometheus.world.physics import FRAME_RATE

if TYPE_CHECKING:
    from hephaestus.motion import Motion
    from prometheus.docket import Outcome
    from prometheus.loop import Moment
    from prometheus.world.physics import World


class Recorder:
    """Writes `episode.jsonl`, and whatever the clock measured apart from it into `timings.jsonl`.

    Every frame is flushed: a killed run leaves whole lines and at most one torn one. Timings go a second at a time.
    """

    def __init__(self, folder: Path, header: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._first = first_agent(header)
        self._seeds = {agent["id"]: agent.get("latents_seed") for agent in header.get("agents", ())}
        self._prompts: dict[str, str] = {}
        self._shorthand = Shorthand()
        self._header: Mapping[str, Any] | None = header
        self._episode: TextIO = (folder / EPISODE).open("w", encoding="utf-8", newline="\n")
        self._timings: TextIO = (folder / TIMINGS).open("w", encoding="utf-8", newline="\n")
        self._times: list[Mapping[str, Any]] = []

    def record(
        self,
        world: World,
        moment: Moment,
        milliseconds: Mapping[str, float],
        changes: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        """Write a frame: before it what was decided, after it what became of earlier predictions.

        Args:
            world: where it happened.
            moment: the frame.
            milliseconds: that its parts took.
            changes: (who, what, to) of what was changed about passers-by before it.
        """
        self._begin(world)
        for who, what, to in changes:
            self._write({"type": "change", "frame": moment.frame, "agent": who, "what": what, "to": to})
        times: dict[str, Any] = {"frame": moment.frame, "ms": dict(milliseconds)}
        latencies = {}
        for act in moment.acts:
            for what, to in act.changes:
                self._write({"type": "change", "frame": moment.frame, **self._of(act.agent), "what": what, "to": to})
            if act.thought is not None and act.scene is not None and act.verdict is not None:
                latencies[act.agent] = round(act.thought.latency_s, 6)
                self._decision(moment.frame, act)
        first, *others = moment.acts
        bodies = {act.agent: _pose(act.motion) for act in others}
        pose = encode(_pose(first.motion) | ({"bodies": bodies} if bodies else {}))
        self._episode.write(f'{{"type":"frame",{self._shorthand.state(world)},{pose[1:]}\n')
        self._settled(outcome for act in moment.acts for outcome in act.outcomes)
        if self._first in latencies:
            times["latency_s"] = latencies.pop(self._first)
        if latencies:
            times["latencies_s"] = latencies
        self._times.append(times)
        if len(self._times) >= FRAME_RATE:
            self.flush()
        self._episode.flush()

    def end(self, outcomes: Iterable[Outcome] = (), **figures: Any) -> None:
        """Write what the end of the run left open, and the last line."""
        self._settled(outcomes)
        self._write({"type": "end", **figures})

    def flush(self) -> None:
        """Write the timings that wait."""
        self._timings.writelines(encode(row) + "\n" for row in self._times)
        self._timings.flush()
        self._times = []

    def close(self) -> None:
        """Close both files."""
        self._episode.close()
        with self._timings:
            self.flush()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, world: World) -> None:
        if self._header is None:
            return
        actors = [
            {"id": a.id, "kind": a.kind, "body": a.body, "radius": a.radius, "height": a.height} for a in world.actors
        ]
        head = {"type": "episode", "schema": SCHEMA, **self._header, "actors": actors}
        self._header = None
        self._write(head | {"scenario": world.scenario.to_json()})

    def _decision(self, frame: int, act: Any) -> None:
        system, user = act.thought.prompt
        name = self._prompts.get(system)
        if name is None:
            name = self._prompts[system] = f"p{len(self._prompts) + 1}"
            self._write({"type": "prompt", "id": name, "system": system})
        own, command = act.scene.own, act.verdict.command
        asked = {} if act.asked in (None, frame) else {"asked": act.asked}
        motion = {"text": command.text, "urgent": command.urgent, "latents_seed": self._seeds.get(act.agent)}
        self._write(
            {
                "type": "decision",
                "frame": frame,
                **self._of(act.agent),
                **asked,
                "scene": act.scene.to_json("article"),
                "own": {"speed": own.speed, "body": own.body, "task": own.task},
                "prompt": {"system": name, "user": user},
                "thought": thought_to_json(act.thought),
                "verdict": act.verdict.to_json(),
                "motion": motion,
            }
        )

    def _settled(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            self._write({"type": "outcome", "frame": outcome.frame, **self._of(outcome.agent), **outcome.to_json()})

    def _of(self, agent: str) -> dict[str, str]:
        return {} if agent == self._first else {"agent": agent}

    def _write(self, row: Mapping[str, Any]) -> None:
        self._episode.write(encode(row) + "\n")


def _pose(motion: Motion) -> dict[str, Any]:
    """Joints in whole tenths of a millimetre, contacts in whole hundredths: exact in text, and short."""
    joints = np.rint(motion.joints[0] * 1e4).astype(int)
    contacts = np.rint(motion.contacts[0] * 100).astype(int)
    return {"joints_0.1mm": joints.ravel().tolist(), "contacts_percent": contacts.tolist()}
