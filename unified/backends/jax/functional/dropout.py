"""Dropout in a model's body."""

import jax
import jax.numpy as jnp

from unified.core.distributions import Bernoulli
from unified.core.scope import here

__all__ = ["drop", "dropout"]


def drop(input: jax.Array, keep: jax.Array, p: float) -> jax.Array:
    """`input` divided by `1 - p` where `keep` is true, else zero."""
    return jnp.where(keep, input / (1 - p) if p < 1 else input, jnp.zeros((), input.dtype))


def dropout(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Zeroes each value with probability `p`, if `training`; the mask is drawn at the current scope."""
    if not 0 <= p <= 1:
        raise ValueError(f"a dropout probability lies between 0 and 1, got {p}")
    if not training or p == 0:
        return input
    scope = here("functional.dropout")
    keep = scope.frame.sample(Bernoulli(1 - p), input.shape, "bool", scope.path, scope.frame.draw_index(scope.path))
    return drop(input, keep, p)
