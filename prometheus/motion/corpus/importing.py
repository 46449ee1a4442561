"""Files of strangers to clips: BVH, ASF/AMC, DeepMimic JSON, GLB, and folders in HumanML3D's layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hephaestus.humanml3d import canonical
from hephaestus.skeleton import FPS
from prometheus.errors import MotionError, shorten
from prometheus.motion.corpus.acclaim import read_asf_amc
from prometheus.motion.corpus.bounded import sentence
from prometheus.motion.corpus.bvh_clip import read_bvh
from prometheus.motion.corpus.caption import captioned
from prometheus.motion.corpus.clean import clean
from prometheus.motion.corpus.clip import Clip, Raw, Span
from prometheus.motion.corpus.deepmimic import read_deepmimic
from prometheus.motion.corpus.glb_clip import read_glb
from prometheus.motion.corpus.humanml import is_humanml, read_captions, read_humanml
from prometheus.motion.corpus.mocap import sound
from prometheus.motion.corpus.travel import travelling, unrolled

SUFFIXES = (".bvh", ".bvh.gz", ".amc", ".amc.gz", ".json", ".txt", ".glb", ".vrm")
_MOST_FILES = 100_000
_QUIET = 20
"""Files that are read before progress is told: a file that is broken then leaves one sentence alone."""
_SHORTEST = 16
"""Frames."""
_FASTEST = 15.0
"""m/s; a joint that is faster jumps."""
# Words of a file's or an animation's name that tell the main kind.
_KINDS = {
    "walk": "walk", "walking": "walk", "run": "run", "running": "run", "jog": "run", "sprint": "run", "idle": "idle",
    "stand": "idle", "standing": "idle", "sneak": "sneak", "jump": "jump", "jumping": "jump", "dance": "dance",
    "dancing": "dance", "punch": "punch_kick", "kick": "punch_kick", "boxing": "punch_kick", "crawl": "crawl",
    "getup": "fall_getup", "backflip": "acrobatics", "cartwheel": "acrobatics", "roll": "acrobatics",
    "spin": "acrobatics", "climb": "climb", "sit": "sit_stand", "zombie": "zombie", "dribble": "ball",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user says about the files.

    Attributes:
        text: a sentence for every clip, or "".
        skeleton: ASF file of AMC clips; None looks beside them.
        fps: of AMC clips, which do not say it.
    """

    text: str = ""
    skeleton: Path | None = None
    fps: float = 120.0


