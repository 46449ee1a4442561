"""Inspection: a recorded episode looked into without running it: whether it is sound, its figures, where two part."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aether.difference import first_difference
from prometheus.episode import TIMINGS, episode_path, first_agent, read_rows
from prometheus.errors import shorten
from prometheus.tally import Tally

REPORT = "report.json"
_CLOCK = ("control_fps", "stages", "thinking", "renderer", "deepest_wall_penetration_m", "deepest_bone_m")
_MAX_REPORT = 8 << 20
_MOST = 20
"""Problems that are named; more of the same help nobody."""


def sha256(folder: Path) -> str:
    """Return the hash of an episode's file, as text."""
    with episode_path(folder).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def problems(folder: Path) -> list[str]:
    """Return what is wrong with an episode that can be read: a sentence each, at most 20.

    Raises:
        EpisodeError: it cannot be read, or a line breaks the schema.
    """
    found: list[str] = []

    def torn(number: int) -> None:
        found.append(f"line {number} is torn: the run was cut off there; everything before it can be read")

    rows = read_rows(folder, torn)
    header = next(rows)
    known = {agent["id"] for agent in header.get("agents", ())} | {first_agent(header)}
    prompts, decided, end = set(), set(), None
    # What is kept of a world that somebody plays in may begin in the middle of it.
    begins = header.get("begins_at", 1)
    frame = begins - 1 if isinstance(begins, int) and begins > 0 else 0
    tallies: dict[str, Tally] = {}
    for row in rows:
        kind, name = row["type"], row.get("agent", first_agent(header))
        if len(found) >= _MOST:
            break
        if end is not None:
            found.append(f"a line of type {kind} comes after the end")
        if name not in known:
            found.append(f"frame {frame} names '{shorten(name, 40)}', who is no agent of this run")
            known.add(name)
        if kind == "prompt":
            prompts.add(row["id"])
        elif kind == "frame":
            if row["frame"] != frame + 1:
                found.append(f"frame {row['frame']} follows frame {frame}")
            frame = row["frame"]
        elif kind == "decision":
            decided.add((name, row["frame"]))
            if row["frame"] != frame + 1:
                found.append(f"a decision of frame {row['frame']} stands before frame {frame + 1}")
            if row["prompt"]["system"] not in prompts | {"unknown"}:
                found.append(f"the decision of frame {row['frame']} answers a prompt that is not there")
        elif kind == "outcome" and (name, row["decision"]) not in decided:
            found.append(f"an outcome in frame {frame} is of a decision that is not there ({row['decision']})")
        elif kind == "end":
            end = row
        _count(tallies, header, row)
    if len(found) < _MOST:
        found += _end_problems(end, tallies.get(first_agent(header), Tally()))
    return found


def _end_problems(end: Mapping[str, Any] | None, tally: Tally) -> Iterator[str]:
    if end is None:
        yield "there is no last line of type 'end': the run did not come to its end"
        return
    counted = tally.figures()
    for key in ("frames", "decisions", "predictions", "contacts", "settled", "brier", "lead_time_s"):
        if key in end and not _same(end[key], counted[key]):
            yield f"the last line says {key} {shorten(end[key], 60)}, the lines before it {shorten(counted[key], 60)}"


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, float) or isinstance(b, float):
        return isinstance(a, int | float) and isinstance(b, int | float) and math.isclose(a, b, abs_tol=2e-3)
    return bool(a == b)


def summary(folder: Path) -> dict[str, Any]:
    """Return the keys of `report.json`, and "sha256", "torn" and "complete" of the episode.

    What the episode itself tells is counted from its lines; what only the clock or the geometry told comes from
    `report.json` beside it where that is there, else None.

    Raises:
        EpisodeError: as `read_episode`.
    """
    torn: list[int] = []
    rows = read_rows(folder, torn.append)
    header = next(rows)
    first = first_agent(header)
    tallies: dict[str, Tally] = {first: Tally()}
    end: dict[str, Any] = {}
    for row in rows:
        _count(tallies, header, row)
        if row["type"] == "end":
            end = row
    counted = tallies[first].figures()
    known = {key: value for key, value in end.items() if key != "type"}
    beside = _report(folder)
    clock = {key: beside.get(key) for key in _CLOCK}
    if clock["control_fps"] is None:
        clock["control_fps"] = _control_fps(folder)
    others = {name: tally.figures() for name, tally in tallies.items() if name != first}
    return {
        **{key: header.get(key) for key in ("world", "seed", "brain", "body")},
        **clock,
        **counted,
        **({"agents": others} if others else {}),
        **known,
        "versions": header.get("versions", {}),
        "sha256": sha256(folder),
        "complete": bool(end),
        "torn": torn[0] if torn else None,
    }


