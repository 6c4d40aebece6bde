"""Losses."""

import jax
import jax.numpy as jnp

__all__ = ["cross_entropy", "mse_loss"]


def reduce_values(values: jax.Array, reduction: str) -> jax.Array:
    """All `values`, their mean or their sum, as `reduction` says."""
    if reduction == "none":
        return values
    if reduction == "mean":
        return jnp.mean(values)
    if reduction == "sum":
        return jnp.sum(values)
    raise ValueError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")


def _chosen(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """What torch's older arguments say if they are given, else `reduction`."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def mse_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: jax.Array | None = None,
) -> jax.Array:
    """The squared difference; with a `weight` of each value, the mean is divided by their sum."""
    reduction = _chosen(size_average, reduce, reduction)
    squares = jnp.square(input - target)
    if weight is None:
        return reduce_values(squares, reduction)
    if weight.shape != input.shape:
        raise ValueError(f"weight must have the shape of input, got {weight.shape} and {input.shape}")
    if reduction == "mean":
        return jnp.sum(squares * weight) / jnp.sum(weight)
    return reduce_values(squares * weight, reduction)


def cross_entropy(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> jax.Array:
    """The cross-entropy of class logits `(C)`, `(N, C)` or `(N, C, ...)` with classes or probabilities.

    `target` is integers of the shape without `C`, or floats of the shape of `input`. The mean is weighted by the
    classes' weights and leaves out `ignore_index`. NaN where there is no such class.
    """
    reduction = _chosen(size_average, reduce, reduction)
    axis = 0 if input.ndim == 1 else 1
    classes = input.shape[axis]
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing lies between 0 and 1, got {label_smoothing}")
    if weight is not None and weight.shape != (classes,):
        raise ValueError(f"weight must hold one number for each of {classes} classes, got shape {weight.shape}")
    log = jax.nn.log_softmax(input, axis)
    weighted = log if weight is None else log * weight.reshape(-1, *(1,) * (input.ndim - axis - 1))
    if jnp.issubdtype(target.dtype, jnp.floating):
        if target.shape != input.shape:
            raise ValueError(f"probabilities must have the shape of input, got {target.shape} and {input.shape}")
        losses = -jnp.sum(weighted * (target * (1 - label_smoothing) + label_smoothing / classes), axis)
        return reduce_values(losses, reduction)
    if target.shape != input.shape[:axis] + input.shape[axis + 1 :]:
        raise ValueError(f"classes must have the shape of input without axis {axis}, got {target.shape}, {input.shape}")
    ignored = target == ignore_index
    # A negative class would count from the end.
    index = jnp.where(ignored, 0, jnp.where(target < 0, classes, target))
    losses = -jnp.take_along_axis(weighted, jnp.expand_dims(index, axis), axis, mode="fill").squeeze(axis)
    if label_smoothing:
        losses = losses * (1 - label_smoothing) - jnp.sum(weighted, axis) * (label_smoothing / classes)
    losses = jnp.where(ignored, 0, losses)
    if reduction == "mean":
        counted = jnp.ones(index.shape, input.dtype) if weight is None else weight[index]
        return jnp.sum(losses) / jnp.sum(jnp.where(ignored, 0, counted))
    return reduce_values(losses, reduction)
