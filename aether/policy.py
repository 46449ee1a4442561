"""Policies: how often a brain is asked for one decision, and what is done with doubt. Each is a brain around a brain.

`greedy` asks once. `vote` asks N times at a temperature and takes the majority by meaning (self-consistency, Wang et
al. 2022). `adaptive` asks once and votes only where the judge or the brain itself doubts the answer; a close vote is
settled by a last question. `entropy` asks again where the likelihoods of the words "safe" and "danger" are near even.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aether.brain import Brain, Quote, Reply, Stage
from aether.clean import clean
from aether.decision import Decision
from aether.errors import BrainError, BrainRefusal
from aether.likelihood import doubt
from aether.meaning import action, tally
from aether.parsing import parse
from aether.prompt import Prompt
from aether.wrap.deadline import Clock, within
from aether.wrap.wrapper import Wrapper

SAMPLES, TEMPERATURE = 8, 0.7
UNSURE = 0.6
"""Confidence below which an answer is doubted."""
DOUBTFUL_BITS = 0.5
"""Entropy of a safe-or-danger choice from which an answer is doubted: likelihoods closer than 89 to 11."""


@dataclass(frozen=True)
class Answer:
    """A reply with the decision that it holds, or None."""

    reply: Reply
    decision: Decision | None


class Policy(Wrapper):
    """What the policies share.

    Args:
        brain: Who is asked.
        samples: Votes in a vote.
        temperature: Of the votes.

    Raises:
        BrainError: An option is out of range.
    """

    def __init__(self, brain: Brain, samples: int = SAMPLES, temperature: float = TEMPERATURE) -> None:
        """See the class."""
        super().__init__(brain)
        if isinstance(samples, bool) or not isinstance(samples, int) or not 1 <= samples <= 64:
            raise BrainError(f"brain.samples must be a whole number from 1 to 64, not {clean(repr(samples), 40)}")
        if not 0 <= temperature <= 2:
            raise BrainError(f"brain.vote_temperature must be from 0 to 2, not {temperature}")
        self.samples, self.temperature = samples, temperature

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """One decision by this policy, charged with all that it took."""
        spent: list[Stage] = []
        answer = await self._decide(prompt, Clock(deadline_s), spent)
        return _settled(answer.reply, spent)

    async def _decide(self, prompt: Prompt, clock: Clock, spent: list[Stage]) -> Answer:
        return await self._first(prompt, clock, spent)

    async def _first(self, prompt: Prompt, clock: Clock, spent: list[Stage], *, logprobs: bool = False) -> Answer:
        """The greedy answer, with a confidence from its tokens where they tell."""
        answers = await self._ask("greedy", [prompt.sampled(None, 0, logprobs=logprobs)], clock, spent)
        reply = answers[0].reply
        told = doubt(reply.tokens)
        if told is not None and reply.confidence is None:
            reply = replace(reply, confidence=round(told.confidence, 4))
        return Answer(reply, answers[0].decision)

    async def _vote(self, prompt: Prompt, clock: Clock, spent: list[Stage]) -> list[Answer]:
        """Answers to the same question that hold a decision."""
        prompts = [prompt.sampled(self.temperature, index) for index in range(1, self.samples + 1)]
        return [answer for answer in await self._ask("vote", prompts, clock, spent) if answer.decision is not None]

    async def _ask(self, stage: str, prompts: Sequence[Prompt], clock: Clock, spent: list[Stage]) -> list[Answer]:
        """Asks all of `prompts` at once.

        Raises:
            BrainError: None was answered; the error is that of the first.
        """
        outcomes = await _all([self._one(prompt, clock.left()) for prompt in prompts], self.instant)
        replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
        spent.append(
            Stage(
                stage,
                len(prompts),
                sum(reply.tokens_in for reply in replies),
                sum(reply.tokens_out for reply in replies),
                sum(reply.cost_usd for reply in replies),
            )
        )
        if not replies:
            raise next(outcome for outcome in outcomes if isinstance(outcome, BrainError))
        return [Answer(reply, _decision(reply)) for reply in replies]

    async def _one(self, prompt: Prompt, seconds: float) -> Reply:
        return await within(seconds, self.brain.think(prompt, deadline_s=seconds), self.instant)


class Greedy(Policy):
    """Asks once, at the brain's own temperature, which is 0 unless it is set."""


class Vote(Policy):
    """Asks N times at a temperature and takes the majority; its share of the votes is the confidence."""

    async def _decide(self, prompt: Prompt, clock: Clock, spent: list[Stage]) -> Answer:
        answers = await self._vote(prompt, clock, spent)
        if not answers:
            raise BrainRefusal(f"none of {self.samples} answers of {self.name} held a decision; choose another model")
        count = tally(_decisions(answers))
        winner = answers[count.winner]
        return Answer(replace(winner.reply, confidence=round(count.share, 4)), winner.decision)

    def quote(self, prompt: Prompt) -> Quote:
        """As many calls as there are votes."""
        return _times(super().quote(prompt), self.samples)


