"""Embeddings and one-hot vectors."""

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.split_arrays import counts_of, rows_at

__all__ = ["embedding", "embedding_bag", "one_hot", "renormalize"]


def renormalize(weight: jax.Array, input: jax.Array, max_norm: float, norm_type: float) -> jax.Array:
    """Return `weight` with the rows at `input` scaled down to `max_norm` where their norm is larger."""
    norms = jnp.linalg.norm(weight, ord=norm_type, axis=1)
    is_used = counts_of(input, weight.shape[0], jnp.int32) > 0
    scale = jnp.where(is_used & (norms > max_norm), max_norm / (norms + 1e-7), 1.0)
    return weight * scale[:, None].astype(weight.dtype)


def embedding(
    input: jax.Array,
    weight: jax.Array,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> jax.Array:
    """Return the rows of `weight` at the indices `input`; NaN for an index out of range.

    `max_norm` limits the rows that are returned; `weight` itself is unchanged, as arrays are immutable. Gradients are
    dense whatever `sparse` is.
    """
    if max_norm is not None:
        weight = lax.stop_gradient(renormalize(weight, input, max_norm, norm_type) - weight) + weight
    if scale_grad_by_freq:
        counts = counts_of(input, weight.shape[0], weight.dtype)
        # The value is unchanged, and the gradient of each row is divided by the number of its uses.
        constant = lax.stop_gradient(weight)
        weight = constant + (weight - constant) / jnp.maximum(counts, 1)[:, None]
    output = rows_at(weight, input, mode="fill", fill_value=jnp.nan, wrap_negative_indices=False)
    if padding_idx is not None:
        is_padding = (input == padding_idx % weight.shape[0])[..., None]
        output = jnp.where(is_padding, lax.stop_gradient(output), output)
    return output


def _bags(count: int, offsets: jax.Array, include_last_offset: bool) -> tuple[jax.Array, int]:
    """Return the bag of each of `count` entries, and the number of bags."""
    starts = offsets[:-1] if include_last_offset else offsets
    return jnp.searchsorted(starts, jnp.arange(count), side="right") - 1, starts.shape[0]


def embedding_bag(
    input: jax.Array,
    weight: jax.Array,
    offsets: jax.Array | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: jax.Array | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> jax.Array:
    """Return the sum, mean or maximum of the rows of `weight` at the indices of each bag.

    A bag is a row of `input`, or the entries between two `offsets`. Entries that are `padding_idx` do not count, and
    the result for an empty bag is zeros.
    """
    if weight.ndim != 2:
        raise ValueError(f"weight must have two dimensions, got shape {weight.shape}")
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode must be 'sum', 'mean' or 'max', got {mode!r}")
    if mode == "max" and (scale_grad_by_freq or sparse):
        raise ValueError("mode='max' does not take scale_grad_by_freq= or sparse=")
    if per_sample_weights is not None:
        if per_sample_weights.shape != input.shape:
            raise ValueError(f"per_sample_weights must have shape {input.shape}, got {per_sample_weights.shape}")
        if mode != "sum":
            raise ValueError(f"per_sample_weights is for mode='sum', got mode={mode!r}")
    if input.ndim not in (1, 2) or (offsets is None) != (input.ndim == 2):
        shape = "no offsets" if offsets is None else f"offsets of shape {offsets.shape}"
        raise ValueError(f"embedding_bag takes (N, size) alone or (L) with offsets (N), got {input.shape}, {shape}")
    rows = embedding(input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights[..., None]
    is_entry = jnp.ones(input.shape, bool) if padding_idx is None else input != padding_idx % weight.shape[0]
    is_entry = is_entry[..., None]

    def total(values: jax.Array) -> jax.Array:
        return jnp.sum(values, 1) if offsets is None else jax.ops.segment_sum(values, *bags)

    def largest(values: jax.Array) -> jax.Array:
        if offsets is None:
            return jnp.max(values, 1, initial=-jnp.inf)
        return jax.ops.segment_max(values, *bags)

    bags = () if offsets is None else _bags(input.size, offsets, include_last_offset)
    sizes = total(is_entry.astype(weight.dtype))
    if mode == "max":
        return jnp.where(sizes > 0, largest(jnp.where(is_entry, rows, -jnp.inf)), 0)
    sums = total(jnp.where(is_entry, rows, 0))
    return sums / jnp.maximum(sizes, 1) if mode == "mean" else sums


def one_hot(tensor: jax.Array, num_classes: int = -1) -> jax.Array:
    """Return zeros `(*, num_classes)`, with a one at the position of each integer of `tensor`.

    By default the last class is the largest value of `tensor`, which must not be traced.
    """
    if not jnp.issubdtype(tensor.dtype, jnp.integer):
        raise TypeError(f"one_hot takes integers, got {tensor.dtype}")
    if num_classes == -1:
        num_classes = int(tensor.max()) + 1
    return jax.nn.one_hot(tensor, num_classes, dtype=jnp.result_type(int))
