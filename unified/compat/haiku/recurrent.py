"""Recurrent cores, and loops over sequences.

A core is called with an input and its state, and returns an output and the next state.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#recurrent
"""

import abc
from typing import Any, NamedTuple

from unified.compat.haiku import control_flow, initializers
from unified.compat.haiku.frame import local
from unified.compat.haiku.linear import Linear
from unified.compat.haiku.module import Module
from unified.compat.haiku.variables import get_parameter
from unified.compat.jax import lax, nn, tree_util
from unified.compat.jax import numpy as jnp

__all__ = [
    "GRU",
    "LSTM",
    "IdentityCore",
    "LSTMState",
    "RNNCore",
    "ResetCore",
    "VanillaRNN",
    "add_batch",
    "apply_gates",
    "dynamic_unroll",
    "static_unroll",
]


class RNNCore(abc.ABC, Module):  # type: ignore[metaclass]
    """The base class of recurrent modules: `output, state = core(input, state)`.

    A subclass defines `__call__` and `initial_state(batch_size)`. `static_unroll` and `dynamic_unroll` run it over a
    sequence.

    Args:
        name: the module's name.

    >>> import torch, unified.compat.haiku as hk
    >>> class Sum(hk.RNNCore):
    ...     def __call__(self, inputs, state):
    ...         return state + inputs, state + inputs
    ...     def initial_state(self, batch_size):
    ...         return torch.zeros(batch_size, 1)
    >>> net = hk.transform(lambda x: hk.static_unroll(Sum(), x, torch.zeros(1, 1))[0], backend="torch")
    >>> net.apply({}, None, torch.ones(3, 1, 1)).flatten().tolist()
    [1.0, 2.0, 3.0]
    """

    @abc.abstractmethod
    def __call__(self, inputs: Any, prev_state: Any) -> tuple[Any, Any]:
        """Return `(output, next_state)`."""

    @abc.abstractmethod
    def initial_state(self, batch_size: int | None) -> Any:
        """Return the initial state; without a batch axis if `batch_size` is `None`."""


def static_unroll(core: Any, input_sequence: Any, initial_state: Any, time_major: bool = True) -> tuple[Any, Any]:
    """Run a core over a sequence by a loop in Python.

    Args:
        core: a function of input and state.
        input_sequence: a tree of `[time, batch, ...]`.
        initial_state: the initial state.
        time_major: whether time comes before the batch.

    Returns:
        The outputs, stacked along the same axis, and the last state.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     core = hk.VanillaRNN(4)
    ...     return hk.static_unroll(core, x, core.initial_state(2))
    >>> net = hk.transform(forward, backend="torch")
    >>> x = torch.ones(5, 2, 3)
    >>> outputs, state = net.apply(net.init(0, x), None, x)
    >>> list(outputs.shape), list(state.shape)
    ([5, 2, 4], [2, 4])
    """
    axis = 0 if time_major else 1
    leaves, structure = tree_util.tree_flatten(input_sequence)
    steps = [jnp.unstack(leaf, axis=axis) for leaf in leaves]
    outputs, state = [], initial_state
    for step in range(leaves[0].shape[axis]):
        out, state = core(tree_util.tree_unflatten(structure, [leaf[step] for leaf in steps]), state)
        outputs.append(out)
    return tree_util.tree_map(lambda *rows: jnp.stack(rows, axis=axis), *outputs), state


def _swap_axes(tree: Any) -> Any:
    return tree_util.tree_map(lambda leaf: jnp.swapaxes(leaf, 0, 1), tree)


