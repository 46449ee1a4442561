"""Why: from a frame of an episode to the decision behind it, the prompt, and what it cites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from prometheus.episode import Episode
from prometheus.errors import EpisodeError, shorten

_NEAR = {"distance": 1.0, "bearing": 0.6}


def why(episode: Episode, frame: int, agent: str | None = None) -> dict[str, Any]:
    """Return what a frame goes back to.

    Args:
        episode: with its frames.
        frame: its number, 1 for the first.
        agent: whose; the first agent where None.

    Returns:
        "frame", "time_s", "agent"; "actor": its state; "decision": the one in force, with "scene", "prompt" (system and
        user), "answer", "thought", "verdict", "motion"; "cites": for each entry of PREDICT and for MOTION, the objects
        of the scene that it is about; "forecast": what physics said of that entry; "outcome": what became of it, or
        None.

    Raises:
        EpisodeError: no such frame or agent, or no decision had been made by then.
    """
    name = agent or episode.first
    if name not in episode.agents:
        raise EpisodeError(f"no agent '{shorten(name, 40)}' in this episode; it has {', '.join(episode.agents)}")
    row = next((row for row in episode.frames if row["frame"] == frame), None)
    if row is None:
        last = episode.frames[-1]["frame"] if episode.frames else 0
        raise EpisodeError(f"the episode has no frame {frame}; it has 1 to {last}, {last / 20:g} s")
    made = [d for d in episode.of(episode.decisions, name) if d["frame"] <= frame]
    if not made:
        raise EpisodeError(f"nothing had been decided by frame {frame}; ask for a later one")
    decision = made[-1]
    outcome = next((o for o in episode.of(episode.outcomes, name) if o["decision"] == decision["frame"]), None)
    actor = next((a for a in row["actors"] if a["id"] == name), None)
    thought = decision["thought"]
    return {
        "frame": frame,
        "time_s": frame / 20,
        "agent": name,
        "actor": actor,
        "decided_at": decision["frame"],
        "asked_at": decision.get("asked", decision["frame"]),
        "scene": decision["scene"],
        "prompt": {
            "system": episode.prompts.get(decision["prompt"]["system"], ""),
            "user": decision["prompt"]["user"],
        },
        "answer": thought["text"],
        "brain": thought["brain"],
        "route": thought["route"],
        "confidence": thought["confidence"],
        "decision": thought["decision"],
        "entries": _entries(decision, outcome),
        "command": decision["verdict"]["command"],
        "replaced": decision["verdict"]["replaced"],
        "reason": decision["verdict"]["reason"],
        "motion": decision["motion"],
        "outcome": outcome,
    }


def _entries(decision: Mapping[str, Any], outcome: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Each entry of PREDICT: what it says, what it cites, what the forecast said, and what became of it."""
    verdict, scene = decision["verdict"], decision["scene"]
    beings = entities(scene)
    entries = []
    for key, said in decision["thought"]["decision"]["predict"].items():
        foretold = verdict["forecast"].get(key)
        if key == "npc":
            foretold = _npc(verdict["npcs"])
        entries.append(
            {
                "key": key,
                "said": said,
                "cites": cited(key, said, scene, beings),
                "forecast": foretold,
                "agreement": verdict["agreement"].get(key),
                "outcome": None if outcome is None else outcome["calls"].get(key),
                "happened": None if outcome is None else outcome["happened"].get(key),
            }
        )
    return entries


def entities(scene: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return everybody in a scene of the dialect `article`: type, distance, bearing, behavior, id."""
    keys = ("type", "distance", "behavior", "bearing", "visible", "id")
    first = {key: scene.get(f"npc_{key}") for key in keys}
    others = scene.get("others")
    found = [first, *(o for o in (others if isinstance(others, list) else []) if isinstance(o, dict))]
    return [{key: being.get(key) for key in keys} for being in found if being.get("type")]


def cited(
    key: str, said: Mapping[str, Any], scene: Mapping[str, Any], beings: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the objects of a scene that an entry of a prediction is about.

    A wall is cited by its direction; somebody by kind, and among several of a kind by distance and bearing; what failed
    before by "prev".
    """
    kind, detail = said.get("kind"), str(said.get("detail") or "")
    found: list[dict[str, Any]] = []
    if kind == "wall" and key != "npc":
        walls = scene.get("walls")
        free = walls.get(key) if isinstance(walls, dict) else None
        found.append({"object": "wall", "direction": key, "distance": free})
    if "prev" in detail.split(","):
        recent = scene.get("recent_decisions")
        tokens = [t for t in (recent if isinstance(recent, list) else []) if str(t).endswith(f"_{key}")]
        found += [{"object": "memory", "token": token} for token in tokens]
    same = [being for being in beings if being["type"] == kind]
    if same:
        unlike = [_unlike(being, said, key) for being in same]
        found.append({"object": "entity", **same[unlike.index(min(unlike))]})
    if kind == "drop":
        found.append({"object": "ground", "ground": scene.get("ground")})
    return found


def _unlike(being: Mapping[str, Any], said: Mapping[str, Any], key: str) -> float:
    """How little a being fits what was said of it: by distance, then by its side."""
    off = 0.0
    if _number(said.get("distance")) and _number(being["distance"]):
        off += abs(said["distance"] - being["distance"]) / _NEAR["distance"]
    bearings = {"forward": 0.0, "left": math.pi / 2, "right": -math.pi / 2, "backward": math.pi}
    if key in bearings and _number(being["bearing"]):
        off += abs(math.remainder(being["bearing"] - bearings[key], 2 * math.pi)) / _NEAR["bearing"]
    return off


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _npc(npcs: Mapping[str, Any]) -> dict[str, Any] | None:
    """The entity that mattered most, in the order of `Forecast.npc`."""
    far = math.inf

    def order(name: str) -> tuple[bool, float, float]:
        risk = npcs[name]
        return (
            not risk["danger"],
            far if risk["time_s"] is None else risk["time_s"],
            far if risk["distance_m"] is None else risk["distance_m"],
        )

    name = min(npcs, key=order, default=None)
    return None if name is None else {"id": name, **npcs[name]}
