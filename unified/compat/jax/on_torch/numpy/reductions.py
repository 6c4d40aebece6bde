"""Functions that reduce axes: sums, means, extrema, norms of counts, cumulative sums."""

import math
from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch.array import tensor
from unified.compat.jax.on_torch.behaviour import FIRST, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import default_float, default_int, torch_dtype
from unified.compat.jax.on_torch.numpy.operands import as_float, axes_of, same

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


def _summable(x: torch.Tensor, dtype: Any) -> torch.Tensor:
    if dtype is not None:
        return x.to(torch_dtype(dtype))
    return x.to(default_int()) if x.dtype is torch.bool else x


def _apart(x: torch.Tensor, where: Any, fill: Any) -> torch.Tensor:
    """`x` with `fill` where it is not to be counted."""
    if where is None:
        return x
    return torch.where(tensor(where), x, torch.tensor(fill, dtype=x.dtype, device=x.device))


@jax_function(method="sum")
def sum(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None, promote_integers: bool = True,
) -> torch.Tensor:  # fmt: skip
    x = tensor(a)
    target = _summable(x, None).dtype if dtype is None else torch_dtype(dtype)
    wide = torch.float32 if target in (torch.float16, torch.bfloat16) else target  # in which JAX adds halves
    x = _apart(x.to(wide), where, 0)
    axes = axes_of(axis, x.dim())
    total = (torch.sum(x, axes, keepdim=bool(keepdims), dtype=wide) if axes else x).to(target)
    return total if initial is None else total + initial


@jax_function(method="prod")
def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None, promote_integers: bool = True,
) -> torch.Tensor:  # fmt: skip
    x = _apart(_summable(tensor(a), dtype), where, 1)
    for index in sorted(axes_of(axis, x.dim()), reverse=True):
        x = torch.prod(x, index, keepdim=bool(keepdims), dtype=x.dtype)
    return x if initial is None else x * initial


def _count(x: torch.Tensor, axes: tuple[int, ...], where: Any, keepdims: bool) -> Any:
    if where is None:
        return math.prod(x.shape[axis] for axis in axes)
    return torch.sum(tensor(where).expand(x.shape).to(default_float()), axes, keepdim=keepdims)


@jax_function(method="mean")
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
) -> torch.Tensor:
    x = as_float(a) if dtype is None else tensor(a).to(torch_dtype(dtype))
    axes = axes_of(axis, x.dim())
    if where is None:
        return torch.mean(x, axes, keepdim=bool(keepdims)) if axes else x
    return sum(x, axis, keepdims=keepdims, where=where) / _count(x, axes, where, keepdims)


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: bool = False) -> Any:
    x = as_float(a)
    axes = axes_of(axis, x.dim())
    if weights is None:
        found = mean(x, axis, keepdims=keepdims)
        return (found, torch.full_like(found, _count(x, axes, None, keepdims))) if returned else found
    x, w = same(x, as_float(weights))
    if w.shape != x.shape and w.dim() == 1:
        w = w.reshape([-1 if index == axes[0] else 1 for index in range(x.dim())]).expand(x.shape)
    total = sum(w, axis, keepdims=keepdims)
    found = sum(x * w, axis, keepdims=keepdims) / total
    return (found, total) if returned else found


@jax_function(method="var")
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = None, mean: Any = None, correction: Any = None,
) -> torch.Tensor:  # fmt: skip
    x = as_float(a) if dtype is None else tensor(a).to(torch_dtype(dtype))
    axes = axes_of(axis, x.dim())
    ddof = ddof if correction is None else correction
    if where is None and mean is None:
        return torch.var(x, axes, correction=ddof, keepdim=bool(keepdims)) if axes else torch.zeros_like(x)
    count = _count(x, axes, where, True)
    centre = sum(x, axis, keepdims=True, where=where) / count if mean is None else mean
    squares = torch.square(torch.abs(x - centre))
    return sum(squares, axis, keepdims=keepdims, where=where) / (_count(x, axes, where, keepdims) - ddof)


@jax_function(method="std")
def std(a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False,
        *, where: Any = None, mean: Any = None, correction: Any = None) -> torch.Tensor:  # fmt: skip
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
        x = _apart(x, where, _limit(x, sign))
        axes = axes_of(axis, x.dim())
        if axes and any_empty(x, axes):
            if initial is None:
                raise ValueError("an axis of size 0 has no largest and no smallest element: give initial=")
            shape = [1 if i in axes else n for i, n in enumerate(x.shape)]
            shape = shape if keepdims else [n for i, n in enumerate(x.shape) if i not in axes]
            return torch.full(shape, initial, dtype=x.dtype, device=x.device)
        found = reduce(x, axes, keepdim=bool(keepdims)) if axes else x
        return found if initial is None else combine(*same(found, initial))

    return extremum


