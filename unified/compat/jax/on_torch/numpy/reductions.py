"""Functions that reduce axes: sums, means, extrema, norms of counts, cumulative sums."""

import math
from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch.array import Array, as_array, tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import (
    canonical,
    default_int,
    torch_dtype,
    with_scalar,
)
from unified.compat.jax.on_torch.numpy.elementwise import isclose, subtract
from unified.compat.jax.on_torch.numpy.operands import as_float, axes_of, in_float, same
from unified.compat.jax.on_torch.weak import beside

__all__ = [
    "all",
    "allclose",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "array_equal",
    "average",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "gradient",
    "max",
    "mean",
    "median",
    "min",
    "nanargmax",
    "nanargmin",
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
    "prod",
    "ptp",
    "quantile",
    "std",
    "sum",
    "trapezoid",
    "var",
]

BEHAVIOUR = Behaviour(operands=FIRST, weak=False)  # of all of them, unless a decorator says otherwise


def _numeric(dtype: torch.dtype, promote_integers: bool = True) -> torch.dtype:
    """The dtype of sums: integers of 32 bits at least, which booleans count in."""
    if dtype is torch.bool:
        return default_int()
    if not promote_integers or dtype.is_floating_point or dtype.is_complex:
        return dtype
    wide = default_int() if dtype.is_signed else canonical(torch.uint64)
    return wide if dtype.itemsize < wide.itemsize else dtype


def _wide(dtype: torch.dtype) -> torch.dtype:
    """The dtype in which JAX computes with halves."""
    return torch.float32 if dtype in (torch.float16, torch.bfloat16) else dtype


def _inexact(dtype: torch.dtype) -> torch.dtype:
    return dtype if dtype.is_floating_point or dtype.is_complex else with_scalar(dtype, float)


def _counted_in(x: torch.Tensor, where: Any, fill: Any) -> torch.Tensor:
    """`x` with `fill` where it is not to be counted."""
    if where is None:
        return x
    return torch.where(tensor(where), x, torch.tensor(fill, dtype=x.dtype, device=x.device))


def _initial(value: Any, dtype: torch.dtype) -> torch.Tensor:
    found = tensor(value)
    if found.dim():
        raise ValueError(f"initial is a number, got an array of shape {tuple(found.shape)}")
    return found.to(dtype)


@jax_function(method="sum")
def sum(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None, promote_integers: bool = True,
) -> torch.Tensor:  # fmt: skip
    x = tensor(a)
    target = _numeric(x.dtype, promote_integers) if dtype is None else torch_dtype(dtype)
    if target is torch.bool:
        return any(x, axis, keepdims=keepdims, where=where)
    wide = _wide(target) if dtype is None else target
    axes = axes_of(axis, x.dim())
    if where is not None:
        x = _counted_in(x.to(wide), where, 0)
    total = torch.sum(x, axes, keepdim=bool(keepdims), dtype=wide) if axes else x.to(wide)
    total = total if initial is None else total + _initial(initial, wide)
    return total.to(target)


@jax_function(method="prod")
def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None, promote_integers: bool = True,
) -> torch.Tensor:  # fmt: skip
    x = tensor(a)
    target = _numeric(x.dtype, promote_integers) if dtype is None else torch_dtype(dtype)
    if target is torch.bool:
        return all(x, axis, keepdims=keepdims, where=where)
    wide = _wide(target) if dtype is None else target
    axes = axes_of(axis, x.dim())
    x = _counted_in(x.to(wide), where, 1)
    for index in sorted(axes, reverse=True):
        x = torch.prod(x, index, keepdim=bool(keepdims), dtype=wide)
    x = x if initial is None else x * _initial(initial, wide)
    return x.to(target)


def _count(x: torch.Tensor, axes: tuple[int, ...], where: Any, keepdims: bool) -> Any:
    if where is None:
        return math.prod(x.shape[axis] for axis in axes)
    mask = tensor(where)
    if mask.dim() > x.dim():
        raise ValueError(f"a mask of {mask.dim()} axes does not fit an array of {x.dim()}")
    return torch.sum(mask.expand(x.shape).to(_wide(x.dtype)), axes, keepdim=keepdims)


