"""Training and a checkpoint in bfloat16, where JAX is installed and PyTorch is not."""

import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp

import unified as u
import unified.nn as nn
import unified.trees as ut

assert u.available_backends() == ("jax",)


def forward(x):
    return u.Linear(None, 2)(u.Dropout(0.1)(jax.nn.relu(u.Linear(None, 8)(x))))


x, y = jnp.linspace(-1, 1, 32).reshape(8, 4), jnp.ones((8, 2))
net = u.transform(forward)
params = net.init(x, rng=0)


@jax.jit
def step(params):
    weights, rest = params.split()

    def loss(weights):
        output, changes = net.apply(weights | rest, x, training=True)
        return ((output - y) ** 2).mean(), changes

    (value, changes), grads = jax.value_and_grad(loss, has_aux=True)(weights)
    return jax.tree.map(lambda w, g: w - 0.1 * g, weights, grads) | rest | changes, value


losses = []
for _ in range(20):
    params, loss = step(params)
    losses.append(float(loss))
assert losses[-1] < losses[0]
half = u.Params({path: value.astype(jnp.bfloat16) for path, value in params.items() if path.endswith("weight")})
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "net.safetensors")
    u.save(file, half)
    loaded = u.load(file)
    assert all(str(loaded[path].dtype) == "bfloat16" for path in half)
assert u.build(lambda: nn.Linear(4, 2), rng=0)(x).shape == (8, 2)
assert ut.fill(ut.Linear(4, 2), rng=0, backend="jax")(x).shape == (8, 2)