def dynamic_unroll(
    core: Any, input_sequence: Any, initial_state: Any, time_major: bool = True, reverse: bool = False,
    return_all_states: bool = False, unroll: Any = 1,
) -> tuple[Any, Any]:  # fmt: skip
    """Run a core over a sequence by `hk.scan`.

    Args:
        core: a function of input and state.
        input_sequence: a tree of `[time, batch, ...]`.
        initial_state: the initial state.
        time_major: whether time comes before the batch.
        reverse: whether to begin at the end of the sequence.
        return_all_states: whether to return the states of all steps instead of the last.
        unroll: the number of steps in one iteration of the loop.

    Returns:
        The outputs, stacked along the same axis, and the last state or those of all steps.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     core = hk.VanillaRNN(4)
    ...     return hk.dynamic_unroll(core, x, core.initial_state(2))
    >>> net = hk.transform(forward, backend="torch")
    >>> x = torch.ones(5, 2, 3)
    >>> outputs, state = net.apply(net.init(0, x), None, x)
    >>> list(outputs.shape), list(state.shape)
    ([5, 2, 4], [2, 4])
    """
    scan = control_flow.scan if local.frames else lax.scan

    def step(state: Any, inputs: Any) -> Any:
        out, state = core(inputs, state)
        return state, ((out, state) if return_all_states else out)

    sequence = input_sequence if time_major else _swap_axes(input_sequence)
    last, steps = scan(step, initial_state, sequence, reverse=reverse, unroll=unroll)
    outputs, states = steps if return_all_states else (steps, last)
    if not time_major:
        outputs, states = _swap_axes(outputs), _swap_axes(states) if return_all_states else states
    return outputs, states


def add_batch(state: Any, batch_size: int | None) -> Any:
    """Return a state for each example of a batch; the state itself if `batch_size` is `None`."""
    if batch_size is None:
        return state
    return tree_util.tree_map(lambda leaf: jnp.broadcast_to(leaf, (batch_size, *leaf.shape)), state)


class VanillaRNN(RNNCore):
    """One step of a plain recurrent network: `relu(W x + U h + b)` is output and next state.

    Args:
        hidden_size: the size of the state.
        double_bias: whether the product with the state has a bias too.
        name: the module's name.

    Shapes: `[..., inputs]` and a state `[..., hidden_size]` to an output and a state `[..., hidden_size]`. Parameters
    are those of the modules `input_to_hidden` and `hidden_to_hidden`, a `Linear` each: `w` and `b`.

    >>> import torch, unified.compat.haiku as hk
    >>> def step(x):
    ...     core = hk.VanillaRNN(4)
    ...     return core(x, core.initial_state(2))
    >>> net = hk.transform(step, backend="torch")
    >>> output, state = net.apply(net.init(0, torch.ones(2, 3)), None, torch.ones(2, 3))
    >>> list(output.shape)
    [2, 4]
    """

    def __init__(self, hidden_size: int, double_bias: bool = True, name: str | None = None) -> None:
        super().__init__(name=name)
        self.hidden_size, self.double_bias = hidden_size, double_bias

    def __call__(self, inputs: Any, prev_state: Any) -> tuple[Any, Any]:
        inputs, prev_state = jnp.asarray(inputs), jnp.asarray(prev_state)
        from_input = Linear(self.hidden_size)
        from_state = Linear(self.hidden_size, with_bias=self.double_bias)
        out = nn.relu(from_input(inputs) + from_state(prev_state))
        return out, out

    def initial_state(self, batch_size: int | None) -> Any:
        return add_batch(jnp.zeros([self.hidden_size]), batch_size)


class LSTMState(NamedTuple):
    """The state of an `LSTM` or of a convolutional one.

    Attributes:
        hidden: the output of the last step, `[..., hidden_size]`.
        cell: what the gates add to and keep, of the same shape.

    >>> import torch, unified.compat.haiku as hk
    >>> hk.LSTMState(hidden=torch.zeros(1), cell=torch.ones(1)).cell
    tensor([1.])
    """

    hidden: Any
    cell: Any


def apply_gates(gates: Any, state: LSTMState) -> tuple[Any, LSTMState]:
    """Return the output and state of an LSTM from its four gates, joined along the last axis."""
    i, g, f, o = jnp.split(gates, 4, axis=-1)
    cell = nn.sigmoid(f + 1) * state.cell + nn.sigmoid(i) * jnp.tanh(g)
    hidden = nn.sigmoid(o) * jnp.tanh(cell)
    return hidden, LSTMState(hidden, cell)


