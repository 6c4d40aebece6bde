"""Low-rank adapters: a net that reads upright digits learns to read rotated ones, with its pretrained weights frozen.

The net is pretrained on PyTorch and saved, adapted from that file on PyTorch and on JAX, and merged, so that the net
without adapters computes the same logits. `python examples/lora.py` takes about ten seconds. It exits with status 1 if
a row of its table is not met. Adapters: Hu et al. (2021).
Needs: pip install optax rich scikit-learn
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.datasets import load_digits

import unified as u
import unified.functional as F
from unified.compat import load as load_library
from unified.typing import TorchModel

SEED = 0
RANK = 4
PRETRAINING, STEPS = 300, 450
BATCH = 64
LEARNING_RATE = 5e-3
LARGEST_GAP = 1e-3
LEAST_ACCURACY = 0.9
ADAPTERS = "*/lora_*"

NAMES = {"torch": "PyTorch", "jax": "JAX"}
ARRAYS: dict[str, Callable[..., u.Array]] = {"torch": torch.from_numpy, "jax": jnp.asarray}
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


def fit(
    net: u.Model[u.Array], params: u.Params, x: u.Array, y: u.Array, batches: Batches, optax: Any, title: str
) -> tuple[u.Params, np.ndarray]:
    """Train what of `params` is not frozen, on either framework; return the new ones and the losses."""
    optimizer = optax.adam(LEARNING_RATE)

    def loss_of(params: u.Params, x: u.Array, y: u.Array) -> u.Array:
        return F.cross_entropy(net.apply(params, x)[0], y)

    @u.jit
    def step(params: u.Params, state: Any, x: u.Array, y: u.Array) -> tuple[u.Params, Any, u.Array]:
        loss, gradients = u.value_and_grad(loss_of)(params, x, y)
        trainable, frozen = params.split()
        updates, state = optimizer.update(gradients, state, trainable)
        return optax.apply_updates(trainable, updates) | frozen, state, loss

    state, losses = optimizer.init(params.split()[0]), []
    for batch in track(batches, title):
        params, state, loss = step(params, state, x[batch], y[batch])
        losses.append(loss.item())
    return params, np.array(losses)


def pretrain(images: np.ndarray, labels: np.ndarray, batches: Batches) -> TorchModel[u.Array]:
    """Return a PyTorch model that reads upright digits."""
    x, y = torch.from_numpy(images), torch.from_numpy(labels)
    net = u.transform(forward, backend="torch").init(x[:1], rng=SEED)
    params, _ = fit(net, net.params, x, y, batches, load_library("optax", "torch"), "pretraining")
    return net.load_params(params)


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


def adapt(backend: str, file: Path, images: np.ndarray, labels: np.ndarray, batches: Batches, test: np.ndarray) -> Run:
    """Return the results of adapting the pretrained net, in NumPy."""
    x, y = ARRAYS[backend](images), ARRAYS[backend](labels)
    pretrained = u.load(file, backend)
    net, plain = (u.transform(forward, rank=rank, backend=backend) for rank in (RANK, 0))
    for model in (net, plain):
        model.init(x[:1], rng=SEED)  # on PyTorch this makes the layers
    params = grow(net, pretrained, x[:1])
    params, losses = fit(net, params, x, y, batches, load_library("optax", backend), f"{NAMES[backend]:11}")
    logits, merged = (
        np.asarray(u.jit(model.apply)(values, x[test])[0]) for model, values in ((net, params), (plain, merge(params)))
    )
    after, before = params.to("numpy"), pretrained.to("numpy")
    is_unchanged = all(np.array_equal(after[path], before[path]) for path in before)
    accuracy = (logits.argmax(1) == labels[test]).mean().item()
    size = sum(info.size for info in params.filter(ADAPTERS).info.values())
    return Run(size, is_unchanged, losses, accuracy, np.abs(logits - merged).max().item())


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
    torch.set_num_threads(1)  # on arrays this small a second thread costs more than it brings
    images, rotated, labels, batches, test = load()
    pretrained = pretrain(images, labels, batches[:PRETRAINING])
    with torch.no_grad():
        before = (pretrained(torch.from_numpy(rotated[test])).argmax(1).numpy() == labels[test]).mean().item()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pretrained.safetensors")
        u.save(file, pretrained)
        on_torch, on_jax = (
            adapt(backend, file, rotated, labels, batches[PRETRAINING:], test) for backend in ("torch", "jax")
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
