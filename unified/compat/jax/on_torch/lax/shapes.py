"""Functions of `jax.lax` that reshape, slice, gather and order."""

import builtins
import functools
import math
from typing import Any

import torch

from unified.compat.jax.on_torch import numpy as jnp
from unified.compat.jax.on_torch.arguments import AxisError
from unified.compat.jax.on_torch.array import Array, as_array, tensor
from unified.compat.jax.on_torch.behaviour import FIRST, NONE, Behaviour, jax_function, of_a_scalar
from unified.compat.jax.on_torch.dtypes import default_int, torch_dtype
from unified.compat.jax.on_torch.numpy.operands import axes_of
from unified.compat.jax.on_torch.numpy.shapes import sizes
from unified.compat.jax.on_torch.numpy.sorting import sorted_along

__all__ = [
    "approx_max_k",
    "argmax",
    "argmin",
    "batch_matmul",
    "broadcast",
    "broadcast_in_dim",
    "broadcast_shapes",
    "broadcast_to_rank",
    "broadcasted_iota",
    "collapse",
    "concatenate",
    "cumlogsumexp",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "dot",
    "dot_general",
    "dynamic_index_in_dim",
    "dynamic_slice",
    "dynamic_slice_in_dim",
    "dynamic_update_index_in_dim",
    "dynamic_update_slice",
    "dynamic_update_slice_in_dim",
    "expand_dims",
    "index_in_dim",
    "index_take",
    "iota",
    "pad",
    "reduce_and",
    "reduce_max",
    "reduce_min",
    "reduce_or",
    "reduce_prod",
    "reduce_sum",
    "reshape",
    "rev",
    "slice",
    "slice_in_dim",
    "sort",
    "sort_key_val",
    "split",
    "squeeze",
    "top_k",
    "transpose",
]

BEHAVIOUR = Behaviour(operands=FIRST)

broadcast_shapes = jnp.broadcast_shapes


def _index_dtype(dtype: Any) -> torch.dtype:
    result = torch_dtype(dtype)
    if result.is_floating_point or result.is_complex or result is torch.bool:
        raise TypeError(f"index_dtype must be a dtype of integers, got {result}")
    return result


@jax_function(weak=False)
def argmax(operand: Any, axis: int, index_dtype: Any) -> torch.Tensor:
    return jnp.argmax(operand, axis).to(_index_dtype(index_dtype))


@jax_function(weak=False)
def argmin(operand: Any, axis: int, index_dtype: Any) -> torch.Tensor:
    return jnp.argmin(operand, axis).to(_index_dtype(index_dtype))


def _within(axes: Any, x: torch.Tensor) -> tuple[int, ...]:
    """Check axes, which `jax.lax` counts from the first alone, and return them."""
    result = tuple(axis.__index__() for axis in axes)
    if not all(0 <= axis < x.dim() for axis in result):
        raise AxisError(f"axes {result} are out of bounds for an array of {x.dim()} axes")
    return result


def reshape(operand: Any, new_sizes: Any, dimensions: Any = None, **placing: Any) -> torch.Tensor:
    x, new = tensor(operand), sizes(new_sizes)
    if any(isinstance(size, int) and size < 0 for size in new):
        raise TypeError(f"lax.reshape takes the size of each axis, got {new}: jax.numpy.reshape infers one")
    return (x if dimensions is None else x.permute(tuple(dimensions))).reshape(new)


def squeeze(array: Any, dimensions: Any) -> torch.Tensor:
    return jnp.squeeze(array, tuple(dimensions))


def expand_dims(array: Any, dimensions: Any) -> torch.Tensor:
    return jnp.expand_dims(array, tuple(dimensions))


def transpose(operand: Any, permutation: Any) -> torch.Tensor:
    return tensor(operand).permute(tuple(permutation))


def rev(operand: Any, dimensions: Any) -> torch.Tensor:
    x = tensor(operand)
    return torch.flip(x, _within(dimensions, x))


def collapse(operand: Any, start_dimension: int, stop_dimension: int | None = None) -> torch.Tensor:
    x = tensor(operand)
    low, high, _ = builtins.slice(start_dimension, stop_dimension).indices(x.dim())
    return x.reshape((*x.shape[:low], math.prod(x.shape[low:high]), *x.shape[high:]))


def broadcast(operand: Any, sizes: Any, **placing: Any) -> torch.Tensor:
    x = tensor(operand)
    return x.expand((*sizes, *x.shape))


