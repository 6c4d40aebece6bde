"""Sorting, searching, counting and sets. Sizes that depend on values are found at once: nothing is traced on torch."""

import math
from typing import Any

import torch

from unified.compat.jax.on_torch.array import is_weak, tensor
from unified.compat.jax.on_torch.behaviour import FIRST, REQUIRED, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import default_int
from unified.compat.jax.on_torch.numpy.operands import as_float, axes_of, in_float, is_greater, same

__all__ = [
    "argpartition",
    "argsort",
    "argwhere",
    "bincount",
    "digitize",
    "flatnonzero",
    "histogram",
    "interp",
    "intersect1d",
    "isin",
    "lexsort",
    "nonzero",
    "partition",
    "searchsorted",
    "setdiff1d",
    "setxor1d",
    "sort",
    "union1d",
    "unique",
    "unwrap",
]

BEHAVIOUR = Behaviour(operands=REQUIRED, weak=False)  # unless a decorator declares otherwise


def _flat(a: Any, axis: Any) -> tuple[torch.Tensor, int]:
    x = tensor(a)
    return (x.reshape(-1), 0) if axis is None else (x, axes_of(axis, x.dim())[0])


def order_along(x: torch.Tensor, axis: int, descending: bool = False) -> torch.Tensor:
    """Return the places of the elements in order; complex numbers by their real parts, then by their imaginary ones."""
    if not x.is_complex():
        return torch.argsort(x, dim=axis, stable=True, descending=descending)
    order = torch.argsort(x.imag, dim=axis, stable=True, descending=descending)
    again = torch.argsort(torch.gather(x.real, axis, order), dim=axis, stable=True, descending=descending)
    return torch.gather(order, axis, again)


def sorted_along(x: torch.Tensor, axis: int, descending: bool = False) -> torch.Tensor:
    if x.is_complex():
        return torch.gather(x, axis, order_along(x, axis, descending))
    return torch.sort(x, dim=axis, stable=True, descending=descending).values


@jax_function(operands=FIRST, weak=True, method="sort")
def sort(
    a: Any, axis: Any = -1, *, kind: None = None, order: None = None, stable: bool = True, descending: bool = False
) -> torch.Tensor:
    x, axis = _flat(a, axis)
    return sorted_along(x, axis, descending)


@jax_function(method="argsort")
def argsort(
    a: Any, axis: Any = -1, *, kind: None = None, order: None = None, stable: bool = True, descending: bool = False
) -> torch.Tensor:
    x, axis = _flat(a, axis)
    return order_along(x, axis, descending).to(default_int())


def _partitioned(a: Any, axis: int) -> torch.Tensor:
    x = tensor(a)
    if x.dtype is torch.bool:
        raise TypeError("booleans are not partitioned: sort them")
    return x.reshape(-1) if axis is None else x


@jax_function(operands=FIRST, weak=True)
def partition(a: Any, kth: int, axis: int = -1) -> torch.Tensor:
    return sort(_partitioned(a, axis), axis)


@jax_function(operands=FIRST, weak=True, method="argpartition")
def argpartition(a: Any, kth: int, axis: int = -1) -> torch.Tensor:
    return argsort(_partitioned(a, axis), axis)


def lexsort(keys: Any, axis: int = -1) -> torch.Tensor:
    rows = [tensor(key) for key in keys]
    if any(row.shape != rows[0].shape for row in rows):
        raise ValueError(f"keys have one shape, got {[tuple(row.shape) for row in rows]}")
    if not rows[0].dim():
        return torch.zeros((), dtype=default_int())
    order = order_along(rows[0], axis)
    for row in rows[1:]:
        order = torch.gather(order, axis, order_along(torch.gather(row, axis, order), axis))
    return order.to(default_int())


def _places(edges: torch.Tensor, values: torch.Tensor, side: str) -> torch.Tensor:
    """Return the places of values among edges, which torch does not find for booleans."""
    if edges.dim() != 1:
        raise ValueError(f"what is searched has one axis, got the shape {tuple(edges.shape)}")
    if edges.dtype is torch.bool:
        edges, values = edges.to(torch.uint8), values.to(torch.uint8)
    if edges.is_complex():
        rows = values[..., None]
        before = ~is_greater(edges, rows) if side == "right" else is_greater(rows, edges)
        return before.sum(-1)
    return torch.searchsorted(edges.contiguous(), values.contiguous(), side=side)


@jax_function(method="searchsorted")
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None, *, method: str = "scan") -> torch.Tensor:
    a, v = same(a, v)
    a = a if sorter is None else a[tensor(sorter).to(torch.int64)]
    return _places(a, v, side).to(default_int())


