"""Reading a folder of captures by its manifest, and the DeepMimic clips of the pybullet wheel."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hephaestus.humanml3d import canonical
from hephaestus.skeleton import FPS
from prometheus.errors import MotionError, shorten
from prometheus.motion.corpus.acclaim import read_asf_amc
from prometheus.motion.corpus.bounded import read_text
from prometheus.motion.corpus.bvh_clip import read_bvh
from prometheus.motion.corpus.clean import clean
from prometheus.motion.corpus.clip import Clip, Raw
from prometheus.motion.corpus.deepmimic import read_deepmimic

_INCH = 0.0254 / 0.45
# Folder under raw/: metres per unit, lead-in frames, whether the root path is to be rescaled.
_FOLDERS = {
    "cgspeed_daz_bvh": (0.0102, 5, True),
    "chaneyddtt_cmu_bvh": (_INCH, 2, False),
    "isaacgym_cmu_bvh": (_INCH, 2, False),
    "bvh11_cmu_bvh": (_INCH, 0, False),
    "iclone_cmu_bvh": (1 / 116, 2, False),
    "keijiro_cmu_bvh": (0.01, 1, False),
    "mesh2motion_cmu_bvh": (0.0102, 2, False),
    "animated_drawings_bvh": (0.0388, 0, False),
    "assimp_bvh": (0.01, 0, False),
}
_SPECIAL = {"ad-jesse_dance": (0.01, False), "ad-jumping_jacks": (_INCH, False)}
_Z_UP = {"ad-dab", "ad-jumping", "ad-wave_hello"}
_COLUMNS = ("id", "file", "format", "fps", "label", "captions", "notes", "kind")
SKIP_KINDS = {"climb"}
SKIP_CLIPS = {
    "ad-jesse_dance": "from video, feet slide",
    "dm-walk": "a cycle of dm-long_walk1",
    "cmu-85_12": "breakdance, feet slide",
}
_CYCLES = {"run": 8, "jog": 8, "walk": 4, "crawl": 2}
_PYBULLET_KINDS = {
    "backflip": "acrobatics", "cartwheel": "acrobatics", "crawl": "crawl", "dance_a": "dance", "dance_b": "dance",
    "getup_facedown": "fall_getup", "getup_faceup": "fall_getup", "jump": "jump", "kick": "punch_kick",
    "punch": "punch_kick", "roll": "acrobatics", "run": "run", "spin": "acrobatics", "spinkick": "punch_kick",
    "walk": "walk",
}  # fmt: skip


def _glitches(notes: str) -> list[int]:
    found = re.search(r"glitch_frames=([\d,\-]+)", notes)
    return [int(n) for part in found[1].split(",") if part for n in part.split("-")] if found else []


def mend(raw: Raw, frames: list[int]) -> Raw:
    """Return the capture with the frames around marker flips replaced by a straight line between good ones."""
    bad = np.zeros(len(raw.joints), bool)
    for frame in frames:
        bad[max(frame - 2, 0) : frame + 3] = True
    if not bad.any() or bad.mean() > 0.2:
        return raw
    good, flat = np.flatnonzero(~bad), raw.joints.reshape(len(bad), -1)
    mended = np.stack([np.interp(np.arange(len(bad)), good, column[good]) for column in flat.T], -1)
    return Raw(mended.reshape(raw.joints.shape).astype(np.float32), raw.rest, raw.fps)


def _read(row: dict[str, str], folder: Path) -> Raw:
    path = folder / row["file"]
    group = Path(row["file"]).parts[1] if len(Path(row["file"]).parts) > 1 else ""
    notes = row["notes"]
    if row["format"] == "asf+amc":
        skeleton = re.search(r"skeleton=(\S+?\.asf)", notes)
        if skeleton is None:
            raise MotionError(f"{shorten(row['id'])}: the notes name no skeleton=FILE.asf")
        return read_asf_amc(path.parent / skeleton[1], path, float(row["fps"]))
    if row["format"] == "deepmimic-json":
        return read_deepmimic(path, _CYCLES.get(row["id"].removeprefix("dm-"), 1))
    if group not in _FOLDERS:
        return read_bvh(path)
    unit, lead, _ = _FOLDERS[group]
    unit = _SPECIAL.get(row["id"], (unit, False))[0]
    lead = 0 if row["id"] == "cmu-07_01" else lead
    lead = 45 if row["id"] == "ad-dab" else lead
    lost = re.search(r"add about \(0 ([\d.]+) 0\)", notes)
    raw = read_bvh(path, unit, row["id"] in _Z_UP, float(lost[1]) if lost else 0.0, lead)
    return mend(raw, [frame - lead for frame in _glitches(notes)])


def read_folder(folder: Path) -> Iterator[Clip]:
    """Yield every usable clip of a mocap folder (its manifest.csv names files, units and defects), cleaned.

    Raises:
        MotionError: there is no manifest, it lacks columns, or a file that it names cannot be read.
    """
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        raise MotionError(f"{shorten(str(folder))} has no manifest.csv; import other folders with `pwm motion import`")
    rows = list(csv.DictReader(io.StringIO(read_text(manifest), newline="")))
    missing = set(_COLUMNS) - set(rows[0] if rows else ())
    if missing:
        raise MotionError(f"{shorten(str(manifest))} has no column {min(missing)}; it needs {', '.join(_COLUMNS)}")
    for row in rows:
        if row["kind"] in SKIP_KINDS or row["id"] in SKIP_CLIPS or row["format"] == "npy-positions":
            continue
        raw = _read(row, folder)
        joints = clean(raw, "cgspeed_daz_bvh" in row["file"])
        captions = tuple(c.strip() for c in row["captions"].split(" | ") if c.strip())
        name = row["id"].removeprefix("dm-") if row["id"].startswith("dm-") else ""
        yield Clip(row["id"], canonical(joints), "mocap", row["id"], row["kind"], row["label"], captions,
                   cyclic=name in _CYCLES)  # fmt: skip


def read_pybullet() -> Iterator[Clip]:
    """Yield the DeepMimic clips that the pybullet wheel carries (MIT, Copyright (c) 2018 Xue Bin Peng)."""
    import importlib.util

    found = importlib.util.find_spec("pybullet_data")
    if found is None or found.origin is None:
        return
    folder = Path(found.origin).parent / "data" / "motions"
    for path in sorted(folder.glob("humanoid3d_*.txt")):
        name = path.stem.removeprefix("humanoid3d_")
        if name not in _PYBULLET_KINDS:
            continue
        joints = clean(read_deepmimic(path, _CYCLES.get(name, 1)))
        label = name.replace("_", " ").replace("getup", "get up")
        yield Clip(f"dm-{name}", canonical(joints), "mocap", f"dm-{name}", _PYBULLET_KINDS[name], label,
                   cyclic=name in _CYCLES)  # fmt: skip


def sound(clip: Clip) -> str | None:
    """Return why a clip is no good for training, or None."""
    joints = clip.joints
    if len(joints) < 16:
        return "too short"
    if not np.isfinite(joints).all():
        return "not finite"
    fastest = float(np.linalg.norm(np.diff(joints, axis=0), axis=-1).max()) * FPS
    if fastest > 15.0:
        return f"a joint at {fastest:.0f} m/s"
    if joints[:, 0, 1].max() > 2.2 or joints[..., 1].min() < -0.25:
        return f"off the floor ({joints[..., 1].min():.2f} to {joints[:, 0, 1].max():.2f} m)"
    return None
