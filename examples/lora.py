"""Low-rank adapters: a net that reads upright digits learns to read rotated ones, with its pretrained weights frozen.

The net is pretrained on PyTorch and saved, adapted from that file on PyTorch and on JAX, and merged, so that the net
without adapters computes the same logits. `python examples/lora.py` takes about ten seconds. It exits with status 1 if
a row of its table is not met. Adapters: Hu et al. (2021).
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.datasets import load_digits

import unified as u
import unified.functional as F
from unified.typing import TorchModel

SEED = 0
RANK = 4
PRETRAINING, STEPS = 300, 450
BATCH = 64
LEARNING_RATE = 5e-3
LARGEST_GAP = 1e-3
LEAST_ACCURACY = 0.9
ADAPTERS = "*/lora_*"

Batches = list[np.ndarray]  # of indices
Row = tuple[str, str, str, str, bool | None]


class Dense(u.Module):
    """A linear layer, plus an adapter of rank `rank` that starts at zero, unless `rank` is 0."""

    def __init__(self, features: int, rank: int) -> None:
        self.features, self.rank = features, rank

    def __call__(self, x: u.Array) -> u.Array:  # (N, features in) -> (N, features)
        y = u.Linear(None, self.features)(x)
        if self.rank:
            low = u.Linear(None, self.rank, bias=False, name="lora_a")(x)
            y = y + u.Linear(None, self.features, bias=False, name="lora_b", init_fn=u.initializers.zeros)(low)
        return y


def forward(x: u.Array, rank: int = 0) -> u.Array:
    """Return the logits of ten digits for images `(N, 64)`."""
    for features in (128, 128):
        x = F.gelu(Dense(features, rank)(x))
    return Dense(10, rank)(x)


@dataclass
class Run:
    """The results of an adaptation that are compared."""

    adapters: int  # number of values in the adapters
    is_unchanged: bool  # whether the pretrained weights still have the same bits
    losses: np.ndarray
    accuracy: float
    merged_gap: float  # the largest difference in the logits of the merged net


def pretrain(images: np.ndarray, labels: np.ndarray, batches: Batches) -> TorchModel[u.Array]:
    """Return a PyTorch model that reads upright digits."""
    x, y = torch.from_numpy(images), torch.from_numpy(labels)
    net = u.transform(forward, backend="torch").init(x[:1], rng=SEED)
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
    for batch in track(batches, "pretraining"):
        optimizer.zero_grad()
        F.cross_entropy(net(x[batch]), y[batch]).backward()
        optimizer.step()
    return net


def grow(net: u.Model[u.Array], params: u.Params, x: u.Array) -> u.Params:
    """Return `params` with the adapters of `net` added, where only the adapters are trainable."""
    _, added = net.apply(params.unlocked(rng=SEED), x)
    return (added | params.locked()).freeze().unfreeze(ADAPTERS)


def merge(params: u.Params) -> u.Params:
    """Return the pretrained variables, with the product of each pair of adapters added to the adapted weight."""
    adapters, pretrained = params.split(ADAPTERS)
    weights = {
        path.replace("lora_b", "linear"): pretrained[path.replace("lora_b", "linear")]
        + value @ adapters[path.replace("lora_b", "lora_a")]
        for path, value in adapters.items()
        if path.endswith("lora_b/weight")
    }
    return pretrained.update(weights)


def adapt_torch(file: Path, images: np.ndarray, labels: np.ndarray, batches: Batches, test: np.ndarray) -> Run:
    """Adapt a model with frozen weights."""
    torch.set_num_threads(1)
    x, y = torch.from_numpy(images), torch.from_numpy(labels)
    pretrained = u.load(file, "torch")
    net = u.transform(forward, rank=RANK, backend="torch").init(x[:1], rng=SEED)
    net.load_params(grow(net, pretrained, x[:1]))
    optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=LEARNING_RATE)
    losses = []
    for batch in track(batches, "PyTorch    "):
        loss = F.cross_entropy(net(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    plain = u.transform(forward, backend="torch").init(x[:1], rng=SEED)
    with torch.no_grad():
        logits = net(x[test])
        merged = plain.load_params(merge(net.params))(x[test])
    return summary(net.params, pretrained, losses, logits, merged, labels[test])


def adapt_jax(file: Path, images: np.ndarray, labels: np.ndarray, batches: Batches, test: np.ndarray) -> Run:
    """Adapt with a pure step over the trainable half of the `Params`."""
    inputs, targets = jnp.asarray(images), jnp.asarray(labels)
    pretrained = u.load(file, "jax")
    net = u.transform(forward, rank=RANK, backend="jax")
    trainable, frozen = grow(net, pretrained, inputs[:1]).split()
    optimizer = optax.adam(LEARNING_RATE)
    optimizer_state = optimizer.init(trainable)

    @jax.jit
    def step(
        trainable: u.Params, optimizer_state: optax.OptState, x: jax.Array, y: jax.Array
    ) -> tuple[u.Params, optax.OptState, jax.Array]:
        def loss_of(trainable: u.Params) -> u.Array:
            return F.cross_entropy(net.apply(trainable | frozen, x)[0], y)

        loss, gradients = jax.value_and_grad(loss_of)(trainable)
        updates, optimizer_state = optimizer.update(gradients, optimizer_state)
        updated: Any = optax.apply_updates(trainable, updates)
        return updated, optimizer_state, loss

    losses = []
    for batch in track(batches, "JAX        "):
        trainable, optimizer_state, loss = step(trainable, optimizer_state, inputs[batch], targets[batch])
        losses.append(loss.item())
    params = trainable | frozen
    plain = u.transform(forward, backend="jax")
    logits, merged = net.apply(params, inputs[test])[0], plain.apply(merge(params), inputs[test])[0]
    return summary(params, pretrained, losses, logits, merged, labels[test])


def summary(
    params: u.Params, pretrained: u.Params, losses: list[float], logits: u.Array, merged: u.Array, labels: np.ndarray
) -> Run:
    """Return the results of an adaptation, in NumPy."""
    adapters = params.filter(ADAPTERS)
    after, before = params.to("numpy"), pretrained.to("numpy")
    is_unchanged = all(np.array_equal(after[path], before[path]) for path in before)
    logits, merged = np.asarray(logits), np.asarray(merged)
    accuracy = (logits.argmax(1) == labels).mean().item()
    size = sum(info.size for info in adapters.info.values())
    return Run(size, is_unchanged, np.array(losses), accuracy, np.abs(logits - merged).max().item())


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, Batches, np.ndarray]:
    """Return images, rotated images, labels, the indices of each batch, and those of the test images."""
    digits: Any = load_digits()
    images = (digits.images / 16).astype(np.float32)
    rotated = np.rot90(images, axes=(1, 2)).reshape(len(images), -1).copy()
    random = np.random.default_rng(SEED)
    train, test = np.split(random.permutation(len(images)), [len(images) * 4 // 5])
    batches = [random.choice(train, BATCH, replace=False) for _ in range(PRETRAINING + STEPS)]
    return images.reshape(len(images), -1), rotated, digits.target, batches, test


def rows(before: float, size: int, a: Run, b: Run) -> Iterator[Row]:
    """Yield the rows of the table: title, PyTorch, JAX, requirement, whether it is met."""
    gap = (np.abs(a.losses - b.losses) / np.maximum(a.losses, b.losses)).max().item()
    share = a.adapters / size
    worst = max(a.merged_gap, b.merged_gap)
    yield "accuracy on rotated digits, before", f"{before:.1%}", f"{before:.1%}", "", None
    yield (
        "accuracy after",
        f"{a.accuracy:.1%}",
        f"{b.accuracy:.1%}",
        f"≥ {LEAST_ACCURACY:.0%}",
        min(a.accuracy, b.accuracy) >= LEAST_ACCURACY,
    )
    yield "trained values", f"{a.adapters:,}", f"{b.adapters:,}", "≤ 10 %", share <= 0.1
    is_unchanged = a.is_unchanged and b.is_unchanged
    yield "pretrained bits unchanged", str(a.is_unchanged), str(b.is_unchanged), "True", is_unchanged
    yield "largest gap of the losses", f"{gap:.1e}", "", f"≤ {LARGEST_GAP:.0e}", gap <= LARGEST_GAP
    yield "largest change of logits by merging", f"{a.merged_gap:.1e}", f"{b.merged_gap:.1e}", "≤ 1e-04", worst <= 1e-4


def main() -> bool:
    """Pretrain, adapt on both, print the table, and return whether every row is met."""
    images, rotated, labels, batches, test = load()
    pretrained = pretrain(images, labels, batches[:PRETRAINING])
    with torch.no_grad():
        before = (pretrained(torch.from_numpy(rotated[test])).argmax(1).numpy() == labels[test]).mean().item()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pretrained.safetensors")
        u.save(file, pretrained)
        on_torch, on_jax = (
            adapt(file, rotated, labels, batches[PRETRAINING:], test) for adapt in (adapt_torch, adapt_jax)
        )
    size = sum(info.size for info in pretrained.params.info.values())
    table_rows = list(rows(before, size, on_torch, on_jax))
    table = Table("", "PyTorch", "JAX", "required", "met")
    for *cells, met in table_rows:
        table.add_row(*cells, {True: "[green]yes", False: "[bold red]NO", None: ""}[met])
    Console().print(table)
    return all(met is None or met for *_, met in table_rows)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
