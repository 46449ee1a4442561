"""Building the corpus: import, clean, edit, caption, balance, write.

`python -m prometheus.motion.corpus.build --mocap ../shared/mocap --out corpus` writes `corpus.npz` (joints float32
[N, 22, 3], contacts float32 [N, 4]) and `clips.json`. Without --mocap only the DeepMimic clips of the pybullet wheel
are used. The same seed gives the same files.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

from hephaestus.skeleton import FPS
from prometheus.motion.corpus import edit, mocap
from prometheus.motion.corpus.caption import captioned
from prometheus.motion.corpus.clean import contacts
from prometheus.motion.corpus.clip import Clip
from prometheus.motion.corpus.cycles import Cycle, Idle, cycles_of, idles_of, standing_still
from prometheus.motion.corpus.gait import Body
from prometheus.motion.corpus.measure import measure
from prometheus.motion.corpus.script import chain, going, play, reacting, standing, turning

_IDLE_KINDS = {"gesture", "soccer_kick", "jump_turn", "martial_arts", "walk", "household"}
_SHARES = {"travel": 0.62, "stand": 0.12, "turn": 0.08, "other": 0.18}
"""Share of training time wanted for travel (evenly over 8 directions x 4 paces), standing, turning, everything else."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Captured strides and stances to make bodies of."""

    walks: list[Cycle]
    runs: list[Cycle]
    idles: list[Idle]

    def body(self, rng: np.random.Generator) -> Body:
        """Draw one person."""
        return Body(*(part[int(rng.integers(len(part)))] for part in (self.walks, self.runs, self.idles)))


def held_out_patterns() -> list[str]:
    """Return the patterns of captures kept aside (heldout.txt)."""
    text = (Path(__file__).parent / "heldout.txt").read_text()
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def is_held_out(source: str, patterns: list[str]) -> bool:
    """Return whether a capture, or any capture of an edit's "a+b" source, is kept aside."""
    return any(fnmatch(part.removesuffix("-m"), p) for part in source.split("+") for p in patterns)


def bank_of(clips: list[Clip]) -> Bank:
    """Collect strides and stances; at most two strides of a clip and its mirror image each."""
    walks, runs, idles = [], [], []
    for clip in clips:
        found = cycles_of(clip) if clip.kind in ("walk", "run") else []
        for cycle in [c for c in found if c.source == clip.id][:2] + [c for c in found if c.source != clip.id][:2]:
            if cycle.speed < 1.95 and 0.8 < cycle.speed and cycle.duty > 0.48:
                walks.append(cycle)
            elif cycle.speed > 2.3:
                runs.append(cycle)
        if clip.kind in _IDLE_KINDS:
            idles += idles_of(clip, 1.6)
    return Bank(walks, runs, idles or [standing_still()])


def generated(bank: Bank, seed: int, amount: float, name: str) -> list[Clip]:
    """Return edited gaits: steady travel in every direction and pace, chains, turns, stances, frights.

    Args:
        bank: strides and stances to use.
        seed: of everything drawn.
        amount: 1 for about 45 minutes.
        name: prefix of the clips' ids.
    """
    rng = np.random.default_rng(seed)
    clips: list[Clip] = []

    def add(kind: str, beats: list, ease: float) -> None:
        clips.append(play(f"{name}-{len(clips):04d}", beats, bank.body(rng), rng, ease, kind))

    for octant in range(8):
        for pace in range(4):
            for i in range(max(1, round(4 * amount))):
                turn = 0.0 if i % 2 == 0 else float(rng.choice([-1, 1])) * rng.uniform(15, 60)
                first, second = rng.uniform(2.2, 3.2), rng.uniform(2.6, 3.6)
                beats = [going(rng, octant, pace, first, turn), going(rng, octant, pace, second, 0.0)]
                if i % 4 in (1, 2):
                    beats.insert(0, standing(rng, rng.uniform(0.9, 1.8)))
                if i % 4 in (2, 3):
                    beats.append(standing(rng, rng.uniform(1.2, 2.2)))
                add("gait", beats, rng.uniform(0.1, 0.2))
    for _ in range(round(130 * amount)):
        add("gait", chain(rng, int(rng.integers(3, 6))), rng.uniform(0.09, 0.2))
    for _ in range(round(50 * amount)):
        add("react", reacting(rng), rng.uniform(0.08, 0.13))
    for i in range(round(44 * amount)):
        beats = [standing(rng, rng.uniform(1.5, 4.0)) if j % 2 == i % 2 else turning(rng) for j in range(4)]
        if i % 3 == 0:
            beats = [standing(rng, rng.uniform(4.0, 6.0)), standing(rng, rng.uniform(2.0, 4.0))]
        add("idle", beats, rng.uniform(0.12, 0.25))
    return clips


