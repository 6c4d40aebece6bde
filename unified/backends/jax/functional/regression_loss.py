"""Regression losses."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.broadcasting import same_rank
from unified.backends.jax.functional.reduction import absolute, broadcast_target, reduce_losses, resolve_reduction

__all__ = ["gaussian_nll_loss", "huber_loss", "l1_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss"]


def _reduce_weighted(values: jax.Array, input: jax.Array, weight: jax.Array | None, reduction: str) -> jax.Array:
    """Reduce weighted values; their mean is divided by the sum of the weights."""
    if weight is None:
        return reduce_losses(values, reduction)
    if weight.shape != input.shape:
        raise ValueError(f"weight must have the shape of input, got {weight.shape} and {input.shape}")
    if reduction == "mean":
        return jnp.sum(values * weight) / jnp.sum(weight)
    return reduce_losses(values * weight, reduction)


def l1_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: jax.Array | None = None,
) -> jax.Array:
    """Return the absolute difference; with a `weight` of each value, the mean is a weighted mean."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    predictions, target = broadcast_target(input, target)
    return _reduce_weighted(absolute(predictions - target), input, weight, reduction)


def mse_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: jax.Array | None = None,
) -> jax.Array:
    """Return the squared difference; with a `weight` of each value, the mean is a weighted mean."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    predictions, target = broadcast_target(input, target)
    return _reduce_weighted(jnp.square(predictions - target), input, weight, reduction)


def _huber(difference: jax.Array, delta: float) -> jax.Array:
    """Return half the square of a difference up to `delta`, and beyond it the tangent of slope `delta`."""
    size = absolute(difference)
    is_small = size <= delta
    small = jnp.where(is_small, size, 0)  # keeps infinities out of the square, and NaN out of its gradient
    return jnp.where(is_small, small * small / 2, delta * (size - delta / 2))


def smooth_l1_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> jax.Array:
    """Return `difference**2 / (2 * beta)` for differences up to `beta`, and beyond it the tangent, of slope 1."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    if beta < 0:
        raise ValueError(f"beta must not be negative, got {beta}")
    predictions, target = broadcast_target(input, target)
    difference = predictions - target
    return reduce_losses(absolute(difference) if beta == 0 else _huber(difference, beta) / beta, reduction)


def huber_loss(
    input: jax.Array,
    target: jax.Array,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: jax.Array | None = None,
) -> jax.Array:
    """Return half the square of differences up to `delta`, beyond it the tangent of slope `delta`, times `weight`."""
    if delta <= 0:
        raise ValueError(f"delta must be positive, got {delta}")
    predictions, target = broadcast_target(input, target)
    losses = _huber(predictions - target, delta)
    if weight is None:
        return reduce_losses(losses, reduction)
    if weight.shape != input.shape:
        raise ValueError(f"weight must have the shape of input, got {weight.shape} and {input.shape}")
    return reduce_losses(losses * weight, reduction)


def poisson_nll_loss(
    input: jax.Array,
    target: jax.Array,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return minus the log-likelihood of counts without the log of their factorial, which `full` approximates."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    input, target = same_rank(input, target)
    losses = jnp.exp(input) - target * input if log_input else input - target * jnp.log(input + eps)
    if full:
        has_factorial = target > 1
        count = jnp.where(has_factorial, target, 2)
        stirling = count * jnp.log(count) - count + jnp.log(2 * math.pi * count) / 2
        losses = losses + jnp.where(has_factorial, stirling, 0)
    return reduce_losses(losses, reduction)


def gaussian_nll_loss(
    input: jax.Array,
    target: jax.Array,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> jax.Array:
    """Return minus the log-likelihood of normal values of mean `input` and variance `var`; NaN for a negative one."""
    if isinstance(var, float):
        if var < 0:
            raise ValueError(f"var must not be negative, got {var}")
        var = jnp.full_like(input, var)
    if var.shape != input.shape:
        if var.shape == input.shape[:-1]:
            var = var[..., None]
        elif var.ndim != input.ndim or sum(v for i, v in zip(input.shape, var.shape, strict=True) if i != v) != 1:
            raise ValueError(
                f"var must have input's shape {input.shape}, or that shape with one size replaced by 1 or without its "
                f"last dimension, got {var.shape}"
            )
    input, target, var = same_rank(input, target, var)
    clamped = jnp.where(var < 0, jnp.nan, jnp.maximum(var, eps))
    var = var + lax.stop_gradient(clamped - var)  # as in torch, the value is clamped, and not the gradient
    losses = (jnp.log(var) + jnp.square(input - target) / var) / 2
    return reduce_losses(losses + math.log(2 * math.pi) / 2 if full else losses, reduction)
