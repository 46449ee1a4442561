"""Case: one scenario of the bench: moments at which a mind is asked, and the truth of each."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aether.errors import SceneError
from aether.scene import Scene
from prometheus.bench.layout import Layout
from prometheus.bench.truth import Fate
from prometheus.errors import BenchError, shorten

PILLARS = {"P1": ("C01", "C02"), "P2": ("C03", "C04", "C05", "C06", "C07"), "P3": ("C08", "C09", "C10")}
PILLAR_OF = {category: pillar for pillar, categories in PILLARS.items() for category in categories}
RUBRIC = "pwm-1"
_MAX_BYTES, _MAX_CASES, _MAX_ASKS = 64_000_000, 10_000, 64


@dataclass(frozen=True)
class Ask:
    """One moment at which a mind is asked.

    Attributes:
        id: unique in a file. at: s into the scenario. layout: what stands where.
        scene: what the mind is told. fates: what each choice leads to, where the category asks for it.
        facts: further truths, by name.
    """

    id: str
    at: float
    layout: Layout
    scene: Scene
    fates: Mapping[str, Fate] = field(default_factory=dict, hash=False)
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; `input` is the scene in the article dialect, `dataset` in the other."""
        return {
            "id": self.id,
            "at": self.at,
            "input": self.scene.to_json("article"),
            "dataset": self.scene.to_json("dataset"),
            "layout": self.layout.to_json(),
            "truth": {"fates": {way: fate.to_json() for way, fate in self.fates.items()}, **self.facts},
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Ask:
        """Read what `to_json` wrote."""
        truth = dict(obj["truth"])
        fates = {way: Fate.from_json(fate) for way, fate in truth.pop("fates").items()}
        at = float(obj["at"])
        if not math.isfinite(at):
            raise ValueError("`at` is no number")
        return cls(_id(obj), at, Layout.from_json(obj["layout"]), Scene.from_json(obj["input"]), fates, truth)


@dataclass(frozen=True)
class Case:
    """One scenario.

    Attributes:
        id: such as "C04_003". category: "C01" ... "C10". title: in words. seed: of its world.
        body: what the agent wears. asks: in their order in time.
    """

    id: str
    category: str
    title: str
    seed: int
    asks: tuple[Ask, ...]
    body: str = "humanoid"

    @property
    def pillar(self) -> str:
        """The pillar that its category belongs to."""
        return PILLAR_OF[self.category]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; `world` is a world file that `pwm run` takes."""
        return {
            "id": self.id,
            "cat": self.category,
            "pillar": self.pillar,
            "title": self.title,
            "seed": self.seed,
            "body": self.body,
            "world": self.asks[0].layout.document(self.id, self.seed, self.body),
            "asks": [ask.to_json() for ask in self.asks],
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Case:
        """Read what `to_json` wrote."""
        if str(obj["cat"]) not in PILLAR_OF or str(obj["cat"]) > "C08":
            raise ValueError(f"{shorten(str(obj['cat']), 20)} is no category that has scenarios; C01 to C08 are")
        asks = tuple(Ask.from_json(ask) for ask in obj["asks"][:_MAX_ASKS])
        if not asks:
            raise ValueError("it asks nothing")
        seed = int(obj["seed"])
        if not 0 <= seed < 2**31:
            raise ValueError("its seed is not within 0 to 2**31 - 1")
        return cls(_id(obj), str(obj["cat"]), shorten(str(obj["title"]), 200), seed, asks, str(obj["body"])[:80])


def write_cases(cases: list[Case], seed: int, path: Path) -> None:
    """Write a file of scenarios, whole or not at all."""
    from prometheus.atomic import write_text

    whole = {
        "benchmark": "WM Bench scenarios, rubric pwm-1 (not the public hundred)",
        "version": RUBRIC,
        "seed": seed,
        "total_scenarios": len(cases),
        "scenarios": [case.to_json() for case in cases],
    }
    write_text(path, json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


def read_cases(path: Path) -> tuple[int, list[Case]]:
    """Read a file of scenarios: the seed that it tells (0 where it tells none), and the scenarios.

    Raises:
        BenchError: it cannot be read, is too large, or a scenario in it is none; the sentence names which.
    """
    whole = _document(path)
    rows = whole.get("scenarios") if isinstance(whole, dict) else None
    if not isinstance(rows, list) or not rows or len(rows) > _MAX_CASES:
        raise BenchError(f"{path} holds no `scenarios` (at most {_MAX_CASES}); make it with `pwm bench generate`")
    cases = []
    for number, row in enumerate(rows, 1):
        try:
            cases.append(Case.from_json(row))
            _try(cases[-1])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, SceneError) as error:
            why = f"lacks {error}" if isinstance(error, KeyError) else shorten(str(error), 120)
            raise BenchError(f"{path}, scenario {number}: {why}; `pwm bench generate` shows the shape") from None
    seed = whole.get("seed")
    return (seed if isinstance(seed, int) and 0 <= seed < 2**31 else 0), cases


def _id(obj: Mapping[str, Any]) -> str:
    name = str(obj["id"])
    if not re.fullmatch(r"[\w.-]{1,80}", name):
        raise ValueError("an id is 1 to 80 letters, digits, dots, dashes or underscores")
    return name


def _try(case: Case) -> None:
    """Score the best answer and none: a truth that its category cannot use shows here, not in the middle of an exam."""
    from prometheus.bench.categories import CATEGORIES
    from prometheus.bench.nulls import oracle
    from prometheus.bench.reading import read

    category = CATEGORIES[case.category]
    try:
        category.score(case, [read("") for _ in case.asks])
        category.score(case, [read(oracle(case, asked)) for asked in case.asks])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as error:
        raise ValueError(f"its questions or truth are not what {category.id} needs ({error!r})") from None


def _document(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)  # a device has no size to ask for
        if len(data) > _MAX_BYTES:
            raise BenchError(f"{path} is over 64 MB; split it")
        return json.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise BenchError(f"cannot read {path}: {error.strerror}; make it with `pwm bench generate`") from None
    except (ValueError, RecursionError):
        raise BenchError(f"{path} is not JSON; make it with `pwm bench generate`") from None
