"""One run of a torch model, for `unified.testing` to compare."""

from typing import Any

import torch

from unified.backends.torch.backend import backend
from unified.backends.torch.container import layers_below
from unified.backends.torch.observing import call_hook, differentiable, differentiate, to_numpy
from unified.testing.observation import Observation, PureModel, arrays, map_leaves

__all__ = ["observe_pure", "run_for_parity"]


def run_for_parity(model: Any, args: Any, kwargs: Any, rng: Any, training: bool, gradients: bool) -> Observation:
    """Initialise `model`, run it once, and return everything that is compared."""
    # The body, which init runs too, may write to its input.
    init_args, init_kwargs = map_leaves(_copy, args, "input"), map_leaves(_copy, kwargs, "input")
    model.init(*init_args, rng=rng, **init_kwargs).train(training)
    params = model.params
    initial = {path: backend.to_numpy(value) for path, value in params.items()}
    result = Observation(dict(params.info), initial, params.stacks)
    inputs: dict[str, torch.Tensor] = {}
    leaf = differentiable(inputs, gradients)
    args, kwargs = map_leaves(leaf, args, "input"), map_leaves(leaf, kwargs, "input")
    for path, module in layers_below(model):
        module.register_forward_hook(call_hook(result, path), with_kwargs=True)
    outputs = arrays(model(*args, **kwargs), "output")
    result.outputs = {name: to_numpy(value) for name, value in outputs.items()}
    result.state = {
        path: backend.to_numpy(value)
        for path, value in model.params.items()
        if params.info[path].collection != "params"
    }
    trainable = {path: value for path, value in params.items() if params.info[path].trainable}
    differentiate(result, outputs, inputs, trainable, gradients)
    return result


def observe_pure(model: PureModel, args: Any, kwargs: Any, rng: int, training: bool, gradients: bool) -> Observation:
    """Initialise a model of pure calls, run it once, and return everything that is compared."""
    params = model.initial("torch", rng, args, kwargs)
    result = Observation(
        dict(params.info), {path: backend.to_numpy(value) for path, value in params.items()}, params.stacks
    )
    trainable, rest = params.split()
    leaves = {path: backend.with_gradient(value, gradients) for path, value in trainable.items()}
    inputs: dict[str, torch.Tensor] = {}
    leaf = differentiable(inputs, gradients)
    args, kwargs = map_leaves(leaf, args, "input"), map_leaves(leaf, kwargs, "input")
    output, after = model.call(trainable.update(leaves) | rest, args, kwargs, training)
    outputs = arrays(output, "output")
    result.outputs = {name: to_numpy(value) for name, value in outputs.items()}
    result.state = {
        path: backend.to_numpy(value) for path, value in after.items() if result.infos[path].collection != "params"
    }
    differentiate(result, outputs, inputs, leaves, gradients)
    return result


def _copy(name: str, x: Any) -> Any:
    return x.clone() if isinstance(x, torch.Tensor) else x
