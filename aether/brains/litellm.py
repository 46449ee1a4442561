"""Any language model that LiteLLM reaches, by its id: "openai/gpt-5-mini", "ollama/llama3.2", "hosted_vllm/..."."""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from aether.brain import Reply
from aether.clean import clean, redact
from aether.errors import BrainError, BrainKeyError, BrainTimeout
from aether.prompt import Prompt

ALLOW_MODEL_REQUESTS = True
"""Set it to False, as a test suite does, and only a loopback `api_base` can be reached."""

_TRANSIENT = frozenset({408, 409, 429})
_NO_KEY = "no-key-needed"
# Answered without importing LiteLLM, which takes seconds; it is asked about every other provider.
_KEYS = {
    "openai": ("OPENAI_API_KEY",), "anthropic": ("ANTHROPIC_API_KEY",), "mistral": ("MISTRAL_API_KEY",),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "groq": ("GROQ_API_KEY",), "openrouter": ("OPENROUTER_API_KEY",),
    "xai": ("XAI_API_KEY",), "deepseek": ("DEEPSEEK_API_KEY",), "moonshot": ("MOONSHOT_API_KEY",),
}  # fmt: skip
_KEYLESS = frozenset({"ollama", "ollama_chat", "hosted_vllm", "vllm", "lm_studio", "llamafile", "docker_model_runner"})
_BARE = {"gpt-": "openai", "chatgpt-": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "claude-": "anthropic"}


