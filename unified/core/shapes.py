"""Shapes that users pass: one size, or a tuple of sizes."""

from typing import Any

__all__ = ["as_shape"]


def as_shape(what: str, shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple of sizes; raise `TypeError` for what is none. `what` begins the error."""
    if _is_size(shape):
        return (shape if isinstance(shape, int) else int(shape),)
    try:
        sizes = tuple(shape) if not isinstance(shape, str) else None
    except TypeError:
        sizes = None
    if sizes is None or not all(map(_is_size, sizes)):
        found = f"an array of the shape {tuple(shape.shape)}" if hasattr(shape, "shape") else repr(shape)
        raise TypeError(f"{what}: a shape is a size or a tuple of sizes, such as (2, 3) or x.shape, got {found}")
    return sizes


def _is_size(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool) and not getattr(value, "shape", ())
