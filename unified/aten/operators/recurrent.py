"""Recurrent networks: a whole network of torch is one operator, and each of its layers a `lax.scan`."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.aten.table import operator
from unified.backends.jax import functional as F
from unified.backends.jax.functional.recurrent import KINDS, Kind, State, Weights, scan, step


def _layers(params: Any, has_biases: bool, directions: int, projected: bool) -> list[list[Weights]]:
    """Return the weights of each layer in each direction, from torch's flat list."""
    size = 2 + 2 * has_biases + projected
    weights = []
    for first in range(0, len(params), size):
        input, hidden, *rest = params[first : first + size]
        projection = rest.pop() if projected else None
        input_bias, hidden_bias = rest or (None, None)
        weights.append(Weights(input, hidden, input_bias, hidden_bias, projection))
    return [weights[first : first + directions] for first in range(0, len(weights), directions)]


def _run(kind: Kind, x: jax.Array, states: State, params: Any, options: Any) -> tuple[jax.Array, State]:
    """Return the outputs of all layers, and their final states `(layers * directions, N, size)`."""
    has_biases, layers, dropout, training, bidirectional, batch_first = options
    if batch_first:
        x = jnp.swapaxes(x, 0, 1)
    directions = 2 if bidirectional else 1
    per_cell = len(params) // (layers * directions)
    finals: list[State] = []
    for number, cells in enumerate(_layers(params, has_biases, directions, per_cell in (3, 5))):
        outputs = []
        for direction, weights in enumerate(cells):
            initial = tuple(state[number * directions + direction] for state in states)
            output, final = scan(kind, x, initial, weights, reverse=direction == 1)
            outputs.append(output)
            finals.append(final)
        x = outputs[0] if directions == 1 else jnp.concatenate(outputs, -1)
        if number + 1 < layers:
            x = F.dropout(x, dropout, training)
    stacked = tuple(jnp.stack(parts) for parts in zip(*finals, strict=True))
    return (jnp.swapaxes(x, 0, 1) if batch_first else x), stacked


@operator("lstm.input", draws=True)
def lstm(x: jax.Array, states: Any, params: Any, *options: Any) -> tuple[jax.Array, ...]:
    """Return the outputs and the final hidden states and cells."""
    output, finals = _run(KINDS["lstm"], x, tuple(states), params, options)
    return (output, *finals)


def _enter(kind: str) -> None:
    def network(x: jax.Array, state: jax.Array, params: Any, *options: Any) -> tuple[jax.Array, ...]:
        output, finals = _run(KINDS[kind], x, (state,), params, options)
        return (output, *finals)

    def cell(x: jax.Array, state: jax.Array, input: Any, hidden: Any, input_bias: Any = None, bias: Any = None) -> Any:
        return step(KINDS[kind], x, (state,), Weights(input, hidden, input_bias, bias))[0]

    name = kind if kind == "gru" else f"rnn_{kind}"
    operator(f"{name}.input", draws=True)(network)
    operator(f"{name}_cell.default")(cell)


for _kind in ("gru", "tanh", "relu"):
    _enter(_kind)


@operator("lstm_cell.default")
def lstm_cell(x: jax.Array, states: Any, input: Any, hidden: Any, input_bias: Any = None, bias: Any = None) -> Any:
    """Return the next hidden state and cell."""
    return step(KINDS["lstm"], x, tuple(states), Weights(input, hidden, input_bias, bias))
