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
from benchmarks.haiku import BATCH, CLASSES, SIZE, ResNet18
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


def perceptron(x: Any, is_training: bool) -> Any:
    """Run Haiku's MLP."""
    return hk.nets.MLP(MLP_WIDTHS)(x)


def resnet(x: Any, is_training: bool) -> Any:
    """Run Haiku's ResNet-18."""
    return hk.nets.ResNet18(CLASSES)(x, is_training)


def lstm_scan(x: Any, is_training: bool) -> Any:
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
        "MLP": (perceptron, torch.randn(MLP_BATCH, 512), mlp()),
        "ResNet-18": (resnet, torch.randn(BATCH, SIZE, SIZE, 3), ResNet18().to(memory_format=torch.channels_last)),
        "LSTM scan": (lstm_scan, torch.randn(STEPS, SERIES_BATCH, WIDTH), LSTM()),
    }
    for name, (body, x, by_hand) in cases.items():
        net = hk.without_apply_rng(hk.transform_with_state(body, backend="torch"))
        params, state = net.init(0, x, True)
        params = jax.tree_util.tree_map(lambda leaf: leaf.detach().requires_grad_(), params)
        apply = jax.jit(net.apply, static_argnums=3)
        own, raw = jax.tree_util.tree_leaves(params), list(by_hand.parameters())
        calls = _calls(apply, params, state, x, by_hand, True)
        steps = {key: _step(call, leaves) for (key, call), leaves in zip(calls.items(), (own, raw), strict=True)}
        rows.append(compare(f"jitted haiku on torch: {name}, forward and backward", interleave(steps, rounds), bar=BAR))
        by_hand.eval()
        calls = _calls(apply, params, state, x, by_hand, False)
        evaluations = {key: _evaluation(call) for key, call in calls.items()}
        rows.append(compare(f"jitted haiku on torch: {name}, evaluation", interleave(evaluations, rounds), bar=BAR))
    return rows


def _calls(
    apply: Any, params: Any, state: Any, x: torch.Tensor, by_hand: nn.Module, is_training: bool
) -> dict[str, Callable[[], Any]]:
    return {"unified": lambda: apply(params, state, x, is_training)[0], "raw": lambda: by_hand(x)}
