"""The net of the JAX benchmarks, 100 x (Linear(10, 10), relu) on a batch of 2, in every library.

Each function returns `(apply, params)`, where `apply(params, x)` is pure and can be jitted. A peer is written as its
documentation recommends, and returns only the output. The raw net keeps its parameters in a list of tuples; its weights
have torch's layout `(out, in)`, like ours. Haiku, Flax and blox use `(in, out)`.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

import unified as u
import unified.functional as F

__all__ = ["PACKAGES", "PEERS", "Net", "example", "inline", "peers", "raw", "raw_dot_general", "unified_net"]

LAYERS = 100
WIDTH = 10

Net = tuple[Callable[[Any, jax.Array], Any], Any]


def example() -> jax.Array:
    """Return the input of all nets."""
    return jnp.ones((2, WIDTH))


def inline(x: jax.Array) -> jax.Array:
    """Run our net, on either framework."""
    for _ in range(LAYERS):
        x = F.relu(u.Linear(WIDTH, WIDTH)(x))
    return x


def unified_net() -> Net:
    """Return our net."""
    net = u.transform(inline, backend="jax")
    return net.apply, net.init(example(), rng=0)


def _pairs() -> list[tuple[jax.Array, jax.Array]]:
    """Return our parameters as a list of tuples."""
    values = list(unified_net()[1].values())
    return list(zip(values[::2], values[1::2], strict=True))


def raw() -> Net:
    """Return the net that a careful user writes in plain `jax.numpy`."""

    def apply(params: Any, x: jax.Array) -> jax.Array:
        for weight, bias in params:
            x = jax.nn.relu(x @ weight.T + bias)
        return x

    return apply, _pairs()


def raw_dot_general() -> Net:
    """Return the raw net without the transpose, which is one operation fewer to trace."""

    def apply(params: Any, x: jax.Array) -> jax.Array:
        for weight, bias in params:
            x = jax.nn.relu(lax.dot_general(x, weight, (((1,), (1,)), ((), ()))) + bias)
        return x

    return apply, _pairs()


def haiku_net() -> Net:
    """Return the net in Haiku."""
    import haiku as hk

    def forward(x: jax.Array) -> jax.Array:
        for _ in range(LAYERS):
            x = jax.nn.relu(hk.Linear(WIDTH)(x))
        return x

    net = hk.without_apply_rng(hk.transform(forward))
    return net.apply, net.init(jax.random.key(0), example())


def linen_net() -> Net:
    """Return the net in Flax Linen."""
    from flax import linen

    class Net(linen.Module):
        @linen.compact
        def __call__(self, x: jax.Array) -> jax.Array:
            for _ in range(LAYERS):
                x = jax.nn.relu(linen.Dense(WIDTH)(x))
            return x

    net = Net()
    return net.apply, net.init(jax.random.key(0), example())


def nnx_net() -> Net:
    """Return the net in Flax NNX, split once and merged in the jitted function, which is faster than `nnx.jit`."""
    from flax import nnx

    class Net(nnx.Module):
        def __init__(self, rngs: Any) -> None:
            self.layers = nnx.List([nnx.Linear(WIDTH, WIDTH, rngs=rngs) for _ in range(LAYERS)])

        def __call__(self, x: jax.Array) -> jax.Array:
            for layer in self.layers:
                x = jax.nn.relu(layer(x))
            return x

    graph, state = nnx.split(Net(nnx.Rngs(0)))
    return lambda params, x: nnx.merge(graph, params)(x), state


def equinox_net() -> Net:
    """Return the net in Equinox, where the model is its parameters and takes one sample."""
    import equinox as eqx

    class Net(eqx.Module):
        layers: list[eqx.nn.Linear]

        def __init__(self, key: jax.Array) -> None:
            self.layers = [eqx.nn.Linear(WIDTH, WIDTH, key=key) for key in jax.random.split(key, LAYERS)]

        def __call__(self, x: jax.Array) -> jax.Array:
            for layer in self.layers:
                x = jax.nn.relu(layer(x))
            return x

    return lambda model, x: jax.vmap(model)(x), Net(jax.random.key(0))


def blox_net() -> Net:
    """Return the net in blox."""
    import blox as bx

    class Net(bx.Module):
        def __init__(self, graph: Any, rng: Any) -> None:
            super().__init__(graph)
            self.layers = [bx.Linear(graph.child(f"linear_{number}"), WIDTH, rng=rng) for number in range(LAYERS)]

        def __call__(self, params: Any, x: jax.Array) -> Any:
            for layer in self.layers:
                x, params = layer(params, x)
                x = jax.nn.relu(x)
            return x, params

    graph = bx.Graph("root")
    rng = bx.Rng(graph.child("rng"))
    net = Net(graph.child("net"), rng)
    params = rng.seed(bx.Params(), seed=0)
    params = net(params, example())[1].locked()
    return lambda params, x: net(params, x)[0], params


PEERS: dict[str, Callable[[], Net]] = {
    "haiku": haiku_net,
    "linen": linen_net,
    "nnx": nnx_net,
    "equinox": equinox_net,
    "blox": blox_net,
}

# The package that each net imports.
PACKAGES = {
    "unified": "unified.backends.jax",
    "haiku": "haiku",
    "linen": "flax.linen",
    "nnx": "flax.nnx",
    "equinox": "equinox",
    "blox": "blox",
}


def peers() -> dict[str, Net]:
    """Return the nets of all peers that are installed."""
    nets = {}
    for name, build in PEERS.items():
        try:
            nets[name] = build()
        except ImportError:
            continue
    return nets
