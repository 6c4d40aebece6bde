"""Cost of a call on torch without compilation: 100 x (Linear(10, 10), relu), batch 2, one thread.

Layers this small make the cost of finding a layer visible; larger ones hide it. The guarantee is relative to the
faster of the two hand-written styles, an `nn.ModuleList`; the model with one attribute per layer is shown as well. All
run with gradients, as in a training step, and without them, where torch does less work and our overhead weighs more.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import torch

import unified as u
from benchmarks import fresh, torch_nets
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare

BAR = 1.05
ATTRIBUTES_BAR = 1.02
ROUNDS = 240
PROCESSES = 8


def _makers(x: torch.Tensor) -> dict[str, Callable[[], Any]]:
    return {
        "unified": lambda: u.transform(torch_nets.inline, backend="torch").init(x, rng=0),
        "unified, torch's F": lambda: u.transform(torch_nets.inline_torch_functional, backend="torch").init(x, rng=0),
        "ModuleList": torch_nets.Listed,
        "attributes": torch_nets.Attributes,
        "blaze": lambda: torch_nets.blaze_net().init(x),
    }


def measure(rounds: int, number: int) -> Samples:
    """Return the samples of all nets in a fresh process, the `number`-th, which sets the order of construction."""
    torch.set_num_threads(1)
    x = torch_nets.example()
    makers = list(_makers(x).items())
    nets = {}
    for name, make in makers[number % len(makers) :] + makers[: number % len(makers)]:
        with contextlib.suppress(ImportError):
            nets[name] = make()
    calls = {name: lambda net=net: net(x) for name, net in nets.items()}
    samples = interleave(calls, rounds)
    with torch.no_grad():
        no_grad_samples = interleave(calls, rounds)
    return samples | {f"{name}, no_grad": values for name, values in no_grad_samples.items()}


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES)
    title = "torch eager call"
    torch_f, listed = "unified, torch's F", "ModuleList"
    return [
        compare(f"{title}: unified.functional ÷ ModuleList", samples, "unified", listed, bar=BAR, peers=("blaze",)),
        compare(f"{title}: torch.nn.functional ÷ ModuleList", samples, torch_f, listed, bar=BAR, peers=("blaze",)),
        compare(
            f"{title}: unified.functional ÷ attributes",
            samples,
            "unified",
            "attributes",
            bar=ATTRIBUTES_BAR,
            peers=("blaze",),
        ),
        compare(
            f"{title}: torch.nn.functional ÷ attributes",
            samples,
            torch_f,
            "attributes",
            bar=ATTRIBUTES_BAR,
            peers=("blaze",),
        ),
        compare(
            f"{title}: unified.functional ÷ ModuleList, no_grad", samples, "unified, no_grad", "ModuleList, no_grad"
        ),
    ]
