"""Cost of a `u.Module` of the body on torch: one around one `Linear(10, 10)`, beside an `nn.Module` around one.

Each stands in a model of its own, as in a program: the model calls the module, and the module the layer. Modules this
small make the cost of building and calling one visible.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch._dynamo
from torch import nn

import unified as u
from benchmarks import fresh
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare, guarded

BAR = 1.0
ROUNDS = 240
PROCESSES = 8
WIDTH, DEPTH = 10, 10
TITLE = "torch eager call: a u.Module with one Linear ÷ nn.Module"
BREAKS = "torch.compile: graph breaks in modules of the body"


class Block(u.Module):
    """One layer."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return u.Linear(WIDTH, WIDTH)(x)


def one(x: torch.Tensor) -> torch.Tensor:
    """Run one module."""
    return Block()(x)


def many(x: torch.Tensor) -> torch.Tensor:
    """Run `DEPTH` modules."""
    for _ in range(DEPTH):
        x = Block()(x)
    return x


class HandBlock(nn.Module):
    """One layer, by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x)


class HandOne(nn.Module):
    """One module, by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.block = HandBlock()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block(x)


class HandMany(nn.Module):
    """`DEPTH` modules, by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(HandBlock() for _ in range(DEPTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return x


def _ours(fn: Callable[..., Any]) -> Callable[[], Any]:
    return lambda: u.transform(fn, backend="torch").init(torch.ones(2, WIDTH), rng=0)


def measure(rounds: int, number: int) -> Samples:
    """Return the samples of all nets in a fresh process, the `number`-th, which sets the order of construction."""
    torch.set_num_threads(1)
    x = torch.ones(2, WIDTH)
    makers: list[tuple[str, Callable[[], Any]]] = [
        ("one", _ours(one)),
        ("hand one", HandOne),
        ("many", _ours(many)),
        ("hand many", HandMany),
    ]
    first = number % len(makers)
    nets = {name: make() for name, make in makers[first:] + makers[:first]}
    return interleave({name: lambda net=net: net(x) for name, net in nets.items()}, rounds)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES)
    return [
        compare(TITLE, samples, "one", "hand one", bar=BAR),
        compare(f"{TITLE}, {DEPTH} in a list", samples, "many", "hand many"),
        *guarded(BREAKS, _breaks),
    ]


def _breaks() -> list[Row]:
    counts = []
    for net in (_ours(many)(), HandMany()):
        torch._dynamo.reset()
        counts.append(torch._dynamo.explain(net)(torch.ones(2, WIDTH)).graph_break_count)
    return [Row(BREAKS, counts[0], counts[1], "breaks", bar=0, met=counts[0] == 0)]