class LSTM(RNNCore):
    """Long short-term memory, with one added to the forget gate.

    Source: Zaremba et al., "Recurrent neural network regularization" (2014), https://arxiv.org/abs/1409.2329

    Args:
        hidden_size: the size of the state.
        name: the module's name.

    Shapes: `[..., inputs]` and an `LSTMState` of two `[..., hidden_size]` to an output `[..., hidden_size]` and the
    next state. Parameters are those of the module `linear`: `w` `[inputs + hidden_size, 4 * hidden_size]` and `b`.

    >>> import torch, unified.compat.haiku as hk
    >>> def step(x):
    ...     core = hk.LSTM(4)
    ...     return core(x, core.initial_state(2))
    >>> net = hk.transform(step, backend="torch")
    >>> output, state = net.apply(net.init(0, torch.ones(2, 3)), None, torch.ones(2, 3))
    >>> list(output.shape)
    [2, 4]
    """

    def __init__(self, hidden_size: int, name: str | None = None) -> None:
        super().__init__(name=name)
        self.hidden_size = hidden_size

    def __call__(self, inputs: Any, prev_state: LSTMState) -> tuple[Any, LSTMState]:
        inputs = jnp.asarray(inputs)
        prev_state = tree_util.tree_map(jnp.asarray, prev_state)
        if len(inputs.shape) > 2 or not inputs.shape:
            raise ValueError(
                f"{self.module_name} takes rank-1 or rank-2 inputs, [features] or [batch, features], got "
                f"{inputs.shape}; for a sequence, use hk.dynamic_unroll"
            )
        joined = jnp.concatenate([inputs, prev_state.hidden], axis=-1)
        return apply_gates(Linear(4 * self.hidden_size)(joined), prev_state)

    def initial_state(self, batch_size: int | None) -> LSTMState:
        state = LSTMState(jnp.zeros([self.hidden_size]), jnp.zeros([self.hidden_size]))
        return add_batch(state, batch_size)


