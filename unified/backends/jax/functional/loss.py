"""Losses."""

import jax
import jax.numpy as jnp

__all__ = ["cross_entropy", "mse_loss"]


def reduce(values: jax.Array, reduction: str) -> jax.Array:
    """All `values`, their mean or their sum, as `reduction` says."""
    if reduction == "none":
        return values
    if reduction == "mean":
        return jnp.mean(values)
    if reduction == "sum":
        return jnp.sum(values)
    raise ValueError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")


def mse_loss(input: jax.Array, target: jax.Array, reduction: str = "mean") -> jax.Array:
    """The squared difference."""
    return reduce(jnp.square(input - target), reduction)


def cross_entropy(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> jax.Array:
    """The cross-entropy of class logits `(C)`, `(N, C)` or `(N, C, ...)` with classes or probabilities.

    `target` is integers of the shape without `C`, or floats of the shape of `input`. The mean is weighted by the
    classes' weights and leaves out `ignore_index`.
    """
    axis = 0 if input.ndim == 1 else 1
    classes = input.shape[axis]
    log = jax.nn.log_softmax(input, axis)
    if weight is not None:
        weights = weight.reshape(-1, *(1,) * (input.ndim - axis - 1))
    if target.shape == input.shape and jnp.issubdtype(target.dtype, jnp.floating):
        smooth = target * (1 - label_smoothing) + label_smoothing / classes
        losses = -jnp.sum(log * smooth * (weights if weight is not None else 1), axis)
        if reduction == "mean":
            return jnp.sum(losses) / (losses.size or 1)
        return reduce(losses, reduction)
    ignored = target == ignore_index
    index = jnp.expand_dims(jnp.where(ignored, 0, target), axis)
    of_class = weight[index.squeeze(axis)] if weight is not None else jnp.ones(target.shape, input.dtype)
    of_class = jnp.where(ignored, 0, of_class)
    losses = -jnp.take_along_axis(log, index, axis).squeeze(axis) * of_class
    if label_smoothing:
        spread = -jnp.sum(log * (weights if weight is not None else 1), axis)
        spread = jnp.where(ignored, 0, spread)
        losses = losses * (1 - label_smoothing) + spread * (label_smoothing / classes)
    if reduction == "mean":
        return jnp.sum(losses) / jnp.sum(of_class)
    return reduce(losses, reduction)
