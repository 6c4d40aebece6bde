"""One run of a JAX model for `unified.testing` to compare: jitted, with the output of each layer."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.frame import JaxFrame
from unified.core.params import Params
from unified.core.scope import run_body
from unified.testing.observation import LayerCall, Observation, PureModel, arrays, map_leaves, projections

__all__ = ["observe_pure", "run_for_parity"]


class _LayerCalls:
    """A recorder of layer calls outside of transforms of the body, whose values must not leave them."""

    def __init__(self, frame: JaxFrame) -> None:
        self.frame = frame
        self.calls: list[tuple[str, Any, Any]] = []

    def record_call(self, path: str, inputs: Any, output: Any) -> None:
        """Record a call."""
        if not self.frame.depth:
            self.calls.append((path, inputs, output))


def run_for_parity(model: Any, args: Any, kwargs: Any, rng: Any, training: bool, gradients: bool) -> Observation:
    """Initialise `model`, run it once, and return everything that is compared."""
    params = model.init(*args, rng=rng, **kwargs)
    infos = params.info
    result = Observation(dict(infos), {path: np.array(value) for path, value in params.items()}, params.stacks)
    inputs: dict[str, jax.Array] = {}

    def collect(name: str, x: Any) -> Any:
        if isinstance(x, jax.Array):
            inputs[name] = x
        return x

    map_leaves(collect, args, "input"), map_leaves(collect, kwargs, "input")
    floats = {name: x for name, x in inputs.items() if _is_floating(x)}
    calls: list[tuple[str, int]] = []  # path and number of inputs of each layer call
    numbers: dict[str, np.ndarray] = {}  # outputs that are plain numbers, which jit would turn into arrays

    def run(trainable: Params, floats: dict[str, Any], rest: Params, inputs: dict[str, Any]) -> Any:
        values = {**inputs, **floats}
        mode, *arguments = model._resolve_mode(args, kwargs, training)
        frame = model._frame(rest | trainable, mode)
        recorder = frame.layer_recorder = _LayerCalls(frame)
        traced_args, traced_kwargs = (map_leaves(values.get, tree, "input") for tree in arguments)
        outputs = arrays(run_body(frame, model._fn, traced_args, traced_kwargs), "output")
        numbers.update({name: value for name, value in outputs.items() if isinstance(value, np.ndarray)})
        layers, calls[:] = [], []
        for path, layer_inputs, layer_output in recorder.calls:
            input_arrays = list(arrays(layer_inputs, "input").values())
            calls.append((path, len(input_arrays)))
            layers.append([*input_arrays, *arrays(layer_output, "output").values()])
        floating = [value for value in outputs.values() if _is_floating(value) and not isinstance(value, np.ndarray)]
        weights = projections([value.shape for value in floating])
        total = sum((v * w.astype(v.dtype)).sum() for v, w in zip(floating, weights, strict=True))
        output_arrays = {name: value for name, value in outputs.items() if name not in numbers}
        return jnp.asarray(total, float), (output_arrays, layers, frame.changes())

    trainable, rest = params.split()
    if gradients:
        run_with_gradients = jax.jit(jax.value_and_grad(run, argnums=(0, 1), has_aux=True))
        value_and_aux, (param_grads, input_grads) = run_with_gradients(trainable, floats, rest, inputs)
        _, (outputs, layers, changes) = value_and_aux
        if any(_is_floating(value) for value in outputs.values()):
            result.parameter_gradients = {path: np.array(value) for path, value in param_grads.items()}
            result.input_gradients = {name: np.array(value) for name, value in input_grads.items()}
    else:
        _, (outputs, layers, changes) = jax.jit(run)(trainable, floats, rest, inputs)
    result.outputs = {name: np.array(value) for name, value in outputs.items()} | numbers
    for (path, count), values in zip(calls, layers, strict=True):
        host_arrays = [np.array(value) for value in values]
        result.layers.append(LayerCall(path, host_arrays[:count], host_arrays[count:]))
    new_params = params | changes
    result.state = {path: np.array(new_params[path]) for path in new_params if infos[path].collection != "params"}
    return result


def observe_pure(model: PureModel, args: Any, kwargs: Any, rng: int, training: bool, gradients: bool) -> Observation:
    """Initialise a model of pure calls, run it once, and return everything that is compared."""
    params = model.initial("jax", rng, args, kwargs)
    result = Observation(dict(params.info), {path: np.array(value) for path, value in params.items()}, params.stacks)
    inputs: dict[str, jax.Array] = {}

    def collect(name: str, x: Any) -> None:
        if isinstance(x, jax.Array):
            inputs[name] = x

    map_leaves(collect, args, "input"), map_leaves(collect, kwargs, "input")
    floats = {name: x for name, x in inputs.items() if _is_floating(x)}

    def run(trainable: Params, floats: dict[str, Any], rest: Params, inputs: dict[str, Any]) -> Any:
        values = {**inputs, **floats}
        traced_args, traced_kwargs = (map_leaves(values.get, tree, "input") for tree in (args, kwargs))
        output, after = model.call(trainable | rest, traced_args, traced_kwargs, training)
        outputs = arrays(output, "output")
        floating = [value for value in outputs.values() if _is_floating(value)]
        weights = projections([value.shape for value in floating])
        total = sum((v * w.astype(v.dtype)).sum() for v, w in zip(floating, weights, strict=True))
        return jnp.asarray(total, float), (outputs, after)

    trainable, rest = params.split()
    run_with_gradients = jax.jit(jax.value_and_grad(run, argnums=(0, 1), has_aux=True) if gradients else run)
    if gradients:
        (_, (outputs, after)), (of_params, of_inputs) = run_with_gradients(trainable, floats, rest, inputs)
        if any(_is_floating(value) for value in outputs.values()):
            result.parameter_gradients = {path: np.array(value) for path, value in of_params.items()}
            result.input_gradients = {name: np.array(value) for name, value in of_inputs.items()}
    else:
        _, (outputs, after) = run_with_gradients(trainable, floats, rest, inputs)
    result.outputs = {name: np.array(value) for name, value in outputs.items()}
    result.state = {path: np.array(value) for path, value in after.items() if result.infos[path].collection != "params"}
    return result


def _is_floating(value: Any) -> bool:
    return jnp.issubdtype(value.dtype, jnp.floating)
