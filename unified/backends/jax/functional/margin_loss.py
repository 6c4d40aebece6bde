"""Losses with a margin."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.distance import pairwise_distance
from unified.backends.jax.functional.reduction import chosen_reduction, hinge, reduced

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
    """One minus the cosine where the target is 1, and the cosine over `margin` where it is -1."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    if target.ndim > 1 or input1.ndim != target.ndim + 1 or input2.ndim != input1.ndim:
        raise ValueError(
            f"cosine_embedding_loss takes (N, D), (N, D) and (N), or (D), (D) and (), got {input1.shape}, "
            f"{input2.shape} and {target.shape}"
        )
    eps = 1e-12
    squares1, squares2 = jnp.sum(input1 * input1, -1) + eps, jnp.sum(input2 * input2, -1) + eps
    cosine = jnp.sum(input1 * input2, -1) / jnp.sqrt(squares1 * squares2)
    losses = jnp.where(target == 1, 1 - cosine, 0) + jnp.where(target == -1, hinge(cosine - margin), 0)
    return reduced(losses, reduction)


def hinge_embedding_loss(
    input: jax.Array,
    target: jax.Array,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """The input where the target is 1, and what it lacks of `margin` where it is -1."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    losses = jnp.where(target != 1, hinge(margin - input), 0) + jnp.where(target != -1, input, 0)
    return reduced(losses, reduction)


def margin_ranking_loss(
    input1: jax.Array,
    input2: jax.Array,
    target: jax.Array,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """What the first lacks of `margin` over the second where the target is 1, and the reverse where it is -1."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    if not input1.ndim == input2.ndim == target.ndim:
        raise ValueError(
            f"margin_ranking_loss takes arrays of equal rank, got {input1.shape}, {input2.shape} and {target.shape}"
        )
    return reduced(hinge(-target * (input1 - input2) + margin), reduction)


def multilabel_margin_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """What each class of a sample lacks of 1 over each other class, summed, over `C`; the classes end at a -1."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    if input.ndim not in (1, 2) or target.shape != input.shape:
        raise ValueError(f"multilabel_margin_loss takes two arrays (C) or (N, C), got {input.shape} and {target.shape}")
    classes = input.shape[-1]
    is_listed = jnp.cumprod(target >= 0, -1).astype(bool)
    has_class = is_listed[..., None] & (target[..., None] == jnp.arange(classes))
    is_target = jnp.any(has_class, -2)
    picked = jnp.take_along_axis(input, jnp.where(is_listed, target, 0), -1, mode="fill")
    lacks = jax.nn.relu(1 - picked[..., None] + input[..., None, :])
    counted = is_listed[..., None] & ~is_target[..., None, :]
    return reduced(jnp.sum(jnp.where(counted, lacks, 0), (-2, -1)) / classes, reduction)


def multilabel_soft_margin_loss(
    input: jax.Array,
    target: jax.Array,
    weight: jax.Array | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """The mean over the last dimension of minus the log-probability of targets from 0 to 1, for logits."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    losses = -(target * jax.nn.log_sigmoid(input) + (1 - target) * jax.nn.log_sigmoid(-input))
    if weight is not None:
        losses = losses * weight
    return reduced(jnp.sum(losses, -1) / input.shape[-1], reduction)


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
    """What the target lacks of `margin` over each other class, to the power `p`, summed, over `C`."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ValueError(f"p must be 1 or 2, got {p!r}")
    if input.ndim not in (1, 2) or target.size != (input.shape[0] if input.ndim == 2 else 1) or target.ndim > 1:
        raise ValueError(
            f"multi_margin_loss takes (C) and (), or (N, C) and (N), got shapes {input.shape} and {target.shape}"
        )
    classes = input.shape[-1]
    if weight is not None and weight.shape != (classes,):
        raise ValueError(f"weight must hold one number for each of {classes} classes, got shape {weight.shape}")
    index = jnp.where(target < 0, classes, target).reshape(*input.shape[:-1], 1)
    picked = jnp.take_along_axis(input, index, -1, mode="fill")
    lacks = jax.nn.relu(margin - picked + input) ** p
    if weight is not None:
        lacks = lacks * weight.at[index].get(mode="fill")
    losses = jnp.sum(jnp.where(jnp.arange(classes) == index, 0, lacks), -1) / classes
    return reduced(losses.reshape(target.shape), reduction)


def soft_margin_loss(
    input: jax.Array,
    target: jax.Array,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> jax.Array:
    """`log(1 + exp(-target * input))`, which overflows where torch's does."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    return reduced(jnp.log1p(jnp.exp(-target * input)), reduction)


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
    """What the negative's distance from the anchor lacks of `margin` over the positive's, by the `p`-norm."""

    def distance(x: jax.Array, y: jax.Array) -> jax.Array:
        return pairwise_distance(x, y, p, eps)

    reduction = chosen_reduction(size_average, reduce, reduction)
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
    """What the negative's distance from the anchor lacks of `margin` over the positive's, by any distance."""
    if margin <= 0:
        raise ValueError(f"margin must be positive, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise ValueError(
            f"a triplet is three arrays of equal rank, got {anchor.shape}, {positive.shape}, {negative.shape}"
        )
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = jnp.minimum(far, distance(positive, negative))
    return reduced(hinge(margin + near - far), reduction)