class LiteLLM:
    """A model behind LiteLLM. The key comes from the environment alone and is in no message, record or error.

    Args:
        model: A LiteLLM id.
        api_base: URL of the server, for anything that speaks a provider's protocol; it then may need no key.
        api_key_env: The environment variable that holds the key, where it is not the provider's usual one.
        temperature: 0 for the likeliest answer.
        max_tokens: Longest answer, thoughts included.
        top_p: Share of likelihood to sample from; None leaves it to the server.
        seed: For models that take one.
        retries: How often a call is made again after 408, 409, 429, 5xx or a lost connection, inside the deadline.
        vision: Whether to send the scene's image; None asks LiteLLM whether the model sees.
        extra: Further parameters of `litellm.acompletion`, such as {"reasoning_effort": "low"}.

    Attributes:
        name: The model's id.
        dropped: Parameters that the model does not take and that are therefore not sent.

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
        retries: int = 2,
        vision: bool | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Checks the key and the provider; sends nothing."""
        self.name = clean(model, 200)
        self._api_base = _checked_base(api_base)
        self._retries = _checked_retries(retries)
        self._refuse_paid_calls()
        self._key_names = _key_names(self.name, self._api_base, api_key_env)
        self._litellm = _import_litellm()
        _check_provider(self._litellm, self.name)
        self._keyless = _is_keyless(self._litellm, self.name, self._api_base, self._key_names)
        asked = {"temperature": temperature, "max_tokens": max_tokens, "top_p": top_p, "seed": seed}
        taken = self._litellm.get_supported_openai_params(model=self.name) or list(asked)
        given = {key: value for key, value in asked.items() if value is not None}
        self.dropped = tuple(key for key in given if key not in taken)
        self._parameters = {key: value for key, value in given.items() if key in taken} | dict(extra or {})
        self._sees = bool(self._litellm.supports_vision(model=self.name)) if vision is None else vision

    async def think(self, prompt: Prompt, *, deadline_s: float) -> Reply:
        """Asks the model.

        Raises:
            BrainTimeout: No answer inside the deadline.
            BrainKeyError: The key is refused.
            BrainError: Any other failure, in one sentence.
        """
        import asyncio

        self._refuse_paid_calls()
        failure: BrainError
        try:
            async with asyncio.timeout(deadline_s):
                return self._reply(await self._complete(prompt, deadline_s))
        except TimeoutError:
            failure = BrainTimeout(f"{self.name} gave no answer after {deadline_s:.1f} s; raise brain.deadline_s")
        except Exception as error:  # LiteLLM raises many kinds; the originals carry requests with keys
            failure = self._explained(error, deadline_s)
        # Raised out here so that the original is not even the context of this one.
        raise failure

    async def _complete(self, prompt: Prompt, deadline_s: float) -> Any:
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

        attempts = AsyncRetrying(
            retry=retry_if_exception(_is_transient),
            stop=stop_after_attempt(1 + self._retries),
            wait=wait_exponential_jitter(initial=0.2, max=2.0, jitter=0.1),
            reraise=True,
        )
        async for attempt in attempts:
            with attempt:
                return await self._litellm.acompletion(
                    model=self.name,
                    messages=self._messages(prompt),
                    api_base=self._api_base,
                    api_key=self._key(),
                    timeout=deadline_s,
                    max_retries=0,
                    num_retries=0,
                    drop_params=True,
                    **self._parameters,
                )
        raise BrainError(f"{self.name} was not asked; set brain.retries to 0 or more")

    def _key(self) -> str | None:
        """The key, read for each call and kept nowhere; None lets LiteLLM find it by itself."""
        found = next((os.environ[name] for name in self._key_names if os.environ.get(name)), None)
        return _NO_KEY if found is None and self._keyless else found

    def _messages(self, prompt: Prompt) -> list[dict[str, Any]]:
        user: Any = prompt.user
        if self._sees and prompt.image:
            url = "data:image/png;base64," + base64.b64encode(prompt.image).decode("ascii")
            user = [{"type": "text", "text": prompt.user}, {"type": "image_url", "image_url": {"url": url}}]
        return [{"role": "system", "content": prompt.system}, {"role": "user", "content": user}]

    def _reply(self, response: Any) -> Reply:
        usage = getattr(response, "usage", None)
        choices = getattr(response, "choices", None)
        text = (choices[0].message.content if choices else None) or ""
        return Reply(
            text=redact(str(text)),
            tokens_in=int(getattr(usage, "prompt_tokens", 0) or 0),
            tokens_out=int(getattr(usage, "completion_tokens", 0) or 0),
            cost_usd=self._cost(response),
        )

    def _cost(self, response: Any) -> float:
        try:
            cost = float(self._litellm.completion_cost(completion_response=response, model=self.name))
        except Exception:  # LiteLLM raises a plain Exception for a model whose price it does not know
            return 0.0
        return cost if math.isfinite(cost) else 0.0

    def _refuse_paid_calls(self) -> None:
        if not ALLOW_MODEL_REQUESTS and not _is_loopback(self._api_base):
            raise BrainError(
                f"calls to models are blocked, so {self.name} is not asked; "
                "set aether.brains.litellm.ALLOW_MODEL_REQUESTS or a loopback api_base"
            )

    def _explained(self, error: Exception, deadline_s: float) -> BrainError:
        """One sentence for a failure, with the fix and without any key."""
        if isinstance(error, BrainError):
            return error
        status = _status(error)
        where = f" at {_shown(self._api_base)}" if self._api_base else ""
        if status == 408:
            return BrainTimeout(f"{self.name} gave no answer after {deadline_s:.1f} s; raise brain.deadline_s")
        if status in (401, 403):
            return BrainKeyError(f"{self.name}{where} refused the key ({status}); set a valid key in the environment")
        if status == 429:
            return BrainError(f"{self.name}{where} is rate limited (429); ask less often or raise the limit")
        if _is_connection(error):
            return BrainError(f"{self.name}{where} cannot be reached; check that the server runs and brain.api_base")
        said = _excerpt(error)
        if status is not None and status >= 500:
            return BrainError(f"{self.name}{where} failed ({status}): {said}; try again later or choose another model")
        if status == 404:
            return BrainError(f"{self.name}{where} is not found (404): {said}; check the model id and brain.api_base")
        code = type(error).__name__ if status is None else str(status)
        return BrainError(f"{self.name}{where} did not take the request ({code}): {said}; check the model's options")


