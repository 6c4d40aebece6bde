"""Rules of derivatives at the innermost transform that differentiates, as on JAX.

Transforms further out differentiate what the rule computed, operation by operation. `torch.func` alone would apply the
rule again at each of them.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch._functorch import autograd_function, pyfunctorch, utils, vmap
from torch.autograd import forward_ad

__all__ = ["apply", "is_differentiated"]

functorch: Any = torch._C._functorch


def is_differentiated(value: torch.Tensor) -> bool:
    """Return whether a transform that runs, or torch's autograd, may differentiate by a tensor."""
    stack = functorch.get_interpreter_stack() or []
    forward_levels = {transform.level() for transform in stack if transform.key() == functorch.TransformType.Jvp}
    while functorch.is_functorch_wrapped_tensor(value):
        if value.requires_grad or functorch.maybe_get_level(value) in forward_levels:
            return True
        value = functorch.get_unwrapped(value)
    return (value.requires_grad and torch.is_grad_enabled()) or _has_tangent(value)


def _has_tangent(value: torch.Tensor) -> bool:
    level: int = forward_ad._current_level  # -1 outside of any
    return level >= 0 and not functorch.is_batchedtensor(value) and forward_ad.unpack_dual(value).tangent is not None


def apply(function: Any, tensors: Sequence[torch.Tensor]) -> Any:
    """Return the tuple of outputs of a `torch.autograd.Function`, whose `forward` runs beneath one transform alone."""
    if torch.compiler.is_compiling() or not torch._C._are_functorch_transforms_active():
        return function.apply(*tensors)
    interpreter: Any = pyfunctorch.retrieve_current_functorch_interpreter()
    level = interpreter.level()
    values = utils.unwrap_dead_wrappers(tuple(tensors))
    if interpreter.key() == functorch.TransformType.Vmap:
        lanes, axes = vmap.unwrap_batched(values, level)
        size, randomness = interpreter.batch_size(), interpreter.randomness()
        mapped = autograd_function.vmapify_autograd_function(function, axes, size, randomness)
        with interpreter.lower():
            outputs, axes = autograd_function.unpack_outputs(apply(mapped, lanes))
        return vmap.wrap_batched(outputs, axes, level)
    values, _ = interpreter.lift(values, {})
    if any(_differentiates(interpreter, value) for value in values):
        with utils.enable_single_level_autograd_function():
            return _at_level(interpreter, function).apply(*values)
    with interpreter.lower():
        outputs = apply(function, [functorch._unwrap_for_grad(value, level) for value in values])
    return _wrapped(outputs, level)


def _differentiates(interpreter: Any, value: torch.Tensor) -> bool:
    """Return whether the transform that runs differentiates by a tensor."""
    if interpreter.key() == functorch.TransformType.Jvp:
        return _has_tangent(value)
    return value.requires_grad and torch.is_grad_enabled()


def _at_level(interpreter: Any, function: Any) -> Any:
    """Return the class that applies a function's rules at the level of a transform."""
    level = interpreter.level()

    def forward(*tensors: torch.Tensor) -> Any:
        values = [functorch._unwrap_for_grad(value, level) for value in tensors]
        # torch turns derivatives off around these methods: those of outer transforms go on
        with torch.enable_grad(), forward_ad._set_fwd_grad_enabled(True), interpreter.lower():
            outputs = function.forward(*values)
        return _wrapped(outputs, level)

    def backward(ctx: Any, *cotangents: Any) -> Any:
        return function.backward(*_as_constants(level, ctx, cotangents))

    def jvp(ctx: Any, *tangents: Any) -> Any:
        with forward_ad._set_fwd_grad_enabled(True):
            return function.jvp(*_as_constants(level, ctx, tangents))

    methods = {"forward": forward, "setup_context": function.setup_context, "backward": backward, "jvp": jvp}
    methods = {name: staticmethod(method) for name, method in methods.items()}
    return type(function.__name__, (torch.autograd.function._SingleLevelFunction,), methods)


def _as_constants(level: int, ctx: Any, derivatives: Any) -> tuple[Any, ...]:
    """Return what a rule is given, without what the transform of a level knows of it: outer ones differentiate a rule.

    The pullback of a vjp is called when its transform has ended; its level may then be another one's.
    """
    saved = ctx.saved_tensors
    if all(functorch.maybe_get_level(t) != level or functorch.unwrap_if_dead(t) is not t for t in saved):
        return ctx, *derivatives
    context = autograd_function.CtxWithSavedTensors(ctx, tuple(_constant(t, level) for t in saved))
    return context, *(None if t is None else _constant(t, level) for t in derivatives)


def _constant(value: torch.Tensor, level: int) -> torch.Tensor:
    if functorch.is_batchedtensor(value):
        inner = _constant(functorch.get_unwrapped(value), level)
        return functorch._add_batch_dim(inner, functorch.maybe_get_bdim(value), functorch.maybe_get_level(value))
    return functorch._unwrap_for_grad(value, level)


def _wrapped(outputs: Any, level: int) -> tuple[Any, ...]:
    return tuple(functorch._wrap_for_grad(t, level) if isinstance(t, torch.Tensor) else t for t in outputs)
