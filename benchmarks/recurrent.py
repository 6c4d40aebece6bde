"""An LSTM on JAX against a hand-written `lax.scan`: its compiled operations, its time, and compile times by length.

Ours is a body of this single layer. The hand-written LSTM also multiplies all inputs before the scan, and keeps its
parameters in a tuple. A time is that of the outputs' sum with its gradients.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

import unified as u
from benchmarks.jax_hlo import counted, operations
from benchmarks.measure import interleave
from benchmarks.row import Row, compare

BATCH, WIDTH, LENGTH = 16, 64, 128
SHORT, LONG = 16, 1024
COMPILE_BAR = 1.2
STEP_BAR = 1.05
ROUNDS = 25
COMPILE_ROUNDS = 9


def example(length: int) -> jax.Array:
    """Return a sequence of random inputs."""
    return jax.random.normal(jax.random.key(0), (length, BATCH, WIDTH))


def body(x: jax.Array) -> Any:
    """Run our layer."""
    return u.LSTM(WIDTH, WIDTH)(x)


def _product(x: jax.Array, weight: jax.Array) -> jax.Array:
    """Return `x @ weight.T` without a transpose, which would leave a copy in the gradient."""
    return lax.dot_general(x, weight, (((x.ndim - 1,), (1,)), ((), ())))


def raw(params: Any, x: jax.Array) -> Any:
    """Run the LSTM that a careful user writes in plain JAX."""
    input_weight, hidden_weight, input_bias, hidden_bias = params

    def step(state: Any, gates: jax.Array) -> Any:
        hidden, cell = state
        add, keep, new, read = jnp.split(gates + _product(hidden, hidden_weight), 4, -1)
        cell = jax.nn.sigmoid(keep) * cell + jax.nn.sigmoid(add) * jnp.tanh(new)
        hidden = jax.nn.sigmoid(read) * jnp.tanh(cell)
        return (hidden, cell), hidden

    zeros = jnp.zeros((x.shape[1], WIDTH))
    gates = _product(x, input_weight) + (input_bias + hidden_bias)
    (hidden, cell), outputs = lax.scan(step, (zeros, zeros), gates)
    return outputs, (hidden[None], cell[None])


def gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function for the sum of all outputs of `function` and its gradients by parameters and inputs."""

    def total(params: Any, x: jax.Array) -> Any:
        return sum(leaf.sum() for leaf in jax.tree.leaves(function(params, x)))

    return jax.value_and_grad(total, (0, 1))


def _compiling(function: Callable[..., Any], params: Any, length: int) -> Callable[[], Any]:
    x = example(length)
    return lambda: jax.jit(gradient(function)).lower(params, x).compile()


def running(function: Callable[..., Any], params: Any, x: jax.Array) -> Callable[[], Any]:
    """Return a function that runs compiled `function` with its gradients and waits for the results."""
    compiled = jax.jit(gradient(function)).lower(params, x).compile()
    return lambda: jax.block_until_ready(compiled(params, x))


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    x = example(LENGTH)
    model = u.transform(body, backend="jax")
    params = model.init(x, rng=0)
    values = tuple(params.values())

    def ours(params: Any, x: jax.Array) -> Any:
        return model.apply(params, x)[0]

    compile_calls = {str(length): _compiling(ours, params, length) for length in (LONG, SHORT)}
    calls = {"unified": running(ours, params, x), "raw": running(raw, values, x)}
    return [
        compare(
            f"LSTM, compile at length {LONG} ÷ {SHORT}",
            interleave(compile_calls, min(rounds, COMPILE_ROUNDS)),
            str(LONG),
            str(SHORT),
            bar=COMPILE_BAR,
        ),
        compare("LSTM, gradient ÷ hand-written scan", interleave(calls, rounds), bar=STEP_BAR),
        counted("LSTM HLO, forward", operations(ours, params, x), operations(raw, values, x)),
        counted("LSTM HLO, gradient", operations(gradient(ours), params, x), operations(gradient(raw), values, x)),
    ]
