"""`Container`: the module of a scope, and walks over the modules and layers below one."""

import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from unified.core.naming import join
from unified.core.record import ScopeRecord

__all__ = ["Container", "block_within", "layers_below", "layers_within", "modules_below", "tensors_of"]


class Container(nn.Module):
    """The modules, layers and variables of one scope."""

    _record: ScopeRecord
    _label: str

    def __init__(self, label: str) -> None:
        super().__init__()
        self.__dict__["_record"] = ScopeRecord()
        self.__dict__["_label"] = label

    def _get_name(self) -> str:
        return self._label

    def train(self, mode: bool = True) -> "Container":
        # nn.Module.train assigns the attribute `training`, which a layer of that name forbids.
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.__dict__["training"] = mode
        for child in {id(child): child for child in self._modules.values() if child is not None}.values():
            if child._modules or type(child).train is not nn.Module.train:
                child.train(mode)
            else:
                child.__dict__["training"] = mode  # as train does, in a twentieth of the time
        return self

    def _slow_forward(self, *args: Any, **kwargs: Any) -> Any:
        # torch.jit.trace calls this. Comparing sizes with those that init recorded does not branch on them.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=torch.jit.TracerWarning, module=r"unified\.core")
            return super()._slow_forward(*args, **kwargs)

    def get_submodule(self, target: str) -> nn.Module:
        # `getattr` would return an attribute of nn.Module before a layer of the same name.
        module: nn.Module = self
        for name in target.split(".") if target else ():
            child = module._modules.get(name)
            if child is None:
                raise AttributeError(f"{type(module).__name__} has no submodule {name!r}")
            module = child
        return module

    def get_parameter(self, target: str) -> nn.Parameter:
        path, _, name = target.rpartition(".")
        parameter = self.get_submodule(path)._parameters.get(name)
        return super().get_parameter(target) if parameter is None else parameter

    def get_buffer(self, target: str) -> torch.Tensor:
        path, _, name = target.rpartition(".")
        buffer = self.get_submodule(path)._buffers.get(name)
        return super().get_buffer(target) if buffer is None else buffer


def layers_below(container: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers below a container with their paths; the layers within a layer are left out."""
    for name, module in container._modules.items():
        if isinstance(module, Container):
            yield from layers_below(module, join(path, name))
        elif module is not None:
            yield join(path, name), module


def modules_below(module: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield a module and all modules below it, with their paths."""
    yield path, module
    for name, child in module._modules.items():
        if isinstance(child, nn.Module):  # and no layer that waits for its size
            yield from modules_below(child, join(path, name))


def layers_within(container: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers below a container, and those within them, with their paths."""
    for name, module in container._modules.items():
        if isinstance(module, nn.Module):  # and no layer that waits for its size
            if not isinstance(module, Container):
                yield join(path, name), module
            yield from layers_within(module, join(path, name))


def tensors_of(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return the parameters and buffers of a module, without those of modules below it, by name."""
    tensors = {**module._parameters, **module._buffers}
    return {name: tensor for name, tensor in tensors.items() if tensor is not None}


def block_within(module: nn.Module) -> nn.Module | None:
    """Return the block in a wrapper that the user has put in its place; `None` if there is none."""
    is_wrapper = isinstance(module, nn.Module) and not isinstance(module, Container)
    return next(_blocks_below(module), None) if is_wrapper else None


def _blocks_below(module: nn.Module) -> Iterator[nn.Module]:
    for child in module._modules.values():
        if child is not None and "_scope_path" in child.__dict__:
            yield child
        elif child is not None and not isinstance(child, Container):  # another model has blocks of its own
            yield from _blocks_below(child)
