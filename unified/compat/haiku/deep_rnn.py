"""Chains of recurrent cores, of which each takes the output of the one before.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#recurrent
"""

from collections.abc import Sequence
from typing import Any

from unified.compat.haiku.recurrent import RNNCore
from unified.compat.jax import numpy as jnp
from unified.compat.jax import tree_util

__all__ = ["DeepRNN", "deep_rnn_with_skip_connections"]


class _DeepRNN(RNNCore):
    """A chain of cores and other functions."""

    def __init__(self, layers: Sequence[Any], skip_connections: bool, name: str | None = None) -> None:
        super().__init__(name=name)
        self.layers, self.skip_connections = layers, skip_connections
        if skip_connections and not all(isinstance(layer, RNNCore) for layer in layers):
            kinds = ", ".join(getattr(layer, "__name__", type(layer).__name__) for layer in layers)
            raise ValueError(f"skip_connections requires that each layer is an hk.RNNCore, got {kinds}")

    def __call__(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        out = inputs
        states: list[Any] = []
        outputs: list[Any] = []
        for number, layer in enumerate(self.layers):
            if self.skip_connections and number:
                out = tree_util.tree_map(
                    lambda x, *more: None if x is None else jnp.concatenate((x, *more), axis=-1), inputs, out,
                    is_leaf=lambda leaf: leaf is None,
                )  # fmt: skip
            if isinstance(layer, RNNCore):
                out, new = layer(out, state[len(states)])
                outputs.append(out)
                states.append(new)
            else:
                out = layer(out)
        if self.skip_connections:
            out = tree_util.tree_map(lambda *parts: jnp.concatenate(parts, axis=-1), *outputs)
        return out, tuple(states)

    def initial_state(self, batch_size: int | None) -> Any:
        return tuple(layer.initial_state(batch_size) for layer in self.layers if isinstance(layer, RNNCore))


class DeepRNN(_DeepRNN):
    """A chain of cores and other functions; its state is a tuple of the states of the cores.

    Args:
        layers: the cores and functions.
        name: the module's name.

    Shapes: those of the first core's input to those of the last one's output, and a state for each core.

    >>> import torch, unified.compat.haiku as hk
    >>> def step(x):
    ...     core = hk.DeepRNN([hk.LSTM(5), torch.tanh, hk.GRU(4)])
    ...     return core(x, core.initial_state(2))
    >>> net = hk.transform(step, backend="torch")
    >>> output, state = net.apply(net.init(0, torch.ones(2, 3)), None, torch.ones(2, 3))
    >>> list(output.shape)
    [2, 4]
    """

    def __init__(self, layers: Sequence[Any], name: str | None = None) -> None:
        super().__init__(layers, skip_connections=False, name=name)


def deep_rnn_with_skip_connections(layers: Sequence[RNNCore], name: str | None = None) -> RNNCore:
    """Return a `DeepRNN` with skip connections, whose output joins the outputs of all cores.

    The input of each core but the first is the input of the whole, joined with the output of the previous core.

    Args:
        layers: the cores.
        name: the module's name.

    Shapes: `[..., inputs]` to `[..., sum of the cores' sizes]`.

    >>> import torch, unified.compat.haiku as hk
    >>> def step(x):
    ...     core = hk.deep_rnn_with_skip_connections([hk.GRU(4), hk.GRU(2)])
    ...     return core(x, core.initial_state(2))
    >>> net = hk.transform(step, backend="torch")
    >>> output, state = net.apply(net.init(0, torch.ones(2, 3)), None, torch.ones(2, 3))
    >>> list(output.shape)
    [2, 6]
    """
    return _DeepRNN(layers, skip_connections=True, name=name)
