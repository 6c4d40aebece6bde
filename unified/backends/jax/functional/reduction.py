"""What the losses share: their reduction, and the corners that decide gradients."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["absolute", "chosen_reduction", "hinge", "matched", "reduced"]


def chosen_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """What torch's older arguments say if they are given, else `reduction`."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def reduced(values: jax.Array, reduction: str) -> jax.Array:
    """All `values`, their mean or their sum, as `reduction` says."""
    if reduction == "none":
        return values
    if reduction == "mean":
        return jnp.mean(values)
    if reduction == "sum":
        return jnp.sum(values)
    raise ValueError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")


def matched(input: jax.Array, target: jax.Array) -> Any:
    """Both, broadcast to one shape; warns, as torch does, if they differ."""
    if input.shape != target.shape:
        warnings.warn(
            f"the target has shape {target.shape}, the input {input.shape}: they are broadcast, which is seldom meant",
            stacklevel=3,
        )
    return jnp.broadcast_arrays(input, target)


def absolute(values: jax.Array) -> jax.Array:
    """The size of each value, with gradient 0 at 0 as in torch; that of `lax.abs` is 1."""
    return values * lax.stop_gradient(jnp.sign(values))


def hinge(values: jax.Array) -> jax.Array:
    """`values` where they are not negative, else 0, with gradient 1 at 0 as in torch's `clamp_min`."""
    return jnp.where(values < 0, 0, values)
