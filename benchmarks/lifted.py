"""Loops over layers on JAX: compile time by depth, and the time of steps against a hand-written `lax.scan`.

`layer_stack` of 12, 48 and 192 blocks compiles in the same time; in a Python loop the time grows with the number of
blocks. A block is a LayerNorm and two linear layers with a GELU between them, added to its input. A compile time is
that of the output's sum with its gradients, from tracing to the executable; for the Python loop it is that of the
output alone, to limit the benchmark's time.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

import unified as u
import unified.functional as F
from benchmarks.jax_hlo import counted, operations
from benchmarks.measure import interleave
from benchmarks.recurrent import gradient, running
from benchmarks.row import Row, compare

BATCH, WIDTH, LENGTH = 16, 64, 128
DEPTHS = (12, 48, 192)
COMPILE_BAR = 1.2
STEP_BAR = 1.05
ROUNDS = 25
COMPILE_ROUNDS = 5


def block(x: jax.Array) -> Any:
    """Run one block of the stack."""
    return x + u.Linear(4 * WIDTH, WIDTH)(F.gelu(u.Linear(WIDTH, 4 * WIDTH)(u.LayerNorm(WIDTH)(x))))


def _compiling(depth: int, stacked: bool, gradient: bool) -> Callable[[], Any]:
    def blocks(x: jax.Array) -> Any:
        return u.layer_stack(depth, stacked=stacked)(block)(x)

    model = u.transform(blocks, backend="jax")
    x = jnp.ones((BATCH, WIDTH))
    params = model.eval_shape(x)

    def total(params: Any, x: jax.Array) -> Any:
        return model.apply(params, x)[0].sum()

    def compile_again() -> Any:
        # A new function each time, because JAX caches traces by function.
        def function(params: Any, x: jax.Array) -> Any:
            return total(params, x)

        return jax.jit(jax.grad(function) if gradient else function).lower(params, x).compile()

    return compile_again


def unrolled(x: jax.Array) -> Any:
    """Run the cell in a loop of ours."""
    return u.unroll(u.LSTMCell(WIDTH, WIDTH), x, time_major=True)


def raw(params: Any, x: jax.Array) -> Any:
    """Run the loop that a careful user writes in plain JAX for a cell that is independent of the loop."""
    input_weight, hidden_weight, input_bias, hidden_bias = params

    def product(x: jax.Array, weight: jax.Array) -> jax.Array:
        return lax.dot_general(x, weight, (((1,), (1,)), ((), ())))

    def step(state: Any, x: jax.Array) -> Any:
        hidden, cell = state
        gates = product(x, input_weight) + (input_bias + hidden_bias) + product(hidden, hidden_weight)
        add, keep, new, read = jnp.split(gates, 4, -1)
        cell = jax.nn.sigmoid(keep) * cell + jax.nn.sigmoid(add) * jnp.tanh(new)
        hidden = jax.nn.sigmoid(read) * jnp.tanh(cell)
        return (hidden, cell), hidden

    zeros = jnp.zeros((x.shape[1], WIDTH))
    state, outputs = lax.scan(step, (zeros, zeros), x)
    return outputs, state


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    shallow, middle, deep = map(str, DEPTHS)
    stacked = interleave(
        {str(depth): _compiling(depth, True, True) for depth in DEPTHS}, min(rounds, COMPILE_ROUNDS), 0
    )
    loops = interleave({str(depth): _compiling(depth, False, False) for depth in DEPTHS[:2]}, min(rounds, 3), 0)
    x = jax.random.normal(jax.random.key(0), (LENGTH, BATCH, WIDTH))
    model = u.transform(unrolled, backend="jax")
    params = model.init(x, rng=0)
    values = tuple(params.values())

    def ours(params: Any, x: jax.Array) -> Any:
        return model.apply(params, x)[0]

    calls = {"unified": running(ours, params, x), "raw": running(raw, values, x)}
    return [
        compare(f"layer_stack, compile {middle} ÷ {shallow} blocks", stacked, middle, shallow, bar=COMPILE_BAR),
        compare(f"layer_stack, compile {deep} ÷ {shallow} blocks", stacked, deep, shallow, bar=COMPILE_BAR),
        compare(f"Python loop, compile {middle} ÷ {shallow} blocks", loops, middle, shallow),
        compare("unroll(LSTMCell), gradient ÷ hand-written scan", interleave(calls, rounds), bar=STEP_BAR),
        counted("unroll HLO, forward", operations(ours, params, x), operations(raw, values, x)),
        counted("unroll HLO, gradient", operations(gradient(ours), params, x), operations(gradient(raw), values, x)),
    ]
