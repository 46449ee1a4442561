"""Schema: JSON values checked against the part of JSON Schema that the episode's file uses, fast enough for every line.

A whole number must be written as one (1, not 1.0) and numbers must be finite; otherwise what passes here passes any
validator of JSON Schema 2020-12, and the other way round.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prometheus.errors import shorten

Check = Callable[[Any], str | None]
"""Says what is wrong with a value, as "frame.actors[0].id: is missing"; None where nothing is."""
_WORDS = {
    "object": "an object", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip
_KNOWN = {
    "$ref", "type", "const", "enum", "required", "properties", "additionalProperties", "items", "minItems", "maxItems",
    "minimum", "maximum", "minLength", "maxLength", "allOf", "description", "title",
}  # fmt: skip


def load_checks(path: Path) -> dict[str, Check]:
    """Return a check for each definition of a schema file, by its name.

    Raises:
        ValueError: the file uses a word of JSON Schema that is not understood here.
    """
    definitions = json.loads(path.read_text(encoding="utf-8"))["$defs"]
    checks: dict[str, Check] = {}

    def refer(reference: str) -> Check:
        name = reference.removeprefix("#/$defs/")
        if name not in definitions:
            raise ValueError(f"the schema has no definition {shorten(name)}")
        return lambda value: checks[name](value)

    for name, schema in definitions.items():
        checks[name] = _compile(schema, refer)
    return checks


def _compile(schema: Mapping[str, Any], refer: Callable[[str], Check]) -> Check:
    unknown = schema.keys() - _KNOWN
    if unknown:
        raise ValueError(f"the schema uses {sorted(unknown)}, which is not understood here")
    parts: list[Check] = []
    if "$ref" in schema:
        parts.append(refer(schema["$ref"]))
    if "type" in schema:
        kinds = schema["type"]
        parts.append(_kind((kinds,) if isinstance(kinds, str) else tuple(kinds)))
    if "const" in schema:
        parts.append(_one_of([schema["const"]]))
    if "enum" in schema:
        parts.append(_one_of(schema["enum"]))
    if {"minimum", "maximum"} & schema.keys():
        parts.append(_bounded(schema.get("minimum", -math.inf), schema.get("maximum", math.inf)))
    if {"minLength", "maxLength"} & schema.keys():
        parts.append(_sized(str, "characters", schema.get("minLength", 0), schema.get("maxLength", math.inf)))
    if {"minItems", "maxItems"} & schema.keys():
        parts.append(_sized(list, "items", schema.get("minItems", 0), schema.get("maxItems", math.inf)))
    if "items" in schema:
        parts.append(_items(_compile(schema["items"], refer), whole=schema["items"]))
    if {"required", "properties", "additionalProperties"} & schema.keys():
        rest = schema.get("additionalProperties")
        properties = {name: _compile(part, refer) for name, part in schema.get("properties", {}).items()}
        parts.append(_object(schema.get("required", ()), properties, _compile(rest, refer) if rest else None))
    parts += [_compile(part, refer) for part in schema.get("allOf", ())]
    return parts[0] if len(parts) == 1 else _every(tuple(parts))


def _every(parts: tuple[Check, ...]) -> Check:
    def check(value: Any) -> str | None:
        for part in parts:
            wrong = part(value)
            if wrong:
                return wrong
        return None

    return check


def _is(value: Any, kind: str) -> bool:
    if kind == "number":
        return (type(value) is float and math.isfinite(value)) or type(value) is int
    types = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    return type(value) is types[kind]


def _kind(kinds: tuple[str, ...]) -> Check:
    wanted = " or ".join(_WORDS[kind] for kind in kinds)

    def check(value: Any) -> str | None:
        for kind in kinds:
            if _is(value, kind):
                return None
        return f": should be {wanted}, not {shorten(value, 30)}"

    return check


def _one_of(allowed: list[Any]) -> Check:
    def check(value: Any) -> str | None:
        if any(type(value) is type(known) and value == known for known in allowed):
            return None
        return f": should be {' or '.join(map(str, allowed))}, not {shorten(value, 30)}"

    return check


def _bounded(low: float, high: float) -> Check:
    def check(value: Any) -> str | None:
        if type(value) in (int, float) and not low <= value <= high:
            return f": {shorten(value, 30)} is not within {low:g} and {high:g}"
        return None

    return check


def _sized(kind: type[str] | type[list[Any]], what: str, low: float, high: float) -> Check:
    def check(value: Any) -> str | None:
        if isinstance(value, kind) and not low <= len(value) <= high:
            return f": has {len(value)} {what}, not {low:g} to {high:g}"
        return None

    return check


def _items(part: Check, whole: Mapping[str, Any]) -> Check:
    low, high = whole.get("minimum", -math.inf), whole.get("maximum", math.inf)
    plain = whole.get("type") == "integer" and whole.keys() <= {"type", "minimum", "maximum"}

    def check(value: Any) -> str | None:
        if type(value) is list:
            # Joints are most of a file: whole numbers in range need no look at each.
            if plain and value and set(map(type, value)) == {int} and low <= min(value) and max(value) <= high:
                return None
            for index, item in enumerate(value):
                wrong = part(item)
                if wrong:
                    return f"[{index}]{wrong}"
        return None

    return check


def _object(required: list[str], properties: Mapping[str, Check], rest: Check | None) -> Check:
    def check(value: Any) -> str | None:
        if type(value) is not dict:
            return None
        for name in required:
            if name not in value:
                return f".{name}: is missing"
        for name, item in value.items():
            part = properties.get(name, rest)
            wrong = part(item) if part is not None else None
            if wrong:
                return f".{shorten(name, 40)}{wrong}"
        return None

    return check
