"""Dropout and `gumbel_softmax`, which draw at the current scope."""

from typing import Any

import jax
import jax.numpy as jnp

from unified.core.distributions import Bernoulli, Uniform
from unified.core.draws import DROPOUT
from unified.core.dropout import alpha_constants, channel_mask, check_dropout
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
    """Return `input / (1 - p)` where `keep` is true, and zero elsewhere."""
    return jnp.where(keep, input / (1 - p) if p < 1 else input, jnp.zeros((), input.dtype))


def drop_alpha(input: jax.Array, keep: jax.Array, p: float) -> jax.Array:
    """Return `input` where `keep` is true, else a SELU's least value, rescaled so that mean and variance stay."""
    scale, drop_value, shift = alpha_constants(p)
    return jnp.where(keep, input * scale + shift, jnp.asarray(drop_value, input.dtype))


def draw_at_scope(name: str, distribution: Any, shape: tuple[int, ...], dtype: Any, stream: str = "") -> jax.Array:
    """Draw values of `distribution` at the current scope, for the function `name`."""
    scope = current_scope(name)
    return scope.frame.sample(distribution, shape, dtype, scope.frame.next_draw(scope.path, stream))


def _draw_mask(name: str, p: float, shape: tuple[int, ...]) -> jax.Array:
    """Draw a mask that is false with probability `p`, for the function `name`."""
    return draw_at_scope(f"functional.{name}", Bernoulli(1 - p), shape, "bool", DROPOUT)


def _is_active(p: float, training: bool) -> bool:
    """Return whether dropout with probability `p` changes its input; raise if `p` is no probability."""
    check_dropout(p)
    return training and p > 0


def dropout(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Set each value to zero with probability `p`, if `training`; the mask is drawn at the current scope."""
    if not _is_active(p, training):
        return input
    return drop(input, _draw_mask("dropout", p, input.shape), p)


def _drop_channels(name: str, input: jax.Array, p: float, training: bool) -> jax.Array:
    """Set whole channels to zero, for the function `name`."""
    shape = channel_mask(name, input.shape)
    if not _is_active(p, training):
        return input
    return drop(input, _draw_mask(name, p, shape), p)


def dropout1d(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Set whole channels of `(N, C, L)` or `(C, L)` to zero."""
    return _drop_channels("dropout1d", input, p, training)


def dropout2d(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Set whole channels of `(N, C, H, W)` to zero."""
    return _drop_channels("dropout2d", input, p, training)


def dropout3d(input: jax.Array, p: float = 0.5, training: bool = True, inplace: bool = False) -> jax.Array:
    """Set whole channels of `(N, C, D, H, W)` or `(C, D, H, W)` to zero."""
    return _drop_channels("dropout3d", input, p, training)


def alpha_dropout(input: jax.Array, p: float = 0.5, training: bool = False, inplace: bool = False) -> jax.Array:
    """Apply dropout that keeps the mean and the variance of a SELU's output."""
    if not _is_active(p, training):
        return input
    return drop_alpha(input, _draw_mask("alpha_dropout", p, input.shape), p)


def feature_alpha_dropout(input: jax.Array, p: float = 0.5, training: bool = False, inplace: bool = False) -> jax.Array:
    """Apply `alpha_dropout` to whole channels of `(N, C, ...)`."""
    if not _is_active(p, training):
        return input
    shape = channel_mask("feature_alpha_dropout", input.shape)
    return drop_alpha(input, _draw_mask("feature_alpha_dropout", p, shape), p)


def gumbel_softmax(
    logits: jax.Array, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> jax.Array:
    """Draw from each distribution of classes, relaxed by the temperature `tau` (Jang et al., 2016).

    `hard` returns ones and zeros, with the gradient of the soft sample.
    """
    uniform = draw_at_scope("functional.gumbel_softmax", Uniform(2.0**-25, 1.0), logits.shape, logits.dtype)
    soft = jax.nn.softmax((logits - jnp.log(-jnp.log(uniform))) / tau, dim)
    if not hard:
        return soft
    hot = jax.nn.one_hot(jnp.argmax(soft, dim), logits.shape[dim], axis=dim, dtype=logits.dtype)
    return hot - jax.lax.stop_gradient(soft) + soft
