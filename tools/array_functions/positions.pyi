"""Positions, order and sets."""

def argsort(x: ArrayT, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> ArrayT:
    """Return the positions that sort `x` along an axis.

    Args:
        x: an array of any shape.
        axis: the axis.
        descending: whether the greatest comes first.
        stable: whether equal values keep their order.

    >>> unp.argsort(torch.tensor([1.0, 2.0, 1.0]), descending=True)
    tensor([1, 0, 2])
    """

def interp(x: ArrayT, xp: ArrayLike, fp: ArrayLike, /) -> ArrayT:
    """Return the values at `x` of the line through the points `(xp, fp)`, `fp[0]` and `fp[-1]` beyond them.

    Args:
        x: an array of any shape.
        xp: a vector in ascending order.
        fp: a vector of the same size.

    Raises:
        ValueError: `xp` and `fp` are no vectors of one size.

    Source: beyond the standard; `numpy.interp`.

    >>> unp.interp(torch.tensor([-1.0, 0.5]), torch.tensor([0.0, 1.0]), torch.tensor([10.0, 20.0]))
    tensor([10., 15.])
    """

def nonzero(x: ArrayT, /) -> tuple[ArrayT, ...]:
    """Return the positions, axis by axis, of values that are not zero.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Raises:
        ValueError: the array has no axes.

    >>> unp.nonzero(torch.tensor([[0, 1], [2, 0]]))
    (tensor([0, 1]), tensor([1, 0]))
    """

def one_hot(x: ArrayT, num_classes: int, /, *, dtype: DType = None, axis: int = -1) -> ArrayT:
    """Return ones at the positions `x` along a new axis, zeros elsewhere, and for a position that there is not.

    Args:
        x: integers of any shape.
        num_classes: the size of the new axis.
        dtype: by default the floating-point dtype, as JAX has it; torch's is `int64`.
        axis: the place of the new axis in the result.

    Source: beyond the standard; `jax.nn.one_hot`.

    >>> unp.one_hot(torch.tensor([0, 2, 5]), 3)
    tensor([[1., 0., 0.],
            [0., 0., 1.],
            [0., 0., 0.]])
    """

def scatter_add(x: ArrayT, indices: ArrayLike, values: ArrayLike | complex, /, *, axis: int = -1) -> ArrayT:
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

    >>> unp.scatter_add(torch.zeros(3), torch.tensor([0, 2, 2]), 1.0)
    tensor([1., 0., 2.])
    """

def searchsorted(
    x1: ArrayT, x2: ArrayT, /, *, side: Literal["left", "right"] = "left", sorter: ArrayLike | None = None
) -> ArrayT:
    """Return the positions in the sorted vector `x1` at which `x2` would keep it sorted.

    Args:
        x1: a vector in ascending order.
        x2: an array of any shape.
        side: whether a value that is there already goes before it (`"left"`) or after it (`"right"`).
        sorter: the positions that sort `x1`, if it is not sorted.

    >>> unp.searchsorted(torch.tensor([1.0, 2.0, 2.0, 3.0]), torch.tensor([2.0, 5.0]), side="right")
    tensor([3, 4])
    """

def segment_max(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the greatest of each segment, the least number for none.

    Args:
        x: an array with a row for each entry.
        segment_ids: the segment of each row; a row of a segment that there is not counts for nothing.
        num_segments: the number of segments.

    Returns:
        An array `(num_segments, *x.shape[1:])`.

    Source: beyond the standard; `jax.ops.segment_max`.

    >>> unp.segment_max(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3)
    tensor([2., -inf, 4.])
    """

def segment_min(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the least of each segment, the greatest number for none.

    Args:
        x: an array with a row for each entry.
        segment_ids: the segment of each row; a row of a segment that there is not counts for nothing.
        num_segments: the number of segments.

    Returns:
        An array `(num_segments, *x.shape[1:])`.

    Source: beyond the standard; `jax.ops.segment_min`.

    >>> unp.segment_min(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3)
    tensor([1., inf, 4.])
    """

def segment_sum(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the sums of the rows of each segment, `segment_ids[i]` that of `x[i]`.

    Args:
        x: an array with a row for each entry.
        segment_ids: the segment of each row; a row of a segment that there is not counts for nothing.
        num_segments: the number of segments.

    Returns:
        An array `(num_segments, *x.shape[1:])`.

    Source: beyond the standard; `jax.ops.segment_sum`.

    >>> unp.segment_sum(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3)
    tensor([3., 0., 4.])
    """

def sort(x: ArrayT, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> ArrayT:
    """Return `x` sorted along an axis; NaN counts as the greatest.

    Args:
        x: an array of any shape.
        axis: the axis.
        descending: whether the greatest comes first.
        stable: whether equal values keep their order.

    >>> unp.sort(torch.tensor([3.0, 1.0, 2.0]), descending=True)
    tensor([3., 2., 1.])
    """

def take(x: ArrayT, indices: ArrayLike | int, /, *, axis: int | None = None) -> ArrayT:
    """Return the slices of `x` at positions along an axis.

    A position beyond the array raises on torch; on JAX, which cannot raise for a value, its element is NaN, the
    least integer or the greatest unsigned one.

    Args:
        x: an array of any shape.
        indices: a position or a vector of them; negative ones count from the end.
        axis: the axis, which only a vector needs not name.

    Raises:
        ValueError: no `axis`, and `x` is no vector.

    >>> unp.take(torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([2, 0]), axis=1)
    tensor([[3, 1],
            [6, 4]])
    """

def take_along_axis(x: ArrayT, indices: ArrayLike, /, *, axis: int = -1) -> ArrayT:
    """Return the elements of `x` at positions along an axis, for each place of the other axes.

    A position beyond the array raises on torch; on JAX, which cannot raise for a value, its element is NaN, the
    least integer or the greatest unsigned one.

    Args:
        x: an array of any shape.
        indices: positions, of as many axes; all but `axis` broadcast with those of `x`. torch's `gather` takes them.
        axis: the axis of the positions.

    >>> unp.take_along_axis(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1], [0]]))
    tensor([[2],
            [3]])
    """

def top_k(x: ArrayT, k: int, /, *, axis: int = -1, largest: bool = True) -> TopK[ArrayT]:
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

def unique_all(x: ArrayT, /) -> UniqueAll[ArrayT]:
    """Return the different values, sorted, their first positions, each element's place among them, and their counts.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Returns:
        A named tuple of `values`, `indices`, `inverse_indices` (of the shape of `x`) and `counts`.

    >>> [part.tolist() for part in unp.unique_all(torch.tensor([3, 1, 3]))]
    [[1, 3], [1, 0], [1, 0, 1], [1, 2]]
    """

def unique_counts(x: ArrayT, /) -> UniqueCounts[ArrayT]:
    """Return the different values, sorted, and their counts.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Returns:
        A named tuple of `values` and `counts`.

    >>> [part.tolist() for part in unp.unique_counts(torch.tensor([3, 1, 3]))]
    [[1, 3], [1, 2]]
    """

def unique_inverse(x: ArrayT, /) -> UniqueInverse[ArrayT]:
    """Return the different values, sorted, and each element's place among them.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    Returns:
        A named tuple of `values` and `inverse_indices` (of the shape of `x`).

    >>> [part.tolist() for part in unp.unique_inverse(torch.tensor([3, 1, 3]))]
    [[1, 3], [1, 0, 1]]
    """

def unique_values(x: ArrayT, /) -> ArrayT:
    """Return the different values, sorted.

    How many there are depends on the values, so that a program of `jax.jit` cannot call it.

    >>> unp.unique_values(torch.tensor([3, 1, 3]))
    tensor([1, 3])
    """

def where(condition: ArrayT, x1: ArrayLike | complex, x2: ArrayLike | complex, /) -> Array:
    """Return `x1` where the condition is true, else `x2`.

    Args:
        condition: an array of booleans.
        x1: an array or a number.
        x2: an array or a number; all three broadcast.

    >>> unp.where(torch.tensor([True, False]), 1.0, torch.tensor([5.0, 6.0]))
    tensor([1., 6.])
    """