@jax_function(method="mean")
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
) -> torch.Tensor:
    x = tensor(a)
    if where is None and (dtype is None or torch_dtype(dtype).is_floating_point):
        x = as_float(x) if dtype is None else x.to(torch_dtype(dtype))
        axes = axes_of(axis, x.dim())
        return torch.mean(x, axes, keepdim=bool(keepdims)) if axes else x
    target = _inexact(x.dtype) if dtype is None else torch_dtype(dtype)
    wide = _wide(target)
    axes, x = axes_of(axis, x.dim()), x.to(wide)
    total, count = sum(x, axis, wide, keepdims=keepdims, where=where), _count(x, axes, where, keepdims)
    if target.is_floating_point or target.is_complex:
        return (total / count).to(target)
    return torch.div(total, torch.as_tensor(count, device=x.device).to(wide), rounding_mode="trunc").to(target)


@jax_function(operands="a weights")
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: bool = False) -> Any:
    if weights is None:
        x = as_float(a)
        found = mean(x, axis, keepdims=keepdims)
        return (found, torch.full_like(found, _count(x, axes_of(axis, x.dim()), None, keepdims))) if returned else found
    x, w = in_float(a, weights)
    axes = axes_of(axis, x.dim())
    if w.shape != x.shape:
        if axis is None or tuple(w.shape) != tuple(x.shape[index] for index in axes):
            raise ValueError(f"weights of shape {tuple(w.shape)} fit neither {tuple(x.shape)} nor its axes {axis}")
        order = sorted(range(len(axes)), key=lambda place: axes[place])
        w = w.permute(order).reshape([size if index in axes else 1 for index, size in enumerate(x.shape)])
    total = sum(w, axis, keepdims=keepdims)
    found = sum(x * w, axis, keepdims=keepdims) / total
    return (found, total.expand(found.shape)) if returned else found


@jax_function(method="var")
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = None, mean: Any = None, correction: Any = None,
) -> torch.Tensor:  # fmt: skip
    x = tensor(a)
    target = _inexact(x.dtype) if dtype is None else torch_dtype(dtype)
    wide = _wide(target)
    axes, x = axes_of(axis, x.dim()), x.to(wide)
    ddof = ddof if correction is None else correction
    if where is None and mean is None and wide.is_floating_point and axes:
        found = torch.var(x, axes, correction=ddof, keepdim=bool(keepdims))
        return found.to(target)
    centre = reduced_mean(x, axis, wide, keepdims=True, where=where) if mean is None else tensor(mean).to(wide)
    squares = torch.square(torch.abs(x - centre))
    count = torch.as_tensor(_count(x, axes, where, keepdims), device=x.device) - ddof
    total = sum(squares, axis, keepdims=keepdims, where=where)
    if not wide.is_floating_point and not wide.is_complex:
        return torch.div(total, count, rounding_mode="trunc").to(target)
    real = target.to_real() if target.is_complex else target
    return torch.where(count > 0, total / count, math.nan).to(real)


reduced_mean = mean


@jax_function(method="std")
def std(a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False,
        *, where: Any = None, mean: Any = None, correction: Any = None) -> torch.Tensor:  # fmt: skip
    if dtype is not None and not torch_dtype(dtype).is_floating_point and not torch_dtype(dtype).is_complex:
        raise ValueError(f"std is computed in real or complex numbers, got the dtype {dtype}")
    return torch.sqrt(var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction))


def _limit(x: torch.Tensor, sign: int) -> Any:
    if x.dtype is torch.bool:
        return sign > 0
    if x.is_floating_point():
        return sign * math.inf
    info = torch.iinfo(x.dtype)
    return info.max if sign > 0 else info.min


