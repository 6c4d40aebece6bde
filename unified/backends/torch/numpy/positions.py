"""Positions, order and sets, on torch."""

from typing import Any

import torch

from unified.backends.torch.numpy.creation import place
from unified.backends.torch.numpy.operands import NUMBERS, as_dtype, as_number, dims, pair, same, tensor, tensors
from unified.core.array_results import TopK, UniqueAll, UniqueCounts, UniqueInverse

__all__ = [
    "argsort",
    "interp",
    "nonzero",
    "one_hot",
    "scatter_add",
    "searchsorted",
    "segment_max",
    "segment_min",
    "segment_sum",
    "sort",
    "take",
    "take_along_axis",
    "top_k",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "where",
]

Tensor = torch.Tensor


def argsort(x: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    x = tensor(x)
    dims(x, axis)  # raises for none
    return torch.argsort(x, dim=axis, descending=descending, stable=stable)


def interp(x: Any, xp: Any, fp: Any) -> Tensor:
    x, xp, fp = same([x, xp, fp])
    if not x.dtype.is_floating_point:
        x, xp, fp = (each.to(torch.get_default_dtype()) for each in (x, xp, fp))
    if xp.dim() != 1 or xp.shape != fp.shape or not xp.numel():
        raise ValueError(f"interp: xp and fp are vectors of one size, got {tuple(xp.shape)} and {tuple(fp.shape)}")
    right = torch.searchsorted(xp, x.contiguous(), right=True).clamp(1, max(xp.numel() - 1, 1))
    right = right.clamp(max=xp.numel() - 1)
    left = (right - 1).clamp(min=0)
    run = xp[right] - xp[left]
    # Points that coincide have no line between them: the division must not be by zero, for its gradient either.
    safe = torch.where(run == 0, torch.ones_like(run), run)
    part = torch.where(run == 0, torch.zeros_like(run), (x - xp[left]) / safe)
    found = fp[left] + part * (fp[right] - fp[left])
    found = torch.where(x < xp[0], fp[0], found)
    return torch.where(x > xp[-1], fp[-1], found)


def nonzero(x: Any) -> tuple[Tensor, ...]:
    x = tensor(x)
    if not x.dim():
        raise ValueError("nonzero: an array without axes has no positions")
    return torch.nonzero(x, as_tuple=True)


def one_hot(x: Any, num_classes: int, *, dtype: Any = None, axis: int = -1) -> Tensor:
    x = tensor(x)
    _, floating, _ = place(None, None, None)
    classes = torch.arange(num_classes, device=x.device)
    found = (x.unsqueeze(-1) == classes).to(as_dtype(dtype) or floating)
    return found if axis == -1 else torch.movedim(found, -1, axis)


def _indices(indices: Any, x: Tensor, size: int) -> Tensor:
    """Return positions as torch takes them: of 64 bits, and none counted from the end."""
    indices = tensor(indices, x.device)
    if indices.dtype.is_floating_point or indices.dtype in (torch.bool, torch.complex64, torch.complex128):
        raise TypeError(f"positions are integers, got an array of {indices.dtype}")
    indices = indices.to(torch.int64)
    return torch.where(indices < 0, indices + size, indices)


def scatter_add(x: Any, indices: Any, values: Any, *, axis: int = -1) -> Tensor:
    x = tensor(x)
    indices = _indices(indices, x, x.shape[axis])
    shape = list(x.shape)
    shape[axis] = indices.shape[axis] if indices.dim() == x.dim() else -1
    if list(indices.shape) != shape:
        raise ValueError(
            f"scatter_add: indices have the shape of x, {tuple(x.shape)}, but along axis {axis}, got "
            f"{tuple(indices.shape)}"
        )
    values = torch.broadcast_to(tensor(values, x.device, x.dtype).to(x.dtype), indices.shape)
    return torch.scatter_add(x, axis, indices, values)


def searchsorted(x1: Any, x2: Any, *, side: Any = "left", sorter: Any = None) -> Tensor:
    x1, x2 = tensors(x1, x2)
    sorter = None if sorter is None else tensor(sorter, x1.device).to(torch.int64)
    return torch.searchsorted(x1, x2.contiguous(), right=side == "right", sorter=sorter)


def _segments(x: Any, segment_ids: Any, num_segments: int, reduction: str) -> Tensor:
    x = tensor(x)
    ids = tensor(segment_ids, x.device).to(torch.int64)
    if ids.dim() != 1 or ids.shape[0] != x.shape[0]:
        raise ValueError(f"segment_ids is a vector of one number for each of {x.shape[0]} rows, got {tuple(ids.shape)}")
    if reduction == "sum":
        empty: Any = 0
    elif x.dtype.is_floating_point:
        empty = float("-inf" if reduction == "amax" else "inf")
    else:
        limits = torch.iinfo(x.dtype)
        empty = limits.min if reduction == "amax" else limits.max
    # A row of its own takes what belongs to no segment.
    ids = torch.where((ids < 0) | (ids >= num_segments), num_segments, ids)
    base = torch.full((num_segments + 1, *x.shape[1:]), empty, dtype=x.dtype, device=x.device)
    if reduction == "sum":
        return torch.index_add(base, 0, ids, x)[:num_segments]
    places = ids.reshape((-1,) + (1,) * (x.dim() - 1)).expand(x.shape)
    return torch.scatter_reduce(base, 0, places, x, reduction)[:num_segments]


def segment_max(x: Any, segment_ids: Any, num_segments: int) -> Tensor:
    return _segments(x, segment_ids, num_segments, "amax")


def segment_min(x: Any, segment_ids: Any, num_segments: int) -> Tensor:
    return _segments(x, segment_ids, num_segments, "amin")


def segment_sum(x: Any, segment_ids: Any, num_segments: int) -> Tensor:
    return _segments(x, segment_ids, num_segments, "sum")


def sort(x: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    x = tensor(x)
    dims(x, axis)  # raises for none
    return torch.sort(x, dim=axis, descending=descending, stable=stable).values


def take(x: Any, indices: Any, *, axis: int | None = None) -> Tensor:
    x = tensor(x)
    if axis is None:
        if x.dim() != 1:
            raise ValueError(f"take: axis= is needed unless the array is a vector, got {x.dim()} axes")
        axis = 0
    axis = axis + x.dim() if axis < 0 else axis
    indices = _indices(as_number(indices), x, x.shape[axis])
    found = torch.index_select(x, axis, indices.reshape(-1))
    return found.reshape((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


def take_along_axis(x: Any, indices: Any, *, axis: int = -1) -> Tensor:
    x = tensor(x)
    if not x.dim():
        raise ValueError("take_along_axis: an array without axes has no positions")
    indices = _indices(indices, x, x.shape[axis])
    if indices.dim() != x.dim():
        raise ValueError(f"take_along_axis: indices have as many axes as x, {x.dim()}, got {indices.dim()}")
    # `torch.take_along_dim` returns other elements for some positions beyond the array, where `gather` raises.
    axis = axis % x.dim()
    sizes = torch.broadcast_shapes(*((*each.shape[:axis], 1, *each.shape[axis + 1 :]) for each in (x, indices)))
    x, indices = (each.expand(*sizes[:axis], each.shape[axis], *sizes[axis + 1 :]) for each in (x, indices))
    return torch.gather(x, axis, indices)


def top_k(x: Any, k: int, *, axis: int = -1, largest: bool = True) -> TopK[Tensor]:
    x = tensor(x)
    if not 0 <= k <= x.shape[axis]:
        raise ValueError(f"top_k: there are no {k} of {x.shape[axis]} elements")
    # torch.topk takes any of equal values, and the first is what JAX has.
    values, indices = torch.sort(x, dim=axis, descending=largest, stable=True)
    return TopK(values.narrow(axis, 0, k), indices.narrow(axis, 0, k))


def _unique(x: Any) -> UniqueAll[Tensor]:
    """Return the different values and what `unique_all` says of them; NaN is different from NaN."""
    x = tensor(x)
    flat = x.reshape(-1)
    order = torch.argsort(flat, stable=True)
    ordered = flat[order]
    is_new = torch.ones_like(ordered, dtype=torch.bool)
    if flat.numel() > 1:
        is_new = torch.cat([is_new[:1], ordered[1:] != ordered[:-1]])
    starts = torch.nonzero(is_new).reshape(-1)
    inverse = torch.empty_like(order).scatter(0, order, torch.cumsum(is_new, 0) - 1)
    ends = torch.cat([starts[1:], torch.full_like(starts[:1], flat.numel())])
    return UniqueAll(ordered[starts], order[starts], inverse.reshape(x.shape), ends - starts)


def unique_all(x: Any) -> UniqueAll[Tensor]:
    return _unique(x)


def unique_counts(x: Any) -> UniqueCounts[Tensor]:
    found = _unique(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Any) -> UniqueInverse[Tensor]:
    found = _unique(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: Any) -> Tensor:
    return _unique(x).values


def where(condition: Any, x1: Any, x2: Any) -> Tensor:
    condition = tensor(condition)
    if isinstance(condition, torch.Tensor) and condition.dtype is not torch.bool:
        condition = condition != 0
    x1, x2 = as_number(x1), as_number(x2)
    if isinstance(x1, NUMBERS) and isinstance(x2, NUMBERS):
        x1, x2 = tensor(x1, condition.device), tensor(x2, condition.device)
    return torch.where(condition, *pair(x1, x2))