def digitize(x: Any, bins: Any, right: bool = False, *, method: Any = None) -> torch.Tensor:
    x, bins = same(x, bins)
    if bins.dim() == 1 and len(bins) and bool(bins[0] > bins[-1]):
        return (len(bins) - _places(bins.flip(0), x, "left" if right else "right")).to(default_int())
    return _places(bins, x, "left" if right else "right").to(default_int())


@jax_function(method="nonzero")
def nonzero(a: Any, *, size: int | None = None, fill_value: Any = None) -> tuple[torch.Tensor, ...]:
    x = tensor(a)
    if not x.dim():
        raise ValueError("an array without axes has no positions: atleast_1d gives it one")
    result = torch.nonzero(x, as_tuple=True)
    if size is not None:
        fills = fill_value if isinstance(fill_value, tuple) else (fill_value or 0,) * len(result)
        result = tuple(_sized(where, size, fill) for where, fill in zip(result, fills, strict=True))
    return tuple(where.to(default_int()) for where in result)


def _sized(values: torch.Tensor, size: int, fill: Any) -> torch.Tensor:
    more = size - len(values)
    if more <= 0:
        return values[:size]
    return torch.cat(
        [values, torch.as_tensor(fill, dtype=values.dtype, device=values.device).expand(more, *values.shape[1:])]
    )


def argwhere(a: Any, *, size: int | None = None, fill_value: Any = None) -> torch.Tensor:
    x = tensor(a)
    result = torch.stack(nonzero(torch.atleast_1d(x), size=size, fill_value=fill_value), -1)
    return result if x.dim() else result.new_empty((result.shape[0], 0))


def flatnonzero(a: Any, *, size: int | None = None, fill_value: Any = None) -> torch.Tensor:
    return nonzero(tensor(a).reshape(-1), size=size, fill_value=fill_value)[0]


def bincount(x: Any, weights: Any = None, minlength: int = 0, *, length: int | None = None) -> torch.Tensor:
    x, w = tensor(x), None if weights is None else tensor(weights)
    if w is not None and w.dtype is torch.bool:
        raise TypeError("the weights of bincount are numbers, got booleans")
    if x.is_floating_point() or x.dim() != 1 or (w is not None and w.shape != x.shape):
        raise TypeError(f"bincount counts integers along one axis, with as many weights, got {x.dtype}{list(x.shape)}")
    result = torch.bincount(x.to(torch.int64).clamp(min=0), w, minlength=max(minlength, length or 0))
    result = result if length is None else result[:length]
    return result.to(default_int() if w is None else w.dtype)


@jax_function(operands=FIRST, weak="first")
def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: Any = None, *,
    equal_nan: bool = True, size: int | None = None, fill_value: Any = None, sorted: bool = True,
) -> Any:  # fmt: skip
    x = tensor(ar)
    if x.is_complex():
        parts = torch.view_as_real((x.reshape(-1) if axis is None else x).resolve_conj())
        along = 0 if axis is None else axes_of(axis, x.dim())[0]
        values, inverse, counts = torch.unique(parts, return_inverse=True, return_counts=True, dim=along)
        values, inverse = torch.view_as_complex(values), inverse.reshape(x.shape) if axis is None else inverse
    else:
        values, inverse, counts = torch.unique(x, return_inverse=True, return_counts=True, dim=axis)
    flat = inverse.reshape(-1)
    first = torch.full((len(counts),), flat.numel(), device=x.device, dtype=torch.int64)
    first = first.scatter_reduce(0, flat, torch.arange(flat.numel(), device=x.device), "amin")
    if size is not None:
        along = 0 if axis is None else axis
        values = _sized(
            values.movedim(along, 0), size, values.movedim(along, 0)[0] if fill_value is None else fill_value
        )
        values = values.movedim(0, along)
        first, counts = _sized(first, size, int(first[0]) if len(first) else 0), _sized(counts, size, 0)
    wanted = [(return_index, first), (return_inverse, inverse), (return_counts, counts)]
    found = [value.to(default_int()) for asked, value in wanted if asked]
    return (values, *found) if found else values


def _is_in(values: torch.Tensor, others: torch.Tensor, invert: bool = False) -> torch.Tensor:
    """Return which values are among others; booleans too, which torch does not look for."""
    if values.dtype is torch.bool:
        values, others = values.to(torch.uint8), others.to(torch.uint8)
    return torch.isin(values, others, invert=invert)


def isin(
    element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, method: str = "auto"
) -> torch.Tensor:
    a, b = same(element, test_elements)
    return _is_in(a, b, invert)


