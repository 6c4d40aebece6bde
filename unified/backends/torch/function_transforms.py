"""Transforms of functions outside of a body, on torch: autograd, and `torch.func` where that transforms already."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch import lanes, staging
from unified.backends.torch.gradients import check_scalar, conjugated, gradients_of, needs_functorch
from unified.backends.torch.trees import TREES
from unified.core.lifted.checks import common_size
from unified.core.params import Params
from unified.core.trees import StaticTree

__all__ = ["TorchFunctionTransforms"]


class _Running(threading.local):
    """The number of `value_and_grad`s that enclose the running code: the gradients of one in another have a graph."""

    def __init__(self) -> None:
        self.depth = 0


_running = _Running()

# Options of `jax.jit` that say which arguments are constants and what XLA may do, which mean nothing here, and our own.
JIT_OPTIONS = frozenset(
    {"static_argnums", "static_argnames", "donate_argnums", "donate_argnames", "inline", "keep_unused", "compile"}
)

UNTRACED = "%s runs as it is: no library of JAX is loaded (unified.compat.load), without which nothing is traced"


class TorchFunctionTransforms:
    """See `unified.core.protocol.FunctionTransforms`."""

    def value_and_grad(
        self, fun: Callable[[Any], tuple[Any, Any]], tree: Any, options: dict[str, Any]
    ) -> tuple[Any, Any, Any]:
        if given := [name for name, value in options.items() if value]:
            raise TypeError(f"u.grad and u.value_and_grad take no {', '.join(sorted(given))} on torch")
        leaves, structure = TREES.flatten(tree)
        _check_differentiable(tree, leaves)
        if any(leaf is None for leaf in leaves):  # no leaf, as in JAX
            tensors, static = TREES.partition(tree)
            of_tensors = self.value_and_grad(lambda new: fun(TREES.combine(new, static)), tensors, options)
            return *of_tensors[:2], TREES.combine(of_tensors[2], static)
        if (staged := staging.current()) is not None:
            return staged.value_and_grad(fun, tree)
        is_transformed = torch._C._functorch.peek_interpreter_stack() is not None
        if torch.compiler.is_compiling() or is_transformed or needs_functorch():
            return _by_functorch(fun, tree)
        records = _is_recorded(leaves)
        inputs = [t.view_as(t) if records and t.requires_grad else t.detach().requires_grad_() for t in leaves]
        _running.depth += 1
        try:
            with torch.enable_grad():
                value, aux = fun(TREES.unflatten(structure, inputs))
                check_scalar(value)
                gradients = gradients_of(value, inputs, records)
        finally:
            _running.depth -= 1
        if not records:
            tensors, static = TREES.partition(aux)  # what else there is, NumPy's arrays among it, stays as it is
            value, aux = value.detach(), TREES.combine([tensor.detach() for tensor in tensors], static)
        return value, aux, TREES.unflatten(structure, gradients)

    def jit(self, fun: Callable[..., Any], options: dict[str, Any]) -> Callable[..., Any]:
        if unknown := options.keys() - JIT_OPTIONS:
            raise TypeError(f"u.jit takes no {', '.join(sorted(unknown))} on torch, where torch.compile compiles")

        compiles = bool(options.get("compile"))
        alone = torch.compile(fun) if compiles else fun
        replayed: list[Callable[..., Any]] = []
        told: list[str] = []

        def as_it_is(args: tuple[Any, ...], kwargs: dict[str, Any], run: Callable[..., Any] = fun) -> Any:
            if _is_recorded((args, kwargs)):
                return run(*args, **kwargs)
            with torch.no_grad():
                return run(*args, **kwargs)

        def call(*args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling() or staging.current() is not None:
                return fun(*args, **kwargs)
            if not staging.JITS or _running.depth:
                if not staging.JITS and not compiles and not told and staging.LOG.isEnabledFor(logging.INFO):
                    told.append(UNTRACED)
                    staging.LOG.info(UNTRACED, getattr(fun, "__name__", fun))
                return as_it_is(args, kwargs, alone)
            if not replayed:
                replayed.append(staging.JITS[0](fun, as_it_is, compiles))
            return replayed[0](args, kwargs)

        return call

    def vmap(
        self, fun: Callable[..., Any], *, in_axes: Any, out_axes: Any, axis_name: Any = None, axis_size: Any = None
    ) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args)
            size = common_size("u.vmap", TREES.sizes(args, axes), axis_size, "axis_size")
            tensor = next((leaf for leaf in TREES.flatten(args)[0] if isinstance(leaf, torch.Tensor)), torch.empty(0))

            def run(place: torch.Tensor, *args: Any) -> Any:
                with lanes.mapped(axis_name, size, place):
                    return fun(*args)

            mapped = torch.func.vmap(run, (0, *axes), out_axes, randomness="different")
            return mapped(torch.arange(size, device=tensor.device), *args)

        return call


def _by_functorch(fun: Callable[[Any], tuple[Any, Any]], tree: Any) -> tuple[Any, Any, Any]:
    """Return what `value_and_grad` does by `torch.func`, which takes an auxiliary of tensors alone."""
    statics: list[StaticTree] = []

    def of_tensors(tree: Any) -> tuple[Any, list[torch.Tensor]]:
        value, aux = fun(tree)
        check_scalar(value)
        tensors, static = TREES.partition(aux)
        statics[:] = [static]
        return value, tensors

    gradients, (value, tensors) = torch.func.grad_and_value(of_tensors, has_aux=True)(tree)
    found, static = TREES.partition(gradients)
    return value, TREES.combine(tensors, statics[0]), TREES.combine(conjugated(found), static)


def _is_recorded(tree: Any) -> bool:
    """Return whether autograd outside of a transform records what is computed from the leaves of `tree`.

    It does in another `value_and_grad`, for tensors that follow from others, and for modules, whose parameters users of
    torch differentiate by `backward`; a parameter alone starts anew.
    """
    if not torch.is_grad_enabled():
        return False
    is_transformed = torch._C._functorch.peek_interpreter_stack() is not None
    return is_transformed or _running.depth > 0 or _has_history(tree)


def _has_history(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return value.requires_grad and not value.is_leaf
    if isinstance(value, (tuple, list)):  # by hand, in a third of the time that torch's trees take
        return any(map(_has_history, value))
    if isinstance(value, Params):
        return any(map(_has_history, value._values))
    if type(value) is dict:
        return any(map(_has_history, value.values()))
    if isinstance(value, torch.nn.Module):
        return True
    return TREES.is_node(type(value)) and any(map(_has_history, TREES.flatten(value)[0]))


def _check_differentiable(tree: Any, leaves: list[Any]) -> None:
    for position, leaf in enumerate(leaves):
        if leaf is None:
            continue
        if not isinstance(leaf, torch.Tensor) or not (leaf.is_floating_point() or leaf.is_complex()):
            what = str(leaf.dtype) if isinstance(leaf, torch.Tensor) else type(leaf).__name__
            raise TypeError(
                f"gradients are with respect to tensors of floating-point numbers, and {TREES.labels(tree)[position]} "
                f"is {what}: pass it as another argument, or choose argnums"
            )
