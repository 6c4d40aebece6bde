"""Layers, loops and losses under the types of `shard_map` and of meshes with explicit axes, on four host devices.

Prints, as JSON, what was raised or how far the outputs are from those on one device, by mode and name. With the
argument `layers` it is a case of every layer, else recurrent layers, loops and losses.
"""

import json
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import unified as u
import unified.functional as F
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.layer_runner import arguments, given_inputs, layer_inputs

X = np.random.default_rng(0).standard_normal((8, 5, 6)).astype(np.float32)  # sequences, time, features

LOOPS: dict[str, Callable[[Any], Any]] = {
    "unroll": lambda x: u.unroll(u.LSTMCell(6, 4), x, time_major=False)[0],
    "lstm": lambda x: u.LSTM(6, 4, num_layers=2, batch_first=True)(x)[0],
    "gru": lambda x: u.GRU(6, 4, batch_first=True, bidirectional=True)(x)[0],
    "rnn": lambda x: u.RNN(6, 4, batch_first=True)(x)[0],
    "lstm_cell": lambda x: u.LSTMCell(6, 4)(x[:, 0])[0],
    "scan": lambda x: u.scan(lambda c, row: (c + row[:, 1], c), jnp.zeros(x.shape[0]), x.swapaxes(0, 1))[1].T,
    "while_loop": lambda x: u.while_loop(lambda s: s[1] < 3, lambda s: (s[0] + x, s[1] + 1), (jnp.zeros_like(x), 0))[0],
    "layer_stack": lambda x: u.layer_stack(3)(lambda x: u.Linear(6, 6)(x))(x),
    "ctc_loss": lambda x: F.ctc_loss(
        F.log_softmax(x.swapaxes(0, 1), -1),
        jnp.ones((x.shape[0], 2), jnp.int32),
        jnp.full((x.shape[0],), 5),
        jnp.full((x.shape[0],), 2),
        reduction="none",
    ),
}


def difference(run: Callable[[], Any], expected: Any) -> Any:
    """How far apart two trees of outputs are; the first line of what was raised."""
    try:
        found = jax.tree.leaves(run())
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    pairs = zip(found, jax.tree.leaves(expected), strict=True)
    return max((float(np.abs(np.asarray(a, float) - np.asarray(b, float)).max(initial=0)) for a, b in pairs), default=0)


def in_shard_map(run: Callable[..., Any], params: Any, arrays: list[Any]) -> Any:
    mesh = jax.make_mesh((4,), ("d",), axis_types=(AxisType.Auto,))
    specs = (PartitionSpec(), [PartitionSpec("d")] * len(arrays))
    mapped = jax.shard_map(run, mesh=mesh, in_specs=specs, out_specs=PartitionSpec("d"))
    return jax.jit(mapped)(params, arrays)


def with_explicit_axes(run: Callable[..., Any], params: Any, arrays: list[Any]) -> Any:
    mesh = jax.make_mesh((4,), ("d",), axis_types=(AxisType.Explicit,))
    with jax.set_mesh(mesh):
        split = [jax.device_put(array, NamedSharding(mesh, PartitionSpec("d"))) for array in arrays]
        return jax.jit(run)(params, split)


MODES = {"shard_map": in_shard_map, "explicit": with_explicit_axes}


def results(run: Callable[..., Any], params: Any, arrays: list[Any]) -> dict[str, Any]:
    expected = run(params, arrays)
    return {mode: difference(lambda call=call: call(run, params, arrays), expected) for mode, call in MODES.items()}


def of_gradient(net: Any, params: u.Params) -> Any:
    weights, rest = params.split()
    gradient = jax.grad(lambda weights, x: (net.apply(weights | rest, x)[0] ** 2).sum())

    def run(weights: Any, arrays: list[Any]) -> Any:
        return gradient(weights, *arrays)

    return difference(lambda: with_explicit_axes(run, weights, [X]), gradient(weights, X))


def loops() -> dict[str, Any]:
    found = {}
    for name, body in LOOPS.items():
        net = u.transform(body, backend="jax")
        params = net.init(X, rng=0)
        found[name] = results(lambda params, arrays, net=net: net.apply(params, *arrays)[0], params, [X])
        if params and name != "while_loop":  # which has no gradient in reverse
            found[f"gradient of {name}"] = {"explicit": of_gradient(net, params)}
    return found


def layers() -> dict[str, Any]:
    found = {}
    for case in CASES:
        if case.layer in found:
            continue

        def forward(*inputs: Any, case: Any = case, **options: Any) -> Any:
            args, kwargs = arguments(case, jnp.asarray, u)
            return getattr(u, case.layer)(*args, **kwargs)(*inputs, **options)

        net = u.transform(forward, backend="jax")
        arrays = layer_inputs(case, 0)
        inputs, options = given_inputs(case, [*map(jnp.asarray, arrays)])
        params = net.init(*inputs, rng=3, **options)

        def one(params: Any, arrays: list[Any], case: Any = case, net: Any = net) -> Any:
            inputs, options = given_inputs(case, arrays)
            return [leaf for leaf in jax.tree.leaves(net.apply(params, *inputs, **options)[0]) if leaf is not None]

        run = jax.vmap(one, (None, 0))
        found[case.layer] = results(run, params, [np.stack([array] * 4) for array in arrays])
    return found


if __name__ == "__main__":
    print(json.dumps(layers() if sys.argv[1:] == ["layers"] else loops()))
