"""One run of a module for `assert_parity`: what it computes, its gradients and its state, as NumPy arrays by name."""

from typing import Any

import numpy as np

from unified.core import backends
from unified.core.dtypes import dtype_name, is_floating
from unified.core.params import Params
from unified.testing.observation import Observation, arrays, map_leaves, projections
from unified.trees.applying import apply
from unified.trees.variables import combine, fill, params, partition

__all__ = ["observe"]


def observe(module: Any, name: str, args: Any, kwargs: Any, rng: int, training: bool, gradients: bool) -> Observation:
    """Return what a run of the module gives on the backend of that name, with first values from the seed `rng`."""
    backend = backends.load(name)
    model = fill(module, *args, rng=rng, backend=name, **kwargs)
    first = params(model)
    result = Observation(dict(first.info), _hosts(first), {})
    inputs = {**arrays(args, "input"), **arrays(kwargs, "input")}
    floats = {name: x for name, x in inputs.items() if backends.of_array(x) is backend and _is_floating(x)}
    chosen, rest = partition(model)

    def run(differentiated: Any) -> Any:
        chosen, floats = differentiated
        given = [map_leaves(floats.get, tree, "input") for tree in (args, kwargs)]
        output, new = apply(combine(chosen, rest), *given[0], training=training, rng=rng, **given[1])
        outputs = arrays(output, "output")
        weighted = [value for value in outputs.values() if backends.of_array(value) is backend and _is_floating(value)]
        weights = projections([tuple(value.shape) for value in weighted])
        total: Any = 0.0
        for value, weight in zip(weighted, weights, strict=True):
            total = total + (value * backend.astype(backend.from_numpy(weight, None), dtype_name(value.dtype))).sum()
        return total, (outputs, new)

    if gradients and arrays(run((chosen, floats))[1][0], "output"):
        (_, (outputs, new)), (of_params, of_inputs) = backend.calls.value_and_grad(run, True)((chosen, floats))
        result.parameter_gradients, result.input_gradients = _hosts(params(of_params)), _hosts(of_inputs)
    else:
        _, (outputs, new) = run((chosen, floats))
    result.outputs = _hosts(outputs)
    result.state = _hosts(params(new).filter(lambda info: info.collection != "params"))
    return result


def _is_floating(value: Any) -> bool:
    return is_floating(dtype_name(value.dtype))


def _hosts(values: dict[str, Any] | Params) -> dict[str, np.ndarray]:
    owners = {name: backends.of_array(value) for name, value in values.items()}
    return {
        name: np.asarray(value) if (owner := owners[name]) is None else owner.to_numpy(value)
        for name, value in values.items()
    }
