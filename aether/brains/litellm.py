"""Any language model that LiteLLM reaches, by its id: "openai/gpt-5-mini", "ollama/llama3.2", "hosted_vllm/..."."""

from __future__ import annotations

import base64
import math
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from aether.brain import Quote, Reply, Token
from aether.brains.failure import explained
from aether.brains.provider import (
    KEYLESS,
    check_provider,
    checked_base,
    import_litellm,
    is_keyless,
    is_loopback,
    key_names,
    provider,
    rehearse,
)
from aether.clean import clean, redact
from aether.errors import BrainError, BrainTimeout
from aether.keys import read_env
from aether.prompt import Form, Prompt, schema

ALLOW_MODEL_REQUESTS = os.environ.get("AETHER_ALLOW_MODEL_REQUESTS", "1") != "0"
"""Where it is False, as in a test suite, only a loopback `api_base` can be reached.

The environment variable does the same for child processes.
"""

_TOP_LOGPROBS = 5
_IMAGE_TOKENS = 1_600
_NO_KEY = "no-key-needed"
_STAGE = threading.Lock()
"""Held by the one that rehearses."""


class LiteLLM:
    """A model behind LiteLLM. The key comes from the environment or `.env` and is in no message, record or error.

    Args:
        model: A LiteLLM id.
        api_base: URL of the server, for anything that speaks a provider's protocol; it then may need no key.
        api_key_env: The environment variable that holds the key, where it is not the provider's usual one.
        temperature: 0 for the likeliest answer; None leaves it to the server.
        max_tokens: Longest answer, thoughts included.
        top_p: Share of likelihood to sample from; None leaves it to the server.
        seed: For models that take one; the index of the sample is added to it.
        vision: Whether to send the scene's image; None asks LiteLLM whether the model sees.
        form: "lines" for the two lines, "json" for one JSON object that the server constrains by a schema where it can,
            "choices" for one of short lists, for the smallest models.
        shots: Whether the prompt has two examples.
        stream: Whether the answer is read as it comes, which keeps proxies from closing a long call.
        price: US dollars for a million tokens in and out, where LiteLLM does not know the model's.
        dry: Whether it is only to show and to reckon: no key is needed, and nobody but a loopback server is asked.
        extra: Further parameters of `litellm.acompletion`, such as {"reasoning_effort": "low"}.

    Attributes:
        name: The model's id.
        dropped: Parameters that the model does not take and that are therefore not sent.
        settings: What an answer depends on beside the prompt.
        longest: Tokens of the longest answer.

    Raises:
        BrainKeyError: No key; the message names the variable to set.
        BrainError: LiteLLM is not installed or knows no such provider, or an option has a wrong value.
    """

    instant = False

    def __init__(
        self,
        model: str,
        *,
        api_base: str | None = None,
        api_key_env: str | None = None,
        temperature: float | None = 0.0,
        max_tokens: int | None = 2048,
        top_p: float | None = None,
        seed: int | None = None,
        vision: bool | None = None,
        form: str = "lines",
        shots: bool = True,
        stream: bool = False,
        price: Sequence[float] | None = None,
        dry: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Checks the key and the provider; sends nothing."""
        self.name = clean(model, 200)
        self._api_base = checked_base(api_base)
        self._form, self._price = _checked_form(form), _checked_price(price)
        read_env()
        self._dry = dry
        self._key_names = () if dry else key_names(self.name, self._api_base, api_key_env)
        self._refuse_paid_calls()
        self._litellm = import_litellm()
        check_provider(self._litellm, self.name)
        self._keyless = dry or is_keyless(self._litellm, self.name, self._api_base, self._key_names)
        asked = {"temperature": temperature, "max_tokens": max_tokens, "top_p": top_p, "seed": seed}
        self._taken = frozenset(self._litellm.get_supported_openai_params(model=self.name) or asked)
        given = {key: value for key, value in asked.items() if value is not None}
        self.dropped = tuple(key for key in given if key not in self._taken)
        self._parameters = {key: value for key, value in given.items() if key in self._taken} | dict(extra or {})
        self._shots, self._stream, self.longest = shots, stream, max_tokens or 4096
        self._sees = bool(self._litellm.supports_vision(model=self.name)) if vision is None else vision
        self._bytes_per_token = 2.0
        self._rehearsed = threading.Event()
        server = {"api_base": self._api_base, "sees": self._sees}
        self.settings = self._parameters | server | {"form": form, "shots": shots}

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Asks the model once.

        Raises:
            BrainTimeout: No answer inside the deadline.
            BrainKeyError: The key is refused.
            BrainError: Any other failure, in one sentence.
        """
        import asyncio

        if self._dry and not is_loopback(self._api_base):
            raise BrainError(f"{self.name} was loaded for a dry run, which asks nobody; load it without dry")
        self._refuse_paid_calls()
        failure: BrainError
        try:
            async with asyncio.timeout(deadline_s):
                return self._reply(prompt, await self._complete(prompt, deadline_s))
        except TimeoutError:
            failure = BrainTimeout(f"{self.name} gave no answer after {deadline_s:.1f} s; raise brain.deadline_s")
        except Exception as error:  # LiteLLM raises many kinds; the originals carry requests with keys
            failure = explained(error, self.name, self._api_base, deadline_s)
        # Raised out here so that the original is not even the context of this one.
        raise failure

    async def prepare(self) -> None:
        """Loads, beside the loop, what LiteLLM loads with its first call of all: that may take seconds."""
        if not self._rehearsed.is_set():
            import asyncio

            await asyncio.to_thread(self._rehearse)

    def request(self, prompt: Prompt) -> dict[str, Any]:
        """What is sent for `prompt`: model, messages and parameters, everything but the key."""
        wanted = dict(self._parameters)
        sampling = prompt.sampling
        if sampling.temperature is not None and "temperature" in self._taken:
            wanted["temperature"] = sampling.temperature
        if "seed" in wanted:
            wanted["seed"] += sampling.index
        if sampling.logprobs and "logprobs" in self._taken:
            wanted |= {"logprobs": True, "top_logprobs": _TOP_LOGPROBS}
        if self._form != "lines" and "response_format" in self._taken:
            form = {"name": "decision", "strict": True, "schema": schema(prompt.dialect, self._form)}
            wanted["response_format"] = {"type": "json_schema", "json_schema": form}
        if self._stream:
            wanted |= {"stream": True, "stream_options": {"include_usage": True}}
        return {"model": self.name, "api_base": self._api_base, "messages": self._messages(prompt), **wanted}

    def quote(self, prompt: Prompt) -> Quote:
        """The most that one answer can take; the prompt's tokens are guessed from its bytes, with room to spare."""
        styled = self._styled(prompt)
        tokens_in = math.ceil(len((styled.system + styled.user).encode()) / self._bytes_per_token) + 16
        tokens_in += _IMAGE_TOKENS if self._sees and prompt.image else 0
        rates = self.rates()
        if rates is None:
            return Quote(tokens_in, self.longest, 0.0, priced=False)
        return Quote(tokens_in, self.longest, tokens_in * rates[0] + self.longest * rates[1])

    def price_out(self) -> float:
        """US dollars for one token of an answer; 0 where nobody knows."""
        rates = self.rates()
        return 0.0 if rates is None else rates[1]

    def _rehearse(self) -> None:
        with _STAGE:
            if not self._rehearsed.is_set():
                rehearse(self._litellm, self.name)
                self._rehearsed.set()

    async def _complete(self, prompt: Prompt, deadline_s: float) -> Any:
        response = await self._litellm.acompletion(
            **self.request(prompt),
            api_key=self._key(),
            timeout=deadline_s,
            max_retries=0,
            num_retries=0,
            drop_params=True,
        )
        if not self._stream:
            return response
        chunks = [chunk async for chunk in response]
        return self._litellm.stream_chunk_builder(chunks)

    def _key(self) -> str | None:
        """The key, read for each call and kept nowhere; None lets LiteLLM find it by itself."""
        found = next((os.environ[name] for name in self._key_names if os.environ.get(name)), None)
        return _NO_KEY if found is None and self._keyless else found

    def _styled(self, prompt: Prompt) -> Prompt:
        return prompt if self._form == "lines" and self._shots else prompt.styled(form=self._form, shots=self._shots)

    def _messages(self, prompt: Prompt) -> list[dict[str, Any]]:
        prompt = self._styled(prompt)
        user: Any = prompt.user
        if self._sees and prompt.image:
            url = "data:image/png;base64," + base64.b64encode(prompt.image).decode("ascii")
            user = [{"type": "text", "text": prompt.user}, {"type": "image_url", "image_url": {"url": url}}]
        return [{"role": "system", "content": prompt.system}, {"role": "user", "content": user}]

    def _reply(self, prompt: Prompt, response: Any) -> Reply:
        usage = getattr(response, "usage", None)
        choices = getattr(response, "choices", None)
        text = (choices[0].message.content if choices else None) or ""
        tokens_in = int(getattr(usage, "prompt_tokens", 0) or 0)
        tokens_out = int(getattr(usage, "completion_tokens", 0) or 0)
        if tokens_in > 0 and not prompt.image:
            styled = self._styled(prompt)
            found = len((styled.system + styled.user).encode()) / tokens_in
            self._bytes_per_token = min(max(1.0, 0.9 * found), 4.0)
        return Reply(
            text=redact(str(text)),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_usd=self._cost(response, tokens_in, tokens_out),
            tokens=_tokens(choices[0]) if choices and prompt.sampling.logprobs else (),
        )

    def rates(self) -> tuple[float, float] | None:
        """US dollars a token in and out; None where nobody knows."""
        if self._price is not None:
            return self._price
        try:
            info = self._litellm.get_model_info(model=self.name)
            rates = float(info["input_cost_per_token"]), float(info["output_cost_per_token"])
        except Exception:  # LiteLLM raises a plain Exception for a model that it has no price of
            return (0.0, 0.0) if provider(self.name) in KEYLESS or is_loopback(self._api_base) else None
        return rates

    def _cost(self, response: Any, tokens_in: int, tokens_out: int) -> float:
        if self._price is not None:
            return tokens_in * self._price[0] + tokens_out * self._price[1]
        try:
            cost = float(self._litellm.completion_cost(completion_response=response, model=self.name))
        except Exception:  # LiteLLM raises a plain Exception for a model whose price it does not know
            return 0.0
        return cost if math.isfinite(cost) else 0.0

    def _refuse_paid_calls(self) -> None:
        if not ALLOW_MODEL_REQUESTS and not self._dry and not is_loopback(self._api_base):
            raise BrainError(
                f"calls to models are blocked, so {self.name} is not asked; "
                "set aether.brains.litellm.ALLOW_MODEL_REQUESTS or a loopback api_base"
            )


def _checked_form(form: str) -> Form:
    found = next((known for known in get_args(Form) if known == form), None)
    if found is None:
        raise BrainError(f"brain.form must be {', '.join(get_args(Form))}, not {clean(repr(form), 40)}")
    chosen: Form = found
    return chosen


def _checked_price(price: Sequence[float] | None) -> tuple[float, float] | None:
    if price is None:
        return None
    try:
        rates = [float(rate) / 1e6 for rate in price]
    except (TypeError, ValueError):
        rates = []
    if len(rates) != 2 or not all(0 <= rate < math.inf for rate in rates):
        raise BrainError("brain.price must be two numbers: US dollars for a million tokens in, and out")
    return rates[0], rates[1]


def _tokens(choice: Any) -> tuple[Token, ...]:
    """The tokens of a choice with their likelihoods, as OpenAI's protocol gives them; () where there are none."""
    content = getattr(getattr(choice, "logprobs", None), "content", None) or ()
    found = []
    for item in content:
        top = tuple((str(t.token), _likelihood(t.logprob)) for t in getattr(item, "top_logprobs", None) or ())
        found.append(Token(str(item.token), _likelihood(item.logprob), top))
    return tuple(found)


def _likelihood(logprob: Any) -> float:
    return math.exp(min(0.0, logprob)) if isinstance(logprob, int | float) and not math.isnan(logprob) else 0.0
