"""Positions, order and sets.

Written by `make generate` from the stub in tools/array_functions/.
"""

from typing import Literal, Never

from unified.core.annotations import Array, ArrayLike, ArrayT, DType
from unified.core.array_functions import functions_of
from unified.core.array_results import TopK, UniqueAll, UniqueCounts, UniqueInverse
from unified.core.scope import current
from unified.numpy.idioms import refuse_keywords

# fmt: off
__all__ = [
    "argsort", "interp", "nonzero", "one_hot", "scatter_add", "searchsorted", "segment_max", "segment_min",
    "segment_sum", "sort", "take", "take_along_axis", "top_k", "unique_all", "unique_counts", "unique_inverse",
    "unique_values", "where",
]


def argsort(x: ArrayT, /, *, axis: int = -1, descending: bool = False, stable: bool = True, **idioms: Never) -> ArrayT:
    """Return the positions that sort `x` along an axis."""
    if idioms:
        refuse_keywords("argsort", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).argsort(
        x, axis=axis, descending=descending, stable=stable)

def interp(x: ArrayT, xp: ArrayLike, fp: ArrayLike, /) -> ArrayT:
    """Return the values at `x` of the line through the points `(xp, fp)`, `fp[0]` and `fp[-1]` beyond them.

    `xp` is a vector in ascending order, `fp` one of the same size. (Beyond the standard.)
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, xp, fp)).interp(x, xp, fp)

def nonzero(x: ArrayT, /) -> tuple[ArrayT, ...]:
    """Return the positions, axis by axis, of values that are not zero."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).nonzero(x)

def one_hot(x: ArrayT, num_classes: int, /, *, dtype: DType = None, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return ones at the positions `x` along a new axis, zeros elsewhere, and for a position that there is not.

    Of the default floating-point dtype, as JAX has it; torch's is `int64`. (Beyond the standard.)
    """
    if idioms:
        refuse_keywords("one_hot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).one_hot(
        x, num_classes, dtype=dtype, axis=axis)

def scatter_add(
    x: ArrayT, indices: ArrayLike, values: ArrayLike | complex, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return `x` with `values` added where `take_along_axis` would take them, again for an index that comes again.

    `indices` has as many axes as `x` and its sizes but along `axis`; `values` broadcasts to `indices`. (Beyond the
    standard.)

    >>> import torch, unified.numpy as unp
    >>> unp.scatter_add(torch.zeros(3), torch.tensor([0, 2, 2]), 1.0)
    tensor([1., 0., 2.])
    """
    if idioms:
        refuse_keywords("scatter_add", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, indices, values)).scatter_add(
        x, indices, values, axis=axis)

def searchsorted(
    x1: ArrayT, x2: ArrayT, /, *, side: Literal["left", "right"] = "left", sorter: ArrayLike | None = None) -> ArrayT:
    """Return the positions in the sorted vector `x1` at which `x2` would keep it sorted."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2, sorter)).searchsorted(
        x1, x2, side=side, sorter=sorter)

def segment_max(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the greatest of each segment, the least number for none; see `segment_sum`. (Beyond the standard.)"""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, segment_ids)).segment_max(
        x, segment_ids, num_segments)

def segment_min(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the least of each segment, the greatest number for none; see `segment_sum`. (Beyond the standard.)"""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, segment_ids)).segment_min(
        x, segment_ids, num_segments)

def segment_sum(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the sums of the rows of each segment, `segment_ids[i]` that of `x[i]`. (Beyond the standard.)

    The result has the shape `(num_segments, *x.shape[1:])`.

    >>> import torch, unified.numpy as unp
    >>> unp.segment_sum(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3)
    tensor([3., 0., 4.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, segment_ids)).segment_sum(
        x, segment_ids, num_segments)

def sort(x: ArrayT, /, *, axis: int = -1, descending: bool = False, stable: bool = True, **idioms: Never) -> ArrayT:
    """Return `x` sorted along an axis."""
    if idioms:
        refuse_keywords("sort", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sort(
        x, axis=axis, descending=descending, stable=stable)

def take(x: ArrayT, indices: ArrayLike | int, /, *, axis: int | None = None, **idioms: Never) -> ArrayT:
    """Return the slices of `x` at positions along an axis, which a vector needs not name."""
    if idioms:
        refuse_keywords("take", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, indices)).take(
        x, indices, axis=axis)

def take_along_axis(x: ArrayT, indices: ArrayLike, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the elements of `x` at positions along an axis; the other axes of both broadcast. (torch's `gather`.)"""
    if idioms:
        refuse_keywords("take_along_axis", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, indices)).take_along_axis(
        x, indices, axis=axis)

def top_k(x: ArrayT, k: int, /, *, axis: int = -1, largest: bool = True, **idioms: Never) -> TopK[ArrayT]:
    """Return the `k` greatest (or least) values along an axis in order, and their positions. (Beyond the standard.)

    Of equal values the first comes first.

    >>> import torch, unified.numpy as unp
    >>> values, indices = unp.top_k(torch.tensor([1.0, 5.0, 3.0]), 2)
    >>> values.tolist(), indices.tolist()
    ([5.0, 3.0], [1, 2])
    """
    if idioms:
        refuse_keywords("top_k", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).top_k(
        x, k, axis=axis, largest=largest)

def unique_all(x: ArrayT, /) -> UniqueAll[ArrayT]:
    """Return the different values, sorted, their first positions, each element's place among them, and their counts."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unique_all(x)

def unique_counts(x: ArrayT, /) -> UniqueCounts[ArrayT]:
    """Return the different values, sorted, and their counts."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unique_counts(x)

def unique_inverse(x: ArrayT, /) -> UniqueInverse[ArrayT]:
    """Return the different values, sorted, and each element's place among them."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unique_inverse(x)

def unique_values(x: ArrayT, /) -> ArrayT:
    """Return the different values, sorted."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unique_values(x)

def where(condition: ArrayT, x1: ArrayLike | complex, x2: ArrayLike | complex, /) -> Array:
    """Return `x1` where the condition is true, else `x2`."""
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(condition, x1, x2)).where(
        condition, x1, x2)
