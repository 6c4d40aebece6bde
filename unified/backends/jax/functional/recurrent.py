"""Recurrence: the step of each kind of network, and the scan over a sequence.

The part of the gates that depends on the inputs is one product for the whole sequence, so that a step computes only the
product of the hidden state.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.carries import typed_carry
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

    gates: Callable[[jax.Array, Weights], jax.Array]  # the part of the gates from the inputs
    step: Callable[[jax.Array, State, Weights], State]  # the next state, from that part and a state
    states: int = 1  # the number of arrays in a state


def _gates(input: jax.Array, weights: Weights) -> jax.Array:
    """Return the part of the gates from the inputs, with both biases."""
    bias = None
    if weights.input_bias is not None and weights.hidden_bias is not None:
        bias = weights.input_bias + weights.hidden_bias
    return linear(input, weights.input, bias)


def _rnn_step(activation: Callable[[jax.Array], jax.Array], gates: jax.Array, state: State, weights: Weights) -> State:
    return (activation(gates + linear(state[0], weights.hidden)),)


def _lstm_step(gates: jax.Array, state: State, weights: Weights) -> State:
    hidden, cell = state
    input_gate, forget_gate, candidate, output_gate = jnp.split(gates + linear(hidden, weights.hidden), 4, -1)
    cell = lax.logistic(forget_gate) * cell + lax.logistic(input_gate) * lax.tanh(candidate)
    hidden = lax.logistic(output_gate) * lax.tanh(cell)
    return hidden if weights.projection is None else linear(hidden, weights.projection), cell


def _gru_gates(input: jax.Array, weights: Weights) -> jax.Array:
    return linear(input, weights.input, weights.input_bias)


def _gru_step(gates: jax.Array, state: State, weights: Weights) -> State:
    (hidden,) = state
    reset, update, new = jnp.split(gates, 3, -1)
    # The hidden bias is added in the step, because the reset gate multiplies its part for the candidate.
    hidden_reset, hidden_update, hidden_new = jnp.split(linear(hidden, weights.hidden, weights.hidden_bias), 3, -1)
    candidate = lax.tanh(new + lax.logistic(reset + hidden_reset) * hidden_new)
    return (candidate + lax.logistic(update + hidden_update) * (hidden - candidate),)


KINDS = {
    "tanh": Kind(_gates, functools.partial(_rnn_step, lax.tanh)),
    "relu": Kind(_gates, functools.partial(_rnn_step, relu)),
    "lstm": Kind(_gates, _lstm_step, 2),
    "gru": Kind(_gru_gates, _gru_step),
}


def step(kind: Kind, input: jax.Array, state: State | None, weights: Weights) -> State:
    """Return the state after one input `(*, input_size)`; the initial state `None` is zeros."""
    gates = kind.gates(input, weights)
    return kind.step(gates, _initial_state(kind, gates, gates.shape[:-1], state, weights), weights)


def scan(
    kind: Kind, input: jax.Array, state: State | None, weights: Weights, reverse: bool = False
) -> tuple[jax.Array, State]:
    """Return the outputs for `(T, *, input_size)`, and the final state; the initial state `None` is zeros."""
    gates = kind.gates(input, weights)

    def body(state: State, gates: jax.Array) -> tuple[State, jax.Array]:
        state = kind.step(gates, state, weights)
        return state, state[0]

    initial = _initial_state(kind, gates, gates.shape[1:-1], state, weights)
    initial = typed_carry(lambda state: kind.step(gates[0], state, weights), initial) if gates.shape[0] else initial
    final, outputs = lax.scan(body, initial, gates, reverse=reverse)
    return outputs, final


def _initial_state(
    kind: Kind, gates: jax.Array, batch: tuple[int, ...], state: State | None, weights: Weights
) -> State:
    """Return the initial state, in the dtype of the states after it."""
    if state is not None:
        return tuple(part.astype(gates.dtype) for part in state)
    sizes = (weights.hidden.shape[1], weights.hidden.shape[0] // 4)[: kind.states]
    # Made from the gates, so that within shard_map the zeros vary over the same axes as the states after them.
    return tuple(lax.full_like(gates, 0, shape=(*batch, size)) for size in sizes)
