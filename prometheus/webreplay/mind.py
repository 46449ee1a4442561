"""Mind: an agent's decisions as the page's dashboard shows them, every text bounded."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prometheus.episode import TIMINGS, Episode, episode_path
from prometheus.why import cited, entities

TEXT = 4000
"""Characters of one text that are kept where there is room, and below, in short runs."""
SHORT = 300
ROOM = 12 << 20
"""Characters of all decisions together, from which texts are cut to `SHORT`."""
ITEMS = 64
"""Of one list or object of a scene."""
MAX_NUMBER = 1e15
MOST = 50_000
"""Decisions of one episode that are shown."""


def minds(episode: Episode, latencies: Mapping[tuple[str, int], float] | None = None) -> dict[str, dict[str, Any]]:
    """Return what each agent thought, by its id.

    Args:
        episode: what is shown.
        latencies: s by (agent, frame), as `latencies_of` reads them.

    Returns:
        "brain", "body", and "decisions": a row for each, plain JSON.
    """
    # Long runs keep their figures and lose the ends of their texts.
    length = sum(len(row["thought"]["text"]) + len(row["prompt"]["user"]) for row in episode.decisions[:MOST])
    limit = TEXT if length <= ROOM else SHORT
    agents = {agent["id"]: agent for agent in episode.header.get("agents", ())}
    outcomes = {(row.get("agent", episode.first), row["decision"]): row for row in episode.outcomes}
    found: dict[str, dict[str, Any]] = {}
    for name in episode.agents:
        agent = agents.get(name, episode.header)
        found[name] = {"brain": _text(agent.get("brain"), 120), "body": _text(agent.get("body"), 120), "decisions": []}
    for row in episode.decisions[:MOST]:
        name = row.get("agent", episode.first)
        if name in found:
            key = (name, row["frame"])
            told = _decision(row, outcomes.get(key), limit) | {"latency": (latencies or {}).get(key)}
            found[name]["decisions"].append(told)
    return found


def prompts(episode: Episode) -> dict[str, str]:
    """Return the system messages by their id, bounded."""
    return {_text(name, 40): _text(text, 4 * TEXT) for name, text in itertools.islice(episode.prompts.items(), ITEMS)}


def latencies_of(folder: Path) -> dict[tuple[str, int], float]:
    """Return what thoughts took, as far as it is known: s by (agent, frame), "" for the first agent."""
    found: dict[tuple[str, int], float] = {}
    path = episode_path(folder).parent / TIMINGS
    try:
        with path.open(encoding="utf-8") as lines:
            for line in itertools.islice(lines, 1_000_000):
                row = json.loads(line[:100_000])
                frame = row["frame"]
                if "latency_s" in row:
                    found["", frame] = float(row["latency_s"])
                for name, seconds in row.get("latencies_s", {}).items():
                    found[name, frame] = float(seconds)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return found  # as far as it can be read: a killed run may leave a torn line
    return found


def _decision(row: Mapping[str, Any], outcome: Mapping[str, Any] | None, limit: int) -> dict[str, Any]:
    thought, verdict, scene = row["thought"], row["verdict"], row["scene"]
    beings = entities(scene)
    said = thought["decision"]
    predict = [
        {
            "key": _text(key, 40),
            **{name: _value(entry.get(name), limit=200) for name in ("danger", "kind", "distance", "detail")},
            "agreement": verdict["agreement"].get(key),
            "call": None if outcome is None else outcome["calls"].get(key),
            "happened": None if outcome is None else _value(outcome["happened"].get(key), limit=100),
            "cites": _value(cited(key, entry, scene, beings), limit=100),
        }
        for key, entry in itertools.islice(said["predict"].items(), ITEMS)
    ]
    return {
        "frame": row["frame"],
        "asked": row.get("asked", row["frame"]),
        "scene": _value(scene, limit=limit),
        "beings": _value(beings, limit=100),
        "emotion": _text(scene.get("emotion_state") or "calm", 40),
        "intensity": _number(verdict["command"].get("intensity")),
        "predict": predict,
        "forecast": _value(verdict["forecast"], limit=100),
        "npcs": _value(verdict["npcs"], limit=100),
        "motion": _text(said["motion"], limit),
        "command": _text(verdict["command"].get("text"), limit),
        "replaced": bool(verdict["replaced"]),
        "reason": _text(verdict["reason"], limit) if verdict["reason"] else None,
        "text": _text(thought["text"], limit),
        "prompt": {"system": _text(row["prompt"]["system"], 40), "user": _text(row["prompt"]["user"], limit)},
        "brain": _text(thought["brain"], 120),
        "route": _text(thought["route"], 120),
        "confidence": thought["confidence"],
        "tokens": [thought["tokens_in"], thought["tokens_out"]],
        "cost": thought["cost_usd"],
        "settled": None if outcome is None else outcome["frame"],
    }


def _text(value: object, limit: int) -> str:
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _number(value: object) -> float | None:
    sound = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    return float(value) if sound else None  # type: ignore[arg-type]


def _value(value: Any, *, limit: int, depth: int = 5) -> Any:
    """Return plain JSON, bounded in text, width and depth."""
    if isinstance(value, str):
        return _text(value, limit)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        # JSON reads 1e999 as infinity, and writes none; whole numbers may be longer than a browser's.
        return value if abs(value) < MAX_NUMBER else None
    if depth == 0:
        return "..."
    if isinstance(value, Mapping):
        pairs = itertools.islice(value.items(), ITEMS)
        return {_text(key, 80): _value(item, limit=limit, depth=depth - 1) for key, item in pairs}
    if isinstance(value, list | tuple):
        return [_value(item, limit=limit, depth=depth - 1) for item in value[:ITEMS]]
    return _text(value, limit)
