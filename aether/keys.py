"""Keys: from the environment, or from a file `.env` in the working directory; never from a configuration or a flag."""

from __future__ import annotations

import os
import re
from pathlib import Path

FILE = Path(".env")
_MAX_BYTES = 65_536
_LINE = r"\s*(?:export\s+)?([A-Z][A-Z0-9_]{1,80})\s*=\s*(.*?)\s*"
# What a provider may need; anything else in the file (PATH, LD_PRELOAD, PYTHONPATH) stays out of the environment.
_WANTED = (
    r"(?:^|_)(?:KEY|KEYS|TOKEN|SECRET|CREDENTIALS?|REGION|PROJECT|LOCATION|ID|BASE|URL|ENDPOINT|VERSION|PROFILE)(?:_|$)"
)


def read_env(file: Path = FILE) -> tuple[str, ...]:
    """Puts the provider settings of `file` into the environment where they are not set yet.

    Returns:
        The names that were set; none where there is no such file. The values are in no record of this package: text is
        redacted by what the environment holds.
    """
    try:
        if not file.is_file() or file.stat().st_size > _MAX_BYTES:
            return ()
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ()
    added = []
    for line in lines:
        found = re.fullmatch(_LINE, line)
        if found is None or found[1] in os.environ or re.search(_WANTED, found[1]) is None:
            continue
        value = _value(found[2])
        if value and "\0" not in value:
            os.environ[found[1]] = value
            added.append(found[1])
    return tuple(added)


def _value(text: str) -> str:
    quote = text[:1]
    if quote in ("'", '"') and (end := text.find(quote, 1)) > 0:
        return text[1:end]
    return text.split(" #", 1)[0].strip()
