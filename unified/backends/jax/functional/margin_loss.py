"""Margin losses."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.broadcasting import same_rank, with_rank
from unified.backends.jax.functional.distance import pairwise_distance
from unified.backends.jax.functional.reduction import hinge, reduce_losses, resolve_reduction
from unified.backends.jax.functional.split_arrays import rows_at

__all__ = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


def cosine_embedding_loss(
    input1: jax.Array,
    input2: jax.Array,
    target: jax.Array,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return `1 - cosine` where the target is 1, and the excess of the cosine over `margin` where it is -1."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    if target.ndim > 1 or input1.ndim != target.ndim + 1 or input2.ndim != input1.ndim:
        raise ValueError(
            f"cosine_embedding_loss takes (N, D), (N, D) and (N), or (D), (D) and (), got {input1.shape}, "
            f"{input2.shape} and {target.shape}"
        )
    eps = 1e-12
    squares1, squares2 = jnp.sum(input1 * input1, -1) + eps, jnp.sum(input2 * input2, -1) + eps
    cosine = jnp.sum(input1 * input2, -1) / jnp.sqrt(squares1 * squares2)
    losses = jnp.where(target == 1, 1 - cosine, 0) + jnp.where(target == -1, hinge(cosine - margin), 0)
    return reduce_losses(losses, reduction)


def hinge_embedding_loss(
    input: jax.Array,
    target: jax.Array,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return the input where the target is 1, and `max(0, margin - input)` where it is -1."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    input, target = same_rank(input, target)
    losses = jnp.where(target != 1, hinge(margin - input), 0) + jnp.where(target != -1, input, 0)
    return reduce_losses(losses, reduction)


def margin_ranking_loss(
    input1: jax.Array,
    input2: jax.Array,
    target: jax.Array,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return `max(0, margin - target * (input1 - input2))`."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    if not input1.ndim == input2.ndim == target.ndim:
        raise ValueError(
            f"margin_ranking_loss takes arrays of equal rank, got {input1.shape}, {input2.shape} and {target.shape}"
        )
    return reduce_losses(hinge(-target * (input1 - input2) + margin), reduction)


def multilabel_margin_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return the sum of `max(0, 1 - (x[target] - x[other]))` over target and other classes, divided by `C`.

    `target` lists the target classes of each sample, up to the first -1.
    """
    reduction = resolve_reduction(size_average, reduce, reduction)
    if input.ndim not in (1, 2) or target.shape != input.shape:
        raise ValueError(f"multilabel_margin_loss takes two arrays (C) or (N, C), got {input.shape} and {target.shape}")
    classes = input.shape[-1]
    is_listed = jnp.cumprod(target >= 0, -1).astype(bool)
    has_class = is_listed[..., None] & (target[..., None] == with_rank(jnp.arange(classes), target.ndim + 1))
    is_target = jnp.any(has_class, -2)
    target_values = jnp.take_along_axis(input, jnp.where(is_listed, target, 0), -1, mode="fill")
    excess = jax.nn.relu(1 - target_values[..., None] + input[..., None, :])
    is_pair = is_listed[..., None] & ~is_target[..., None, :]
    return reduce_losses(jnp.sum(jnp.where(is_pair, excess, 0), (-2, -1)) / classes, reduction)


def multilabel_soft_margin_loss(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return minus the log-probability of targets from 0 to 1 for logits, averaged over the last dimension."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    input, target = same_rank(input, target)
    losses = -(target * jax.nn.log_sigmoid(input) + (1 - target) * jax.nn.log_sigmoid(-input))
    if weight is not None:
        losses, weight = same_rank(losses, weight)
        losses = losses * weight
    return reduce_losses(jnp.sum(losses, -1) / input.shape[-1], reduction)


def multi_margin_loss(
    input: jax.Array,
    target: jax.Array,
    p: int = 1,
    margin: float = 1.0,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return the sum of `max(0, margin - (x[target] - x[other])) ** p` over the other classes, divided by `C`."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError(f"p must be 1 or 2, got {p!r}")
    if input.ndim not in (1, 2) or target.size != (input.shape[0] if input.ndim == 2 else 1) or target.ndim > 1:
        raise ValueError(
            f"multi_margin_loss takes (C) and (), or (N, C) and (N), got shapes {input.shape} and {target.shape}"
        )
    classes = input.shape[-1]
    if weight is not None and weight.shape != (classes,):
        raise ValueError(f"weight must have one number for each of {classes} classes, got shape {weight.shape}")
    index = jnp.where(target < 0, classes, target).reshape(*input.shape[:-1], 1)
    target_values = jnp.take_along_axis(input, index, -1, mode="fill")
    excess = jax.nn.relu(margin - target_values + input) ** p
    if weight is not None:
        excess = excess * rows_at(weight, index, mode="fill")
    losses = jnp.sum(jnp.where(with_rank(jnp.arange(classes), index.ndim) == index, 0, excess), -1) / classes
    return reduce_losses(losses.reshape(target.shape), reduction)


def soft_margin_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return `log(1 + exp(-target * input))`, which overflows as in torch."""
    reduction = resolve_reduction(size_average, reduce, reduction)
    input, target = same_rank(input, target)
    return reduce_losses(jnp.log1p(jnp.exp(-target * input)), reduction)


def triplet_margin_loss(
    anchor: jax.Array,
    positive: jax.Array,
    negative: jax.Array,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """Return `max(0, margin + d(anchor, positive) - d(anchor, negative))`, with the `p`-norm as the distance `d`."""

    def distance(x: jax.Array, y: jax.Array) -> jax.Array:
        return pairwise_distance(x, y, p, eps)

    reduction = resolve_reduction(size_average, reduce, reduction)
    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


def triplet_margin_with_distance_loss(
    anchor: jax.Array,
    positive: jax.Array,
    negative: jax.Array,
    *,
    distance_function: Callable[[jax.Array, jax.Array], jax.Array] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> jax.Array:
    """Return `max(0, margin + d(anchor, positive) - d(anchor, negative))`, with any distance `d`."""
    if margin <= 0:
        raise ValueError(f"margin must be positive, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise ValueError(
            f"anchor, positive and negative must have one rank, got {anchor.shape}, {positive.shape}, {negative.shape}"
        )
    distance = pairwise_distance if distance_function is None else distance_function
    positive_distance, negative_distance = distance(anchor, positive), distance(anchor, negative)
    if swap:
        negative_distance = jnp.minimum(negative_distance, distance(positive, negative))
    return reduce_losses(hinge(margin + positive_distance - negative_distance), reduction)
