"""Time to trace the 100-layer net on JAX: `jax.jit(function).trace(params, x)`, a new function each time.

The baseline is `jax.nn.relu(x @ w.T + b)` over a list of tuples. A second row compares ours with the same net with
`lax.dot_general` in place of the transpose and product, the smallest net to trace. JAX's caches are not cleared: only
the outer function is new, and only it is traced again.
"""

from collections.abc import Callable
from typing import Any

import jax

from benchmarks import jax_nets
from benchmarks.measure import interleave
from benchmarks.row import Row, compare

BAR = 1.15
ROUNDS = 25


def _tracing(net: jax_nets.Net, x: jax.Array) -> Callable[[], Any]:
    apply, params = net
    return lambda: jax.jit(lambda params, x: apply(params, x)).trace(params, x)  # noqa: PLW0108 (a new function)


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    nets = {
        "raw": jax_nets.raw(),
        "unified": jax_nets.unified_net(),
        "dot_general": jax_nets.raw_dot_general(),
        **jax_nets.peers(),
    }
    x = jax_nets.example()
    samples = interleave({name: _tracing(net, x) for name, net in nets.items()}, rounds)
    peers = tuple(jax_nets.PEERS)
    return [
        compare("jax trace ÷ raw jnp", samples, bar=BAR, peers=peers),
        compare("jax trace ÷ raw lax.dot_general", samples, baseline="dot_general", peers=peers),
    ]
