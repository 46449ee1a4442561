"""Limbs: the paired chains of joints that hang from the trunk, and where they end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from hephaestus.anatomy.joints import Joints
from hephaestus.anatomy.mirror import Mirror

_SPOT = 0.004
"""Share of the body's size within which joints lie in one spot."""
_MOST_JOINED = 80
"""Pairs of limbs beyond which none is looked for that continues another: no figure has so many."""


@dataclass(frozen=True)
class Limb:
    """A pair of chains, one on each side of the mirror.

    Attributes:
        joints: all joints of the body.
        chains: on the positive and on the negative side of the mirror, from root to tip, of equal length.
        mirror: the plane.
    """

    joints: Joints
    mirror: Mirror
    chains: tuple[tuple[int, ...], tuple[int, ...]]

    @cached_property
    def points(self) -> np.ndarray:
        """[K, 3]: the chain on the positive side, made even with the image of the other."""
        plus, minus = (self.joints.points[list(c)] for c in self.chains)
        return np.asarray(0.5 * (plus + self.mirror.reflect(minus)))

    @cached_property
    def bones(self) -> np.ndarray:
        """[K - 1]: lengths, means of both sides (which a rest that is not even does not change)."""
        sides = [np.linalg.norm(np.diff(self.joints.points[list(c)], axis=0), axis=1) for c in self.chains]
        return np.asarray(0.5 * (sides[0] + sides[1]))

    @cached_property
    def members(self) -> np.ndarray:
        """All joints of the pair, side branches included."""
        # The last joint of a limb may be a root of its own, as feet are that IK moves.
        return np.unique(np.concatenate([self.joints.under(c[k]) for c in self.chains for k in (0, -1)]))

    @cached_property
    def skin(self) -> np.ndarray:
        """[n, 3] of both sides."""
        return self.joints.skin(self.members)

    @cached_property
    def ends(self) -> np.ndarray:
        """[n, 3]: the skin of the last two joints of both sides, or these joints where they have none."""
        last = np.concatenate([self.joints.under(j) for c in self.chains for j in (c[-2:] if len(c) > 2 else c[-1:])])
        skin = self.joints.skin(np.unique(last))
        return skin if len(skin) else self.joints.points[[c[-1] for c in self.chains]]

    @cached_property
    def tip(self) -> np.ndarray:
        """[3]: the far end of the skin of the last joint on the positive side; the joint itself where it has none."""
        ends = []
        for chain, plus in zip(self.chains, (True, False), strict=True):
            skin = self.joints.skin_under(chain[-1])
            last = self.joints.points[chain[-1]]
            before = self.joints.points[chain[-2]] if len(chain) > 1 else last
            end = last
            if len(skin):
                along = skin @ (last - before) if np.linalg.norm(last - before) > 0 else np.zeros(len(skin))
                far = along >= np.quantile(along, 0.97)
                end = skin[far].mean(0) if len(chain) > 1 else skin.mean(0)
            ends.append(end if plus else self.mirror.reflect(end))
        return np.asarray(np.mean(ends, axis=0))

    @cached_property
    def length(self) -> float:
        """Way down the bones from root to tip."""
        return float(self.bones.sum() + np.linalg.norm(self.tip - self.points[-1]))

    @cached_property
    def mass(self) -> float:
        """Share of the body's skin."""
        return float(self.joints.mass[self.members].sum())

    @property
    def parent(self) -> int:
        """The joint that the pair hangs from, -1 where it is loose."""
        return int(self.joints.parents[self.chains[0][0]])

    @cached_property
    def roundness(self) -> float:
        """0 to 1: whether the skin goes round the bones, as a leg's does and a skirt's or a cape's does not."""
        joints, values, weights = self.joints, [0.0], [1e-9]
        for chain in self.chains:
            for a, b in pairwise(chain):
                skin = joints.skin([a])
                axis = joints.points[b] - joints.points[a]
                length = np.linalg.norm(axis)
                if len(skin) < 6 or length < 1e-6 * joints.size:
                    continue
                off = skin - joints.points[a]
                off = off - np.outer(off @ axis, axis) / length**2
                radius = np.linalg.norm(off, axis=1)
                inward = off[radius > 0.3 * radius.mean()]
                if len(inward):
                    unit = inward / np.linalg.norm(inward, axis=1, keepdims=True)
                    values.append(float(1.0 - np.linalg.norm(unit.mean(0))) * len(skin))
                    weights.append(float(len(skin)))
        return sum(values) / sum(weights) if len(values) > 1 else 0.7

    def extended(self, tail: Limb) -> Limb:
        """Return the limb with another one, which hangs loose at its end, behind it."""
        plus, minus = (a + b for a, b in zip(self.chains, tail.chains, strict=True))
        return replace(self, chains=(plus, minus))


def find_limbs(joints: Joints, mirror: Mirror) -> list[Limb]:
    """Return all paired chains, the longest first; loose ones that continue another are joined to it."""
    limbs: list[Limb] = []
    for j, other in enumerate(mirror.partner.tolist()):
        if other < 0 or mirror.side[j] != 1:
            continue
        parent = int(joints.parents[j])
        if parent >= 0 and mirror.side[parent] != 0:
            continue
        limbs += [Limb(joints, mirror, chains) for chains in _split(joints, mirror, j)]
    limbs = _drop_anchors(joints, _join_loose(joints, limbs))
    return sorted(limbs, key=lambda limb: -limb.length)


