"""Cost of a jitted call on JAX: 200 small arrays cross `jax.jit`, and 100 layers of width 10 run on a batch of 2.

The baseline is the jitted net over a list of tuples, with weights in our layout `(out, in)`; a call ends when its
result is ready. Ours also returns its (empty) changes; the raw net and the peers return only the output.
"""

from collections.abc import Callable
from typing import Any

import jax

from benchmarks import fresh, jax_nets
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare

BAR = 1.0
ROUNDS = 200
PROCESSES = 4


def _calling(net: jax_nets.Net, x: jax.Array) -> Callable[[], Any]:
    apply, params = net
    jitted = jax.jit(apply)
    return lambda: jax.block_until_ready(jitted(params, x))


def measure(rounds: int, number: int) -> Samples:
    """Return the samples of all nets in a fresh process, the `number`-th."""
    makers = [("raw", jax_nets.raw), ("unified", jax_nets.unified_net)]
    nets = dict(makers if number % 2 else makers[::-1]) | jax_nets.peers()
    x = jax_nets.example()
    return interleave({name: _calling(make() if callable(make) else make, x) for name, make in nets.items()}, rounds)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    samples = fresh.pooled(f"{__name__}:measure", rounds, PROCESSES)
    return [compare("jax jitted call ÷ raw list of tuples", samples, bar=BAR, peers=tuple(jax_nets.PEERS))]
