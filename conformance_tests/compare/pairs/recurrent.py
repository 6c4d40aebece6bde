"""Pairs of recurrent networks: gates that are parts of one array or arrays of their own, biases that are sums."""

import equinox as eqx
import flax.linen as fnn
import jax
import jax.numpy as jnp
import torch
from flax import nnx
from torch import nn

from conformance_tests.compare.pairs.pair import Pair, normal, pair, trained
from unified.testing import sides


def outputs_of(module, x):
    return module(x)[0]


class LinenRecurrent(fnn.Module):
    cell: type
    features: int

    @fnn.compact
    def __call__(self, x):
        return fnn.RNN(self.cell(self.features))(x)


def linen(cell, x, features):
    module = LinenRecurrent(cell, features)
    return sides.flax(module, module.init(jax.random.key(0), x))


@pair
def lstm_linen():
    x = normal(3, 5, 6)
    first = sides.torch(trained(nn.LSTM(6, 8, batch_first=True)), call=outputs_of)
    return Pair(first, linen(fnn.OptimizedLSTMCell, x, 8), (x,))


@pair
def lstm_square_linen():
    """The input is as wide as the state, so that eight weights have one shape."""
    x = normal(3, 5, 8)
    first = sides.torch(trained(nn.LSTM(8, 8, batch_first=True)), call=outputs_of)
    return Pair(first, linen(fnn.LSTMCell, x, 8), (x,))


@pair
def gru_linen():
    x = normal(3, 5, 6)
    first = sides.torch(trained(nn.GRU(6, 8, batch_first=True)), call=outputs_of)
    return Pair(first, linen(fnn.GRUCell, x, 8), (x,))


@pair
def gru_equinox():
    cell, x = eqx.nn.GRUCell(6, 8, key=jax.random.key(0)), normal(3, 5, 6)

    def call(cell, x):
        def one(x):
            return jax.lax.scan(lambda h, x: (cell(x, h),) * 2, jnp.zeros(8), x)[1]

        return jax.vmap(one)(x)

    first = sides.torch(trained(nn.GRU(6, 8, batch_first=True)), call=outputs_of)
    return Pair(first, sides.equinox(cell, call=call), (x,))


class NnxRecurrent(nnx.Module):
    def __init__(self, rngs):
        self.layers = nnx.List([nnx.RNN(nnx.OptimizedLSTMCell(size, 8, rngs=rngs)) for size in (6, 8)])
        self.head = nnx.Linear(8, 3, rngs=rngs)

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 8, num_layers=2, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.lstm(x)[0])


@pair
def lstm_two_layers_nnx():
    return Pair(sides.torch(trained(Recurrent())), sides.nnx(NnxRecurrent(nnx.Rngs(0))), (normal(3, 5, 6),))


@pair
def lstm_torch_cells():
    """Torch beside torch: a layer and a loop over its cell."""

    class Cells(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = nn.LSTMCell(6, 8)

        def forward(self, x):
            state, outputs = None, []
            for step in x.unbind(1):
                state = self.cell(step, state)
                outputs.append(state[0])
            return torch.stack(outputs, 1)

    first = sides.torch(trained(nn.LSTM(6, 8, batch_first=True)), call=outputs_of)
    return Pair(first, sides.torch(Cells()), (normal(3, 5, 6),))
