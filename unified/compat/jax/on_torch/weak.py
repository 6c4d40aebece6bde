"""JAX's weak types: what comes of Python's numbers alone takes the dtype of the arrays that it meets, as numbers do.

`jnp.sqrt(64)` is an array of float32, and yet `x / jnp.sqrt(64)` has the dtype of `x`, bfloat16 for instance.

Source: https://docs.jax.dev/en/latest/type_promotion.html#weak-types
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch.array import Array, WeakArray, boundary
from unified.compat.jax.on_torch.dtypes import KINDS, PYTHON, category, promoted, torch_dtype, with_scalar

__all__ = ["bound"]

FAMILIES = ("numpy.elementwise", "lax.elementwise")
ALSO = {
    "array", "asarray", "broadcast_to", "concatenate", "dot", "expand_dims", "full", "full_like", "matmul",
    "ones_like", "ravel", "reshape", "result_type", "squeeze", "stack", "zeros_like",
}  # fmt: skip


def bound(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """`function`, which is written on tensors, as JAX code calls it: with weak types, if it is one that keeps them."""
    return _promoting(function) if function.__module__.endswith(FAMILIES) or name in ALSO else boundary(function)


def _promoting(function: Callable[..., Any]) -> Callable[..., Any]:
    plain = boundary(function)

    @functools.wraps(function)
    def on_arrays(*args: Any, **kwargs: Any) -> Any:
        strong, weak, mixed = _met((*args, *kwargs.values()) if kwargs else args)
        if mixed and strong:
            dtype = functools.reduce(promoted, strong)
            args, kwargs = _adapted(args, dtype), {name: _adapted(value, dtype) for name, value in kwargs.items()}
        found = plain(*args, **kwargs)
        return _as_weak(found) if weak > max([-1, *[category(dtype) for dtype in strong]]) else found

    return on_arrays


def _met(values: Iterable[Any]) -> tuple[list[torch.dtype], int, bool]:
    """The dtypes of arrays, the highest category of numbers and weak arrays (-1 for none), and whether there is one.

    Where a dtype is among the values, it is what comes out: nothing is weak.
    """
    strong: list[torch.dtype] = []
    weak, mixed = -1, False
    for value in values:
        kind = type(value)
        if kind is Array:
            strong.append(value.tensor.dtype)
        elif kind in PYTHON:
            weak = max(weak, KINDS.index(kind))
        elif kind is WeakArray:
            weak, mixed = max(weak, category(value.tensor.dtype)), True
        elif kind is list or kind is tuple:
            inner, found, is_mixed = _met([item for item in value if isinstance(item, Array | torch.Tensor)])
            strong, weak, mixed = strong + inner, max(weak, found), mixed or is_mixed
        elif isinstance(value, torch.Tensor):
            strong.append(value.dtype)
        elif isinstance(value, (np.ndarray, np.generic)):
            strong.append(torch_dtype(value.dtype))
        elif isinstance(value, (type, np.dtype, torch.dtype, str)):
            return [], -1, False
    return strong, weak, mixed


def _adapted(value: Any, dtype: torch.dtype) -> Any:
    """The value with weak arrays in the dtype that a number of their kind gives with `dtype`."""
    if type(value) is WeakArray:
        return Array(value.tensor.to(with_scalar(dtype, KINDS[category(value.tensor.dtype)])))
    if type(value) is list or type(value) is tuple:
        return type(value)([_adapted(item, dtype) for item in value])
    return value


def _as_weak(found: Any) -> Any:
    """What a function gave, as weak arrays; booleans never are."""
    if type(found) is Array:
        return found if found.tensor.dtype is torch.bool else WeakArray(found.tensor)
    return tuple(map(_as_weak, found)) if isinstance(found, tuple) else found
