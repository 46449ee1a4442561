"""Dry runs: what would be sent, byte for byte, and what a run would cost. Nothing leaves this machine."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from aether.brain import Brain
from aether.clean import redact
from aether.errors import BrainError
from aether.prompt import Prompt, compose
from aether.scene import Entity, Own, Scene, Walls
from aether.wrap.wrapper import innermost, quote

SAMPLE = Scene(
    "sample_00001",
    Walls(forward=8.5, left=2.4),
    entities=(Entity("beast", "charge", 3.2, 0.4, id="beast"), Entity("man", "wander", 7.5, -1.2, id="man")),
    sounds=("growling, near, ahead",),
    own=Own("alert", 1.3, task="walk to the gate, forward and to the right"),
    recent_decisions=("walk_forward", "hit_wall_left"),
)
_TYPICAL_OUT = 90  # tokens of the two lines
_THINKS_FROM = 1024  # a longest answer beyond this is meant for a model that thinks aloud
_MAX_BODY = 16_000_000
_WAIT_S = 20.0


def wire_bytes(name: str, prompt: Prompt, options: dict[str, Any]) -> bytes | None:
    """The body of the HTTP request that a model's id would be sent for `prompt`, caught by a server on this machine.

    Args:
        name: As for `aether.load`.
        prompt: The question.
        options: As for `aether.load`; `api_base` is replaced by the server's own.

    Returns:
        The bytes, or None where the provider's client does not let itself be led to another server.
    """
    import asyncio
    import threading

    from aether.brains import load

    caught: list[bytes] = []

    class Catch(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = min(int(self.headers.get("content-length") or 0), _MAX_BODY)
            caught.append(self.rfile.read(length))
            self.send_response(400)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Catch) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}/v1"
        brain = innermost(load(name, **{**options, "api_base": base, "dry": True, "retries": 0}))
        with contextlib.suppress(BrainError):
            asyncio.run(brain.think(prompt, deadline_s=_WAIT_S))
        server.shutdown()
    return redact(caught[0].decode("utf-8", "replace")).encode() if caught else None


def estimate(brain: Brain, decisions: int, scene: Scene = SAMPLE) -> dict[str, Any]:
    """What a run of so many decisions would take, by the brain's own price and limits.

    Args:
        brain: Who would be asked; loading it with `dry=True` needs no key.
        decisions: How many.
        scene: A scene of the usual size.

    Returns:
        "brain", "decisions", "calls_max" (with every vote of a policy), "tokens_in" and "tokens_out" (one call a
        decision, answers of the usual length), "cost_usd" of these, "tokens_max" and "cost_usd_max" (each call of the
        policy, answers of the longest length), and "priced": whether the price is known.
    """
    prompt = compose(scene)
    one, most = quote(innermost(brain), prompt), quote(brain, prompt)
    calls = max(1, round(most.tokens_out / one.tokens_out)) if one.tokens_out else 0
    thinks = one.tokens_out > _THINKS_FROM
    usual = replace(one, tokens_out=one.tokens_out // 4 if thinks else min(one.tokens_out, _TYPICAL_OUT))
    # Two prices are in one sum: what the unused tokens of the longest answer would have cost comes off it.
    rate = getattr(innermost(brain), "price_out", lambda: 0.0)()
    cost = one.cost_usd - rate * (one.tokens_out - usual.tokens_out)
    return {
        "brain": brain.name,
        "decisions": decisions,
        "calls_max": calls * decisions,
        "tokens_in": usual.tokens_in * decisions,
        "tokens_out": usual.tokens_out * decisions,
        "cost_usd": round(cost * decisions, 6) if one.priced else None,
        "tokens_max": (most.tokens_in + most.tokens_out) * decisions,
        "cost_usd_max": round(most.cost_usd * decisions, 6) if most.priced else None,
        "priced": one.priced and most.priced,
    }
