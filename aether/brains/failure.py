"""What went wrong between LiteLLM and a server, in one sentence that holds no key."""

from __future__ import annotations

from aether.brains.provider import shown
from aether.clean import clean, redact
from aether.errors import BrainError, BrainKeyError, BrainTimeout

_TRANSIENT = frozenset({408, 409, 429})
_LONGEST_WAIT_S = 60.0


def explained(error: Exception, name: str, api_base: str | None, deadline_s: float) -> BrainError:
    """One sentence for what a call through LiteLLM raised, with the fix and without any key."""
    if isinstance(error, BrainError):
        return error
    status = _status(error)
    where = f" at {shown(api_base)}" if api_base else ""
    passes = _is_transient(error)
    if status == 408:
        return BrainTimeout(f"{name} gave no answer after {deadline_s:.1f} s; raise brain.deadline_s")
    if status in (401, 403):
        return BrainKeyError(f"{name}{where} refused the key ({status}); set a valid key in the environment")
    if status == 429:
        said = f"{name}{where} is rate limited (429); ask less often or raise the limit"
        return BrainError(said, transient=True, retry_after_s=_retry_after(error))
    if _is_connection(error):
        said = f"{name}{where} cannot be reached; check that the server runs and brain.api_base"
        return BrainError(said, transient=True)
    said = _excerpt(error)
    if status is not None and status >= 500:
        said = f"{name}{where} failed ({status}): {said}; try again later or choose another model"
        return BrainError(said, transient=True, retry_after_s=_retry_after(error))
    if status == 404:
        return BrainError(f"{name}{where} is not found (404): {said}; check the model id and brain.api_base")
    code = type(error).__name__ if status is None else str(status)
    said = f"{name}{where} did not take the request ({code}): {said}; check the model's options"
    return BrainError(said, transient=passes)


def _retry_after(error: BaseException) -> float | None:
    """Seconds that the server asked to wait, from its header; None where it said nothing usable."""
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or getattr(error, "headers", None) or {}
    try:
        seconds = float(headers.get("retry-after", ""))
    except (AttributeError, TypeError, ValueError):
        return None
    return min(seconds, _LONGEST_WAIT_S) if seconds >= 0 else None


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
