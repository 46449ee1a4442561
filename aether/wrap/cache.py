"""Answers kept on disk: a prompt that was answered once costs nothing again.

SQLite, because it is in the standard library, holds through crashes and several processes, and stores rows instead of
pickles, which would run whatever a tampered file says.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aether.brain import Brain, Reply, Token
from aether.errors import BrainError
from aether.prompt import Prompt
from aether.wrap.wrapper import Wrapper, innermost

if TYPE_CHECKING:
    import sqlite3

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, text TEXT NOT NULL, tokens_in INTEGER, "
    "tokens_out INTEGER, cost_usd REAL, confidence REAL, tokens TEXT, used INTEGER)"
)
_KEEP = 100_000


class Store:
    """A file of replies; the least used are dropped beyond `keep`.

    Raises:
        BrainError: The file cannot be opened, or is none of ours.
    """

    def __init__(self, file: str | Path, keep: int = _KEEP) -> None:
        """Opens or makes the file."""
        import sqlite3

        self.file = Path(file)
        self.keep = keep
        self.hits = self.misses = 0
        self._lock = threading.Lock()
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._connection: sqlite3.Connection = sqlite3.connect(
                self.file, timeout=2.0, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise BrainError(f"cannot use {self.file} as a cache: {error}; set brain.cache to another file") from None

    def get(self, key: str) -> Reply | None:
        """The reply under `key`, free of charge."""
        import sqlite3

        try:
            with self._lock:
                row = self._connection.execute(
                    "SELECT text, confidence, tokens FROM replies WHERE key = ?", (key,)
                ).fetchone()
                if row is not None:
                    self._connection.execute("UPDATE replies SET used = used + 1 WHERE key = ?", (key,))
            reply = None if row is None else Reply(str(row[0]), confidence=row[1], tokens=_tokens(row[2]))
        except (sqlite3.Error, ValueError, TypeError, KeyError):  # a cache that fails costs a call, never a run
            reply = None
        self.hits += reply is not None
        self.misses += reply is None
        return reply

    def put(self, key: str, reply: Reply) -> None:
        """Keeps `reply`."""
        import sqlite3

        tokens = json.dumps([[t.text, t.likelihood, t.others] for t in reply.tokens])
        row = (key, reply.text, reply.tokens_in, reply.tokens_out, reply.cost_usd, reply.confidence, tokens)
        try:
            with self._lock:
                self._connection.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, 0)", row)
                if self.misses % 256 == 0:
                    self._connection.execute(
                        "DELETE FROM replies WHERE key IN (SELECT key FROM replies ORDER BY used DESC, rowid DESC "
                        "LIMIT -1 OFFSET ?)",
                        (self.keep,),
                    )
        except (sqlite3.Error, UnicodeEncodeError):
            return

    def __len__(self) -> int:
        """How many replies there are."""
        with self._lock:
            return int(self._connection.execute("SELECT COUNT(*) FROM replies").fetchone()[0])

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()


class Cached(Wrapper):
    """Answers from the store where it can; keyed by model, prompt, image, sampling and index of the sample."""

    def __init__(self, brain: Brain, store: Store) -> None:
        """See the class."""
        super().__init__(brain)
        self.store = store

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """The kept reply, else a new one, which is kept."""
        key = cache_key(self.brain, prompt)
        kept = self.store.get(key)
        if kept is not None:
            return kept
        reply = await self.brain.think(prompt, deadline_s=deadline_s)
        if reply.text.strip() and not reply.route:
            self.store.put(key, reply)
        return reply

    def close(self) -> None:
        """Closes the store and the brain inside."""
        self.store.close()
        super().close()


def cache_key(brain: Brain, prompt: Prompt) -> str:
    """The key of a prompt: SHA-256 over everything that the answer depends on. No key or secret is part of it."""
    settings: Mapping[str, Any] = getattr(innermost(brain), "settings", {})
    parts = [
        brain.name,
        json.dumps(settings, sort_keys=True, default=str),
        prompt.system,
        prompt.user,
        hashlib.sha256(prompt.image or b"").hexdigest(),
        prompt.question,
        repr(prompt.sampling),
    ]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _tokens(text: Any) -> tuple[Token, ...]:
    rows = json.loads(text) if text else []
    return tuple(Token(str(t), float(p), tuple((str(o), float(q)) for o, q in others)) for t, p, others in rows)
