"""Losses of numbers."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.reduction import absolute, chosen_reduction, matched, reduced

__all__ = ["gaussian_nll_loss", "huber_loss", "l1_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss"]


def _weighted(values: jax.Array, input: jax.Array, weight: jax.Array | None, reduction: str) -> jax.Array:
    """The reduction of weighted values, whose mean is divided by the sum of the weights."""
    if weight is None:
        return reduced(values, reduction)
    if weight.shape != input.shape:
        raise ValueError(f"weight must have the shape of input, got {weight.shape} and {input.shape}")
    if reduction == "mean":
        return jnp.sum(values * weight) / jnp.sum(weight)
    return reduced(values * weight, reduction)


def l1_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: jax.Array | None = None,
) -> jax.Array:
    """The absolute difference; with a `weight` of each value, the mean is divided by their sum."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    wide, target = matched(input, target)
    return _weighted(absolute(wide - target), input, weight, reduction)


def mse_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: jax.Array | None = None,
) -> jax.Array:
    """The squared difference; with a `weight` of each value, the mean is divided by their sum."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    wide, target = matched(input, target)
    return _weighted(jnp.square(wide - target), input, weight, reduction)


def _huber(difference: jax.Array, delta: float) -> jax.Array:
    size = absolute(difference)
    is_small = size <= delta
    small = jnp.where(is_small, size, 0)  # an infinite one has no parabola
    return jnp.where(is_small, small * small / 2, delta * (size - delta / 2))


def smooth_l1_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> jax.Array:
    """A parabola up to a difference of `beta`, and from there a line of slope 1."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    if beta < 0:
        raise ValueError(f"beta must not be negative, got {beta}")
    wide, target = matched(input, target)
    difference = wide - target
    return reduced(absolute(difference) if beta == 0 else _huber(difference, beta) / beta, reduction)


def huber_loss(
    input: jax.Array,
    target: jax.Array,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: jax.Array | None = None,
) -> jax.Array:
    """A parabola up to a difference of `delta`, and from there a line of slope `delta`, times `weight`."""
    if delta <= 0:
        raise ValueError(f"delta must be positive, got {delta}")
    wide, target = matched(input, target)
    losses = _huber(wide - target, delta)
    if weight is None:
        return reduced(losses, reduction)
    if weight.shape != input.shape:
        raise ValueError(f"weight must have the shape of input, got {weight.shape} and {input.shape}")
    return reduced(losses * weight, reduction)


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
    """Minus the log-likelihood of counts, up to the logarithm of their factorial, which `full` approximates."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    losses = jnp.exp(input) - target * input if log_input else input - target * jnp.log(input + eps)
    if full:
        has_factorial = target > 1
        count = jnp.where(has_factorial, target, 2)
        stirling = count * jnp.log(count) - count + jnp.log(2 * math.pi * count) / 2
        losses = losses + jnp.where(has_factorial, stirling, 0)
    return reduced(losses, reduction)


def gaussian_nll_loss(
    input: jax.Array,
    target: jax.Array,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> jax.Array:
    """Minus the log-likelihood of normal values with mean `input` and variance `var`; NaN where that is negative."""
    if isinstance(var, float):
        if var < 0:
            raise ValueError(f"var must not be negative, got {var}")
        var = jnp.full_like(input, var)
    if var.shape != input.shape:
        if var.shape == input.shape[:-1]:
            var = var[..., None]
        elif var.ndim != input.ndim or sum(v for i, v in zip(input.shape, var.shape, strict=True) if i != v) != 1:
            raise ValueError(
                f"var must have the shape {input.shape} of input, that with one size 1, or that without the last "
                f"dimension, got {var.shape}"
            )
    clamped = jnp.where(var < 0, jnp.nan, jnp.maximum(var, eps))
    var = var + lax.stop_gradient(clamped - var)  # torch clamps the value, and not the gradient
    losses = (jnp.log(var) + jnp.square(input - target) / var) / 2
    return reduced(losses + math.log(2 * math.pi) / 2 if full else losses, reduction)
