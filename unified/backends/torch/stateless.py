"""Checks of the params of `TorchModel.apply`, and what such a call writes to them."""

import inspect
import operator
from collections.abc import Container, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from unified.core.errors import BackendError, StructureChangedError
from unified.core.keys import KEY, key_path, named_streams
from unified.core.naming import check_known, different_paths, lacking
from unified.core.params import Params
from unified.core.structure import Structure

TENSORS = frozenset({torch.Tensor, nn.Parameter})
SHAPE = operator.attrgetter("shape")

__all__ = [
    "check_paths",
    "check_plain",
    "check_streams",
    "check_tensor",
    "known_paths",
    "tensors_for",
    "watching_statistics",
]


def watching_statistics(states: Iterable[torch.Tensor]) -> AbstractContextManager[set[int]]:
    """Return a context whose value is the ids of running statistics that a call writes over these states."""
    if any(state.is_floating_point() for state in states):
        return StatisticsWatch()
    return nullcontext(set())  # the mode costs each function 5 microseconds


class StatisticsWatch(TorchFunctionMode):
    """A mode that notes the ids of running statistics that a call writes, which torch's kernels do not count."""

    def __init__(self) -> None:
        super().__init__()
        self.written: set[int] = set()

    def __enter__(self) -> set[int]:
        super().__enter__()
        return self.written

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
        raise different_paths("the params do not have the paths of this model", missing, unexpected, variables)


def check_plain(given: Any, variables: Structure, root: nn.Module) -> None:
    """Raise `KeyError` if a dict has a path that `root`, with these variables, lacks; `Params` may have any."""
    if not isinstance(given, Params):
        check_known(given, known_paths(variables, root), "this model", variables.index)


def known_paths(variables: Structure, root: nn.Module) -> set[str]:
    """Return the paths of a model's variables, and their aliases."""
    tied = [*root.named_parameters(remove_duplicate=False), *root.named_buffers(remove_duplicate=False)]
    return {*variables.index, *(name.replace(".", "/") for name, _ in tied)}


def check_streams(variables: Container[str], params: Params) -> None:
    """Raise `KeyError` if `params` have a stream of random numbers that the model lacks, and would draw without."""
    unknown = [stream for stream in named_streams(params) if key_path(stream) not in variables]
    if unknown and KEY in variables:
        seeds = ", ".join(f"{name!r}: 0" for name in ("params", *unknown))
        raise KeyError(
            f"the params have the stream of random numbers {unknown[0]!r} ({key_path(unknown[0])}), and this model was "
            f"initialised without it: init(..., rng={{{seeds}}}) gives it one, or leave it out of the params"
        )


def tensors_for(variables: Structure, params: Params) -> list[Any]:
    """Return the tensors of `params` for the variables of a model, in their order; `params` may have others too.

    Raises:
        StructureChangedError: `params` lack a variable, or have it in another shape.
        BackendError: an array is not a tensor.
    """
    values = params.values_at(variables.index)
    if TENSORS.issuperset(map(type, values)) and [*map(SHAPE, values)] == variables.shapes:
        return values
    missing = [path for path in variables.index if path not in params]
    if missing:
        raise StructureChangedError(
            f"this model asks for the variable {lacking(missing[0], params)}"
            + (f"; nor do they have {', '.join(map(repr, missing[1:]))}" if missing[1:] else "")
            + _other_form(variables, missing[0])
        )
    return [check_tensor(info.path, value, info.shape) for info, value in zip(variables.infos, values, strict=True)]


def _other_form(variables: Structure, path: str) -> str:
    """Return what to do if a variable that is missing is one of a stack, which the params may have in another form."""
    records = variables.scopes.by_path.items()
    stacks = [
        stack for stack, r in records if r.stack is not None and r.stack.is_layers and path.startswith(f"{stack}/")
    ]
    return f". {stacks[0]!r} is a stack of layers: params.in_form_of(net.params) has them as here" if stacks else ""


def check_tensor(path: str, value: Any, shape: tuple[int, ...]) -> torch.Tensor:
    """Return `value` if it is a tensor of `shape`, or the tensor of an array that JAX code sees; raise if it is not."""
    value = getattr(value, "tensor", value)
    if not isinstance(value, torch.Tensor):
        raise BackendError(
            f"{path!r}: a torch model takes tensors, got {type(value).__name__}: convert with params.to('torch'), "
            "a dict with Params(params).to('torch')"
        )
    if value.shape != shape:
        raise StructureChangedError(
            f"{path!r} has shape {tuple(value.shape)} in the params, and the model was initialised with {shape}"
        )
    return value
