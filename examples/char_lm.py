"""Character language models, written once, that learn Python from its standard library, on PyTorch and on JAX.

The models are an LSTM in `u.unroll` and a transformer of twelve blocks in `u.layer_stack` with `remat`. Each is trained
on both frameworks from one seed on the same batches; the transformer then generates text, one character at a time, with
its keys and values in a cache. `python examples/char_lm.py` takes about three minutes. It exits with status 1 if a row
of its table is not met.
Needs: pip install matplotlib optax rich
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import matplotlib
import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

import unified as u
import unified.functional as F
import unified.numpy as unp
from unified.compat import load as load_library

SEED = 0
STEPS = 300
BATCH, LENGTH = 16, 48
LEARNING_RATE = 2e-3
WIDTH, BLOCKS, HEADS = 64, 12, 4
VOCABULARY = 128
LARGEST_GAP = 1e-3
LARGEST_LOSS = 2.2  # of the last steps; a model of character frequencies alone has 3.3
SAMPLE = 96
TEMPERATURE = 0.4
PICTURE = Path("out/char_lm.png")
NAMES = {"torch": "PyTorch", "jax": "JAX"}
ARRAYS: dict[str, Callable[..., u.Array]] = {"torch": torch.from_numpy, "jax": jnp.asarray}
Body = Callable[[u.Array], u.Array]
Batches = list[np.ndarray]  # of characters
Row = tuple[str, str, str, str, bool | None]
LIBRARY = Path(argparse.__file__).parent
FILES = (
    "argparse",
    "ast",
    "bisect",
    "calendar",
    "collections/__init__",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
)


def lstm(ids: u.Array) -> u.Array:
    """Return the logits of the next characters for characters `(batch, time)`."""
    hidden, _ = u.unroll(u.LSTMCell(WIDTH, 2 * WIDTH), u.Embedding(VOCABULARY, WIDTH)(ids))
    return u.Linear(2 * WIDTH, VOCABULARY)(hidden)


class Attention(u.Module):
    """Causal attention. When decoding, it takes one character at a time, with those before it in a cache."""

    def __call__(self, x: u.Array, decode: bool) -> u.Array:
        batch, length, _ = x.shape
        query, key, value = (
            unp.moveaxis(unp.reshape(u.Linear(WIDTH, WIDTH, name=name)(x), (batch, length, HEADS, -1)), 1, 2)
            for name in ("query", "key", "value")
        )
        cache_shape = (1, HEADS, SAMPLE, WIDTH // HEADS)
        cache = u.KVCache(
            u.get_state("keys", cache_shape, collection="cache"),
            u.get_state("values", cache_shape, collection="cache"),
            u.get_state("length", (), dtype="int32", collection="cache"),
        )
        if decode:
            cache = cache.append(key, value)
            for name, array in cache._asdict().items():
                u.set_state(name, array)
            key, value, mask = cache.keys, cache.values, cache.mask(length)
        else:
            mask = u.causal_mask(query, key)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return u.Linear(WIDTH, WIDTH, name="out")(unp.reshape(unp.moveaxis(mixed, 1, 2), (batch, length, WIDTH)))


def transformer(ids: u.Array, position: u.Array | None = None) -> u.Array:
    """Return the logits of the next characters for characters `(batch, time)`, or for the one at `position`."""
    decode = position is not None
    positions = unp.arange(ids.shape[1]) if position is None else position
    x = u.Embedding(VOCABULARY, WIDTH)(ids) + u.Embedding(SAMPLE, WIDTH, name="positions")(positions)

    def block(x: u.Array) -> u.Array:
        x = x + Attention()(u.LayerNorm(WIDTH)(x), decode)
        return x + u.Linear(2 * WIDTH, WIDTH)(F.gelu(u.Linear(WIDTH, 2 * WIDTH)(u.LayerNorm(WIDTH)(x))))

    x = u.layer_stack(BLOCKS, remat=not decode)(block)(x)
    return u.Linear(WIDTH, VOCABULARY)(u.LayerNorm(WIDTH)(x))


@dataclass
class Run:
    """The results of a training run that are compared."""

    initial: u.Params  # NumPy arrays, before the first step
    params: u.Params
    losses: np.ndarray
    speed: float  # characters per second, without the first step, which compiles


def cross_entropy(logits: u.Array, ids: u.Array) -> u.Array:
    """Return the mean cross-entropy over all characters, in nats."""
    return F.cross_entropy(logits.reshape(-1, VOCABULARY), ids.reshape(-1))


def train(backend: str, name: str, body: Body, batches: Batches) -> Run:
    """Train by one step function, on either framework."""
    arrays, optax = [ARRAYS[backend](batch) for batch in batches], load_library("optax", backend)
    net = u.transform(body, backend=backend)
    model = net.init(arrays[0][:, :-1], rng=SEED)
    params: u.Params = model.params if backend == "torch" else model
    initial = params.to("numpy")
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(LEARNING_RATE))

    def loss_of(params: u.Params, batch: u.Array) -> u.Array:
        return cross_entropy(net.apply(params, batch[:, :-1], training=True)[0], batch[:, 1:])

    @u.jit
    def step(params: u.Params, state: Any, batch: u.Array) -> tuple[u.Params, Any, u.Array]:
        loss, gradients = u.value_and_grad(loss_of)(params, batch)
        weights, rest = params.split()
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates) | rest, state, loss

    state, losses, start = optimizer.init(params.split()[0]), [], 0.0
    for array in track(arrays, f"{name}, {NAMES[backend]:7}"):
        params, state, loss = step(params, state, array)
        losses.append(loss.item())
        if len(losses) == 1:
            start = time.perf_counter()
    return Run(initial, params, np.array(losses), speed(batches, start))


def speed(batches: Batches, start: float) -> float:
    """Return the characters per second since the first step."""
    return (len(batches) - 1) * BATCH * LENGTH / (time.perf_counter() - start)


def generate(backend: str, params: u.Params, prompt: list[int]) -> list[int]:
    """Return the characters that the transformer generates after a prompt; the cache is passed from call to call."""
    array = ARRAYS[backend]
    net = u.transform(transformer, backend=backend)
    net.init(array(np.array([prompt])), rng=SEED)  # on PyTorch this makes the layers
    step, params = u.jit(net.apply), with_empty_cache(params.to(backend))
    ids, random = list(prompt), np.random.default_rng(SEED)
    for position in range(SAMPLE - 1):
        logits, changes = step(params, array(np.array([[ids[position]]])), array(np.array([position])))
        params = params | changes
        if position >= len(prompt) - 1:
            ids.append(sample(logits, random))
    return ids


def sample(logits: u.Array, random: np.random.Generator) -> int:
    """Return a character sample by its probability."""
    scores = np.asarray(logits[0, -1], np.float64) / TEMPERATURE
    odds = np.exp(scores - scores.max())
    return int(random.choice(VOCABULARY, p=odds / odds.sum()))


def with_empty_cache(params: u.Params) -> u.Params:
    """Return `params` as before the first character."""
    return params.update({path: value * 0 for path, value in params.filter("cache").items()})


def load(steps: int) -> Batches:
    """Return batches of characters `(BATCH, LENGTH + 1)` from the source of the standard library."""
    text = "\n".join((LIBRARY / f"{name}.py").read_text(encoding="utf-8") for name in FILES)
    ids = np.array([min(ord(character), VOCABULARY - 1) for character in text])
    starts = np.random.default_rng(SEED).integers(0, len(ids) - LENGTH - 1, (steps, BATCH))
    return [ids[start[:, None] + np.arange(LENGTH + 1)] for start in starts]


def compare(name: str, a: Run, b: Run, largest_loss: float) -> Iterator[Row]:
    """Yield the rows of the table: title, PyTorch, JAX, requirement, whether it is met."""
    equal = sum(path in b.initial and value.tobytes() == b.initial[path].tobytes() for path, value in a.initial.items())
    gap = relative_gap(a, b).max()
    final_losses = [run.losses[-10:].mean() for run in (a, b)]
    count = len(a.initial)
    yield f"{name}: variables with equal bits", f"{equal}", f"{equal}", f"{count}", equal == count == len(b.initial)
    yield f"{name}: largest gap of the losses", f"{gap:.1e}", "", f"≤ {LARGEST_GAP:.0e}", gap <= LARGEST_GAP
    met = max(final_losses) <= largest_loss
    yield f"{name}: loss at the end", f"{final_losses[0]:.2f}", f"{final_losses[1]:.2f}", f"≤ {largest_loss}", met
    yield f"{name}: characters per second", f"{a.speed:,.0f}", f"{b.speed:,.0f}", "", None


def relative_gap(a: Run, b: Run) -> np.ndarray:
    """Return the difference of the losses of each step, relative to the larger one."""
    gap: np.ndarray = np.abs(a.losses - b.losses) / np.maximum(a.losses, b.losses)
    return gap


def draw(runs: dict[str, tuple[Run, Run]]) -> None:
    """Save a plot of the curves and of their gaps."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, sharex=True, sharey="row", figsize=(10, 6), layout="constrained")
    for (name, (a, b)), (top, bottom) in zip(runs.items(), axes.T, strict=True):
        top.plot(a.losses, color="#f4b183", linewidth=4, label="PyTorch")
        top.plot(b.losses, color="#1f3b73", linewidth=1, label="JAX")
        top.set(title=name, ylabel="nats per character")
        top.legend(frameon=False)
        bottom.semilogy(np.maximum(relative_gap(a, b), 1e-8), color="#1f3b73", linewidth=0.8)
        bottom.axhline(LARGEST_GAP, color="#c0392b", linestyle="--", linewidth=1)
        bottom.set(xlabel="step", ylabel="relative gap", ylim=(1e-8, 1e-1))
        for plot in (top, bottom):
            plot.spines[["top", "right"]].set_visible(False)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=120)