def _split(joints: Joints, mirror: Mirror, root: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Main chains below a paired joint: one, or several where long chains part near the root (a spider's legs)."""
    chain = [root]
    while True:
        at = chain[-1]
        paired = branches(joints, mirror, at)
        if not paired:
            break
        spans = np.array([joints.bones[c] + joints.reach[c] for c in paired])
        way, longest = float(joints.bones[chain[1:]].sum()), float(spans.max())
        major = [c for c, span in zip(paired, spans, strict=True) if span >= 0.45 * longest and joints.children[c]]
        if len(major) > 1 and longest > 0.8 * way and longest > 0.15 * joints.size:
            ends = np.array([_end(joints, c) for c in major])
            if np.linalg.norm(ends[:, None] - ends[None], axis=-1).max() > 0.5 * longest:
                return [pair for c in major for pair in _split(joints, mirror, c)]
        chain.append(_main_child(joints, chain, paired, spans))
    other = tuple(int(mirror.partner[j]) for j in chain)
    return [(tuple(chain), other)]


def _main_child(joints: Joints, chain: list[int], paired: list[int], spans: np.ndarray) -> int:
    """The child in which a limb goes on: the longest; among alike ones (fingers, toes) the middle one."""
    alike = [c for c, span in zip(paired, spans, strict=True) if span >= 0.6 * spans.max()]
    if len(alike) < 3:
        heavy = joints.heavy[paired] / max(joints.heavy[paired].max(), 1e-12)
        return paired[int(np.argmax(spans / max(float(spans.max()), 1e-12) + 0.5 * heavy))]
    ends = np.array([_end(joints, c) for c in alike])
    return alike[int(np.argmin(np.linalg.norm(ends - np.median(ends, axis=0), axis=1)))]


def _apart(joints: Joints, joint: int, others: list[int]) -> float:
    """Distance between what a joint moves and what others move; of the joints themselves where they move nothing."""
    parts = []
    for group in ([joint], others):
        skin = joints.skin(group)[:400]
        parts.append(skin if len(skin) else joints.points[group[-1:]])
    return float(np.sqrt(((parts[0][:, None] - parts[1][None]) ** 2).sum(-1).min()))


def _end(joints: Joints, joint: int) -> np.ndarray:
    below = joints.points[joints.under(joint)]
    return np.asarray(below[np.argmax(np.linalg.norm(below - joints.points[joint], axis=1))])


def branches(joints: Joints, mirror: Mirror, joint: int) -> list[int]:
    """Return the paired joints that hang from a joint, those on the way to another one (twist joints) left out."""
    paired = [c for c in joints.children[joint] if mirror.partner[c] >= 0]
    return [c for c in paired if not any(_on_way(joints, joint, c, other) for other in paired if other != c)]


def _on_way(joints: Joints, start: int, joint: int, end: int) -> bool:
    """Tell whether a joint without children lies on the bone from start to end."""
    bone = joints.points[end] - joints.points[start]
    length = float(np.linalg.norm(bone))
    if joints.children[joint] or length < 1e-9:
        return False
    off = joints.points[joint] - joints.points[start]
    share = float(off @ bone) / length**2
    aside = float(np.linalg.norm(off - share * bone))
    return 0.02 < share < 0.97 and aside < 0.12 * length


def _drop_anchors(joints: Joints, limbs: list[Limb]) -> list[Limb]:
    """Take away first joints that lie in the same spot for several limbs: an anchor is not the root of a leg."""
    first = joints.points[[limb.chains[0][0] for limb in limbs]]
    near = np.linalg.norm(first[:, None] - first[None], axis=-1) < _SPOT * joints.size
    shared = near.sum(1) > 1
    return [
        replace(limb, chains=(limb.chains[0][1:], limb.chains[1][1:])) if also and len(limb.chains[0]) > 3 else limb
        for limb, also in zip(limbs, shared, strict=True)
    ]


def _join_loose(joints: Joints, limbs: list[Limb]) -> list[Limb]:
    """Join a pair that hangs from nothing near (an IK foot beside the root) to the limb that ends where it begins."""
    joined = list(limbs)
    if len(limbs) > _MOST_JOINED:
        return joined
    for loose in sorted(limbs, key=lambda limb: limb.length):
        start = loose.chains[0][0]
        if loose.parent >= 0 and joints.mass[loose.parent] > 0.01:
            continue
        gap = joints.bones[start] if loose.parent >= 0 else np.inf
        best, near = None, min(0.3 * gap, 0.08 * joints.size)
        if loose.parent >= 0 and _apart(joints, start, [loose.parent]) < near:
            continue
        for other in joined:
            if other is loose or other.length < loose.length or len(other.skin) == 0:
                continue
            end = other.chains[0][-1]
            apart = _apart(joints, start, joints.under(end).tolist())
            if apart < near:
                best, near = other, apart
        if best is not None and loose in joined:
            joined.remove(loose)
            joined[joined.index(best)] = best.extended(loose)
    return joined
