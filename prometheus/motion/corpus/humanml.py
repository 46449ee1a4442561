"""Folders in HumanML3D's layout: `new_joint_vecs/NAME.npy` (263 features) with `texts/NAME.txt` (Guo et al. 2022).

A line of a text file is `caption#word/TAG word/TAG ...#start#end`; start and end are seconds, 0.0#0.0 is the whole
clip. Files `M...` are mirror images of others and are left out: the corpus mirrors clips itself. Clips named in
`test.txt` or `val.txt` are kept aside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

from hephaestus import humanml3d
from hephaestus.humanml3d import canonical
from hephaestus.skeleton import FPS
from prometheus.errors import MotionError, shorten
from prometheus.motion.arrays import FEATURES, read_array
from prometheus.motion.corpus.bounded import read_text, sentence
from prometheus.motion.corpus.clean import clean
from prometheus.motion.corpus.clip import Clip, Raw, Span

_MOST_TEXT = 1 << 20
_MOST_LINES, _MOST_CHARS = 64, 400
_QUIET = 20
"""Clips that are read before progress is told."""
_SHORTEST = 16
"""Frames; shorter clips teach nothing."""


def is_humanml(folder: Path) -> bool:
    """Return whether a folder has HumanML3D's layout."""
    return (folder / "new_joint_vecs").is_dir()


def read_captions(path: Path, frames: int) -> tuple[Span, ...]:
    """Return the spans of a text file with their captions; lines without `#` speak of the whole clip.

    Raises:
        MotionError: a line has times that are none.
    """
    spans: dict[tuple[int, int], list[str]] = {}
    for line in read_text(path, _MOST_TEXT).splitlines()[:_MOST_LINES]:
        parts = line.strip().split("#")
        caption = " ".join("".join(c for c in parts[0] if c.isprintable()).split())[:_MOST_CHARS]
        if not caption:
            continue
        start, end = _times(parts, path)
        first, last = int(start * FPS), math.ceil(end * FPS)
        where = (0, frames) if last <= first else (min(first, frames), min(last, frames))
        if where[1] - where[0] >= 8:
            spans.setdefault(where, []).append(caption)
    return tuple(Span(a, b, tuple(dict.fromkeys(texts))) for (a, b), texts in sorted(spans.items()))


def _times(parts: list[str], path: Path) -> tuple[float, float]:
    if len(parts) < 4:
        return 0.0, 0.0
    try:
        start, end = float(parts[2]), float(parts[3])
    except ValueError:
        start = end = math.inf
    if math.isnan(start) or math.isnan(end):
        return 0.0, 0.0  # HumanML3D itself has such lines; it reads them as the whole clip
    if not 0.0 <= min(start, end) <= max(start, end) < 1e5:
        raise MotionError(f"{shorten(path.name)} has a line with times that are no seconds; write caption#tags#0.0#0.0")
    return start, end


def _listed(folder: Path) -> set[str]:
    """Names of the clips kept aside."""
    names: set[str] = set()
    for part in ("test.txt", "val.txt"):
        if (folder / part).is_file():
            names |= set(read_text(folder / part, 64 * _MOST_TEXT).split())
    return names


def read_humanml(folder: Path, advance: Callable[[int, int], None] | None = None) -> Iterator[Clip]:
    """Yield the clips of a folder, on our skeleton, with their captions.

    Args:
        folder: with new_joint_vecs/ and texts/.
        advance: called with (done, total).

    Raises:
        MotionError: a file is broken; the sentence names it.
    """
    files = sorted((folder / "new_joint_vecs").glob("*.npy"))
    names, aside = {path.stem for path in files}, _listed(folder)
    files = [path for path in files if not (path.stem.startswith("M") and path.stem[1:] in names)]
    if not files:
        raise MotionError(f"{shorten(str(folder))} has no .npy in new_joint_vecs; give HumanML3D's own folder")
    for done, path in enumerate(files):
        if advance is not None and done >= _QUIET:
            advance(done, len(files))
        clip = _read(path, folder, path.stem in aside)
        if clip is not None:
            yield clip


def _read(path: Path, folder: Path, aside: bool) -> Clip | None:
    features = read_array(path, FEATURES)
    if len(features) < _SHORTEST:
        return None
    with sentence(path, "the features of a body"):
        joints = clean(Raw(humanml3d.decode(features), None, float(FPS)))
    text = folder / "texts" / f"{path.stem}.txt"
    spans = read_captions(text, len(joints)) if text.is_file() else ()
    if not spans:
        return None
    name = f"humanml-{path.stem}"
    return Clip(name, canonical(joints), "mocap", name, "humanml", spans=spans, aside=aside)
