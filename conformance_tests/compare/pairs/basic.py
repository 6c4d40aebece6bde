"""Pairs of perceptrons and of what is written without a library of layers."""

import equinox as eqx
import flax.linen as fnn
import jax
import jax.numpy as jnp
import torch
from flax import nnx
from torch import nn

import unified as u
from conformance_tests.compare.pairs.pair import Pair, normal, pair, trained
from unified.testing import sides


class Perceptron(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(6, width), nn.Linear(width, width), nn.Linear(width, 4)

    def forward(self, x):
        return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))


class LinenPerceptron(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        for width in (12, 12):
            x = jnp.tanh(fnn.Dense(width)(x))
        return fnn.Dense(4)(x)


@pair
def perceptron_linen():
    module, x = LinenPerceptron(), normal(5, 6)
    return Pair(sides.torch(trained(Perceptron())), sides.flax(module, module.init(jax.random.key(0), x)), (x,))


@pair
def perceptron_equinox():
    module = eqx.nn.MLP(6, 4, 12, 2, activation=jnp.tanh, key=jax.random.key(0))
    second = sides.equinox(module, call=lambda module, x: jax.vmap(module)(x))
    return Pair(sides.torch(trained(Perceptron())), second, (normal(5, 6),))


@pair
def perceptron_function():
    """A function over a list of pairs, whose square weight's orientation no name tells."""

    def forward(params, x):
        *hidden, (w, b) = params
        for weight, bias in hidden:
            x = jnp.tanh(x @ weight + bias)
        return x @ w + b

    params = [(normal(6, 12), normal(12)), (normal(12, 12), normal(12)), (normal(12, 4), normal(4))]
    return Pair(sides.torch(trained(Perceptron())), sides.function(forward, params), (normal(5, 6),))


@pair
def perceptron_unified():
    def forward(x):
        for width in (12, 12):
            x = u.tanh(u.Linear(None, width)(x)) if hasattr(u, "tanh") else u.Tanh()(u.Linear(None, width)(x))
        return u.Linear(None, 4)(x)

    model, x = u.transform(forward, backend="jax"), normal(5, 6)
    return Pair(sides.torch(trained(Perceptron())), sides.unified(model, model.init(jnp.asarray(x), rng=0)), (x,))


class Tower(nn.Module):
    """Residual blocks with norms, as separate modules."""

    def __init__(self, width=10, depth=4):
        super().__init__()
        self.embed = nn.Linear(6, width)
        self.blocks = nn.ModuleList([Block(width) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        return x + self.down(nn.functional.silu(self.up(self.norm(x))))


class LinenBlock(fnn.Module):
    @fnn.compact
    def __call__(self, x, _):
        hidden = fnn.silu(fnn.Dense(2 * x.shape[-1], name="up")(fnn.LayerNorm(epsilon=1e-5)(x)))
        return x + fnn.Dense(x.shape[-1], name="down")(hidden), None


class LinenTower(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        x = fnn.Dense(10)(x)
        blocks = fnn.scan(LinenBlock, variable_axes={"params": 0}, split_rngs={"params": True}, length=4)
        x, _ = blocks(name="blocks")(x, None)
        return fnn.LayerNorm(epsilon=1e-5)(x)


@pair
def stacked_layers():
    module, x = LinenTower(), normal(5, 6)
    return Pair(sides.torch(trained(Tower())), sides.flax(module, module.init(jax.random.key(0), x)), (x,))


class Gated(nn.Module):
    """Two square weights side by side, and an output that is a dict."""

    def __init__(self):
        super().__init__()
        self.gate, self.up, self.down = (nn.Linear(8, 8, bias=False) for _ in range(3))
        self.scale = nn.Parameter(torch.ones(8))

    def forward(self, x, *, mask):
        x = nn.functional.rms_norm(x, (8,), self.scale, 1e-6)
        hidden = nn.functional.silu(self.gate(x)) * self.up(x)
        return {"hidden": hidden, "out": self.down(hidden) * mask[..., None]}


class NnxGated(nnx.Module):
    def __init__(self, rngs):
        self.w3, self.w1, self.w2 = (nnx.Linear(8, 8, use_bias=False, rngs=rngs) for _ in range(3))
        self.norm = nnx.RMSNorm(8, rngs=rngs)

    def __call__(self, x, mask):
        x = self.norm(x)
        hidden = jax.nn.silu(self.w1(x)) * self.w3(x)
        return {"hidden": hidden, "out": jnp.where(mask[..., None], self.w2(hidden), 0)}


@pair
def gated_squares():
    first = sides.torch(trained(Gated()), call=lambda module, x, mask: module(x, mask=mask))
    return Pair(first, sides.nnx(NnxGated(nnx.Rngs(0))), (normal(5, 7, 8), normal(5, 7, seed=1) > 0))
