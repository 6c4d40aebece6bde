"""The reduction of losses, and functions with torch's gradient at corners."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["absolute", "broadcast_target", "hinge", "reduce_losses", "resolve_reduction"]


def resolve_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """Return the reduction that torch's older arguments mean; without them, `reduction`."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def reduce_losses(values: jax.Array, reduction: str) -> jax.Array:
    """Return all `values`, their mean or their sum: `reduction` is 'none', 'mean' or 'sum'."""
    if reduction == "none":
        return values
    if reduction == "mean":
        return jnp.mean(values)
    if reduction == "sum":
        return jnp.sum(values)
    raise ValueError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")


def broadcast_target(input: jax.Array, target: jax.Array) -> Any:
    """Return input and target broadcast to one shape; warn, as in torch, if their shapes differ."""
    if input.shape != target.shape:
        warnings.warn(
            f"the target has shape {target.shape}, the input {input.shape}: they are broadcast, perhaps by mistake",
            stacklevel=3,
        )
    return jnp.broadcast_arrays(input, target)


def absolute(values: jax.Array) -> jax.Array:
    """Return the absolute values, with gradient 0 at 0 as in torch; that of `lax.abs` is 1."""
    return values * lax.stop_gradient(jnp.sign(values))


def hinge(values: jax.Array) -> jax.Array:
    """Return `max(values, 0)`, with gradient 1 at 0 as in torch's `clamp_min`."""
    return jnp.where(values < 0, 0, values)
