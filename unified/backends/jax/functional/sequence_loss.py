"""Losses of sequences."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from unified.backends.jax.functional.reduction import reduced

__all__ = ["ctc_loss"]

_NEVER = -1e30  # a log-probability that is zero in effect, with differences that are not NaN


def _padded(targets: jax.Array, lengths: Any) -> jax.Array:
    """Targets that stand one after the other as rows."""
    longest = targets.shape[0] if isinstance(lengths, jax.core.Tracer) else int(np.max(np.asarray(lengths), initial=0))
    lengths = jnp.asarray(lengths).reshape(-1)
    starts = jnp.cumsum(lengths) - lengths
    return targets.at[starts[:, None] + jnp.arange(longest)].get(mode="fill", fill_value=0)


def _minus_log_likelihood(
    log_probs: jax.Array, targets: jax.Array, input_lengths: jax.Array, target_lengths: jax.Array, blank: int
) -> jax.Array:
    """Of each `(N, S)` target, over all ways to stretch it to its input's length."""
    batch, longest = targets.shape
    # The states: a blank, then each label followed by a blank.
    labels = jnp.full((batch, 2 * longest + 1), blank, targets.dtype).at[:, 1::2].set(targets)
    # A label may follow another without a blank, unless they are equal.
    skips = (labels != blank) & (labels != jnp.roll(labels, 2, 1)) & (jnp.arange(labels.shape[1]) > 1)

    def shifted(alpha: jax.Array, by: int) -> jax.Array:
        return jnp.pad(alpha, ((0, 0), (by, 0)), constant_values=_NEVER)[:, : alpha.shape[1]]

    def step(alpha: jax.Array, now: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        time, log = now
        emitted = jnp.maximum(jnp.take_along_axis(log, labels, 1), _NEVER)
        stayed = jnp.logaddexp(alpha, shifted(alpha, 1))
        reached = jnp.logaddexp(stayed, jnp.where(skips, shifted(alpha, 2), _NEVER))
        new = jnp.maximum(reached + emitted, _NEVER)
        return jnp.where((time < input_lengths)[:, None], new, alpha), None

    start = jnp.full(labels.shape, _NEVER, log_probs.dtype).at[:, 0].set(0)
    # Before the first step only the blank state is held, and it may be left for the first label.
    alpha, _ = lax.scan(step, start, (jnp.arange(log_probs.shape[0]), log_probs))
    last = 2 * target_lengths[:, None]
    ends = jnp.take_along_axis(alpha, jnp.concatenate([last, jnp.maximum(last - 1, 0)], 1), 1)
    before = jnp.where(target_lengths > 0, ends[:, 1], _NEVER)
    return -jnp.logaddexp(ends[:, 0], before)


def ctc_loss(
    log_probs: jax.Array,
    targets: jax.Array,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> jax.Array:
    """Minus the log-probability of targets over all ways to stretch them to `(T, N, C)`; infinite if they do not fit.

    `targets` are `(N, S)`, or all one after the other. The gradient is that of `log_softmax` applied before, as in
    torch: the logits' probabilities minus the states'.
    """
    is_batched = log_probs.ndim == 3
    if log_probs.ndim not in (2, 3):
        raise ValueError(f"log_probs must be (T, N, C) or (T, C), got shape {log_probs.shape}")
    if not 0 <= blank < log_probs.shape[-1]:
        raise ValueError(f"blank must be one of {log_probs.shape[-1]} classes, got {blank}")
    if not is_batched:
        log_probs = log_probs[:, None]
    if targets.ndim == 1:
        targets = _padded(targets, target_lengths)
    input_lengths, target_lengths = (jnp.asarray(x).reshape(-1) for x in (input_lengths, target_lengths))
    batch = log_probs.shape[1]
    if not batch == targets.shape[0] == input_lengths.shape[0] == target_lengths.shape[0]:
        raise ValueError(
            f"a batch of {batch} needs as many targets and lengths, got {targets.shape[0]}, "
            f"{input_lengths.shape[0]} and {target_lengths.shape[0]}"
        )
    losses = _minus_log_likelihood(log_probs, targets, input_lengths, target_lengths, blank)
    is_read = (jnp.arange(log_probs.shape[0])[:, None] < input_lengths)[..., None]
    total = jnp.sum(jnp.where(is_read, jnp.exp(log_probs), 0), (0, 2))
    losses = losses + total - lax.stop_gradient(total)
    losses = jnp.where(losses > -_NEVER / 2, 0 if zero_infinity else jnp.inf, losses)
    if reduction == "mean":
        return jnp.mean(losses / jnp.maximum(target_lengths, 1))
    return reduced(losses if is_batched else losses[0], reduction)
