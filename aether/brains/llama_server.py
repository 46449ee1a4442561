"""llama.cpp's own OpenAI-compatible server in a process of its own: `python -m aether.brains.llama_server MODEL`.

It prints its address as one line of JSON and lives until its standard input closes, so that it never outlives whoever
started it, whatever happens to them.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    """Serves the model that the first argument names, with as many threads and as much context as the next two say."""
    import xllamacpp  # type: ignore[import-untyped]

    model, threads, context = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"] if isinstance(params.hostnames, list) else params.hostnames
    params.n_ctx = context
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.warmup = False
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(json.dumps({"address": server.listening_address}), flush=True)
    sys.stdin.buffer.read()
    # The server's own way down waits for its threads, which may wait for a request that nobody wants any more.
    os._exit(0)


if __name__ == "__main__":
    main()
