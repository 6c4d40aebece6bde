"""Bringing operands to one dtype, as every function of two or more arrays does first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.dtypes import KINDS, default_int, result_dtype, with_scalar

__all__ = ["as_float", "axes_of", "in_float", "inverse", "numeric", "pair", "same"]


def _is_number(value: Any) -> bool:
    return isinstance(value, KINDS) and not isinstance(value, np.generic)


def pair(x: Any, y: Any) -> tuple[Any, Any]:
    """Return two operands in one dtype, at least one of them a tensor; a Python number stays a number."""
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
    """Return the operands as tensors of one dtype."""
    operands = [value if isinstance(value, torch.Tensor) or _is_number(value) else tensor(value) for value in values]
    dtype = result_dtype(*operands)
    device = next((value.device for value in operands if isinstance(value, torch.Tensor)), None)
    return [
        value.to(dtype) if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=dtype, device=device)
        for value in operands
    ]


def as_float(x: Any) -> torch.Tensor:
    """Return the operand, as a floating-point number if it is an integer or boolean."""
    x = tensor(x)
    return x if x.is_floating_point() or x.is_complex() else x.to(with_scalar(x.dtype, float))


def in_float(*values: Any) -> list[torch.Tensor]:
    """Return the operands as tensors of one floating-point dtype."""
    result = same(*values)
    return [as_float(value) for value in result]


def numeric(*values: Any) -> list[torch.Tensor]:
    """Return the operands as tensors of one dtype that is not boolean: arithmetic treats booleans as integers."""
    result = same(*values)
    return [value.to(default_int()) for value in result] if result[0].dtype is torch.bool else result


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes that `axis` names, none of them negative; all axes for `None`."""
    if axis is None:
        return tuple(range(ndim))
    chosen = (axis,) if hasattr(axis, "__index__") else tuple(axis)
    axes = tuple(index.__index__() for index in chosen)
    for index in axes:
        if not -ndim <= index < ndim:
            raise ValueError(f"axis {index} is out of bounds for an array of {ndim} axes")
    return tuple(index % ndim for index in axes)


def inverse(order: Sequence[int]) -> tuple[int, ...]:
    """Return the permutation of axes that inverts `order`."""
    permutation = [0] * len(order)
    for place, axis in enumerate(order):
        permutation[axis] = place
    return tuple(permutation)
