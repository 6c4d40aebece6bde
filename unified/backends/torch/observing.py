"""What runs for `unified.testing` have in common on torch: gradients, hooks of layers, and arrays on the host."""

from typing import Any

import numpy as np
import torch

from unified.core import backends
from unified.core.scope import current
from unified.testing.observation import LayerCall, Observation, arrays, projections

__all__ = ["call_hook", "differentiable", "differentiate", "to_numpy"]


def differentiable(inputs: dict[str, Any], gradients: bool) -> Any:
    """Return a function of the name of an input and the input, which is a leaf of autograd noted in `inputs`."""

    def leaf(name: str, x: Any) -> Any:
        if not gradients or not isinstance(x, torch.Tensor) or not x.is_floating_point():
            return x
        inputs[name] = x.clone().requires_grad_()
        return inputs[name].clone()  # what is called may write to it

    return leaf


def differentiate(
    result: Observation, outputs: dict[str, Any], inputs: dict[str, Any], parameters: dict[str, Any], gradients: bool
) -> None:
    """Add the gradients of the weighted sum of the outputs to an observation."""
    floating = [v for v in outputs.values() if isinstance(v, torch.Tensor) and v.is_floating_point()]
    weights = zip(floating, projections([tuple(value.shape) for value in floating]), strict=True)
    weighted = [(v * torch.from_numpy(w).to(v.device, v.dtype)).sum() for v, w in weights if v.requires_grad]
    if gradients and floating:
        if weighted:
            sum(weighted[1:], weighted[0]).backward()
        result.input_gradients = _gradients(inputs)
        result.parameter_gradients = _gradients(parameters)


def to_numpy(value: Any) -> np.ndarray:
    """Return a tensor as an array of NumPy, and such an array as it is."""
    return value if isinstance(value, np.ndarray) else backends.load("torch").to_numpy(value)


def call_hook(result: Observation, path: str) -> Any:
    """Return a forward hook that adds each call of the layer at `path` to the observation."""

    def hook(module: Any, args: Any, kwargs: Any, output: Any) -> None:
        if current.scope is not None and current.scope.frame.depth:
            return  # a transform of the body may run a layer any number of times
        inputs, outputs = arrays((*args, *kwargs.values()), "input"), arrays(output, "output")
        result.layers.append(LayerCall(path, [*map(to_numpy, inputs.values())], [*map(to_numpy, outputs.values())]))

    return hook


def _gradients(tensors: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return the gradients of tensors, zeros for one that the outputs do not depend on."""
    return {
        name: to_numpy((torch.zeros_like(t) if t.grad is None else t.grad).to_dense())
        for name, t in tensors.items()
        if t.requires_grad
    }
