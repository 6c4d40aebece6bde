"""Classification losses."""

import math
import warnings
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import xlogy

from unified.backends.jax.functional.broadcasting import same_rank
from unified.backends.jax.functional.linear import linear
from unified.backends.jax.functional.reduction import reduce_losses, resolve_reduction
from unified.backends.jax.functional.split_arrays import rows_at

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "kl_div",
    "linear_cross_entropy",
    "nll_loss",
]


def _class_axis(input: jax.Array, weight: jax.Array | None) -> int:
    """Return the axis of the classes; raise unless `weight` has one number for each class."""
    if input.ndim == 0:
        raise ValueError("the input needs a dimension of classes, got a number")
    axis = 0 if input.ndim == 1 else 1
    if weight is not None and weight.shape != (input.shape[axis],):
        raise ValueError(
            f"weight must hold one number for each of {input.shape[axis]} classes, got shape {weight.shape}"
        )
    return axis


def _expand_weight(weight: jax.Array | None, input: jax.Array, axis: int) -> Any:
    """Return the class weights in a shape that broadcasts with the input; 1 without weights."""
    return 1 if weight is None else weight.reshape(*(1,) * axis, -1, *(1,) * (input.ndim - axis - 1))


def _pick_targets(
    log_probs: jax.Array, target: jax.Array, weight: jax.Array | None, ignore_index: int, axis: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the weighted log-probabilities of the targets, their weights, and a mask of the targets to ignore."""
    if target.shape != log_probs.shape[:axis] + log_probs.shape[axis + 1 :]:
        raise ValueError(
            f"classes must have the shape of input without axis {axis}, got {target.shape}, {log_probs.shape}"
        )
    ignore = target == ignore_index
    # A negative class is out of range, and does not count from the end.
    index = jnp.where(ignore, 0, jnp.where(target < 0, log_probs.shape[axis], target))
    target_log_probs = jnp.take_along_axis(log_probs, jnp.expand_dims(index, axis), axis, mode="fill").squeeze(axis)
    weights = jnp.ones(index.shape, log_probs.dtype) if weight is None else rows_at(weight, index, mode="fill")
    return jnp.where(ignore, 0, target_log_probs * weights), jnp.where(ignore, 0, weights), ignore


def _reduce_weighted(losses: jax.Array, weights: jax.Array, reduction: str) -> jax.Array:
    """Reduce losses that are weighted: their mean is divided by the sum of the weights."""
    return jnp.sum(losses) / jnp.sum(weights) if reduction == "mean" else reduce_losses(losses, reduction)


def _reduce_scaled(losses: jax.Array, weight: jax.Array | None, reduction: str) -> jax.Array:
    """Reduce losses that are multiplied by weights: their mean is divided by their number."""
    if weight is not None:
        losses, weight = same_rank(losses, weight)
        losses = losses * weight
    return reduce_losses(losses, reduction)


def nll_loss(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return minus the log-probability `(C)`, `(N, C)` or `(N, C, ...)` of integer classes of the shape without `C`.

    The mean is weighted by the class weights and leaves out `ignore_index`. A class out of range has the loss NaN.
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    axis = _class_axis(input, weight)
    target_log_probs, weights, _ = _pick_targets(input, target, weight, ignore_index, axis)
    return _reduce_weighted(-target_log_probs, weights, reduction)


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
    """Return the cross-entropy of class logits `(C)`, `(N, C)` or `(N, C, ...)` with classes or probabilities.

    `target` is integers of the shape without `C`, or floats of the shape of `input`. With classes, the mean is weighted
    by the class weights and leaves out `ignore_index`. A class out of range has the loss NaN.
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    axis = _class_axis(input, weight)
    classes = input.shape[axis]
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing lies between 0 and 1, got {label_smoothing}")
    log_probs = jax.nn.log_softmax(input, axis)
    if jnp.issubdtype(target.dtype, jnp.floating):
        if target.shape != input.shape:
            raise ValueError(f"probabilities must have the shape of input, got {target.shape} and {input.shape}")
        probs = target * (1 - label_smoothing) + label_smoothing / classes
        return reduce_losses(-jnp.sum(log_probs * _expand_weight(weight, input, axis) * probs, axis), reduction)
    target_log_probs, weights, ignore = _pick_targets(log_probs, target, weight, ignore_index, axis)
    losses = -target_log_probs
    if label_smoothing:
        smooth = jnp.sum(log_probs * _expand_weight(weight, input, axis), axis) * (label_smoothing / classes)
        losses = losses * (1 - label_smoothing) - jnp.where(ignore, 0, smooth)
    return _reduce_weighted(losses, weights, reduction)


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
    """Return the cross-entropy of the logits of a linear layer, for an input `(features)` or `(N, features)`.

    `linear_weight` is `(C, ..., features)`. `options` control how torch splits the computation; JAX ignores them.
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
    return cross_entropy(
        logits,
        target,
        weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


@jax.custom_jvp
def _binary_cross_entropy(input: jax.Array, target: jax.Array) -> jax.Array:
    """Return minus the log-probability of each target, with logarithms of at least -100."""
    least = -100.0
    return (target - 1) * jnp.maximum(jnp.log1p(-input), least) - target * jnp.maximum(jnp.log(input), least)


@_binary_cross_entropy.defjvp
def _binary_cross_entropy_jvp(primals: Any, tangents: Any) -> Any:
    """Compute torch's derivative: by the input at most 1e12 times the error, by the target without a limit."""
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
    """Return minus the log-probability of targets from 0 to 1, for probabilities; NaN outside of 0 to 1."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    if target.shape != input.shape:
        raise ValueError(f"the target must have the shape {input.shape} of input, got {target.shape}")
    return _reduce_scaled(_binary_cross_entropy(input, target), weight, reduction)


def binary_cross_entropy_with_logits(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: jax.Array | None = None,
) -> jax.Array:
    """Return minus the log-probability of targets from 0 to 1, for logits; `pos_weight` multiplies the loss of ones."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    if target.shape != input.shape:
        raise ValueError(f"the target must have the shape {input.shape} of input, got {target.shape}")
    log_probs = jax.nn.log_sigmoid(input)
    if pos_weight is not None:
        pos_weight, target, log_probs, input = same_rank(pos_weight, target, log_probs, input)
        log_probs = log_probs * ((pos_weight - 1) * target + 1)
    return _reduce_scaled((1 - target) * input - log_probs, weight, reduction)


def kl_div(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> jax.Array:
    """Return the divergence of `target` from log-probabilities; `'batchmean'` divides the sum by the batch size."""
    if size_average is None and reduce is None and reduction == "mean":
        warnings.warn(
            "reduction='mean' divides by the number of values: the divergence's definition is 'batchmean'", stacklevel=2
        )
    reduction = resolve_reduction(size_average, reduce, reduction)
    input, target = same_rank(input, target)
    losses = jnp.exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
    if reduction == "batchmean":
        return jnp.sum(losses) / (input.shape[0] if input.ndim else 1)
    return reduce_losses(losses, reduction)