def _extremum(reduce: Callable[..., torch.Tensor], combine: Callable[..., torch.Tensor], sign: int, method: str) -> Any:
    @jax_function(method=method)
    def extremum(
        a: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None
    ) -> torch.Tensor:
        x = tensor(a)
        axes = axes_of(axis, x.dim())
        if initial is None and (where is not None or any_empty(x, axes)):
            raise ValueError("what may be empty has no largest and no smallest element: give initial=")
        x = _counted_in(x, where, _limit(x, sign))
        if axes and any_empty(x, axes):
            shape = [1 if i in axes else n for i, n in enumerate(x.shape)]
            shape = shape if keepdims else [n for i, n in enumerate(x.shape) if i not in axes]
            return torch.full(shape, initial, dtype=x.dtype, device=x.device)
        found = reduce(x, axes, keepdim=bool(keepdims)) if axes else x
        return found if initial is None else combine(found, _initial(initial, x.dtype))

    return extremum


def any_empty(x: torch.Tensor, axes: tuple[int, ...]) -> bool:
    return 0 in [x.shape[axis] for axis in axes]


max = amax = _extremum(torch.amax, torch.maximum, -1, "max")
min = amin = _extremum(torch.amin, torch.minimum, 1, "min")


@jax_function(method="ptp")
def ptp(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> torch.Tensor:
    return subtract(max(a, axis, keepdims=keepdims), min(a, axis, keepdims=keepdims))


def _logical(reduce: Callable[..., torch.Tensor], neutral: bool, method: str) -> Any:
    @jax_function(method=method)
    def logical(
        a: Any, axis: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
    ) -> torch.Tensor:
        x = tensor(a).to(torch.bool)
        axes = axes_of(axis, x.dim())
        x = _counted_in(x, where, neutral)
        return reduce(x, axes, keepdim=bool(keepdims)) if axes else x

    return logical


all, any = _logical(torch.all, True, "all"), _logical(torch.any, False, "any")


def _place(reduce: Callable[..., torch.Tensor], worst: int, method: str = "") -> Any:
    @jax_function(method=method)
    def place(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> torch.Tensor:
        x = tensor(a)
        if x.dtype is torch.bool:
            x = x.to(torch.uint8)
        if x.is_floating_point():  # a NaN is found first, as in NumPy
            x = torch.where(torch.isnan(x), torch.full_like(x, worst * math.inf), x) if worst else x
        if axis is None:
            found = reduce(x.reshape(-1), 0)
            return (found.reshape([1] * x.dim()) if keepdims else found).to(default_int())
        return reduce(x, axes_of(axis, x.dim())[0], keepdim=bool(keepdims)).to(default_int())

    return place


argmax, argmin = _place(torch.argmax, 0, "argmax"), _place(torch.argmin, 0, "argmin")
nanargmax, nanargmin = _place(torch.argmax, -1), _place(torch.argmin, 1)


def count_nonzero(a: Any, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
    return sum(tensor(a) != 0, axis, keepdims=keepdims)


def _cumulative(function: Callable[..., torch.Tensor], method: str) -> Any:
    @jax_function(method=method)
    def cumulative(a: Any, axis: Any = None, dtype: Any = None, out: None = None) -> torch.Tensor:
        x = tensor(a)
        if axis is None or type(a) in (int, float, complex):  # a number has one axis
            x = x.reshape(-1)
        index = axes_of(0 if axis is None else axis, x.dim())[0]
        target = _numeric(x.dtype, False) if dtype is None else torch_dtype(dtype)
        if target is torch.bool:
            return function((x != 0).to(default_int()), index) != 0
        return function(x.to(target), index, dtype=target)

    return cumulative


cumsum, cumprod = _cumulative(torch.cumsum, "cumsum"), _cumulative(torch.cumprod, "cumprod")


def _inclusive(function: Any, first: int) -> Any:
    def cumulative(
        x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
    ) -> torch.Tensor:
        x = tensor(x)
        if axis is None and x.dim() != 1:
            raise ValueError(f"the array has {x.dim()} axes: say along which by axis=")
        axis = axes_of(axis, x.dim())[0]
        found = function(x, axis, dtype)
        return torch.cat([torch.full_like(found.narrow(axis, 0, 1), first), found], axis) if include_initial else found

    return cumulative


cumulative_sum, cumulative_prod = _inclusive(cumsum, 0), _inclusive(cumprod, 1)


@jax_function(operands="f varargs", weak=True)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int | None = None) -> Any:
    """Central differences, divided by one distance, by one for each axis, or by those between coordinates."""
    x, *given = in_float(f, *(varargs or (1,)))
    axes = axes_of(axis, x.dim())
    if {x.shape[index] for index in axes} & {0, 1}:
        raise ValueError(f"a gradient needs two elements along each axis, got the shape {tuple(x.shape)}")
    given = given * len(axes) if len(given) == 1 else given
    found = [
        torch.gradient(x, spacing=[step] if step.dim() else step.item(), dim=index)[0]
        for step, index in zip(given, axes, strict=True)
    ]
    return found[0] if len(found) == 1 else found


@jax_function(operands="a prepend append", weak=True)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> torch.Tensor:
    """Of booleans, whether neighbours differ."""
    if not n:
        return tensor(a)
    x, *ends = same(a, *[part for part in (prepend, append) if part is not None])
    if not x.dim():
        raise ValueError("diff takes an array of at least one axis")
    axis = axes_of(axis, x.dim())[0]
    wide = [1 if index == axis else size for index, size in enumerate(x.shape)]
    ends = [end if end.dim() else end.expand(wide) for end in ends]
    before = ends[0] if prepend is not None else None
    return torch.diff(x, n, axis, before, ends[-1] if append is not None else None)


def _quantile(function: Callable[..., torch.Tensor], percent: bool, default: str = "linear") -> Any:
    def quantile(
        a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, method: str = default,
        keepdims: bool = False,
    ) -> torch.Tensor:  # fmt: skip
        narrow = as_float(a)
        x = narrow.to(_wide(narrow.dtype))
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
        found = function(
            torch.where(is_nan, torch.full_like(x, fill), x), axis, keepdims=keepdims, initial=initial, where=where
        )
        return found if initial is not None else torch.where(all(is_nan, axis, keepdims=keepdims), math.nan, found)

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
    target = _inexact(x.dtype) if dtype is None else torch_dtype(dtype)
    x = x.to(_wide(target))
    centre = nanmean(x, axis, x.dtype, keepdims=True, where=where) if mean is None else tensor(mean).to(x.dtype)
    squares = torch.where(torch.isnan(x), 0, torch.square(x - centre))
    total = sum(squares, axis, keepdims=keepdims, where=where)
    count = sum(~torch.isnan(x), axis, keepdims=keepdims, where=where) - ddof
    return torch.where(count > 0, total / torch.where(count > 0, count, 1), math.nan).to(target)


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False,
    where: Any = None, mean: Any = None,
) -> torch.Tensor:  # fmt: skip
    found = nanvar(a, axis, dtype, ddof=ddof, keepdims=keepdims, where=where, mean=mean)
    if not found.is_floating_point():
        raise TypeError(f"a standard deviation is a real number, got the dtype {dtype}")
    return torch.sqrt(found)


@jax_function(on_arrays=True)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Array:
    """Weak values take the dtype of what they are multiplied with, which a single distance is not."""
    array, other = as_array(y), as_array(dx if x is None else x)
    y, step = array.tensor, beside(other, as_float(array.tensor).dtype)
    if other.ndim:
        y = beside(array, other.tensor.dtype)
    if x is None:
        y = as_float(y)
        step = step.reshape([1] * (y.dim() - step.dim()) + list(step.shape)).movedim(axis, -1) if step.dim() else step
    else:
        y, step = in_float(y, step)
        step = torch.diff(step) if step.dim() == 1 else torch.diff(step, dim=axis).movedim(axis, -1)
    y = y.movedim(axes_of(axis, y.dim())[0], -1)
    pairs, step = in_float(y[..., 1:] + y[..., :-1], step)
    return Array((pairs * step).sum(-1) / 2)


def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> torch.Tensor:
    return torch.all(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> torch.Tensor:
    a, b = same(a1, a2)
    if a.shape != b.shape:
        return torch.tensor(False)
    equal = a == b
    return torch.all(equal | (torch.isnan(a) & torch.isnan(b)) if equal_nan else equal)
