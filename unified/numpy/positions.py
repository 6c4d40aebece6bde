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
    """Return the positions that sort `x` along an axis.

    Args:
        x: an array of any shape.
        axis: the axis.
        descending: whether the greatest comes first.
        stable: whether equal values keep their order.

    Source: array API standard 2024.12, `argsort`.

    >>> import torch, unified.numpy as unp
    >>> unp.argsort(torch.tensor([1.0, 2.0, 1.0]), descending=True)
    tensor([1, 0, 2])
    """
    if idioms:
        refuse_keywords("argsort", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).argsort(
        x, axis=axis, descending=descending, stable=stable)

def interp(x: ArrayT, xp: ArrayLike, fp: ArrayLike, /) -> ArrayT:
    """Return the values at `x` of the line through the points `(xp, fp)`, `fp[0]` and `fp[-1]` beyond them.

    Args:
        x: an array of any shape.
        xp: a vector in ascending order.
        fp: a vector of the same size.

    Raises:
        ValueError: `xp` and `fp` are no vectors of one size.

    Source: beyond the standard; `numpy.interp`.

    >>> import torch, unified.numpy as unp
    >>> unp.interp(torch.tensor([-1.0, 0.5]), torch.tensor([0.0, 1.0]), torch.tensor([10.0, 20.0]))
    tensor([10., 15.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, xp, fp)).interp(x, xp, fp)

def nonzero(x: ArrayT, /) -> tuple[ArrayT, ...]:
    """Return the positions, axis by axis, of values that are not zero.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Raises:
        ValueError: the array has no axes.

    Source: array API standard 2024.12, `nonzero`.

    >>> import torch, unified.numpy as unp
    >>> unp.nonzero(torch.tensor([[0, 1], [2, 0]]))
    (tensor([0, 1]), tensor([1, 0]))
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).nonzero(x)

def one_hot(x: ArrayT, num_classes: int, /, *, dtype: DType = None, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return ones at the positions `x` along a new axis, zeros elsewhere, and for a position that there is not.

    Args:
        x: integers of any shape.
        num_classes: the size of the new axis.
        dtype: by default the floating-point dtype, as JAX has it; torch's is `int64`.
        axis: the place of the new axis in the result.

    Source: beyond the standard; `jax.nn.one_hot`.

    >>> import torch, unified.numpy as unp
    >>> unp.one_hot(torch.tensor([0, 2, 5]), 3)
    tensor([[1., 0., 0.],
            [0., 0., 1.],
            [0., 0., 0.]])
    """
    if idioms:
        refuse_keywords("one_hot", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).one_hot(
        x, num_classes, dtype=dtype, axis=axis)

def scatter_add(
    x: ArrayT, indices: ArrayLike, values: ArrayLike | complex, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return `x` with `values` added where `take_along_axis` would take them, again for an index that comes again.

    A position beyond the array raises on torch; JAX, which cannot raise for a value, drops what is added there.

    Args:
        x: an array of any shape.
        indices: positions, of as many axes as `x` and its sizes but along `axis`.
        values: what is added; it broadcasts to `indices`.
        axis: the axis of the positions.

    Raises:
        ValueError: `indices` has another shape.

    Source: beyond the standard; `torch.scatter_add`.

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
    """Return the positions in the sorted vector `x1` at which `x2` would keep it sorted.

    Args:
        x1: a vector in ascending order.
        x2: an array of any shape.
        side: whether a value that is there already goes before it (`"left"`) or after it (`"right"`).
        sorter: the positions that sort `x1`, if it is not sorted.

    Source: array API standard 2024.12, `searchsorted`.

    >>> import torch, unified.numpy as unp
    >>> unp.searchsorted(torch.tensor([1.0, 2.0, 2.0, 3.0]), torch.tensor([2.0, 5.0]), side="right")
    tensor([3, 4])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x1, x2, sorter)).searchsorted(
        x1, x2, side=side, sorter=sorter)

