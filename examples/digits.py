"""A convolutional network, written once and trained on PyTorch and on JAX: the two loss curves are the same.

`python examples/digits.py` takes ten to twenty seconds. It exits with status 1 if a row of its table is not met.
`--picture docs/images/loss_curves.svg` draws the picture of the README again.
Needs: pip install matplotlib optax rich scikit-learn
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
from sklearn.datasets import load_digits

import unified as u
import unified.functional as F
from unified.compat import load as load_library

SEED = 0
STEPS = 500
BATCH = 64
LEARNING_RATE = 3e-3
LARGEST_GAP = 1e-3
LEAST_ACCURACY = 0.97
PICTURE = Path("out/digits.png")

NAMES = {"torch": "PyTorch", "jax": "JAX"}
ARRAYS: dict[str, Callable[..., u.Array]] = {"torch": torch.from_numpy, "jax": jnp.asarray}
Batches = list[np.ndarray]  # of indices
Row = tuple[str, str, str, str, bool | None]


def forward(x: u.Array) -> u.Array:
    """Return the logits of ten digits for images `(N, 1, 8, 8)`."""
    # GELU and average pooling are smooth: at the kinks of a ReLU or a maximum, the last bit of a float32 decides the
    # gradient, and two training runs that differ by one rounding drift apart, even on one framework.
    for channels in (16, 32):
        x = u.Conv2d(None, channels, 3, padding=1, bias=False)(x)
        x = F.gelu(u.BatchNorm2d(channels)(x))
        x = F.avg_pool2d(x, 2)
    x = u.Dropout(0.2)(u.Flatten()(x))
    return u.Linear(None, 10)(x)


@dataclass
class Run:
    """The results of a training run that are compared."""

    initial: u.Params  # NumPy arrays, before the first step
    losses: np.ndarray
    accuracy: float
    seconds: float


def train(backend: str, images: np.ndarray, labels: np.ndarray, batches: Batches, test: np.ndarray) -> Run:
    """Train by one step function, on either framework."""
    start = time.perf_counter()
    array = ARRAYS[backend]
    optax = load_library("optax", backend)  # on PyTorch its own source, over tensors
    x, y = array(images), array(labels)

    # "portable" draws the same dropout masks on PyTorch as on JAX; the default draws from torch's generator.
    net = u.transform(forward, backend=backend, rng="portable")
    model = net.init(x[:1], rng=SEED)
    params: u.Params = model.params if backend == "torch" else model
    initial = params.to("numpy")
    optimizer = optax.adam(optax.cosine_decay_schedule(LEARNING_RATE, STEPS))

    def loss_of(params: u.Params, x: u.Array, y: u.Array) -> tuple[u.Array, u.Params]:
        logits, changes = net.apply(params, x, training=True)
        return F.cross_entropy(logits, y), changes

    @u.jit
    def step(params: u.Params, state: Any, x: u.Array, y: u.Array) -> tuple[u.Params, Any, u.Array]:
        (loss, changes), gradients = u.value_and_grad(loss_of, has_aux=True)(params, x, y)
        weights, rest = params.split()
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates) | rest | changes, state, loss

    state, losses = optimizer.init(params.split()[0]), []
    for batch in track(batches, f"{NAMES[backend]:7}"):
        params, state, loss = step(params, state, x[batch], y[batch])
        losses.append(loss.item())

    logits, _ = u.jit(net.apply)(params, x[test])
    accuracy = (np.asarray(logits).argmax(1) == labels[test]).mean().item()
    return Run(initial, np.array(losses), accuracy, time.perf_counter() - start)


def load() -> tuple[np.ndarray, np.ndarray, Batches, np.ndarray]:
    """Return images, labels, the indices of each batch, and those of the test images."""
    digits: Any = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)
    random = np.random.default_rng(SEED)
    train, test = np.split(random.permutation(len(images)), [len(images) * 4 // 5])
    batches = [random.choice(train, BATCH, replace=False) for _ in range(STEPS)]
    return images, digits.target, batches, test


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays hold the same bits, or the same integers: JAX counts in int32 where torch has int64."""
    return np.array_equal(a, b) if a.dtype.kind == "i" else a.dtype == b.dtype and a.tobytes() == b.tobytes()


