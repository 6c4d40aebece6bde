"""Dropout in a model's body."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.core.distributions import Bernoulli, Uniform
from unified.core.dropout import alpha_constants, channel_mask
from unified.core.scope import current_scope

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "gumbel_softmax",
]


def drop(input: jax.Array, keep: jax.Array, p: float) -> jax.Array:
    """`input` divided by `1 - p` where `keep` is true, else zero."""
    return jnp.where(keep, input / (1 - p) if p < 1 else input, jnp.zeros((), input.dtype))


def drop_alpha(input: jax.Array, keep: jax.Array, p: float) -> jax.Array:
    """`input` where `keep` is true, else the least value of a SELU, both moved so that mean and variance stay."""
    scale, dropped, shift = alpha_constants(p)
    return jnp.where(keep, input * scale + shift, jnp.asarray(dropped, input.dtype))


def draw_here(what: str, distribution: Any, shape: tuple[int, ...], dtype: Any) -> jax.Array:
    """Values of `distribution`, drawn at the current scope."""
    scope = current_scope(what)
    return scope.frame.sample(distribution, shape, dtype, scope.path, scope.frame.draw_index(scope.path))


def _drops(p: float, training: bool) -> bool:
    if not 0 <= p <= 1:
        raise ValueError(f"a dropout probability lies between 0 and 1, got {p}")
    return training and p > 0


def dropout(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Zeroes each value with probability `p`, if `training`; the mask is drawn at the current scope."""
    if not _drops(p, training):
        return input
    return drop(input, draw_here("functional.dropout", Bernoulli(1 - p), input.shape, "bool"), p)


def _drop_channels(name: str, input: jax.Array, p: float, training: bool) -> jax.Array:
    shape = channel_mask(name, input.shape)
    if not _drops(p, training):
        return input
    return drop(input, draw_here(f"functional.{name}", Bernoulli(1 - p), shape, "bool"), p)


def dropout1d(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Zeroes whole channels of `(N, C, L)` or `(C, L)`."""
    return _drop_channels("dropout1d", input, p, training)


def dropout2d(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Zeroes whole channels of `(N, C, H, W)`."""
    return _drop_channels("dropout2d", input, p, training)


def dropout3d(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Zeroes whole channels of `(N, C, D, H, W)` or `(C, D, H, W)`."""
    return _drop_channels("dropout3d", input, p, training)


def alpha_dropout(input: jax.Array, p: float = 0.5, training: bool = False, inplace: bool = False) -> jax.Array:
    """Dropout that keeps mean and variance of what a SELU returns."""
    if not _drops(p, training):
        return input
    return drop_alpha(input, draw_here("functional.alpha_dropout", Bernoulli(1 - p), input.shape, "bool"), p)


def feature_alpha_dropout(input: jax.Array, p: float = 0.5, training: bool = False, inplace: bool = False) -> jax.Array:
    """`alpha_dropout` of whole channels of `(N, C, ...)`."""
    shape = channel_mask("feature_alpha_dropout", input.shape)
    if not _drops(p, training):
        return input
    return drop_alpha(input, draw_here("functional.feature_alpha_dropout", Bernoulli(1 - p), shape, "bool"), p)


def gumbel_softmax(
    logits: jax.Array, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> jax.Array:
    """A sample of each distribution of classes, softened by the temperature `tau` (Jang et al., 2016).

    `hard` returns ones and zeros, with the gradient of the soft sample.
    """
    uniform = draw_here("functional.gumbel_softmax", Uniform(2.0**-25, 1.0), logits.shape, logits.dtype)
    soft = jax.nn.softmax((logits - jnp.log(-jnp.log(uniform))) / tau, dim)
    if not hard:
        return soft
    chosen = jax.nn.one_hot(jnp.argmax(soft, dim), logits.shape[dim], axis=dim, dtype=logits.dtype)
    return chosen - jax.lax.stop_gradient(soft) + soft