def _count(tallies: dict[str, Tally], header: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """Count a line; the gaps to beasts need the radii of the header."""
    first = first_agent(header)
    tally = tallies.setdefault(row.get("agent", first), Tally())
    if row["type"] == "decision":
        verdict = row["verdict"]
        tally.decided(
            verdict["agreement"],
            replaced=verdict["replaced"],
            route=row["thought"]["route"],
            emotion=str(row["scene"].get("emotion_state", "calm")),
        )
    elif row["type"] == "outcome":
        events = row["happened"]
        leads = [events[key]["time_s"] for key, call in row["calls"].items() if call == "hit" and key in events]
        tally.settle(row["calls"], row["confidence"], leads)
    elif row["type"] == "frame":
        radii = {actor["id"]: actor["radius"] for actor in header.get("actors", ())}
        minds = [first, *row.get("bodies", ())]
        beasts = [actor for actor in row["actors"] if actor["kind"] == "beast"]
        for actor in row["actors"]:
            if actor["id"] in minds:
                gaps = {b["id"]: _gap(actor, b, radii) for b in beasts}
                touching = (contact["other"] for contact in actor["contacts"])
                tallies.setdefault(actor["id"], Tally()).saw(touching, gaps)


def _gap(actor: Mapping[str, Any], other: Mapping[str, Any], radii: Mapping[str, float]) -> float:
    apart = math.dist(actor["position"][:2], other["position"][:2])
    return apart - radii.get(actor["id"], 0.3) - radii.get(other["id"], 0.45)


def _report(folder: Path) -> dict[str, Any]:
    path = episode_path(folder).parent / REPORT
    try:
        if path.stat().st_size > _MAX_REPORT:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _control_fps(folder: Path) -> float | None:
    """Frames a second by the stages of `timings.jsonl`, or None where that cannot be told."""
    path = episode_path(folder).parent / TIMINGS
    frames, spent = 0, 0.0
    try:
        with path.open(encoding="utf-8") as lines:
            for line in itertools.islice(lines, 10_000_000):
                spent += sum(float(v) for v in json.loads(line[:100_000])["ms"].values())
                frames += 1
    except ValueError:
        pass  # a killed run may leave a torn line: what came before it counts
    except (OSError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return round(1e3 * frames / spent, 1) if spent > 0 else None


def difference(a: Path, b: Path) -> dict[str, Any] | None:
    """Return where two episodes part, or None where they are the same.

    Returns:
        "frame" (0 for what was set before the first), "time_s", "type" of the line, "where" and the "field" itself,
        and "header": what was set differently from the start.

    Raises:
        EpisodeError: one of them cannot be read.
    """
    left, right = read_rows(a), read_rows(b)
    heads = next(left), next(right)
    header = [
        differs
        for key in dict.fromkeys([*heads[0], *heads[1]])
        if (differs := first_difference(_only(heads[0], key), _only(heads[1], key), "episode"))
    ]
    frame = 0
    for one, two in itertools.zip_longest(left, right):
        row = one or two
        frame = max(frame, row.get("frame", frame))
        if one is None or two is None:
            name = a if two is not None else b
            where = f"{name} ends there, the other goes on with a line of type {row['type']}"
            return _parting(frame, row["type"], where, "", header)
        if one["type"] != two["type"]:
            where = f"a line of type {one['type']} was there and is one of type {two['type']}"
            return _parting(frame, one["type"], where, "type", header)
        found = first_difference(one, two, one["type"])
        if found:
            return _parting(frame, one["type"], found, found.split(" ")[0], header)
    return _parting(0, "episode", header[0], header[0].split(" ")[0], header) if header else None


def _only(row: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {key: row[key]} if key in row else {}


def _parting(frame: int, kind: str, where: str, field: str, header: list[str]) -> dict[str, Any]:
    return {
        "frame": frame, "time_s": frame / 20, "type": kind, "field": field, "where": where, "header": header,
    }  # fmt: skip
