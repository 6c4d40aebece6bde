"""Max unpooling, the partial inverse of max pooling."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from unified.backends.jax.functional.pooling_windows import check_input, numbers
from unified.backends.jax.functional.split_arrays import reshape

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


def _output_sizes(sizes: tuple[int, ...], kernel: Any, stride: Any, padding: Any, output_size: Any) -> tuple[int, ...]:
    """Return the sizes of the input of pooling from those of its output; `output_size` chooses between several."""
    dimensions = len(sizes)
    kernel = numbers("kernel_size", kernel, dimensions)
    stride = kernel if stride is None else numbers("stride", stride, dimensions)
    padding = numbers("padding", padding, dimensions)
    if min(stride) < 1:
        raise ValueError(f"stride must be positive, got {stride}")
    default = [(n - 1) * s + k - 2 * p for n, k, s, p in zip(sizes, kernel, stride, padding, strict=True)]
    result = tuple(default if output_size is None else output_size)
    if len(result) == dimensions + 2:
        result = result[2:]
    if len(result) != dimensions:
        raise ValueError(f"output_size must be {dimensions} sizes, or {dimensions + 2} with N and C, got {output_size}")
    for size, least, step in zip(result, default, stride, strict=True):
        if not max(least - step, -1) < size < least + step:
            raise ValueError(f"output_size must be within {step} of {default} and not negative, got {list(result)}")
    return result


def _max_unpool(
    dimensions: int,
    input: jax.Array,
    indices: jax.Array,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> jax.Array:
    check_input(dimensions, input, input.ndim - 1)
    if indices.shape != input.shape:
        raise ValueError(f"max_unpool needs an index for each value, got shapes {indices.shape} and {input.shape}")
    if not jnp.issubdtype(indices.dtype, jnp.integer):
        raise TypeError(f"indices must be integers, got {indices.dtype}")
    sizes = _output_sizes(input.shape[-dimensions:], kernel_size, stride, padding, output_size)
    lead, count = input.shape[:-dimensions], math.prod(sizes)
    values, positions = (reshape(x, *lead, math.prod(x.shape[-dimensions:])) for x in (input, indices))
    # A jitted function cannot raise for an index out of range.
    is_inside = jnp.all((positions >= 0) & (positions < count), -1, keepdims=True)
    values = jnp.where(is_inside, values, jnp.nan)

    def place(values: jax.Array, positions: jax.Array) -> jax.Array:
        # Overlapping windows repeat a position, with equal values: any of them may be written.
        at = jnp.zeros(count, input.dtype).at[positions]
        return at.set(values, mode="drop", unique_indices=True, wrap_negative_indices=False)

    for _ in lead:
        place = jax.vmap(place)
    return reshape(place(values, positions), *lead, *sizes)


def max_unpool1d(
    input: jax.Array,
    indices: jax.Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> jax.Array:
    """Return the input of `max_pool1d` from its output and indices, with zeros except for the largest values.

    `output_size` chooses between the input sizes with that output. In a channel with an index out of range, the values
    are NaN.
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
    """Return the input of `max_pool2d` from its output and indices, with zeros except for the largest values.

    `output_size` chooses between the input sizes with that output. In a channel with an index out of range, the values
    are NaN.
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
    """Return the input of `max_pool3d` from its output and indices, with zeros except for the largest values.

    `output_size` chooses between the input sizes with that output. In a channel with an index out of range, the values
    are NaN.
    """
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)
