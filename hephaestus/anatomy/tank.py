"""Tank: the map of a body on wheels or tracks, from the shapes of its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus.anatomy.facing import Vote, clip, habit
from hephaestus.anatomy.finding import Part
from hephaestus.anatomy.stance import Stance

_WORDS = {
    "turret": "turret", "tower": "turret", "gun": "gun", "barrel": "gun", "cannon": "gun", "muzzle": "gun",
    "track": "track", "tracks": "track", "tread": "track", "treads": "track", "link": "track", "chain": "track",
    "wheel": "wheel", "wheels": "wheel", "roller": "wheel", "sprocket": "wheel", "idler": "wheel", "tire": "wheel",
    "tyre": "wheel", "hull": "hull", "chassis": "hull", "body": "hull",
}  # fmt: skip


@dataclass(frozen=True)
class _Shape:
    """The box round what a joint moves, in (across, up, ahead), from the floor and the mirror plane."""

    low: np.ndarray
    high: np.ndarray

    @property
    def size(self) -> np.ndarray:
        return np.asarray(self.high - self.low)

    @property
    def middle(self) -> np.ndarray:
        return np.asarray(0.5 * (self.low + self.high))


class Tank:
    """Reads a vehicle.

    Args:
        stance: the body.

    Attributes:
        wheels: joints that move discs.
        tracks: joints of the tracks on the positive and the negative side.
        hull: the joint that carries all, or -1.
        turret: the joint, or -1.
        gun: the joint, or -1.
        score: how sure it is that this is a vehicle, 0 to 1.
    """

    def __init__(self, stance: Stance) -> None:
        self.stance = stance
        self.words = [{_WORDS[w] for w in h.words if w in _WORDS} for h in stance.hints]
        self.shapes = [self._shape(j) for j in range(len(stance.joints))]
        round_ones = {j for j in range(len(stance.joints)) if self._is_wheel(j)}
        # What is a wheel on one side is one on the other, however few points its rim is known by.
        self.wheels = sorted(round_ones | {int(stance.mirror.partner[j]) for j in round_ones})
        self.tracks = self._find_tracks()
        self.hull = self._find_hull()
        self.gun = self._find_gun()
        self.turret = self._find_turret()
        self.score = self._score()

    @property
    def poise(self) -> float:
        """How much it is the right way up: turret and gun above what it rolls on, wheels that are seen as wheels."""
        runners = [float(self._place(j)[1]) for j in (*self.wheels, *self.tracks[0])]
        upper = [float(self._place(j)[1]) for j in (self.turret, self.gun, self.hull) if j >= 0]
        if not runners or not upper:
            return 0.0
        return (float(np.mean(upper)) - float(np.mean(runners))) / self.stance.tall + 0.03 * len(self.wheels)

    def votes(self) -> list[Vote]:
        """Return the signs of where the front is."""
        stance = self.stance
        votes = [habit(stance)]
        gun = self.shapes[self.gun] if self.gun >= 0 else None
        if gun is not None:
            pivot = self.shapes[self.turret] if self.turret >= 0 else self.shapes[self.hull]
            middle = pivot.middle[2] if pivot is not None else 0.0
            votes.append(Vote("gun", 3.0, clip(3.0 * float(gun.middle[2] - middle) / max(gun.size[2], 1e-9))))
        sides = [int(stance.mirror.side[j]) * h.side for j, h in enumerate(stance.hints) if h.side]
        sides = [s for s in sides if s]
        if len(sides) >= 2:
            votes.append(Vote("names of sides", 2.0 * abs(float(np.mean(sides))), clip(1.5 * float(np.mean(sides)))))
        return votes

    def parts(self, front: float, sure: float) -> dict[str, Part]:
        """Return role -> nodes."""
        nodes, worth = self.stance.joints.nodes, min(0.99, 0.5 + 0.3 * self.score + 0.15 * sure)

        def part(joints: list[int]) -> Part:
            return Part(tuple(int(nodes[j]) for j in joints), round(worth, 3))

        found = {"hull": part([self.hull])} if self.hull >= 0 else {}
        if self.turret >= 0:
            found["turret"] = part([self.turret])
        if self.gun >= 0:
            found["gun"] = part([self.gun])
        order = self.tracks if front > 0 else self.tracks[::-1]
        for side, joints in zip("LR", order, strict=True):
            if joints:
                found[f"{side}_track"] = part(self._in_loop(joints, front))
        if self.wheels:
            ahead = [float(self._place(j)[2]) * front for j in self.wheels]
            across = [float(self._place(j)[0]) * front for j in self.wheels]
            rank = sorted(range(len(self.wheels)), key=lambda k: (across[k] < 0, -ahead[k]))
            found["wheels"] = part([self.wheels[k] for k in rank])
        return found

    def _axes(self) -> np.ndarray:
        return np.stack([self.stance.mirror.normal, self.stance.up, self.stance.ahead])

    def _shape(self, joint: int) -> _Shape | None:
        skin = self.stance.joints.skin([joint])
        if len(skin) < 4:
            return None
        points = skin @ self._axes().T - [self.stance.mirror.offset, self.stance.floor, 0.0]
        return _Shape(points.min(0), points.max(0))

    def _place(self, joint: int) -> np.ndarray:
        shape = self.shapes[joint]
        if shape is not None:
            return shape.middle
        point = self.stance.joints.points[joint] @ self._axes().T
        return np.asarray(point - [self.stance.mirror.offset, self.stance.floor, 0.0])

    def _is_wheel(self, joint: int) -> bool:
        """A disc or a roller about an axle across: as long as high, low, beside the middle, and round."""
        shape = self.shapes[joint]
        if shape is None:
            return False
        across, high, long = shape.size
        if self.stance.mirror.partner[joint] in (-1, joint) or high <= 0:
            return False
        even = abs(high - long) < 0.15 * max(high, long) and across < 2.2 * max(high, long)
        low = shape.middle[1] < 0.65 * self.stance.tall and max(high, long) < 0.75 * self.stance.tall
        return bool(even and low and self._round(joint, shape) and self.stance.joints.points is not None)

    def _round(self, joint: int, shape: _Shape) -> bool:
        """Tell whether the outline seen along the axle is a circle: its rim is at one distance from the middle."""
        skin = self.stance.joints.skin([joint]) @ self._axes()[1:].T - [self.stance.floor, 0.0]
        if len(skin) < 24:
            return False
        off = skin - shape.middle[1:]
        radius = np.linalg.norm(off, axis=1)
        turn = ((np.arctan2(off[:, 1], off[:, 0]) / (2.0 * np.pi)) % 1.0 * 12).astype(int) % 12
        rim = np.zeros(12)
        np.maximum.at(rim, turn, radius)
        filled = rim[rim > 0.3 * radius.max()]
        # A square's corners stand out by two fifths; a rim of eight corners by less than a tenth.
        return len(filled) >= 6 and float(filled.min()) > 0.80 * float(radius.max())

    def _find_tracks(self) -> tuple[list[int], list[int]]:
        """Long parts low at the sides, or many small alike ones in a loop; names decide where they are plain."""
        stance, joints = self.stance, self.stance.joints
        deep = float(np.ptp(stance.skin @ stance.ahead))
        plus: list[int] = []
        for j in range(len(joints)):
            shape, other = self.shapes[j], int(stance.mirror.partner[j])
            if shape is None or j in self.wheels or other in (-1, j) or stance.mirror.side[j] != 1:
                continue
            across, high, long = shape.size
            belt = long > 0.5 * deep and high < 0.6 * stance.tall and across < 0.35 * deep
            belt = belt and shape.low[1] < 0.08 * stance.tall and not self.words[j] & {"wheel", "gun"}
            if belt or "track" in self.words[j]:
                plus.append(j)
        links = self._links()
        if len(links) > len(plus):
            plus = links
        return plus, [int(stance.mirror.partner[j]) for j in plus]

    def _links(self) -> list[int]:
        """Joints on the positive side that move eight or more alike small plates, low down."""
        stance = self.stance
        small = []
        for j in range(len(stance.joints)):
            shape = self.shapes[j]
            if shape is None or j in self.wheels or stance.mirror.side[j] != 1:
                continue
            if shape.size.max() < 0.35 * stance.tall and shape.middle[1] < 0.6 * stance.tall:
                small.append(j)
        if len(small) < 8:
            return []
        sizes = np.array([np.sort(self.shapes[j].size) for j in small])  # type: ignore[union-attr]
        usual = np.median(sizes, axis=0)
        alike = np.abs(sizes - usual).max(1) < 0.35 * usual.max()
        links = [j for j, same in zip(small, alike, strict=True) if same]
        return links if len(links) >= 8 and self._is_loop(links) else []

    def _is_loop(self, joints: list[int]) -> bool:
        """Tell whether joints lie all round a long flat loop, upper and lower run."""
        places = np.array([self._place(j)[1:] for j in joints])
        high, long = np.ptp(places, axis=0)
        deep = float(np.ptp(self.stance.skin @ self.stance.ahead))
        if long < 0.4 * deep or high < 0.08 * long:
            return False
        off = (places - 0.5 * (places.min(0) + places.max(0))) / [max(high, 1e-9), max(long, 1e-9)]
        sectors = np.unique(((np.arctan2(off[:, 0], off[:, 1]) / (2.0 * np.pi)) % 1.0 * 8).astype(int) % 8)
        return len(sectors) >= 7 and float(np.median(np.abs(off).max(1))) > 0.35

    def _in_loop(self, joints: list[int], front: float) -> list[int]:
        """Links in the order in which they lie in the loop: from the foremost on the floor to the rear, then on top."""
        if len(joints) < 3:
            return joints
        places = np.array([self._place(j)[1:] for j in joints])
        off = (places - 0.5 * (places.min(0) + places.max(0))) / np.maximum(np.ptp(places, axis=0), 1e-9)
        # 0 at the lower front corner, growing towards the lower rear one.
        turn = (np.arctan2(off[:, 0], -front * off[:, 1]) + 0.75 * np.pi + np.pi / 2) % (2.0 * np.pi)
        order = np.argsort(turn, kind="stable")
        low = off[order, 0] < off[:, 0].min() + 0.05
        first = int(np.argmax(np.where(low, front * off[order, 1], -np.inf)))
        return [joints[k] for k in np.roll(order, -first)]

    def _find_hull(self) -> int:
        """The joint above all wheels and tracks; else the heaviest in the middle."""
        stance, joints = self.stance, self.stance.joints
        named = [j for j, w in enumerate(self.words) if "hull" in w and stance.centre[j] and joints.heavy[j] > 0.2]
        runners = [*self.wheels, *self.tracks[0], *self.tracks[1]]
        top = joints.common(runners) if runners else -1
        while top >= 0 and not stance.centre[top]:
            top = int(joints.parents[top])
        if top >= 0 and joints.mass[top] > 0:
            return top
        heavy = [j for j in range(len(joints)) if stance.centre[j] and self.shapes[j] is not None]
        heavy = [j for j in heavy if j not in runners]
        if named:
            return named[0]
        if not heavy:
            return top
        low = [j for j in heavy if self.shapes[j].low[1] < 0.55 * stance.tall] or heavy  # type: ignore[union-attr]
        return max(low, key=lambda j: float(joints.mass[j]))

    def _find_gun(self) -> int:
        """The longest thin part along the body, in the middle and up."""
        stance, joints = self.stance, self.stance.joints
        best, length = -1, 0.0
        for j in range(len(joints)):
            shape = self.shapes[j]
            if shape is None or not stance.centre[j] or j == self.hull:
                continue
            across, high, long = shape.size
            thin = long > 2.5 * max(across, high) and shape.middle[1] > 0.35 * stance.tall
            named = "gun" in self.words[j]
            if (thin or named) and long * (2.0 if named else 1.0) > length:
                best, length = j, long * (2.0 if named else 1.0)
        return best

    def _find_turret(self) -> int:
        """What carries the gun and sits on the hull; without a gun the heaviest part on top."""
        stance, joints = self.stance, self.stance.joints
        if self.gun >= 0:
            parent = int(joints.parents[self.gun])
            while parent >= 0 and parent != self.hull and joints.mass[parent] <= 0:
                parent = int(joints.parents[parent])
            if parent >= 0 and parent != self.hull and stance.centre[parent]:
                return parent
        named = [j for j, w in enumerate(self.words) if "turret" in w and stance.centre[j]]
        if named:
            return named[0]
        top = [
            j
            for j in range(len(joints))
            if stance.centre[j]
            and j not in (self.hull, self.gun)
            and (s := self.shapes[j]) is not None
            and s.middle[1] > 0.5 * stance.tall
            and s.low[1] > 0.3 * stance.tall
        ]
        return max(top, key=lambda j: float(joints.mass[j])) if top and self.hull >= 0 else -1

    def _score(self) -> float:
        words: set[str] = set().union(*self.words) if self.words else set()
        named = len(words & {"turret", "gun", "track", "wheel", "hull"}) / 5.0
        runners = min(1.0, len(self.wheels) / 4.0) * 0.55
        if self.tracks[0]:
            # Two long parts on the floor may as well be shoes; a loop of links is nothing but a track.
            runners = max(runners, 0.55 if len(self.tracks[0]) >= 8 else 0.35)
        upper = 0.25 * (self.gun >= 0) + 0.15 * (self.turret >= 0)
        if not runners and named <= 0.5:
            return 0.0
        if self.turret < 0 and self.gun < 0 and not self.tracks[0] and not self.tracks[1]:
            # Wheels alone make a cart or a lorry.
            return 0.5 * runners
        return float(min(1.0, runners + upper + 0.4 * named))
