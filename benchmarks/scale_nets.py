"""A stack of Llama's blocks and a step of its training, in unified, written by hand in `jax.numpy`, and in Flax.

All three have the same arrays, split alike: what enters hidden features or heads over the axis `model`, and the other
dimension of each matrix over `data`, which the batch is split over too.
"""

import os
from typing import Any, NamedTuple

__all__ = ["MESHES", "SIZES", "compiled"]

LENGTH = 1024
MESHES = {8: (2, 4), 64: (8, 8), 512: (64, 8)}


class Size(NamedTuple):
    """The sizes of a model; `groups` are the heads of keys and values."""

    layers: int
    width: int
    heads: int
    groups: int
    hidden: int


SIZES = {
    "1 B": Size(16, 2048, 32, 8, 10240),
    "7 B": Size(32, 4096, 32, 32, 11008),
    "70 B": Size(80, 8192, 64, 8, 28672),
}


def _attention(query: Any, key: Any, value: Any, mask: Any) -> Any:
    """Mix `value` for `(batch, time, groups, heads of a group, features)` queries."""
    import jax
    import jax.numpy as jnp

    scores = jnp.einsum("btghd,bsgd->bghts", query, key) * query.shape[-1] ** -0.5
    return jnp.einsum("bghts,bsgd->btghd", jax.nn.softmax(scores + mask, -1), value)


def _mask() -> Any:
    import jax.numpy as jnp

    return jnp.where(jnp.tril(jnp.ones((LENGTH, LENGTH), bool)), 0.0, -1e9)


def _heads(size: Size, query: Any, key: Any, value: Any) -> Any:
    batch, features = query.shape[0], size.width // size.heads
    grouped = (batch, LENGTH, size.groups, size.heads // size.groups, features)
    pair = (batch, LENGTH, size.groups, features)
    mixed = _attention(query.reshape(grouped), key.reshape(pair), value.reshape(pair), _mask())
    return mixed.reshape(batch, LENGTH, size.width)


def _unified(size: Size) -> Any:
    """Return the params by shapes, their shardings on a mesh, and the function of params and input."""
    import jax
    import jax.numpy as jnp

    import unified as u
    import unified.functional as F

    into, out = {"sharding": ("model", "data")}, {"sharding": ("data", "model")}
    small = size.width // size.heads * size.groups

    def linear(x: Any, features: int, name: str, metadata: Any) -> Any:
        return u.Linear(x.shape[-1], features, bias=False, name=name, metadata=metadata)(x)

    def block(x: Any) -> Any:
        h = u.RMSNorm(size.width, eps=1e-6, name="norm")(x)
        sizes = {"query": size.width, "key": small, "value": small}
        mixed = _heads(size, *(linear(h, features, name, into) for name, features in sizes.items()))
        x = x + linear(mixed, size.width, "out", out)
        h = u.RMSNorm(size.width, eps=1e-6, name="norm2")(x)
        h = F.silu(linear(h, size.hidden, "gate", into)) * linear(h, size.hidden, "up", into)
        return x + linear(h, size.width, "down", out)

    def forward(x: Any) -> Any:
        return u.layer_stack(size.layers, remat=True, name="h")(block)(x)

    net = u.transform(forward, backend="jax")
    params = net.eval_shape(jax.ShapeDtypeStruct((1, LENGTH, size.width), jnp.float32))
    return params, params.shardings, lambda params, x: net.apply(params, x)[0]


def _shapes(size: Size) -> dict[str, tuple[int, ...]]:
    small = size.width // size.heads * size.groups
    return {
        "norm": (size.width,),
        "query": (size.width, size.width),
        "key": (small, size.width),
        "value": (small, size.width),
        "out": (size.width, size.width),
        "norm2": (size.width,),
        "gate": (size.hidden, size.width),
        "up": (size.hidden, size.width),
        "down": (size.width, size.hidden),
    }


def _norm(x: Any, weight: Any) -> Any:
    from jax import lax

    return x * lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-6) * weight