def any_empty(x: torch.Tensor, axes: tuple[int, ...]) -> bool:
    return 0 in [x.shape[axis] for axis in axes]


max = amax = _extremum(torch.amax, torch.maximum, -1, "max")
min = amin = _extremum(torch.amin, torch.minimum, 1, "min")


@jax_function(method="ptp")
def ptp(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> torch.Tensor:
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


def _logical(reduce: Callable[..., torch.Tensor], neutral: bool, method: str) -> Any:
    @jax_function(method=method)
    def logical(
        a: Any, axis: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
    ) -> torch.Tensor:
        x = _apart(tensor(a).to(torch.bool), where, neutral)
        axes = axes_of(axis, x.dim())
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
        x = _summable(tensor(a), dtype)
        if axis is None:
            return function(x.reshape(-1), 0, dtype=x.dtype)
        return function(x, axes_of(axis, x.dim())[0], dtype=x.dtype)

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


@jax_function(weak=True)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int | None = None) -> Any:
    """Central differences, divided by one distance, by one for each axis, or by those between coordinates."""
    x = as_float(f)
    axes = axes_of(axis, x.dim())
    given = [tensor(step).to(x.dtype) for step in varargs] or [tensor(1.0).to(x.dtype)]
    given = given * len(axes) if len(given) == 1 else given
    found = [
        torch.gradient(x, spacing=[step] if step.dim() else step.item(), dim=index)[0]
        for step, index in zip(given, axes, strict=True)
    ]
    return found[0] if len(found) == 1 else found


@jax_function(weak=True)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> torch.Tensor:
    parts = [None if part is None else tensor(part) for part in (prepend, append)]
    x = tensor(a)
    wide = [1 if i == axis % x.dim() else size for i, size in enumerate(x.shape)]
    before, after = (part.expand(wide) if part is not None and not part.dim() else part for part in parts)
    return torch.diff(x, n, axis, before, after)


def _quantile(function: Callable[..., torch.Tensor], percent: bool) -> Callable[..., torch.Tensor]:
    def found(
        a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
        keepdims: bool = False,
    ) -> torch.Tensor:  # fmt: skip
        x = as_float(a)
        q = tensor(q).to(x.dtype) / (100 if percent else 1)
        axes = axes_of(axis, x.dim())
        rest = [index for index in range(x.dim()) if index not in axes]
        flat = x.permute((*rest, *axes)).reshape((*[x.shape[index] for index in rest], -1))
        values = function(flat, q, -1, interpolation=method)
        if not keepdims:
            return values
        return values.reshape((*q.shape, *(1 if index in axes else size for index, size in enumerate(x.shape))))

    return found


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
        return function(torch.where(torch.isnan(x), torch.full_like(x, fill), x), axis, *args, **kwargs)

    return reduced


nansum, nanprod = _without_nan(sum, 0.0), _without_nan(prod, 1.0)
nancumsum, nancumprod = _without_nan(cumsum, 0.0), _without_nan(cumprod, 1.0)
nanmax, nanmin = _without_nan(max, -math.inf), _without_nan(min, math.inf)


def _counted(function: Any) -> Any:
    def reduced(a: Any, axis: Any = None, *args: Any, **kwargs: Any) -> torch.Tensor:
        x = tensor(a)
        valid = ~torch.isnan(x)
        return function(torch.where(valid, x, torch.zeros_like(x)), axis, *args, where=valid, **kwargs)

    return reduced


nanmean, nanvar, nanstd = _counted(mean), _counted(var), _counted(std)


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> torch.Tensor:
    y = as_float(y)
    return torch.trapezoid(y, dx=dx, dim=axis) if x is None else torch.trapezoid(y, as_float(x), dim=axis)


def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> torch.Tensor:
    from unified.compat.jax.on_torch.numpy.elementwise import isclose

    return torch.all(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> torch.Tensor:
    a, b = same(a1, a2)
    if a.shape != b.shape:
        return torch.tensor(False)
    equal = a == b
    return torch.all(equal | (torch.isnan(a) & torch.isnan(b)) if equal_nan else equal)