def broadcast_in_dim(operand: Any, shape: Any, broadcast_dimensions: Any, **placing: Any) -> torch.Tensor:
    x, shape = tensor(operand), sizes(shape)
    if tuple(x.shape) == shape and not broadcast_dimensions:
        return x
    if x.dim() != len(tuple(broadcast_dimensions)):
        raise TypeError(f"broadcast_in_dim takes a place for each of {x.dim()} axes, got {broadcast_dimensions}")
    wide = [1] * len(shape)
    for axis, place in enumerate(broadcast_dimensions):
        wide[place] = x.shape[axis]
    return x.reshape(wide).expand(shape)


def broadcast_to_rank(x: Any, rank: int) -> torch.Tensor:
    x = tensor(x)
    return x.reshape((1,) * (rank - x.dim()) + tuple(x.shape))


@jax_function(operands=NONE)
def iota(dtype: Any, size: int) -> torch.Tensor:
    target = torch_dtype(dtype)
    if target is torch.bool:
        raise TypeError("lax.iota counts in numbers, not in booleans")
    return torch.arange(size).to(target)


@jax_function(operands=NONE)
def broadcasted_iota(dtype: Any, shape: Any, dimension: int, **placing: Any) -> torch.Tensor:
    shape = sizes(shape)
    return broadcast_in_dim(iota(dtype, shape[dimension]), shape, (dimension,))


@jax_function(promotes=False)
def concatenate(operands: Any, dimension: int) -> torch.Tensor:
    tensors = [tensor(value) for value in operands]
    if any(value.dtype is not tensors[0].dtype for value in tensors):
        raise TypeError("lax.concatenate takes arrays of one dtype: jax.numpy.concatenate promotes them")
    return operands[0] if len(tensors) == 1 and tensors[0] is operands[0] else jnp.concatenate(tensors, dimension)


def split(operand: Any, sizes: Any, axis: int = 0) -> list[torch.Tensor]:
    return list(torch.split(tensor(operand), list(sizes), axis))


def slice(operand: Any, start_indices: Any, limit_indices: Any, strides: Any = None) -> torch.Tensor:
    x = tensor(operand)
    strides = [1] * x.dim() if strides is None else strides
    if not len(start_indices) == len(limit_indices) == len(strides) == x.dim():
        raise TypeError(
            f"slice takes a start, a limit and a stride for each of {x.dim()} axes, got {len(start_indices)}, "
            f"{len(limit_indices)} and {len(strides)}"
        )
    bounds = list(zip(start_indices, limit_indices, strides, strict=True))
    if any(
        not (0 <= start <= limit <= n and step > 0) for (start, limit, step), n in zip(bounds, x.shape, strict=True)
    ):
        raise TypeError(
            f"slice takes 0 <= start <= limit <= size and strides above 0, got starts {list(start_indices)}, limits "
            f"{list(limit_indices)} and strides {list(strides)} for an array of the shape {list(x.shape)}"
        )
    return x[tuple(builtins.slice(*each) for each in bounds)]


def slice_in_dim(operand: Any, start_index: Any, limit_index: Any, stride: int = 1, axis: int = 0) -> torch.Tensor:
    x = tensor(operand)
    axis = axes_of(axis, x.dim())[0]
    count = x.shape[axis]
    start, limit = [
        default if bound is None else bound + count if bound < 0 else bound
        for bound, default in ((start_index, 0), (limit_index, count))
    ]
    starts, limits, strides = [0] * x.dim(), list(x.shape), [1] * x.dim()
    starts[axis], limits[axis], strides[axis] = start, limit, stride
    return slice(x, starts, limits, strides)


def _starts(x: torch.Tensor, start_indices: Any, widths: Any) -> list[Any]:
    """Where a slice begins in each axis: moved so that all of it lies within the array."""
    starts = start_indices if isinstance(start_indices, list | tuple) else list(tensor(start_indices).unbind(0))
    starts = [start if isinstance(start, int) and type(start) is not bool else tensor(start) for start in starts]
    if any(isinstance(start, torch.Tensor) and not is_integral(start) for start in starts):
        raise TypeError("the start indices of a slice are integers")
    if len(starts) != x.dim():
        raise TypeError(f"{len(starts)} start indices for an array of {x.dim()} axes")
    if len(widths) != x.dim() or any(not 0 <= width <= size for width, size in zip(widths, x.shape, strict=True)):
        raise TypeError(f"a slice of the sizes {list(widths)} does not fit into an array of the shape {list(x.shape)}")
    clamped = []
    for start, size, width in zip(starts, x.shape, widths, strict=True):
        if isinstance(start, torch.Tensor):
            start = start.to(torch.int64)
            clamped.append(torch.where(start < 0, start + size, start).clamp(0, size - width))
        else:
            start = start.__index__()
            clamped.append(min(max(start + size if start < 0 else start, 0), size - width))
    return clamped


