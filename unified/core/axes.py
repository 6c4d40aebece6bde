"""Axes of an array, as functions of `unified.numpy` take them."""

from typing import Any

__all__ = ["axes_of"]


def axes_of(shape: Any, axis: Any) -> tuple[int, ...]:
    """Return axes as a tuple, all for `None`; raise `ValueError` for what is no axis of the shape, or is named twice.

    >>> axes_of((2, 3), -1), axes_of((2, 3), None)
    ((-1,), (0, 1))
    """
    rank = len(shape)
    if axis is None:
        return tuple(range(rank))
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for one in axes:
        if not -rank <= one < rank:
            raise ValueError(f"axis={axis} is none of an array of the shape {tuple(shape)}")
    if len(axes) > 1 and len({one % rank for one in axes}) < len(axes):
        raise ValueError(f"axis={axis} names an axis of an array of the shape {tuple(shape)} twice")
    return axes
