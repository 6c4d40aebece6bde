"""One run of an object on JAX for `unified.testing` to compare."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.nn import construction
from unified.testing.observation import LayerCall, Observation, arrays, map_leaves, projections

__all__ = ["observe"]


def observe(cls: Any, args: Any, kwargs: Any, rng: int, training: bool, gradients: bool) -> Observation:
    """Build an object, call it once purely, and return everything that is compared."""
    net: Any = construction.build(cls, backend="jax", rng=rng, portable=True)
    params = net.params
    result = Observation(dict(params.info), {path: np.array(value) for path, value in params.items()}, params.stacks)
    inputs: dict[str, jax.Array] = {}

    def collect(name: str, x: Any) -> Any:
        if isinstance(x, jax.Array) and jnp.issubdtype(x.dtype, jnp.floating):
            inputs[name] = x
        return x

    map_leaves(collect, args, "input"), map_leaves(collect, kwargs, "input")
    handles = [
        layer.register_forward_hook(_hook(result, name.replace(".", "/")), with_kwargs=True)
        for name, layer in outermost_layers(net)
    ]
    output, changes = net.apply(params, *args, training=training, **kwargs)
    for handle in handles:
        handle.remove()
    outputs = arrays(output, "output")
    result.outputs = {name: np.array(value) for name, value in outputs.items()}
    new = params | changes.filter(lambda info: info.path in params)
    result.state = {path: np.array(new[path]) for path in new if params.info[path].collection != "params"}
    floating = [name for name, value in outputs.items() if jnp.issubdtype(value.dtype, jnp.floating)]
    if gradients and floating:
        weights = projections([outputs[name].shape for name in floating])
        trainable, rest = params.split()

        def loss(trainable: Any, floats: dict[str, Any]) -> Any:
            given = [map_leaves(floats.get, tree, "input") for tree in (args, kwargs)]
            output, _ = net.apply(trainable | rest, *given[0], training=training, **given[1])
            values = arrays(output, "output")
            return sum(
                (values[name] * w.astype(values[name].dtype)).sum() for name, w in zip(floating, weights, strict=True)
            )

        by_params, by_inputs = jax.grad(loss, (0, 1))(trainable, inputs)
        result.parameter_gradients = {path: np.array(value) for path, value in by_params.items()}
        result.input_gradients = {name: np.array(value) for name, value in by_inputs.items()}
    return result


def outermost_layers(net: Any) -> list[tuple[str, Any]]:
    """Return the layers that are in no other layer, with their names."""
    found: list[tuple[str, Any]] = []
    for name, module in net.named_modules():
        inside = any(name.startswith(f"{outer}.") or not outer for outer, _ in found)
        if not inside and type(module)._user_class.__dict__.get("_declaration") is not None:
            found.append((name, module))
    return found


def _hook(result: Observation, path: str) -> Any:
    def hook(module: Any, args: Any, kwargs: Any, output: Any) -> None:
        inputs, outputs = arrays((*args, *kwargs.values()), "input"), arrays(output, "output")
        if any(isinstance(value, jax.core.Tracer) for value in (*inputs.values(), *outputs.values())):
            return
        result.layers.append(LayerCall(path, [*map(np.array, inputs.values())], [*map(np.array, outputs.values())]))

    return hook
