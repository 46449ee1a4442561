"""How well and how fast humanoid rigs follow motions.

python benchmarks/retarget.py                       # shipped humanoids and made-up gaits
python benchmarks/retarget.py --clips DIR RIG.glb   # your own: .npy files of joints [T, 22, 3], any rigs
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from hephaestus.bodies import load_body, make_body, shipped
from hephaestus.bodies.body import Body
from hephaestus.captured import motion_of
from hephaestus.metrics import Report, measure
from hephaestus.motion import Motion

LIMITS = {"limb": 6.0, "skate": 2.0, "sunk": 0.01, "flips": 0.0, "jerk": 1.3}


def clips(folder: Path | None) -> dict[str, Motion]:
    if folder is not None:
        return {p.stem: motion_of(np.load(p, allow_pickle=False)) for p in sorted(folder.glob("*.npy"))}
    from prometheus.wardrobe import gait

    paces = [
        ("stand", 0.0),
        ("stroll", 0.7),
        ("walk", 1.4),
        ("march", 1.9),
        ("jog", 2.6),
        ("run", 3.6),
        ("sprint", 5.0),
    ]
    return {name: gait(speed, arms, 120) for name, speed in paces for arms in (0.0,)} | {
        f"{name} in panic": gait(speed, 1.0, 120) for name, speed in paces[1:]
    }


def bodies(files: list[str]) -> list[Body]:
    if not files:
        return [body for name in shipped() if (body := load_body(name)).kind == "humanoid"]
    from hephaestus.anatomy import find_rig
    from hephaestus.glb import read

    found = [make_body(find_rig(read(file), Path(file).stem)) for file in files]
    return [body for body in found if body.kind == "humanoid"]


def figures(report: Report) -> dict[str, float]:
    return {
        "limb": report.limb_direction_deg, "skate": report.skate_cm_s - report.source_skate_cm_s,
        "sunk": report.penetration_share, "flips": float(report.flips), "jerk": report.jerk_ratio,
        "effector": report.end_effector, "float": report.float_cm, "deepest": report.penetration_cm,
    }  # fmt: skip


def speed(body: Body, motion: Motion) -> tuple[float, float]:
    """Frames a second in a batch, and ms a frame one by one, of processor time; the best of several tries."""
    long = Motion(*(np.concatenate([getattr(motion, n)] * 8)[:800] for n in ("joints", "rotations", "contacts")))
    frames = [motion[k : k + 1] for k in range(min(60, len(motion)))]
    batch, one = [], []
    for _ in range(5):
        start = time.process_time()
        body.poses(long)
        batch.append(len(long) / (time.process_time() - start))
        start = time.process_time()
        pose = body.stream()
        for frame in frames:
            pose(frame)
        one.append(1000.0 * (time.process_time() - start) / len(frames))
    return max(batch), min(one)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rigs", nargs="*", help="GLB files (default: the shipped humanoids)")
    parser.add_argument("--clips", type=Path, help="folder of .npy joints")
    parser.add_argument("--each", action="store_true", help="a line for each clip")
    args = parser.parse_args()
    motions = clips(args.clips)
    header = " ".join(
        f"{name:>8}" for name in ("limb", "skate", "sunk", "flips", "jerk", "effector", "float", "deepest")
    )
    for body in bodies(args.rigs):
        rows = {name: figures(measure(body.driver.retargeter, motion)) for name, motion in motions.items()}  # type: ignore[attr-defined]
        batch, one = speed(body, next(iter(motions.values())))
        print(
            f"\n{body.name}: {len(body.asset)} nodes, ratio {body.stride:.2f},"
            f" {batch:.0f} frames/s, {one:.2f} ms one by one"
        )
        print(f"  {'clip':24} {header}")
        if args.each:
            for name, row in rows.items():
                late = [key for key, limit in LIMITS.items() if row[key] > limit]
                print(
                    f"  {name:24} "
                    + " ".join(f"{v:8.3f}" for v in row.values())
                    + ("  over: " + ", ".join(late) if late else "")
                )
        for label, choose in (("mean", np.mean), ("worst", np.max)):
            values = [float(choose([row[key] for row in rows.values()])) for key in next(iter(rows.values()))]
            print(f"  {label:24} " + " ".join(f"{v:8.3f}" for v in values))


if __name__ == "__main__":
    main()
