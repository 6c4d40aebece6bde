"""Norms, distances and similarities."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.broadcasting import same_rank
from unified.backends.jax.functional.reduction import absolute

__all__ = ["cosine_similarity", "pairwise_distance", "pdist", "vector_norm"]


def vector_norm(input: jax.Array, p: float, dim: Any, keepdims: bool = False) -> jax.Array:
    """Return the `p`-norm along `dim`, with gradient 0 where it is 0, as in torch."""
    if input.ndim == 0:  # torch takes a number for a vector of one
        return vector_norm(input[None], p, dim)
    size = absolute(input)
    if p == 0:
        return jnp.sum(input != 0, dim, keepdims=keepdims).astype(input.dtype)
    if math.isinf(p):
        return (jnp.max if p > 0 else jnp.min)(size, dim, keepdims=keepdims)
    if p == 1:
        return jnp.sum(size, dim, keepdims=keepdims)
    if p == 2:
        powers = input * input
    else:
        is_zero = size == 0  # where powers below 1 have an infinite gradient
        powers = jnp.where(is_zero, 0, jnp.where(is_zero, 1, size) ** p)
    total = jnp.sum(powers, dim, keepdims=keepdims)
    is_zero = total == 0
    return jnp.where(is_zero, 0, jnp.where(is_zero, 1, total) ** (1 / p))


def pairwise_distance(
    x1: jax.Array, x2: jax.Array, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> jax.Array:
    """Return the `p`-norm of `x1 - x2 + eps` over the last dimension: `(*, D)` to `(*)`."""
    x1, x2 = same_rank(x1, x2)
    return vector_norm(x1 - x2 + eps, p, -1, keepdim)


def cosine_similarity(x1: jax.Array, x2: jax.Array, dim: int = 1, eps: float = 1e-8) -> jax.Array:
    """Return the cosine of the angle between vectors along `dim`, with lengths clamped to at least `eps`."""
    x1, x2 = jnp.broadcast_arrays(jnp.atleast_1d(x1), jnp.atleast_1d(x2))

    def direction(x: jax.Array) -> jax.Array:
        length = vector_norm(x, 2, dim, True)
        # torch clamps the length, and not its gradient.
        return x / (length + lax.stop_gradient(jnp.maximum(length, eps) - length))

    return jnp.sum(direction(x1) * direction(x2), dim)


def pdist(input: jax.Array, p: float = 2.0) -> jax.Array:
    """Return the `p`-norm of the difference of each row to each later one: `(N, D)` to `(N * (N - 1) / 2)`."""
    if input.ndim != 2:
        raise ValueError(f"pdist takes an input (N, D), got shape {input.shape}")
    if p < 0:
        raise ValueError(f"p must not be negative, got {p}")
    first, second = np.triu_indices(input.shape[0], 1)
    return vector_norm(input[first] - input[second], p, -1)
