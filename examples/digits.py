"""A convolutional network, written once and trained on PyTorch and on JAX: the two loss curves are the same.

`python examples/digits.py` takes ten to twenty seconds. It exits with status 1 if a row of its table is not met.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
import optax
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.datasets import load_digits

import unified as u
import unified.functional as F

SEED = 0
STEPS = 500
BATCH = 64
LEARNING_RATE = 3e-3
LARGEST_GAP = 1e-3
LEAST_ACCURACY = 0.97
PICTURE = Path("out/digits.png")

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


def train_torch(images: np.ndarray, labels: np.ndarray, batches: Batches, test: np.ndarray) -> Run:
    """Train as any `nn.Module` is trained."""
    start = time.perf_counter()
    torch.set_num_threads(1)  # on arrays this small a second thread costs more than it brings
    x, y = torch.from_numpy(images), torch.from_numpy(labels)

    # "portable" draws the same dropout masks as JAX; the default draws from torch's generator.
    net = u.transform(forward, backend="torch", rng="portable").init(x[:1], rng=SEED)
    initial = net.params.to("numpy")
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)

    losses = []
    net.train()
    for batch in track(batches, "PyTorch"):
        loss = F.cross_entropy(net(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())

    net.eval()
    with torch.no_grad():
        is_correct = net(x[test]).argmax(1) == y[test]
    return Run(initial, np.array(losses), is_correct.float().mean().item(), time.perf_counter() - start)


def train_jax(images: np.ndarray, labels: np.ndarray, batches: Batches, test: np.ndarray) -> Run:
    """Train with a pure, jitted step over the `Params`."""
    start = time.perf_counter()
    inputs, targets = jnp.asarray(images), jnp.asarray(labels)

    net = u.transform(forward, backend="jax")
    params = net.init(inputs[:1], rng=SEED)
    initial = params.to("numpy")
    optimizer = optax.adam(optax.cosine_decay_schedule(LEARNING_RATE, STEPS))
    trainable, _ = params.split()
    optimizer_state = optimizer.init(trainable)

    @jax.jit
    def step(
        params: u.Params, optimizer_state: optax.OptState, x: jax.Array, y: jax.Array
    ) -> tuple[u.Params, optax.OptState, jax.Array]:
        trainable, rest = params.split()

        def loss_of(trainable: u.Params) -> tuple[u.Array, u.Params]:
            logits, changes = net.apply(trainable | rest, x, training=True)
            return F.cross_entropy(logits, y), changes

        (loss, changes), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable)
        updates, optimizer_state = optimizer.update(gradients, optimizer_state)
        updated: Any = optax.apply_updates(trainable, updates)
        return updated | rest | changes, optimizer_state, loss

    losses = []
    for batch in track(batches, "JAX    "):
        params, optimizer_state, loss = step(params, optimizer_state, inputs[batch], targets[batch])
        losses.append(loss.item())

    logits, _ = jax.jit(net.apply)(params, inputs[test])
    is_correct = logits.argmax(1) == targets[test]
    return Run(initial, np.array(losses), is_correct.mean().item(), time.perf_counter() - start)


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


def draw(a: Run, b: Run) -> None:
    """Save a plot of the two curves and of their gap."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (top, bottom) = plt.subplots(2, sharex=True, figsize=(8, 6), height_ratios=(2, 1), layout="constrained")
    top.semilogy(a.losses, color="#f4b183", linewidth=4, label="PyTorch")
    top.semilogy(b.losses, color="#1f3b73", linewidth=1, label="JAX")
    top.set(title="One network, two frameworks", ylabel="training loss")
    top.legend(frameon=False)
    bottom.semilogy(np.maximum(relative_gap(a, b), 1e-8), color="#1f3b73", linewidth=0.8)
    bottom.axhline(LARGEST_GAP, color="#c0392b", linestyle="--", linewidth=1)
    bottom.text(STEPS, LARGEST_GAP * 1.5, "allowed", color="#c0392b", ha="is_correct")
    bottom.set(xlabel="step", ylabel="relative gap", xlim=(0, STEPS), ylim=(1e-8, 1e-1))
    for axes in (top, bottom):
        axes.spines[["top", "is_correct"]].set_visible(False)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=120)


def main() -> bool:
    """Train on both, print the table, and return whether every row is met."""
    data = load()
    on_torch, on_jax = train_torch(*data), train_jax(*data)
    rows = list(compare(on_torch, on_jax))
    table = Table("", "PyTorch", "JAX", "required", "met")
    for *cells, met in rows:
        table.add_row(*cells, {True: "[green]yes", False: "[bold red]NO", None: ""}[met])
    console = Console()
    console.print(table)
    draw(on_torch, on_jax)
    console.print(f"The two curves: {PICTURE.resolve()}", soft_wrap=True)
    return all(met is None or met for *_, met in rows)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
