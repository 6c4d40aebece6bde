"""Functions that reduce axes: sums, means, extrema; and those along an axis: cumulative sums, differences."""

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
    "count_nonzero",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "gradient",
    "max",
    "mean",
    "min",
    "nanargmax",
    "nanargmin",
    "prod",
    "ptp",
    "sum",
    "trapezoid",
]

BEHAVIOUR = Behaviour(operands=FIRST, weak=False)  # unless a decorator declares otherwise


def _numeric(dtype: torch.dtype, promote_integers: bool = True) -> torch.dtype:
    """Return the dtype of sums: integers of 32 bits at least, also for booleans."""
    if dtype is torch.bool:
        return default_int()
    if not promote_integers or dtype.is_floating_point or dtype.is_complex:
        return dtype
    wide = default_int() if dtype.is_signed else canonical(torch.uint64)
    return wide if dtype.itemsize < wide.itemsize else dtype


def wide_for(dtype: torch.dtype) -> torch.dtype:
    """Return the dtype in which sums are computed: JAX's for halves, a wider one where torch has no sum."""
    if dtype in (torch.float16, torch.bfloat16):
        return torch.float32
    return torch.int64 if dtype in (torch.uint16, torch.uint32) else dtype


def inexact(dtype: torch.dtype) -> torch.dtype:
    return dtype if dtype.is_floating_point or dtype.is_complex else with_scalar(dtype, float)


def _counted_in(x: torch.Tensor, where: Any, fill: Any) -> torch.Tensor:
    """`x` with `fill` where it is not to be counted."""
    if where is None:
        return x
    return torch.where(tensor(where), x, torch.tensor(fill, dtype=x.dtype, device=x.device))


def _initial(value: Any, dtype: torch.dtype) -> torch.Tensor:
    result = tensor(value)
    if result.dim():
        raise ValueError(f"initial is a number, got an array of shape {tuple(result.shape)}")
    return result.to(dtype)


@jax_function(method="sum")
def sum(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None, promote_integers: bool = True,
) -> torch.Tensor:  # fmt: skip
    x = tensor(a)
    target = _numeric(x.dtype, promote_integers) if dtype is None else torch_dtype(dtype)
    if target is torch.bool:
        return any(x, axis, keepdims=keepdims, where=where)
    wide = wide_for(target) if dtype is None or not target.is_floating_point else target
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
    wide = wide_for(target) if dtype is None or not target.is_floating_point else target
    axes = axes_of(axis, x.dim())
    x = _counted_in(x.to(wide), where, 1)
    for index in sorted(axes, reverse=True):
        x = torch.prod(x, index, keepdim=bool(keepdims), dtype=wide)
    x = x if initial is None else x * _initial(initial, wide)
    return x.to(target)


def count(x: torch.Tensor, axes: tuple[int, ...], where: Any, keepdims: bool) -> Any:
    if where is None:
        return math.prod(x.shape[axis] for axis in axes)
    mask = tensor(where)
    if mask.dim() > x.dim():
        raise ValueError(f"a mask of {mask.dim()} axes does not fit an array of {x.dim()}")
    counted = mask.expand(x.shape).to(wide_for(x.dtype))
    return torch.sum(counted, axes, keepdim=keepdims) if axes else counted  # no axes are all of them in torch


@jax_function(method="mean")
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
) -> torch.Tensor:
    x = tensor(a)
    if where is None and (dtype is None or torch_dtype(dtype).is_floating_point):
        x = as_float(x) if dtype is None else x.to(torch_dtype(dtype))
        axes = axes_of(axis, x.dim())
        return torch.mean(x, axes, keepdim=bool(keepdims)) if axes else x
    target = inexact(x.dtype) if dtype is None else torch_dtype(dtype)
    wide = wide_for(target)
    axes, x = axes_of(axis, x.dim()), x.to(wide)
    total, number = sum(x, axis, wide, keepdims=keepdims, where=where), count(x, axes, where, keepdims)
    if target.is_floating_point or target.is_complex:
        return (total / number).to(target)
    return torch.div(total, torch.as_tensor(number, device=x.device).to(wide), rounding_mode="trunc").to(target)


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
        if x.is_complex():
            return _complex_extremum(x, axes, keepdims, initial, where, sign)
        x = _counted_in(x, where, _limit(x, sign))
        if axes and any_empty(x, axes):
            shape = [1 if i in axes else n for i, n in enumerate(x.shape)]
            shape = shape if keepdims else [n for i, n in enumerate(x.shape) if i not in axes]
            return torch.full(shape, initial, dtype=x.dtype, device=x.device)
        result = reduce(x, axes, keepdim=bool(keepdims)) if axes else x
        return result if initial is None else combine(result, _initial(initial, x.dtype))

    return extremum


def _complex_extremum(x: torch.Tensor, axes: Any, keepdims: bool, initial: Any, where: Any, sign: int) -> torch.Tensor:
    """Return the largest or smallest element by the real part, then by the imaginary part, as JAX orders them."""
    if initial is not None or where is not None:
        raise NotImplementedError("max and min of complex arrays take no initial= and no where= on torch")
    reduce = torch.amax if sign < 0 else torch.amin
    real = reduce(x.real, axes, keepdim=True) if axes else x.real
    imaginary = torch.where(x.real == real, x.imag, sign * math.inf)
    result = torch.complex(real, reduce(imaginary, axes, keepdim=True) if axes else imaginary)
    return result if keepdims else result.reshape([n for i, n in enumerate(x.shape) if i not in axes])


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
            result = reduce(x.reshape(-1), 0)
            return (result.reshape([1] * x.dim()) if keepdims else result).to(default_int())
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
        wide = target if target.is_floating_point else wide_for(target)
        return function(x.to(wide), index, dtype=wide).to(target)

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
    x, *spacings = in_float(f, *(varargs or (1,)))
    axes = axes_of(axis, x.dim())
    if {x.shape[index] for index in axes} & {0, 1}:
        raise ValueError(f"a gradient needs two elements along each axis, got the shape {tuple(x.shape)}")
    spacings = spacings * len(axes) if len(spacings) == 1 else spacings
    result = [
        torch.gradient(x, spacing=[step], dim=index)[0] if step.dim() else torch.gradient(x, dim=index)[0] / step
        for step, index in zip(spacings, axes, strict=True)
    ]
    return result[0] if len(result) == 1 else result


@jax_function(operands="a prepend append", weak=True)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> torch.Tensor:
    """Return the differences of neighbours: of booleans, whether they differ."""
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


@jax_function(on_arrays=True)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Array:
    """Integrate by trapezoids; weak values take the dtype of the distances, except of a single one."""
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


@jax_function(operands="a b", weak=False)
def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> torch.Tensor:
    return torch.all(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> torch.Tensor:
    a, b = same(a1, a2)
    if a.shape != b.shape:
        return torch.tensor(False)
    equal = a == b
    return torch.all(equal | (torch.isnan(a) & torch.isnan(b)) if equal_nan else equal)
