"""What LiteLLM's providers need: keys, an address, and LiteLLM itself, imported without touching the network."""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from aether.clean import clean, redact
from aether.errors import BrainError, BrainKeyError

# Answered without importing LiteLLM, which takes seconds; it is asked about every other provider.
_KEYS = {
    "openai": ("OPENAI_API_KEY",), "anthropic": ("ANTHROPIC_API_KEY",), "mistral": ("MISTRAL_API_KEY",),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "groq": ("GROQ_API_KEY",), "openrouter": ("OPENROUTER_API_KEY",),
    "xai": ("XAI_API_KEY",), "deepseek": ("DEEPSEEK_API_KEY",), "moonshot": ("MOONSHOT_API_KEY",),
}  # fmt: skip
KEYLESS = frozenset({"ollama", "ollama_chat", "hosted_vllm", "vllm", "lm_studio", "llamafile", "docker_model_runner"})
_BARE = {"gpt-": "openai", "chatgpt-": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "claude-": "anthropic"}


def import_litellm() -> Any:
    """LiteLLM, kept off the network and silent.

    Raises:
        BrainError: It is not installed.
    """
    # LiteLLM reads this once, at import; without it the import asks the network for a list of prices.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # else its import searches the parent folders for a .env
    try:
        import litellm
    except ImportError:
        raise BrainError("this brain needs LiteLLM; pip install litellm, or choose the brain reflex") from None
    import logging

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)  # its log lines may hold requests with keys
    return litellm


def rehearse(litellm: Any, model: str) -> None:
    """Go through a call that asks nobody: LiteLLM imports and builds most of what it needs with the first one."""
    import contextlib

    with contextlib.suppress(Exception):  # what goes wrong here goes wrong in the call itself, and is told there
        import openai.resources

        openai.AsyncOpenAI(api_key="none", base_url="http://127.0.0.1:1")
        litellm.completion(model=model, messages=[{"role": "user", "content": ""}], mock_response="none")


def checked_base(api_base: str | None) -> str | None:
    """`api_base`, if it is a URL.

    Raises:
        BrainError: It is none.
    """
    if api_base is None:
        return None
    try:
        parts = urlsplit(api_base)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise BrainError(f"brain.api_base must be a URL such as http://127.0.0.1:8000/v1, not {shown(api_base)!r}")
    return api_base


def shown(url: str | None) -> str:
    """An address as it may be printed: without user, password and query."""
    return clean(redact(url or "").split("?", 1)[0], 120)


def is_loopback(url: str | None) -> bool:
    """Whether `url` is on this machine."""
    host = urlsplit(url or "").hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def provider(model: str) -> str:
    """The provider of an id; "" where it is not known."""
    first, slash, _ = model.partition("/")
    return first if slash else next((p for start, p in _BARE.items() if model.startswith(start)), "")


def key_names(model: str, api_base: str | None, api_key_env: str | None) -> tuple[str, ...]:
    """The variables that may hold the key; none where only LiteLLM knows.

    Raises:
        BrainKeyError: None of them is set, and the server is the provider's own.
    """
    names = (api_key_env,) if api_key_env else _KEYS.get(provider(model), ())
    if names and not any(os.environ.get(name) for name in names) and (api_base is None or api_key_env):
        raise BrainKeyError(_missing(model, names))
    return names


def is_keyless(litellm: Any, model: str, api_base: str | None, names: tuple[str, ...]) -> bool:
    """Whether a placeholder goes out where no key is set: to a server of the user's own.

    Raises:
        BrainKeyError: LiteLLM says that this provider needs a key, and none is set.
    """
    if names or api_base is not None:
        return api_base is not None and (bool(names) or not _finds_key(litellm, model))
    if provider(model) not in KEYLESS and not _finds_key(litellm, model):
        wanted = litellm.validate_environment(model=model).get("missing_keys")
        raise BrainKeyError(_missing(model, tuple(wanted or ("its API key",))))
    return False


def _finds_key(litellm: Any, model: str) -> bool:
    return bool(litellm.validate_environment(model=model).get("keys_in_environment"))


def _missing(model: str, variables: tuple[str, ...]) -> str:
    listed = " or ".join(variables) if provider(model) in _KEYS else " and ".join(variables)
    return f"{model} needs a key: set {listed} in the environment, or brain.api_base for a server that needs none"


def check_provider(litellm: Any, model: str) -> None:
    """Makes sure that LiteLLM knows who serves `model`.

    Raises:
        BrainError: It does not; the message names the nearest provider.
    """
    known = True
    try:
        litellm.get_llm_provider(model=model)
    except Exception:  # a BadRequestError that carries an empty response, or a plain one
        known = False
    if known:
        return
    import difflib

    providers = sorted(str(getattr(each, "value", each)) for each in litellm.provider_list)
    close = difflib.get_close_matches(provider(model), providers, 1)
    guess = f"did you mean {close[0]}/...? " if close else ""
    raise BrainError(f"LiteLLM knows no provider for '{model}'; {guess}An id is PROVIDER/MODEL, as openai/gpt-5-mini")
