"""Look-up tables."""

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["embedding", "one_hot", "renormalize"]


def renormalize(weight: jax.Array, input: jax.Array, max_norm: float, norm_type: float) -> jax.Array:
    """`weight`, with the rows that `input` names scaled down to `max_norm` where their norm is larger."""
    norms = jnp.linalg.norm(weight, ord=norm_type, axis=1)
    named = jnp.zeros(weight.shape[0], bool).at[input.reshape(-1)].set(True)
    scale = jnp.where(named & (norms > max_norm), max_norm / (norms + 1e-7), 1.0)
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
    """The rows of `weight` that `input` names; NaN where there is no such row.

    `max_norm` holds for the rows that are returned; `weight` itself stays, as arrays are immutable. Gradients are
    dense whatever `sparse` says.
    """
    if max_norm is not None:
        weight = lax.stop_gradient(renormalize(weight, input, max_norm, norm_type) - weight) + weight
    if scale_grad_by_freq:
        counts = jnp.zeros(weight.shape[0], weight.dtype).at[input.reshape(-1)].add(1)
        # The value is unchanged, the gradient of each row divided by how often it is named.
        fixed = lax.stop_gradient(weight)
        weight = fixed + (weight - fixed) / jnp.maximum(counts, 1)[:, None]
    output = weight.at[input].get(mode="fill", fill_value=jnp.nan, wrap_negative_indices=False)
    if padding_idx is not None:
        padding = (input == padding_idx % weight.shape[0])[..., None]
        output = jnp.where(padding, lax.stop_gradient(output), output)
    return output


def one_hot(tensor: jax.Array, num_classes: int = -1) -> jax.Array:
    """Integers `(*)` to zeros and ones `(*, num_classes)`; `-1` counts classes up to the largest value, if known."""
    if not jnp.issubdtype(tensor.dtype, jnp.integer):
        raise TypeError(f"one_hot takes integers, got {tensor.dtype}")
    if num_classes == -1:
        num_classes = int(tensor.max()) + 1
    return jax.nn.one_hot(tensor, num_classes, dtype=jnp.result_type(int))
