"""Gaits made from captured cycles: any direction, pace, turn and style along a planned path.

The body (trunk, arms, pelvis) is a captured stride played at the gait's phase, walked forward or time-reversed
according to the direction of travel; the feet follow `steps`; legs are bent by IK.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hephaestus import ik, rotation
from hephaestus.skeleton import REST_OFFSETS
from prometheus.motion.corpus.arms import POSES, posed
from prometheus.motion.corpus.clean import BALL_HEIGHT, gaussian, smooth
from prometheus.motion.corpus.cycles import PHASES, Cycle, Idle
from prometheus.motion.corpus.steps import HOP_DUTY, HOP_TIME, RATE, Feet, Path, plan

_FOOT = float(np.linalg.norm(REST_OFFSETS[10]))
_LEG = sum(ik.LEG_LENGTHS)
_WALK_RUN = (1.9, 2.4)
"""m/s between which walking turns into running."""


@dataclass(frozen=True, slots=True)
class Body:
    """The captured material of one person: a walk, a run and a way of standing."""

    walk: Cycle
    run: Cycle
    idle: Idle


@dataclass(frozen=True, slots=True)
class Score:
    """Everything a gait is to do, sampled at `steps.RATE`; all arrays are [N].

    Attributes:
        velocity: [N, 2] m/s in the body's frame (left, forward).
        turn: rad/s, left positive.
        crouch: m that the pelvis is lowered.
        lean: rad towards the travel direction.
        hunch: rad that the back is bent forward.
        wide, up, guard, cover: 0..1 of the four arm poses (thrown wide, up, hands before the chest, over the head).
        wave: -1..1: the left arm (positive) or the right one is up and waves.
        swing: factor on the captured movement of trunk and arms.
        shake: 0..1 of nervous, unsteady arms.
        look: rad that head and shoulders are turned, left positive.
        limp: -1..1: how lame the left leg (positive) or the right one is.
        hop: 0..1: 1 travels by jumps with both feet.
        tempo: factor on the stride rate; phase: of the gait at the start; home: m, half the distance of standing feet;
        seed: of the arms' unrest; flail: factor on the swing of posed arms.
    """

    velocity: np.ndarray
    turn: np.ndarray
    crouch: np.ndarray
    lean: np.ndarray
    hunch: np.ndarray
    wide: np.ndarray
    up: np.ndarray
    guard: np.ndarray
    cover: np.ndarray
    wave: np.ndarray
    swing: np.ndarray
    shake: np.ndarray
    look: np.ndarray
    limp: np.ndarray
    hop: np.ndarray
    tempo: float = 1.0
    phase: float = 0.0
    home: float = 0.11
    seed: int = 0
    flail: float = 1.0

    def poses(self, keep: slice) -> dict[str, np.ndarray]:
        """Return the shares [n] of the arm poses, and of the arms' unrest, of the kept samples."""
        return {name: getattr(self, name)[keep] for name in (*POSES, "wave", "shake")}


