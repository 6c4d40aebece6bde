"""Bringing operands to one dtype, as every function of two or more arrays does first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch.arguments import AxisError
from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.dtypes import KINDS, default_int, result_dtype, with_scalar

__all__ = ["as_float", "as_number", "axes_of", "in_float", "inverse", "is_greater", "numeric", "pair", "same"]


def _is_number(value: Any) -> bool:
    return isinstance(value, KINDS) and not isinstance(value, np.generic)


def pair(x: Any, y: Any) -> tuple[Any, Any]:
    """Two operands of one dtype, of which at least one is a tensor; a number of Python stays one."""
    if not isinstance(x, torch.Tensor):
        if not _is_number(x):
            x = tensor(x)
        elif _is_number(y):
            dtype = result_dtype(x, y)
            return torch.tensor(x, dtype=dtype), torch.tensor(y, dtype=dtype)
    if not isinstance(y, torch.Tensor) and not _is_number(y):
        y = tensor(y)
    if not isinstance(x, torch.Tensor):
        return x, y.to(with_scalar(y.dtype, type(x)))
    if not isinstance(y, torch.Tensor):
        return x.to(with_scalar(x.dtype, type(y))), y
    if x.dtype is y.dtype:
        return x, y
    dtype = result_dtype(x, y)
    return x.to(dtype), y.to(dtype)


def same(*values: Any) -> list[torch.Tensor]:
    """Tensors of one dtype."""
    given = [value if isinstance(value, torch.Tensor) or _is_number(value) else tensor(value) for value in values]
    dtype = result_dtype(*given)
    device = next((value.device for value in given if isinstance(value, torch.Tensor)), None)
    return [
        value.to(dtype) if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=dtype, device=device)
        for value in given
    ]


def as_float(x: Any) -> torch.Tensor:
    """The operand, as a floating-point number if it is an integer or boolean."""
    x = tensor(x)
    return x if x.is_floating_point() or x.is_complex() else x.to(with_scalar(x.dtype, float))


def as_number(x: Any) -> torch.Tensor:
    """Return the operand, as an integer if it is a boolean."""
    x = tensor(x)
    return x.to(default_int()) if x.dtype is torch.bool else x


def in_float(*values: Any) -> list[torch.Tensor]:
    """Tensors of one floating-point dtype."""
    found = same(*values)
    return [as_float(value) for value in found]


def numeric(*values: Any) -> list[torch.Tensor]:
    """Return tensors of one dtype, which is no boolean one: booleans are integers to arithmetic."""
    return [as_number(value) for value in same(*values)]


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that `axis` names, none of them negative; all of them for `None`."""
    if axis is None:
        return tuple(range(ndim))
    chosen = (axis,) if hasattr(axis, "__index__") else tuple(axis)
    found = tuple(index.__index__() for index in chosen)
    for index in found:
        if not -ndim <= index < ndim:
            raise AxisError(f"axis {index} is out of bounds for an array of {ndim} axes")
    return tuple(index % ndim for index in found)


def inverse(order: Sequence[int]) -> tuple[int, ...]:
    """The permutation of axes that undoes `order`."""
    found = [0] * len(order)
    for place, axis in enumerate(order):
        found[axis] = place
    return tuple(found)


def is_greater(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Compare complex numbers by their real parts, then by their imaginary parts, as JAX orders them."""
    return (x.real > y.real) | ((x.real == y.real) & (x.imag > y.imag))