def segment_max(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the greatest of each segment, the least number for none.

    Args:
        x: an array with a row for each entry.
        segment_ids: the segment of each row; a row of a segment that there is not counts for nothing.
        num_segments: the number of segments.

    Returns:
        An array `(num_segments, *x.shape[1:])`.

    Source: beyond the standard; `jax.ops.segment_max`.

    >>> import torch, unified.numpy as unp
    >>> unp.segment_max(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3)
    tensor([2., -inf, 4.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, segment_ids)).segment_max(
        x, segment_ids, num_segments)

def segment_min(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the least of each segment, the greatest number for none.

    Args:
        x: an array with a row for each entry.
        segment_ids: the segment of each row; a row of a segment that there is not counts for nothing.
        num_segments: the number of segments.

    Returns:
        An array `(num_segments, *x.shape[1:])`.

    Source: beyond the standard; `jax.ops.segment_min`.

    >>> import torch, unified.numpy as unp
    >>> unp.segment_min(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3)
    tensor([1., inf, 4.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, segment_ids)).segment_min(
        x, segment_ids, num_segments)

def segment_sum(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the sums of the rows of each segment, `segment_ids[i]` that of `x[i]`.

    Args:
        x: an array with a row for each entry.
        segment_ids: the segment of each row; a row of a segment that there is not counts for nothing.
        num_segments: the number of segments.

    Returns:
        An array `(num_segments, *x.shape[1:])`.

    Source: beyond the standard; `jax.ops.segment_sum`.

    >>> import torch, unified.numpy as unp
    >>> unp.segment_sum(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3)
    tensor([3., 0., 4.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, segment_ids)).segment_sum(
        x, segment_ids, num_segments)

def sort(x: ArrayT, /, *, axis: int = -1, descending: bool = False, stable: bool = True, **idioms: Never) -> ArrayT:
    """Return `x` sorted along an axis; NaN counts as the greatest.

    Args:
        x: an array of any shape.
        axis: the axis.
        descending: whether the greatest comes first.
        stable: whether equal values keep their order.

    Source: array API standard 2024.12, `sort`.

    >>> import torch, unified.numpy as unp
    >>> unp.sort(torch.tensor([3.0, 1.0, 2.0]), descending=True)
    tensor([3., 2., 1.])
    """
    if idioms:
        refuse_keywords("sort", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).sort(
        x, axis=axis, descending=descending, stable=stable)

def take(x: ArrayT, indices: ArrayLike | int, /, *, axis: int | None = None, **idioms: Never) -> ArrayT:
    """Return the slices of `x` at positions along an axis.

    A position beyond the array raises on torch; on JAX, which cannot raise for a value, its element is NaN, the
    least integer or the greatest unsigned one.

    Args:
        x: an array of any shape.
        indices: a position or a vector of them; negative ones count from the end.
        axis: the axis, which only a vector needs not name.

    Raises:
        ValueError: no `axis`, and `x` is no vector.

    Source: array API standard 2024.12, `take`.

    >>> import torch, unified.numpy as unp
    >>> unp.take(torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([2, 0]), axis=1)
    tensor([[3, 1],
            [6, 4]])
    """
    if idioms:
        refuse_keywords("take", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, indices)).take(
        x, indices, axis=axis)

def take_along_axis(x: ArrayT, indices: ArrayLike, /, *, axis: int = -1, **idioms: Never) -> ArrayT:
    """Return the elements of `x` at positions along an axis, for each place of the other axes.

    A position beyond the array raises on torch; on JAX, which cannot raise for a value, its element is NaN, the
    least integer or the greatest unsigned one.

    Args:
        x: an array of any shape.
        indices: positions, of as many axes; all but `axis` broadcast with those of `x`. torch's `gather` takes them.
        axis: the axis of the positions.

    Source: array API standard 2024.12, `take_along_axis`.

    >>> import torch, unified.numpy as unp
    >>> unp.take_along_axis(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1], [0]]))
    tensor([[2],
            [3]])
    """
    if idioms:
        refuse_keywords("take_along_axis", idioms)
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x, indices)).take_along_axis(
        x, indices, axis=axis)

def top_k(x: ArrayT, k: int, /, *, axis: int = -1, largest: bool = True, **idioms: Never) -> TopK[ArrayT]:
    """Return the `k` greatest (or least) values along an axis in order, and their positions.

    Of equal values the first comes first.

    Args:
        x: an array of any shape.
        k: how many values.
        axis: the axis.
        largest: whether the greatest are returned, or the least.

    Returns:
        A named tuple of `values` and `indices`, with the size `k` along `axis`.

    Raises:
        ValueError: the axis has fewer elements.

    Source: beyond the standard; `jax.lax.top_k`, `torch.topk`.

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
    """Return the different values, sorted, their first positions, each element's place among them, and their counts.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Returns:
        A named tuple of `values`, `indices`, `inverse_indices` (of the shape of `x`) and `counts`.

    Source: array API standard 2024.12, `unique_all`.

    >>> import torch, unified.numpy as unp
    >>> [part.tolist() for part in unp.unique_all(torch.tensor([3, 1, 3]))]
    [[1, 3], [1, 0], [1, 0, 1], [1, 2]]
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unique_all(x)

def unique_counts(x: ArrayT, /) -> UniqueCounts[ArrayT]:
    """Return the different values, sorted, and their counts.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Returns:
        A named tuple of `values` and `counts`.

    Source: array API standard 2024.12, `unique_counts`.

    >>> import torch, unified.numpy as unp
    >>> [part.tolist() for part in unp.unique_counts(torch.tensor([3, 1, 3]))]
    [[1, 3], [1, 2]]
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unique_counts(x)

def unique_inverse(x: ArrayT, /) -> UniqueInverse[ArrayT]:
    """Return the different values, sorted, and each element's place among them.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Returns:
        A named tuple of `values` and `inverse_indices` (of the shape of `x`).

    Source: array API standard 2024.12, `unique_inverse`.

    >>> import torch, unified.numpy as unp
    >>> [part.tolist() for part in unp.unique_inverse(torch.tensor([3, 1, 3]))]
    [[1, 3], [1, 0, 1]]
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unique_inverse(x)

def unique_values(x: ArrayT, /) -> ArrayT:
    """Return the different values, sorted.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Source: array API standard 2024.12, `unique_values`.

    >>> import torch, unified.numpy as unp
    >>> unp.unique_values(torch.tensor([3, 1, 3]))
    tensor([1, 3])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(x)).unique_values(x)

def where(condition: ArrayT, x1: ArrayLike | complex, x2: ArrayLike | complex, /) -> Array:
    """Return `x1` where the condition is true, else `x2`.

    Args:
        condition: an array of booleans.
        x1: an array or a number.
        x2: an array or a number; all three broadcast.

    Source: array API standard 2024.12, `where`.

    >>> import torch, unified.numpy as unp
    >>> unp.where(torch.tensor([True, False]), 1.0, torch.tensor([5.0, 6.0]))
    tensor([1., 6.])
    """
    return (scope.frame.backend.numpy if (scope := current.scope) else functions_of(condition, x1, x2)).where(
        condition, x1, x2)