def _mix(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Between quaternions [N, 22, 4] by a share [N]; near enough to slerp for the small angles between gaits."""
    b = np.where((a * b).sum(-1, keepdims=True) < 0, -b, b)
    return rotation.normalize(a + share[:, None, None] * (b - a))


def _read(table: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Rows of a periodic table [PHASES, ...] at phases [N], linearly."""
    at = (phase % 1.0) * PHASES
    low = np.floor(at).astype(int)
    share = (at - low).reshape(-1, *[1] * (table.ndim - 1))
    return np.asarray(table[low % PHASES] * (1 - share) + table[(low + 1) % PHASES] * share)


def _turns(cycle: Cycle, phase: np.ndarray, back: np.ndarray, swing: np.ndarray) -> np.ndarray:
    """The body's rotations [N, 22, 4] at phases, mixed with the reversed stride by back [N]."""
    ahead = rotation.normalize(_read(cycle.body, phase).astype(np.float32))
    behind = rotation.normalize(_read(cycle.body, cycle.duty - phase).astype(np.float32))
    mean = rotation.normalize(cycle.body.mean(0))
    mixed = _mix(ahead, behind, back)
    # More or less of the movement about the stride's mean pose.
    return _mix(np.broadcast_to(mean, mixed.shape), mixed, swing)


def _pingpong(length: int, count: int, start: int) -> np.ndarray:
    """Frame numbers at RATE that go up and down an idle of `length` frames at 20 fps."""
    cycle = 2 * (length - 1)
    at = (start + np.arange(count) * 20.0 / RATE) % cycle
    return np.where(at > length - 1, cycle - at, at)


def _lookup(table: np.ndarray, at: np.ndarray) -> np.ndarray:
    low = np.minimum(at.astype(int), len(table) - 2)
    share = (at - low).reshape(-1, *[1] * (table.ndim - 1))
    return np.asarray(table[low] * (1 - share) + table[low + 1] * share)


def _running(speed: np.ndarray) -> np.ndarray:
    share = np.clip((speed - _WALK_RUN[0]) / (_WALK_RUN[1] - _WALK_RUN[0]), 0.0, 1.0)
    return share * share * (3 - 2 * share)


def perform(body: Body, score: Score) -> np.ndarray:
    """Return joints float32 [N / 3, 22, 3] at 20 fps, motion frame, of a score; the first frame faces +z."""
    n = len(score.turn)
    facing = np.concatenate([[0.0], np.cumsum(score.turn[:-1])]) / RATE
    flat = np.stack([score.velocity[:, 0], 0 * facing, score.velocity[:, 1]], -1)
    world = rotation.rotate(rotation.yaw(facing), flat)
    place = np.concatenate([[[0.0, 0.0]], np.cumsum(world[:-1, [0, 2]], 0)]) / RATE
    # A crouched body takes shorter, quicker steps.
    path = Path(place, facing, score.velocity, score.tempo * (1.0 + 1.2 * score.crouch), score.hop)
    speed = path.speed
    travel = np.arctan2(score.velocity[:, 0], score.velocity[:, 1])
    fast = _running(speed)
    twist = _pelvis_twist(travel, fast)
    lead = _gallop(score.velocity[:, 0], speed) * (1 - score.hop) + 0.5 * score.hop + 0.15 * score.limp
    feet = plan(path, score.phase, score.home, lead, 0.5 * (body.walk.swing + body.run.swing))
    going = np.clip(np.maximum(speed / 0.5, 0.8 * feet.moving), 0, 1) * (1 - 0.85 * score.hop)
    going = smooth(going, gaussian(0.1 * RATE))
    turns, root = _trunk(body, score, feet, travel - twist, fast, going, speed)
    back = 0.5 * (1 - np.cos(travel)) * fast
    # Runners lean into their way: running backward takes half of the captured forward lean out again.
    upright = 0.5 * smooth(back, gaussian(0.1 * RATE)) * _mean_lean(body.run)
    turns = _styled(turns, score, travel, twist, upright)
    turns, root = _lame(turns, root, score.limp, feet)
    root[:, 1] += _bounce(score, feet)
    turns = rotation.multiply(rotation.yaw(facing)[:, None], turns)
    root = rotation.rotate(rotation.yaw(facing), root)
    root[:, [0, 2]] += place
    keep = slice(0, n, RATE // 20)
    joints = ik.forward(ik.to_local(turns[keep].astype(np.float32)), root[keep])
    joints = posed(joints, turns[keep, 9], score.poses(keep), feet.phase[keep], score.seed, score.flail)
    return _legs(joints, body, feet, turns, travel - twist, fast, score, keep)


def _pelvis_twist(travel: np.ndarray, fast: np.ndarray) -> np.ndarray:
    """Rad that the pelvis turns towards fast sideways travel (away from it when travelling backward)."""
    ahead = np.clip(travel, -np.pi / 2, np.pi / 2)
    back = np.abs(travel) > np.pi / 2
    axis = np.where(back, travel - np.sign(travel) * np.pi, ahead)
    blend = np.clip((np.abs(travel) - np.deg2rad(95)) / np.deg2rad(25), 0, 1)
    axis = (1 - blend) * ahead + blend * axis
    return smooth(np.deg2rad(36) * fast * np.sin(axis), gaussian(0.08 * RATE))


def _gallop(left: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """Shift of the feet's phases when travelling sideways: the foot behind lands soon after the one in front."""
    return smooth(-0.14 * np.tanh(left / 0.5) * np.clip((np.abs(left) / np.maximum(speed, 0.3) - 0.5) / 0.4, 0, 1),
                  gaussian(0.12 * RATE))  # fmt: skip


def _trunk(
    body: Body, score: Score, feet: Feet, travel: np.ndarray, fast: np.ndarray, going: np.ndarray, speed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rotations [N, 22, 4] and pelvis [N, 3] in the heading frame."""
    back = smooth(0.5 * (1 - np.cos(travel)), gaussian(0.08 * RATE))
    walk = _turns(body.walk, feet.phase, back, score.swing)
    run = _turns(body.run, feet.phase, back, score.swing)
    at = _pingpong(len(body.idle.height), len(speed), int(score.seed) % max(len(body.idle.height), 1))
    idle = rotation.normalize(_lookup(body.idle.body, at).astype(np.float32))
    moving = _mix(walk, run, fast)
    turns = _mix(idle, moving, going)
    amount = np.clip(speed / body.walk.speed, 0.3, 1.15)[:, None]
    walk_root = _read(body.walk.root, feet.phase)
    middle = body.walk.root[:, 1].mean()
    walk_root = walk_root * np.array([1, 0, 1]) * amount + np.array([0, 1, 0]) * (
        middle + (walk_root[:, 1:2] - middle) * amount
    )
    run_root = _read(body.run.root, feet.phase)
    root = walk_root + fast[:, None] * (run_root - walk_root)
    still = np.stack([0 * at, _lookup(body.idle.height, at), 0 * at], -1)
    root = still + going[:, None] * (root - still)
    sway = (0.35 + 0.65 * np.cos(travel) ** 2)[:, None]
    root[:, [0, 2]] *= sway
    middle = body.idle.height.mean()
    root[:, 1] += score.hop * (middle - root[:, 1]) - score.crouch
    return turns, root.astype(np.float32)


_SPINE_SHARES = np.zeros(22, np.float32)
_SPINE_SHARES[[3, 6, 9]] = (0.35, 0.7, 1.0)
_SPINE_SHARES[[12, 15]] = 0.35
_SPINE_SHARES[[13, 14, 16, 17, 18, 19, 20, 21]] = 1.0


def _mean_lean(cycle: Cycle) -> float:
    """Rad that the chest of a stride is tilted forward in the mean."""
    up = rotation.rotate(cycle.body[:, 9], np.array([0, 1, 0], np.float32)).mean(0)
    return float(np.arctan2(up[2], up[1]))


def _styled(turns: np.ndarray, score: Score, travel: np.ndarray, twist: np.ndarray, upright: np.ndarray) -> np.ndarray:
    """Add twist of the pelvis, lean towards the travel and a bent back."""
    n = len(travel)
    pelvis = rotation.yaw(twist)
    chest = rotation.yaw(-0.22 * twist)
    shares = _SPINE_SHARES.copy()
    shares[[12, 15]] = 1.0
    spread = rotation.slerp(
        np.broadcast_to(pelvis[:, None], (n, 22, 4)), np.broadcast_to(chest[:, None], (n, 22, 4)),
        np.broadcast_to(shares, (n, 22)),
    )  # fmt: skip
    out = rotation.multiply(spread, turns)
    axis = np.stack([np.cos(travel), 0 * travel, -np.sin(travel)], -1).astype(np.float32)
    amount = score.lean * (0.65 + 0.35 * np.cos(travel))
    lean = rotation.from_axis_angle(axis, amount.astype(np.float32))[:, None]
    weights = np.where(np.isin(np.arange(22), [12, 15]), 0.5, 1.0).astype(np.float32)
    lean = rotation.slerp(rotation.identity(1, 1), np.broadcast_to(lean, (n, 22, 4)), np.broadcast_to(weights, (n, 22)))
    bend = (score.hunch - upright)[:, None] * _SPINE_SHARES
    hunch = rotation.from_axis_angle(np.array([1, 0, 0], np.float32), bend.astype(np.float32))
    out = rotation.multiply(lean, rotation.multiply(hunch, out))
    return rotation.multiply(rotation.yaw((score.look[:, None] * _LOOK_SHARES).astype(np.float32)), out)


_LOOK_SHARES = np.zeros(22, np.float32)
_LOOK_SHARES[[3, 6, 9]] = (0.15, 0.35, 0.6)
_LOOK_SHARES[[12, 15]] = 1.0
_LOOK_SHARES[[13, 14, 16, 17, 18, 19, 20, 21]] = 0.6


def _lame(turns: np.ndarray, root: np.ndarray, limp: np.ndarray, feet: Feet) -> tuple[np.ndarray, np.ndarray]:
    """Let the body sink and tilt over a lame leg while that leg stands."""
    if not np.any(limp):
        return turns, root
    bad = np.where(limp > 0, 0, 1)
    every = np.arange(len(limp))
    load = np.where(feet.stands[every, bad], np.sin(np.pi * feet.share[every, bad]), 0.0) * np.abs(limp)
    load = smooth(load, gaussian(0.04 * RATE))
    roll = (-0.22 * np.sign(limp) * load)[:, None] * np.maximum(_SPINE_SHARES, 0.2)
    tilt = rotation.from_axis_angle(np.array([0, 0, 1], np.float32), roll.astype(np.float32))
    sunk = root - (0.07 * load)[:, None] * np.array([0, 1, 0])
    return rotation.multiply(tilt, turns), sunk.astype(np.float32)


def _bounce(score: Score, feet: Feet) -> np.ndarray:
    """Height [N] m of the pelvis in jumps: a parabola in flight (h = g T^2 / 8), a dip that fits on the floor."""
    if not np.any(score.hop):
        return np.zeros(len(score.hop))
    flight = HOP_TIME * (1 - HOP_DUTY) / score.tempo
    height = 9.81 * flight**2 / 8
    depth = height * HOP_DUTY / (1 - HOP_DUTY)
    share = feet.share.mean(1)
    arc = 4 * share * (1 - share)
    dips = np.where(feet.stands.all(1), -depth * arc, height * arc)
    dips = np.where(feet.moving > 0, dips, -0.02)
    return smooth(dips * score.hop, gaussian(0.03 * RATE))


def _pitch_and_height(
    body: Body, feet: Feet, travel: np.ndarray, fast: np.ndarray, crouch: np.ndarray, hop: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pitch and height of the ball [N, 2] of both feet from the captured tables, reversed for backward travel."""
    back = (0.5 * (1 - np.cos(travel)))[:, None]
    side = (np.sin(travel) ** 2)[:, None]
    run = fast[:, None]
    flat = np.arctan2(REST_OFFSETS[10][1], np.hypot(REST_OFFSETS[10][0], REST_OFFSETS[10][2]))
    pitch, height = 0.0, 0.0
    for cycle, share in ((body.walk, 1 - run), (body.run, run)):
        for reverse, part in ((False, 1 - back), (True, back)):
            at = 1 - feet.share if reverse else feet.share
            grid = np.linspace(0, 1, cycle.pitch.shape[1])
            p = np.where(feet.stands, np.interp(at, grid, cycle.pitch[0]), np.interp(at, grid, cycle.pitch[1]))
            h = np.where(feet.stands, np.interp(at, grid, cycle.ball[0]), np.interp(at, grid, cycle.ball[1]))
            pitch, height = pitch + share * part * p, height + share * part * h
    # Small steps, sideways steps and stopping feet roll less.
    long = np.clip(np.where(feet.stands, _nearby(feet.reach), feet.reach) / 0.9, 0.0, 1.1)
    long = long * np.clip(1.0 - 2.2 * crouch, 0.2, 1.0)[:, None]
    roll = long * (1 - 0.55 * side)
    pitch = flat + (pitch - flat) * roll
    lift = np.maximum(height - BALL_HEIGHT, 0.0) * np.clip(long, 0.25, 1.1) * (1 - 0.35 * side)
    arc = 0.05 * np.sin(np.pi * feet.share) * (feet.reach > 0.03)
    height = BALL_HEIGHT + np.where(feet.stands, 0.4 * lift, np.maximum(lift, arc))
    # A jumper's feet come up with the body, toes down.
    flight = np.sin(np.pi * feet.share) * ~feet.stands * hop[:, None]
    pitch = pitch * (1 - hop[:, None]) + hop[:, None] * flat - 0.6 * flight
    return pitch, height * (1 - hop[:, None]) + hop[:, None] * BALL_HEIGHT + 0.2 * flight


def _nearby(reach: np.ndarray) -> np.ndarray:
    """During a stance, the mean of the swings before and after, eased so that nothing jumps."""
    out = np.empty_like(reach)
    for side in range(reach.shape[1]):
        flying = np.flatnonzero(reach[:, side] > 0)
        out[:, side] = np.interp(np.arange(len(reach)), flying, reach[flying, side]) if len(flying) else 0.0
    return out


def _legs(
    joints: np.ndarray, body: Body, feet: Feet, turns: np.ndarray, travel: np.ndarray, fast: np.ndarray,
    score: Score, keep: slice,
) -> np.ndarray:  # fmt: skip
    pitch, height = _pitch_and_height(body, feet, travel, fast, score.crouch, score.hop)
    kernel = gaussian(0.025 * RATE)
    pitch, height = smooth(pitch, kernel), smooth(height, kernel)
    ball = np.stack([feet.ball[..., 0], height, feet.ball[..., 1]], -1)[keep]
    out_toe = np.array([0.1, -0.1])
    yaw = (feet.yaw + out_toe)[keep]
    pitch = pitch[keep]
    direction = np.stack([np.cos(pitch) * np.sin(yaw), np.sin(pitch), np.cos(pitch) * np.cos(yaw)], -1)
    ankles = ball - _FOOT * direction
    stands = feet.stands[keep]
    joints = _within_reach(joints, ankles, stands)
    forward = rotation.rotate(turns[keep, 0], np.array([0, 0, 1], np.float32))
    forward[:, 1] = 0.0
    toes = np.stack([np.sin(yaw), 0 * yaw, np.cos(yaw)], -1)
    poles = rotation.normalize(forward)[:, None] + 0.8 * toes
    ankles = _pulled(joints[:, [1, 2]], ankles)
    return ik.set_feet(joints, ankles.astype(np.float32), direction.astype(np.float32), poles.astype(np.float32))


def _within_reach(joints: np.ndarray, ankles: np.ndarray, stands: np.ndarray) -> np.ndarray:
    """Lower the body, smoothly, where a standing leg would have to be longer than it is."""
    hips = joints[:, [1, 2]]
    flat = np.linalg.norm((hips - ankles)[..., [0, 2]], axis=-1)
    highest = ankles[..., 1] + np.sqrt(np.maximum((0.985 * _LEG) ** 2 - flat**2, 0.01))
    over = np.where(stands, np.maximum(hips[..., 1] - highest, 0.0), 0.0).max(1)
    padded = np.pad(over, 2, mode="edge")
    over = np.max([padded[i : i + len(over)] for i in range(5)], axis=0)
    # A deep lunge is no gait: beyond 12 cm the foot gives way instead (see `_pulled`).
    drop = smooth(0.12 * np.tanh(over / 0.12), gaussian(1.2))
    return np.asarray(joints - (drop[:, None, None] * np.array([0, 1, 0])).astype(np.float32))


def _pulled(hips: np.ndarray, ankles: np.ndarray) -> np.ndarray:
    """Pull ankles that are out of reach towards the hip, softly, before the leg would snap straight."""
    way = ankles - hips
    distance = np.linalg.norm(way, axis=-1, keepdims=True)
    knee = 0.97 * _LEG
    soft = knee + 0.025 * _LEG * np.tanh(np.maximum(distance - knee, 0.0) / (0.025 * _LEG))
    return np.asarray(hips + way * np.where(distance > knee, soft / distance, 1.0))


def directions(turn: np.ndarray) -> np.ndarray:
    """Return unit (left, forward) of bearings [...] rad."""
    return np.stack([np.sin(turn), np.cos(turn)], -1)