def edits_of(clips: list[Clip]) -> list[Clip]:
    """Return captures at other tempos and walks reversed in time."""
    out = []
    for clip in clips:
        back = edit.reversed_gait(clip)
        out += [back] if back is not None else []
        if clip.kind == "walk" and len(clip) >= 50:
            out += [edit.at_tempo(clip, 0.78), edit.at_tempo(clip, 1.25)]
    return out


def _class_of(clip: Clip, start: int, end: int) -> str:
    facts = measure(clip.joints[start:end])
    gait = clip.kind in ("walk", "run", "gait", "react", "idle", "sidestep_back", "sneak")
    if not gait:
        return "other"
    if facts.direction is not None:
        return f"{facts.direction} {facts.pace}"
    return "turn" if abs(facts.turned) > 0.5 else "stand" if facts.pace == "stand" else "other"


def classes_of(clips: list[Clip]) -> list[list[tuple[str, int]]]:
    """Return for every clip the class and the frames of each of its spans."""
    return [[(_class_of(clip, s.start, s.end), s.end - s.start) for s in clip.spans] for clip in clips]


def weights_of(classes: list[list[tuple[str, int]]]) -> list[float]:
    """Return for every clip the factor on the chance of each of its frames that brings the classes to their shares."""
    frames: Counter[str] = Counter()
    for spans in classes:
        for name, count in spans:
            frames[name] += count
    travel = [name for name in frames if name not in _SHARES]
    total = sum(frames.values())
    want = {name: _SHARES["travel"] / max(len(travel), 1) for name in travel} | _SHARES
    factor = {name: np.clip(want[name] * total / frames[name], 0.15, 4.0) for name in frames}
    return [
        float(round(sum(factor[n] * c for n, c in spans) / max(sum(c for _, c in spans), 1), 3)) for spans in classes
    ]


def assemble(mocap_folder: Path | None, seed: int = 0, amount: float = 1.0) -> list[Clip]:
    """Return all clips of the corpus, captioned, mirrored; `amount` scales the edited part."""
    patterns = held_out_patterns()
    read = list(mocap.read_folder(mocap_folder)) if mocap_folder is not None else []
    known = {clip.id for clip in read}
    read += [clip for clip in mocap.read_pybullet() if clip.id not in (known | set(mocap.SKIP_CLIPS) if known else ())]
    captured = [clip for clip in read if mocap.sound(clip) is None]
    parts = [[c for c in captured if is_held_out(c.source, patterns) == aside] for aside in (False, True)]
    clips = captured + edits_of(captured)
    for part, number, name, share in zip(parts, (1, 2), ("gen", "kept"), (1.0, 0.25), strict=True):
        bank = bank_of(part)
        if bank.walks and bank.runs:
            clips += generated(bank, seed + number, amount * share, name)
    clips = [captioned(clip) for clip in clips if mocap.sound(clip) is None]
    return [clip for clip in clips if clip.spans] + [edit.mirrored(clip) for clip in clips if clip.spans]


def write(clips: list[Clip], out: Path) -> dict[str, float]:
    """Write corpus.npz and clips.json into a folder; return minutes by class of the training part."""
    patterns = held_out_patterns()
    joints, starts = edit.joined(clips)
    feet = np.concatenate([contacts(clip.joints) for clip in clips])
    classes = classes_of(clips)
    kept = [is_held_out(clip.source, patterns) for clip in clips]
    train = [spans for spans, aside in zip(classes, kept, strict=True) if not aside]
    train_weights = iter(weights_of(train))
    rows = []
    for clip, start, aside in zip(clips, starts, kept, strict=True):
        rows.append({
            "id": clip.id, "start": start, "length": len(clip), "origin": clip.origin, "source": clip.source,
            "kind": clip.kind, "split": "val" if aside else "train", "weight": 1.0 if aside else next(train_weights),
            "spans": [{"start": s.start, "end": s.end, "texts": list(s.texts)} for s in clip.spans],
        })  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / "corpus.npz", joints=joints.astype(np.float32), contacts=feet.astype(np.float32))
    (out / "clips.json").write_text(json.dumps(rows, indent=0))
    minutes: Counter[str] = Counter()
    for spans in train:
        for name, count in spans:
            minutes[name] += count / FPS / 60
    return dict(minutes)


def main() -> None:
    """Build the corpus from the command line."""
    parser = argparse.ArgumentParser(description="Build the motion corpus.")
    parser.add_argument("--mocap", type=Path, default=None, help="folder with manifest.csv and raw/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--amount", type=float, default=1.0, help="scale of the edited part")
    options = parser.parse_args()
    clips = assemble(options.mocap, options.seed, options.amount)
    minutes = write(clips, options.out)
    print(f"{len(clips)} clips, {sum(map(len, clips)) / FPS / 60:.1f} minutes; training part by class:")
    for name, value in sorted(minutes.items()):
        print(f"  {name:24s}{value:6.2f}")


if __name__ == "__main__":
    main()
