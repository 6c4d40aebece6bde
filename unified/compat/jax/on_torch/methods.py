"""The methods, attributes and operators of `Array`: the functions of `jax.numpy` that declare to be one, and others."""

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

import torch

from unified.compat.jax.on_torch import numpy as jnp
from unified.compat.jax.on_torch.array import Array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour, behaviour_of
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.numpy.indexing import At, index
from unified.compat.jax.on_torch.weak import bound

__all__: list[str] = []

COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")  # which Python reverses itself


def _operator(function: Callable[..., Any], fast: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    general = bound(function)

    def forward(self: Array, other: Any) -> Any:
        x = self.tensor
        if fast is not None and type(self) is Array and x.is_floating_point():
            if type(other) is Array and other.tensor.dtype is x.dtype:
                return Array(fast(x, other.tensor))
            if type(other) is float or type(other) is int:
                return Array(fast(x, other))
        return general(self, other) if _is_operand(other) else NotImplemented

    def backward(self: Array, other: Any) -> Any:
        return general(other, self) if _is_operand(other) else NotImplemented

    return forward, backward


def _is_operand(value: Any) -> bool:
    return isinstance(value, int | float | complex | torch.Tensor) or hasattr(value, "__array__")


def _unary(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Array], Array]:
    return lambda self: type(self)(function(self.tensor))


def _offer(function: FunctionType, behaviour: Behaviour) -> None:
    """Make a function the methods, the operator and the attribute that it declares to be."""
    code = function.__code__
    is_unary = code.co_argcount == 1 and not code.co_kwonlyargcount  # such a function keeps the dtype
    for name in behaviour.method.split():
        setattr(Array, name, _unary(behaviour.kernel or function) if is_unary else bound(function))
    if behaviour.attribute:
        setattr(Array, behaviour.attribute, property(_unary(behaviour.kernel or function)))
    if behaviour.operator:
        forward, backward = _operator(function, behaviour.kernel)
        setattr(Array, f"__{behaviour.operator}__", forward)
        if behaviour.operator not in COMPARISONS:
            setattr(Array, f"__r{behaviour.operator}__", backward)


for _name in jnp.__all__:
    _function = getattr(jnp, _name)
    if isinstance(_function, FunctionType):
        _offer(_function, behaviour_of(_function))


def _reshape(self: Array, *shape: Any, order: str = "C", **options: Any) -> Array:
    given = shape[0] if len(shape) == 1 and not hasattr(shape[0], "__index__") else shape
    return type(self)(jnp.reshape(self.tensor, unwrap(given), order))


def _transpose(self: Array, *axes: Any) -> Array:
    given = axes[0] if len(axes) == 1 and not hasattr(axes[0], "__index__") else axes or None
    return type(self)(jnp.transpose(self.tensor, given))


def _flatten(self: Array, order: str = "C") -> Array:
    return type(self)(jnp.ravel(self.tensor, order))


def _view(self: Array, dtype: Any) -> Array:
    target = torch_dtype(dtype)
    return self if self.tensor.dtype is target else Array(self.tensor.contiguous().view(target))


def _compress(self: Array, condition: Any, axis: Any = None) -> Array:
    return type(self)(jnp.compress(unwrap(condition), self.tensor, axis))


_rounded = bound(jnp.round)


def _round(self: Array, ndigits: Any = None) -> Array:
    return _rounded(self, ndigits) if ndigits is not None else Array(jnp.astype(jnp.round(self.tensor), int))


def _contains(self: Array, value: Any) -> bool:
    if self.tensor.dim() != 1:
        raise ValueError(f"`in` looks through arrays of one axis, got {self.tensor.dim()}")
    return bool((self.tensor == tensor(value)).any())


own = cast(Any, Array)
own.__getitem__ = lambda self, key: type(self)(index(self.tensor, key))
own.at = property(At)
own.compress, own.__round__, own.__contains__ = _compress, _round, _contains
own.reshape, own.transpose, own.flatten, own.view = _reshape, _transpose, _flatten, _view
