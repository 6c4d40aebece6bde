"""Functions along axes, on torch."""

from collections.abc import Callable
from typing import Any

import torch

from unified.backends.torch.numpy.operands import as_dtype, dims, dims_of_values, tensor

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "log_softmax",
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "softmax",
    "std",
    "sum",
    "var",
]

Tensor = torch.Tensor


def _floating(x: Any) -> Tensor:
    """Return an array of integers in the default floating-point dtype; any other as it is."""
    x = tensor(x)
    return x if x.dtype.is_floating_point or x.dtype.is_complex else x.to(torch.get_default_dtype())


def all(x: Any, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = tensor(x).to(torch.bool)
    return x if axis == () else torch.all(x, dims(x, axis), keepdim=keepdims)


def any(x: Any, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = tensor(x).to(torch.bool)
    return x if axis == () else torch.any(x, dims(x, axis), keepdim=keepdims)


def _position(what: str, function: Callable[..., Tensor], x: Any, axis: int | None, keepdims: bool) -> Tensor:
    x = tensor(x)
    dims_of_values(what, x, axis)
    x = x.to(torch.uint8) if x.dtype is torch.bool else x
    if axis is not None:
        return function(x, axis, keepdim=keepdims)
    found = function(x)
    return found.reshape((1,) * x.dim()) if keepdims else found


def argmax(x: Any, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    return _position("argmax", torch.argmax, x, axis, keepdims)


def argmin(x: Any, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    return _position("argmin", torch.argmin, x, axis, keepdims)


def count_nonzero(x: Any, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    return sum(tensor(x) != 0, axis=axis, keepdims=keepdims)


def cumulative_prod(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    return _cumulative(torch.cumprod, 1, x, axis, dtype, include_initial)


def cumulative_sum(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    return _cumulative(torch.cumsum, 0, x, axis, dtype, include_initial)


def _cumulative(
    function: Callable[..., Tensor], initial: int, x: Any, axis: int | None, dtype: Any, include_initial: bool
) -> Tensor:
    x = tensor(x)
    if axis is None:
        if x.dim() != 1:
            raise ValueError(f"a cumulative function needs axis= unless the array is a vector, got {x.dim()} axes")
        axis = 0
    dims(x, axis)  # raises for none
    found = function(x, axis, dtype=as_dtype(dtype))
    if include_initial:
        first = torch.full_like(found.select(axis, 0).unsqueeze(axis), initial) if found.shape[axis] else None
        if first is None:
            shape = list(found.shape)
            shape[axis] = 1
            return torch.full(shape, initial, dtype=found.dtype, device=found.device)
        found = torch.cat([first, found], axis)
    return found


def cumprod(x: Any, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    return cumulative_prod(x, axis=axis, dtype=dtype)


def cumsum(x: Any, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    return cumulative_sum(x, axis=axis, dtype=dtype)


def diff(x: Any, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Tensor:
    x = tensor(x)
    ends = (None if end is None else tensor(end, x.device) for end in (prepend, append))
    before, after = ends
    return torch.diff(x, n=n, dim=axis, prepend=before, append=after)


def log_softmax(x: Any, *, axis: int = -1) -> Tensor:
    return torch.log_softmax(_floating(x), axis)


def logsumexp(x: Any, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = _floating(x)
    return x.clone() if axis == () or not x.dim() else torch.logsumexp(x, dims(x, axis), keepdim=keepdims)


def max(x: Any, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = tensor(x)
    return x.clone() if axis == () else torch.amax(x, dims_of_values("max", x, axis), keepdim=keepdims)


def mean(x: Any, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = _floating(x)
    return x.clone() if axis == () or not x.dim() else torch.mean(x, dims(x, axis), keepdim=keepdims)


def min(x: Any, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    x = tensor(x)
    return x.clone() if axis == () else torch.amin(x, dims_of_values("min", x, axis), keepdim=keepdims)


def _dtype_of_sum(x: Tensor, dtype: Any) -> torch.dtype:
    """Return the dtype of a sum or product: integers are counted in 64 bits."""
    wanted = as_dtype(dtype)
    return wanted or (x.dtype if x.dtype.is_floating_point or x.dtype.is_complex else torch.int64)


def prod(x: Any, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    x = tensor(x)
    x = x.to(_dtype_of_sum(x, dtype))
    if axis == ():
        return x
    axes = sorted((each % x.dim() for each in dims(x, axis)), reverse=True)
    for each in axes:  # torch takes one axis
        x = torch.prod(x, each, keepdim=keepdims)
    return x


def softmax(x: Any, *, axis: int = -1) -> Tensor:
    return torch.softmax(_floating(x), axis)


def std(x: Any, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    x = _floating(x)
    if axis == () or not x.dim():
        return torch.sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))
    return torch.std(x, dims(x, axis), correction=correction, keepdim=keepdims)


def sum(x: Any, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    x = tensor(x)
    wanted = _dtype_of_sum(x, dtype)
    return x.to(wanted) if axis == () else torch.sum(x, dims(x, axis), keepdim=keepdims, dtype=wanted)


def var(x: Any, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    x = _floating(x)
    axes = () if axis == () else dims(x, axis)
    if not axes:  # torch would take all
        zero = (x - x).abs()
        return zero / (1 - correction) if correction != 1 else zero / 0.0
    return torch.var(x, axes, correction=correction, keepdim=keepdims)
