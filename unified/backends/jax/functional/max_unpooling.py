"""Values put back to where the largest of each window was found."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.pooling_windows import check_input, numbers

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


def _output_sizes(sizes: tuple[int, ...], kernel: Any, stride: Any, padding: Any, output_size: Any) -> tuple[int, ...]:
    """The sizes that pooling made `sizes` of: those that it may have had are told apart by `output_size`."""
    dimensions = len(sizes)
    kernel = numbers("kernel_size", kernel, dimensions)
    stride = kernel if stride is None else numbers("stride", stride, dimensions)
    padding = numbers("padding", padding, dimensions)
    if min(stride) < 1:
        raise ValueError(f"stride must be positive, got {stride}")
    usual = [(n - 1) * s + k - 2 * p for n, k, s, p in zip(sizes, kernel, stride, padding, strict=True)]
    found = tuple(usual if output_size is None else output_size)
    if len(found) == dimensions + 2:
        found = found[2:]
    if len(found) != dimensions:
        raise ValueError(f"output_size must be {dimensions} sizes, or {dimensions + 2} with N and C, got {output_size}")
    for size, least, step in zip(found, usual, stride, strict=True):
        if not max(least - step, -1) < size < least + step:
            raise ValueError(f"output_size must be within {step} of {usual} and not negative, got {list(found)}")
    return found


def _max_unpool(
    dimensions: int,
    input: jax.Array,
    indices: jax.Array,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> jax.Array:
    check_input(dimensions, input, dimensions + 1)
    if indices.shape != input.shape:
        raise ValueError(f"max_unpool needs an index for each value, got shapes {indices.shape} and {input.shape}")
    if not jnp.issubdtype(indices.dtype, jnp.integer):
        raise TypeError(f"indices must be integers, got {indices.dtype}")
    sizes = _output_sizes(input.shape[-dimensions:], kernel_size, stride, padding, output_size)
    lead, count = input.shape[:-dimensions], math.prod(sizes)
    values, places = (x.reshape(math.prod(lead), math.prod(x.shape[-dimensions:])) for x in (input, indices))
    # A jitted function cannot raise for what is not there.
    is_inside = jnp.all((places >= 0) & (places < count), 1, keepdims=True)
    values = jnp.where(is_inside, values, jnp.nan)
    rows = jnp.arange(len(values))[:, None]
    flat = jnp.zeros((len(values), count), input.dtype)
    # Overlapping windows name a place twice, with equal values: which one is written makes no difference.
    flat = flat.at[rows, places].set(values, mode="drop", unique_indices=True, wrap_negative_indices=False)
    return flat.reshape(*lead, *sizes)


def max_unpool1d(
    input: jax.Array,
    indices: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> jax.Array:
    """The input of `max_pool1d` from its output and indices, zero but for the largest values.

    `output_size` tells which of the sizes that give that output it had. A channel with an index that is out of range
    holds NaN in place of its values.
    """
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: jax.Array,
    indices: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> jax.Array:
    """The input of `max_pool2d` from its output and indices, zero but for the largest values.

    `output_size` tells which of the sizes that give that output it had. A channel with an index that is out of range
    holds NaN in place of its values.
    """
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: jax.Array,
    indices: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> jax.Array:
    """The input of `max_pool3d` from its output and indices, zero but for the largest values.

    `output_size` tells which of the sizes that give that output it had. A channel with an index that is out of range
    holds NaN in place of its values.
    """
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)
