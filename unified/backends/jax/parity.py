"""One run of a JAX model, as `unified.testing` compares it: jitted, with the output of each layer."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.backends.jax.frame import JaxFrame
from unified.core.params import Params
from unified.core.scope import run_body
from unified.testing.observation import LayerCall, Observation, arrays, map_leaves, projections

__all__ = ["run_for_parity"]


class _LayerCalls:
    """Records the calls of layers that are not within a transform of the body, from which values cannot be taken."""

    def __init__(self, frame: JaxFrame) -> None:
        self.frame = frame
        self.calls: list[tuple[str, Any, Any]] = []

    def record_call(self, path: str, inputs: Any, output: Any) -> None:
        """Record a call."""
        if not self.frame.depth:
            self.calls.append((path, inputs, output))


def run_for_parity(model: Any, args: Any, kwargs: Any, rng: int, training: bool, gradients: bool) -> Observation:
    """Initialises `model`, runs it once, and notes all there is to compare."""
    params = model.init(*args, rng=rng, **kwargs)
    infos = params.info
    result = Observation(dict(infos), {path: np.array(value) for path, value in params.items()})
    inputs: dict[str, jax.Array] = {}

    def note(name: str, x: Any) -> Any:
        if isinstance(x, jax.Array):
            inputs[name] = x
        return x

    map_leaves(note, args, "input"), map_leaves(note, kwargs, "input")
    floats = {name: x for name, x in inputs.items() if _is_floating(x)}
    calls: list[tuple[str, int]] = []  # path and number of inputs of each call of a layer
    numbers: dict[str, np.ndarray] = {}  # outputs that are plain numbers, which jit would turn into arrays

    def run(trainable: Params, floats: dict[str, Any], rest: Params, inputs: dict[str, Any]) -> Any:
        values = {**inputs, **floats}
        frame = JaxFrame(rest | trainable, training)
        recorder = frame.layer_recorder = _LayerCalls(frame)
        given_args, given_kwargs = (map_leaves(values.get, given, "input") for given in (args, kwargs))
        outputs = arrays(run_body(frame, model._fn, given_args, given_kwargs), "output")
        numbers.update({name: value for name, value in outputs.items() if isinstance(value, np.ndarray)})
        layers, calls[:] = [], []
        for path, layer_inputs, layer_output in recorder.calls:
            before = list(arrays(layer_inputs, "input").values())
            calls.append((path, len(before)))
            layers.append([*before, *arrays(layer_output, "output").values()])
        floating = [value for value in outputs.values() if _is_floating(value) and not isinstance(value, np.ndarray)]
        weights = projections([value.shape for value in floating])
        total = sum((v * w.astype(v.dtype)).sum() for v, w in zip(floating, weights, strict=True))
        traced = {name: value for name, value in outputs.items() if name not in numbers}
        return jnp.asarray(total, float), (traced, layers, frame.changes())

    trainable, rest = params.split()
    if gradients:
        run_with_gradients = jax.jit(jax.value_and_grad(run, argnums=(0, 1), has_aux=True))
        (_, (outputs, layers, changes)), (of_params, of_inputs) = run_with_gradients(trainable, floats, rest, inputs)
        if any(_is_floating(value) for value in outputs.values()):
            result.parameter_gradients = {path: np.array(value) for path, value in of_params.items()}
            result.input_gradients = {name: np.array(value) for name, value in of_inputs.items()}
    else:
        _, (outputs, layers, changes) = jax.jit(run)(trainable, floats, rest, inputs)
    result.outputs = {name: np.array(value) for name, value in outputs.items()} | numbers
    for (path, count), values in zip(calls, layers, strict=True):
        hosts = [np.array(value) for value in values]
        result.layers.append(LayerCall(path, hosts[:count], hosts[count:]))
    after = params | changes
    result.state = {path: np.array(after[path]) for path in after if infos[path].collection != "params"}
    return result


def _is_floating(value: Any) -> bool:
    return jnp.issubdtype(value.dtype, jnp.floating)
