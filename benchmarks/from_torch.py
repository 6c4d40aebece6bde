"""`u.from_torch`: a compiled step of training, and the time to trace it, against the same nets by hand in `jax.numpy`.

Two modules of PyTorch, 100 x (Linear(10, 10), relu) on a batch of 2 and a convolutional net with batch normalisation on
16 images; a step is the loss, its gradient and the next parameters. By hand, parameters are a dict by the same names,
with weights in torch's layouts, and the net of convolutions returns its new statistics as ours does.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import torch
from jax import lax
from torch import nn

import unified as u
from benchmarks.measure import interleave
from benchmarks.row import Row, compare

BAR = 1.1
ROUNDS = 60
LAYERS = 100
RATE = 0.01

Apply = Callable[[Any, Any, jax.Array], tuple[jax.Array, Any]]


def _linears() -> nn.Module:
    return nn.Sequential(*(layer for _ in range(LAYERS) for layer in (nn.Linear(10, 10), nn.ReLU())))


def _linears_by_hand(weights: Any, state: Any, x: jax.Array) -> tuple[jax.Array, Any]:
    for index in range(0, 2 * LAYERS, 2):
        x = jax.nn.relu(x @ weights[f"{index}/weight"].T + weights[f"{index}/bias"])
    return x, {}


def _convolutions() -> nn.Module:
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, 16), (16, 32), (32, 32)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.AvgPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 4 * 4, 10))


def _convolutions_by_hand(weights: Any, state: Any, x: jax.Array) -> tuple[jax.Array, Any]:
    changes = {}
    for index in (0, 4, 8):
        x = lax.conv_general_dilated(x, weights[f"{index}/weight"], (1, 1), ((1, 1), (1, 1)))
        x = x + weights[f"{index}/bias"][None, :, None, None]
        norm = str(index + 1)
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
        count = x.size // x.shape[1]
        changes[f"{norm}/running_mean"] = 0.9 * state[f"{norm}/running_mean"] + 0.1 * mean
        changes[f"{norm}/running_var"] = 0.9 * state[f"{norm}/running_var"] + 0.1 * variance * count / (count - 1)
        changes[f"{norm}/num_batches_tracked"] = state[f"{norm}/num_batches_tracked"] + 1
        scale = weights[f"{norm}/weight"] * lax.rsqrt(variance + 1e-5)
        x = (x - mean[None, :, None, None]) * scale[None, :, None, None] + weights[f"{norm}/bias"][None, :, None, None]
        x = lax.reduce_window(jax.nn.relu(x), 0.0, lax.add, (1, 1, 2, 2), (1, 1, 2, 2), "VALID") / 4
    return x.reshape(x.shape[0], -1) @ weights["13/weight"].T + weights["13/bias"], changes


def _step(apply: Apply) -> Callable[..., Any]:
    """Return a step of training, a new function each time."""

    def step(weights: Any, state: Any, x: jax.Array) -> Any:
        def loss(weights: Any) -> Any:
            output, changes = apply(weights, state, x)
            return jnp.mean(output**2), changes

        (value, changes), gradients = jax.value_and_grad(loss, has_aux=True)(weights)
        return value, jax.tree.map(lambda weight, gradient: weight - RATE * gradient, weights, gradients), changes

    return step


def _nets() -> dict[str, tuple[nn.Module, Apply, torch.Tensor]]:
    torch.manual_seed(0)
    return {
        "100 layers": (_linears(), _linears_by_hand, torch.randn(2, 10)),
        "convolutions": (_convolutions(), _convolutions_by_hand, torch.randn(16, 3, 32, 32)),
    }


def _calling(step: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[[], Any]:
    return lambda: jax.block_until_ready(step(*arguments))


def _tracing(apply: Apply, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    return lambda: jax.jit(_step(apply)).trace(*arguments)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    rows = []
    for name, (module, by_hand, example) in _nets().items():
        net = u.from_torch(module, example)
        weights, state = net.init().split()
        x = jnp.asarray(example.numpy())

        def ours(weights: Any, state: Any, x: jax.Array, net: Any = net) -> Any:
            return net.apply(weights | state, x, training=True)

        variables = {"unified": (weights, state), "raw": (dict(weights), dict(state))}
        applies: dict[str, Apply] = {"unified": ours, "raw": by_hand}
        steps = {who: jax.jit(_step(apply)) for who, apply in applies.items()}
        values = [steps[who](*variables[who], x) for who in steps]
        # The two compute the same, or their times mean nothing.
        for one, other in zip(jax.tree.leaves(dict(values[0][1])), jax.tree.leaves(values[1][1]), strict=True):
            assert jnp.allclose(one, other, atol=1e-4), name
        running = {who: _calling(step, (*variables[who], x)) for who, step in steps.items()}
        tracing = {who: _tracing(apply, (*variables[who], x)) for who, apply in applies.items()}
        rows.append(compare(f"from_torch step ÷ raw jnp, {name}", interleave(running, rounds), bar=BAR))
        rows.append(compare(f"from_torch trace ÷ raw jnp, {name}", interleave(tracing, max(rounds // 3, 5))))
    return rows
