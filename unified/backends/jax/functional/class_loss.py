"""Losses of classes."""

import math
import warnings
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import xlogy

from unified.backends.jax.functional.linear import linear
from unified.backends.jax.functional.reduction import chosen_reduction, reduced

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "kl_div",
    "linear_cross_entropy",
    "nll_loss",
]


def _class_axis(input: jax.Array, weight: jax.Array | None) -> int:
    """The axis of the classes; raises unless `weight` fits it."""
    if input.ndim == 0:
        raise ValueError("the input needs a dimension of classes, got a number")
    axis = 0 if input.ndim == 1 else 1
    if weight is not None and weight.shape != (input.shape[axis],):
        raise ValueError(
            f"weight must hold one number for each of {input.shape[axis]} classes, got shape {weight.shape}"
        )
    return axis


def _along(weight: jax.Array | None, input: jax.Array, axis: int) -> Any:
    """The classes' weights in a shape that multiplies the input; 1 if there are none."""
    return 1 if weight is None else weight.reshape(-1, *(1,) * (input.ndim - axis - 1))


def _at_classes(
    log: jax.Array, target: jax.Array, weight: jax.Array | None, ignore_index: int, axis: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Weighted log-probabilities of the targets, the weight of each, and which are ignored."""
    if target.shape != log.shape[:axis] + log.shape[axis + 1 :]:
        raise ValueError(f"classes must have the shape of input without axis {axis}, got {target.shape}, {log.shape}")
    ignored = target == ignore_index
    # A negative class would count from the end.
    index = jnp.where(ignored, 0, jnp.where(target < 0, log.shape[axis], target))
    picked = jnp.take_along_axis(log, jnp.expand_dims(index, axis), axis, mode="fill").squeeze(axis)
    counted = jnp.ones(index.shape, log.dtype) if weight is None else weight.at[index].get(mode="fill")
    return jnp.where(ignored, 0, picked * counted), jnp.where(ignored, 0, counted), ignored


def _mean_of_counted(losses: jax.Array, counted: jax.Array, reduction: str) -> jax.Array:
    return jnp.sum(losses) / jnp.sum(counted) if reduction == "mean" else reduced(losses, reduction)


def nll_loss(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Minus the log-probability `(C)`, `(N, C)` or `(N, C, ...)` of integer classes of the shape without `C`.

    The mean is weighted by the classes' weights and leaves out `ignore_index`. NaN where there is no such class.
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    axis = _class_axis(input, weight)
    picked, counted, _ = _at_classes(input, target, weight, ignore_index, axis)
    return _mean_of_counted(-picked, counted, reduction)


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

    `target` is integers of the shape without `C`, or floats of the shape of `input`. The mean over classes is weighted
    by their weights and leaves out `ignore_index`. NaN where there is no such class.
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    axis = _class_axis(input, weight)
    classes = input.shape[axis]
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing lies between 0 and 1, got {label_smoothing}")
    log = jax.nn.log_softmax(input, axis)
    if jnp.issubdtype(target.dtype, jnp.floating):
        if target.shape != input.shape:
            raise ValueError(f"probabilities must have the shape of input, got {target.shape} and {input.shape}")
        share = target * (1 - label_smoothing) + label_smoothing / classes
        return reduced(-jnp.sum(log * _along(weight, input, axis) * share, axis), reduction)
    picked, counted, ignored = _at_classes(log, target, weight, ignore_index, axis)
    losses = -picked
    if label_smoothing:
        spread = jnp.sum(log * _along(weight, input, axis), axis) * (label_smoothing / classes)
        losses = losses * (1 - label_smoothing) - jnp.where(ignored, 0, spread)
    return _mean_of_counted(losses, counted, reduction)


def linear_cross_entropy(
    input: jax.Array,
    linear_weight: jax.Array,
    target: jax.Array,
    *,
    linear_bias: jax.Array | None = None,
    weight: jax.Array | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> jax.Array:
    """The cross-entropy of the logits that a linear layer gives for `(features)` or `(N, features)`.

    `linear_weight` is `(C, ..., features)`. `options` say how torch works in pieces, and have no effect on JAX.
    """
    if input.ndim not in (1, 2):
        raise ValueError(f"linear_cross_entropy takes an input (features) or (N, features), got shape {input.shape}")
    if linear_weight.ndim < 2 or linear_weight.shape[-1] != input.shape[-1]:
        raise ValueError(
            f"an input of {input.shape[-1]} features needs linear_weight (C, ..., {input.shape[-1]}), "
            f"got shape {linear_weight.shape}"
        )
    sizes = linear_weight.shape[:-1]
    if linear_bias is not None and linear_bias.shape != sizes:
        raise ValueError(f"linear_bias must have shape {sizes}, got {linear_bias.shape}")
    if len(sizes) > 1 and input.ndim == 1:
        raise ValueError(f"linear_weight of shape {linear_weight.shape} needs a batched input, got shape {input.shape}")
    bias = None if linear_bias is None else linear_bias.reshape(-1)
    logits = linear(input, linear_weight.reshape(math.prod(sizes), -1), bias).reshape(*input.shape[:-1], *sizes)
    if target.shape == logits.shape and ignore_index is not None:
        raise ValueError("ignore_index is for targets that are classes, and these have the shape of probabilities")
    ignored = -100 if ignore_index is None else ignore_index
    return cross_entropy(
        logits, target, weight, ignore_index=ignored, reduction=reduction, label_smoothing=label_smoothing
    )


@jax.custom_jvp
def _binary_cross_entropy(input: jax.Array, target: jax.Array) -> jax.Array:
    """Minus the log-probability of each target; no logarithm is below -100."""
    least = -100.0
    return (target - 1) * jnp.maximum(jnp.log1p(-input), least) - target * jnp.maximum(jnp.log(input), least)


@_binary_cross_entropy.defjvp
def _binary_cross_entropy_jvp(primals: Any, tangents: Any) -> Any:
    """torch's: the slope in the input is at most 1e12 times the error, the slope in the target is not limited."""
    (input, target), (d_input, d_target) = primals, tangents
    slope = (input - target) / jnp.maximum((1 - input) * input, 1e-12)
    tangent = slope * d_input + (jnp.log1p(-input) - jnp.log(input)) * d_target
    return _binary_cross_entropy(input, target), tangent


def binary_cross_entropy(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Minus the log-probability of targets from 0 to 1, for probabilities; NaN for what is no probability."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    if target.shape != input.shape:
        raise ValueError(f"the target must have the shape {input.shape} of input, got {target.shape}")
    losses = _binary_cross_entropy(input, target)
    return reduced(losses if weight is None else losses * weight, reduction)


def binary_cross_entropy_with_logits(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: jax.Array | None = None,
) -> jax.Array:
    """Minus the log-probability of targets from 0 to 1, for logits; `pos_weight` is a factor for those that are 1."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    if target.shape != input.shape:
        raise ValueError(f"the target must have the shape {input.shape} of input, got {target.shape}")
    log = jax.nn.log_sigmoid(input)
    if pos_weight is not None:
        log = log * ((pos_weight - 1) * target + 1)
    losses = (1 - target) * input - log
    return reduced(losses if weight is None else losses * weight, reduction)


def kl_div(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> jax.Array:
    """The divergence of `target` from log-probabilities; `'batchmean'` divides the sum by the first size."""
    if size_average is None and reduce is None and reduction == "mean":
        warnings.warn(
            "reduction='mean' divides by the number of values: the divergence's definition is 'batchmean'", stacklevel=2
        )
    reduction = chosen_reduction(size_average, reduce, reduction)
    losses = jnp.exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
    if reduction == "batchmean":
        return jnp.sum(losses) / (input.shape[0] if input.ndim else 1)
    return reduced(losses, reduction)
