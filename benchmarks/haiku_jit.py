"""Haiku code under `jax.jit` on torch against the same net by hand: what a replayed graph costs beside plain calls.

A call is that of `jax.jit` on tensors: a step is the outputs' sum with its gradients by autograd, an evaluation runs
under `torch.no_grad`. The hand-written nets compute the same function as in `benchmarks.haiku`.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

import unified.compat.haiku as hk
import unified.compat.jax as jax
from benchmarks.haiku import BATCH, SIZE, ResNet18, resnet
from benchmarks.measure import interleave
from benchmarks.row import Row, compare

BAR = 1.05
MLP_BATCH, MLP_WIDTHS = 128, (512, 512, 10)
STEPS, SERIES_BATCH, WIDTH = 64, 32, 128


class LSTM(nn.Module):
    """Haiku's LSTM over time, hand-written: one matrix for the inputs and the state."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.Linear(2 * WIDTH, 4 * WIDTH)

    def forward(self, series: torch.Tensor) -> torch.Tensor:
        hidden = cell = series.new_zeros(series.shape[1], WIDTH)
        outputs = []
        for x in series.unbind(0):
            i, g, f, o = self.gates(torch.cat([x, hidden], -1)).chunk(4, -1)
            cell = torch.sigmoid(f + 1) * cell + torch.sigmoid(i) * torch.tanh(g)
            hidden = torch.sigmoid(o) * torch.tanh(cell)
            outputs.append(hidden)
        return torch.stack(outputs)


def mlp() -> nn.Module:
    """Return the MLP by hand."""
    first, second, third = MLP_WIDTHS
    return nn.Sequential(
        nn.Linear(512, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, third)
    )


def lstm_scan(x: Any) -> Any:
    """Run Haiku's LSTM over time."""
    core = hk.LSTM(WIDTH)
    return hk.dynamic_unroll(core, x, core.initial_state(x.shape[1]))[0]


def _step(call: Callable[..., Any], parameters: Any) -> Callable[[], Any]:
    """Return a step with gradients of the parameters, which are dropped."""
    return lambda: torch.autograd.grad(call().sum(), parameters)


def _evaluation(call: Callable[..., Any]) -> Callable[[], Any]:
    def run() -> Any:
        with torch.no_grad():
            return call()

    return run


def run(rounds: int = 15) -> list[Row]:
    """Return the rows, measured with one thread."""
    torch.set_num_threads(1)
    rows = []
    cases: dict[str, tuple[Callable[..., Any], torch.Tensor, nn.Module]] = {
        "MLP": (lambda x: hk.nets.MLP(MLP_WIDTHS)(x), torch.randn(MLP_BATCH, 512), mlp()),
        "ResNet-18": (resnet(hk), torch.randn(BATCH, SIZE, SIZE, 3), ResNet18().to(memory_format=torch.channels_last)),
        "LSTM scan": (lstm_scan, torch.randn(STEPS, SERIES_BATCH, WIDTH), LSTM()),
    }
    for name, (body, x, by_hand) in cases.items():
        net = hk.without_apply_rng(hk.transform_with_state(body, backend="torch"))
        params, state = net.init(0, x)
        params = jax.tree_util.tree_map(lambda leaf: leaf.detach().requires_grad_(), params)
        apply = jax.jit(net.apply)
        own, raw = jax.tree_util.tree_leaves(params), list(by_hand.parameters())

        def ours(apply: Any = apply, params: Any = params, state: Any = state, x: Any = x) -> Any:
            return apply(params, state, x)[0]

        def theirs(by_hand: Any = by_hand, x: Any = x) -> Any:
            return by_hand(x)

        steps = {"unified": _step(ours, own), "raw": _step(theirs, raw)}
        rows.append(compare(f"jitted haiku on torch: {name}, forward and backward", interleave(steps, rounds), bar=BAR))
        evaluations = {"unified": _evaluation(ours), "raw": _evaluation(theirs)}
        rows.append(compare(f"jitted haiku on torch: {name}, evaluation", interleave(evaluations, rounds), bar=BAR))
    return rows
