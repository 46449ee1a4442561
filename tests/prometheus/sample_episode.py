"""A small episode written by hand, for tests that look into episodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RISK = {"danger": False, "kind": None, "time_s": None, "distance_m": None}
WALL = {"danger": True, "kind": "wall", "time_s": 1.0, "distance_m": 1.4}
BEAST = {"danger": True, "kind": "beast", "time_s": 1.5, "distance_m": 4.0}
WAYS = "forward forward-left left backward-left backward backward-right right forward-right stand".split()


def rows(frames: int = 45, agents: tuple[str, ...] = ("agent",)) -> list[dict[str, Any]]:
    """Lines of an episode: two decisions, of which the first is settled in frame 41."""
    lines = [header(agents), {"type": "prompt", "id": "p1", "system": "You are the mind of one body."}]
    for number in range(1, frames + 1):
        for name in agents if number in (1, 11) else ():
            lines.append(decision(number) | ({} if name == agents[0] else {"agent": name}))
        lines.append(frame(number, agents))
        if number == 41:
            lines += [outcome() | ({} if name == agents[0] else {"agent": name}) for name in agents]
    return [*lines, end(frames)]


def header(agents: tuple[str, ...] = ("agent",)) -> dict[str, Any]:
    who = [{"id": name, "brain": "reflex", "body": "humanoid", "latents_seed": 5} for name in agents]
    sizes = {"body": "humanoid", "radius": 0.3, "height": 1.75}
    actors = [{"id": name, "kind": "agent", **sizes} for name in agents]
    return {
        "type": "episode", "schema": 2, "world": "castle", "seed": 7, "seconds": 2.25, "brain": "reflex",
        "body": "humanoid", "agents": who, "judge": "enforce", "forecast": "analytic", "think_every_s": 0.5,
        "guidance": 3.0, "threads": 1, "versions": {"python": "3.11"},
        "actors": [*actors, {"id": "beast", "kind": "beast", **sizes}],
    }  # fmt: skip


def decision(number: int) -> dict[str, Any]:
    outlook = {"danger": False, "kind": None, "distance": None, "detail": None}
    wall = outlook | {"danger": True, "kind": "wall", "distance": 1.4}
    npc = outlook | {"danger": True, "kind": "beast", "distance": 4.0, "detail": "wandering"}
    predict = {"npc": npc, "forward": wall, "left": outlook, "right": outlook, "backward": wall | {"detail": "prev"}}
    return {
        "type": "decision",
        "frame": number,
        "scene": {
            "scenario_id": f"castle_{number - 1:05d}", "walls": {"forward": 1.7, "left": None, "right": None,
            "backward": 2.0}, "npc_type": "beast", "npc_distance": 4.1, "npc_behavior": "wander", "npc_bearing": 0.1,
            "npc_visible": True, "npc_id": "beast", "emotion_state": "alert", "ground": "flat", "sound": None,
            "recent_decisions": ["hit_wall_backward"],
            "others": [{"type": "beast", "distance": 9.0, "behavior": "stop", "bearing": 3.0, "id": "far beast"}],
        },
        "own": {"speed": 1.0, "body": "humanoid", "task": "walk"},
        "prompt": {"system": "p1", "user": '{"scenario_id": "castle"}'},
        "thought": {
            "decision": {"predict": predict, "motion": "a person walks forward"}, "text": "PREDICT: ...",
            "brain": "reflex", "tokens_in": 0, "tokens_out": 0, "cost_usd": 0.0, "confidence": 0.8, "route": "brain",
        },
        "verdict": {
            "forecast": {way: WALL if way == "forward" else RISK for way in WAYS},
            "npcs": {"beast": BEAST},
            "agreement": {
                "npc": "hit", "forward": "hit", "left": "correct_safe", "right": "correct_safe",
                "backward": "false_alarm",
            },
            "command": {
                "text": "a person walks to the left", "direction": 1.5708, "pace": 1.4, "turn": 0.0, "intensity": 0.4,
                "urgent": False,
            },
            "reason": "forward would meet a wall in 0.8 s; left is free",
            "replaced": True,
        },
        "motion": {"text": "a person walks to the left", "urgent": False, "latents_seed": 5},
    }  # fmt: skip


def frame(number: int, agents: tuple[str, ...] = ("agent",)) -> dict[str, Any]:
    pose = {"joints_0.1mm": [number * 10 + i for i in range(66)], "contacts_percent": [100, 0, 50, 7]}
    contacts = [{"other": "w", "kind": "wall"}] if number in (20, 21) else []
    minds = [
        {"id": name, "kind": "agent", "position": [0.05 * number, float(k), 0.0], "heading": 0.1,
         "velocity": [1.0, 0.0], "contacts": contacts if k == 0 else []}
        for k, name in enumerate(agents)
    ]  # fmt: skip
    beast = {
        "id": "beast", "kind": "beast", "position": [6.0, 0.0, 0.0], "heading": 3.0, "velocity": [0.0, 0.0],
        "contacts": [], "behavior": "wander", "phase": 0.2, "arousal": 0.0, "noticed": None,
    }  # fmt: skip
    bodies = {"bodies": dict.fromkeys(agents[1:], pose)} if len(agents) > 1 else {}
    return {"type": "frame", "frame": number, "actors": [*minds, beast], "props": [], **pose, **bodies}


def outcome() -> dict[str, Any]:
    calls = {"npc": "hit", "forward": "hit", "left": "correct_safe", "right": "miss", "backward": "false_alarm"}
    event = {"kind": "wall", "time_s": 0.9, "real": False}
    happened = {"forward": event, "right": event | {"time_s": 1.2}, "npc": event | {"kind": "beast", "time_s": 1.5}}
    return {
        "type": "outcome", "frame": 41, "decision": 1, "confidence": 0.8, "calls": calls, "happened": happened,
        "complete": True,
    }  # fmt: skip


def end(frames: int) -> dict[str, Any]:
    return {
        "type": "end", "frames": frames, "decisions": 2, "predictions": {"hit": 4, "miss": 0, "false_alarm": 2},
        "contacts": 1, "settled": {"hit": 2, "miss": 1, "false_alarm": 1, "correct_safe": 1}, "brier": 0.28,
        "lead_time_s": 1.2, "emotion_at_end": "curious",
    }  # fmt: skip


def write(folder: Path, lines: list[dict[str, Any]] | None = None) -> Path:
    """Write lines as an episode; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in (rows() if lines is None else lines))
    (folder / "episode.jsonl").write_text(text, encoding="utf-8")
    return folder
