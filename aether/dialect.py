"""The two dialects of a scene (`article` and `dataset` of WM Bench), read and written."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from aether.clean import clean
from aether.errors import SceneError
from aether.scene import DIRECTIONS, MAX_TEXT, Dialect, Entity, Own, Scene, Walls
from aether.threat import act

_KNOWN = frozenset(
    "scenario_id id walls npc_type npc_distance npc_behavior npc_bearing npc_visible npc_id npc_nearby emotion_state "
    "ground sound speed body task recent_decisions others messages".split()
)
_WALL_KEYS = {"forward": ("forward", "front", "fwd"), "left": ("left",), "right": ("right",)}
_WALL_KEYS["backward"] = ("backward", "back", "behind")
_DATASET_ACT = {"charge": "charge", "approach": "approach", "notice": "stop", "stop": "stop"}


def write(scene: Scene, dialect: Dialect) -> dict[str, Any]:
    """`scene` as an object of `dialect`; see `Scene.to_json`."""
    return _write_dataset(scene) if dialect == "dataset" else _write_article(scene)


def _write_article(scene: Scene) -> dict[str, Any]:
    npc = scene.entities[0] if scene.entities else None
    others = [
        {"type": e.type, "distance": e.distance, "behavior": e.behavior, "bearing": e.bearing}
        | {"visible": e.visible, "id": e.id}
        for e in scene.entities[1:]
    ]
    obj: dict[str, Any] = {
        "scenario_id": scene.scenario_id,
        "walls": {name: scene.walls[name] for name in DIRECTIONS},
        "npc_type": npc.type if npc else None,
        "npc_distance": npc.distance if npc else None,
        "npc_behavior": npc.behavior if npc else None,
        "npc_bearing": npc.bearing if npc else None,
        "npc_visible": npc.visible if npc else None,
        "npc_id": npc.id if npc else None,
        "emotion_state": scene.own.emotion,
        "ground": scene.ground,
        "sound": "; ".join(scene.sounds) or None,
        "speed": scene.own.speed,
        "body": scene.own.body,
        "task": scene.own.task or None,
        "recent_decisions": list(scene.recent_decisions),
        "others": others,
    }
    if scene.messages:
        obj["messages"] = list(scene.messages)
    return obj | {key: value for key, value in scene.extra.items() if key not in obj}


def _write_dataset(scene: Scene) -> dict[str, Any]:
    npc = scene.entities[0] if scene.entities else None
    obj: dict[str, Any] = {
        "scenario_id": scene.scenario_id,
        "walls": {"left": scene.walls.left, "right": scene.walls.right, "front": scene.walls.forward},
        "ground": scene.ground,
        "npc_nearby": npc is not None,
        "npc_type": npc.type if npc else None,
        "npc_behavior": _DATASET_ACT.get(act(npc.behavior), "wander") if npc else None,
        "npc_distance": npc.distance if npc else None,
        "sound": "; ".join(scene.sounds) or None,
        "recent_decisions": list(scene.recent_decisions),
    }
    if scene.messages:
        obj["messages"] = list(scene.messages)
    return obj | {key: value for key, value in scene.extra.items() if key not in obj}


def read(obj: Mapping[str, Any] | str) -> Scene:
    """A scene from an object of either dialect; see `Scene.from_json`."""
    record = _object(obj)
    inner = record.get("input")
    body = _mapping(inner, "input") if inner is not None else record
    walls_in = _mapping(body.get("walls") or {}, "walls")
    dataset = "front" in walls_in or "npc_nearby" in body
    extra = {k: v for k, v in body.items() if k not in _KNOWN and k != "input"}
    return Scene(
        scenario_id=str(_first(body, record, "scenario_id", "id") or "scene"),
        walls=_walls(walls_in),
        ground=_text(body, "ground") or "flat",
        entities=_entities(body),
        sounds=_sounds(body.get("sound")),
        own=Own(
            emotion=_text(body, "emotion_state") or "calm",
            speed=_number(body.get("speed"), "speed") or 0.0,
            body=_text(body, "body") or "humanoid",
            task=_text(body, "task") or "",
        ),
        recent_decisions=_tokens(body.get("recent_decisions"), "recent_decisions"),
        messages=_tokens(body.get("messages"), "messages"),
        dialect="dataset" if dataset else "article",
        extra=_bounded(extra, 0),
    )


def _object(obj: Mapping[str, Any] | str) -> Mapping[str, Any]:
    if isinstance(obj, str):
        try:
            obj = json.loads(obj)
        except (ValueError, RecursionError):
            raise SceneError("a scene is one JSON object; this text is not JSON") from None
    return _mapping(obj, "a scene")


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SceneError(f"{name} must be a JSON object, not {type(value).__name__}")
    return value


def _first(body: Mapping[str, Any], record: Mapping[str, Any], *keys: str) -> object:
    for source in (body, record):
        for key in keys:
            if source.get(key) is not None:
                return source[key]
    return None


def _number(value: object, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SceneError(f"{name} must be a number or null, not {clean(repr(value), 40)}")
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(body: Mapping[str, Any], key: str) -> str | None:
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise SceneError(f"{key} must be text or null, not {clean(repr(value), 40)}")
    return value


def _walls(obj: Mapping[str, Any]) -> Walls:
    found: dict[str, float | None] = {}
    for name, keys in _WALL_KEYS.items():
        values = [_number(obj.get(key), f"walls.{key}") for key in keys]
        found[name] = next((value for value in values if value is not None), None)
    return Walls(**found)


def _entities(body: Mapping[str, Any]) -> tuple[Entity, ...]:
    kind = _text(body, "npc_type")
    present = bool(body.get("npc_nearby", kind is not None))
    npc = {key[4:]: body.get(key) for key in ("npc_type", "npc_behavior", "npc_distance", "npc_bearing")}
    npc |= {"visible": body.get("npc_visible"), "id": body.get("npc_id")}
    others = body.get("others") or []
    if not isinstance(others, Sequence) or isinstance(others, str):
        raise SceneError("others must be a list of objects with type, distance, behavior and bearing")
    objects = ([npc] if present else []) + [_mapping(other, "an entry of others") for other in others]
    return tuple(_entity(obj) for obj in objects)


def _entity(obj: Mapping[str, Any]) -> Entity:
    visible = obj.get("visible")
    return Entity(
        type=_text(obj, "type") or "unknown",
        behavior=_text(obj, "behavior") or "stop",
        distance=_number(obj.get("distance"), "distance"),
        bearing=_number(obj.get("bearing"), "bearing"),
        visible=True if visible is None else bool(visible),
        id=_text(obj, "id"),
    )


def _sounds(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = value.split(";") if isinstance(value, str) else value
    if not isinstance(parts, Sequence) or not all(isinstance(part, str) for part in parts):
        raise SceneError("sound must be text, a list of texts, or null")
    return tuple(parts)


def _tokens(value: object, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Sequence):
        raise SceneError(f"{name} must be a list of texts such as hit_wall_left")
    return tuple(item if isinstance(item, str) else json.dumps(item, default=str)[:60] for item in value)


def _bounded(value: Any, depth: int) -> Any:
    """An unknown value, small enough to keep: untrusted files must not fill a prompt."""
    if isinstance(value, str):
        return clean(value, MAX_TEXT)
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    if depth < 4 and isinstance(value, Mapping):
        return {clean(str(k), 40): _bounded(v, depth + 1) for k, v in list(value.items())[:24]}
    if depth < 4 and isinstance(value, list | tuple):
        return [_bounded(item, depth + 1) for item in value[:24]]
    return None
