"""`jax.checkpoint`: functions whose intermediate values the gradient computes again."""

import functools
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint as torch_checkpoint

from unified.compat.jax.active_backend import use_backend
from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import as_array
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.tracing import current, higher_order, level
from unified.compat.jax.on_torch.tracing.staged import name_of
from unified.compat.jax.on_torch.transforms import as_tuple, combine, partition
from unified.core import backends
from unified.core.trees import StaticTree

__all__ = ["checkpoint", "remat"]

BEHAVIOUR = Behaviour(on_arrays=True)


TORCH = backends.load("torch")


def checkpoint(
    fun: Any = None, *, concrete: bool = False, prevent_cse: bool = True, static_argnums: Any = (), policy: Any = None
) -> Any:
    """Return `fun` with intermediate values that the gradient recomputes, by `torch.utils.checkpoint`."""
    if fun is None:
        return functools.partial(checkpoint, static_argnums=static_argnums, policy=policy)

    @functools.wraps(fun)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        static = {number % len(args) for number in as_tuple(static_argnums)} if args else set()
        args = tuple([arg if number in static else tree.map_in_order(_number, arg) for number, arg in enumerate(args)])
        if current() is not None:
            return _checkpoint_in_trace(fun, args, kwargs)
        transformed = torch._C._functorch.peek_interpreter_stack() is not None  # torch.func supports no checkpoints
        if transformed or not torch.is_grad_enabled():
            with level():
                return fun(*args, **kwargs)

        def run(*args: Any) -> Any:
            with use_backend(TORCH), level():
                return fun(*args, **kwargs)

        return torch_checkpoint(run, *args, use_reentrant=False)

    return checkpointed


remat = checkpoint


def _number(leaf: Any) -> Any:
    """Return a number of Python as the array that a traced function is given for it; anything else as it is."""
    return as_array(leaf) if isinstance(leaf, (bool, int, float, complex)) else leaf


def _checkpoint_in_trace(fun: Any, args: Any, kwargs: Any) -> Any:
    tensors, static = partition((args, kwargs))
    trees: list[StaticTree] = []

    def flat(*values: torch.Tensor) -> list[torch.Tensor]:
        arguments, keywords = combine(values, static)
        with use_backend(TORCH):
            outputs, output_tree = partition(fun(*arguments, **keywords))
        trees[:] = [output_tree]
        return outputs

    def recomputed(function: Any) -> Any:
        def run(*values: torch.Tensor) -> Any:
            transformed = torch._C._functorch.peek_interpreter_stack() is not None
            if transformed or torch.compiler.is_compiling() or not torch.is_grad_enabled():
                return function(*values)
            return torch_checkpoint(function, *values, use_reentrant=False)

        return run

    outputs = higher_order(recomputed, flat, tensors, list, f"{name_of(fun)} (checkpoint)")
    return combine(outputs, trees[0])
