"""A budget in money and tokens that stops before the call that could pass it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aether.brain import Brain, Quote, Reply
from aether.errors import BrainError, BudgetError
from aether.prompt import Prompt
from aether.wrap.wrapper import Wrapper


class Purse:
    """Money and tokens that several brains may share.

    Args:
        usd: US dollars in all, or None for no limit.
        tokens: Tokens in all, in and out, or None for no limit.

    Raises:
        BrainError: A limit is negative or no number.
    """

    def __init__(self, usd: float | None = None, tokens: int | None = None) -> None:
        """See the class."""
        for key, limit in (("budget_usd", usd), ("budget_tokens", tokens)):
            if limit is not None and not 0 <= limit < float("inf"):
                raise BrainError(f"brain.{key} must be 0 or more, not {limit}")
        self.usd, self.tokens = usd, tokens
        self.spent_usd, self.spent_tokens = 0.0, 0
        self._held_usd, self._held_tokens = 0.0, 0
        self._lock = threading.Lock()

    def take(self, quote: Quote) -> None:
        """Sets aside the most that a call can take.

        Raises:
            BudgetError: The budget could be passed; nothing is set aside.
        """
        tokens = quote.tokens_in + quote.tokens_out
        with self._lock:
            usd_after = self.spent_usd + self._held_usd + quote.cost_usd
            tokens_after = self.spent_tokens + self._held_tokens + tokens
            if self.usd is not None and not quote.priced:
                raise BudgetError(
                    "the price of this model is not known; set brain.price, or brain.budget_tokens instead"
                )
            if self.usd is not None and usd_after > self.usd:
                raise BudgetError(
                    f"the budget of {self.usd:g} USD could be passed ({self.spent_usd:.4f} spent, the next call may "
                    f"cost {quote.cost_usd:.4f}); raise brain.budget_usd"
                )
            if self.tokens is not None and tokens_after > self.tokens:
                raise BudgetError(
                    f"the budget of {self.tokens} tokens could be passed ({self.spent_tokens} spent, the next call may "
                    f"take {tokens}); raise brain.budget_tokens"
                )
            self._held_usd += quote.cost_usd
            self._held_tokens += tokens

    def settle(self, quote: Quote, usd: float, tokens: int) -> None:
        """Frees what `take` had set aside and books what was spent."""
        with self._lock:
            self._held_usd = max(0.0, self._held_usd - quote.cost_usd)
            self._held_tokens -= quote.tokens_in + quote.tokens_out
            self.spent_usd += usd
            self.spent_tokens += tokens

    @contextmanager
    def holding(self, quote: Quote) -> Iterator[list[Reply]]:
        """Holds `quote` while a call runs; put its reply into the list.

        A call that a server refused is free. One that ended in any other way without a reply may well be billed: it is
        booked in full.
        """
        self.take(quote)
        replies: list[Reply] = []
        refused = False
        try:
            yield replies
        except BrainError as error:
            refused = not isinstance(error, TimeoutError)
            raise
        finally:
            if replies:
                spent = replies[0].cost_usd, replies[0].tokens_in + replies[0].tokens_out
            else:
                spent = (0.0, 0) if refused else (quote.cost_usd, quote.tokens_in + quote.tokens_out)
            self.settle(quote, *spent)


class Budget(Wrapper):
    """Asks only while the purse holds the most that the call can take."""

    def __init__(self, brain: Brain, purse: Purse) -> None:
        """See the class."""
        super().__init__(brain)
        self.purse = purse

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Asks and books what it took.

        Raises:
            BudgetError: The call could pass the budget; it is not made.
        """
        with self.purse.holding(self.quote(prompt)) as replies:
            replies.append(await self.brain.think(prompt, deadline_s=deadline_s))
        return replies[0]
