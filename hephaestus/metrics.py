"""Metrics of a retarget: how well a body follows a motion, in figures that can be compared between bodies and tools."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

import numpy as np

from hephaestus.motion import Motion
from hephaestus.retarget import Retargeter
from hephaestus.rig import Rig
from hephaestus.skeleton import CONTACT_JOINTS, HUMAN_HEIGHT, JOINT

_LIMBS = (
    ("upperarm", "forearm", "shoulder", "elbow"), ("forearm", "hand", "elbow", "wrist"),
    ("thigh", "shin", "hip", "knee"), ("shin", "foot", "knee", "ankle"),
)  # fmt: skip
_EFFECTORS = {"L_hand": "L_wrist", "R_hand": "R_wrist", "L_foot": "L_ankle", "R_foot": "R_ankle", "head": "head"}


@dataclass(frozen=True, slots=True)
class Report:
    """Quality of one retarget.

    Attributes:
        limb_direction_deg: mean angle between limb bones of body and source.
        end_effector: mean distance of hands, feet and head from the scaled source, as a share of the body's height.
        skate_cm_s: mean speed along the floor of feet in contact (ankle and ball apart).
        source_skate_cm_s: the same of the source.
        skate_share: share of contact samples faster than 20 cm/s.
        penetration_cm: deepest foot vertex below the floor.
        penetration_share: share of frames deeper than 1 cm.
        float_cm: mean height of the lowest foot vertex over frames in contact.
        flips: frames in which a joint turned more than 120 degrees.
        jerk_ratio: mean jerk of the joints over that of the source's, scaled by the heights of both.
        unmapped: roles that the rig does not have.
        ms_per_frame: time of the retarget.
    """

    limb_direction_deg: float
    end_effector: float
    skate_cm_s: float
    source_skate_cm_s: float
    skate_share: float
    penetration_cm: float
    penetration_share: float
    float_cm: float
    flips: int
    jerk_ratio: float
    unmapped: tuple[str, ...]
    ms_per_frame: float

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {**asdict(self), "unmapped": list(self.unmapped)}


def measure(retargeter: Retargeter, motion: Motion) -> Report:
    """Retarget a motion and say how well that went.

    The path of the motion is scaled by the leg ratio first, as a body of that size would walk it.

    Args:
        retargeter: of a humanoid rig.
        motion: at least four frames.
    """
    from hephaestus.roles import ROLES

    rig, ratio = retargeter.rig, retargeter.ratio
    joints = motion.joints.copy()
    joints[..., [0, 2]] += (ratio - 1.0) * motion.joints[:, :1, [0, 2]]
    fitted = Motion(joints, motion.rotations, motion.contacts, motion.fps)
    start = time.perf_counter()
    local = retargeter(fitted)
    seconds = time.perf_counter() - start
    world = rig.asset.world(local)
    points = world[..., :3, 3]
    source_feet, feet, contact = motion.joints[:, CONTACT_JOINTS], _feet(retargeter, world), motion.contacts > 0.5
    lowest = lowest_vertex(rig, world)
    planted = contact.any(1)
    scaled = ratio * motion.joints
    sampled = [role for role in _EFFECTORS if role in rig]
    away = [points[:, rig.node(r)] - scaled[:, JOINT[_EFFECTORS[r]]] for r in sampled]
    fast = skate(feet, contact, motion.fps)
    return Report(
        limb_direction_deg=float(limb_direction_error(rig, motion, points).mean()),
        end_effector=float(np.linalg.norm(np.stack(away, 1) - np.mean(away, (0, 1)), axis=-1).mean() / rig.height_m),
        skate_cm_s=_mean(fast),
        source_skate_cm_s=_mean(skate(source_feet, contact, motion.fps)),
        skate_share=_mean(fast > 20.0),
        penetration_cm=float(max(0.0, -100.0 * lowest.min())),
        penetration_share=float((lowest < -0.01).mean()),
        float_cm=_mean(100.0 * np.maximum(lowest[planted], 0.0)),
        flips=flips(world[:, retargeter.puppet.nodes, :3, :3]),
        jerk_ratio=jerk_ratio(retargeter, motion, points),
        unmapped=tuple(role for role in ROLES["humanoid"] if role not in rig and role != "tail"),
        ms_per_frame=1000.0 * seconds / len(motion),
    )


def limb_direction_error(rig: Rig, motion: Motion, points: np.ndarray) -> np.ndarray:
    """Return angles [T, B] in degrees between limb bones of the body (points [T, J, 3] m) and of the motion."""
    errors = []
    for side in "LR":
        for start, end, first, second in _LIMBS:
            if f"{side}_{start}" in rig and f"{side}_{end}" in rig:
                a = points[:, rig.node(f"{side}_{end}")] - points[:, rig.node(f"{side}_{start}")]
                b = motion.joints[:, JOINT[f"{side}_{second}"]] - motion.joints[:, JOINT[f"{side}_{first}"]]
                errors.append(_angle(a, b))
    return np.stack(errors, 1)


def skate(feet: np.ndarray, contact: np.ndarray, fps: float) -> np.ndarray:
    """Return speeds [n] cm/s along the floor of feet [T, F, 3] m over steps that are in contact [T, F] at both ends."""
    step = np.diff(feet, axis=0)[..., [0, 2]]
    both = contact[1:] & contact[:-1]
    return np.asarray(100.0 * fps * np.linalg.norm(step, axis=-1)[both])


def lowest_vertex(rig: Rig, world: np.ndarray, limit: int = 400) -> np.ndarray:
    """Return heights [T] m of the lowest vertex of the feet (all vertices where the rig has no feet).

    Args:
        rig: the rig.
        world: [T, J, 4, 4] in the motion frame.
        limit: how many vertices of each primitive are looked at, the ones lowest at rest.
    """
    feet = [leg[-1] for leg in rig.legs]
    wanted = rig.under(feet) if feet else np.ones(len(rig.asset), bool)
    lowest = [np.full(len(world), np.inf)]
    for primitive in rig.asset.primitives:
        if primitive.skin is None or primitive.joints is None or primitive.weights is None:
            if wanted[primitive.node]:
                row = world[:, primitive.node, 1]
                lowest.append((primitive.positions @ row[:, :3, None])[..., 0].min(1) + row[:, 3])
            continue
        joints = rig.asset.skins[primitive.skin].joints
        strongest = np.take_along_axis(primitive.joints, primitive.weights.argmax(1)[:, None], 1)[:, 0]
        chosen = np.flatnonzero(wanted[joints[strongest]])
        heights = rig.asset.vertices(primitive, rig.rest_world)[chosen, 1]
        chosen = chosen[np.argsort(heights)[:limit]]
        if len(chosen):
            rows = rig.asset.skin_matrices(primitive.skin, world)[:, :, 1]
            rest = np.concatenate([primitive.positions[chosen], np.ones((len(chosen), 1))], 1)
            y = np.einsum("tvkc,vc,vk->tv", rows[:, primitive.joints[chosen]], rest, primitive.weights[chosen])
            lowest.append(y.min(1))
    if len(lowest) == 1:
        return np.asarray(world[:, feet, 1, 3].min(1) if feet else world[..., 1, 3].min(1))
    return np.asarray(np.min(lowest, 0))


def flips(rotations: np.ndarray) -> int:
    """Return the number of frames in which one of the matrices [T, N, 3, 3] turns by over 120 degrees."""
    turns = rotations / np.linalg.norm(rotations, axis=-2, keepdims=True)
    cosine = ((turns[1:] * turns[:-1]).sum((-1, -2)) - 1.0) / 2.0
    return int((cosine < -0.5).any(1).sum())


def jerk(points: np.ndarray, fps: float) -> np.ndarray:
    """Return the size of the third derivative [T - 3, N] m/s^3 of points [T, N, 3] m."""
    return np.asarray(np.linalg.norm(np.diff(points, 3, axis=0), axis=-1) * fps**3)


def jerk_ratio(retargeter: Retargeter, motion: Motion, points: np.ndarray) -> float:
    """Return the mean jerk of a body's joints over that of the source's, the source scaled to the body's height.

    Args:
        retargeter: its steered nodes, a tail apart, are compared with the joints that they follow.
        motion: the source.
        points: [T, J, 3] m, joints of the body.
    """
    steered = [n for n, name in enumerate(retargeter.names) if not name.startswith("tail")]
    ours = jerk(points[:, retargeter.puppet.nodes[steered]], motion.fps).mean()
    theirs = jerk(motion.joints[:, [retargeter.sources[n] for n in steered]], motion.fps).mean()
    return float(ours * HUMAN_HEIGHT / max(float(theirs) * retargeter.rig.height_m, 1e-6))


def path_error(path: np.ndarray, wanted: np.ndarray) -> float:
    """Return the mean distance between two root paths [T, 3] m on the floor as a share of the wanted one's length."""
    off = np.linalg.norm((path - wanted)[:, [0, 2]], axis=-1).mean()
    return float(off / max(np.linalg.norm(np.diff(wanted[:, [0, 2]], axis=0), axis=-1).sum(), 1e-6))


def _feet(retargeter: Retargeter, world: np.ndarray) -> np.ndarray:
    """[T, 4, 3]: ankle and ball of both feet; a foot without toe joint has its ball where the source's foot has it."""
    rig, feet = retargeter.rig, []
    for side, ball in zip("LR", retargeter.feet.balls, strict=True):
        foot = world[:, rig.node(f"{side}_foot")]
        feet.append(foot[:, :3, 3])
        if f"{side}_toe" in rig:
            feet.append(world[:, rig.node(f"{side}_toe"), :3, 3])
        else:
            rest = np.append(rig.rest_points[rig.node(f"{side}_foot")] + ball, 1.0)
            local = np.linalg.solve(rig.rest_world[rig.node(f"{side}_foot")], rest)
            feet.append((foot @ local)[:, :3])
    return np.stack(feet, 1)


def _angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    sine, cosine = np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(-1)
    return np.asarray(np.degrees(np.arctan2(sine, cosine)))


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else 0.0
