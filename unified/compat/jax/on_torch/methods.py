"""The methods, attributes and operators of `Array`: functions of `jax.numpy` that declare to be them, and others."""

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

import torch

from unified.compat.jax.config import CHECKS
from unified.compat.jax.on_torch import numpy as jnp
from unified.compat.jax.on_torch.arguments import refuse_arguments
from unified.compat.jax.on_torch.array import Array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour, behaviour_of
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.numpy.indexing import At, index
from unified.compat.jax.on_torch.typed_keys import KeyArray
from unified.compat.jax.on_torch.unsigned import UNSIGNED, widening
from unified.compat.jax.on_torch.weak import bound

__all__: list[str] = []

COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")  # which Python reverses itself


def _operators(function: Callable[..., Any], kernel: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the operator and the one for an array on its right."""
    general = bound(function)

    def forward(self: Array, other: Any) -> Any:
        x = self.tensor
        if kernel is not None and type(self) is Array and x.is_floating_point() and not CHECKS:
            if type(other) is Array and other.tensor.dtype is x.dtype:
                try:
                    return Array(kernel(x, other.tensor))
                except RuntimeError as error:
                    refuse_arguments(function, error, (x, other.tensor))
                    raise
            if type(other) is float or type(other) is int:
                return Array(kernel(x, other))
        other = _operand(other)
        return NotImplemented if other is NotImplemented else general(self, other)

    def backward(self: Array, other: Any) -> Any:
        other = _operand(other)
        return NotImplemented if other is NotImplemented else general(other, self)

    return forward, backward


def _operand(value: Any) -> Any:
    """Return what an operator computes with, `NotImplemented` for what is no array and no number."""
    if isinstance(value, Array | int | float | complex | torch.Tensor):
        return value
    if hasattr(value, "__jax_array__"):  # such as a variable of Flax, which may hold a number
        return value.__jax_array__()
    return value if hasattr(value, "__array__") else NotImplemented


def _unary(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Array], Array]:
    on_integers = widening(function)

    def method(self: Array) -> Array:
        x = self.tensor
        try:
            return type(self)((function if x.is_floating_point() else on_integers)(x))
        except RuntimeError as error:
            refuse_arguments(function, error, (x,))
            raise

    return method


def _offer(function: FunctionType, behaviour: Behaviour) -> None:
    """Make a function the methods, the operator and the attribute that it declares to be."""
    code = function.__code__
    is_unary = code.co_argcount == 1 and not code.co_kwonlyargcount  # such a function keeps the dtype
    for name in behaviour.method.split():
        setattr(Array, name, _unary(behaviour.kernel or function) if is_unary else bound(function))
    if behaviour.attribute:
        setattr(Array, behaviour.attribute, property(_unary(behaviour.kernel or function)))
    if behaviour.operator:
        forward, backward = _operators(function, behaviour.kernel)
        setattr(Array, f"__{behaviour.operator}__", forward)
        if behaviour.operator not in COMPARISONS:
            setattr(Array, f"__r{behaviour.operator}__", backward)


for _name in jnp.__all__:
    _function = getattr(jnp, _name)
    if isinstance(_function, FunctionType):
        if "<locals>" in _function.__qualname__ and _function.__name__ not in jnp.__all__:
            _function.__name__ = _name  # of a function that another made
        _offer(_function, behaviour_of(_function))


# What has other parameters than the function of its name, or no such function.


def _getitem(self: Array, key: Any) -> Array:
    x = self.tensor
    return type(self)(index(x, key) if x.dtype not in UNSIGNED else widening(index, x.dtype)(x, key))


def _at(self: Array) -> At:
    return At(self)  # as a function, which torch.compile follows where it does not follow the class


def _compress(self: Array, condition: Any, axis: Any = None) -> Array:
    return type(self)(jnp.compress(unwrap(condition), self.tensor, axis))


def _contains(self: Array, value: Any) -> bool:
    if type(self) is KeyArray:
        return bool((self == value).any())
    if self.tensor.dim() != 1:
        raise ValueError(f"`in` looks through arrays of one axis, got {self.tensor.dim()}")
    return bool((self.tensor == tensor(value)).any())


def _flatten(self: Array, order: str = "C") -> Array:
    return type(self)(jnp.ravel(self.tensor, order))


_reshaped = bound(jnp.reshape)


def _reshape(self: Array, *shape: Any, order: str = "C", **options: Any) -> Array:
    sizes = shape[0] if len(shape) == 1 and not hasattr(shape[0], "__index__") else shape
    return type(self)(_reshaped(self, sizes, order).tensor)


_rounded = bound(jnp.round)


def _round(self: Array, ndigits: Any = None) -> Array:
    return _rounded(self, ndigits) if ndigits is not None else Array(jnp.astype(jnp.round(self.tensor), int))


def _transpose(self: Array, *axes: Any) -> Array:
    order = axes[0] if len(axes) == 1 and not hasattr(axes[0], "__index__") else axes or None
    return type(self)(jnp.transpose(self.tensor, order))


def _view(self: Array, dtype: Any) -> Array:
    target = torch_dtype(dtype)
    return self if self.tensor.dtype is target else Array(self.tensor.contiguous().view(target))


array = cast(Any, Array)
array.__getitem__ = _getitem
array.__contains__, array.__round__, array.at = _contains, _round, property(_at)
array.compress, array.flatten, array.reshape = _compress, _flatten, _reshape
array.transpose, array.view = _transpose, _view
