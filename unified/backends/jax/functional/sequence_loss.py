"""Sequence losses."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.carries import typed_carry
from unified.backends.jax.functional.reduction import reduce_losses

__all__ = ["ctc_loss"]

_LOG_ZERO = -1e30  # the log of a probability of 0 in effect, finite so that differences are not NaN


def _pad_targets(targets: jax.Array, lengths: Any) -> jax.Array:
    """Return concatenated targets as the rows of one array, padded with zeros."""
    longest = targets.shape[0] if isinstance(lengths, jax.core.Tracer) else int(np.max(np.asarray(lengths), initial=0))
    lengths = jnp.asarray(lengths).reshape(-1)
    starts = jnp.cumsum(lengths) - lengths
    return targets.at[starts[:, None] + jnp.arange(longest)[None]].get(mode="fill", fill_value=0)


def _minus_log_likelihood(
    log_probs: jax.Array, targets: jax.Array, input_lengths: jax.Array, target_lengths: jax.Array, blank: int
) -> jax.Array:
    """Return minus the log-likelihood of each target of `(N, S)`, over all its alignments to the input's length."""
    batch, longest = targets.shape
    # The states are a blank, and each label followed by a blank.
    labels = jnp.full((batch, 2 * longest + 1), blank, targets.dtype).at[:, 1::2].set(targets)
    # A label may follow another label without a blank between them, unless they are equal.
    can_skip = (labels != blank) & (labels != jnp.roll(labels, 2, 1)) & (jnp.arange(labels.shape[1])[None] > 1)

    def shift(alpha: jax.Array, count: int) -> jax.Array:
        return jnp.pad(alpha, ((0, 0), (count, 0)), constant_values=_LOG_ZERO)[:, : alpha.shape[1]]

    def step(alpha: jax.Array, x: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        time, class_log_probs = x
        emission = jnp.maximum(jnp.take_along_axis(class_log_probs, labels, 1), _LOG_ZERO)
        transition = jnp.logaddexp(alpha, shift(alpha, 1))
        transition = jnp.logaddexp(transition, jnp.where(can_skip, shift(alpha, 2), _LOG_ZERO))
        new = jnp.maximum(transition + emission, _LOG_ZERO)
        return jnp.where((time < input_lengths)[:, None], new, alpha), None

    start = jnp.full(labels.shape, _LOG_ZERO, log_probs.dtype).at[:, 0].set(0)
    # Before the first step the state is the first blank, from which the first label is one transition away.
    start = typed_carry(lambda alpha: step(alpha, (jnp.arange(1)[0], log_probs[0]))[0], start)
    alpha, _ = lax.scan(step, start, (jnp.arange(log_probs.shape[0]), log_probs))
    last = 2 * target_lengths[:, None]
    finals = jnp.take_along_axis(alpha, jnp.concatenate([last, jnp.maximum(last - 1, 0)], 1), 1)
    last_label = jnp.where(target_lengths > 0, finals[:, 1], _LOG_ZERO)
    return -jnp.logaddexp(finals[:, 0], last_label)


def ctc_loss(
    log_probs: jax.Array,
    targets: jax.Array,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> jax.Array:
    """Return minus the log-likelihood of targets over all alignments to `(T, N, C)`; infinite if they do not fit.

    `targets` are `(N, S)`, or concatenated. As in torch, the gradient is that of the logits for which `log_probs` is
    the `log_softmax`: the probabilities of the classes minus those of the states.
    """
    is_batched = log_probs.ndim == 3
    if log_probs.ndim not in (2, 3):
        raise ValueError(f"log_probs must be (T, N, C) or (T, C), got shape {log_probs.shape}")
    if not 0 <= blank < log_probs.shape[-1]:
        raise ValueError(f"blank must be one of {log_probs.shape[-1]} classes, got {blank}")
    if not is_batched:
        log_probs = log_probs[:, None]
    if targets.ndim == 1:
        targets = _pad_targets(targets, target_lengths)
    input_lengths, target_lengths = (jnp.asarray(x).reshape(-1) for x in (input_lengths, target_lengths))
    batch = log_probs.shape[1]
    if not batch == targets.shape[0] == input_lengths.shape[0] == target_lengths.shape[0]:
        raise ValueError(
            f"a batch of {batch} needs as many targets and lengths, got {targets.shape[0]}, "
            f"{input_lengths.shape[0]} and {target_lengths.shape[0]}"
        )
    losses = _minus_log_likelihood(log_probs, targets, input_lengths, target_lengths, blank)
    in_sequence = (jnp.arange(log_probs.shape[0])[:, None] < input_lengths[None])[..., None]
    total = jnp.sum(jnp.where(in_sequence, jnp.exp(log_probs), 0), (0, 2))
    losses = losses + total - lax.stop_gradient(total)
    losses = jnp.where(losses > -_LOG_ZERO / 2, 0 if zero_infinity else jnp.inf, losses)
    if reduction == "mean":
        return jnp.mean(losses / jnp.maximum(target_lengths, 1))
    return reduce_losses(losses if is_batched else losses[0], reduction)
