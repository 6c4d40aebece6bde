"""Statistics of axes: averages, variances and quantiles, and what becomes of them without NaN."""

import math
from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.numpy import reductions
from unified.compat.jax.on_torch.numpy.operands import as_float, axes_of, in_float
from unified.compat.jax.on_torch.numpy.reductions import (
    all,
    count,
    cumprod,
    cumsum,
    inexact,
    max,
    mean,
    min,
    prod,
    sum,
    wide_for,
)

__all__ = [
    "average",
    "median",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "percentile",
    "quantile",
    "std",
    "var",
]

BEHAVIOUR = Behaviour(operands=FIRST, weak=False)  # unless a decorator declares otherwise


@jax_function(operands="a weights")
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: bool = False) -> Any:
    if weights is None:
        x = as_float(a)
        result = mean(x, axis, keepdims=keepdims)
        if not returned:
            return result
        return result, torch.full_like(result, count(x, axes_of(axis, x.dim()), None, keepdims))
    x, w = in_float(a, weights)
    axes = axes_of(axis, x.dim())
    if w.shape != x.shape:
        if axis is None or tuple(w.shape) != tuple(x.shape[index] for index in axes):
            raise ValueError(f"weights of shape {tuple(w.shape)} fit neither {tuple(x.shape)} nor its axes {axis}")
        order = sorted(range(len(axes)), key=lambda place: axes[place])
        w = w.permute(order).reshape([size if index in axes else 1 for index, size in enumerate(x.shape)])
    total = sum(w, axis, keepdims=keepdims)
    result = sum(x * w, axis, keepdims=keepdims) / total
    return (result, total.expand(result.shape)) if returned else result


@jax_function(method="var")
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = None, mean: Any = None, correction: Any = None,
) -> torch.Tensor:  # fmt: skip
    x = tensor(a)
    target = inexact(x.dtype) if dtype is None else torch_dtype(dtype)
    wide = wide_for(target)
    axes, x = axes_of(axis, x.dim()), x.to(wide)
    ddof = ddof if correction is None else correction
    if where is None and mean is None and wide.is_floating_point and axes:
        result = torch.var(x, axes, correction=ddof, keepdim=bool(keepdims))
        return result.to(target)
    centre = reductions.mean(x, axis, wide, keepdims=True, where=where) if mean is None else tensor(mean).to(wide)
    squares = torch.square(torch.abs(x - centre))
    number = torch.as_tensor(count(x, axes, where, keepdims), device=x.device) - ddof
    total = sum(squares, axis, keepdims=keepdims, where=where)
    if not wide.is_floating_point and not wide.is_complex:
        return torch.div(total, number, rounding_mode="trunc").to(target)
    real = target.to_real() if target.is_complex else target
    return torch.where(number > 0, total / number, math.nan).to(real)


@jax_function(method="std")
def std(a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False,
        *, where: Any = None, mean: Any = None, correction: Any = None) -> torch.Tensor:  # fmt: skip
    if dtype is not None and not torch_dtype(dtype).is_floating_point and not torch_dtype(dtype).is_complex:
        raise ValueError(f"std is computed in real or complex numbers, got the dtype {dtype}")
    return torch.sqrt(var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction))


def _quantile(function: Callable[..., torch.Tensor], percent: bool, default: str = "linear") -> Any:
    def quantile(
        a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, method: str = default,
        keepdims: bool = False,
    ) -> torch.Tensor:  # fmt: skip
        narrow = as_float(a)
        x = narrow.to(wide_for(narrow.dtype))
        q = tensor(q)
        if q.dtype is torch.bool and not percent:
            raise TypeError("a quantile is asked for by a number, got a boolean")
        q = (as_float(q) / 100 if percent else q).to(x.dtype)
        axes = axes_of(axis, x.dim())
        rest = [index for index in range(x.dim()) if index not in axes]
        flat = x.permute((*rest, *axes)).reshape((*[x.shape[index] for index in rest], -1))
        values = function(flat, q, -1, interpolation=method).to(narrow.dtype)
        if not keepdims:
            return values
        shape = [1 if index in axes else size for index, size in enumerate(x.shape)] or [1]
        return values.reshape((*q.shape, *shape))

    return quantile


quantile, percentile = _quantile(torch.quantile, False), _quantile(torch.quantile, True)
nanquantile, nanpercentile = _quantile(torch.nanquantile, False), _quantile(torch.nanquantile, True)


def median(
    a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False
) -> torch.Tensor:
    return quantile(a, 0.5, axis, keepdims=keepdims)


def nanmedian(
    a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False
) -> torch.Tensor:
    return nanquantile(a, 0.5, axis, keepdims=keepdims)


def _without_nan(function: Any, fill: float) -> Any:
    def reduced(a: Any, axis: Any = None, *args: Any, **kwargs: Any) -> torch.Tensor:
        x = tensor(a)
        if isinstance(a, torch.Tensor) and (x.is_floating_point() or x.is_complex()):
            a = torch.where(torch.isnan(x), torch.full_like(x, fill), x)
        return function(a, axis, *args, **kwargs)

    return reduced


nansum, nanprod = _without_nan(sum, 0.0), _without_nan(prod, 1.0)
nancumsum, nancumprod = _without_nan(cumsum, 0.0), _without_nan(cumprod, 1.0)


def _nan_extremum(function: Any, fill: float) -> Any:
    def reduced(
        a: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None
    ) -> torch.Tensor:
        x = tensor(a)
        if not x.is_floating_point():
            return function(x, axis, keepdims=keepdims, initial=initial, where=where)
        is_nan = torch.isnan(x)
        result = function(
            torch.where(is_nan, torch.full_like(x, fill), x), axis, keepdims=keepdims, initial=initial, where=where
        )
        return result if initial is not None else torch.where(all(is_nan, axis, keepdims=keepdims), math.nan, result)

    return reduced


nanmax, nanmin = _nan_extremum(max, -math.inf), _nan_extremum(min, math.inf)


def nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, where: Any = None
) -> torch.Tensor:
    x = tensor(a)
    if not x.is_floating_point():
        return mean(x, axis, dtype, keepdims=keepdims, where=where)
    target = x.dtype if dtype is None else torch_dtype(dtype)
    count = sum(~torch.isnan(x), axis, target, keepdims=keepdims, where=where)
    total = nansum(x, axis, target, keepdims=keepdims, where=where)
    if target is torch.bool:
        raise TypeError("a mean is a number, got the dtype bool")
    if target.is_floating_point:
        return total / count
    return torch.div(total, torch.where(count == 0, 1, count), rounding_mode="trunc")


def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False,
    where: Any = None, mean: Any = None,
) -> torch.Tensor:  # fmt: skip
    x = tensor(a)
    target = inexact(x.dtype) if dtype is None else torch_dtype(dtype)
    x = x.to(wide_for(target))
    centre = nanmean(x, axis, x.dtype, keepdims=True, where=where) if mean is None else tensor(mean).to(x.dtype)
    squares = torch.where(torch.isnan(x), 0, torch.square(x - centre))
    total = sum(squares, axis, keepdims=keepdims, where=where)
    count = sum(~torch.isnan(x), axis, keepdims=keepdims, where=where) - ddof
    return torch.where(count > 0, total / torch.where(count > 0, count, 1), math.nan).to(target)


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False,
    where: Any = None, mean: Any = None,
) -> torch.Tensor:  # fmt: skip
    result = nanvar(a, axis, dtype, ddof=ddof, keepdims=keepdims, where=where, mean=mean)
    if not result.is_floating_point():
        raise TypeError(f"a standard deviation is a real number, got the dtype {dtype}")
    return torch.sqrt(result)
