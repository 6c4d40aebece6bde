"""A transformed function of Haiku as an `nn.Module`."""

import inspect
from typing import Any

import numpy as np
import torch
from torch import nn

from unified.backends.torch.container import Container
from unified.compat.haiku.random import PRNGSequence
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.implementations import implementation
from unified.compat.jax.names import NAMES
from unified.compat.jax.on_torch.array import Array, of_numpy, tensor
from unified.compat.jax.on_torch.transforms import TORCH

__all__ = ["HaikuModule", "to_torch"]


def _tensor(value: Any) -> torch.Tensor:
    """A copy of a value of any framework's, contiguous as torch's kernels like it."""
    found = tensor(value) if isinstance(value, torch.Tensor | Array) else of_numpy(np.asarray(value))
    found = found.detach().clone()
    if found.dim() in (4, 5):  # a kernel [*kernel, in, out], whose view as torch's is then channels last
        order = (found.dim() - 1, *range(found.dim() - 1))
        found = found.permute(order).contiguous().permute(*range(1, found.dim()), 0)
    return found


class HaikuModule(nn.Module):
    """`apply` as `forward`. Parameters and buffers stand in submodules that are named as Haiku's modules are."""

    def __init__(self, transformed: Any, params: Any, state: Any, rng: Any) -> None:
        super().__init__()
        for module in NAMES:  # which are found now, for torch.compile cannot follow an import
            implementation(TORCH.name, module)
        self._apply_function = transformed.apply
        names = list(inspect.signature(transformed.apply).parameters)
        self._with_state = names[1:2] == ["state"]
        self._with_key = names[1 + self._with_state : 2 + self._with_state] == ["rng"]
        if state and not self._with_state:
            raise ValueError("state was given for a function that was transformed without it: use transform_with_state")
        with use_backend(TORCH):
            self._keys = None if rng is None else PRNGSequence(rng)
        self._places: dict[str, dict[str, nn.Module]] = {}
        self._state_places: dict[str, dict[str, nn.Module]] = {}
        for tree, places, is_state in ((params, self._places, False), (state or {}, self._state_places, True)):
            for module_name, bundle in tree.items():
                container = self._container(module_name)
                for name, value in bundle.items():
                    self._place(container, name, _tensor(value), is_state)
                    places.setdefault(module_name, {})[name] = container

    def _container(self, path: str) -> nn.Module:
        found: nn.Module = self
        for name in path.split("/"):
            if name not in found._modules:
                found._modules[name] = Container(name)
            found = found._modules[name]  # type: ignore[assignment]
        return found

    def _place(self, container: nn.Module, name: str, value: torch.Tensor, is_state: bool) -> None:
        if is_state or not value.is_floating_point():
            container._buffers[name] = value
        else:
            container._parameters[name] = nn.Parameter(value)

    def _values(self, places: dict[str, dict[str, nn.Module]]) -> dict[str, dict[str, torch.Tensor]]:
        return {
            path: {name: _value(container, name) for name, container in bundle.items()}
            for path, bundle in places.items()
        }

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What `apply` gives, without the state, which is kept."""
        with use_backend(TORCH):
            return self._forward(args, kwargs)

    def _forward(self, args: Any, kwargs: Any) -> Any:
        given: list[Any] = [self._values(self._places)]
        if self._with_state:
            given.append(self._values(self._state_places))
        if self._with_key:
            given.append(None if self._keys is None else next(self._keys))
        if not self._with_state:
            return self._apply_function(*given, *args, **kwargs)
        out, state = self._apply_function(*given, *args, **kwargs)
        with torch.no_grad():
            for path, bundle in state.items():
                for name, value in bundle.items():
                    buffer = self._state_places[path][name]._buffers[name]
                    if buffer is not value:
                        buffer.copy_(value)  # type: ignore[union-attr]
        return out


def _value(container: nn.Module, name: str) -> torch.Tensor:
    found = container._parameters.get(name)
    return container._buffers[name] if found is None else found  # type: ignore[return-value]


def to_torch(transformed: Any, params: Any, state: Any, rng: Any) -> HaikuModule:
    """See `unified.compat.haiku.to_torch`."""
    return HaikuModule(transformed, params, state, rng)
