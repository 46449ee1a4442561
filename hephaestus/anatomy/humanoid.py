"""Humanoid: the map of a body that stands on two legs."""

from __future__ import annotations

import numpy as np

from hephaestus.anatomy import chains, facing, trunk
from hephaestus.anatomy.facing import Vote
from hephaestus.anatomy.finding import Part
from hephaestus.anatomy.limbs import Limb
from hephaestus.anatomy.stance import Stance

_REGIONS = {
    **dict.fromkeys(("thigh", "shin", "foot", "toe"), "leg"),
    **dict.fromkeys(("clavicle", "upperarm", "forearm", "hand"), "arm"),
    **dict.fromkeys(("hips", "spine", "neck", "head"), "middle"),
}
_SAID = 0.9
"""How much of a chain's price a fully trusted name takes away, for each role."""


class Humanoid:
    """Reads a body with two legs.

    Args:
        stance: the body.

    Attributes:
        leg: the pair of legs.
        arm: the pair of arms, or None.
        trust: 0 to 1, how far the names agree with what geometry says.
        leg_places: role -> place in the leg's chain.
        arm_places: role -> place in the arm's chain.
        spine: joints from above the hips to the chest.
        neck: joints of the neck.
        hips: the joint.
        head: the joint, or None.
        tail: joints of a tail, from its root.
    """

    def __init__(self, stance: Stance) -> None:
        self.stance = stance
        self.leg, self.arm = stance.legs[0], stance.arms
        self.trust = self._trust()
        self.leg_places, self.leg_price = self._read_leg()
        self.arm_places, self.arm_price = self._read_arm()
        self.hips, self.spine, self.neck, self.head = self._read_trunk()
        self.tail = self._read_tail()

    def votes(self) -> list[Vote]:
        """Return the signs of where the front is."""
        stance, joints = self.stance, self.stance.joints
        votes = [facing.feet(stance, self.leg), facing.habit(stance), *facing.names(stance, self.trust)]
        places = [self.leg_places.get(r) for r in ("thigh", "shin", "foot")]
        if None not in places:
            votes.append(facing.knees(stance, self.leg, (places[0], places[1], places[2])))  # type: ignore[arg-type]
        if "toe" in self.leg_places:
            ankle, toe = (self.leg.points[self.leg_places[r]] for r in ("foot", "toe"))
            votes.append(Vote("toes", 1.5, facing.clip(float((toe - ankle) @ stance.ahead) / (0.05 * self.leg.length))))
        if self.arm is not None and {"upperarm", "forearm", "hand"} <= self.arm_places.keys():
            a, b, c = (self.arm_places[r] for r in ("upperarm", "forearm", "hand"))
            votes.append(facing.elbows(stance, self.arm, (a, b, c)))
        if self.head is not None:
            votes.append(facing.head(stance, self.head))
        if self.tail:
            start, end = joints.points[self.hips], joints.points[self.tail[-1]]
            votes.append(facing.toward(stance, end, start, "tail", 2.0))
        return votes

    def parts(self, front: float, sure: float) -> dict[str, Part]:
        """Return role -> nodes, given the sign of the front along `Stance.ahead` and how sure it is."""
        joints, found = self.stance.joints, {}
        centre = 0.6 + 0.38 * self.trust

        def part(indices: list[int], confidence: float) -> Part:
            return Part(tuple(int(joints.nodes[j]) for j in indices), round(min(0.99, confidence), 3))

        found["hips"] = part([self.hips], centre)
        if self.spine:
            found["spine"] = part(self.spine, centre)
        if self.neck:
            found["neck"] = part(self.neck, centre)
        if self.head is not None:
            found["head"] = part([self.head], centre)
        if self.tail:
            found["tail"] = part(self.tail, 0.9 * centre)
        for k, side in enumerate("LR" if front > 0 else "RL"):
            if self.arm is not None:
                worth = self._worth(self.arm_price, sure)
                for role, place in self.arm_places.items():
                    found[f"{side}_{role}"] = part([self.arm.chains[k][place]], worth)
            worth = self._worth(self.leg_price, sure)
            for role, place in self.leg_places.items():
                found[f"{side}_{role}"] = part([self.leg.chains[k][place]], worth)
        return found

    def _worth(self, price: float, sure: float) -> float:
        base = 0.9 * float(np.exp(-0.5 * max(0.0, price))) * (0.5 + 0.5 * sure)
        return base + (1.0 - base) * 0.8 * self.trust

    def _trust(self) -> float:
        """Share of the names that name the right region; names that are shuffled or random do not reach half."""
        members = {"leg": set(self.leg.members.tolist()), "arm": set()}
        if self.arm is not None:
            members["arm"] = set(self.arm.members.tolist())
        right = total = 0
        for j, said in enumerate(self.stance.hints):
            regions = {_REGIONS[role] for role in said.roles}
            if len(regions) != 1:
                continue
            region = regions.pop()
            total += 1
            right += bool(self.stance.centre[j]) if region == "middle" else j in members[region]
        if total < 4:
            return 0.0
        return float(np.clip((right / total - 0.6) / 0.25, 0.0, 1.0))

    def _names(self, limb: Limb) -> chains.Names:
        hints = self.stance.hints

        def weight(place: int, role: str) -> float:
            pair = [hints[chain[place]] for chain in limb.chains]
            said = float(np.mean([h.roles.get(role, 0.0) for h in pair]))
            # A front leg named as a leg may well be an arm: names of another region say nothing about the place.
            own = [{r for r in h.roles if _REGIONS[r] == _REGIONS[role]} for h in pair]
            other = any(h.helper or (roles and role not in roles) for h, roles in zip(pair, own, strict=True))
            return self.trust * _SAID * (said - (0.5 if other else 0.0))

        return weight

    def _read_leg(self) -> tuple[dict[str, int], float]:
        stance, limb = self.stance, self.leg
        heights = stance.height_of(limb.points)
        count = len(limb.points)
        ahead = np.full(count, 0.66)
        low = limb.skin[stance.height_of(limb.skin) < 0.08 * max(float(heights.max()), 1e-9)]
        if len(low) > 3:
            along = low @ stance.ahead
            back, front = np.quantile(along, (0.02, 0.98))
            sign = 1.0 if facing.feet(stance, limb).value >= 0 else -1.0
            share = (limb.points @ stance.ahead - back) / max(front - back, 1e-9)
            ahead = share if sign > 0 else 1.0 - share
        places, price = chains.leg(limb, self._names(limb), heights, ahead)
        return places, price

    def _read_arm(self) -> tuple[dict[str, int], float]:
        if self.arm is None:
            return {}, 0.0
        mirror = self.stance.mirror
        inner = np.abs(self.arm.points @ mirror.normal - mirror.offset)
        return chains.arm(self.arm, self._names(self.arm), inner)

    def _read_trunk(self) -> tuple[int, list[int], list[int], int | None]:
        stance = self.stance
        low = trunk.carrier(stance, self.leg)
        if self.arm is None:
            up = trunk.onward(stance, low, set(), stance.up)
            head = up.pop() if up else None
            neck = [up.pop()] if len(up) > 2 else []
            return low, up, neck, head
        chest = trunk.carrier(stance, self.arm)
        way = trunk.between(stance, low, chest) if low != chest else [low]
        hips, way = self._hips(way)
        taken = {hips, *way}
        upper = trunk.onward(stance, chest, taken, stance.up)
        spine = [j for j in way if j != hips]
        return self._necked(hips, spine, upper)

    def _read_tail(self) -> list[int]:
        """A chain of three joints or more that goes out from the hips, as far as a shin is long; cloth hangs down."""
        stance, joints = self.stance, self.stance.joints
        taken = {self.hips, *self.spine, *self.neck, *([] if self.head is None else [self.head])}
        for chain in trunk.chains_from(stance, self.hips, taken):
            off = joints.points[chain[-1]] - joints.points[self.hips]
            out, words = abs(float(off @ stance.ahead)), {w for j in chain for w in stance.hints[j].words}
            if len(chain) < 3 or words & {"skirt", "cape", "cloth", "coat", "hair", "dress"}:
                continue
            if out > 0.35 * self.leg.length and (out > 0.5 * float(np.linalg.norm(off)) or "tail" in words):
                return chain
        return []

    def _hips(self, way: list[int]) -> tuple[int, list[int]]:
        """The joint that carries the whole body: the legs' own, or the one above it that holds the spine as well."""
        stance, joints = self.stance, self.stance.joints
        hips, way = way[0], way[1:]
        middle = 0.5 * (joints.points[self.leg.chains[0][0]] + joints.points[self.leg.chains[1][0]])
        while way and way[0] == joints.parents[hips] and joints.mass[way[0]] > 0:
            # The spine hangs from a joint above the one that carries the legs: it carries both, if it is in the pelvis.
            if np.linalg.norm(joints.points[way[0]] - middle) > 0.12 * joints.size:
                break
            hips, way = way[0], way[1:]
        # Where the legs hang from the first joint of the spine (old Biped rigs) the pelvis is the joint above.
        parent = int(joints.parents[hips])
        near = 0.12 * joints.size
        while parent >= 0 and parent not in way and self.trust > 0.5:
            close = np.linalg.norm(joints.points[parent] - joints.points[hips]) < near
            if close and stance.hints[parent].roles.get("hips", 0.0) > stance.hints[hips].roles.get("hips", 0.0):
                return parent, way
            parent = int(joints.parents[parent])
        return hips, way

    def _necked(self, hips: int, spine: list[int], upper: list[int]) -> tuple[int, list[int], list[int], int | None]:
        """Split what goes on above the chest into neck and head."""
        hints = self.stance.hints
        if self.trust > 0.5:
            named = [k for k, j in enumerate(upper) if "head" in hints[j].roles]
            if named:
                neck, head = upper[: named[0]], upper[named[0]]
                return (hips, *self._neck_of_spine(spine, neck), head)
        if not upper:
            return hips, spine, [], None
        place = self._head_place(upper)
        return (hips, *self._neck_of_spine(spine, upper[:place]), upper[place])

    def _neck_of_spine(self, spine: list[int], neck: list[int]) -> tuple[list[int], list[int]]:
        """Arms that hang from the neck (Biped) do not make it part of the spine; nor does a chest joint make a neck."""
        hints = self.stance.hints
        if self.trust > 0.5:
            # Rigify calls every joint up to the head a spine: without a neck by name the shoulders tell.
            told = any("neck" in h.roles for h in hints)
            while told and neck and "spine" in hints[neck[0]].roles and self._below_shoulders(neck[0]):
                spine, neck = [*spine, neck[0]], neck[1:]
            while len(spine) > 1 and "neck" in hints[spine[-1]].roles:
                spine, neck = spine[:-1], [spine[-1], *neck]
            return spine, neck
        joints = self.stance.joints
        if not neck and len(spine) > 2 and self.arm is not None:
            shoulder = self.arm.points[self.arm_places.get("upperarm", 0)]
            last = joints.points[spine[-1]]
            if self.stance.height_of(last) > self.stance.height_of(shoulder) + 0.002 * self.stance.tall:
                return spine[:-1], [spine[-1]]
        return spine, neck

    def _below_shoulders(self, joint: int) -> bool:
        if self.arm is None:
            return True
        shoulder = self.stance.height_of(self.arm.points[self.arm_places.get("upperarm", 0)])
        return bool(self.stance.heights[joint] < shoulder + 0.03 * self.stance.tall)

    def _head_place(self, upper: list[int]) -> int:
        """Which joint above the chest carries the skull: the first with a face's branches, else the last of weight."""
        stance, joints = self.stance, self.stance.joints
        for place, joint in enumerate(upper):
            pairs = [c for c in joints.children[joint] if stance.mirror.side[c] != 0]
            others = [c for c in joints.children[joint] if stance.centre[c] and c not in upper and joints.heavy[c] > 0]
            if len(pairs) >= 2 or others:
                plain = self.trust > 0.5 and place > 0 and stance.hints[joint].helper
                return place - 1 if plain else place
        place = len(upper) - 1
        # Two joints are neck and head; only a third one may be a crown.
        while place > 1 and self._is_tip(upper, place):
            place -= 1
        return place

    def _is_tip(self, upper: list[int], place: int) -> bool:
        """Tell whether a joint is the crown or a jaw of the head that the joint before it carries."""
        joints, ahead = self.stance.joints, self.stance.ahead
        before, last = upper[place - 1], upper[place]
        own, whole = joints.skin([before]), joints.skin_under(last)
        if len(whole) < 4 or len(own) < 4:
            return len(whole) < 4
        if joints.heavy[last] < 0.3 * joints.mass[before]:
            return True
        bone = float(joints.bones[last])
        size = float(np.linalg.norm(whole - joints.points[last], axis=1).max())
        middle = float(np.median(whole @ ahead))
        reach = np.abs(np.quantile(own @ ahead, (0.02, 0.98)) - middle).max()
        face = np.abs(np.quantile(whole @ ahead, (0.02, 0.98)) - middle).max()
        return bone < 0.5 * size and bool(reach > 0.85 * face)
