"""Names: what a node's name hints at. Whole words are matched, in any of the usual spellings, English or Japanese.

A hint is a weight from 0 to 1 for each role, without a side, and a side; names never decide alone (`examine`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

_SIDES = {"l": 1, "left": 1, "lft": 1, "lf": 1, "r": -1, "right": -1, "rgt": -1, "rt": -1}
_HELPERS = frozenset(
    "ik fk pole target ctrl control ctl twist roll helper end nub tip leaf socket attach slot null locator effector"
    " goal corrective adj jiggle dyn phys spring sec bend2 share xtra muscle prop weapon sword gun shield bag hat"
    " cap hair bang bangs ponytail ptail skirt cape cloak cloth coat dress sleeve ribbon scarf belt strap collarcloth"
    " ear eye eyes brow eyebrow lid eyelid lip lips jaw tongue teeth tooth cheek nose mouth chin face facial breast"
    " bust boob pec chestmuscle glute butt thumb index pinky ring middle mid finger fingers metacarpal carpal wing"
    " feather tail horn antenna camera light mesh dummy eff latt pectoral deltoid offset holder".split()
)
_PARTS: Mapping[str, Mapping[str, float]] = {
    "hips": {"hips": 1.0},
    "pelvis": {"hips": 1.0},
    "spine": {"spine": 1.0},
    "waist": {"spine": 0.8, "hips": 0.2},
    "abdomen": {"spine": 1.0},
    "belly": {"spine": 0.8},
    "torso": {"spine": 1.0},
    "chest": {"spine": 1.0},
    "upperchest": {"spine": 1.0},
    "thorax": {"spine": 1.0},
    "ribs": {"spine": 1.0},
    "ribcage": {"spine": 1.0},
    "lowerback": {"spine": 1.0},
    "upperback": {"spine": 1.0},
    "neck": {"neck": 1.0},
    "head": {"head": 1.0},
    "skull": {"head": 0.7},
    "clavicle": {"clavicle": 1.0},
    "clav": {"clavicle": 1.0},
    "collar": {"clavicle": 1.0},
    "scapula": {"clavicle": 1.0},
    "shoulder": {"clavicle": 0.6, "upperarm": 0.6},
    "shldr": {"upperarm": 0.7, "clavicle": 0.5},
    "upperarm": {"upperarm": 1.0},
    "uparm": {"upperarm": 1.0},
    "humerus": {"upperarm": 1.0},
    "bicep": {"upperarm": 0.7},
    "arm": {"upperarm": 0.7},
    "forearm": {"forearm": 1.0},
    "lowerarm": {"forearm": 1.0},
    "loarm": {"forearm": 1.0},
    "elbow": {"forearm": 1.0},
    "radius": {"forearm": 0.8},
    "ulna": {"forearm": 0.8},
    "hand": {"hand": 1.0},
    "wrist": {"hand": 1.0},
    "palm": {"hand": 0.5},
    "thigh": {"thigh": 1.0},
    "upleg": {"thigh": 1.0},
    "upperleg": {"thigh": 1.0},
    "femur": {"thigh": 1.0},
    "leg": {"shin": 0.5, "thigh": 0.5},
    "shin": {"shin": 1.0},
    "calf": {"shin": 1.0},
    "knee": {"shin": 1.0},
    "lowerleg": {"shin": 1.0},
    "lowleg": {"shin": 1.0},
    "loleg": {"shin": 1.0},
    "tibia": {"shin": 0.9},
    "crus": {"shin": 1.0},
    "foot": {"foot": 0.9, "toe": 0.3},
    "ankle": {"foot": 1.0},
    "toe": {"toe": 1.0},
    "toes": {"toe": 1.0},
    "toebase": {"toe": 1.0},
    "ball": {"toe": 1.0},
}
_MIDDLE = ("hips", "spine", "neck", "head")
_WORDS = sorted({*_PARTS, *_SIDES, *_HELPERS, "upper", "lower", "up", "low", "hip"} - {"l", "r", "lf", "rt"}, key=len)
_PAIRS = {
    ("upper", "arm"): "upperarm", ("up", "arm"): "upperarm", ("fore", "arm"): "forearm", ("lower", "arm"): "forearm",
    ("low", "arm"): "forearm", ("upper", "leg"): "upperleg", ("up", "leg"): "upleg", ("lower", "leg"): "lowerleg",
    ("low", "leg"): "lowerleg", ("leg", "upper"): "upperleg", ("leg", "lower"): "lowerleg", ("toe", "base"): "toebase",
    ("upper", "chest"): "chest", ("lower", "back"): "lowerback", ("upper", "back"): "upperback",
    ("arm", "upper"): "upperarm", ("arm", "lower"): "forearm", ("rib", "cage"): "ribs", ("lo", "arm"): "forearm",
}  # fmt: skip
_JAPANESE: tuple[tuple[str, str], ...] = (
    ("下半身", "hips"), ("上半身", "spine"), ("腰", "hips"), ("足首", "foot"), ("手首", "hand"), ("首", "neck"),
    ("頭", "head"), ("肩", "clavicle"), ("ひじ", "forearm"), ("肘", "forearm"), ("腕", "upperarm"),
    ("つま先", "toe"), ("ひざ", "shin"), ("膝", "shin"), ("足", "thigh"),
)  # fmt: skip
_JAPANESE_HELPERS = (
    "捩",
    "IK",
    "親指",
    "人指",
    "中指",
    "薬指",
    "小指",
    "髪",
    "スカート",
    "目",
    "胸",
    "先",
    "補助",
    "D",
)


@dataclass(frozen=True, slots=True)
class Hint:
    """What one name says.

    Attributes:
        roles: role without a side -> weight.
        side: 1 left, -1 right, 0 not said.
        helper: whether it names something that has no role: twist, leaf, control, finger, hair, prop.
        words: the words of the name.
    """

    roles: Mapping[str, float] = field(default_factory=dict)
    side: int = 0
    helper: bool = False
    words: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def hint(name: str) -> Hint:
    """Read a node's name."""
    text = unicodedata.normalize("NFKC", name[:200])
    japanese = _japanese(text)
    if japanese is not None:
        return japanese
    words = _words(text)
    side = next((_SIDES[w] for w in words if w in _SIDES), 0)
    plain = _joined([w for w in words if w not in _SIDES])
    helper = any(w in _HELPERS for w in plain)
    roles: dict[str, float] = {}
    precise = [w for w in plain if w in _PARTS and w not in ("leg", "arm")]
    # "Front_Leg_Ankle": the plainer word only says which limb.
    for word in precise or plain:
        part = _PARTS.get(word)
        if word == "hip":
            part = {"thigh": 0.8, "hips": 0.3} if side else {"hips": 1.0}
        for role, weight in (part or {}).items():
            roles[role] = max(roles.get(role, 0.0), weight)
    if helper:
        roles = {}
    if side:
        roles = {role: weight for role, weight in roles.items() if role not in _MIDDLE}
    return Hint(MappingProxyType(roles), side, helper, tuple(plain))


