"""One run of a torch model, as `unified.testing` compares it."""

from typing import Any

import numpy as np
import torch

from unified.backends.torch.backend import backend
from unified.backends.torch.frame import Container
from unified.testing.observation import Observation, leaves, projections

__all__ = ["observe"]


def observe(model: Any, inputs: list[Any], rng: int, training: bool, gradients: bool) -> Observation:
    """Initialises `model`, runs it once on `inputs`, and notes all there is to compare."""
    model.init(*inputs, rng=rng).train(training)
    params = model.params
    result = Observation(dict(params.info), {path: backend.to_numpy(value) for path, value in params.items()})
    given = [_differentiable(x) if gradients else x for x in inputs]
    for name, module in model.named_modules():
        if not isinstance(module, Container) and not _inside_layer(model, name):
            module.register_forward_hook(_note(result, name.replace(".", "/")))
    output = model(*given)
    outputs = dict(leaves(output))
    result.outputs = {name: backend.to_numpy(value) for name, value in outputs.items()}
    result.state = {
        path: backend.to_numpy(value)
        for path, value in model.params.items()
        if params.info[path].collection != "params"
    }
    floating = [value for value in outputs.values() if value.is_floating_point() and value.requires_grad]
    if gradients and floating:
        weights = projections([tuple(value.shape) for value in floating])
        sum((v * torch.from_numpy(w).to(v.dtype)).sum() for v, w in zip(floating, weights, strict=True)).backward()
        result.input_gradients = _gradients({f"input[{i}]": x for i, x in enumerate(given)})
        result.parameter_gradients = _gradients(
            {path: value for path, value in params.items() if params.info[path].trainable}
        )
    return result


def _differentiable(x: Any) -> Any:
    if isinstance(x, torch.Tensor) and x.is_floating_point():
        return x.clone().requires_grad_()
    return x


def _inside_layer(model: torch.nn.Module, name: str) -> bool:
    """Whether a module is part of another layer, whose output is what counts."""
    module = model
    for part in name.split(".")[:-1]:
        module = module._modules[part]  # type: ignore[assignment]
        if not isinstance(module, Container):
            return True
    return False


def _note(result: Observation, path: str) -> Any:
    def hook(module: Any, args: Any, output: Any) -> None:
        result.layers += [(path, backend.to_numpy(value)) for _, value in leaves(output)]

    return hook


def _gradients(tensors: dict[str, Any]) -> dict[str, np.ndarray]:
    """The gradients that arrived; zeros where a tensor had no part in the outputs."""
    return {
        name: backend.to_numpy((torch.zeros_like(t) if t.grad is None else t.grad).to_dense())
        for name, t in tensors.items()
        if isinstance(t, torch.Tensor) and t.requires_grad
    }
