"""A step of generation on torch, by `net(...)` and by `u.jit` of `net.apply`, against the same models by hand.

The models, with their caches, are those of `examples/language_models`.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import unified as u
from benchmarks import fresh
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "language_models"
ROUNDS = 30
PROCESSES = 2
BATCH, PROMPT, STEPS = 2, 8, 24
MODELS = ("gpt2", "llama")


def _calls(name: str) -> dict[str, Callable[[], Any]]:
    """Return the generation of the same tokens in each way."""
    sys.path.insert(0, str(EXAMPLE))
    import models
    import reference

    size = models.Size() if name == "gpt2" else models.Size(kv_heads=2)
    prompt = torch.from_numpy(np.random.default_rng(0).integers(0, size.vocabulary, (BATCH, PROMPT)))
    net: Any = u.transform(getattr(models, name), backend="torch", size=size).init(prompt, rng=0)
    params = net.params
    module = {"gpt2": reference.GPT2, "llama": reference.Llama}[name](size)
    module.load_state_dict(params.state_dict())

    def generate(step: Callable[[Any, Any], Any]) -> None:
        tokens, caches = prompt, models.empty_caches(size, BATCH, next(iter(params.values())))
        for _ in range(STEPS):
            logits, caches = step(tokens, caches)
            tokens = logits[:, -1:].argmax(-1)

    jitted: Any = u.jit(lambda params, tokens, caches: net.apply(params, tokens, caches)[0])
    return {
        "call": torch.no_grad()(lambda: generate(net)),
        "apply": lambda: generate(lambda tokens, caches: jitted(params, tokens, caches)),
        "raw": lambda: reference.generate(module, prompt, STEPS, 0.0, []),
    }


def measure(rounds: int, number: int, name: str) -> Samples:
    """Return the samples of all ways in a fresh process."""
    torch.set_num_threads(1)
    return interleave(_calls(name), rounds, clock=time.thread_time)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    rows: list[Row] = []
    for name in MODELS:
        samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES, name)
        for way, label in (("call", "net(tokens, caches)"), ("apply", "u.jit of net.apply")):
            rows.append(compare(f"torch, {STEPS} steps of generation, {name}, {label} ÷ by hand", samples, way))
    return rows
