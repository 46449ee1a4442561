"""Writes the golden episodes: `python -m tests.golden.make`. Run it when a change of what happens is meant."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prometheus.episode import Episode, read_episode
from prometheus.inspection import sha256, summary
from tests.prometheus.live_worlds import live

WORLDS = {"castle": 7, "arena": 1, "stairs": 3}
SECONDS = 3.0
FOLDER = Path(__file__).parent
_KEPT = ("frames", "decisions", "predictions", "settled", "contacts", "caught", "closest_threat_m", "brier")


def distilled(folder: Path) -> dict[str, Any]:
    """What of an episode is kept: its hash, figures, decisions, and where everybody was each half second."""
    episode, figures = read_episode(folder), summary(folder)
    return {
        "sha256": sha256(folder),
        "versions": episode.header["versions"],
        "figures": {key: figures[key] for key in _KEPT},
        "decisions": [[row["frame"], row["motion"]["text"]] for row in episode.decisions],
        "places": places(episode),
    }


def places(episode: Episode) -> dict[str, list[list[float]]]:
    """Where (x, y, z) m each actor was every half second, to 1 mm."""
    found: dict[str, list[list[float]]] = {}
    for row in episode.frames[9::10]:
        for actor in row["actors"]:
            found.setdefault(actor["id"], []).append([round(v, 3) for v in actor["position"]])
    return found


def main() -> None:
    """Write them all."""
    for world, seed in WORLDS.items():
        with TemporaryDirectory() as folder:
            live(world, seed, SECONDS, Path(folder))
            kept = json.dumps(distilled(Path(folder)), indent=1)
        (FOLDER / f"{world}.json").write_text(kept + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
