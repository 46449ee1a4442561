"""Stance: a body with its axes: what stands on the floor, what hangs, and how tall it all is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hephaestus.anatomy.joints import Joints
from hephaestus.anatomy.limbs import Limb
from hephaestus.anatomy.mirror import Mirror
from hephaestus.anatomy.names import Hint, hint
from hephaestus.anatomy.upright import on_floor

_HANGS = frozenset("hair bang bangs ponytail skirt cape cloak cloth coat dress sleeve ribbon scarf tail wing".split())


@dataclass(frozen=True)
class Stance:
    """A body in its pose.

    Attributes:
        joints: all joints.
        mirror: the plane of the body.
        limbs: all paired chains, the longest first.
        up: [3], unit.
    """

    joints: Joints
    mirror: Mirror
    limbs: tuple[Limb, ...]
    up: np.ndarray

    @cached_property
    def ahead(self) -> np.ndarray:
        """[3], unit: one of the two ways that the body may face; left is then the positive side of the mirror."""
        way = np.cross(self.mirror.normal, self.up)
        return np.asarray(way / np.linalg.norm(way))

    @cached_property
    def skin(self) -> np.ndarray:
        """[V, 3] points of the whole body: its skin, or its joints where it has none."""
        return self.joints.cloud if len(self.joints.cloud) else self.joints.points

    @cached_property
    def floor(self) -> float:
        """Height of the lowest point along `up`."""
        return float((self.skin @ self.up).min())

    @cached_property
    def tall(self) -> float:
        """Height of the body."""
        return max(float(np.ptp(self.skin @ self.up)), 1e-9)

    @cached_property
    def heights(self) -> np.ndarray:
        """[N]: height of each joint above the floor."""
        return np.asarray(self.joints.points @ self.up - self.floor)

    @cached_property
    def centre(self) -> np.ndarray:
        """Bool [N]: joints in the middle of the body."""
        return np.asarray(self.mirror.partner == np.arange(len(self.joints)))

    @cached_property
    def hints(self) -> tuple[Hint, ...]:
        """What the name of each joint says."""
        return tuple(hint(name) for name in self.joints.names)

    @cached_property
    def legs(self) -> list[Limb]:
        """The limbs that the body stands on, the longest first."""
        down = [limb for limb in self.limbs if len(limb.chains[0]) >= 2 and on_floor(self.skin, limb, self.up)]
        down = [limb for limb in down if limb.length > 0.1 * self.joints.size and not self.hangs(limb)]
        if not down:
            return []
        long, heavy = max(limb.length for limb in down), max(limb.mass for limb in down)
        legs = [
            limb
            for limb in down
            if limb.length > 0.4 * long and limb.mass >= 0.15 * heavy and limb.roundness > 0.25 and self._carries(limb)
        ]
        legs = legs or down[:1]
        if len(legs) < 3:
            # Fins and wings may touch the floor; two or four legs hang down.
            legs = [limb for limb in legs if self._lean(limb) > 0.45]
        if len(legs) > 1 and self._upright(legs):
            # Coat tails and long sleeves also come down to the floor; a figure that stands tall has two legs.
            return [max(legs, key=lambda limb: limb.mass * limb.roundness)]
        return legs

    @cached_property
    def arms(self) -> Limb | None:
        """The pair that hangs from the upper body and does not stand, if there is one worth the name."""
        if not self.legs:
            return None
        leg = self.legs[0]
        free = [
            limb
            for limb in self.limbs
            if not any(limb is other for other in self.legs)
            and len(limb.chains[0]) >= 2
            and limb.length > 0.22 * leg.length
            and not self.hangs(limb)
            and self._above(limb, leg)
            and not self._in_head(limb)
        ]
        return max(free, key=self._arm_worth) if free else None

    def hangs(self, limb: Limb) -> bool:
        """Tell whether the names call a limb hair, cloth or the like."""
        words = [bool(_HANGS & set(self.hints[j].words)) for j in limb.chains[0]]
        return sum(words) > 0.5 * len(words)

    def height_of(self, points: np.ndarray) -> np.ndarray:
        """Return heights [...] of points [..., 3] above the floor."""
        return np.asarray(points @ self.up - self.floor)

    def _lean(self, limb: Limb) -> float:
        """1 for a limb that hangs straight down, 0 for one that lies level."""
        chord = limb.tip - limb.points[0]
        return float(chord @ -self.up) / max(float(np.linalg.norm(chord)), 1e-9)

    def _carries(self, limb: Limb) -> bool:
        """Tell whether a limb comes from above its own foot, and not from the floor."""
        return bool(self.height_of(limb.points).max() > 0.08 * self.tall)

    def _upright(self, legs: list[Limb]) -> bool:
        deep = float(np.ptp(self.skin @ self.ahead))
        free = [limb for limb in self.limbs if not any(limb is o for o in legs) and limb.length > 0.3 * legs[0].length]
        arms = [limb for limb in free if len(limb.chains[0]) >= 3 and self.height_of(limb.points[0]) > 0.5 * self.tall]
        return self.tall > 1.3 * deep and bool(arms)

    def _above(self, limb: Limb, leg: Limb) -> bool:
        return bool(self.height_of(limb.points[0]) > 0.85 * self.height_of(leg.points[0]))

    def _in_head(self, limb: Limb) -> bool:
        """Tell whether a limb belongs to a face: it is mapped with the head, above where other limbs hang."""
        words = {role for j in limb.members for role in self.hints[j].roles}
        if words & {"upperarm", "forearm", "hand", "clavicle"}:
            return False
        return limb.mass < 0.06 and bool(self.height_of(limb.points).min() > 0.8 * self.tall)

    def _arm_worth(self, limb: Limb) -> float:
        words = {role for j in limb.chains[0] for role in self.hints[j].roles}
        named = 0.3 if words & {"upperarm", "forearm", "hand", "clavicle"} else 0.0
        return limb.length / self.joints.size + limb.mass + 0.2 * limb.roundness + named