def compare(a: Run, b: Run) -> Iterator[Row]:
    """Yield the rows of the table: title, PyTorch, JAX, requirement, whether it is met."""
    shared = [path for path in a.initial if path in b.initial]
    names = list(a.initial) == list(b.initial)
    shapes = sum(a.initial[path].shape == b.initial[path].shape for path in shared)
    bits = sum(same_bits(a.initial[path], b.initial[path]) for path in shared)
    gap = relative_gap(a, b).max().item()
    accurate = min(a.accuracy, b.accuracy) >= LEAST_ACCURACY
    yield "variables, names equal", f"{len(a.initial)}", f"{len(b.initial)}", "equal, in order", names
    yield "shapes equal", f"{shapes}", f"{shapes}", f"{len(a.initial)}", shapes == len(a.initial)
    yield "initial bits equal", f"{bits}", f"{bits}", f"{len(a.initial)}", bits == len(a.initial)
    yield "largest gap of the losses", f"{gap:.1e}", "", f"≤ {LARGEST_GAP:.0e}", gap <= LARGEST_GAP
    yield "test accuracy", f"{a.accuracy:.2%}", f"{b.accuracy:.2%}", f"≥ {LEAST_ACCURACY:.0%}", accurate
    yield "time, with compilation", f"{a.seconds:.1f} s", f"{b.seconds:.1f} s", "", None


def relative_gap(a: Run, b: Run) -> np.ndarray:
    """Return the difference of the losses of each step, relative to the larger one, without smoothing or a floor."""
    gap: np.ndarray = np.abs(a.losses - b.losses) / np.maximum(a.losses, b.losses)
    return gap


def draw(a: Run, b: Run, picture: Path) -> None:
    """Save a plot of the two curves and of their gap, in colours that a light and a dark page show."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    grey, orange, blue, red = "#808890", "#f0a050", "#2f6fd0", "#d9534f"
    colours: dict[Any, Any] = dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), grey
    )
    # Without a date and random ids the same losses make the same file.
    with plt.rc_context({**colours, "svg.fonttype": "none", "svg.hashsalt": "digits", "savefig.facecolor": "none"}):
        figure, (top, bottom) = plt.subplots(
            2, sharex=True, figsize=(8, 4.5), height_ratios=(2, 1), layout="constrained"
        )
        top.semilogy(a.losses, color=orange, linewidth=5, label="PyTorch")
        top.semilogy(b.losses, color=blue, linewidth=1.2, label="JAX, drawn over it")
        top.set(title="One network, two frameworks, one seed", ylabel="training loss")
        top.legend(frameon=False)
        bottom.semilogy(np.maximum(relative_gap(a, b), 1e-8), color=blue, linewidth=0.8)
        bottom.axhline(LARGEST_GAP, color=red, linestyle="--", linewidth=1)
        bottom.text(STEPS, LARGEST_GAP * 1.7, "allowed", color=red, ha="right")
        bottom.set(xlabel="step", ylabel="relative gap", xlim=(0, STEPS), ylim=(1e-8, 1e-1))
        for axes in (top, bottom):
            axes.set_facecolor("none")
            axes.spines[["top", "right"]].set_visible(False)
        picture.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(picture, dpi=120, metadata={"Date": None} if picture.suffix == ".svg" else None)


def main(picture: Path = PICTURE) -> bool:
    """Train on both, draw the curves, print the table, and return whether every row is met."""
    torch.set_num_threads(1)  # on arrays this small a second thread costs more than it brings
    data = load()
    on_torch, on_jax = train("torch", *data), train("jax", *data)
    rows = list(compare(on_torch, on_jax))
    table = Table("", "PyTorch", "JAX", "required", "met")
    for *cells, met in rows:
        table.add_row(*cells, {True: "[green]yes", False: "[bold red]NO", None: ""}[met])
    console = Console()
    console.print(table)
    draw(on_torch, on_jax, picture)
    console.print(f"The two curves: {picture.resolve()}", soft_wrap=True)
    return all(met is None or met for *_, met in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where the plot goes (default: %(default)s)")
    sys.exit(0 if main(parser.parse_args().picture) else 1)
