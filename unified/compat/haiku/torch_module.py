"""A transformed function of Haiku as an `nn.Module`."""

import inspect
from typing import Any

import numpy as np
import torch
from torch import nn

from unified.backends.torch.container import Container
from unified.compat.haiku.random import PRNGSequence
from unified.compat.held import buffer_of, value_of
from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.implementations import implementation
from unified.compat.jax.names import NAMES
from unified.compat.jax.on_torch.array import Array, of_numpy, tensor
from unified.compat.jax.on_torch.transforms import TORCH

__all__ = ["HaikuModule", "to_torch"]


def _copy_tensor(value: Any) -> torch.Tensor:
    """Return a copy of an array of any framework, in the memory layout that torch's kernels prefer."""
    copy = tensor(value) if isinstance(value, torch.Tensor | Array) else of_numpy(np.asarray(value))
    copy = copy.detach().clone()
    if copy.dim() in (4, 5):  # a kernel [*kernel, in, out], which torch then sees as channels last
        order = (copy.dim() - 1, *range(copy.dim() - 1))
        copy = copy.permute(order).contiguous().permute(*range(1, copy.dim()), 0)
    return copy


class HaikuModule(nn.Module):
    """A module whose `forward` is `apply`. Submodules named like Haiku's modules contain its parameters and buffers."""

    def __init__(self, transformed: Any, params: Any, state: Any, rng: Any) -> None:
        super().__init__()
        for module in NAMES:  # imported now, since torch.compile cannot trace an import
            implementation(TORCH.name, module)
        self._apply_function = transformed.apply
        names = list(inspect.signature(transformed.apply).parameters)
        self._with_state = names[1:2] == ["state"]
        self._with_key = names[1 + self._with_state : 2 + self._with_state] == ["rng"]
        if state and not self._with_state:
            raise ValueError("state was given for a function that was transformed without it: use transform_with_state")
        with use_backend(TORCH):
            self._keys = None if rng is None else PRNGSequence(rng)
        self._containers: dict[str, dict[str, nn.Module]] = {}
        self._state_containers: dict[str, dict[str, nn.Module]] = {}
        keys: dict[str, str] = {}
        for kind, tree, containers in (
            ("parameter", params, self._containers),
            ("state", state or {}, self._state_containers),
        ):
            for module_name, bundle in tree.items():
                container = self._container(module_name)
                for name, value in bundle.items():
                    path = f"{module_name}/{name}"
                    _check_key(keys, path.replace("/", "."), f"the {kind} {path}")
                    self._register(container, name, _copy_tensor(value), kind == "state")
                    containers.setdefault(module_name, {})[name] = container

    def _container(self, path: str) -> nn.Module:
        module: nn.Module = self
        for name in path.split("/"):
            if name not in module._modules:
                module._modules[name] = Container(name)
            module = module._modules[name]  # type: ignore[assignment]
        return module

    def _register(self, container: nn.Module, name: str, value: torch.Tensor, is_state: bool) -> None:
        if is_state or not value.is_floating_point():
            container._buffers[name] = value
        else:
            container._parameters[name] = nn.Parameter(value)

    def _values(self, containers: dict[str, dict[str, nn.Module]]) -> dict[str, dict[str, torch.Tensor]]:
        return {
            path: {name: value_of(container, name) for name, container in bundle.items()}
            for path, bundle in containers.items()
        }

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return the output of `apply`; its state updates the buffers."""
        with use_backend(TORCH):
            return self._forward(args, kwargs)

    def _forward(self, args: Any, kwargs: Any) -> Any:
        leading: list[Any] = [self._values(self._containers)]
        if self._with_state:
            leading.append(self._values(self._state_containers))
        if self._with_key:
            leading.append(None if self._keys is None else next(self._keys))
        if not self._with_state:
            return self._apply_function(*leading, *args, **kwargs)
        out, state = self._apply_function(*leading, *args, **kwargs)
        with torch.no_grad():
            for path, bundle in state.items():
                for name, value in bundle.items():
                    buffer = buffer_of(self._state_containers[path][name], name)
                    if buffer is not value:
                        buffer.copy_(value)
        return out


def _check_key(keys: dict[str, str], key: str, variable: str) -> None:
    if key in keys:
        raise ValueError(
            f"{keys[key]} and {variable} would both be {key!r} in a state_dict, which has one value for each name: "
            "rename one of them"
        )
    keys[key] = variable


def to_torch(transformed: Any, params: Any, state: Any, rng: Any) -> HaikuModule:
    """Return the module of `unified.compat.haiku.to_torch`."""
    return HaikuModule(transformed, params, state, rng)
