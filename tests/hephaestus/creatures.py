"""Rigs of other kinds made by hand for tests: crawlers of any number of legs, a tank in pieces, a chair."""

from __future__ import annotations

import numpy as np

from hephaestus.motion import Motion
from hephaestus.rig import Rig, make_rig
from prometheus.world.gait import gait_motion
from tests.hephaestus.sample_rigs import asset_of

BOX = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])


def crawler(
    pairs: int = 4, bones: int = 3, seed: int = 0, flat: bool = False, tips: bool = True, unit: float = 1.0
) -> Rig:
    """A body with legs on both sides, each an arch from the body out to the floor, none quite like the next.

    Args:
        pairs: legs on a side.
        bones: of each leg.
        seed: of the proportions.
        flat: the legs rest straight out on the floor.
        tips: whether a leg ends in a node; else in skin below its last node.
        unit: of the file.
    """
    random = np.random.default_rng(seed)
    high, reach = random.uniform(0.3, 0.6), random.uniform(0.6, 1.1)
    half = 0.12 * pairs
    nodes: dict[str, tuple[str | None, np.ndarray]] = {"root": (None, np.zeros(3))}
    nodes["hub"] = ("root", np.array([0, 0.05 if flat else high, 0.0]))
    nodes["face"] = ("hub", nodes["hub"][1] + [0, 0, half + 0.15])
    chains: list[list[str]] = []
    boxes: list[tuple[str, np.ndarray]] = [("hub", BOX * [0.3, 0.1, 2 * half]), ("face", BOX * 0.15)]
    for side, x in (("l", 1.0), ("r", -1.0)):
        for k in range(pairs):
            share = (k + 0.5) / pairs
            bearing = np.pi * (0.18 + 0.64 * share)
            out = np.array([x * np.sin(bearing), 0.0, np.cos(bearing)])
            root = nodes["hub"][1] + [0.14 * x, 0.0, half * (1.0 - 2.0 * share)]
            size = reach * (1.0 + 0.25 * np.cos(2 * bearing))
            t = np.linspace(0.0, 1.0, bones + 1)
            height = 0.02 + 0 * t if flat else (1 - t) * root[1] + 0.02 * t + 1.6 * high * t * (1 - t)
            points = root * [1, 0, 1] + np.outer(t, out) * size + np.stack([0 * t, height, 0 * t], 1)
            points[0] = root
            chain, parent = [], "hub"
            for j in range(bones + 1 if tips else bones):
                name = f"{side}{k}_{j}"
                nodes[name] = (parent, points[j])
                chain.append(name)
                parent = name
            foot = BOX * [0.03, 0.02, 0.03] + [0, -0.01, 0] if tips else _rod(points[-1] - points[-2])
            boxes.append((chain[-1], foot))
            chains.append(chain)
    names = list(nodes)
    world = np.tile(np.eye(4), (len(names), 1, 1))
    world[:, :3, 3] = [p for _, p in nodes.values()]
    world[:, :3] /= unit
    parents = [-1 if p is None else names.index(p) for p, _ in nodes.values()]
    asset = asset_of(names, parents, world, [(names.index(n), corners / unit) for n, corners in boxes])
    height = None
    if unit != 1.0:
        height = float(max(points[1] for _, points in nodes.values()))
    return make_rig(asset, {"hips": "hub", "head": "face", "legs": chains}, kind="manylegs", height_m=height)


def _rod(way: np.ndarray) -> np.ndarray:
    """A thin box [8, 3] along a way from the origin."""
    side = np.cross(way, [0.31, 0.17, 0.93])
    side = 0.015 * side / np.linalg.norm(side)
    other = 0.015 * np.cross(way, side) / np.linalg.norm(np.cross(way, side))
    return np.array([a * side + b * other + c * way for a in (-1, 1) for b in (-1, 1) for c in (0, 1)])


def tank(links: int = 20, skip: tuple[str, ...] = (), astray: bool = False) -> Rig:
    """A tank of boxes, 4 m long: hull, turret, gun, links round a loop, wheels; everything a root of its own.

    Args:
        links: on each side.
        skip: roles that it lacks.
        astray: pivots of turret and wheels at the origin, and a box on the hull that has no role.
    """
    parts: dict[str, tuple[np.ndarray, np.ndarray]] = {
        "hull": (np.array([0, 0.8, 0.2]), BOX * [1.6, 0.6, 4.0]),
        "turret": (np.array([0, 1.35, 0.0]), BOX * [1.2, 0.5, 1.6]),
        "gun": (np.array([0, 1.4, 0.8]), BOX * [0.2, 0.2, 2.0] + [0, 0, 1.0]),
    }
    roles: dict[str, object] = {"hull": "hull", "turret": "turret", "gun": "gun", "wheels": []}
    for side, x in (("L", 1.0), ("R", -1.0)):
        chain = []
        for k in range(links):
            spot = _loop(k / links)
            parts[f"{side}{k}"] = (np.array([x, spot[1], spot[0]]), BOX * [0.4, 0.04, 0.2])
            chain.append(f"{side}{k}")
        roles[f"{side}_track"] = chain
        for k, z in enumerate((-1.2, 0.0, 1.2)):
            parts[f"{side}w{k}"] = (np.array([x, 0.42, z]), BOX * [0.3, 0.8, 0.8])
            roles["wheels"].append(f"{side}w{k}")  # type: ignore[attr-defined]
    if astray:
        parts["box"] = (np.array([0.5, 1.2, -1.5]), BOX * 0.3)
        for name in ("turret", *roles["wheels"]):  # type: ignore[misc]
            at, corners = parts[name]
            parts[name] = (np.zeros(3), corners + at)
    names = list(parts)
    world = np.tile(np.eye(4), (len(names), 1, 1))
    world[:, :3, 3] = [at for at, _ in parts.values()]
    asset = asset_of(names, [-1] * len(names), world, [(k, parts[n][1]) for k, n in enumerate(names)])
    return make_rig(asset, {r: n for r, n in roles.items() if r not in skip}, kind="tank", name="tank")