def dynamic_slice(operand: Any, start_indices: Any, slice_sizes: Any, **hints: Any) -> torch.Tensor:
    x, widths = tensor(operand), sizes(slice_sizes)
    for axis, (start, width) in enumerate(zip(_starts(x, start_indices, widths), widths, strict=True)):
        if isinstance(start, torch.Tensor):
            x = x.index_select(axis, start.reshape(1) + torch.arange(width, device=x.device))
        elif width != x.shape[axis]:
            x = x.narrow(axis, start, width)
    return x


def dynamic_slice_in_dim(operand: Any, start_index: Any, slice_size: int, axis: int = 0, **hints: Any) -> torch.Tensor:
    x = tensor(operand)
    axis = axis % x.dim()
    starts = [start_index if place == axis else 0 for place in range(x.dim())]
    return dynamic_slice(x, starts, [slice_size if place == axis else n for place, n in enumerate(x.shape)])


def is_integral(x: torch.Tensor) -> bool:
    return not (x.is_floating_point() or x.is_complex() or x.dtype is torch.bool)


def dynamic_index_in_dim(operand: Any, index: Any, axis: int = 0, keepdims: bool = True, **hints: Any) -> torch.Tensor:
    found = dynamic_slice_in_dim(operand, index, 1, axis)
    return found if keepdims else found.squeeze(axis)


def index_in_dim(operand: Any, index: int, axis: int = 0, keepdims: bool = True) -> torch.Tensor:
    x = tensor(operand)
    size = x.shape[axis]
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of bounds for axis {axis} of size {size}")
    found = x.narrow(axis, index % size, 1)
    return found if keepdims else found.squeeze(axis)


def index_take(src: Any, idxs: Any, axes: Any) -> torch.Tensor:
    x = tensor(src)
    key: list[Any] = [None] * len(axes)
    rest = [axis for axis in range(x.dim()) if axis not in axes]
    for place, where in enumerate(idxs):
        key[place] = tensor(where).to(torch.int64)
    return x.permute((*axes, *rest))[tuple(key)]


@jax_function(operands="operand update", promotes=False, weak=of_a_scalar)
def dynamic_update_slice(operand: Any, update: Any, start_indices: Any, **hints: Any) -> torch.Tensor:
    x, new = tensor(operand), tensor(update)
    if x.dtype is not new.dtype or x.dim() != new.dim():
        raise TypeError(
            f"dynamic_update_slice takes an update with the dtype and the axes of the operand, got {new.dtype} of "
            f"{new.dim()} axes for {x.dtype} of {x.dim()}"
        )
    starts = _starts(x, start_indices, new.shape)
    places: Any = 0
    for axis, (start, width) in enumerate(zip(starts, new.shape, strict=True)):
        along = torch.arange(width, device=x.device) + start
        places = places * x.shape[axis] + along.reshape([-1 if i == axis else 1 for i in range(x.dim())])
    if not x.dim():
        return new
    return x.reshape(-1).index_put((places.reshape(-1),), new.reshape(-1)).reshape(x.shape)


@jax_function(operands="operand update", promotes=False, weak=False)
def dynamic_update_slice_in_dim(operand: Any, update: Any, start_index: Any, axis: int, **hints: Any) -> torch.Tensor:
    x = tensor(operand)
    axis = axes_of(axis, x.dim())[0]
    return dynamic_update_slice(x, update, [start_index if i == axis else 0 for i in range(x.dim())])


@jax_function(operands="operand update", promotes=False, weak=False)
def dynamic_update_index_in_dim(operand: Any, update: Any, index: Any, axis: int, **hints: Any) -> torch.Tensor:
    x, new = tensor(operand), tensor(update)
    axis = axes_of(axis, x.dim())[0]
    return dynamic_update_slice_in_dim(x, new if new.dim() == x.dim() else new.unsqueeze(axis), index, axis)


