"""A training step written once, `u.jit` with optax, on torch against `torch.optim` and autograd by hand.

Ours takes immutable `Params` and an optimizer's state and returns new ones, with optax's own source over torch
(`unified.compat.load`); the hand-written step changes its module in place.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

import unified as u
import unified.functional as F
from benchmarks import fresh
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare
from unified.compat import load

BAR = 1.1
ROUNDS = 90
PROCESSES = 3
SIZES = {"small": (32, 2, 32), "mid-size": (256, 8, 64)}  # width, hidden layers, batch
CLASSES = 10
OPTIMIZERS = ("adam", "sgd with momentum")


def _hand(
    width: int, depth: int, x: torch.Tensor, labels: torch.Tensor, name: str, compiles: bool
) -> Callable[[], Any]:
    layers = [layer for _ in range(depth) for layer in (nn.Linear(width, width), nn.ReLU())]
    module: Any = nn.Sequential(*layers, nn.Linear(width, CLASSES))
    optimizer: torch.optim.Optimizer
    if name == "adam":
        optimizer = torch.optim.Adam(module.parameters(), lr=1e-3)
    else:
        optimizer = torch.optim.SGD(module.parameters(), lr=1e-3, momentum=0.9)
    update: Callable[[], Any] = optimizer.step
    if compiles:
        module, update = torch.compile(module), torch.compile(update)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(x), labels).backward()
        update()

    return step


def _ours(
    width: int, depth: int, x: torch.Tensor, labels: torch.Tensor, name: str, compiles: bool
) -> Callable[[], Any]:
    def body(x: Any) -> Any:
        for _ in range(depth):
            x = F.relu(u.Linear(width, width)(x))
        return u.Linear(width, CLASSES)(x)

    optax = load("optax", "torch")
    net = u.transform(body, backend="torch").init(x, rng=0)
    optimizer = optax.adam(1e-3) if name == "adam" else optax.sgd(1e-3, momentum=0.9)

    def loss_fn(params: u.Params, x: Any, labels: Any) -> Any:
        output, changes = net.apply(params, x, training=True)
        return F.cross_entropy(output, labels), changes

    def step(params: u.Params, state: Any, x: Any, labels: Any) -> Any:
        (loss, changes), gradients = u.value_and_grad(loss_fn, has_aux=True)(params, x, labels)
        weights, rest = params.split()
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates) | rest | changes, state, loss

    jitted = u.jit(step, compile=compiles)
    current = [net.params, optimizer.init(net.params.split()[0])]

    def run() -> None:
        current[0], current[1], _ = jitted(*current, x, labels)

    return run


def measure(rounds: int, number: int, size: str, name: str, compiles: bool = False) -> Samples:
    """Return the samples of both steps in a fresh process, the `number`-th, which sets the order of construction."""
    torch.set_num_threads(1)
    width, depth, batch = SIZES[size]
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((batch, width)).astype(np.float32))
    labels = torch.arange(batch) % CLASSES
    makers = [("unified", _ours), ("raw", _hand)]
    steps = {key: make(width, depth, x, labels, name, compiles) for key, make in makers[:: 1 if number % 2 else -1]}
    return interleave(steps, rounds, clock=time.thread_time)  # autograd runs on CPUs in the thread that calls it


def title(how: str, size: str, name: str) -> str:
    """Return the name of a row."""
    return f"training step on torch, {how}, {size} MLP, {name} ÷ torch.optim by hand"


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    rows: list[Row] = []
    for size in SIZES:
        for name in OPTIMIZERS:
            samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES, size, name)
            rows.append(compare(title("eager", size, name), samples, bar=BAR))
    return rows