def _loop(share: float) -> np.ndarray:
    """A point (z, y) of a stadium, 0.04 m over the floor; share 0 to 1 of the way round, over the top forward."""
    flat, r = 2.8, 0.4
    whole = 2 * flat + 2 * np.pi * r
    s = share * whole
    if s < flat:
        return np.array([-1.4 + s, 0.84])
    if s < flat + np.pi * r:
        a = (s - flat) / r
        return np.array([1.4 + r * np.sin(a), 0.44 + r * np.cos(a)])
    if s < 2 * flat + np.pi * r:
        return np.array([1.4 - (s - flat - np.pi * r), 0.04])
    a = (s - 2 * flat - np.pi * r) / r
    return np.array([-1.4 - r * np.sin(a), 0.44 - r * np.cos(a)])


def chair(head: bool = False) -> Rig:
    """A single box, with a head on top if wanted."""
    names, world = ["seat"], [np.eye(4)]
    world[0][:3, 3] = [0.3, 0.5, 0.1]
    boxes = [(0, BOX * [0.5, 1.0, 0.5])]
    if head:
        names.append("head")
        world.append(np.eye(4))
        world[1][:3, 3] = [0.3, 1.1, 0.1]
        boxes.append((1, BOX * 0.2))
    roles = {"head": "head"} if head else {}
    return make_rig(asset_of(names, [-1, 0][: len(names)], np.array(world), boxes), roles, kind="other", name="chair")


def stop_and_go(frames: int = 300, seed: int = 0, top: float = 4.5, turn: float = 1.0) -> Motion:
    """A human who speeds up, stops, turns and goes on, as bodies in worlds do."""
    random = np.random.default_rng(seed)
    at, knots = np.arange(frames), np.arange(0, frames + 40, 40)
    speeds = random.uniform(0.0, top, len(knots)) * (random.random(len(knots)) > 0.3)
    speed, spin = np.interp(at, knots, speeds), np.interp(at, knots, random.uniform(-turn, turn, len(knots)))
    heading = np.cumsum(spin) / 20.0
    phase = np.cumsum(speed / 20.0 / (0.7 + 0.45 * speed))
    place = np.zeros((frames, 3))
    place[1:, :2] = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], 1) * speed[:, None] / 20.0, 0)[:-1]
    return gait_motion(phase % 1.0, speed, place, heading)


def slides(points: np.ndarray, planted: np.ndarray) -> np.ndarray:
    """How far [n] m each foot of points [T, K, 3] moved over the floor in each stance of planted [T, K]."""
    out = [0.0]
    for k in range(planted.shape[1]):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], planted[:, k].astype(int), [0]])))
        for start, end in edges.reshape(-1, 2):
            spot = points[start:end, k][:, [0, 2]]
            out.append(float(np.linalg.norm(spot[:, None] - spot[None], axis=-1).max()))
    return np.array(out)


def hound(bones: int = 3, seed: int = 0) -> Rig:
    """A quadruped of odd proportions: from a dachshund to a giraffe, legs that bend one way or the other at rest."""
    random = np.random.default_rng(seed)
    high, half = random.uniform(0.45, 1.6), random.uniform(0.3, 0.9)
    nodes: dict[str, tuple[str | None, np.ndarray]] = {
        "pelvis": (None, np.array([0, high * 1.05, -half])),
        "back": ("pelvis", np.array([0, high * random.uniform(1.0, 1.1), 0.0])),
        "chest": ("back", np.array([0, high * 1.1, 0.8 * half])),
        "neck": ("chest", np.array([0, high * 1.2, half * 1.1])),
        "head": ("neck", np.array([0, high * random.uniform(1.0, 1.6), half * 1.5])),
        "tail": ("pelvis", np.array([0, high, -half * 1.2])),
    }
    roles: dict[str, object] = {"hips": "pelvis", "spine": ["back", "chest"], "neck": ["neck"], "head": "head",
                                "tail": ["tail"]}  # fmt: skip
    boxes = [("chest", BOX * [0.3, 0.3, half]), ("head", BOX * 0.2)]
    for end, z, parent in (("hind", -half, "pelvis"), ("front", 0.8 * half, "chest")):
        bend = random.uniform(-0.15, 0.15, bones + 1) * high
        bend[[0, -1]] = 0.0
        for side, x in (("L", 0.16), ("R", -0.16)):
            chain, above = [], parent
            for j in range(bones + 1):
                share = j / bones
                name = f"{side}_{end}{j}"
                nodes[name] = (above, np.array([x, high * (1 - share) + 0.05 * share, z + bend[j]]))
                chain.append(name)
                above = name
            roles[f"{side}_{end}"] = chain
            boxes.append((chain[-1], BOX * [0.1, 0.05, 0.15] + [0, -0.025, 0.03]))
    names = list(nodes)
    world = np.tile(np.eye(4), (len(names), 1, 1))
    world[:, :3, 3] = [p for _, p in nodes.values()]
    parents = [-1 if p is None else names.index(p) for p, _ in nodes.values()]
    asset = asset_of(names, parents, world, [(names.index(n), corners) for n, corners in boxes])
    return make_rig(asset, roles, kind="quadruped", name="hound")
