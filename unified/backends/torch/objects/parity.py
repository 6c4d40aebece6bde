"""One run of an object on torch for `unified.testing` to compare."""

from typing import Any

import torch

from unified.backends.torch.objects.calls import params_of
from unified.backends.torch.observing import call_hook, differentiable, differentiate, to_numpy
from unified.nn import construction
from unified.testing.observation import Observation, arrays, map_leaves

__all__ = ["observe"]


def observe(cls: Any, args: Any, kwargs: Any, rng: int, training: bool, gradients: bool) -> Observation:
    """Build an object, call it once, and return everything that is compared."""
    net: Any = construction.build(cls, backend="torch", rng=rng, portable=True)
    params = params_of(net)
    result = Observation(dict(params.info), {path: to_numpy(value) for path, value in params.items()}, params.stacks)
    inputs: dict[str, torch.Tensor] = {}
    leaf = differentiable(inputs, gradients)
    args, kwargs = map_leaves(leaf, args, "input"), map_leaves(leaf, kwargs, "input")
    handles = [
        layer.register_forward_hook(call_hook(result, name.replace(".", "/")), with_kwargs=True)
        for name, layer in _outermost_layers(net)
    ]
    outputs = arrays(net.train(training)(*args, **kwargs), "output")
    for handle in handles:
        handle.remove()
    result.outputs = {name: to_numpy(value) for name, value in outputs.items()}
    after = params_of(net)
    result.state = {path: to_numpy(after[path]) for path, info in params.info.items() if info.collection != "params"}
    trainable = {path: value for path, value in params.items() if params.info[path].trainable}
    differentiate(result, outputs, inputs, trainable, gradients)
    return result


def _outermost_layers(net: Any) -> list[tuple[str, Any]]:
    """Return the layers of torch that are in no other layer, with their names."""
    found: list[tuple[str, Any]] = []
    containers: tuple[type, ...] = (torch.nn.Sequential, torch.nn.ModuleList, torch.nn.ModuleDict)
    containers = (*containers, torch.nn.ParameterList, torch.nn.ParameterDict)
    for name, module in net.named_modules():
        inside = any(name.startswith(f"{outer}.") or not outer for outer, _ in found)
        is_ours = "_user_class" in type(module).__dict__
        if not inside and not is_ours and not isinstance(module, containers) and name.partition(".")[0] != "rng":
            found.append((name, module))
    return found
