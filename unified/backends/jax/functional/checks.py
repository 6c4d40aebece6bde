"""Checks of inputs."""

import jax

__all__ = ["check_floating"]


def check_floating(name: str, input: jax.Array) -> None:
    """Raise `TypeError` for integers and booleans, of which torch does not compute the function either."""
    if input.dtype.kind in "iub":
        raise TypeError(f"{name} takes floating-point values, got {input.dtype}: convert them")
