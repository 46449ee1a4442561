"""Markings: what a mind reckons with, drawn into the world: rays, sectors of danger, ghosts, contacts, skeletons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from prometheus.window.compass import CALLS, UNSAID, WAYS

if TYPE_CHECKING:
    from hephaestus.glb.asset import Asset
    from hephaestus.render.scene import Lines
    from prometheus.window.snapshot import Mindscape, Snapshot

_EYE = 1.2
"""m above the feet: where rays begin."""
_RANGE = 12.0
_SECTOR = 4.0
"""m: how far a sector reaches where no distance was foretold."""
_GROUND = 0.04
_GHOST = (0.62, 0.86, 1.0, 0.85)
_FOE = (1.0, 0.45, 0.36, 0.9)


class Markings:
    """Makes the lines that are switched on.

    Attributes:
        shown: some of "rays", "sectors", "ghosts", "contacts", "skeleton", "names".
    """

    def __init__(self, shown: set[str]) -> None:
        self.shown = shown
        self._bones: dict[str, tuple[Asset, np.ndarray]] = {}
        self._still: tuple[Snapshot | None, str, frozenset[str], Lines | None] = (None, "", frozenset(), None)

    def switch(self, name: str) -> bool:
        """Switch one on or off; whether it is on now."""
        self.shown ^= {name}
        return name in self.shown

    def lines(
        self, snapshot: Snapshot, places: Mapping[str, np.ndarray], bodies: Mapping[str, Asset], chosen: str
    ) -> Lines | None:
        """Return what is drawn over a moment, or None for nothing.

        Args:
            snapshot: the moment.
            places: where everybody is drawn, nodes [J, 4, 4] by key.
            bodies: what is worn, by key.
            chosen: whose mind it is about.
        """
        from hephaestus.render import marks

        of, whose, which, still = self._still
        if of is not snapshot or whose != chosen or which != self.shown:
            # Pictures come faster than moments, and only skeletons move between these.
            still = self._between(snapshot, chosen)
            self._still = snapshot, chosen, frozenset(self.shown), still
            self._bones = {key: each for key, each in self._bones.items() if key in snapshot.places}
        found = [] if still is None else [still]
        if "skeleton" in self.shown:
            keys = [actor["id"] for actor in snapshot.state["actors"] if actor["id"] in places]
            found += [self._skeleton(key, bodies[key], places[key]) for key in keys if key in bodies]
        return marks.join(found) if found else None

    def _skeleton(self, key: str, asset: Asset, nodes: np.ndarray) -> Lines:
        """Draw the skeleton of whoever wears a body; nothing where the nodes are those of another one."""
        from hephaestus.render import marks

        known = self._bones.get(key)
        if known is None or known[0] is not asset:
            known = self._bones[key] = asset, marks.bones(asset)
        return marks.skeleton(known[1] if len(nodes) == len(asset.parents) else known[1][:0], nodes)

    def _between(self, snapshot: Snapshot, chosen: str) -> Lines | None:
        """Return what is the same in all pictures of a moment."""
        from hephaestus.render import marks
        from hephaestus.render.camera import to_motion

        found: list[Lines] = []
        if "contacts" in self.shown:
            touched = [contact for actor in snapshot.state["actors"] for contact in actor["contacts"]]
            if touched:
                points, normals = (to_motion(np.array([c[name] for c in touched])) for name in ("point", "normal"))
                found.append(marks.contacts(points, normals))
        own, mind = snapshot.actor(chosen), snapshot.minds.get(chosen)
        if own is not None and mind is not None and mind.scene is not None:
            if "rays" in self.shown:
                found.append(_rays(own, mind))
            if "sectors" in self.shown:
                found += _sectors(own, mind)
        if "ghosts" in self.shown:
            found += [_ghost(path, snapshot.actor(name)) for name, path in snapshot.ghosts.items()]
        return marks.join(found) if found else None


def _rays(own: Mapping[str, Any], mind: Mindscape) -> Lines:
    from hephaestus.render import marks
    from hephaestus.render.camera import to_motion

    assert mind.scene is not None
    x, y, z = own["position"]
    ends, hits = [], []
    for way, turn in WAYS.items():
        free = mind.scene.walls[way]
        reach = _RANGE if free is None else min(free, _RANGE)
        angle = own["heading"] + turn
        ends.append([x + reach * math.cos(angle), y + reach * math.sin(angle), z + _EYE])
        hits.append(free is not None)
    return marks.rays(to_motion(np.array([x, y, z + _EYE])), to_motion(np.array(ends)), np.array(hits))


def _sectors(own: Mapping[str, Any], mind: Mindscape) -> list[Lines]:
    """Fans on the ground where a danger was foretold or missed, in the colour of the judge's call."""
    predict = mind.thought.decision.predict if mind.thought is not None else {}
    agreement = mind.verdict.agreement if mind.verdict is not None else {}
    x, y, z = own["position"]
    found = []
    for way, turn in WAYS.items():
        outlook, call = predict.get(way), agreement.get(way)
        if not ((outlook is not None and outlook.danger) or call == "miss"):
            continue
        reach = outlook.distance if outlook is not None and outlook.distance else _SECTOR
        color = (*(CALLS[call][0] if call in CALLS else UNSAID), 0.85)
        angles = own["heading"] + turn + np.linspace(-0.5, 0.5, 17)
        far = float(np.clip(reach, 0.8, 8.0))
        rim = np.stack([x + far * np.cos(angles), y + far * np.sin(angles), np.full(17, z + _GROUND)], -1)
        near = np.stack([x + 0.45 * np.cos(angles), y + 0.45 * np.sin(angles), np.full(17, z + _GROUND)], -1)
        rings = [
            np.stack([(near + (rim - near) * share)[:-1], (near + (rim - near) * share)[1:]], 1)
            for share in (0.0, 0.5, 0.97, 1.0)
        ]
        found.append(_lines(np.concatenate([np.stack([near, rim], 1)[::4], *rings]), color))
    return found


def _ghost(path: np.ndarray, actor: Mapping[str, Any] | None) -> Lines:
    """Draw where somebody will be: the way there on the ground, and a hull at its end."""
    foe = actor is not None and actor["kind"] == "beast"
    color, tall, wide = (_FOE, 1.0, 0.5) if foe else (_GHOST, 1.7, 0.3)
    height = 0.0 if actor is None else float(actor["position"][2])
    ground = np.c_[path, np.full(len(path), height + _GROUND)]
    turns = np.linspace(0, 2 * math.pi, 13)
    ring = np.stack([wide * np.cos(turns), wide * np.sin(turns), np.zeros(13)], -1) + ground[-1]
    up = np.array([0.0, 0.0, tall])
    hoops = [ring + share * up for share in (0.0, 0.5, 1.0)]
    posts = np.stack([ring[:12:3], ring[:12:3] + up], 1)
    pieces = [np.stack([ground[:-1], ground[1:]], 1), *(np.stack([h[:-1], h[1:]], 1) for h in hoops), posts]
    return _lines(np.concatenate(pieces), color)


def _lines(points: np.ndarray, color: tuple[float, ...]) -> Lines:
    from hephaestus.render.camera import to_motion
    from hephaestus.render.scene import Lines

    ends = to_motion(points).astype(np.float32)
    return Lines(ends, np.tile(np.asarray(color, np.float32), (len(ends), 1)), False)
