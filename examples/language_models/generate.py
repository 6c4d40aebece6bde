"""A GPT-2 and a Llama, written once, generate text from a cache: on PyTorch, on JAX and in plain PyTorch, equal tokens.

`python examples/language_models/generate.py` makes random weights of one seed, generates greedily and by sampling, and
prints a table. It takes about half a minute, and exits with status 1 if tokens differ. `models.py` has the two models,
`reference.py` the same in plain PyTorch.
Needs: pip install rich
"""

import functools
import sys
import time
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import reference
import torch
from models import Caches, Size, empty_caches, gpt2, llama
from rich.console import Console
from rich.table import Table

import unified as u

SEED = 0
BATCH, PROMPT, STEPS = 2, 8, 48
TEMPERATURE = 0.8
SPREAD = 3.0  # by which the matrices are larger than at first, so that tokens depend on those before
MODELS: dict[str, tuple[Callable[..., Any], Any, Size]] = {
    "gpt2": (gpt2, reference.GPT2, Size()),
    "llama": (llama, reference.Llama, Size(kv_heads=2)),
    "llama, window of 16": (llama, reference.Llama, Size(kv_heads=2, window=16)),
}


Step = Callable[[u.Params, u.Array, Caches, u.Array], tuple[u.Array, Caches]]


def make_step(net: Any, temperature: float) -> Step:
    """Return a function of the params, the last tokens, the caches and a key, for the next tokens and caches."""

    @functools.partial(u.jit, donate_argnums=2)  # the caches, which are written in place
    def step(params: u.Params, tokens: u.Array, caches: Caches, key: u.Array) -> tuple[u.Array, Caches]:
        (logits, caches), _ = net.apply(params, tokens, caches)
        scores = logits[:, -1:]
        if temperature:
            return u.random.categorical(scores / temperature, key=key), caches
        return scores.argmax(-1), caches

    return step


def generate(step: Step, params: u.Params, prompt: u.Array, caches: Caches, key: u.Array, steps: int) -> list[u.Array]:
    """Return the `steps` tokens `(batch, 1)` after a prompt `(batch, time)`."""
    tokens, generated = prompt, []
    for number in range(steps):
        tokens, caches = step(params, tokens, caches, u.random.fold_in(key, number))
        generated.append(tokens)
    return generated


def run(name: str, backend: str, prompt: np.ndarray, temperature: float) -> tuple[np.ndarray, float]:
    """Return the tokens `(batch, steps)` that a model of ours generates, and how many it makes in a second."""
    body, _, size = MODELS[name]
    array = (torch.tensor if backend == "torch" else jnp.asarray)(prompt)
    net = u.transform(body, backend=backend, size=size)
    model = net.init(array, rng=SEED)
    params = spread(model.params if backend == "torch" else model)
    key, step = u.random.key(SEED, backend), make_step(net, temperature)

    def tokens() -> np.ndarray:
        caches = empty_caches(size, BATCH, like=next(iter(params.values())))
        made = generate(step, params, array, caches, key, STEPS)
        return np.concatenate([np.asarray(step) for step in made], 1)

    return timed(tokens)


def run_reference(name: str, prompt: np.ndarray, temperature: float) -> tuple[np.ndarray, float]:
    """Return the same of the model in plain PyTorch, with the same weights and random numbers."""
    body, cls, size = MODELS[name]
    tokens = torch.tensor(prompt)
    model = cls(size)
    model.load_state_dict(
        spread(u.transform(body, backend="torch", size=size).init(tokens, rng=SEED).params).state_dict()
    )
    key = u.random.key(SEED, "torch")
    noise = [
        u.random.gumbel((BATCH, 1, size.vocabulary), key=u.random.fold_in(key, number))[:, 0] for number in range(STEPS)
    ]
    return timed(lambda: reference.generate(model, tokens, STEPS, temperature, noise).numpy())


def spread(params: u.Params) -> u.Params:
    """Return the params with larger matrices."""
    return params.update({path: value * SPREAD for path, value in params.items() if "proj" in path or "c_" in path})


def timed(tokens: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """Return the tokens, and their number in a second: of the second of two runs, as the first may compile."""
    tokens()
    start = time.perf_counter()
    found = tokens()
    return found, found.size / (time.perf_counter() - start)


def main() -> bool:
    """Generate, print the table, and return whether all tokens are equal."""
    torch.set_num_threads(1)  # on arrays this small a second thread costs more than it brings
    table = Table("", "tokens", "different", "PyTorch by hand", "unified on PyTorch", "unified on JAX", "equal")
    rows = []
    for name, (_, _, size) in MODELS.items():
        prompt = np.random.default_rng(SEED).integers(0, size.vocabulary, (BATCH, PROMPT))
        for temperature in (0.0, TEMPERATURE):
            by_hand, *speeds = run_reference(name, prompt, temperature)
            equal = True
            for backend in ("torch", "jax"):
                found, speed = run(name, backend, prompt, temperature)
                speeds.append(speed)
                equal &= found.tolist() == by_hand.tolist()
            title = f"{name}, {'sampled' if temperature else 'greedy'}"
            different = len(set(by_hand.ravel().tolist()))
            cells = [f"{speed:,.0f} / s" for speed in speeds]
            table.add_row(title, str(by_hand.size), str(different), *cells, "[green]yes" if equal else "[bold red]NO")
            rows.append(equal)
    Console().print(table)
    return all(rows)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
