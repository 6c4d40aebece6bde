"""Layers on torch without compilation, each against a hand-written module that holds the same layer: forward, backward.

On torch a layer is `torch.nn`'s, so this measures the cost of finding it, in nets of a single layer.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

import unified as u
from benchmarks import fresh
from benchmarks.jax_layers import FEATURES, HEADS, LAYERS, WIDE
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare

BAR = 1.05
ROUNDS = 80
PROCESSES = 4
LENGTH = 16


class Plain(nn.Module):
    """A module with one layer."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


class SelfAttention(Plain):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x, x, x, need_weights=False)[0]


class First(Plain):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)[0]


def lstm(x: Any) -> Any:
    """Run our layer."""
    return u.LSTM(FEATURES, FEATURES)(x)[0]


def hand_written(layer: str) -> nn.Module:
    """Return the module that a user of torch writes."""
    if layer == "Linear":
        return Plain(nn.Linear(FEATURES, WIDE))
    if layer == "Conv2d":
        return Plain(nn.Conv2d(16, 32, 3, padding=1))
    if layer == "BatchNorm2d":
        return Plain(nn.BatchNorm2d(16))
    if layer == "LayerNorm":
        return Plain(nn.LayerNorm(FEATURES))
    if layer == "MultiheadAttention":
        return SelfAttention(nn.MultiheadAttention(FEATURES, HEADS, batch_first=True))
    if layer == "LSTM":
        return First(nn.LSTM(FEATURES, FEATURES))
    return Plain(nn.TransformerEncoderLayer(FEATURES, HEADS, WIDE, batch_first=True))


BODIES: dict[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    **{name: (body, shape) for name, (body, _, shape, _) in LAYERS.items()},
    "LSTM": (lstm, (LENGTH, 8, FEATURES)),
}


def measure(rounds: int, number: int, layer: str) -> Samples:
    """Return the samples of both contestants in a fresh process, the `number`-th."""
    torch.set_num_threads(1)
    body, shape = BODIES[layer]
    x = torch.randn(shape)
    nets: dict[str, Any] = {}
    for name in ("unified", "raw")[:: 1 if number % 2 else -1]:
        nets[name] = u.transform(body, backend="torch").init(x, rng=0) if name == "unified" else hand_written(layer)
        nets[name].train()

    def step(net: Any) -> None:
        net(x).sum().backward()

    return interleave({name: lambda net=net: step(net) for name, net in nets.items()}, rounds)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    rows = []
    for layer in BODIES:
        samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES, layer)
        rows.append(compare(f"{layer} on torch, forward and backward ÷ torch.nn", samples, bar=BAR))
    return rows