class Adaptive(Policy):
    """Asks once; votes where the judge or the brain doubts the answer; settles a close vote by a last question.

    Args:
        brain: Who is asked.
        samples: Votes in a vote.
        temperature: Of the votes.
        unsure: Confidence below which an answer is doubted.
    """

    def __init__(
        self, brain: Brain, samples: int = SAMPLES, temperature: float = TEMPERATURE, unsure: float = UNSURE
    ) -> None:
        """See the class."""
        super().__init__(brain, samples, temperature)
        self.unsure = unsure

    async def _decide(self, prompt: Prompt, clock: Clock, spent: list[Stage]) -> Answer:
        first = await self._first(prompt, clock, spent)
        if not self._is_doubted(first, prompt.doubt):
            return first
        return await self._settle(first, prompt, clock, spent)

    def _is_doubted(self, answer: Answer, judge: Callable[[Decision], str | None] | None) -> bool:
        if answer.decision is None:
            return True
        sure = answer.reply.confidence
        if sure is not None and sure < self.unsure:
            return True
        return judge is not None and judge(answer.decision) is not None

    async def _settle(self, first: Answer, prompt: Prompt, clock: Clock, spent: list[Stage]) -> Answer:
        """The vote, and the last question where it is close; the first answer where both fail."""
        try:
            answers = await self._vote(prompt, clock, spent)
            if first.decision is None and not answers:
                return first
            answers = answers or [first]
            decisions = _decisions(answers)
            count = tally(decisions)
            winner = answers[count.winner]
            winner = Answer(replace(winner.reply, confidence=round(count.share, 4)), winner.decision)
            if count.margin > 1 or count.second is None:
                return winner
        except BrainError as error:
            if error.fatal or first.decision is None:
                raise
            return first
        try:
            pair = (decisions[count.winner], decisions[count.second])
            last = (await self._ask("adjudicate", [prompt.between(pair)], clock, spent))[0]
        except BrainError:
            return winner
        if last.decision is None:
            return winner
        chosen = next((a for a in (winner, answers[count.second]) if action(_held(a)) == action(last.decision)), last)
        votes = sum(action(decision) == action(_held(chosen)) for decision in decisions)
        return Answer(replace(chosen.reply, confidence=round(votes / len(decisions), 4)), chosen.decision)

    def quote(self, prompt: Prompt) -> Quote:
        """The most: the first answer, the votes and the last question."""
        return _times(super().quote(prompt), self.samples + 2)


class Entropy(Adaptive):
    """Asks once for likelihoods too; where safe and danger were near even for any direction, it goes on as `adaptive`.

    A model that gives no likelihoods is taken at its first word, unless the judge doubts it.

    Args:
        brain: Who is asked.
        samples: Votes in a vote.
        temperature: Of the votes.
        bits: Entropy from which an answer is doubted.
    """

    def __init__(
        self, brain: Brain, samples: int = SAMPLES, temperature: float = TEMPERATURE, bits: float = DOUBTFUL_BITS
    ) -> None:
        """See the class."""
        super().__init__(brain, samples, temperature)
        self.bits = bits

    async def _decide(self, prompt: Prompt, clock: Clock, spent: list[Stage]) -> Answer:
        first = await self._first(prompt, clock, spent, logprobs=True)
        told = doubt(first.reply.tokens)
        if told is None:
            spent.append(Stage("no-likelihoods", 0))
        if first.decision is not None and (told is None or told.entropy < self.bits):
            return first
        return await self._settle(first, prompt, clock, spent)


POLICIES: dict[str, type[Policy]] = {"greedy": Greedy, "vote": Vote, "adaptive": Adaptive, "entropy": Entropy}


def policy(name: str, brain: Brain, **options: Any) -> Policy:
    """The policy `name` around `brain`.

    Raises:
        BrainError: There is no such policy, or an option is out of range.
    """
    kind = POLICIES.get(name)
    if kind is None:
        raise BrainError(f"there is no policy '{clean(name, 40)}'; set brain.policy to one of {', '.join(POLICIES)}")
    return kind(brain, **options)


async def _all(work: list[Coroutine[Any, Any, Reply]], instant: bool) -> list[Reply | BrainError]:
    """What each gave, in order; errors of brains as values, any other is raised."""
    if instant:
        return [await _caught(one) for one in work]
    import asyncio

    return list(await asyncio.gather(*(_caught(one) for one in work)))


async def _caught(work: Coroutine[Any, Any, Reply]) -> Reply | BrainError:
    try:
        return await work
    except BrainError as error:
        if error.fatal:
            raise
        return error


def _decision(reply: Reply) -> Decision | None:
    found = parse(reply.text)
    return found if isinstance(found, Decision) else None


def _decisions(answers: Sequence[Answer]) -> list[Decision]:
    return [_held(answer) for answer in answers]


def _held(answer: Answer) -> Decision:
    if answer.decision is None:
        raise BrainRefusal("an answer without a decision was counted as a vote")
    return answer.decision


def _settled(reply: Reply, stages: list[Stage]) -> Reply:
    """`reply` with what all stages took."""
    return replace(
        reply,
        tokens_in=sum(stage.tokens_in for stage in stages),
        tokens_out=sum(stage.tokens_out for stage in stages),
        cost_usd=sum(stage.cost_usd for stage in stages),
        stages=(*reply.stages, *stages),
    )


def _times(quote: Quote, count: int) -> Quote:
    return Quote(quote.tokens_in * count, quote.tokens_out * count, quote.cost_usd * count, quote.priced)
