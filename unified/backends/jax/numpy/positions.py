"""Positions, order and sets, on JAX."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.numpy.creation import place
from unified.backends.jax.numpy.operands import NUMBERS, array, as_dtype, as_number, operands
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


def argsort(x: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> jax.Array:
    return jnp.argsort(array(x), axis=axis, descending=descending, stable=stable)


def interp(x: Any, xp: Any, fp: Any) -> jax.Array:
    x, xp, fp = array(x), array(xp), array(fp)
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ValueError(f"interp: xp and fp are vectors of one size, got {xp.shape} and {fp.shape}")
    return jnp.interp(x, xp, fp)


def nonzero(x: Any) -> tuple[jax.Array, ...]:
    x = array(x)
    if not x.ndim:
        raise ValueError("nonzero: an array without axes has no positions")
    return jnp.nonzero(x)


def one_hot(x: Any, num_classes: int, *, dtype: Any = None, axis: int = -1) -> jax.Array:
    _, floating, _ = place(None, None, None)
    return jax.nn.one_hot(array(x), num_classes, dtype=as_dtype(dtype) or floating, axis=axis)


def _indices(indices: Any) -> jax.Array:
    indices = array(indices)
    if not jnp.issubdtype(indices.dtype, jnp.integer):
        raise TypeError(f"positions are integers, got an array of {indices.dtype}")
    return indices


def scatter_add(x: Any, indices: Any, values: Any, *, axis: int = -1) -> jax.Array:
    x, indices = array(x), _indices(indices)
    axis = axis + x.ndim if axis < 0 else axis
    if indices.ndim != x.ndim or any(
        size != other for at, (size, other) in enumerate(zip(indices.shape, x.shape, strict=True)) if at != axis
    ):
        raise ValueError(
            f"scatter_add: indices have the shape of x, {x.shape}, but along axis {axis}, got {indices.shape}"
        )
    grid = list(jnp.ogrid[tuple(slice(size) for size in indices.shape)])
    grid[axis] = indices
    return x.at[tuple(grid)].add(jnp.asarray(array(values), dtype=x.dtype))


def searchsorted(x1: Any, x2: Any, *, side: Any = "left", sorter: Any = None) -> jax.Array:
    x1, x2 = array(x1), as_number(x2)
    found = jnp.searchsorted(x1, x2 if isinstance(x2, NUMBERS) else array(x2), side=side, sorter=sorter)
    return found.astype(jax.dtypes.canonicalize_dtype("int64"))


def _segments(function: Any, x: Any, segment_ids: Any, num_segments: int) -> jax.Array:
    x, ids = array(x), array(segment_ids)
    if ids.ndim != 1 or ids.shape[0] != x.shape[0]:
        raise ValueError(f"segment_ids is a vector of one number for each of {x.shape[0]} rows, got {ids.shape}")
    # A negative number belongs to no segment, where JAX would count it from the end.
    return function(x, jnp.where(ids < 0, num_segments, ids), num_segments)


def segment_max(x: Any, segment_ids: Any, num_segments: int) -> jax.Array:
    return _segments(jax.ops.segment_max, x, segment_ids, num_segments)


def segment_min(x: Any, segment_ids: Any, num_segments: int) -> jax.Array:
    return _segments(jax.ops.segment_min, x, segment_ids, num_segments)


def segment_sum(x: Any, segment_ids: Any, num_segments: int) -> jax.Array:
    return _segments(jax.ops.segment_sum, x, segment_ids, num_segments)


def sort(x: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> jax.Array:
    return jnp.sort(array(x), axis=axis, descending=descending, stable=stable)


def take(x: Any, indices: Any, *, axis: int | None = None) -> jax.Array:
    x = array(x)
    if axis is None and x.ndim != 1:
        raise ValueError(f"take: axis= is needed unless the array is a vector, got {x.ndim} axes")
    return jnp.take(x, _indices(indices), axis=0 if axis is None else axis)


def take_along_axis(x: Any, indices: Any, *, axis: int = -1) -> jax.Array:
    return jnp.take_along_axis(array(x), _indices(indices), axis=axis)


def top_k(x: Any, k: int, *, axis: int = -1, largest: bool = True) -> TopK[jax.Array]:
    x = array(x)
    if not 0 <= k <= x.shape[axis]:
        raise ValueError(f"top_k: there are no {k} of {x.shape[axis]} elements")
    if largest and axis in (-1, x.ndim - 1):
        return TopK(*jax.lax.top_k(x, k))
    indices = jax.lax.slice_in_dim(jnp.argsort(x, axis=axis, descending=largest), 0, k, axis=axis)
    return TopK(jnp.take_along_axis(x, indices, axis=axis), indices)


def unique_all(x: Any) -> UniqueAll[jax.Array]:
    return UniqueAll(*jnp.unique_all(array(x)))


def unique_counts(x: Any) -> UniqueCounts[jax.Array]:
    return UniqueCounts(*jnp.unique_counts(array(x)))


def unique_inverse(x: Any) -> UniqueInverse[jax.Array]:
    return UniqueInverse(*jnp.unique_inverse(array(x)))


def unique_values(x: Any) -> jax.Array:
    return jnp.unique(array(x), equal_nan=False)


def where(condition: Any, x1: Any, x2: Any) -> jax.Array:
    return jnp.where(array(condition), *operands(x1, x2))
