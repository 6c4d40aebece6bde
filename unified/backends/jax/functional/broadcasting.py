"""Arrays of one rank: jnp refuses others with `jax_numpy_rank_promotion="raise"`, and torch broadcasts them."""

from typing import Any

from jax import lax

__all__ = ["along", "same_rank", "with_rank"]


def with_rank(array: Any, rank: int) -> Any:
    """Return an array with leading axes of size one, so that it has at least `rank` axes; numbers stay as they are."""
    missing = rank - array.ndim
    return lax.expand_dims(array, range(missing)) if array.ndim and missing > 0 else array


def same_rank(*arrays: Any) -> tuple[Any, ...]:
    """Return arrays with leading axes of size one, so that all have the rank of the largest."""
    rank = max(array.ndim for array in arrays)
    return tuple(with_rank(array, rank) for array in arrays)


def along(axes: tuple[int, ...], rank: int, values: Any, others: Any) -> tuple[Any, ...]:
    """Return one of `values` for each of `axes`, and `others` for the other axes of an array of this rank."""
    by_axis = dict(zip(axes, values, strict=True))
    return tuple(by_axis.get(axis, others) for axis in range(rank))