def _japanese(text: str) -> Hint | None:
    if not any("\u3040" <= c <= "\u9fff" for c in text):
        return None
    side = 1 if text.startswith("左") else -1 if text.startswith("右") else 0
    body = text.lstrip("左右")
    toe = "つま先" in body or "足先" in body
    if not toe and any(word in body for word in _JAPANESE_HELPERS):
        return Hint({}, side, True, (body,))
    role = next((role for word, role in _JAPANESE if word in body), None)
    return Hint({role: 0.9} if role else {}, side, False, (body,))


def _words(text: str) -> list[str]:
    """Lower-case words: split at marks, digits and capitals, then at known words inside run-together ones."""
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    words = []
    for word in re.split(r"[^A-Za-z]+", text):
        words += _split(word.lower())
    return words


def _split(word: str) -> list[str]:
    if not word or word in _SIDES or word in _PARTS or word in _HELPERS:
        return [word] if word else []
    for known in reversed(_WORDS):
        if len(known) < 3:
            continue
        if word.startswith(known) and (rest := _split(word[len(known) :])) and _known(rest):
            return [known, *rest]
        if word.endswith(known) and (rest := _split(word[: -len(known)])) and _known(rest):
            return [*rest, known]
    # Daz and others put the side in front without a mark: lshldr, rthigh.
    if word[0] in "lr" and word[1:] in _PARTS:
        return [word[0], word[1:]]
    return [word]


def _known(words: list[str]) -> bool:
    return all(
        w in _SIDES or w in _PARTS or w in _HELPERS or w in ("upper", "lower", "up", "low", "hip") for w in words
    )


def _joined(words: list[str]) -> list[str]:
    out: list[str] = []
    for word in words:
        if out and (out[-1], word) in _PAIRS:
            out[-1] = _PAIRS[out[-1], word]
        else:
            out.append(word)
    return out