class GRU(RNNCore):
    """A gated recurrent unit.

    Source: Chung et al., "Empirical evaluation of gated recurrent neural networks" (2014),
    https://arxiv.org/abs/1412.3555

    Args:
        hidden_size: the size of the state.
        w_i_init: the initializer of the weights that multiply the input.
        w_h_init: the initializer of the weights that multiply the state.
        b_init: the initializer of the biases, zeros by default.
        name: the module's name.

    Shapes: `[..., inputs]` and a state `[..., hidden_size]` to an output and a state `[..., hidden_size]`. Parameters
    are `w_i` `[inputs, 3 * hidden_size]`, `w_h` `[hidden_size, 3 * hidden_size]`, both variance scaling by default, and
    `b` `[3 * hidden_size]`.

    >>> import torch, unified.compat.haiku as hk
    >>> def step(x):
    ...     core = hk.GRU(4)
    ...     return core(x, core.initial_state(2))
    >>> net = hk.transform(step, backend="torch")
    >>> output, state = net.apply(net.init(0, torch.ones(2, 3)), None, torch.ones(2, 3))
    >>> list(output.shape)
    [2, 4]
    """

    def __init__(
        self, hidden_size: int, w_i_init: Any = None, w_h_init: Any = None, b_init: Any = None, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        self.hidden_size = hidden_size
        self.w_i_init = w_i_init or initializers.VarianceScaling()
        self.w_h_init = w_h_init or initializers.VarianceScaling()
        self.b_init = b_init or jnp.zeros

    def __call__(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        inputs, state = jnp.asarray(inputs), jnp.asarray(state)
        if inputs.ndim not in (1, 2):
            raise ValueError(
                f"{self.module_name} takes rank-1 or rank-2 inputs, [features] or [batch, features], got "
                f"{inputs.shape}; for a sequence, use hk.dynamic_unroll"
            )
        size = self.hidden_size
        w_i = get_parameter("w_i", [inputs.shape[-1], 3 * size], inputs.dtype, init=self.w_i_init)
        w_h = get_parameter("w_h", [size, 3 * size], inputs.dtype, init=self.w_h_init)
        b = get_parameter("b", [3 * size], inputs.dtype, init=self.b_init)
        w_h_z, w_h_a = jnp.split(w_h, [2 * size], axis=1)
        b_z, b_a = jnp.split(b, [2 * size], axis=0)
        zr_x, a_x = jnp.split(jnp.matmul(inputs, w_i), [2 * size], axis=-1)
        zr_h = jnp.matmul(state, w_h_z)
        z, r = jnp.split(nn.sigmoid(zr_x + zr_h + jnp.broadcast_to(b_z, zr_h.shape)), 2, axis=-1)
        a_h = jnp.matmul(r * state, w_h_a)
        a = jnp.tanh(a_x + a_h + jnp.broadcast_to(b_a, a_h.shape))
        new = (1 - z) * state + z * a
        return new, new

    def initial_state(self, batch_size: int | None) -> Any:
        return add_batch(jnp.zeros([self.hidden_size]), batch_size)


class IdentityCore(RNNCore):
    """A core that returns its input and its state, without variables.

    Args:
        name: the module's name.

    Shapes: any to the same; the initial state is an empty tuple.

    >>> import torch, unified.compat.haiku as hk
    >>> def step(x):
    ...     core = hk.IdentityCore()
    ...     return core(x, core.initial_state(2))
    >>> net = hk.transform(step, backend="torch")
    >>> output, state = net.apply(net.init(0, torch.ones(2, 3)), None, torch.ones(2, 3))
    >>> list(output.shape)
    [2, 3]
    """

    def __call__(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        return inputs, state

    def initial_state(self, batch_size: int | None) -> Any:
        return ()


def _expand_signal(should_reset: Any, state: Any) -> Any:
    """Return the signal with axes of size 1 for the further axes of the state."""
    if should_reset.shape != state.shape[: should_reset.ndim]:
        raise ValueError(
            f"should_reset has shape {should_reset.shape}, with which the shape of the state, {state.shape}, does not "
            "begin: pass one truth value for each example of the batch"
        )
    return jnp.reshape(should_reset, tuple(should_reset.shape) + (1,) * (state.ndim - should_reset.ndim))


class ResetCore(RNNCore):
    """A core with input `(inputs, should_reset)`, whose state is reset to the initial one where `should_reset` is true.

    Args:
        core: the core to run.
        name: the module's name.

    Shapes: `(inputs, should_reset)`, with truths `[N]`, or of a tree like the state's, and a state, to those of `core`.

    >>> import torch, unified.compat.haiku as hk
    >>> def step(x):
    ...     core = hk.ResetCore(hk.GRU(4))
    ...     return core((x, torch.tensor([True, False])), core.initial_state(2))
    >>> net = hk.transform(step, backend="torch")
    >>> output, state = net.apply(net.init(0, torch.ones(2, 3)), None, torch.ones(2, 3))
    >>> list(output.shape)
    [2, 4]
    """

    def __init__(self, core: RNNCore, name: str | None = None) -> None:
        super().__init__(name=name)
        self.core = core

    def __call__(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        inputs, should_reset = tree_util.tree_map(jnp.asarray, inputs)
        state = tree_util.tree_map(jnp.asarray, state)
        if tree_util.treedef_is_leaf(tree_util.tree_structure(should_reset)):
            signal = should_reset
            should_reset = tree_util.tree_map(lambda _: signal, state)
        should_reset = tree_util.tree_map(_expand_signal, should_reset, state)
        size = tree_util.tree_leaves(inputs)[0].shape[0] if self._is_batched(state) else None
        initial = tree_util.tree_map(lambda s, i: i.astype(s.dtype), state, self.initial_state(size))
        return self.core(inputs, tree_util.tree_map(jnp.where, should_reset, initial, state))

    def initial_state(self, batch_size: int | None) -> Any:
        return self.core.initial_state(batch_size)

    def _is_batched(self, state: Any) -> bool:
        leaves = tree_util.tree_leaves(state)
        ones = tree_util.tree_leaves(self.initial_state(batch_size=1))
        return bool(leaves) and all(one.shape[1:] == leaf.shape[1:] for one, leaf in zip(ones, leaves, strict=False))
