"""Checking: whether a file's scenarios are asked and answered as the simulator says."""

from __future__ import annotations

from prometheus.bench.case import Ask, Case
from prometheus.bench.draw import look
from prometheus.bench.truth import Unclear, fates


def findings(cases: list[Case]) -> list[str]:
    """Return a sentence for everything that is wrong with scenarios: ids twice, scenes or truths that differ."""
    found, seen = [], set()
    for case in cases:
        for asked in case.asks:
            if asked.id in seen:
                found.append(f"{asked.id}: the id is used twice")
            seen.add(asked.id)
            found += [f"{asked.id}: {why}" for why in _wrong(case, asked)]
    return found


def _wrong(case: Case, asked: Ask) -> list[str]:
    try:
        scene = look(asked.id, asked.layout, case.seed)
        followed = fates(asked.layout, case.seed, asked.fates)
    except (Unclear, ValueError) as error:
        return [str(error).splitlines()[0]]
    found = []
    if scene.to_json("article") != asked.scene.to_json("article"):
        found.append("the scene is not what the agent perceives there")
    for way, fate in asked.fates.items():
        if followed[way].danger != fate.danger:
            found.append(f"{way} is called {'danger' if fate.danger else 'safe'}, and is not")
    return found
