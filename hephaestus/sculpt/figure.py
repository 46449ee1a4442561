"""Figure: one human clay in other proportions, by a map of space that keeps limbs round and goes both ways."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hephaestus.sculpt.field import Part
from hephaestus.sculpt.panels import Border, Panel, Region
from hephaestus.sculpt.shapes import Ball, Chain, Cone, Loft, Shape, Vec

Knots = tuple[tuple[float, float], ...]
_NECK, _ARM_AT, _ARM_BACK, _HIP, _WRIST = 1.53, 1.43, -0.03, 0.09, 0.705
_ARM_FROM = 0.26
"""m: from there on outward a point counts to the arm."""
_FOOT_BELOW = 0.115


@dataclass(frozen=True)
class Figure:
    """Proportions against those of the mannequin; every table goes from its places to a value between which is drawn.

    Attributes:
        heights: height of the mannequin -> height, m, up to the neck.
        across: height of the mannequin -> factor of the trunk's width.
        deep: height of the mannequin -> factor of the trunk's depth.
        leg: height of the mannequin -> factor of the leg's thickness.
        reach: distance of the mannequin from the middle -> distance along the arm, m, from the upper arm to the wrist.
        arm: factor of the arm's thickness.
        hand: size of the hand.
        head: size of the head.
        foot: size of the foot.
        hip: m, of the hip joint from the middle.
    """

    heights: Knots
    across: Knots
    deep: Knots
    leg: Knots
    reach: Knots
    arm: float
    hand: float
    head: float
    foot: float
    hip: float

    def _table(self, knots: Knots) -> tuple[np.ndarray, np.ndarray]:
        x, y = np.array(knots).T
        return x, y

    def tallness(self, low: float, high: float) -> float:
        """Return the factor by which the stretch between two heights of the mannequin is taller."""
        return (self._up(high) - self._up(low)) / (high - low)

    def _up(self, y: float) -> float:
        return float(np.interp(y, *self._tall()))

    def _tall(self) -> tuple[np.ndarray, np.ndarray]:
        x, y = self._table(self.heights)
        return np.append(x, x[-1] + 1.0), np.append(y, y[-1] + self.head)

    def _wide(self) -> tuple[np.ndarray, np.ndarray]:
        x, y = self._table(self.reach)
        shoulder = _ARM_FROM * float(np.interp(_ARM_AT, *self._table(self.across)))
        return np.concatenate([[0, _ARM_FROM], x, [x[-1] + 1.0]]), np.concatenate(
            [[0, shoulder], y, [y[-1] + self.hand]]
        )

    def point(self, at: Vec, limb: str) -> Vec:
        """Return where a point of the mannequin's limb ("trunk", "neck", "head", "arm", "leg") goes, m."""
        x, y, z = at
        side = -1.0 if x < 0 else 1.0
        if limb == "arm":
            out = float(np.interp(abs(x), *self._wide()))
            size = self.hand if abs(x) > _WRIST else self.arm
            return (side * out, self._up(_ARM_AT) + size * (y - _ARM_AT), _ARM_BACK + size * (z - _ARM_BACK))
        if limb == "leg":
            if y < _FOOT_BELOW:
                f = self.foot
                return (side * (self.hip + f * (abs(x) - _HIP)), f * y, f * z)
            f = float(np.interp(y, *self._table(self.leg)))
            return (side * (self.hip + f * (abs(x) - _HIP)), self._up(y), f * z)
        if limb == "head":
            return (self.head * x, self._up(_NECK) + self.head * (y - _NECK), self.head * z)
        wide, deep = (float(np.interp(y, *self._table(k))) for k in (self.across, self.deep))
        return (wide * x, self._up(y), deep * z)

    def adult(self, points: np.ndarray) -> np.ndarray:
        """Return where the mannequin has points [N, 3] m of the figure's skin, for its paint."""
        x, z, side = np.abs(points[:, 0]), points[:, 2], np.where(points[:, 0] < 0, -1.0, 1.0)
        a, b = self._tall()
        y = np.interp(points[:, 1], b, a)
        wide, deep = (np.interp(y, *self._table(k)) for k in (self.across, self.deep))
        out = np.stack([x / wide, y, z / deep], 1)
        thick, leg = np.interp(y, *self._table(self.leg)), y < 0.88
        out[leg] = np.stack([_HIP + (x - self.hip) / thick, y, z / thick], 1)[leg]
        foot = points[:, 1] < self.foot * _FOOT_BELOW
        f = self.foot
        out[foot] = np.stack([_HIP + (x - self.hip) / f, points[:, 1] / f, z / f], 1)[foot]
        h = self.head
        head = (y > _NECK) & (x < 0.12 * h)
        out[head] = np.stack([x / h, _NECK + (points[:, 1] - np.interp(_NECK, a, b)) / h, z / h], 1)[head]
        c, d = self._wide()
        along = np.interp(x, d, c)
        arm = (along > _ARM_FROM) & (y > 1.15)
        size = np.where(along > _WRIST, self.hand, self.arm)
        out[arm] = np.stack(
            [along, _ARM_AT + (points[:, 1] - np.interp(_ARM_AT, a, b)) / size, _ARM_BACK + (z - _ARM_BACK) / size], 1
        )[arm]
        out[:, 0] *= side
        return out

    def part(self, part: Part) -> Part:
        """Return a part of the mannequin's clay in these proportions."""
        limb = _limb(part)
        return replace(part, shape=self._shape(part.shape, limb), blend=part.blend * self._size(part.shape, limb))

    def _size(self, shape: Shape, limb: str) -> float:
        low, high = shape.bounds()
        middle = 0.5 * (low + high)
        if limb == "arm":
            return self.hand if abs(middle[0]) > _WRIST else self.arm
        if limb == "leg":
            return self.foot if middle[1] < _FOOT_BELOW else float(np.interp(middle[1], *self._table(self.leg)))
        if limb == "head":
            return self.head
        wide, deep = (float(np.interp(middle[1], *self._table(k))) for k in (self.across, self.deep))
        return 0.5 * (wide + deep)

    def _shape(self, shape: Shape, limb: str) -> Shape:
        size = self._size(shape, limb)
        if isinstance(shape, Ball):
            r = (shape.r[0] * size, shape.r[1] * size, shape.r[2] * size)
            return replace(shape, center=self.point(shape.center, limb), r=r)
        if isinstance(shape, Cone):
            a, b = self.point(shape.a, limb), self.point(shape.b, limb)
            return Cone(a, b, shape.ra * size, shape.rb * size)
        if isinstance(shape, Chain):
            return Chain([(self.point(at, limb), radius * size) for at, radius in shape.points], shape.pieces)
        if isinstance(shape, Loft):
            return self._loft(shape, limb, size)
        return shape

    def _loft(self, loft: Loft, limb: str, size: float) -> Loft:
        """Sections keep their form; upright ones and arms are stretched along their axis by the tables."""
        rows = [list(row) for row in loft.rows]
        x, y, z = loft.start
        if abs(loft.along[1]) > 0.9:
            if limb == "leg":
                x = self.hip
            for row in rows:
                wide, deep = (float(np.interp(row[0], *self._table(k))) for k in (self.across, self.deep))
                if limb == "leg":
                    wide = deep = float(np.interp(row[0], *self._table(self.leg)))
                elif limb == "head":
                    wide, deep = size, size
                row[0] = float(np.interp(row[0], *self._tall()))
                row[1:7] = [row[1] * wide, row[2] * wide, row[3] * deep, row[4] * deep, row[5] * wide, row[6] * deep]
        elif limb == "arm":
            y = self.point((0.5, y, z), "arm")[1]
            for row in rows:
                row[0] = float(np.interp(row[0], *self._wide()))
                row[1:7] = [v * size for v in row[1:7]]
        else:
            x, y, z = self.point((x, y, z), limb)
            rows = [[v * size for v in row] for row in rows]
        return Loft((x, y, z), loft.along, loft.front, [tuple(r) for r in rows], square=loft.square, dome=loft.dome)

    def panel(self, panel: Panel) -> Panel:
        """Return a panel of the mannequin's paint in these proportions."""
        borders = panel.borders
        if borders is not None:
            borders = tuple(Border(self.region(b.height), self.region(b.within)) for b in borders)
        tint = None if panel.tint is None else self.region(panel.tint)
        return replace(panel, region=self.region(panel.region), borders=borders, tint=tint)

    def factor(self, at: Vec, limb: str) -> float:
        """Return how much thicker than the mannequin the figure is at a place of it."""
        return self._size(Ball(at, (1e-3, 1e-3, 1e-3)), limb)

    def size(self, size: Region) -> Region:
        """Return the edge lengths wanted for the mannequin in these proportions."""
        least = min(self.head, self.hand)
        return lambda p: np.asarray(size(self.adult(p)) * least)

    def region(self, region: Region) -> Region:
        """Return a region of the mannequin's in these proportions."""
        return lambda p: region(self.adult(p))


def _limb(part: Part) -> str:
    name = part.bone.split("_")[-1]
    if name:
        return name
    low, high = part.shape.bounds()
    return "head" if low[1] > 1.4 else "leg" if high[1] < 0.2 else "trunk"
