"""Losses of 50 steps by one step function with optax, on torch by replays and on JAX."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.compat import load

RNG = np.random.default_rng(0)
X = RNG.standard_normal((64, 6)).astype(np.float32)
Y = (X @ RNG.standard_normal((6, 3))).astype(np.float32)
ARRAYS: dict[str, Callable[..., Any]] = {"torch": torch.tensor, "jax": jnp.asarray}


def matrices(tree: Any) -> Any:
    return u.tree.map(lambda leaf: leaf.ndim > 1, tree)


def labels(tree: Any) -> Any:
    return u.tree.map(lambda leaf: "weights" if leaf.ndim > 1 else "others", tree)


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "a schedule": lambda o: o.adam(o.warmup_cosine_decay_schedule(0, 1e-2, 10, 50)),
    "joined schedules": lambda o: o.sgd(
        o.join_schedules([o.linear_schedule(0, 0.1, 10), o.exponential_decay(0.1, 10, 0.5)], [10])
    ),
    "decay of some": lambda o: o.adamw(1e-2, weight_decay=0.1, mask=matrices),
    "inject_hyperparams": lambda o: o.inject_hyperparams(o.adam)(learning_rate=o.linear_schedule(1e-2, 1e-3, 50)),
    "MultiSteps": lambda o: o.MultiSteps(o.adam(1e-2), 4),
    "apply_if_finite": lambda o: o.apply_if_finite(o.adam(1e-2), 5),
    "masked": lambda o: o.chain(o.sgd(0.05), o.masked(o.scale(0.5), matrices)),
    "multi_transform": lambda o: o.multi_transform({"weights": o.adam(1e-2), "others": o.sgd(0.1)}, labels),
    "clipping": lambda o: o.chain(o.clip_by_global_norm(0.1), o.adaptive_grad_clip(0.1), o.adam(1e-2)),
    "ema": lambda o: o.chain(o.sgd(0.1), o.ema(0.9)),
    "noise": lambda o: o.chain(o.add_noise(0.1, 0.5, 0), o.sgd(0.1)),
    "schedule_free": lambda o: o.contrib.schedule_free_adamw(1e-2, warmup_steps=5),
    "muon": lambda o: o.contrib.muon(1e-2),
    "lookahead": lambda o: o.lookahead(o.sgd(0.05), sync_period=5, slow_step_size=0.5),
}


def forward(x: Any) -> Any:
    x = F.gelu(u.BatchNorm1d(8)(u.Linear(6, 8)(x)))
    return u.Linear(8, 3)(u.Dropout(0.1)(x))


def losses(backend: str, name: str) -> list[float]:
    optax, array = load("optax", backend), ARRAYS[backend]
    net = u.transform(forward, backend=backend, rng="portable")
    made: Any = net.init(array(X[:8]), rng=0)
    params = made.params if backend == "torch" else made
    weights, rest = params.split()
    optimizer = OPTIMIZERS[name](optax)
    if name == "lookahead":
        weights = optax.LookaheadParams.init_synced(weights)

    def loss_fn(weights: Any, rest: Any, x: Any, y: Any) -> Any:
        output, changes = net.apply(weights | rest, x, training=True)
        return ((output - y) ** 2).mean(), changes

    @u.jit
    def step(weights: Any, rest: Any, state: Any, x: Any, y: Any) -> Any:
        fast = weights.fast if name == "lookahead" else weights
        (loss, changes), gradients = u.value_and_grad(loss_fn, has_aux=True)(fast, rest, x, y)
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates), rest | changes, state, loss

    state, found = optimizer.init(weights), []
    for number in range(50):
        rows = slice(number % 8 * 8, number % 8 * 8 + 8)
        x = X[rows] * (np.nan if name == "apply_if_finite" and number in (5, 6, 17) else np.float32(1))
        new = step(weights, rest, state, array(x), array(Y[rows]))
        weights, state = new[0], new[2]
        rest = rest if np.isnan(x).any() else new[1]  # whose statistics are none then
        found.append(float(new[3]))
    return found


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_curves_are_those_of_jax(name: str) -> None:
    found, expected = losses("torch", name), losses("jax", name)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert found[-1] != found[0]
