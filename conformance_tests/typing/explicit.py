"""Networks with explicit params as a user writes them."""

from typing import Any, assert_type

import jax
import jax.numpy as jnp
import torch

import unified as u
import unified.explicit as bx

x = torch.ones(2, 10)
j = jnp.ones((2, 10))
graph = bx.Graph("net")
rng = bx.Rng(graph / "rng")


def of_layers() -> None:
    """A layer returns arrays of the framework whose arrays it is given, and params."""
    linear = bx.Linear(graph.child("l"), None, 64, bias=False, init_fn=u.initializers.zeros, metadata={"sharding": ()})
    params = bx.params(seed=0, backend="torch")
    assert_type(params, u.Params)
    y, params = linear(params, x)
    assert_type(y, torch.Tensor)
    assert_type(linear(params, j)[0], jax.Array)
    assert_type(bx.Dropout(graph / "d", 0.5, rng=rng)(params, y, is_training=True)[0], torch.Tensor)
    assert_type(bx.Embedding(graph / "e", 5, 4).attend(params, x)[0], torch.Tensor)
    assert_type(bx.layers.LSTM(graph / "s", 3, 4)(params, x)[0][0], torch.Tensor)


class Scale(bx.Module):
    """A module of a user."""

    def __init__(self, graph: bx.Graph, size: int) -> None:
        super().__init__(graph)
        self.size = size

    def __call__(self, params: u.Params, x: Any, is_training: bool = False) -> tuple[Any, u.Params]:
        scale, params = self.get_param(params, "scale", (self.size,), u.initializers.ones, trainable=False)
        return x * scale, self.set_param(params, "scale", scale + 1)


class Sum(bx.RecurrenceBase):
    """A recurrence of a user."""

    def initial_state(self, params: u.Params, inputs: Any) -> tuple[Any, u.Params]:
        return 0 * inputs, params

    def __call__(
        self, params: u.Params, inputs: Any, prev_state: Any, is_reset: Any = None, is_training: bool = False
    ) -> tuple[tuple[Any, Any], u.Params]:
        state = self.maybe_reset_state(params, prev_state, inputs, is_reset) + inputs
        return (state, state), params


def of_modules() -> None:
    """Graphs, modules, streams and recurrences."""
    scale = Scale(graph / "scale", 10)
    net = bx.Sequential(graph / "all", [scale, torch.relu, bx.Linear(graph / "out", 10, 2)])
    params = rng.seed(bx.params(), seed=3, counter=0)
    y, params = net(params, x, is_training=True)
    (outputs, state), params = Sum(graph / "sum", is_static=True).apply(params, x[None])
    (h, lstm_state), params = bx.LSTM(graph / "lstm", None, 4)(params, x, bx.LSTMState(x, x))
    assert_type([path for path, _ in graph.walk()], list[str])
    assert_type(scale.graph.root, bx.Graph)
    noise, params = rng.normal(params, (2, 3))
    bx.display((graph,), params)
    print(y, outputs, state, h, lstm_state, noise)
