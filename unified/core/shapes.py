"""Shapes that users pass, one size or a tuple of sizes, and those that errors say of arrays."""

import operator
from typing import Any

import numpy as np

__all__ = ["NO_SIZES", "as_shape", "shown"]

# Values that no size can be; what is none of these, and no array, may be a size that a framework does not know yet.
NO_SIZES = (float, complex, str, bytes, tuple, list, dict, set, type(None), np.inexact)


def shown(value: Any) -> str:
    """Return a value for an error, an array by its shape."""
    return f"an array of the shape {tuple(value.shape)}" if hasattr(value, "shape") else repr(value)


def as_shape(what: str, shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple of sizes, which may be symbolic; `what` begins the error.

    Raises:
        TypeError: it is no shape, or an array whose value is not known.
        ValueError: a size is negative.
    """
    if isinstance(shape, int):
        return (_as_size(what, shape, shape),)
    if hasattr(shape, "__iter__") and getattr(shape, "shape", None) != () and not isinstance(shape, (str, dict, set)):
        return tuple([_as_size(what, size, shape) for size in shape])
    return (_as_size(what, shape, shape),)


def _as_size(what: str, size: Any, shape: Any) -> Any:
    if isinstance(size, NO_SIZES):
        raise _no_shape(what, shape)
    if not isinstance(size, int):
        if not hasattr(size, "shape"):
            return size  # symbolic
        try:
            size = int(operator.index(size))
        except Exception as error:  # frameworks have classes of their own for values that are traced
            raise _no_shape(what, shape) from error
    if size < 0:
        raise ValueError(f"{what}: no size of a shape is negative, got {shape!r}")
    return int(size) if isinstance(size, bool) else size


def _no_shape(what: str, shape: Any) -> TypeError:
    return TypeError(f"{what}: a shape is a size or a tuple of sizes, such as (2, 3) or x.shape, got {shown(shape)}")