def _import_litellm() -> Any:
    # LiteLLM reads this once, at import; without it the import asks the network for a list of prices.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    try:
        import litellm
    except ImportError:
        raise BrainError("this brain needs LiteLLM; pip install litellm, or choose the brain reflex") from None
    import logging

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)  # its log lines may hold requests with keys
    return litellm


def _checked_base(api_base: str | None) -> str | None:
    if api_base is None:
        return None
    try:
        parts = urlsplit(api_base)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise BrainError(f"brain.api_base must be a URL such as http://127.0.0.1:8000/v1, not {_shown(api_base)!r}")
    return api_base


def _checked_retries(retries: int) -> int:
    if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= 10:
        raise BrainError(f"brain.retries must be a whole number from 0 to 10, not {clean(repr(retries), 40)}")
    return retries


def _shown(url: str | None) -> str:
    return clean(redact(url or "").split("?", 1)[0], 120)


def _is_loopback(url: str | None) -> bool:
    host = urlsplit(url or "").hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _provider(model: str) -> str:
    provider, slash, _ = model.partition("/")
    return provider if slash else next((p for start, p in _BARE.items() if model.startswith(start)), "")


def _key_names(model: str, api_base: str | None, api_key_env: str | None) -> tuple[str, ...]:
    """The variables that may hold the key; none where only LiteLLM knows.

    Raises:
        BrainKeyError: None of them is set, and the server is the provider's own.
    """
    names = (api_key_env,) if api_key_env else _KEYS.get(_provider(model), ())
    if names and not any(os.environ.get(name) for name in names) and (api_base is None or api_key_env):
        raise BrainKeyError(_missing(model, names))
    return names


def _is_keyless(litellm: Any, model: str, api_base: str | None, names: tuple[str, ...]) -> bool:
    """Whether a placeholder goes out where no key is set: to a server of the user's own.

    Raises:
        BrainKeyError: LiteLLM says that this provider needs a key, and none is set.
    """
    if names or api_base is not None:
        return api_base is not None and (bool(names) or not _finds_key(litellm, model))
    if _provider(model) not in _KEYLESS and not _finds_key(litellm, model):
        wanted = litellm.validate_environment(model=model).get("missing_keys")
        raise BrainKeyError(_missing(model, tuple(wanted or ("its API key",))))
    return False


def _finds_key(litellm: Any, model: str) -> bool:
    return bool(litellm.validate_environment(model=model).get("keys_in_environment"))


def _missing(model: str, variables: tuple[str, ...]) -> str:
    listed = " or ".join(variables) if _provider(model) in _KEYS else " and ".join(variables)
    return f"{model} needs a key: set {listed} in the environment, or brain.api_base for a server that needs none"


def _check_provider(litellm: Any, model: str) -> None:
    known = True
    try:
        litellm.get_llm_provider(model=model)
    except Exception:  # a BadRequestError that carries an empty response, or a plain one
        known = False
    if known:
        return
    import difflib

    providers = sorted(str(getattr(provider, "value", provider)) for provider in litellm.provider_list)
    close = difflib.get_close_matches(_provider(model), providers, 1)
    guess = f"did you mean {close[0]}/...? " if close else ""
    raise BrainError(f"LiteLLM knows no provider for '{model}'; {guess}An id is PROVIDER/MODEL, as openai/gpt-5-mini")


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _is_transient(error: BaseException) -> bool:
    status = _status(error)
    return status is not None and (status in _TRANSIENT or status >= 500)


def _is_connection(error: BaseException | None) -> bool:
    """Whether a lost or refused connection is at the bottom of `error`; LiteLLM reports it as status 500."""
    for _ in range(12):
        if error is None:
            return False
        if isinstance(error, ConnectionError) or type(error).__name__ in ("APIConnectionError", "ConnectError"):
            return True
        error = error.__cause__ or error.__context__
    return False


def _excerpt(error: BaseException) -> str:
    text = clean(redact(str(getattr(error, "message", None) or error)), 400)
    for prefix in ("litellm.", f"{type(error).__name__}:"):
        text = text.removeprefix(prefix).strip()
    return clean(redact(text), 140).rstrip(".")
