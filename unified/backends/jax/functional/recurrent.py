"""Recurrence: the step of each kind of network, and the scan over a sequence.

What the inputs add to the gates is one product for the whole sequence, so that a step is left with the product of the
hidden state alone.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.activation import relu
from unified.backends.jax.functional.linear import linear

__all__: list[str] = []

State = tuple[jax.Array, ...]  # the hidden state, and in an LSTM the cell


class Weights(NamedTuple):
    """The variables of a cell, or of one layer in one direction."""

    input: jax.Array
    hidden: jax.Array
    input_bias: jax.Array | None = None
    hidden_bias: jax.Array | None = None
    projection: jax.Array | None = None


class Kind(NamedTuple):
    """A kind of network."""

    gates: Callable[[jax.Array, Weights], jax.Array]  # what inputs add to the gates
    step: Callable[[jax.Array, State, Weights], State]  # the next state, from that and a state
    states: int = 1  # arrays in a state


def _gates(input: jax.Array, weights: Weights) -> jax.Array:
    """What inputs add to the gates, with both biases."""
    both = None
    if weights.input_bias is not None and weights.hidden_bias is not None:
        both = weights.input_bias + weights.hidden_bias
    return linear(input, weights.input, both)


def _rnn_step(activation: Callable[[jax.Array], jax.Array], gates: jax.Array, state: State, weights: Weights) -> State:
    return (activation(gates + linear(state[0], weights.hidden)),)


def _lstm_step(gates: jax.Array, state: State, weights: Weights) -> State:
    hidden, cell = state
    add, keep, new, read = jnp.split(gates + linear(hidden, weights.hidden), 4, -1)
    cell = lax.logistic(keep) * cell + lax.logistic(add) * lax.tanh(new)
    hidden = lax.logistic(read) * lax.tanh(cell)
    return hidden if weights.projection is None else linear(hidden, weights.projection), cell


def _gru_gates(input: jax.Array, weights: Weights) -> jax.Array:
    return linear(input, weights.input, weights.input_bias)


def _gru_step(gates: jax.Array, state: State, weights: Weights) -> State:
    (hidden,) = state
    reset, keep, new = jnp.split(gates, 3, -1)
    # The bias stays in the step: the reset gate multiplies the new state's part of it.
    of_reset, of_keep, of_new = jnp.split(linear(hidden, weights.hidden, weights.hidden_bias), 3, -1)
    candidate = lax.tanh(new + lax.logistic(reset + of_reset) * of_new)
    return (candidate + lax.logistic(keep + of_keep) * (hidden - candidate),)


KINDS = {
    "tanh": Kind(_gates, functools.partial(_rnn_step, lax.tanh)),
    "relu": Kind(_gates, functools.partial(_rnn_step, relu)),
    "lstm": Kind(_gates, _lstm_step, 2),
    "gru": Kind(_gru_gates, _gru_step),
}


def step(kind: Kind, input: jax.Array, state: State | None, weights: Weights) -> State:
    """The state after one input `(*, input_size)`; `None` starts from zeros."""
    gates = kind.gates(input, weights)
    return kind.step(gates, _start(kind, gates, gates.shape[:-1], state, weights), weights)


def scan(
    kind: Kind, input: jax.Array, state: State | None, weights: Weights, reverse: bool = False
) -> tuple[jax.Array, State]:
    """The outputs for a sequence `(T, *, input_size)` at all times, and the final state; `None` starts from zeros."""
    gates = kind.gates(input, weights)

    def body(state: State, gates: jax.Array) -> tuple[State, jax.Array]:
        state = kind.step(gates, state, weights)
        return state, state[0]

    start = _start(kind, gates, gates.shape[1:-1], state, weights)
    final, outputs = lax.scan(body, start, gates, reverse=reverse)
    return outputs, final


def _start(kind: Kind, gates: jax.Array, batch: tuple[int, ...], state: State | None, weights: Weights) -> State:
    """The state to start from, in the dtype that a step gives it."""
    if state is not None:
        return tuple(part.astype(gates.dtype) for part in state)
    sizes = (weights.hidden.shape[1], weights.hidden.shape[0] // 4)[: kind.states]
    # Like the gates, so that within shard_map the zeros vary over the axes that a step's result does.
    return tuple(lax.full_like(gates, 0, shape=(*batch, size)) for size in sizes)
