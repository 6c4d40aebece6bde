"""`u.unroll` of cells on torch against a loop by hand over the same cell, with and without resets.

The hand-written module holds a cell of `torch.nn`, unbinds the sequence, calls the cell, and stacks the outputs; where
a row starts anew it takes zeros by `torch.where`. A time is that of the outputs, recorded for autograd.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

import unified as u
from benchmarks import fresh
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare

BAR = 1.05
ROUNDS = 120
PROCESSES = 2
BATCH, LENGTH = 16, 64
WIDTHS = (16, 128)
CELLS: dict[str, tuple[Any, Any]] = {
    "LSTMCell": (u.LSTMCell, nn.LSTMCell),
    "GRUCell": (u.GRUCell, nn.GRUCell),
    "RNNCell": (u.RNNCell, nn.RNNCell),
}


class Hand(nn.Module):
    """The loop by hand."""

    def __init__(self, cell: Callable[..., nn.Module], width: int) -> None:
        super().__init__()
        self.cell, self.is_pair = cell(width, width), cell is nn.LSTMCell

    def forward(self, xs: torch.Tensor, reset: torch.Tensor | None = None) -> Any:
        zeros = xs.new_zeros(xs.shape[0], xs.shape[2])
        state: Any = (zeros, zeros) if self.is_pair else zeros
        masks = None if reset is None else reset[:, :, None].unbind(1)
        outputs = []
        for step, x in enumerate(xs.unbind(1)):
            if masks is not None and self.is_pair:
                state = tuple([torch.where(masks[step], zeros, part) for part in state])
            elif masks is not None:
                state = torch.where(masks[step], zeros, state)
            state = self.cell(x, state)
            outputs.append(state[0] if self.is_pair else state)
        return torch.stack(outputs, 1), state


def _calls(name: str, width: int, with_reset: bool, backwards: bool) -> dict[str, Callable[[], Any]]:
    """Return a call of ours and one of the loop by hand, made in this order or the other."""
    ours, theirs = CELLS[name]
    args = (torch.randn(BATCH, LENGTH, width), *((torch.rand(BATCH, LENGTH) < 0.1,) if with_reset else ()))

    def body(xs: Any, reset: Any = None) -> Any:
        return u.unroll(ours(width, width), xs, reset=reset)

    makers: list[tuple[str, Callable[[], Any]]] = [
        ("unified", lambda: u.transform(body, backend="torch").init(*args, rng=0)),
        ("raw", lambda: Hand(theirs, width)),
    ]
    nets = {key: make() for key, make in makers[:: -1 if backwards else 1]}
    return {f"{key} {width} {with_reset}": lambda net=net: net(*args) for key, net in nets.items()}


def measure(rounds: int, number: int, name: str) -> Samples:
    """Return the samples of all loops over a cell in a fresh process, the `number`-th."""
    torch.set_num_threads(1)
    calls: dict[str, Callable[[], Any]] = {}
    for width in WIDTHS:
        for with_reset in (False, True):
            calls |= _calls(name, width, with_reset, bool(number % 2))
    return interleave(calls, rounds)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    rows = []
    for name in CELLS:
        samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES, name)
        for width in WIDTHS:
            for with_reset in (False, True):
                keys = [f"{key} {width} {with_reset}" for key in ("unified", "raw")]
                title = f"u.unroll({name}) on torch, width {width}{', reset' if with_reset else ''} ÷ loop by hand"
                rows.append(compare(title, samples, *keys, bar=BAR))
    return rows