@jax_function(weak="first")
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    a, b = same(ar1, ar2)
    a, first = unique(a, return_index=True)
    common = _is_in(a, b)
    if not return_indices:
        return a[common]
    b, second = unique(b, return_index=True)
    return a[common], first[common], second[_is_in(b, a)]


@jax_function(weak=True)
def union1d(ar1: Any, ar2: Any, *, size: int | None = None, fill_value: Any = None) -> torch.Tensor:
    a, b = same(ar1, ar2)
    return unique(torch.cat([a.reshape(-1), b.reshape(-1)]), size=size, fill_value=fill_value)


@jax_function(weak=True)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> torch.Tensor:
    a, b = (torch.unique(value) for value in same(ar1, ar2))
    return torch.sort(torch.cat([a[_is_in(a, b, True)], b[_is_in(b, a, True)]])).values


@jax_function(operands="ar1", weak=True)
def setdiff1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, *, size: int | None = None, fill_value: Any = None
) -> torch.Tensor:
    a = torch.unique(tensor(ar1))
    values, others = same(a, ar2)
    result = a[_is_in(values, others, invert=True)]
    return result if size is None else _sized(result, size, 0 if fill_value is None else fill_value)


@jax_function(operands="a weights")
def histogram(
    a: Any, bins: Any = 10, range: Any = None, weights: Any = None, density: Any = None
) -> tuple[torch.Tensor, torch.Tensor]:
    x, w = (as_float(a), torch.ones_like(as_float(a))) if weights is None else in_float(a, weights)
    if w.shape != x.shape:
        raise ValueError(f"weights have the shape of the values, {tuple(x.shape)}, got {tuple(w.shape)}")
    x, w = x.reshape(-1), w.reshape(-1)
    if isinstance(bins, int):
        low, high = (x.min(), x.max()) if range is None else (torch.as_tensor(float(b), dtype=x.dtype) for b in range)
        low, high = (low - 0.5, high + 0.5) if low == high else (low, high)
        edges = torch.linspace(float(low), float(high), bins + 1, dtype=torch.float32).to(x.dtype)
    else:
        edges = tensor(bins).to(x.dtype)
    place = torch.searchsorted(edges, x, side="right") - 1
    place = torch.where(x == edges[-1], len(edges) - 2, place)
    valid = (place >= 0) & (place < len(edges) - 1)
    counts = torch.zeros(len(edges) - 1, dtype=w.dtype).index_add(0, place[valid], w[valid])
    return (counts / torch.diff(edges) / counts.sum() if density else counts), edges


@jax_function(operands="x xp fp", weak=lambda *operands, **named: all(map(is_weak, operands[:3])))
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> torch.Tensor:
    x, xp = in_float(x, xp)
    fp = as_float(fp)
    if xp.dim() != 1 or xp.shape != fp.shape:
        raise ValueError(f"xp and fp are vectors of one size, got {tuple(xp.shape)} and {tuple(fp.shape)}")
    if period is not None:
        x, xp = torch.remainder(x, period), torch.remainder(xp, period)
        order = torch.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = torch.cat([xp[-1:] - period, xp, xp[:1] + period])
        fp = torch.cat([fp[-1:], fp, fp[:1]])
    place = torch.searchsorted(xp.contiguous(), x.contiguous(), side="right").clamp(1, len(xp) - 1)
    span = xp[place] - xp[place - 1]
    slope = torch.where(span == 0, 0, (fp[place] - fp[place - 1]) / torch.where(span == 0, 1, span))
    result = fp[place - 1] + (x - xp[place - 1]) * slope
    if period is not None:
        return result
    result = torch.where(x < xp[0], fp[0] if left is None else tensor(left).to(result.dtype), result)
    return torch.where(x > xp[-1], fp[-1] if right is None else tensor(right).to(result.dtype), result)


@jax_function(operands="p period discont")
def unwrap(p: Any, discont: Any = None, axis: int = -1, period: Any = 2 * math.pi) -> torch.Tensor:
    x, period = same(p, period)
    axis = axes_of(axis, x.dim())[0]
    is_whole = not x.is_floating_point()
    half = torch.div(period, 2, rounding_mode="floor") if is_whole else period / 2
    limit = period / 2 if discont is None else tensor(discont)
    step = torch.diff(x, dim=axis)
    wrapped = torch.remainder(step + half, period) - half
    wrapped = torch.where((wrapped == -half) & (step > 0), half, wrapped)
    change = torch.where(step.abs() < limit, 0, wrapped - step)
    start = torch.zeros_like(x.narrow(axis, 0, 1))
    return x + torch.cat([start, torch.cumsum(change, axis, dtype=x.dtype)], axis)