@jax_function(operands="operand padding_value", promotes=False)
def pad(operand: Any, padding_value: Any, padding_config: Any) -> torch.Tensor:
    """Each axis has `(low, high, interior)`: elements before, after, and between; negative ones take away."""
    x, fill = tensor(operand), tensor(padding_value)
    if x.dtype is not fill.dtype or fill.dim() or x.dim() != len(tuple(padding_config)):
        raise TypeError(
            f"lax.pad takes a number of the operand's dtype and a triple for each axis, got {fill.dtype} of "
            f"{fill.dim()} axes and {len(tuple(padding_config))} triples for {x.dtype} of {x.dim()} axes"
        )
    for axis, (low, high, interior) in enumerate(padding_config):
        if interior and x.shape[axis]:
            shape = [n if i != axis else n + (n - 1) * interior for i, n in enumerate(x.shape)]
            places = torch.arange(x.shape[axis], device=x.device) * (interior + 1)
            x = fill.expand(shape).clone().index_copy(axis, places, x)
        for width, at_end in ((low, False), (high, True)):
            if width > 0:
                extra = fill.expand([n if i != axis else width for i, n in enumerate(x.shape)])
                x = torch.cat([x, extra] if at_end else [extra, x], axis)
            elif width < 0:
                x = x.narrow(axis, 0 if at_end else -width, x.shape[axis] + width)
    return x


def _reduction(function: Any, takes_booleans: bool = True) -> Any:
    def reduce(operand: Any, axes: Any, **options: Any) -> torch.Tensor:
        x = tensor(operand)
        if x.dtype is torch.bool and not takes_booleans:
            raise TypeError("this reduction takes numbers, got booleans: jax.numpy.sum and prod count them")
        return function(x, _within(axes, x))

    return reduce


def _bitwise(function: Any, combine: Any) -> Any:
    @jax_function(weak=False)
    def reduce(operand: Any, axes: Any, **options: Any) -> torch.Tensor:
        x = tensor(operand)
        if x.dtype is torch.bool:
            return function(x, _within(axes, x))
        if not is_integral(x):
            raise TypeError(f"a logical reduction takes booleans or integers, got {x.dtype}")
        for axis in sorted(_within(axes, x), reverse=True):
            x = functools.reduce(combine, x.unbind(axis))
        return x

    return reduce


reduce_sum, reduce_prod = _reduction(jnp.sum, False), _reduction(jnp.prod, False)
reduce_max, reduce_min = _reduction(jnp.max), _reduction(jnp.min)
reduce_and, reduce_or = _bitwise(jnp.all, torch.bitwise_and), _bitwise(jnp.any, torch.bitwise_or)


def _cumulative(function: Any) -> Any:
    def cumulate(operand: Any, axis: int = 0, reverse: bool = False) -> torch.Tensor:
        x = tensor(operand)
        _within([axis], x)
        if x.dtype is torch.bool:
            raise TypeError("cumulative functions of lax take numbers, got booleans")
        if not reverse:
            return function(x, axis)
        return function(x.flip(axis), axis).flip(axis)

    return cumulate


cumsum = _cumulative(lambda x, axis: torch.cumsum(x, axis, dtype=x.dtype))
cumprod = _cumulative(lambda x, axis: torch.cumprod(x, axis, dtype=x.dtype))
cummax = _cumulative(lambda x, axis: torch.cummax(x, axis).values)
cummin = _cumulative(lambda x, axis: torch.cummin(x, axis).values)
cumlogsumexp = _cumulative(torch.logcumsumexp)


