"""TorchScript of objects: a copy whose classes say in torch's own names what the user's say in those of `unified`."""

import types
from typing import Any

import torch
from torch import nn

from unified import functional
from unified import nn as objects
from unified.core.subclass import once_per_class

__all__ = ["scriptable"]

MODULES: dict[Any, Any] = {functional: torch.nn.functional, objects: torch.nn}
OURS = frozenset({"_place", "_collections", "_variable_metadata", "_random"})  # attributes of ours
NAMES: dict[Any, Any] = {getattr(functional, name): getattr(torch.nn.functional, name) for name in functional.__all__}


def scriptable(module: nn.Module, memo: dict[int, nn.Module] | None = None) -> nn.Module:
    """Return a copy of a module and of those below it, without what TorchScript cannot read of users' classes.

    The tensors are shared, as those of a scripted module are.
    """
    memo = {} if memo is None else memo
    if id(module) in memo or isinstance(module, torch.jit.ScriptModule):
        return memo.get(id(module), module)
    twin = memo[id(module)] = object.__new__(type(module))
    twin.__dict__.update({name: value for name, value in module.__dict__.items() if name not in OURS})
    twin.__dict__["_modules"] = {
        name: None if inner is None else scriptable(inner, memo) for name, inner in module._modules.items()
    }
    if "_user_class" in type(module).__dict__:
        twin.__class__ = _plain_class(type(module)._user_class, type(module))  # type: ignore[attr-defined]
    return twin


@once_per_class
def _plain_class(cls: Any, kind: type[nn.Module]) -> type[nn.Module]:
    """Return a class of torch with the methods of the user's."""
    own = [
        part for part in kind.__mro__ if not part.__module__.startswith(("unified.", "torch.")) and part is not object
    ]
    base = next(part for part in kind.__mro__ if part.__module__.startswith("torch.") and issubclass(part, nn.Module))
    members: dict[str, Any] = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
    for part in reversed(own):
        for name, value in part.__dict__.items():
            if isinstance(value, types.FunctionType) and name not in ("__init__", "__call__", "__reduce_ex__"):
                members[name] = _renamed(value)
            elif name in ("__annotations__", "__constants__"):
                members[name] = value
    return type(cls.__name__, (base,), members)


def _renamed(function: types.FunctionType) -> types.FunctionType:
    """Return a function whose global names of `unified` are torch's."""
    names = {name: _torch_name(value) for name, value in function.__globals__.items()}
    twin = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    twin.__kwdefaults__, twin.__annotations__ = function.__kwdefaults__, function.__annotations__
    twin.__module__, twin.__qualname__ = function.__module__, function.__qualname__
    return twin


def _torch_name(value: Any) -> Any:
    if isinstance(value, types.ModuleType):
        return MODULES.get(value, value)
    return NAMES.get(value, value) if isinstance(value, types.FunctionType) else value
