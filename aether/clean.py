"""Text that came from outside, made harmless: one line, bounded, without control or bidi characters, without keys."""

from __future__ import annotations

import os
import re
import unicodedata
from functools import lru_cache

_SPACE = frozenset({"Cc", "Zl", "Zp", "Zs"})
_DROP = frozenset({"Cf", "Cs", "Co", "Cn"})
# Patterns of this package are strings: `re` compiles each on its first use and keeps it, so that importing stays cheap.
_SECRET_NAME = r"(?i)(?:^|_)(?:KEY|KEYS|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)"
_SECRET_TEXT = (
    r"(?i)\b(?:sk|gsk|xai|hf|pplx|nvapi|r8)[-_][A-Za-z0-9_*.\-]{6,}"
    r"|\bAIza[A-Za-z0-9_\-]{10,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
    r"|(?<=bearer )[A-Za-z0-9._~+/\-]{6,}=*"
    r"|(?<=://)[^/\s:@]{1,200}:[^/\s@]{1,200}(?=@)"
)
_MASK = "[key]"
# Full-width letters and signs, as East Asian keyboards and models write them, and their blank and comma.
_NARROW = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0x3001: 0x2C}


def narrow(text: str) -> str:
    """`text` with full-width ASCII as ASCII; every character stays one character."""
    return text if text.isascii() else text.translate(_NARROW)


def clean(text: str, limit: int) -> str:
    """One line of at most `limit` characters, without control, bidi, surrogate, private or unassigned characters.

    White space of any kind becomes one blank. Cleaning twice changes nothing.
    """
    head = narrow(text[: 4 * limit + 64])
    if not (head.isascii() and head.isprintable()):
        head = "".join(map(_harmless, head))
    return " ".join(head.split())[:limit].strip()


def _harmless(char: str) -> str:
    category = unicodedata.category(char)
    if category in _SPACE:
        return " "
    return "" if category in _DROP else char


_BREAK = r"[:;!?{}<>\[\]\"\u201c\u201d=|\n]|\.(?![0-9])"
# Letters of other alphabets that look like Latin ones: a name must not be read differently than it looks.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u043a\u043c\u0442\u0432\u043d"
    "\u03b1\u03bf\u03c1\u03bd\u03c5\u03b9\u03ba\u0131\u0261",
    "aeopcyxijshdqwkmtbhaopvuikig",
)


@lru_cache(maxsize=1024)
def first_clause(text: str) -> str:
    """What `text` says before its first sign that ends a clause or opens speech; the rest may be anybody's words."""
    found = re.search(_BREAK, text)
    return text if found is None else text[: found.start()]


@lru_cache(maxsize=1024)
def latin(text: str) -> str:
    """`text` in lower case with compatible and look-alike letters as the Latin ones that they look like."""
    text = text.lower()
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Whether an environment variable of this name holds a secret."""
    return re.search(_SECRET_NAME, name) is not None


def redact(text: str) -> str:
    """`text` without the value of any secret environment variable and without anything shaped like a key."""
    for name in os.environ:
        if is_secret_name(name) and len(value := os.environ.get(name, "")) >= 6:
            text = text.replace(value, _MASK)
    return re.sub(_SECRET_TEXT, _MASK, text)
