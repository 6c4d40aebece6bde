"""Linear and bilinear maps."""

import jax
import jax.numpy as jnp
from jax import lax

from unified.backends.jax.functional.broadcasting import same_rank, with_rank

__all__ = ["bilinear", "linear"]


def linear(input: jax.Array, weight: jax.Array, bias: jax.Array | None = None) -> jax.Array:
    """Return `input @ weight.T + bias`, contracted without a transpose, which would only add to the trace."""
    if input.dtype != weight.dtype:
        dtype = jnp.promote_types(input.dtype, weight.dtype)
        input, weight = lax.convert_element_type(input, dtype), lax.convert_element_type(weight, dtype)
    output = lax.dot_general(input, weight, (((input.ndim - 1,), (weight.ndim - 1,)), ((), ())))
    if bias is None:
        return output
    if bias.dtype != output.dtype or weight.ndim != 2:
        return sum(same_rank(output, bias))
    return lax.add(output, lax.broadcast_in_dim(bias, output.shape, (output.ndim - 1,)))


def bilinear(input1: jax.Array, input2: jax.Array, weight: jax.Array, bias: jax.Array | None = None) -> jax.Array:
    """Return `input1 @ weight[o] @ input2 + bias[o]` for each output `o`."""
    if input1.shape[:-1] != input2.shape[:-1]:
        raise ValueError(
            f"bilinear takes inputs of equal shapes up to the last dimension, got {input1.shape} and {input2.shape}"
        )
    output = jnp.einsum("...i,oij,...j->...o", input1, weight, input2)
    return output if bias is None else output + with_rank(bias, output.ndim)