def main(steps: int = STEPS, largest_loss: float = LARGEST_LOSS) -> bool:
    """Train all four, print the table and a sample, and return whether every row is met."""
    torch.set_num_threads(1)  # on arrays this small a second thread costs more than it brings
    batches = load(steps)
    console = Console()
    table = Table("", "PyTorch", "JAX", "required", "met")
    runs: dict[str, tuple[Run, Run]] = {}
    rows: list[Row] = []
    bodies: dict[str, Body] = {"lstm": lstm, "transformer": transformer}
    for name, body in bodies.items():
        on_torch, on_jax = (train(backend, name, body, batches) for backend in ("torch", "jax"))
        runs[name] = on_torch, on_jax
        rows += compare(name, on_torch, on_jax, largest_loss)
    prompt = [ord(character) for character in "def __init__(self"]
    params = runs["transformer"][1].params
    samples = [generate(backend, params, prompt) for backend in ("torch", "jax")]
    text = "".join(map(chr, samples[0]))
    rows.append(("the same text from a cache", str(len(text)), str(len(samples[1])), "equal", samples[0] == samples[1]))
    for *cells, met in rows:
        table.add_row(*cells, {True: "[green]yes", False: "[bold red]NO", None: ""}[met])
    console.print(table)
    console.print("The transformer generates:", text, sep="\n", markup=False, highlight=False)
    draw(runs)
    console.print(f"The curves: {PICTURE.resolve()}", soft_wrap=True)
    return all(met is None or met for *_, met in rows)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
