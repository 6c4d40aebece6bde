"""Positions, order and sets."""

def argsort(x: ArrayT, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> ArrayT:
    """Return the positions that sort `x` along an axis."""

def interp(x: ArrayT, xp: ArrayLike, fp: ArrayLike, /) -> ArrayT:
    """Return the values at `x` of the line through the points `(xp, fp)`, `fp[0]` and `fp[-1]` beyond them.

    `xp` is a vector in ascending order, `fp` one of the same size. (Beyond the standard.)
    """

def nonzero(x: ArrayT, /) -> tuple[ArrayT, ...]:
    """Return the positions, axis by axis, of values that are not zero."""

def one_hot(x: ArrayT, num_classes: int, /, *, dtype: DType = None, axis: int = -1) -> ArrayT:
    """Return ones at the positions `x` along a new axis, zeros elsewhere, and for a position that there is not.

    Of the default floating-point dtype, as JAX has it; torch's is `int64`. (Beyond the standard.)
    """

def scatter_add(x: ArrayT, indices: ArrayLike, values: ArrayLike | complex, /, *, axis: int = -1) -> ArrayT:
    """Return `x` with `values` added where `take_along_axis` would take them, again for an index that comes again.

    `indices` has as many axes as `x` and its sizes but along `axis`; `values` broadcasts to `indices`. (Beyond the
    standard.)

    >>> import torch, unified.numpy as unp
    >>> unp.scatter_add(torch.zeros(3), torch.tensor([0, 2, 2]), 1.0)
    tensor([1., 0., 2.])
    """

def searchsorted(
    x1: ArrayT, x2: ArrayT, /, *, side: Literal["left", "right"] = "left", sorter: ArrayLike | None = None
) -> ArrayT:
    """Return the positions in the sorted vector `x1` at which `x2` would keep it sorted."""

def segment_max(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the greatest of each segment, the least number for none; see `segment_sum`. (Beyond the standard.)"""

def segment_min(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the least of each segment, the greatest number for none; see `segment_sum`. (Beyond the standard.)"""

def segment_sum(x: ArrayT, segment_ids: ArrayLike, num_segments: int, /) -> ArrayT:
    """Return the sums of the rows of each segment, `segment_ids[i]` that of `x[i]`. (Beyond the standard.)

    The result has the shape `(num_segments, *x.shape[1:])`.

    >>> import torch, unified.numpy as unp
    >>> unp.segment_sum(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3)
    tensor([3., 0., 4.])
    """

def sort(x: ArrayT, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> ArrayT:
    """Return `x` sorted along an axis."""

def take(x: ArrayT, indices: ArrayLike | int, /, *, axis: int | None = None) -> ArrayT:
    """Return the slices of `x` at positions along an axis, which a vector needs not name."""

def take_along_axis(x: ArrayT, indices: ArrayLike, /, *, axis: int = -1) -> ArrayT:
    """Return the elements of `x` at positions along an axis; the other axes of both broadcast. (torch's `gather`.)"""

def top_k(x: ArrayT, k: int, /, *, axis: int = -1, largest: bool = True) -> TopK[ArrayT]:
    """Return the `k` greatest (or least) values along an axis in order, and their positions. (Beyond the standard.)

    Of equal values the first comes first.

    >>> import torch, unified.numpy as unp
    >>> values, indices = unp.top_k(torch.tensor([1.0, 5.0, 3.0]), 2)
    >>> values.tolist(), indices.tolist()
    ([5.0, 3.0], [1, 2])
    """

def unique_all(x: ArrayT, /) -> UniqueAll[ArrayT]:
    """Return the different values, sorted, their first positions, each element's place among them, and their counts."""

def unique_counts(x: ArrayT, /) -> UniqueCounts[ArrayT]:
    """Return the different values, sorted, and their counts."""

def unique_inverse(x: ArrayT, /) -> UniqueInverse[ArrayT]:
    """Return the different values, sorted, and each element's place among them."""

def unique_values(x: ArrayT, /) -> ArrayT:
    """Return the different values, sorted."""

def where(condition: ArrayT, x1: ArrayLike | complex, x2: ArrayLike | complex, /) -> Array:
    """Return `x1` where the condition is true, else `x2`."""
