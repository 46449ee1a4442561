"""Prompts and replies as JSON, for a brain in another process. The judge's voice (`Prompt.doubt`) stays behind."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aether.brain import Reply, Token
from aether.errors import BrainError, BrainKeyError, BrainRefusal, BrainTimeout, BudgetError
from aether.prompt import Prompt, Sampling
from aether.scene import Scene

_ERRORS = {kind.__name__: kind for kind in (BrainError, BrainKeyError, BrainRefusal, BrainTimeout, BudgetError)}


def prompt_to_json(prompt: Prompt) -> dict[str, Any]:
    """A prompt as a JSON-able object."""
    return {
        "system": prompt.system,
        "user": prompt.user,
        "scene": prompt.scene.to_json("article"),
        "image": base64.b64encode(prompt.image).decode("ascii") if prompt.image else None,
        "dialect": prompt.dialect,
        "question": prompt.question,
        "sampling": [prompt.sampling.temperature, prompt.sampling.index, prompt.sampling.logprobs],
    }


def prompt_from_json(obj: Mapping[str, Any]) -> Prompt:
    """The prompt that `prompt_to_json` wrote."""
    image = base64.b64decode(obj["image"]) if obj["image"] else None
    scene = replace(Scene.from_json(obj["scene"]), dialect=obj["dialect"], image=image)
    temperature, index, logprobs = obj["sampling"]
    sampling = Sampling(temperature, index, logprobs)
    return Prompt(obj["system"], obj["user"], scene, image, obj["dialect"], obj["question"], sampling)


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """A reply as a JSON-able object."""
    return {
        "text": reply.text,
        "tokens_in": reply.tokens_in,
        "tokens_out": reply.tokens_out,
        "cost_usd": reply.cost_usd,
        "confidence": reply.confidence,
        "route": reply.route,
        "tokens": [[token.text, token.likelihood, list(token.others)] for token in reply.tokens],
    }


def reply_from_json(obj: Mapping[str, Any]) -> Reply:
    """The reply that `reply_to_json` wrote."""
    tokens = tuple(Token(t, p, tuple((o, q) for o, q in others)) for t, p, others in obj["tokens"])
    return Reply(
        obj["text"],
        obj["tokens_in"],
        obj["tokens_out"],
        obj["cost_usd"],
        obj["confidence"],
        obj["route"],
        tokens=tokens,
    )


def error_to_json(error: BrainError) -> dict[str, Any]:
    """A brain's error as a JSON-able object."""
    known = next((name for name, kind in _ERRORS.items() if type(error) is kind), "BrainError")
    return {
        "kind": known,
        "message": str(error),
        "transient": error.transient,
        "retry_after_s": error.retry_after_s,
    }


def error_from_json(obj: Mapping[str, Any]) -> BrainError:
    """The error that `error_to_json` wrote."""
    kind = _ERRORS.get(obj["kind"], BrainError)
    return kind(obj["message"], transient=obj["transient"], retry_after_s=obj["retry_after_s"])
