"""One run of a JAX model, as `unified.testing` compares it: jitted, with the output of each layer."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.frame import JaxFrame
from unified.core.params import Params
from unified.testing.observation import Observation, leaves, projections

__all__ = ["observe"]


def observe(model: Any, inputs: list[Any], rng: int, training: bool, gradients: bool) -> Observation:
    """Initialises `model`, runs it once on `inputs`, and notes all there is to compare."""
    params = model.init(*inputs, rng=rng)
    infos = params.info
    result = Observation(dict(infos), {path: np.array(value) for path, value in params.items()})
    is_array = [isinstance(x, jax.Array) for x in inputs]
    trained = {f"input[{i}]": x for i, x in enumerate(inputs) if is_array[i] and jnp.issubdtype(x.dtype, jnp.floating)}
    arrays = {f"input[{i}]": x for i, x in enumerate(inputs) if is_array[i]}
    paths: list[str] = []

    def run(trainable: Params, floats: dict[str, Any], rest: Params, others: dict[str, Any]) -> Any:
        given = [({**others, **floats})[f"input[{i}]"] if is_array[i] else x for i, x in enumerate(inputs)]
        frame = JaxFrame(rest | trainable, training)
        frame.taps = []
        output = frame.run(model._fn, tuple(given), {})
        outputs = dict(leaves(output))
        layers = [(path, value) for path, layer_output in frame.taps for _, value in leaves(layer_output)]
        paths[:] = [path for path, _ in layers]
        floating = [value for value in outputs.values() if jnp.issubdtype(value.dtype, jnp.floating)]
        weights = projections([value.shape for value in floating])
        total = sum((v * w.astype(v.dtype)).sum() for v, w in zip(floating, weights, strict=True))
        return jnp.asarray(total, float), (outputs, [value for _, value in layers], frame.changes())

    trainable, rest = params.split()
    if gradients:
        run_with_gradients = jax.jit(jax.value_and_grad(run, argnums=(0, 1), has_aux=True))
        (_, (outputs, layers, changes)), (of_params, of_inputs) = run_with_gradients(trainable, trained, rest, arrays)
        if any(jnp.issubdtype(value.dtype, jnp.floating) for value in outputs.values()):
            result.parameter_gradients = {path: np.array(value) for path, value in of_params.items()}
            result.input_gradients = {name: np.array(value) for name, value in of_inputs.items()}
    else:
        _, (outputs, layers, changes) = jax.jit(run)(trainable, trained, rest, arrays)
    result.outputs = {name: np.array(value) for name, value in outputs.items()}
    result.layers = list(zip(paths, (np.array(value) for value in layers), strict=True))
    after = params | changes
    result.state = {path: np.array(after[path]) for path in after if infos[path].collection != "params"}
    return result