def sources(paths: Sequence[Path]) -> list[Path]:
    """Return the files to import, and folders in HumanML3D's layout; other folders are searched through.

    Raises:
        MotionError: a path is missing, or there is nothing that can be read.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise MotionError(f"there is no file {shorten(str(path))}; check the path")
        if path.is_file() or is_humanml(path):
            found.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.is_file() and _format(p) not in ("", "text"))
        if not inside:
            raise MotionError(f"{shorten(str(path))} holds none of {', '.join(SUFFIXES)}, nor new_joint_vecs/")
        found += inside
    if len(found) > _MOST_FILES:
        raise MotionError(f"{len(found)} files at once are too many; import at most {_MOST_FILES}")
    return found


def _format(path: Path) -> str:
    """Format by the name; a .txt counts as a DeepMimic clip when it begins like JSON."""
    name = path.name.lower()
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            if suffix != ".txt":
                return suffix
            with path.open("rb") as file:
                return ".json" if file.read(64).lstrip().startswith(b"{") else "text"
    return ""


def read_files(
    paths: Sequence[Path], wish: Wish, skip: bool = False, advance: Callable[[int, int], None] | None = None
) -> tuple[list[Clip], list[str]]:
    """Read files and folders.

    Args:
        paths: what `sources` found.
        wish: what the user says about them.
        skip: leave out what cannot be read instead of stopping.
        advance: called with (done, total).

    Returns:
        The clips, captioned, and a sentence for each thing left out.

    Raises:
        MotionError: a file cannot be read (unless skip), or nothing is left.
        AssetError: a BVH or GLB file cannot be read (unless skip).
    """
    clips: list[Clip] = []
    left_out: list[str] = []
    taken: set[str] = set()
    for done, path in enumerate(paths):
        if advance is not None and done >= _QUIET:
            advance(done, len(paths))
        try:
            for clip in _read(path, wish, advance):
                if len(clip) < _SHORTEST:
                    left_out.append(f"{shorten(clip.id)} lasts under {_SHORTEST / FPS:g} s, which teaches nothing")
                    continue
                name = clip.id
                while name in taken:
                    name = f"{name}+"
                taken.add(name)
                clips.append(clip if name == clip.id else replace(clip, id=name))
        except (MotionError, ValueError) as error:
            if not skip:
                raise
            left_out.append(str(error))
    if not clips:
        raise MotionError("there was no clip to import" + (f" ({left_out[0]})" if left_out else ""))
    return clips, left_out


def _read(path: Path, wish: Wish, advance: Callable[[int, int], None] | None) -> Iterator[Clip]:
    if path.is_dir():
        for clip in read_humanml(path, advance):
            yield _checked(clip, path)
        return
    kind = _format(path)
    stem = path.name.split(".")[0]
    if kind in (".glb", ".vrm"):
        for number, (name, raw) in enumerate(read_glb(path)):
            label = name or stem
            said = " ".join(word for word in _words(name) if word not in _words(stem))
            yield _told(raw, f"{stem}-{_slug(name) or number}", label, path, wish, said)
        return
    if kind.startswith(".bvh"):
        raw = read_bvh(path)
    elif kind.startswith(".amc"):
        raw = read_asf_amc(_skeleton_of(path, wish), path, wish.fps)
    elif kind == ".json":
        raw = read_deepmimic(path)
    else:
        raise MotionError(f"{shorten(path.name)} is of no format that can be read; use {', '.join(SUFFIXES)}")
    yield _told(raw, _slug(stem) or "clip", stem, path, wish)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:60]


def _skeleton_of(path: Path, wish: Wish) -> Path:
    """The ASF of an AMC clip: the one that is given, of the subject's name, or the only one beside it."""
    if wish.skeleton is not None:
        return wish.skeleton
    beside = sorted(p for p in path.parent.iterdir() if p.name.lower().endswith((".asf", ".asf.gz")))
    subject = path.name.split("_")[0]
    named = [p for p in beside if p.name.split(".")[0] == subject]
    if len(named or beside) != 1:
        raise MotionError(f"{shorten(path.name)} needs its skeleton; give the .asf with --skeleton")
    return (named or beside)[0]


def _words(label: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", label[:200])]


def _told(raw: Raw, name: str, label: str, path: Path, wish: Wish, said: str = "") -> Clip:
    """A clip from an import: cleaned, captioned by its name, by what is measured and by what people said."""
    with sentence(path, "the motion of a body"):
        raw = unrolled(travelling(_without_lead(raw)))
        joints = canonical(clean(raw))
    tokens = _words(label)
    kind = next((_KINDS[token] for token in tokens if token in _KINDS), "other")
    clip = Clip(name, joints, "mocap", name, kind, " ".join(tokens))
    if len(joints) < _SHORTEST:
        return clip
    clip = captioned(_checked(clip, path))
    whole = tuple(text for text in (wish.text, said) if text)
    told = [Span(0, len(joints), whole)] if whole else []
    beside = path.with_suffix(".txt")
    if beside != path and beside.is_file() and _format(beside) == "text":
        told += read_captions(beside, len(joints))
    spans = tuple(sorted((*told, *clip.spans), key=lambda s: (s.start, s.end)))
    if not spans:
        raise MotionError(
            f"nothing is known about {shorten(path.name)}; say what it shows with --text, or in {shorten(beside.name)}"
        )
    return replace(clip, spans=spans)


def _without_lead(raw: Raw) -> Raw:
    """The clip without what comes before a jump in its first half second (many files begin with a T-pose)."""
    first = max(int(0.5 * raw.fps), 2)
    step = np.linalg.norm(np.diff(raw.joints[: first + 1], axis=0), axis=-1).max(-1) * raw.fps
    # A jump stands alone: what is fast before and after it is a fast motion.
    around = np.array([np.median(np.r_[step[max(i - 4, 0) : i], step[i + 1 : i + 5]]) for i in range(len(step))])
    jumps = np.flatnonzero((step > _FASTEST) & (step > 4.0 * around))
    if not len(jumps) or len(raw.joints) - jumps[-1] < FPS:
        return raw
    return Raw(raw.joints[jumps[-1] + 1 :], raw.rest, raw.fps)


def _checked(clip: Clip, path: Path) -> Clip:
    wrong = sound(clip)
    if wrong is not None:
        raise MotionError(f"{shorten(path.name)} gives a motion that cannot be used: {wrong}")
    return clip