def _by_hand(size: Size) -> Any:
    import jax
    import jax.numpy as jnp
    from jax import lax
    from jax.sharding import NamedSharding, PartitionSpec

    params = {name: jax.ShapeDtypeStruct((size.layers, *shape), jnp.float32) for name, shape in _shapes(size).items()}

    def shardings(mesh: Any) -> Any:
        out = ("out", "down")
        specs = {
            name: (None,) if "norm" in name else (None, "data", "model") if name in out else (None, "model", "data")
            for name in params
        }
        return {name: NamedSharding(mesh, PartitionSpec(*spec)) for name, spec in specs.items()}

    def linear(x: Any, weight: Any) -> Any:
        return lax.dot_general(x, weight, (((2,), (1,)), ((), ())))

    def block(x: Any, w: Any) -> Any:
        h = _norm(x, w["norm"])
        x = x + linear(_heads(size, *(linear(h, w[name]) for name in ("query", "key", "value"))), w["out"])
        h = _norm(x, w["norm2"])
        return x + linear(jax.nn.silu(linear(h, w["gate"])) * linear(h, w["up"]), w["down"]), None

    return params, shardings, lambda params, x: lax.scan(jax.checkpoint(block), x, params)[0]


def _flax(size: Size) -> Any:
    import jax
    import jax.numpy as jnp
    from flax import linen as nn
    from jax.sharding import NamedSharding, PartitionSpec

    small = size.width // size.heads * size.groups

    class Block(nn.Module):
        @nn.compact
        def __call__(self, x: Any, _: Any) -> Any:
            def linear(x: Any, features: int, name: str) -> Any:
                return nn.Dense(features, use_bias=False, name=name)(x)

            h = nn.RMSNorm(name="norm")(x)
            sizes = {"query": size.width, "key": small, "value": small}
            mixed = _heads(size, *(linear(h, features, name) for name, features in sizes.items()))
            x = x + linear(mixed, size.width, "out")
            h = nn.RMSNorm(name="norm2")(x)
            h = nn.silu(linear(h, size.hidden, "gate")) * linear(h, size.hidden, "up")
            return x + linear(h, size.width, "down"), None

    stack = nn.scan(
        nn.remat(Block),
        variable_axes={"params": 0},
        split_rngs={"params": True},
        length=size.layers,
        in_axes=nn.broadcast,
    )()
    x = jax.ShapeDtypeStruct((1, LENGTH, size.width), jnp.float32)
    params = jax.eval_shape(lambda x: stack.init(jax.random.key(0), x, None), x)

    def shardings(mesh: Any) -> Any:
        def spec(path: Any, leaf: Any) -> Any:
            name = path[-2].key
            axes = (
                (None,)
                if "norm" in name
                else (None, *(("model", "data") if name in ("out", "down") else ("data", "model")))
            )
            return NamedSharding(mesh, PartitionSpec(*axes))

        return jax.tree_util.tree_map_with_path(spec, params)

    return params, shardings, lambda params, x: stack.apply(params, x, None)[0]


STYLES = {"unified": _unified, "jnp": _by_hand, "flax": _flax}


def compiled(name: str, devices: int, style: str, step: bool) -> dict[str, Any]:
    """Compile, in a fresh process, the loss or a step for so many devices; return collectives and bytes per device."""
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices}"
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    from benchmarks.collectives import collectives

    mesh = Mesh(np.array(jax.devices()).reshape(MESHES[devices]), ("data", "model"))
    size = SIZES[name]
    params, shardings_on, run = STYLES[style](size)
    shardings = shardings_on(mesh)
    rows = NamedSharding(mesh, PartitionSpec("data"))
    x = jax.ShapeDtypeStruct((MESHES[devices][0], LENGTH, size.width), jnp.float32, sharding=rows)

    def loss(params: Any, x: Any) -> Any:
        return (run(params, x) ** 2).mean()

    def update(params: Any, x: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(params, x)
        return jax.tree.map(lambda p, g: p - 1e-3 * g, params, gradients), value

    function: Any = jax.jit(loss, in_shardings=(shardings, rows))
    if step:
        function = jax.jit(update, in_shardings=(shardings, rows), out_shardings=(shardings, None), donate_argnums=0)
    program = function.lower(params, x).compile()
    memory = program.memory_analysis()
    parameters = sum(leaf.size for leaf in jax.tree.leaves(params))
    taken = memory.argument_size_in_bytes + memory.output_size_in_bytes + memory.temp_size_in_bytes
    return {
        **collectives(program.as_text()),
        "memory": taken - memory.alias_size_in_bytes,
        "parameters": parameters,
    }
