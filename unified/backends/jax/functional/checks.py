"""Checks of inputs."""

from typing import Any

import jax

__all__ = ["check_floating", "is_less"]


def check_floating(name: str, input: jax.Array) -> None:
    """Raise `TypeError` for integers and booleans, of which torch does not compute the function either."""
    if input.dtype.kind in "iub":
        raise TypeError(f"{name} takes floating-point values, got {input.dtype}: convert them")


def is_less(size: Any, other: Any) -> bool:
    """Return whether one size is less than another; false where that depends on symbols of `jax.export`."""
    try:
        return bool(size < other)
    except jax.errors.InconclusiveDimensionOperation:
        return False
