"""The object style beside what it stands for: on torch the class written for `torch.nn`, on JAX the inline style.

The net is 100 times a linear layer and a relu, in modules of one layer each, which shows what a call of a module costs;
and the GPT of examples/objects beside its twin with torch's imports.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import unified as u
import unified.functional as F
import unified.nn as nn
from benchmarks import fresh
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare
from conformance_tests.nn.twins import EXAMPLES, load

ROUNDS = 40
PROCESSES = 4
WIDTH, DEPTH = 10, 100
TORCH = "objects, torch eager ÷ written for torch.nn"
TRACE = "objects, jax trace ÷ inline"
CALL = "objects, jax: nn.jit of a call ÷ jax.jit of apply"
INIT = "objects, construction ÷ inline init"


class Block(nn.Module):
    """A linear layer and a relu."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Any) -> Any:
        return F.relu(self.linear(x))


class Net(nn.Module):
    """`DEPTH` blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(DEPTH)])

    def forward(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return x


class HandBlock(torch.nn.Module):
    """A linear layer and a relu, by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.relu(self.linear(x))


class HandNet(torch.nn.Module):
    """`DEPTH` blocks, by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = torch.nn.ModuleList([HandBlock() for _ in range(DEPTH)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return x


class InlineBlock(u.Module):
    """A linear layer and a relu, in a body."""

    def __call__(self, x: Any) -> Any:
        return F.relu(u.Linear(WIDTH, WIDTH)(x))


def inline(x: Any) -> Any:
    """Run `DEPTH` blocks."""
    for _ in range(DEPTH):
        x = InlineBlock()(x)
    return x


def measure_torch(rounds: int, number: int) -> Samples:
    """Return the samples on torch in a fresh process, the `number`-th, which sets the order of construction."""
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    x = torch.ones(2, WIDTH)
    _, cls, kwargs, (tokens,) = EXAMPLES["gpt"]
    ids = torch.tensor(tokens)
    makers: list[tuple[str, Callable[[], Any]]] = [
        ("blocks", lambda: u.build(Net, backend="torch", rng=0)),
        ("hand blocks", HandNet),
        ("gpt", lambda: u.build(getattr(load("gpt"), cls), **kwargs, backend="torch", rng=0).eval()),
        ("hand gpt", lambda: getattr(load("gpt", as_torch=True), cls)(**kwargs).eval()),
    ]
    first = number % len(makers)
    nets = {name: make() for name, make in makers[first:] + makers[:first]}
    return interleave(
        {name: (lambda net=net: net(ids)) if "gpt" in name else (lambda net=net: net(x)) for name, net in nets.items()},
        rounds,
    )


def measure_jax(rounds: int, number: int) -> Samples:
    """Return the samples on JAX."""
    x = jnp.ones((2, WIDTH))
    net = u.build(Net, backend="jax", rng=0).eval()
    model = u.transform(inline, backend="jax")
    params, own = model.init(x, rng=0), net.params
    call, applied = nn.jit(lambda net, x: net(x)), jax.jit(lambda params, x: net.apply(params, x)[0])
    contestants: dict[str, Callable[[], Any]] = {
        "trace": lambda: jax.jit(lambda p, x: net.apply(p, x)).trace(own, x),  # noqa: PLW0108 (a new function)
        "inline trace": lambda: jax.jit(lambda p, x: model.apply(p, x)).trace(params, x),  # noqa: PLW0108
        "call": lambda: jax.block_until_ready(call(net, x)),
        "apply": lambda: jax.block_until_ready(applied(own, x)),
        "init": lambda: u.build(Net, backend="jax", rng=0),
        "inline init": lambda: model.init(x, rng=0),
    }
    assert np.isfinite(np.asarray(call(net, x))).all()
    return interleave(contestants, rounds)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    on_torch = fresh.pooled(f"{__name__}:measure_torch", rounds, PROCESSES)
    on_jax = fresh.pooled(f"{__name__}:measure_jax", rounds, 1)
    return [
        compare(f"{TORCH}: GPT", on_torch, "gpt", "hand gpt", bar=1.0),
        compare(f"{TORCH}: 100 small modules", on_torch, "blocks", "hand blocks"),
        compare(TRACE, on_jax, "trace", "inline trace", bar=1.1),
        compare(CALL, on_jax, "call", "apply"),
        compare(INIT, on_jax, "init", "inline init"),
    ]