def _promoted(a: Any, b: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return two tensors in the dtype of the higher precision, as XLA's products take them, weak or not."""
    a, b = tensor(a), tensor(b)
    dtype = builtins.max(a.dtype, b.dtype, key=_precision)
    return a.to(dtype), b.to(dtype)


def _precision(dtype: torch.dtype) -> tuple[Any, ...]:
    if dtype.is_floating_point or dtype.is_complex:
        info = torch.finfo(dtype)
        return dtype.is_complex, math.log2(info.max), -math.log2(info.eps), dtype.itemsize
    return False, -1, -1, 0 if dtype is torch.bool else dtype.itemsize


@jax_function(operands="lhs rhs", promotes=False)
def batch_matmul(lhs: Any, rhs: Any, precision: Any = None) -> torch.Tensor:
    a, b = _promoted(lhs, rhs)
    if a.dim() < 2 or a.dim() != b.dim():
        raise ValueError(f"batch_matmul takes arrays of one number of axes, at least 2, got {a.dim()} and {b.dim()}")
    return jnp.matmul(a, b)


@jax_function(operands="lhs rhs", promotes=False)
def dot(
    lhs: Any, rhs: Any, *, dimension_numbers: Any = None, precision: Any = None, preferred_element_type: Any = None,
    **options: Any,
) -> torch.Tensor:  # fmt: skip
    a, b = tensor(lhs), tensor(rhs)
    if dimension_numbers is None:
        if a.dim() not in (1, 2) or b.dim() not in (1, 2):
            raise ValueError(f"lax.dot takes arrays of 1 or 2 axes, or dimension_numbers, got {a.dim()} and {b.dim()}")
        dimension_numbers = (((a.dim() - 1,), (0,)), ((), ()))
    return dot_general(a, b, dimension_numbers, preferred_element_type=preferred_element_type)


@jax_function(operands="lhs rhs", promotes=False)
def dot_general(
    lhs: Any,
    rhs: Any,
    dimension_numbers: Any,
    precision: Any = None,
    preferred_element_type: Any = None,
    **placing: Any,
) -> torch.Tensor:
    a, b = _promoted(lhs, rhs)
    (contract_a, contract_b), (batch_a, batch_b) = dimension_numbers
    batch_a, batch_b = axes_of(tuple(batch_a), a.dim()), axes_of(tuple(batch_b), b.dim())
    contract_a, contract_b = axes_of(tuple(contract_a), a.dim()), axes_of(tuple(contract_b), b.dim())
    free_a = [i for i in range(a.dim()) if i not in (*batch_a, *contract_a)]
    free_b = [i for i in range(b.dim()) if i not in (*batch_b, *contract_b)]
    batch = [a.shape[i] for i in batch_a]
    inner = math.prod(a.shape[i] for i in contract_a)
    left = a.permute((*batch_a, *free_a, *contract_a)).reshape((*batch, -1, inner))
    right = b.permute((*batch_b, *contract_b, *free_b)).reshape((*batch, inner, math.prod(b.shape[i] for i in free_b)))
    result = jnp.matmul(left, right)
    result = result.reshape([*batch, *[a.shape[i] for i in free_a], *[b.shape[i] for i in free_b]])
    return result if preferred_element_type is None else result.to(torch_dtype(preferred_element_type))


def top_k(operand: Any, k: int, *, axis: int = -1) -> tuple[torch.Tensor, torch.Tensor]:
    """The first of equal values comes first, which `torch.topk` does not promise."""
    values, order = torch.sort(tensor(operand), dim=axis, descending=True, stable=True)
    return values.narrow(axis, 0, k), order.narrow(axis, 0, k).to(default_int())


def approx_max_k(
    operand: Any, k: int, reduction_dimension: int = -1, **hints: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    x = tensor(operand)
    if not x.is_floating_point():
        raise ValueError(f"approx_max_k takes real numbers, got {x.dtype}: top_k takes others")
    return top_k(x, k, axis=reduction_dimension)


@jax_function(on_arrays=True)
def sort(operand: Any, dimension: int = -1, is_stable: bool = True, num_keys: int = 1) -> Any:
    """Sort one array, or several together by the first `num_keys` of them."""
    arrays = [as_array(value) for value in (operand if isinstance(operand, tuple | list) else (operand,))]
    rows = [array.tensor for array in arrays]
    if any(row.shape != rows[0].shape for row in rows):
        raise TypeError(f"arrays that are sorted together have one shape, got {[tuple(row.shape) for row in rows]}")
    axis = axes_of(dimension, rows[0].dim())[0]
    if not isinstance(operand, tuple | list):
        return type(arrays[0])(sorted_along(rows[0], axis))
    order = jnp.lexsort(rows[:num_keys][::-1], axis).to(torch.int64)
    return tuple(type(array)(torch.gather(row, axis, order)) for array, row in zip(arrays, rows, strict=True))


@jax_function(on_arrays=True)
def sort_key_val(keys: Any, values: Any, dimension: int = -1, is_stable: bool = True) -> tuple[Array, Array]:
    return sort((keys, values), dimension)
