"""Beasts: the maps of bodies that stand on four legs, and on six and more."""

from __future__ import annotations

from itertools import takewhile

import numpy as np

from hephaestus.anatomy import facing, trunk
from hephaestus.anatomy.facing import Vote
from hephaestus.anatomy.finding import Part
from hephaestus.anatomy.limbs import Limb, branches
from hephaestus.anatomy.stance import Stance

_LEG_WORDS = frozenset(
    "leg thigh shin calf foot arm forearm upperarm shoulder paw hoof ankle toe hand femur tibia".split()
)


class Beast:
    """Reads a body that stands on two pairs of legs or more.

    Args:
        stance: the body.

    Attributes:
        legs: the pairs, in the order of their roots along `Stance.ahead`, the foremost first.
        trust: 0 to 1, how far the names agree with geometry.
        ends: joints beyond the trunk towards `Stance.ahead` and away from it, root to tip.
        way: the joints of the trunk, from the end away from `Stance.ahead`.
    """

    def __init__(self, stance: Stance) -> None:
        self.stance = stance
        self.legs = sorted(stance.legs, key=lambda limb: -_along(stance, limb))
        self.trust = self._trust()
        last, first = trunk.carrier(stance, self.legs[-1]), trunk.carrier(stance, self.legs[0])
        self.way = trunk.between(stance, last, first) if last != first else [last]
        self.root = self._root(first) if len(self.legs) > 2 else -1
        taken = {*self.way, *(j for limb in self.legs for j in limb.members.tolist())}
        self.ends = self._ends(first, last, taken)

    def votes(self) -> list[Vote]:
        """Return the signs of where the front is."""
        stance, joints = self.stance, self.stance.joints
        votes = [facing.habit(stance), *facing.names(stance, self.trust)]
        many = len(self.legs) > 2
        if not many:
            votes += [facing.feet(stance, limb) for limb in self.legs]
        fore, aft = self.ends
        heads = [self._headness(chain) for chain in self.ends]
        if max(heads) > 0:
            votes.append(Vote("head and tail", 2.2, facing.clip(heads[0] - heads[1])))
        if many:
            roots = np.mean([limb.points[0] for limb in self.legs], axis=0) @ stance.ahead
            skin = stance.skin @ stance.ahead
            middle, deep = 0.5 * (skin.min() + skin.max()), max(float(np.ptp(skin)), 1e-9)
            body = [j for j in range(len(joints)) if stance.centre[j]]
            trunk_skin = joints.skin(body) @ stance.ahead
            if len(trunk_skin) > 8:
                middle, deep = 0.5 * (trunk_skin.min() + trunk_skin.max()), max(float(np.ptp(trunk_skin)), 1e-9)
            # Legs hang from the front part of the body; the hind part is the bulky one.
            votes.append(Vote("where legs hang", 1.6, facing.clip(4.0 * float(roots - middle) / deep)))
            masses = [float(joints.heavy[c[0]]) if c else 0.0 for c in (fore, aft)]
            if sum(masses) > 0:
                votes.append(Vote("hind part", 0.8, facing.clip(1.5 * (masses[1] - masses[0]) / sum(masses))))
        return votes

    def parts(self, front: float, sure: float) -> dict[str, Part]:
        """Return role -> nodes of a quadruped, or of a many-legged body where there are more than two pairs."""
        fore, aft = self.ends if front > 0 else self.ends[::-1]
        legs = self.legs if front > 0 else self.legs[::-1]
        way = self.way if front > 0 else self.way[::-1]
        sides = "LR" if front > 0 else "RL"
        worth = 0.6 + 0.3 * sure + 0.09 * self.trust
        many = len(legs) > 2
        if many and self.root >= 0 and self.root in aft:
            # The body hangs from its hind part: that is the root, what lies between it and the legs is spine.
            cut = aft.index(self.root) + 1
            way, aft = [*reversed(aft[:cut]), *way], aft[cut:]
        found: dict[str, Part] = {"hips": self._part([way[0]], worth)}
        neck, head, jaw = self._head(fore)
        spine = [*way[1:], *(neck if many else [])]
        if spine:
            found["spine"] = self._part(spine, worth)
        if neck and not many:
            found["neck"] = self._part(neck, worth)
        if head is not None:
            found["head"] = self._part([head], worth)
        if jaw is not None and not many:
            found["jaw"] = self._part([jaw], 0.8 * worth)
        tail = self._weighty(aft)
        if tail:
            found["tail"] = self._part(tail, worth)
        names = [f"leg{n + 1}" for n in range(len(legs))] if many else ["front", "hind"]
        chains = [self._leg(limb) for limb in legs]
        for k in (0, 1) if front > 0 else (1, 0):
            for name, chain in zip(names, chains, strict=True):
                part = self._part(list(chain[k]), worth)
                tips = [self._tip(side) for side in chain] if many else [None]
                if None not in tips:
                    part = Part((*part.nodes, int(tips[k])), part.confidence)  # type: ignore[arg-type]
                found[f"{sides[k]}_{name}"] = part
        return found

    def _tip(self, chain: tuple[int, ...]) -> int | None:
        """The node at the very end of a leg, which moves no skin itself: where the leg touches the floor."""
        joints, stance = self.stance.joints, self.stance
        end = chain[-1]
        skin = joints.skin([end])
        bone = float(joints.bones[end])
        if len(skin) < 3:
            return None
        last = skin[np.argmax(np.linalg.norm(skin - joints.points[end], axis=1))]
        best: tuple[float, int] | None = None
        for node in np.flatnonzero(joints.asset.parents == joints.nodes[end]):
            at = joints.asset.rest_world[node, :3, 3].astype(float)
            far = float(np.linalg.norm(at - last))
            on_floor = abs(float(stance.height_of(at))) < 0.07 * stance.tall
            if node in joints.still and on_floor and far < 0.3 * bone and (best is None or far < best[0]):
                best = far, int(node)
        return best[1] if best else None

    def _part(self, joints: list[int], confidence: float) -> Part:
        return Part(tuple(int(self.stance.joints.nodes[j]) for j in joints), round(min(0.99, confidence), 3))

    def _trust(self) -> float:
        """Whether names of legs are found on legs."""
        members = {j for limb in self.legs for j in limb.members.tolist()}
        said = [j in members for j, h in enumerate(self.stance.hints) if _LEG_WORDS & set(h.words) and not h.helper]
        middle = [
            bool(self.stance.centre[j])
            for j, h in enumerate(self.stance.hints)
            if {"hips", "spine", "neck", "head"} & set(h.roles) or "tail" in h.words
        ]
        if len(said) + len(middle) < 4:
            return 0.0
        return float(np.clip((np.mean([*said, *middle]) - 0.6) / 0.25, 0.0, 1.0))

    def _ends(self, first: int, last: int, taken: set[int]) -> tuple[list[int], list[int]]:
        """Chains of middle joints before the foremost legs' joint and behind the hindmost's."""
        stance, joints = self.stance, self.stance.joints
        if first != last:
            return (
                self._longer(trunk.onward(stance, first, taken, stance.ahead + 0.3 * stance.up), first, taken),
                self._longer(trunk.onward(stance, last, taken, -stance.ahead), last, taken),
            )
        fore: list[int] = []
        aft: list[int] = []
        parent = int(joints.parents[first])
        chains = trunk.chains_from(stance, first, taken)
        # A body that hangs from its hind part has that part above the legs in the tree.
        upward = [j for j in joints.climb(first, -1)[1:] if joints.mass[j] > 0]
        for chain in chains:
            if self._lead(chain, first) > 0 and not fore:
                fore = chain
            elif self._lead(chain, first) <= 0 and not aft:
                aft = chain
        if upward and parent >= 0:
            other = trunk.onward(stance, upward[-1], {first, *upward}, None)
            chain = [*upward, *other]
            if self._lead(chain, first) > 0 and not fore:
                fore = chain
            elif self._lead(chain, first) <= 0 and not aft:
                aft = chain
        return fore, aft

    def _longer(self, chain: list[int], start: int, taken: set[int]) -> list[int]:
        """The chain, or a longer one by way of the joints above the start, where a tail is nearer to the root."""
        joints = self.stance.joints
        upward = list(takewhile(lambda j: j not in taken, joints.climb(start, -1)[1:]))
        upward = [j for j in upward if joints.mass[j] > 0]
        best, least = chain, max(0.1 * joints.size, self._way(chain))
        for k in range(len(upward)):
            other = [*upward[: k + 1], *trunk.onward(self.stance, upward[k], {*taken, start, *upward})]
            if len(other) > 1 and self._way(other) > least:
                best, least = other, self._way(other)
        return best

    def _way(self, chain: list[int]) -> float:
        points = self.stance.joints.points[chain]
        return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())

    def _root(self, carrier: int) -> int:
        """The uppermost joint with skin above the one that carries the legs, -1 where that is the root itself."""
        joints = self.stance.joints
        above = [j for j in joints.climb(carrier, -1)[1:] if joints.mass[j] > 0 and self.stance.centre[j]]
        return above[-1] if above else -1

    def _lead(self, chain: list[int], start: int) -> float:
        joints = self.stance.joints
        skin = joints.skin(chain)
        end = skin.mean(0) if len(skin) else joints.points[chain[-1]]
        return float((end - joints.points[start]) @ self.stance.ahead)

    def _headness(self, chain: list[int]) -> float:
        """How much like neck and head a chain is: branches of a face, a heavy end, names."""
        if not chain:
            return 0.0
        stance, joints = self.stance, self.stance.joints
        branches = sum(stance.mirror.side[c] != 0 for j in chain for c in joints.children[j])
        branches += sum(max(0, sum(bool(stance.centre[c]) for c in joints.children[j]) - 1) for j in chain)
        total = max(float(joints.mass[chain].sum()), 1e-9)
        end = float(joints.mass[chain[-2:]].sum()) / total
        words = {w for j in chain for w in stance.hints[j].words}
        named = self.trust * (bool(words & {"head", "neck", "jaw"}) - bool(words & {"tail"}))
        few = 0.25 if len(chain) <= 4 else 0.0
        return (
            0.35 * min(branches, 3)
            + 0.5 * end
            + few
            + 0.8 * named
            + 0.2 * min(1.0, 8.0 * float(joints.heavy[chain[0]]))
        )

    def _head(self, chain: list[int]) -> tuple[list[int], int | None, int | None]:
        """Split the chain at the front into neck, head and jaw."""
        stance, joints = self.stance, self.stance.joints
        chain = self._weighty(chain)
        if not chain:
            return [], None, None
        named = [k for k, j in enumerate(chain) if "head" in stance.hints[j].roles] if self.trust > 0.5 else []
        place = named[0] if named else self._skull(chain)
        head = chain[place]
        jaws = [c for c in joints.children[head] if stance.centre[c] and joints.heavy[c] > 0 and self._is_jaw(head, c)]
        return chain[:place], head, (jaws[0] if jaws else None)

    def _skull(self, chain: list[int]) -> int:
        stance, joints = self.stance, self.stance.joints
        for place, joint in enumerate(chain):
            pairs = [c for c in joints.children[joint] if stance.mirror.side[c] != 0]
            others = [c for c in joints.children[joint] if stance.centre[c] and joints.heavy[c] > 0]
            if place > 0 and (pairs or len(others) > 1):
                # Ears may hang from the snout: the skull is the joint of the two that moves more.
                heavier = place > 1 and joints.mass[chain[place - 1]] > 1.2 * joints.mass[joint]
                return place - 1 if heavier else place
        last = len(chain) - 1
        if last > 0 and joints.heavy[chain[last]] < 0.6 * joints.mass[chain[last - 1]]:
            return last - 1
        return last

    def _is_jaw(self, head: int, child: int) -> bool:
        if {"jaw", "chin", "mouth"} & set(self.stance.hints[child].words):
            return True
        if self.trust > 0.5:
            return False
        joints, stance = self.stance.joints, self.stance
        own, below = joints.skin([head]), joints.skin_under(child)
        if len(own) < 3 or len(below) < 3:
            return False
        return bool(np.quantile(stance.height_of(below), 0.9) < np.median(stance.height_of(own)))

    def _weighty(self, chain: list[int]) -> list[int]:
        """A chain without the joints at its end that move next to nothing."""
        joints = self.stance.joints
        while chain and joints.mass[chain[-1]] <= 0 and joints.mass.sum() > 0:
            chain = chain[:-1]
        return chain

    def _leg(self, limb: Limb) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A leg from its root to the joint where the toes part, or to its last joint that moves skin."""
        joints = self.stance.joints
        end = len(limb.chains[0])
        for place, joint in enumerate(limb.chains[0]):
            parts = branches(joints, self.stance.mirror, joint)
            spans = sorted((joints.bones[c] + joints.reach[c] for c in parts), reverse=True)
            if place >= 2 and len(spans) > 2 and spans[2] > 0.5 * spans[0] and spans[0] < 0.4 * limb.length:
                end = place + 1
                break
        while end > 3 and joints.mass[limb.chains[0][end - 1]] <= 0 and joints.mass.sum() > 0:
            end -= 1
        return limb.chains[0][:end], limb.chains[1][:end]


def _along(stance: Stance, limb: Limb) -> float:
    """Where a pair of legs is on the body: mostly by its roots; a spider's lie close together, so by its feet too."""
    way = limb.points @ stance.ahead
    return float(way[0] + 0.25 * (0.5 * (way[-1] + float(limb.tip @ stance.ahead)) - way[0]))
