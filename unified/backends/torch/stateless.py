"""Calls of a model with other tensors in place of its variables, for `TorchModel.apply`."""

import inspect
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from unified.backends.torch.slots import Slot, hold
from unified.core.errors import BackendError, StructureChangedError
from unified.core.params import Params

__all__ = ["StatisticsWatch", "check_paths", "check_tensor", "replace_variables"]


def replace_variables(
    model: nn.Module, variables: Params, tensors: Mapping[str, torch.Tensor]
) -> AbstractContextManager[None]:
    """Return a context manager that puts `tensors`, by path, in place of the model's variables.

    This is `torch.func.functional_call` for layers of any name.
    """
    replacements = {id(variable): tensors[path] for path, variable in variables.items()}
    slots = [
        Slot(module, group, name, tensor)
        for module in model.modules()
        for group in (module._parameters, module._buffers)
        for name, tensor in group.items()
        if tensor is not None and id(tensor) in replacements
    ]
    return hold(slots, [replacements[id(slot.tensor)] for slot in slots])


class StatisticsWatch(TorchFunctionMode):
    """A mode that notes the ids of running statistics that a call writes, which torch's kernels do not count."""

    def __init__(self) -> None:
        super().__init__()
        self.written: set[int] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (nn.functional.batch_norm, nn.functional.instance_norm):
            arguments = inspect.signature(func).bind(*args, **(kwargs or {})).arguments
            is_training = arguments.get("training", func is nn.functional.instance_norm)
            if is_training and arguments.get("use_input_stats", True):
                self.written |= {id(arguments.get("running_mean")), id(arguments.get("running_var"))}
        return func(*args, **(kwargs or {}))


def check_paths(variables: Params, params: Params) -> None:
    """Raise `KeyError` unless `params` has the paths of the model's variables; `rng/*` may be there besides."""
    missing = [path for path in variables if path not in params]
    unexpected = [path for path in params if path not in variables and not path.startswith("rng/")]
    if missing or unexpected:
        raise KeyError(
            f"the params do not have the paths of this model: missing {missing or 'nothing'}, "
            f"unexpected {unexpected or 'nothing'}"
        )


def check_tensor(path: str, value: Any, shape: torch.Size) -> torch.Tensor:
    """Return `value` if it is a tensor of `shape`; raise if it is not."""
    if not isinstance(value, torch.Tensor):
        raise BackendError(
            f"{path!r}: a torch model takes tensors, got {type(value).__name__}: convert with params.to('torch')"
        )
    if value.shape != shape:
        raise StructureChangedError(
            f"{path!r} has shape {tuple(value.shape)} in the params, and the model was initialised with {tuple(shape)}"
        )
    return value
